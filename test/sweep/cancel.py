"""Ctrl-C cancels a job of Slurm, whatever program of Slurm it falls into.

    cancel.py DALE

Programs of the same names stand for Slurm's: no cluster is needed.
"""

import os
import signal
import sys
import time

from sweep_support import Sweeps, kill_session

EXPERIMENT = """
[circuits]
Tiny = TINY
"""

# Each leaves a file when it is called; `slow` takes a second.
PROGRAMS = {
    "sbatch": "echo 7",
    "squeue": "test -e scancel.called || echo RUNNING",
    "scancel": 'test "$*" = 7',
}


def write_programs(folder, slow):
    os.makedirs(folder)
    for name, command in PROGRAMS.items():
        path = os.path.join(folder, name)
        with open(path, "w") as file:
            file.write(
                f"#!/bin/sh\ncd {folder} && touch {name}.called\n"
                f"{'sleep 1' if name == slow else ''}\n{command}\n"
            )
        os.chmod(path, 0o755)


def wait_for(path, process):
    for _ in range(6000):
        if os.path.exists(path):
            return
        assert process.poll() is None, f"ended with {process.returncode}"
        time.sleep(0.02)
    raise AssertionError(f"{path} does not come")


def test_cancelled(sweeps, slow):
    """A signal that comes while that program is at work is not lost."""
    folder = sweeps.at(slow)
    write_programs(folder, slow)
    path = os.environ["PATH"]
    sweeps.environment["PATH"] = f"{folder}:{path}"
    process = sweeps.start("cancel.toml", slow + "-out", "--launcher", "slurm")
    try:
        wait_for(os.path.join(folder, slow + ".called"), process)
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=30)
    finally:
        kill_session(process.pid)
    with open(sweeps.at("output.txt")) as file:
        output = file.read()
    assert code == 130, f"exit code {code}, expected 130:\n{output}"
    assert os.path.exists(os.path.join(folder, "scancel.called")), output
    assert "cancelling Slurm's job 7" in output, output


with Sweeps(sys.argv[1]) as sweeps:
    sweeps.write("cancel.toml", EXPERIMENT)
    for program in "squeue", "sbatch":
        test_cancelled(sweeps, program)
