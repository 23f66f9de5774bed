"""What a check finds, in one file of JSON that is whole after every step; and
commands with a time limit."""

import contextlib
import json
import math
import os
import signal
import subprocess
import time
import traceback
from pathlib import Path


class OutOfTime(Exception):
    pass


class Skip(Exception):
    pass


class Result:
    """Of a command. `problem` is None where it succeeded, or else a sentence."""

    def __init__(self, code, out, err, seconds, timed_out):
        self.code, self.out, self.err = code, out, err
        self.seconds, self.timed_out = seconds, timed_out

    @property
    def problem(self):
        if self.timed_out:
            return f"ended after {self.seconds:.0f} s"
        if self.code:
            lines = (self.err.strip() or self.out.strip() or "no message").splitlines()
            return f"exit code {self.code}: {lines[-1][:400]}"
        return None


class Report:
    def __init__(self, path, seconds):
        self.path = Path(path)
        self.begin, self.end = time.monotonic(), time.monotonic() + seconds
        self.part_end = self.end
        self.part = {}
        self.started = set()
        self.data = {"begun": time.strftime("%Y-%m-%dT%H:%M:%S%z"), "complete": False,
                     "passed": None, "seconds": 0, "parts": {}}
        self.save()

    def save(self):
        self.data["seconds"] = round(time.monotonic() - self.begin, 1)
        written = self.path.with_name(self.path.name + ".part")
        written.write_text(json.dumps(_plain(self.data), indent=1) + "\n")
        os.replace(written, self.path)

    #===--------------------------------------------------------------------===#
    # Parts
    #===--------------------------------------------------------------------===#

    def do(self, name, seconds, required, body):
        """Runs a part. Nothing that happens in it stops the others. One that is
        required fails where it does not come to its end."""
        part = self.part = self.data["parts"][name] = {"status": "running", "checks": []}
        begin = time.monotonic()
        self.part_end = min(self.end, begin + seconds)
        print(f"\n== {name}", flush=True)
        self.save()
        unfinished = "failed" if required else "unfinished"
        try:
            body()
            part["status"] = "passed"
            if required and not part["checks"]:
                part.update(status="failed", why="nothing was checked")
        except Skip as skip:
            part.update(status="skipped", why=str(skip))
        except OutOfTime:
            part.update(status=unfinished, why="no time was left for the rest")
        except Exception as error:  # Of whatever kind: the other parts go on.
            part.update(status=unfinished, why=f"{type(error).__name__}: {error}",
                        trace=traceback.format_exc())
        self.kill_started()
        if not all(check["passed"] for check in part["checks"]):
            part["status"] = "failed"
        part["seconds"] = round(time.monotonic() - begin, 1)
        self.save()
        why = f": {part['why']}" if "why" in part else ""
        print(f"   {part['status']}{why} ({part['seconds']} s)", flush=True)

    def check(self, name, passed, **details):
        self.part["checks"].append({"name": name, "passed": bool(passed), **details})
        shown = details.get("shown") or details.get("problem") or ""
        print(f"   {'ok    ' if passed else 'FAILED'} {name}  {shown}", flush=True)
        self.save()
        return passed

    def note(self, key, value, shown=None):
        """Keeps a value of this part."""
        self.part[key] = value
        if shown:
            print(f"   {shown}", flush=True)
        self.save()

    #===--------------------------------------------------------------------===#
    # Commands
    #===--------------------------------------------------------------------===#

    def left(self):
        return self.part_end - time.monotonic()

    def end_in(self):
        return self.end - time.monotonic()

    def limit(self, seconds):
        """As many, or what is left of the part."""
        if self.left() < 1:
            raise OutOfTime()
        return min(seconds, self.left())

    def start(self, command, **options):
        """A command in a process group of its own, which ends with its part."""
        process = subprocess.Popen(list(map(str, command)), text=True,
                                   start_new_session=True, **options)
        self.started.add(process)
        return process

    def run(self, command, seconds=30, environment=None, grace=0):
        """Runs a command; one that is not done after `seconds` is interrupted,
        and killed `grace` seconds later."""
        seconds = self.limit(seconds)
        begin = time.monotonic()
        try:
            process = self.start(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, errors="replace",
                                 env={**os.environ, **(environment or {})})
        except OSError as error:
            return Result(127, "", str(error), 0, False)
        timed_out, out, err = False, "", ""
        try:
            out, err = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            timed_out = True
            if grace:
                _send(process, signal.SIGINT)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    out, err = process.communicate(timeout=grace)
            _send(process, signal.SIGKILL)
            # One that the driver holds on to must not hold us.
            with contextlib.suppress(subprocess.TimeoutExpired):
                out, err = process.communicate(timeout=10)
        self.started.discard(process)
        return Result(process.returncode, out, err, time.monotonic() - begin, timed_out)

    def kill_started(self):
        for process in self.started:
            end_group(process)
        self.started.clear()

    #===--------------------------------------------------------------------===#
    # The end
    #===--------------------------------------------------------------------===#

    def finish(self, interrupted=None):
        self.kill_started()
        parts = self.data["parts"]
        if interrupted and self.part.get("status") == "running":
            self.part.update(status="failed", why=interrupted)
        failed = [name for name, part in parts.items() if part["status"] == "failed"]
        self.data["complete"] = interrupted is None
        self.data["passed"] = not failed and not interrupted
        self.save()
        print(f"\n{self.data['seconds']:.0f} s, all in {self.path}")
        for name, part in parts.items():
            print(f"   {name:<11} {part['status']:<8} {part.get('why', '')}")
        print("passed" if self.data["passed"] else
              f"FAILED: {', '.join(failed) or interrupted}", flush=True)
        return 0 if self.data["passed"] else 1


def end_group(process):
    """Kills a command that start() has begun, and all that it has begun."""
    _send(process, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=10)


def _send(process, number):
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def _plain(value):
    """The same without numbers that JSON has no word for."""
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(entry) for entry in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value


def table(rows):
    """Lines of aligned columns, the first row being their titles."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        cells = [row[0].ljust(widths[0])]
        cells += [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        print("   " + "  ".join(cells), flush=True)
