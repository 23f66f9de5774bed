"""A sweep that is killed again and again leaves what an undisturbed one does.

    resume.py DALE [SEED]

Twenty small runs are interrupted at random points, sometimes all processes at
once, sometimes dale alone, sometimes as by Ctrl-C, and the sweep is started
again until it ends by itself. Then a run that begins with given weights is
stopped once, and gone on with.
"""

import json
import os
import random
import signal
import subprocess
import sys
import time

from sweep_support import Sweeps, kill_session

EXPERIMENT = """
[experiment]
name  = "resume"
seeds = "0..9"

[training]
epochs         = 10
keep           = [2]
analyze_at     = [0, 10]
save_responses = "gratings"

[circuits]
Tiny = TINY

[grid]
area3.populations.PN.channels = [4, 8]
"""

WITH_WEIGHTS = """
[experiment]
name = "weights"

[training]
epochs  = 3
weights = WEIGHTS

[circuits]
Tiny = TINY

[set]
area3.populations.PN.channels = 4
"""


def disturb(process, chance):
    """Ends a sweep somehow. Returns how."""
    how = chance.choice(["all", "all", "all", "dale", "interrupt"])
    if how == "all":
        kill_session(process.pid)
    elif how == "dale":
        # What it has started stops by itself, and may still be at it when the
        # next sweep begins.
        os.kill(process.pid, signal.SIGKILL)
    else:
        os.kill(process.pid, signal.SIGINT)
        assert process.wait(timeout=60) in (130, -signal.SIGINT, 0)
    process.wait(timeout=60)
    return how


def wait(process, seconds):
    end = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < end:
        time.sleep(0.005)


def wait_for_executables(process, sweeps):
    folder = sweeps.at("broken", "executables")
    while process.poll() is None and (
        not os.path.isdir(folder)
        or sum(name.endswith(".fingerprint") for name in os.listdir(folder)) < 2
    ):
        time.sleep(0.02)


def check_weights(sweeps, weights):
    """The command of a run says --weights when it is gone on with, too."""
    sweeps.write("weights.toml", WITH_WEIGHTS.replace("WEIGHTS", json.dumps(weights)))
    for out in "weighed", "stopped":
        sweeps.sweep("weights.toml", out)
    (run,) = sweeps.states("stopped")
    with open(sweeps.at("stopped", run, "log.txt")) as file:
        command = file.readline().removeprefix("$ ").split()
    assert "--weights" in command and command[-1] == "--force", command
    subprocess.run(
        command + ["--max-steps", "30"], cwd=sweeps.at("stopped"), check=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )
    sweeps.sweep("weights.toml", "stopped")
    assert sweeps.attempts("stopped", run) == 2
    sweeps.assert_same("weighed", "stopped")


def main():
    dale = sys.argv[1]
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else time.time_ns() % 100000
    print(f"seed {seed}")
    chance = random.Random(seed)
    with Sweeps(dale) as sweeps:
        sweeps.write("resume.toml", EXPERIMENT)
        sweeps.sweep("resume.toml", "whole", "--jobs", "2")
        compiled, done = (
            os.stat(sweeps.at("whole", name)).st_mtime
            for name in ("executables/Tiny,PN=8.fingerprint", "sweep.json")
        )
        training = max(1.0, done - compiled)

        ends = []
        while True:
            process = sweeps.start("resume.toml", "broken", "--jobs", "4")
            # The compiler is killed too, but has its time in the end.
            if len(ends) < 2:
                wait(process, chance.uniform(0.1, 2))
            else:
                wait_for_executables(process, sweeps)
                wait(process, chance.uniform(0.03, 0.2) * training)
            if process.poll() is not None:
                break
            ends.append(disturb(process, chance))
            assert len(ends) < 100, "it does not come to its end"
        with open(sweeps.at("output.txt")) as file:
            output = file.read()
        assert process.returncode == 0, output
        print(f"training: {training:.1f} s; interrupted {len(ends)} times: {ends}")
        sweeps.assert_same("whole", "broken")

        # It must have happened to runs, too.
        runs = sweeps.states("broken")
        assert len(runs) == 20
        resumed = [run for run in runs if sweeps.attempts("broken", run) > 1]
        print(f"{len(resumed)} of 20 runs were gone on with")
        assert ends and resumed, "nothing was interrupted while it trained"

        # What is done is not done again.
        before = sweeps.files("broken")
        sweeps.sweep("resume.toml", "broken")
        assert sweeps.files("broken") == before
        assert all(sweeps.attempts("whole", run) == 1 for run in runs)

        trained = next(run for run in runs if "PN=4" in run)
        check_weights(sweeps, sweeps.at("whole", trained, "checkpoint.safetensors"))


main()
