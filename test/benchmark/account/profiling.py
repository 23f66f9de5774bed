"""Where the time of training steps goes: by stage, as OpenMP's runtime tells when
each begins and ends, and within them by kernel, by samples of perf."""

from __future__ import annotations

import bisect
import json
import os
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

RATE = 1999  # samples a second; not in step with anything


@dataclass
class Profile:
    bench: dict                     # what `EXE bench --json` says
    steps: int
    stage_seconds: list[float]      # of a step, by stage
    step_seconds: float
    samples: list[Counter] = field(default_factory=list)  # by stage and symbol; the
    #                                 last for what runs between stages
    problem: str = ""               # why there are no samples


def perf_problem():
    """Why perf cannot take samples here, or nothing."""
    if not shutil.which("perf"):
        return "no perf: Debian's package linux-perf has it"
    probe = subprocess.run(["perf", "record", "-q", "-e", "cpu-clock", "-o", os.devnull, "true"],
                           capture_output=True, text=True, check=False)
    if probe.returncode:
        return f"perf takes no samples here: {(probe.stderr.strip().splitlines() or ['?'])[-1]}"
    return ""


def run(executable, tool, arguments, steps, loops, folder):
    """Profiles `steps` steps of an executable whose step has these parallel loops:
    each the number of its stage, or None where it sums over chunks."""
    regions, data = folder / "regions.txt", folder / "perf.data"
    environment = dict(os.environ, OMP_TOOL_LIBRARIES=str(tool), DALE_REGIONS=str(regions))
    command = [executable, "bench", "--json", "--steps", steps, *arguments]
    problem = perf_problem()
    if not problem:
        command = ["perf", "record", "-q", "-k", "CLOCK_MONOTONIC", "-e", "cpu-clock", "-F", RATE,
                   "-o", data, *command]
    regions.unlink(missing_ok=True)
    result = subprocess.run(list(map(str, command)), env=environment, check=True, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    bench = json.loads(next(line for line in result.stdout.splitlines() if line.startswith("{")))
    spans = [tuple(map(float, line.split())) for line in regions.read_text().splitlines()]
    if len(spans) % len(loops):
        raise RuntimeError(f"{len(spans)} parallel regions: expected a multiple of {len(loops)}")
    # The first steps touch memory for the first time. What comes before the first
    # stage belongs to a step as well: a step ends where its last stage does.
    measured = spans[-steps * len(loops):]
    begin = spans[-steps * len(loops) - 1][1]
    seconds = [sum(end - start for start, end in measured[i::len(loops)]) / steps
               for i, stage in enumerate(loops) if stage is not None]
    profile = Profile(bench, steps, seconds, (measured[-1][1] - begin) / steps, problem=problem)
    if not problem:
        profile.samples = _samples(data, measured, begin, loops)
    return profile


def _samples(data, spans, begin, loops):
    stages = sum(stage is not None for stage in loops)
    found = [Counter() for _ in range(stages + 1)]
    starts = [start for start, _ in spans]
    script = subprocess.run(["perf", "script", "-i", data, "-F", "time,ip,sym,dso"], text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    for line in script.stdout.splitlines():
        match = re.match(r"\s*([\d.]+):\s+[0-9a-f]+\s+(.*?)\s+\((.*)\)$", line)
        if not match or not begin <= float(match[1]) <= spans[-1][1]:
            continue
        place = bisect.bisect_right(starts, float(match[1])) - 1
        inside = place >= 0 and float(match[1]) <= spans[place][1]
        stage = loops[place % len(loops)] if inside else None
        found[stages if stage is None else stage][_symbol(match[2], match[3])] += 1
    return found


def _symbol(name, place):
    """A kernel's name, or what else it is."""
    if place.startswith("["):
        return "system"
    if name.startswith("kernel"):
        return name
    if "memset" in name:
        return "zeros"
    if "memcpy" in name or "memmove" in name:
        return "copies"
    if "libomp" in Path(place).name:
        return "waiting"
    return "else"
