"""The programs that are measured: circuits as dale compiles them, and their peers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PEERS = Path(__file__).resolve().parent / "peers"


@dataclass
class Case:
    file: str
    batch: int  # ImageNet's maps are larger: frameworks keep all of them


CASES = {
    "standard": Case("examples/standard.toml", 128),
    "standardei": Case("examples/standardei.toml", 128),
    "imagenet": Case("examples/imagenet.toml", 16),
}


def run_json(command, threads=None):
    """The line of JSON that a command prints last, or None where it fails."""
    environment = dict(os.environ)
    if threads:
        environment["OMP_NUM_THREADS"] = str(threads)
    result = subprocess.run(list(map(str, command)), env=environment, text=True,
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if result.returncode:
        lines = result.stderr.strip().splitlines() or [f"exit status {result.returncode}"]
        print(f"{Path(command[0]).name}: failed: {lines[-1]}", file=sys.stderr)
        return None
    return json.loads(result.stdout.strip().splitlines()[-1])


@dataclass
class Compiled:
    executable: Path
    seconds: float
    info: dict


def compile_circuit(build, file, name, overrides=(), precision="f32"):
    """Compiles a circuit for the CPU, with values overridden ("PATH=VALUE")."""
    executable = build / "benchmark" / name
    executable.parent.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    subprocess.run([build / "bin" / "dale", "compile", ROOT / file, "-o", executable,
                    "--gpu", "none", "--precision", precision, *set_options(overrides)],
                   check=True)
    seconds = time.monotonic() - begin
    info = json.loads(subprocess.run([executable, "info", "--json"], check=True, text=True,
                                     stdout=subprocess.PIPE).stdout)
    return Compiled(executable, seconds, info)


def set_options(overrides):
    return [argument for override in overrides for argument in ("--set", override)]


def emit(build, file, level):
    """A circuit as it is between passes."""
    return subprocess.run([build / "bin" / "dale", "compile", ROOT / file, "--gpu", "none",
                           f"--emit={level}", "-o", "-"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


# ===------------------------------------------------------------------------===
# Peers
# ===------------------------------------------------------------------------===

# What torch.compile may take to tune itself.
PATIENCE = 600


class Peer:
    """A program of peers/ that measures once for each line it is sent. It makes
    itself ready in its first turn, so that no other's turn is disturbed."""

    def __init__(self, command, threads):
        environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
        self.process = subprocess.Popen(
            [*map(str, command), "--threads", str(threads), "--turns"], env=environment,
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        # What frameworks say on the way; the last of it may be an error.
        self.messages = []
        threading.Thread(target=self._listen, daemon=True).start()
        self.process.stdout.readline()

    def _listen(self):
        for line in self.process.stderr:
            self.messages = (self.messages + [line.strip()])[-5:]

    def measure(self):
        """A line as of `EXE bench --json`, or None if it has failed."""
        timer = threading.Timer(PATIENCE, self.process.kill)
        timer.start()
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            timer.cancel()
        return json.loads(line) if line else None

    def stop(self):
        self.process.kill()
        self.process.wait()


def find_peers(build):
    """{name: command} of what the Pythons here can run: no version of a framework
    is always the fastest."""
    def has(python, statement):
        return python.exists() and subprocess.run([python, "-c", statement], capture_output=True,
                                                  check=False).returncode == 0

    pythons = {"current": build / "peers" / "bin" / "python3",
               "Debian's": Path("/usr/bin/python3")}
    peers, found = {}, set()
    for origin, python in pythons.items():
        if has(python, "import torch"):
            compiles = has(python, "import torch; torch.compile")
            for mode in ["eager", "hoisted", *(["compile"] if compiles else [])]:
                peers[f"{origin} torch {mode}"] = [python, PEERS / "torch_peer.py",
                                                   "--mode", mode]
            found.add("PyTorch")
        if has(python, "import jax"):
            for mode in "groups", "shifts":
                peers[f"{origin} jax {mode}"] = [python, PEERS / "jax_peer.py", "--mode", mode]
            found.add("JAX")
    for name in sorted({"PyTorch", "JAX"} - found):
        print(f"no Python here has {name}: scripts/install-peers.sh --current installs it",
              file=sys.stderr)
    return peers
