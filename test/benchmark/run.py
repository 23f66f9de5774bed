#!/usr/bin/env python3
"""Measures dale's training step against this machine's peak and against peers.

    test/benchmark/run.py [--rounds 3] [--batch 128] [--steps 10] [--threads N]

Compiles examples/standard.toml with the dale of build/, and prints a table of
its training step beside that of PyTorch and JAX, where a Python has them
(scripts/install-peers.sh). All programs take turns, round after round, and each
shows its median: what else the machine does then falls on all of them alike.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PEERS = Path(__file__).resolve().parent / "peers"

# What Standard's equations ask for, every term at every time step: 46.56 M
# multiply-accumulates forward, as many again for the gradients of activations
# and of weights. The same for all programs, whatever they leave out: one that
# leaves out much can come out above the peak.
STANDARD_FLOPS = 46.56e6 * 3 * 2


def run(command, threads=None):
    """The line of JSON that a command prints last, or None where it fails."""
    environment = dict(os.environ)
    if threads:
        environment["OMP_NUM_THREADS"] = str(threads)
    result = subprocess.run(list(map(str, command)), env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if result.returncode:
        lines = result.stderr.strip().splitlines() or ["no message"]
        print(f"{Path(command[0]).name}: failed: {lines[-1]}", file=sys.stderr)
        return None
    return json.loads(result.stdout.strip().splitlines()[-1])


def compile_standard(build):
    circuit = ROOT / "examples" / "standard.toml"
    executable = build / "benchmark" / "standard"
    executable.parent.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    subprocess.run([build / "bin" / "dale", "compile", circuit, "-o", executable], check=True)
    return executable, time.monotonic() - begin


def find_peers(build):
    """(name, command) of every peer that some Python here can run."""
    peers = []
    for python in Path("/usr/bin/python3"), build / "peers" / "bin" / "python3":
        if not python.exists():
            continue

        def has(module):
            return subprocess.run([python, "-c", module], capture_output=True).returncode == 0

        if has("import torch"):
            modes = ["eager", "hoisted"]
            if has("import torch; torch.compile"):
                modes.append("compile")
            peers += [(f"torch {mode}", [python, PEERS / "torch_standard.py", "--mode", mode])
                      for mode in modes]
        if has("import jax"):
            peers.append(("jax", [python, PEERS / "jax_standard.py"]))
    return peers


def cpu_name():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return os.uname().machine


def median(results, key):
    return statistics.median(result[key] for result in results)


def print_table(results, peak):
    rates = {name: median(lines, "images_per_s") for name, lines in results.items()}
    torch = max((rate for name, rate in rates.items() if name.startswith("torch")), default=None)
    header = ["", "images/s", "ms a step", "GFLOP/s", "of the peak", "memory"]
    if torch:
        header.append("to PyTorch")
    rows = []
    for name, lines in results.items():
        gflops = rates[name] * STANDARD_FLOPS / 1e9
        row = [lines[0]["circuit"] if name != "dale" else f"dale, {lines[0]['circuit']}",
               f"{rates[name]:.0f}", f"{median(lines, 'median_ms'):.1f}", f"{gflops:.1f}",
               f"{100 * gflops / peak:.1f} %", f"{median(lines, 'peak_bytes') / 2**20:.0f} MiB"]
        if torch:
            row.append(f"{rates[name] / torch:.2f}")
        rows.append(row)
    widths = [max(map(len, column)) for column in zip(header, *rows)]
    rows.insert(0, header)
    rows.insert(1, ["-" * width for width in widths])
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        print("| " + " | ".join(cells) + " |")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    options = parser.parse_args()
    build = options.build.resolve()
    if not (build / "bin" / "dale").exists():
        sys.exit(f"{build}/bin/dale is not there: run scripts/build.sh first")

    executable, seconds = compile_standard(build)
    print(f"compiled standard.toml in {seconds:.1f} s, "
          f"{executable.stat().st_size / 2**20:.1f} MiB")
    arguments = ["--batch", options.batch, "--steps", options.steps,
                 "--threads", options.threads]
    programs = [("dale", [executable, "bench", "--json"])] + find_peers(build)
    results, peaks = {}, []
    load = os.getloadavg()[0]
    for _ in range(options.rounds):
        peaks.append(run([build / "bin" / "dale-peak"]))
        for name, command in programs:
            line = run(command + arguments, options.threads)
            if line:
                results.setdefault(name, []).append(line)
    if "dale" not in results or None in peaks:
        sys.exit("nothing to compare with")

    # With some of the threads, as many times the peak of one.
    best = {key: max(peak[key] for peak in peaks) for key in peaks[0]}
    peak = min(best["gflops"], options.threads * best["gflops_1"])
    print(f"{cpu_name()}, {options.threads} of {best['threads']} CPUs, "
          f"load {load:.1f} at the beginning\n"
          f"f32 peak {peak:.0f} GFLOP/s ({best['gflops_1']:.0f} with one thread), "
          f"copies {best['copy_gb_per_s']:.1f} GB/s\n"
          f"batch {options.batch}, {STANDARD_FLOPS / 1e6:.0f} MFLOP an image; "
          f"medians of {options.rounds} rounds of {options.steps} steps\n")
    print_table(results, peak)


if __name__ == "__main__":
    main()
