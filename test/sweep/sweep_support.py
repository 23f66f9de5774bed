"""What the tests of dale sweep share: images, experiments, and what sweeps leave."""

import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time

SKIPPED = 77


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIPPED)


def write_images(folder, train=320, test=48, size=12):
    """Four files as MNIST's, with a pattern of its own for every class."""
    os.makedirs(folder)
    noise = random.Random(1)
    for name, count in ("train", train), ("t10k", test):
        labels = bytes(i % 10 for i in range(count))
        pixels = bytes(
            min(255, 160 * ((x + y * (c % 3) + c) % 5 < 2) + noise.randrange(90))
            for c in labels
            for y in range(size)
            for x in range(size)
        )
        with open(f"{folder}/{name}-images-idx3-ubyte", "wb") as file:
            file.write(struct.pack(">4I", 2051, count, size, size) + pixels)
        with open(f"{folder}/{name}-labels-idx1-ubyte", "wb") as file:
            file.write(struct.pack(">2I", 2049, count) + labels)


def session_of(process):
    """The processes of a session: what dale has started, and dale."""
    members = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
        except OSError:
            continue
        state, session = fields[0], int(fields[3])
        if session == process and state != "Z":
            members.append(int(entry))
    return members


def kill_session(process):
    """Kills all of a session at once, until none is left."""
    while members := session_of(process):
        for member in members:
            try:
                os.kill(member, signal.SIGKILL)
            except ProcessLookupError:
                pass
        time.sleep(0.01)


class Sweeps:
    """A temporary folder with images and a circuit, and sweeps in it."""

    def __init__(self, dale):
        self.dale = dale
        self.folder = tempfile.mkdtemp(prefix="dale-sweep-")
        # GPU code takes as long to make as all else.
        self.environment = dict(os.environ, DALE_GPU="none")
        write_images(self.at("data"))
        here = os.path.dirname(os.path.abspath(__file__))
        self.circuit = os.path.join(here, "tiny.toml")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def at(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        with open(self.at(name), "w") as file:
            file.write(text.replace("TINY", json.dumps(self.circuit)))

    def command(self, experiment, out, *options):
        return [
            self.dale, "sweep", self.at(experiment), "--out", self.at(out),
            "--data", self.at("data"), *options,
        ]

    def sweep(self, experiment, out, *options, expect=0, timeout=120):
        """Runs a sweep to its end: its output."""
        done = subprocess.run(
            self.command(experiment, out, *options), env=self.environment,
            stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=timeout,
        )
        assert done.returncode == expect, (
            f"exit code {done.returncode}, expected {expect}:\n"
            f"{done.stdout}{done.stderr}"
        )
        return done.stdout + done.stderr

    def start(self, experiment, out, *options):
        """Starts a sweep as the leader of a session."""
        log = open(self.at("output.txt"), "ab")
        return subprocess.Popen(
            self.command(experiment, out, *options), env=self.environment,
            stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            start_new_session=True,
        )

    def states(self, out):
        """How sweep.json says that runs stand: folder, state and reason."""
        with open(self.at(out, "sweep.json")) as file:
            runs = json.load(file)["runs"]
        return {run["folder"]: (run["state"], run.get("reason")) for run in runs}

    def attempts(self, out, run):
        """How often a run was begun or gone on with."""
        with open(self.at(out, run, "log.txt")) as file:
            return sum(line.startswith("$ executables/") for line in file)

    def files(self, out):
        """Everything that a sweep has left, without times and logs."""
        contents = {}
        root = self.at(out)
        for folder, _, names in os.walk(root):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    content = file.read()
                if name == "log.txt":
                    content = None
                if name == "summary.json":
                    content = json.loads(content)
                    for key in "seconds", "images_per_second":
                        del content[key]
                contents[os.path.relpath(path, root)] = content
        return contents

    def assert_same(self, left, right):
        """Two sweeps have left the same files, byte for byte."""
        left, right = self.files(left), self.files(right)
        assert sorted(left) == sorted(right), (
            f"only in one: {sorted(set(left) ^ set(right))}"
        )
        differing = [name for name in left if left[name] != right[name]]
        assert not differing, f"these differ: {differing}"
