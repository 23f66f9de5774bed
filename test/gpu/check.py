#!/usr/bin/env python3
"""Checks and measures GPU executables, on a machine with a GPU and without dale.

    check.sh FOLDER [--data DIR] [--json FILE] [--device cuda] [--quick]

FOLDER is what prepare.sh made where dale was built. Needs nothing but Python; what
PyTorch, JAX, compute-sanitizer and Nsight Compute could tell is left out, visibly,
where they are not. Every part has its time, and no part stops another. All that is found
is in FILE, which is whole after every step. The exit code is 1 where a check failed.
"""

import argparse
import platform
import shutil
import signal
import sys
import tarfile
import tempfile
from pathlib import Path

import correctness
import speed
from report import Report


class Interrupted(BaseException):
    pass


def interrupt(number, _):
    raise Interrupted(f"interrupted by {signal.Signals(number).name}")


def describe_machine(circuits):
    report = circuits.report
    # prepare.sh packs the executables, which are large and much alike.
    if (packed := circuits.values.parent / "circuits.tar.xz").exists():
        with tarfile.open(packed) as archive:
            archive.extractall(circuits.work)
        circuits.circuits = circuits.work / "circuits"
    report.note("host", {"machine": platform.platform(), "python": sys.version.split()[0]})
    if shutil.which("nvidia-smi") and not circuits.emulated:
        fields = "name,driver_version,memory.total,clocks.max.sm,clocks.max.mem,clocks.sm"
        result = report.run(["nvidia-smi", f"--query-gpu={fields}", "--format=csv"])
        report.note("gpu", result.out.strip().splitlines(), result.out.strip())
    programs = circuits.golden()
    if not programs:
        raise RuntimeError("there are no executables: make them with prepare.sh")
    result = report.run([programs[0], "info"])
    report.note("info", result.out)
    report.check("an executable runs here", not result.problem, problem=result.problem)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="what prepare.sh made")
    parser.add_argument("--data", type=Path, help="the folder of CIFAR-10's binary files")
    parser.add_argument("--json", type=Path, default=Path("gpu-check.json"))
    parser.add_argument("--device", default="cuda", help="cuda, cuda:N or emulated")
    parser.add_argument("--quick", action="store_true", help="fewer circuits and peers")
    parser.add_argument("--seconds", type=float, default=470, help="the time for all of it")
    options = parser.parse_args()
    if not any((options.folder / name).exists() for name in ("circuits", "circuits.tar.xz")):
        parser.error(f"{options.folder}: has no circuits: expected what prepare.sh made")
    # So that a run that is cut off ends what it has begun, and says so.
    for number in signal.SIGTERM, signal.SIGINT:
        signal.signal(number, interrupt)

    report = Report(options.json, options.seconds)
    with tempfile.TemporaryDirectory() as work:
        folder = options.folder.resolve()
        circuits = correctness.Circuits(report, folder, folder / "circuits", Path(work),
                                        options.device, options.quick)
        peers = [speed.QUICK_PEERS] if options.quick else [speed.PEERS, speed.SLOW_PEERS]
        limits = {}

        def measure_limits():
            speed.measure_limits(circuits)
            limits.update(report.part.get("limits", {}))

        # What is most worth knowing comes first. Checks that must come to their end
        # start a hundred programs, each of which may wait seconds for its driver.
        parts = [
            ("machine", 60, True, lambda: describe_machine(circuits)),
            ("golden", 150, True, lambda: correctness.check_golden(circuits)),
            ("repeat", 60, True, lambda: correctness.check_repeatability(circuits)),
            ("training", 100, True, lambda: correctness.check_training(
                circuits, lambda: speed.noise_data(Path(work) / "few", images=500))),
            ("limits", 60, False, measure_limits),
            ("speed", 210, False,
             lambda: speed.measure_speed(circuits, peers, 3, limits)),
            ("epochs", 60, False, lambda: speed.train_standard(circuits, options.data, 1)),
            ("sanitizer", 90, False, lambda: correctness.check_with_sanitizer(circuits)),
            ("counters", 60, False, lambda: speed.count_events(circuits)),
        ]
        try:
            for part in parts:
                report.do(*part)
        except Interrupted as interrupted:
            return report.finish(str(interrupted))
        return report.finish()


if __name__ == "__main__":
    sys.exit(main())
