"""How dale's training step of Standard grows: with threads, batch, channels, time."""

import os
from pathlib import Path

from machine import table
from programs import compile_circuit, run_json

TITLE = "As it grows"

STANDARD = "examples/standard.toml"
BATCHES = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
CHANNELS = [2, 4, 8, 16, 32, 64, 128, 256]
TIME_STEPS = [1, 2, 4, 8, 16, 32]

# What a measurement may take, about: large steps are repeated less often.
IMAGES = 2000


def write(options, limits):
    parts = [_threads(options, limits), _batches(options, limits),
             _channels("PN", options, limits), _channels("IG", options, limits),
             _time(options, limits)]
    return "\n\n".join(parts)


def _bench(compiled, batch, threads, images=IMAGES):
    """The faster of two runs: what else the machine does then makes no cliffs."""
    steps = max(2, min(20, images // batch))
    lines = [run_json([compiled.executable, "bench", "--json", "--batch", batch, "--steps", steps,
                       "--warm-up", 1, "--threads", threads]) for _ in range(2)]
    return max(filter(None, lines), key=lambda line: line["images_per_s"], default=None)


def _cells(line, compiled, threads, limits):
    """What all tables have: images/s, ms an image, share of the peak, memory."""
    if not line:
        return ["failed", "", "", ""]
    gflops = line["images_per_s"] * compiled.info["cost"]["train_step"]["flops_per_image"] / 1e9
    return [f"{line['images_per_s']:.4g}", f"{1e3 / line['images_per_s']:.3g}",
            f"{100 * gflops / limits.gflops(threads):.1f} %",
            f"{line['peak_bytes'] / 2**20:.1f} MiB"]


COLUMNS = ["images/s", "ms an image", "of the peak", "memory"]


def _threads(options, limits):
    compiled = compile_circuit(options.build, STANDARD, "standard")
    rows, first = [], None
    for threads in range(1, len(os.sched_getaffinity(0)) + 1):
        line = _bench(compiled, 128, threads)
        first = first or line
        gain = f"{line['images_per_s'] / first['images_per_s']:.2f}" if line and first else ""
        rows.append([str(threads), *_cells(line, compiled, threads, limits), gain])
    return "Threads, at batch 128:\n\n" + table(["threads", *COLUMNS, "speed-up"], rows)


def _batches(options, limits):
    compiled = compile_circuit(options.build, STANDARD, "standard")
    rows = [[str(batch), *_cells(_bench(compiled, batch, options.threads), compiled,
                                 options.threads, limits), _planned(compiled, batch)]
            for batch in BATCHES]
    return (f"Images a step, with {options.threads} threads:\n\n"
            + table(["batch", *COLUMNS, "of it workspace"], rows))


def _planned(compiled, batch, threads=None):
    """The workspace that the description tells."""
    size = compiled.info["workspace"]["train_step"]
    threads = threads or len(os.sched_getaffinity(0))
    total = size["fixed"] + batch * size["per_image"] + threads * size["per_thread"]
    return f"{total / 2**20:.1f} MiB"


def _variant(options, limits, name, overrides, batch):
    """The cells of a circuit with other values, and its compile time and workspace."""
    compiled = compile_circuit(options.build, STANDARD, name, overrides)
    cost = compiled.info["cost"]["train_step"]
    line = _bench(compiled, batch, options.threads, IMAGES // 4)
    cells = [f"{compiled.seconds:.1f} s", f"{compiled.executable.stat().st_size / 2**20:.1f} MiB",
             f"{cost['flops_per_image'] / 1e6:.4g}",
             *_cells(line, compiled, options.threads, limits), _planned(compiled, batch)]
    Path(compiled.executable).unlink()
    return cells


VARIANT_COLUMNS = ["compiled in", "executable", "MFLOP", *COLUMNS, "of it workspace"]


def _channels(population, options, limits):
    """Figure 6: principal neurons alone, or both kinds of interneurons."""
    names = ["PN"] if population == "PN" else ["IG", "OG"]
    rows = []
    for channels in CHANNELS:
        overrides = [f"area3.populations.{name}.channels={channels}" for name in names]
        rows.append([str(channels), *_variant(options, limits, "channels", overrides, 64)])
    return (f"Channels of {' and '.join(names)} in area 3, twice as many in area 4, at batch 64:"
            "\n\n" + table(["channels", *VARIANT_COLUMNS], rows))


def _time(options, limits):
    rows = [[str(steps), *_variant(options, limits, "time", [f"circuit.steps={steps}"], 32)]
            for steps in TIME_STEPS]
    return ("Time steps, at batch 32:\n\n" + table(["time steps", *VARIANT_COLUMNS], rows))
