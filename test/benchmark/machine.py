"""The machine that is measured, and tables to say so."""

import os
import subprocess
from pathlib import Path

from programs import run_json


def cpu_name():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return os.uname().machine


class Limits:
    """What the machine can do at most, the best of all measurements, and what others
    leave of it, on average."""

    def __init__(self, build):
        self.program, self.best, self.means = build / "bin" / "dale-peak", {}, []
        # What else the machine did: later it is what is measured.
        self.load = os.getloadavg()[0]
        self.measure()

    def measure(self):
        if measured := run_json([self.program]):
            self.means.append(measured.pop("gflops_mean"))
            for key, value in measured.items():
                self.best[key] = max(value, self.best.get(key, 0))

    def gflops(self, threads):
        return min(self.best["gflops"], threads * self.best["gflops_1"])

    def describe(self):
        threads = self.best["threads"]
        return (f"{cpu_name()}, {threads} CPUs: {self.gflops(threads):.0f} GFLOP/s in f32 "
                f"({self.best['gflops_1']:.0f} with one thread; "
                f"{sum(self.means) / len(self.means):.0f} on average), copies "
                f"{self.best['copy_gb_per_s']:.1f} GB/s; load {self.load:.1f} at the "
                "beginning.")


def measured_bytes(command, environment=None):
    """Bytes between caches and memory that a command moves, by the counter of
    last-level misses, or why that is not known."""
    try:
        result = subprocess.run(["perf", "stat", "-x", ",", "-e", "cache-misses:u",
                                 *map(str, command)], text=True, env=environment,
                                capture_output=True, check=False)
    except FileNotFoundError:
        return None, "there is no perf"
    for line in result.stderr.splitlines():
        if "cache-misses" in line:
            count = line.split(",")[0]
            if count.isdigit():
                return 64 * int(count), ""
    return None, "perf has no counter of cache misses here"


def table(header, rows, texts=1):
    """A table in Markdown: the first columns are texts, the others numbers."""
    widths = [max(2, *map(len, column)) for column in zip(header, *rows)]

    def line(cells):
        padded = [cell.ljust(width) if i < texts else cell.rjust(width)
                  for i, (cell, width) in enumerate(zip(cells, widths))]
        return "| " + " | ".join(padded) + " |"

    rule = [":" + "-" * (width - 1) if i < texts else "-" * (width - 1) + ":"
            for i, width in enumerate(widths)]
    return "\n".join([line(header), line(rule), *map(line, rows)])
