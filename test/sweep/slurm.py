"""A sweep as an array job of Slurm, on a cluster of one node made for it.

    slurm.py DALE

Skipped where Slurm is not installed (Debian: slurm-wlm). The cluster has ports
and folders of its own, and nobody is asked for a password: it needs no munge.
"""

import getpass
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

from sweep_support import Sweeps, kill_session, skip

CONFIGURATION = """
ClusterName=dale
SlurmctldHost={host}(127.0.0.1)
AuthType=auth/none
CryptoType=crypto/none
SlurmUser={user}
SlurmdUser={user}
SlurmctldPort={ports[0]}
SlurmdPort={ports[1]}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SchedulerType=sched/builtin
SwitchType=switch/none
MpiDefault=none
ReturnToService=2
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""

EXPERIMENT = """
[experiment]
name  = "cluster"
seeds = "0..2"

[circuits]
Tiny = TINY
Hot  = { file = TINY, training = { lr = 1e30 } }
"""


def free_ports(count):
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [s.getsockname()[1] for s in sockets]
    for s in sockets:
        s.close()
    return ports


class Cluster:
    """slurmctld and slurmd, until the end of a with statement."""

    def __init__(self, sweeps):
        self.folder = sweeps.at("slurm")
        for name in "state", "spool":
            os.makedirs(os.path.join(self.folder, name))
        configuration = os.path.join(self.folder, "slurm.conf")
        with open(configuration, "w") as file:
            file.write(CONFIGURATION.format(
                host=socket.gethostname().partition(".")[0],
                user=getpass.getuser(), ports=free_ports(2),
                folder=self.folder,
            ))
        sweeps.environment["SLURM_CONF"] = configuration
        self.environment = sweeps.environment
        self.processes = []

    def __enter__(self):
        for daemon in "slurmctld", "slurmd":
            log = open(os.path.join(self.folder, daemon + ".txt"), "wb")
            self.processes.append(subprocess.Popen(
                [shutil.which(daemon, path=PATH), "-D"], env=self.environment,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True,
            ))
        for _ in range(150):
            state = self.run("sinfo", "--noheader", "--format=%T")
            if state.strip() == "idle":
                return self
            time.sleep(0.2)
        raise AssertionError(f"the cluster does not start: {state}{self.logs()}")

    def __exit__(self, *_):
        self.run("scancel", f"--user={getpass.getuser()}")
        # slurmd waits for its steps when it is asked to end.
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
        for process in self.processes:
            try:
                process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                pass
            kill_session(process.pid)
            process.wait()

    def run(self, *command):
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True
        )
        return done.stdout + done.stderr

    def logs(self):
        text = ""
        for daemon in "slurmctld", "slurmd":
            with open(os.path.join(self.folder, daemon + ".txt")) as file:
                text += f"\n{daemon}:\n{file.read()}"
        return text


def assert_outcome(sweeps, out):
    states = sweeps.states(out)
    for seed in range(3):
        assert states[f"runs/Tiny/seed-{seed}"] == ("done", None), states
        state, reason = states[f"runs/Hot/seed-{seed}"]
        assert state == "failed" and reason.startswith("the loss is "), reason


def test_waiting(sweeps):
    """It ends as it would here."""
    options = ["--launcher", "slurm", "--jobs", "2"]
    output = sweeps.sweep(
        "cluster.toml", "there", *options, "--launcher-option=--partition=main",
        expect=1,
    )
    assert "submitted to Slurm, as job" in output, output
    assert "6 runs: 3 done, 3 failed" in output, output
    assert_outcome(sweeps, "there")
    sweeps.sweep("cluster.toml", "here", expect=1)
    here, there = sweeps.files("here"), sweeps.files("there")
    assert sorted(set(there) - set(here)) == [
        "slurm.job", "slurm.log", "slurm.sh",
    ]
    differing = [name for name in here if here[name] != there[name]]
    assert not differing, differing


def test_coming_back(sweeps, cluster):
    """What was submitted without waiting is found again."""
    options = ["--launcher", "slurm", "--jobs", "1"]
    sweeps.sweep("cluster.toml", "later", *options, "--no-wait")
    output = sweeps.sweep("cluster.toml", "later", expect=1)
    assert "Slurm's job" in output and "is at work here" in output, output
    output = sweeps.sweep("cluster.toml", "later", *options, expect=1)
    assert "is at work on it" in output, output
    assert_outcome(sweeps, "later")


def test_refusal(sweeps):
    output = sweeps.sweep(
        "cluster.toml", "nowhere", "--launcher", "slurm",
        "--launcher-option=--partition=nowhere", expect=1,
    )
    assert "sbatch: error: " in output and "partition" in output, output


# Debian has the daemons where only root looks for programs.
PATH = os.environ["PATH"] + ":/usr/sbin:/sbin"
for program in "sbatch", "squeue", "scancel", "slurmctld", "slurmd":
    if not shutil.which(program, path=PATH):
        skip(f"no {program}: install the package slurm-wlm")
with Sweeps(sys.argv[1]) as sweeps:
    sweeps.write("cluster.toml", EXPERIMENT)
    with Cluster(sweeps) as cluster:
        test_waiting(sweeps)
        test_coming_back(sweeps, cluster)
        test_refusal(sweeps)
