"""Runs that fail do not stop the others, and are told with their reasons.

    failures.py DALE
"""

import os
import sys

from sweep_support import Sweeps

EXPERIMENT = """
[experiment]
name  = "failures"
seeds = [3, 5]

[circuits]
Good    = { file = TINY, training = { epochs = 2 } }
Hot     = { file = TINY, training = { epochs = 2, lr = 1e30 } }
Refused = { file = TINY, training = { weights = "torn.safetensors" } }
"""


def test_failures(sweeps):
    sweeps.write("failures.toml", EXPERIMENT)
    sweeps.write("torn.safetensors", "{")
    output = sweeps.sweep("failures.toml", "out", expect=1)
    assert "6 runs: 2 done, 4 failed" in output, output
    states = sweeps.states("out")
    for seed in 3, 5:
        assert states[f"runs/Good/seed-{seed}"] == ("done", None)
        state, reason = states[f"runs/Hot/seed-{seed}"]
        assert state == "failed" and reason.startswith("the loss is "), reason
        state, reason = states[f"runs/Refused/seed-{seed}"]
        assert state == "failed" and "torn.safetensors" in reason, reason
        assert f"{reason}" in output

    # All three have one circuit, and it is compiled once.
    assert sorted(os.listdir(sweeps.at("out", "executables"))) == [
        "Good", "Good.fingerprint", "Good.toml",
    ]
    compiled = os.stat(sweeps.at("out", "executables", "Good")).st_mtime_ns

    # A rerun tries those that failed, and nothing else.
    done = os.stat(sweeps.at("out", "runs/Good/seed-3/metrics.csv")).st_mtime_ns
    sweeps.sweep("failures.toml", "out", expect=1)
    assert sweeps.attempts("out", "runs/Good/seed-3") == 1
    assert sweeps.attempts("out", "runs/Hot/seed-3") == 2
    assert sweeps.attempts("out", "runs/Refused/seed-5") == 2
    after = os.stat(sweeps.at("out", "runs/Good/seed-3/metrics.csv")).st_mtime_ns
    assert done == after
    now = os.stat(sweeps.at("out", "executables", "Good")).st_mtime_ns
    assert compiled == now, "compiled again"


def test_other_experiments(sweeps):
    # More seeds are no other experiment; other training is.
    good = EXPERIMENT.partition("Hot")[0]
    sweeps.write("good.toml", good)
    output = sweeps.sweep("good.toml", "other", "--seeds", "3")
    assert "1 run: 1 done" in output, output
    sweeps.sweep("good.toml", "other")
    assert sweeps.attempts("other", "runs/Good/seed-3") == 1
    assert sweeps.states("other").keys() == {
        "runs/Good/seed-3", "runs/Good/seed-5",
    }

    before = sweeps.files("other")
    sweeps.write("good.toml", good.replace("epochs = 2", "epochs = 3"))
    output = sweeps.sweep("good.toml", "other", expect=1)
    assert "holds another experiment" in output, output
    assert "the condition Good has other training" in output, output
    sweeps.write("good.toml", good.replace("[3, 5]", "[5]"))
    output = sweeps.sweep("good.toml", "other", expect=1)
    assert "the seed 3 is there" in output, output
    circuit = sweeps.circuit
    sweeps.circuit = sweeps.at("changed.toml")
    with open(sweeps.circuit, "w") as file:
        file.write(f'base = "{circuit}"\n[circuit]\nsteps = 1\n')
    sweeps.write("good.toml", good)
    output = sweeps.sweep("good.toml", "other", expect=1)
    assert "the condition Good has another circuit" in output, output
    assert sweeps.files("other") == before

    # By force: what is not of this experiment goes, the rest stays.
    sweeps.circuit = circuit
    sweeps.write("good.toml", good.replace("[3, 5]", "[5]"))
    sweeps.sweep("good.toml", "other", "--force")
    assert os.listdir(sweeps.at("other", "runs", "Good")) == ["seed-5"]
    assert sweeps.attempts("other", "runs/Good/seed-5") == 1


def test_broken_record(sweeps):
    """Whose runs a folder holds must be known before any passes for done."""
    sweeps.write("record.toml", EXPERIMENT.partition("Hot")[0])
    sweeps.sweep("record.toml", "record", "--seeds", "3")
    record = sweeps.at("record", "experiment.json")
    os.truncate(record, 100)
    before = sweeps.files("record")
    for options in [], ["--force"], ["--dry-run"]:
        output = sweeps.sweep("record.toml", "record", *options, expect=1)
        assert f"{record}: error: no JSON: " in output, output
        assert "restore the file" in output, output
    assert sweeps.files("record") == before


with Sweeps(sys.argv[1]) as sweeps:
    test_failures(sweeps)
    test_other_experiments(sweeps)
    test_broken_record(sweeps)
