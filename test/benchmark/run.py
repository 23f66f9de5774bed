#!/usr/bin/env python3
"""Measures dale's training step: beside PyTorch and JAX, by stage, and as it grows.

    test/benchmark/run.py [--circuits standard,...] [--rounds 3] [--steps 10]
                          [--batch N] [--threads N] [--page docs/performance.md] [SECTION...]

SECTION is `comparison` (the default), `account` or `scaling`; `all` is each of them.
Uses the dale of build/, and of PyTorch and JAX what a Python has here
(scripts/install-peers.sh). Prints Markdown; with --page, puts it into a page
instead, between the comments that name its sections.
"""

import argparse
import datetime
import os
import re
import subprocess
import sys
from pathlib import Path

import accounting
import comparison
import scaling
from machine import Limits
from programs import CASES, ROOT, find_peers

SECTIONS = {"comparison": comparison, "account": accounting, "scaling": scaling}


def parse_arguments():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", metavar="SECTION", default=["comparison"])
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    parser.add_argument("--circuits", default=",".join(CASES), help=f"of {', '.join(CASES)}")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--batch", type=int, help="by default each circuit's own")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--page", type=Path, help="a page to put the tables into")
    parser.add_argument("--without", default=[], metavar="PEER", nargs="*",
                        help="peers to leave out, by a part of their names: jax, compile")
    options = parser.parse_args()
    options.circuits = options.circuits.split(",")
    if unknown := set(options.circuits) - set(CASES):
        parser.error(f"unknown circuits: {', '.join(sorted(unknown))}")
    if unknown := set(options.sections) - {*SECTIONS, "all"}:
        parser.error(f"unknown sections: {', '.join(sorted(unknown))}")
    if "all" in options.sections:
        options.sections = list(SECTIONS)
    options.build = options.build.resolve()
    if not (options.build / "bin" / "dale").exists():
        sys.exit(f"{options.build}/bin/dale is not there: run scripts/build.sh first")
    return options


def heading(limits):
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, text=True,
                            capture_output=True, check=False).stdout.strip()
    return f"{datetime.date.today()}, dale {commit or '?'}. {limits.describe()}"


def insert(page, section, text):
    """Replaces what stands between a section's two comments."""
    begin, end = f"<!-- begin {section} -->", f"<!-- end {section} -->"
    old = page.read_text()
    pattern = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.S)
    if not pattern.search(old):
        sys.exit(f"{page}: expected a comment '{begin}', and behind it '{end}'")
    page.write_text(pattern.sub(lambda _: f"{begin}\n{text}\n{end}", old))


def main():
    options = parse_arguments()
    options.peers = {}
    if "comparison" in options.sections:
        options.peers = {name: command for name, command in find_peers(options.build).items()
                         if not any(part in name for part in options.without)}
    limits = Limits(options.build)
    for section in options.sections:
        body = SECTIONS[section].write(options, limits)
        text = f"{heading(limits)}\n\n{body}"
        if options.page:
            insert(options.page, section, text)
        else:
            print(f"## {SECTIONS[section].TITLE}\n\n{text}\n", flush=True)


if __name__ == "__main__":
    main()
