#!/usr/bin/env python3
"""What an image costs a GPU, in instructions: counted on the host, which runs
the PTX of executables (PtxKernels.cpp).

Two steps with different numbers of images tell what is an image's and what is
the step's. Prints a table in Markdown, and on request the functions that do
most.
"""

import argparse
import json
import os
import subprocess
import tempfile
from pathlib import Path

FEW, MANY = 4, 8
UNITS = {"multiply_add": "multiply-adds", "division": "divisions, roots",
         "matrix": "matrix products", "integer": "integers, comparisons, moves",
         "convert": "conversions", "global": "global loads and stores",
         "shared": "shared loads and stores",
         "control": "branches, calls, parameters", "barrier": "barriers"}
OTHERS = {"sectors": "sectors of global memory (32 bytes)",
          "wavefronts": "turns of shared memory",
          "fewest_wavefronts": "of these without conflicts of banks",
          "average": "instructions of each warp, on average",
          "slowest": "of the warp that has most before each barrier"}


def profile(executable, driver, images):
    """The counts of one step with so many images."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "profile.json"
        environment = dict(os.environ, LD_LIBRARY_PATH=str(driver),
                           FAKE_CUDA=f"each=2,profile={file}")
        subprocess.run([executable, "bench", "--device", "cuda", "--steps", "1",
                        "--warm-up", "0", "--batch", str(images)],
                       env=environment, check=True, stdout=subprocess.DEVNULL)
        return json.loads(file.read_text())


def of_an_image(few, many):
    """{function: {count: number}}, of an image."""
    return {name: {key: (count - few.get(name, {}).get(key, 0)) / (MANY - FEW)
                   for key, count in counts.items()}
            for name, counts in many.items()}


def total(functions, key):
    return sum(counts[key] for counts in functions.values())


def issued(counts):
    return sum(counts[unit] for unit in UNITS)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("executables", nargs="+", type=Path,
                        help="what `dale compile` wrote, with code for GPUs")
    parser.add_argument("--driver", type=Path,
                        default=Path("build/test/ptx/dale_ptx_cuda"),
                        help="the folder of the driver (default: %(default)s)")
    parser.add_argument("--functions", type=int, default=0, metavar="N",
                        help="print the N functions that issue most as well")
    parser.add_argument("--by", default=None, choices=[*UNITS, *OTHERS],
                        help="the functions that have most of this instead")
    options = parser.parse_args()

    images = []
    for executable in options.executables:
        few, many = (profile(executable.resolve(), options.driver, count)
                     for count in (FEW, MANY))
        images.append(of_an_image(few["functions"], many["functions"]))

    print("| an image, thousands |", " | ".join(
        executable.name for executable in options.executables), "|")
    print("|---|" + "---:|" * len(images))
    rows = [("instructions of warps", lambda all: sum(map(issued, all.values())))]
    for key, title in {**UNITS, **OTHERS}.items():
        rows.append((title, lambda all, key=key: total(all, key)))
    for title, value in rows:
        print(f"| {title} |", " | ".join(
            f"{value(image) / 1e3:,.0f}" for image in images), "|")

    for executable, image in zip(options.executables, images):
        if not options.functions:
            continue
        by = (lambda counts: counts[options.by]) if options.by else issued
        print(f"\n{executable.name}:")
        most = sorted(image.items(), key=lambda item: -by(item[1]))
        for name, counts in most[:options.functions]:
            print(f"{name:44} {issued(counts):9.0f}", " ".join(
                f"{key} {counts[key]:.0f}" for key in [*UNITS, *OTHERS]
                if counts[key]))


if __name__ == "__main__":
    main()
