#!/usr/bin/env python3
"""Checks that the peers of the benchmark compute the circuits that dale computes.

    test/benchmark/check_peers.py --dale build/bin/dale [--peers build/peers/bin/python3]

Each peer takes a training step of the golden circuits, and is held against their
golden values; and one of a small ImageNet, as dale computes it in f64. A framework that no
Python here has is not checked, which is said; without any, it exits with 77.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
GOLDEN = HERE.parent / "golden"
sys.path.insert(0, str(HERE.parent / "gpu"))
import tensors  # noqa: E402

CIRCUITS = ["Standard", "StandardEI"]
PROGRAMS = [("torch", "torch_peer.py", ["--mode", "eager"]),
            ("torch", "torch_peer.py", ["--mode", "hoisted"]),
            ("jax", "jax_peer.py", ["--mode", "groups"]),
            ("jax", "jax_peer.py", ["--mode", "shifts"])]
SKIPPED = 77

# Three recurrent areas, a strided kernel of 7 x 7, norms without L2.
IMAGENET = [f"{key}={value}" for key, value in {
    "circuit.steps": 3, "circuit.input.height": 64, "circuit.input.width": 64,
    "area1.channels": 4, "area2.channels": 6, "area3.populations.PN.channels": 8,
    "area3.populations.IG.channels": 4, "area3.populations.OG.channels": 4,
    "readout.classes": 10}.items()]


def pythons_with(module, candidates):
    return [python for python in candidates
            if subprocess.run([python, "-c", f"import {module}"], capture_output=True,
                              check=False).returncode == 0]


def golden_cases(dale, folder):
    """(name, circuit, weights, batch, expected) of each golden circuit."""
    for name in CIRCUITS:
        toml = folder / f"{name}.toml"
        subprocess.run([dale, "show", GOLDEN / f"{name}.toml", "--format=toml", "-o", toml],
                       check=True)
        yield (name, toml, *(GOLDEN / f"{name}.{part}.safetensors"
                             for part in ("weights", "batch", "expected")))


def imagenet_case(dale, folder):
    """The same of a small ImageNet."""
    program, toml = folder / "imagenet", folder / "imagenet.toml"
    source = HERE.parent.parent / "examples" / "imagenet.toml"
    overrides = [argument for value in IMAGENET for argument in ("--set", value)]
    subprocess.run([dale, "compile", source, "-o", program, "--gpu", "none", "--element", "f64",
                    *overrides], check=True)
    subprocess.run([dale, "show", source, "--format=toml", "-o", toml, *overrides], check=True)
    info = json.loads(subprocess.run([program, "info", "--json"], check=True, text=True,
                                     capture_output=True).stdout)
    files = [folder / f"{part}.safetensors" for part in ("weights", "batch", "expected")]
    tensors.write_random_weights(files[0], info)
    tensors.write_batch(files[1], info, 4)
    # The learning rate is that of golden values.
    subprocess.run([program, "step", "--weights", files[0], "--batch", files[1], "--out",
                    files[2], "--lr", "0.1"], check=True, stdout=subprocess.DEVNULL)
    return ("ImageNet", toml, *files)


def check(python, program, case, folder):
    """Whether a step of a peer is what it should be."""
    circuit, toml, weights, batch, expected_file = case
    out = folder / "out.safetensors"
    out.unlink(missing_ok=True)
    name, *arguments = program
    label = f"{Path(python).parent.parent.name} {' '.join([name, *arguments[1:]])}, {circuit}"
    result = subprocess.run(
        [python, HERE / "peers" / name, toml, *arguments, "--check", weights, batch, out],
        capture_output=True, text=True, check=False)
    if result.returncode:
        print(f"FAILED {label}:\n{result.stderr[-2000:]}")
        return False
    # Peers train; logits with moving averages and responses are not theirs.
    expected = {name: value for name, value in tensors.read(expected_file).items()
                if name != "logits_eval" and not name.startswith("response.")}
    worst = tensors.differences(tensors.read(out), expected)
    wrong = {kind for kind, (difference, _) in worst.items()
             if not difference <= tensors.TOLERANCES["f32"][kind]}
    shown = ", ".join(f"{kind} {difference:.1e}" + (f" ({name})" if kind in wrong else "")
                      for kind, (difference, name) in sorted(worst.items()))
    print(f"{'FAILED' if wrong else 'ok'} {label}: {shown}")
    return not wrong


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dale", type=Path, required=True)
    parser.add_argument("--peers", type=Path, help="a Python of PyTorch and JAX")
    options = parser.parse_args()
    candidates = [python for python in ("/usr/bin/python3", options.peers)
                  if python and os.access(python, os.X_OK)]
    pythons = {module: pythons_with(module, candidates) for module in ("torch", "jax")}
    for module, found in pythons.items():
        if not found:
            print(f"SKIPPED {module}: no Python has it: scripts/install-peers.sh installs one")
    if not any(pythons.values()):
        return SKIPPED
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        cases = [*golden_cases(options.dale, folder), imagenet_case(options.dale, folder)]
        results = [check(python, (name, *arguments), case, folder)
                   for case in cases for module, name, arguments in PROGRAMS
                   for python in pythons[module]]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
