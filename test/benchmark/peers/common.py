"""What the peers' command lines have in common."""

import argparse
import json
import os
import resource
import statistics
import sys
import time
from array import array
from pathlib import Path


def parse_arguments(description, modes=None):
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("circuit", help="as `dale show --format=toml` writes it")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--warm-up", type=int, help="default: 2, on a GPU 20")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    if modes:
        parser.add_argument("--mode", default=modes[0], choices=modes)
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", choices=["f32", "tf32", "bf16"], default="f32")
    parser.add_argument("--turns", action="store_true",
                        help="measure once for each line of the input")
    parser.add_argument("--check", nargs=3, metavar=("WEIGHTS", "BATCH", "OUT"),
                        help="one step on a batch, as `EXE step` does it")
    options = parser.parse_args()
    if options.device == "cpu" and (options.precision == "tf32"
                                    or getattr(options, "mode", "") == "graphs"):
        parser.error("--mode graphs and --precision tf32 need --device cuda")
    if options.warm_up is None:
        options.warm_up = 20 if options.device == "cuda" else 2
    return options


def measure(step, wait, steps, device):
    """Seconds of each step. On a GPU ten are queued at a time."""
    queued = min(10, steps) if device == "cuda" else 1
    times = []
    for _ in range(steps // queued):
        wait()
        begin = time.perf_counter()
        for _ in range(queued):
            step()
        wait()
        times.append((time.perf_counter() - begin) / queued)
    return times


def serve(options, name, make_step, gpu_bytes):
    """Measures once, or for each line of the input, and prints a line of JSON with
    the keys of `EXE bench --json`. `make_step` returns (step, wait), and is called
    in the first turn: what it takes to compile then disturbs no other program."""
    step = None
    if options.turns:
        print("ready", flush=True)
    for _ in sys.stdin if options.turns else range(1):
        if not step:
            begin = time.perf_counter()
            step, wait = make_step()
            measure(step, wait, options.warm_up, options.device)
            ready = time.perf_counter() - begin
        times = measure(step, wait, options.steps, options.device)
        median = statistics.median(times)
        peak = 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        print(json.dumps({
            "circuit": name,
            "device": options.device,
            "threads": options.threads,
            "batch": options.batch,
            "steps": options.steps,
            "median_ms": 1e3 * median,
            "min_ms": 1e3 * min(times),
            "images_per_s": options.batch / median,
            "ready_s": ready,
            "peak_bytes": gpu_bytes() if options.device == "cuda" else peak,
        }), flush=True)


def _tensors():
    """The checks of GPUs have safetensors files in plain Python."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent / "gpu"))
    import tensors
    return tensors


def read_tensors(path):
    """{name: array} of a safetensors file."""
    import numpy as np
    return {name: np.array(values).reshape(shape)
            for name, (shape, values) in _tensors().read(path).items()}


def write_tensors(path, values):
    import numpy as np
    _tensors().write(path, {
        name: (list(value.shape), array("f", np.ascontiguousarray(value).ravel().tolist()))
        for name, value in values.items()})
