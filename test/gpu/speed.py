"""How fast circuits train on a GPU, what it could do at most, and what PyTorch
and JAX make of it."""

import collections
import csv
import json
import lzma
import os
import queue
import shutil
import statistics
import subprocess
import sys
import threading
import time
from pathlib import Path

from correctness import EXAMPLES
from report import OutOfTime, Skip, end_group, table


#===------------------------------------------------------------------------===#
# Data sets
#===------------------------------------------------------------------------===#

FILES = [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]


def noise_data(folder, images=10000):
    """Files like CIFAR-10's, with noise for images."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        data = bytearray(os.urandom(images * 3073))
        data[::3073] = bytes(i % 10 for i in range(images))
        (folder / name).write_bytes(data)
    return folder


def unpacked_data(report, folder, work):
    """CIFAR-10, whose files may be compressed with xz."""
    if (nested := folder / "cifar-10-batches-bin").is_dir():
        folder = nested
    if not list(folder.glob("*.bin.xz")) or (folder / FILES[0]).exists():
        return folder
    target = work / "cifar-10"
    target.mkdir(exist_ok=True)
    for name in FILES:
        report.limit(1)
        with lzma.open(folder / f"{name}.xz") as packed, open(target / name, "wb") as file:
            shutil.copyfileobj(packed, file, 1 << 22)
    return target


def train_standard(circuits, data, epochs):
    """How fast whole epochs are, and on CIFAR-10 what they learn."""
    report, program = circuits.report, circuits.example("standard")
    if not program or circuits.emulated:
        raise Skip("no full-size Standard for this device")
    if data:
        folder = unpacked_data(report, data, circuits.work)
    else:
        folder, epochs = noise_data(circuits.work / "noise"), 1
        report.note("data", "noise", "no --data: images of noise, for the speed only")
    out = circuits.work / "standard-run"
    result = report.run([program, "train", "--data", folder, "--out", out, "--force",
                         "--epochs", epochs, "--batch", 128, "--device", circuits.device],
                        seconds=90, grace=10)
    report.note("log", result.out[-4000:] + result.err[-1000:])
    metrics = collections.defaultdict(dict)
    if (out / "metrics.csv").exists():
        with open(out / "metrics.csv", newline="") as file:
            for row in csv.DictReader(file):
                metrics[int(row["epoch"])][row["metric"]] = float(row["value"])
    report.note("epochs", metrics)
    if (out / "summary.json").exists():
        summary = json.loads((out / "summary.json").read_text())
        seconds = summary["seconds"] / max(summary["epochs_done"], 1)
        report.note("summary", summary,
                    f"{summary['images_per_second']:.0f} images/s, {seconds:.1f} s an epoch")
    for epoch, values in sorted(metrics.items()):
        print(f"   epoch {epoch}: " + ", ".join(
            f"{key.replace('_', ' ')} {value:.4f}" for key, value in values.items()))
    report.check("train", not result.problem, problem=result.problem)
    if data and not result.problem:
        last = metrics[max(metrics)]
        # PyTorch: 1.86 after 200 steps, 1.54 after 400, one seed.
        report.check("training loss falls on CIFAR-10", last["train_loss"] < 2.1,
                     shown=f"{last['train_loss']:.3f}, of 2.303 by chance")


#===------------------------------------------------------------------------===#
# The machine's limits
#===------------------------------------------------------------------------===#

def python_with(report, module):
    """A Python that can import `module`, or None."""
    for python in dict.fromkeys(filter(None, (shutil.which("python3"), sys.executable))):
        if report.run([python, "-c", f"import {module}"], 60).code == 0:
            return python
    return None


def measure_limits(circuits):
    """{"copy_bytes_per_s": ..., "f32_flops": ..., ...}"""
    report = circuits.report
    if circuits.emulated or circuits.device == "cpu":
        raise Skip("no GPU")
    python = python_with(report, "torch")
    if not python:
        raise Skip("no python3 with torch")
    result = report.run([python, Path(__file__).parent / "probe.py"], 60)
    limits = {}
    for line in result.out.splitlines():
        if line.startswith("{"):
            limits.update(json.loads(line))
    report.note("limits", limits)
    if result.problem:
        report.note("problem", result.problem, f"not all was measured: {result.problem}")
    for key, unit, scale in (("copy_bytes_per_s", "GB/s of copies", 1e9),
                             ("cached_copy_bytes_per_s", "GB/s of copies in the cache", 1e9),
                             ("f32_flops", "TFLOP/s f32", 1e12),
                             ("tf32_flops", "TFLOP/s TF32", 1e12),
                             ("bf16_flops", "TFLOP/s BF16", 1e12)):
        if key in limits:
            print(f"   {limits[key] / scale:8.1f} {unit}", flush=True)


#===------------------------------------------------------------------------===#
# Training steps
#===------------------------------------------------------------------------===#

class Peer:
    """A program of peers/ that measures once for each line it is sent. It warms
    up in its first turn, so that no other's turn is disturbed."""

    def __init__(self, report, python, script, arguments):
        self.report, self.problem = report, None
        environment = dict(os.environ, XLA_PYTHON_CLIENT_PREALLOCATE="false")
        self.process = report.start([python, script, *arguments, "--turns"],
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, env=environment)
        self.lines, self.errors = queue.Queue(), collections.deque(maxlen=8)
        self._read(self.process.stdout, self.lines.put, last=None)
        self._read(self.process.stderr, self.errors.append)

    @staticmethod
    def _read(stream, take, **end):
        def work():
            for line in stream:
                take(line.strip())
            for value in end.values():
                take(value)
        threading.Thread(target=work, daemon=True).start()

    def wait_for(self, beginning, seconds):
        """A line that begins so, or None and a problem for good."""
        if self.problem:
            return None
        seconds = self.report.limit(seconds)
        end = time.monotonic() + seconds
        try:
            while True:
                line = self.lines.get(timeout=max(end - time.monotonic(), 0.01))
                if line is None:
                    self.fail(" ".join(filter(None, list(self.errors)[-2:]))[:500]
                              or f"ended with {self.process.wait(timeout=5)}")
                    return None
                if line.startswith(beginning):
                    return line
        except queue.Empty:
            self.fail(f"gave nothing in {seconds:.0f} s")
        except subprocess.TimeoutExpired:
            self.fail("closed its output")
        return None

    def turn(self, seconds):
        """What it measures, or None."""
        if self.problem:
            return None
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        except OSError:
            pass  # It has ended, and its last words say why.
        line = self.wait_for("{", seconds)
        return line and json.loads(line)

    def fail(self, problem):
        self.problem = problem
        end_group(self.process)


# In the order of how telling they are: what comes late may find no time left. Each
# is a script, how it runs, its precision, and images a step. Those of the second
# list take long to begin.
PEERS = [
    ("torch", "graphs", "tf32", 128), ("torch", "graphs", "f32", 128),
    ("torch", "graphs", "bf16", 128), ("torch", "eager", "tf32", 128),
    ("torch", "graphs", "tf32", 512), ("torch", "eager", "f32", 128),
    ("torch", "eager", "bf16", 128), ("torch", "graphs", "bf16", 512),
]
SLOW_PEERS = [
    ("torch", "reduce-overhead", "tf32", 128), ("jax", None, "tf32", 128),
    ("torch", "compile", "tf32", 128), ("jax", None, "f32", 128),
    ("torch", "reduce-overhead", "bf16", 128), ("jax", None, "bf16", 128),
    ("torch", "compile", "bf16", 128),
]
QUICK_PEERS = [("torch", "graphs", "tf32", 128), ("torch", "eager", "tf32", 128)]


def measure_speed(circuits, groups, rounds, limits):
    """Round after round, dale and the peers of a group take turns, and each shows
    the median of all its turns."""
    report, device = circuits.report, circuits.device
    if circuits.emulated:
        raise Skip("no GPU")
    programs = {name: path for name in EXAMPLES if (path := circuits.example(name))}
    infos = {name: circuits.info(path) for name, path in programs.items()}
    batches = (128,) if circuits.quick else (128, 256, 512)
    # The precisions first: what is compared with whom.
    jobs = sorted(((name, batch) for batch in batches for name in programs),
                  key=lambda job: (job[1], not job[0].startswith("standard-")))
    results = collections.defaultdict(list)
    problems = report.part.setdefault("problems", {})

    def keep(key, line, problem):
        if line:
            results[key].append(line)
        else:
            problems[key] = problem
        report.note("results", results)

    def bench(name, batch, steps, networks=1):
        key = f"dale {infos[name]['name']} {infos[name]['gpu']['precision']} {batch}"
        if networks > 1:
            key += f" x {networks}"
        if key not in problems:
            result = report.run([programs[name], "bench", "--json", "--device", device,
                                 "--batch", batch, "--steps", steps, "--warm-up", 5,
                                 "--networks", networks], 40)
            keep(key, None if result.problem else json.loads(result.out.splitlines()[-1]),
                 result.problem)
        return key

    # dale alone first: whatever happens to the peers, this is known.
    steps = {}
    for name, batch in jobs:
        key = bench(name, batch, 5)
        first = results.pop(key, None)
        if first:
            # About a second, and not fewer than five.
            steps[name, batch] = max(5, min(200, int(1000 / first[0]["median_ms"])))
            bench(name, batch, steps[name, batch])
    # Networks side by side, as train --seeds has them.
    if device.startswith("cuda") and ("standard", 128) in steps:
        for networks in (5,) if circuits.quick else (2, 5, 8):
            bench("standard", 128, max(5, steps["standard", 128] // networks), networks)
    report.check("bench", len(steps) == len(jobs) > 0,
                 problem="; ".join(f"{key}: {why}" for key, why in problems.items()))

    try:
        for group in groups:
            started = start_peers(report, group, device, problems)
            for key, peer in started.items():
                peer.wait_for("ready", 60)
            for turn in range(rounds):
                for key, peer in started.items():
                    if key not in problems:
                        # The first turn warms up.
                        keep(key, peer.turn(10 if turn else 90), peer.problem)
                for name, batch in steps:
                    bench(name, batch, steps[name, batch])
    except OutOfTime:
        report.note("cut_off", True, "no time was left for all turns")
    finally:
        for key, problem in problems.items():
            print(f"   not run {key}: {problem}", flush=True)
        report.note("medians", summarize(results, infos, limits))


def start_peers(report, peers, device, problems):
    """{name: Peer}, which import what they need side by side."""
    scripts = Path(__file__).parent / "peers"
    pythons, started = {}, {}
    for module, mode, precision, batch in peers:
        if module not in pythons:
            pythons[module] = python_with(report, module)
        key = " ".join(filter(None, (module, mode, precision, str(batch))))
        if not pythons[module]:
            problems[key] = f"no python3 with {module}"
            continue
        arguments = [scripts / "standard.toml", "--batch", batch,
                     "--steps", 50 if device.startswith("cuda") else 2,
                     "--device", device.split(":")[0], "--precision", precision]
        if mode:
            arguments += ["--mode", mode]
        try:
            started[key] = Peer(report, pythons[module], scripts / f"{module}_peer.py",
                                arguments)
        except OSError as error:
            problems[key] = str(error)
    return started


def summarize(results, infos, limits):
    """Medians, and what share of the machine's limits they are, as a table."""
    # Operations are those of the equations, so that Standard's are its peers' too.
    by_name = {info["name"]: info["cost"]["train_step"] for info in infos.values()}
    medians = {}
    rows = [["", "images/s", "ms a step", "fastest", "TFLOP/s", "of f32", "of TF32",
             "GB/s", "of copies", "memory"]]

    def share(value, key):
        return f"{100 * value / limits[key]:.1f} %" if limits.get(key) and value else ""

    for key, lines in results.items():
        if not lines:
            continue
        ours = key.startswith("dale ")
        circuit = key.split()[1] if ours else "Standard"
        rate = statistics.median(line["images_per_s"] for line in lines)
        milliseconds = statistics.median(line["median_ms"] for line in lines)
        fastest = min(line["min_ms"] for line in lines)
        flops = by_name.get(circuit, {}).get("flops_per_image", 0)
        traffic = by_name.get(circuit, {}).get("bytes_per_image", 0) if ours else 0
        memory = max(line["peak_bytes"] for line in lines)
        medians[key] = {
            "images_per_s": rate, "median_ms": milliseconds, "min_ms": fastest,
            "flops_per_image": flops, "bytes_per_image": traffic, "turns": len(lines),
            "flops": rate * flops, "bytes_per_s": rate * traffic, "peak_bytes": memory,
            "of": {limit: rate * (traffic if "copy" in limit else flops) / limits[limit]
                   for limit in ("copy_bytes_per_s", "f32_flops", "tf32_flops", "bf16_flops")
                   if limits.get(limit)}}
        rows.append([key, f"{rate:.0f}", f"{milliseconds:.3f}", f"{fastest:.3f}",
                     f"{rate * flops / 1e12:.2f}", share(rate * flops, "f32_flops"),
                     share(rate * flops, "tf32_flops"),
                     f"{rate * traffic / 1e9:.0f}" if ours else "",
                     share(rate * traffic, "copy_bytes_per_s"),
                     f"{memory / 2**20:.0f} MiB"])
    table(rows)
    return medians


#===------------------------------------------------------------------------===#
# Counters
#===------------------------------------------------------------------------===#

COUNTERS = {
    "gpu__time_duration.sum": "time",
    "dram__bytes_read.sum": "read from memory",
    "dram__bytes_write.sum": "written to memory",
    "lts__t_bytes.sum": "through the second-level cache",
    "sm__throughput.avg.pct_of_peak_sustained_elapsed": "multiprocessors' throughput",
    "sm__warps_active.avg.pct_of_peak_sustained_active": "warps active",
    "smsp__inst_executed.sum": "instructions",
    "smsp__inst_executed_op_local_ld.sum": "loads from local memory",
    "launch__registers_per_thread": "registers a thread",
    "launch__grid_size": "blocks",
    "l1tex__data_bank_conflicts_pipe_lsu.sum": "bank conflicts",
}


def count_events(circuits):
    """What Nsight Compute counts in one training step. Nothing depends on it."""
    report, program = circuits.report, circuits.example("standard")
    tool = shutil.which("ncu") or shutil.which("ncu", path="/usr/local/cuda/bin")
    if circuits.emulated or not program or not tool:
        raise Skip("no GPU" if circuits.emulated else "there is no ncu")
    result = report.run([
        tool, "--csv", "--page", "raw", "--clock-control", "none", "--launch-count", 1,
        "--kernel-name", "dale_train_step", "--metrics", ",".join(COUNTERS),
        program, "bench", "--json", "--device", circuits.device, "--batch", 128,
        "--steps", 1, "--warm-up", 1], 60)
    lines = [line for line in result.out.splitlines() if line.startswith('"')]
    if result.problem or len(lines) < 3:
        report.note("log", (result.out + result.err)[-3000:])
        raise Skip(f"ncu: {result.problem or 'told nothing'}")
    names, units, values = list(csv.reader(lines))[:3]
    counts = {name: {"value": value, "unit": unit}
              for name, unit, value in zip(names, units, values)}
    report.note("counts", counts)
    for name, shown in COUNTERS.items():
        if name in counts:
            print(f"   {shown:<32} {counts[name]['value']} {counts[name]['unit']}", flush=True)
