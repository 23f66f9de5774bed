"""A sweep whose runs are shared by the workers of an mpirun.

    mpi.py DALE

Skipped where Open MPI is not installed (Debian: openmpi-bin).
"""

import os
import shutil
import signal
import subprocess
import sys
import time

from sweep_support import Sweeps, skip

EXPERIMENT = """
[experiment]
name  = "shared"
seeds = "0..2"

[training]
epochs = 30

[circuits]
Tiny = TINY
Hot  = { file = TINY, training = { lr = 1e30 } }
"""

OPTIONS = [
    "--launcher", "mpi", "--jobs", "2", "--launcher-option=--oversubscribe",
]


def test_sharing(sweeps):
    """It ends as it would here, though it is interrupted."""
    process = sweeps.start("shared.toml", "there", *OPTIONS)
    checkpoint = sweeps.at("there", "runs/Tiny/seed-0/checkpoint.safetensors")
    end = time.monotonic() + 60
    while process.poll() is None and not os.path.exists(checkpoint):
        assert time.monotonic() < end, "it does not begin"
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    exit_code = process.wait(timeout=60)
    with open(sweeps.at("output.txt")) as file:
        assert exit_code == 130, file.read()
    with open(sweeps.at("there", "runs/Tiny/seed-0/log.txt")) as file:
        log = file.read()
    assert "interrupted; the checkpoint is written" in log, log

    output = sweeps.sweep("shared.toml", "there", *OPTIONS, expect=1)
    assert "6 runs: 3 done, 3 failed" in output, output
    sweeps.sweep("shared.toml", "here", expect=1)
    sweeps.assert_same("here", "there")
    assert sweeps.attempts("there", "runs/Tiny/seed-0") == 2


def test_ranks(sweeps):
    """Every worker does its own part of the list, and no more."""
    shutil.copytree(sweeps.at("here"), sweeps.at("ranks"))
    shutil.rmtree(sweeps.at("ranks", "runs"))
    for run in sweeps.states("here"):
        os.makedirs(sweeps.at("ranks", run))
        shutil.copy(sweeps.at("here", run, "run.json"), sweeps.at("ranks", run))
    for rank, size in ("PMI_RANK", "PMI_SIZE"), ("SLURM_PROCID", "SLURM_NTASKS"):
        number = "1" if rank == "PMI_RANK" else "0"
        subprocess.run(
            [sweeps.dale, "sweep-worker", sweeps.at("ranks"), "--runs", "0,1,2"],
            env=dict(sweeps.environment, **{rank: number, size: "2"}),
            check=True,
        )
        begun = [
            seed for seed in range(3)
            if os.path.exists(sweeps.at("ranks", f"runs/Tiny/seed-{seed}/log.txt"))
        ]
        assert begun == ([1] if rank == "PMI_RANK" else [0, 1, 2]), begun


if not shutil.which("mpirun"):
    skip("no mpirun: install the package openmpi-bin")
with Sweeps(sys.argv[1]) as sweeps:
    # Open MPI minds.
    sweeps.environment["OMPI_ALLOW_RUN_AS_ROOT"] = "1"
    sweeps.environment["OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"] = "1"
    sweeps.write("shared.toml", EXPERIMENT)
    test_sharing(sweeps)
    test_ranks(sweeps)
