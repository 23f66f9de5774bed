"""A training step of each circuit, beside PyTorch and JAX computing the same."""

import statistics
import subprocess

from machine import measured_bytes, table
from programs import CASES, Peer, compile_circuit, run_json

TITLE = "Beside PyTorch and JAX"


def write(options, limits):
    """The tables, as Markdown."""
    parts = [_compare(name, options, limits) for name in options.circuits]
    return "\n\n".join(parts)


def _compare(name, options, limits):
    case = CASES[name]
    batch = options.batch or case.batch
    compiled = compile_circuit(options.build, case.file, name)
    ours = {"dale": compiled}
    rounded = compile_circuit(options.build, case.file, f"{name}-bf16", precision="bf16")
    if "avx512_bf16" in rounded.info["target"]["features"]:
        ours["dale, bf16"] = rounded
    effective = compiled.executable.with_suffix(".toml")
    effective.write_text(subprocess.run([compiled.executable, "info", "--source"], check=True,
                                        text=True, stdout=subprocess.PIPE).stdout)
    arguments = ["--batch", batch, "--steps", options.steps]
    peers = {key: Peer([*command, effective, *arguments], options.threads)
             for key, command in options.peers.items()}
    # All programs take turns, round after round, and each shows its median: what
    # else the machine does then falls on all of them alike.
    results, failures = {key: [] for key in ours}, []
    for _ in range(options.rounds):
        limits.measure()
        for key, program in ours.items():
            line = run_json([program.executable, "bench", "--json", *arguments,
                             "--threads", options.threads], options.threads)
            if line:
                results[key].append(line)
        for key in list(peers):
            if line := peers[key].measure():
                results.setdefault(key, []).append(line)
            else:
                failures.append(f"{key} failed: {' '.join(peers.pop(key).messages[-1:])}")
    for peer in peers.values():
        peer.stop()
    if not all(results[key] for key in ours):
        raise RuntimeError(f"{compiled.executable} measures nothing")
    traffic = _traffic(compiled, batch, options)
    return "\n".join([
        f"**{compiled.info['name']}**, batch {batch}, {options.threads} threads: "
        f"{_cost(compiled)['flops_per_image'] / 1e6:.0f} MFLOP an image, "
        f"{_cost(compiled)['bytes_per_image'] / 2**20:.1f} MiB an image between dale's stages "
        f"({traffic}). Medians of {options.rounds} rounds of {options.steps} steps.\n",
        _table(results, ours, options, limits), *map("\n{}".format, failures)])


def _cost(compiled):
    return compiled.info["cost"]["train_step"]


def _traffic(compiled, batch, options):
    """Bytes an image to and from memory: steps of two lengths are compared, so that
    what happens before the first is left out."""
    counts = []
    for steps in (2, 2 + options.steps):
        count, problem = measured_bytes([compiled.executable, "bench", "--json", "--batch", batch,
                                         "--steps", steps, "--threads", options.threads])
        if problem:
            return f"not measured: {problem}"
        counts.append(count)
    return f"{(counts[1] - counts[0]) / options.steps / batch / 2**20:.1f} MiB measured"


def _table(results, ours, options, limits):
    flops, peak = _cost(ours["dale"])["flops_per_image"], limits.gflops(options.threads)
    header = ["", "images/s", "ms a step", "GFLOP/s", "of the peak", "memory", "ready after",
              "speed"]

    def images_per_s(lines):
        return 1e3 * lines[0]["batch"] / milliseconds(lines)

    def milliseconds(lines):
        return statistics.median(line["median_ms"] for line in lines)

    base = images_per_s(results["dale"])
    rows = []
    for key, lines in results.items():
        rate = images_per_s(lines)
        ready = ours[key].seconds if key in ours else lines[0]["ready_s"]
        rows.append([key if key in ours else lines[0]["circuit"], f"{rate:.4g}",
                     f"{milliseconds(lines):.4g}", f"{rate * flops / 1e9:.1f}",
                     f"{100 * rate * flops / 1e9 / peak:.1f} %",
                     f"{max(line['peak_bytes'] for line in lines) / 2**20:.0f} MiB",
                     f"{ready:.1f} s", f"{rate / base:.2f}"])
    return table(header, rows)
