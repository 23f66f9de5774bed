"""Small runs for the tests of 'dale report': two circuits, three seeds each.

    make_runs.py FOLDER NAME=EXECUTABLE...

trains each executable on images with patterns that can be learned, thins the
weights out, so that not all are above the threshold, analyzes what is left, and
writes what 'dale sweep' would beside each run. Of the executables' runs, FOLDER/runs
holds those, FOLDER/grid copies of the first's as cells of a grid."""

import array
import json
import pathlib
import random
import shutil
import struct
import subprocess
import sys

SIZE = 28
EPOCHS = 2


def write_images(folder, name, count, seed):
    """MNIST's two files: a bar whose orientation is the class."""
    generator = random.Random(seed)
    labels = bytes(i % 10 for i in range(count))
    pixels = bytearray()
    for label in labels:
        across, down = (label % 5) + 1, label // 5 * 3 + 1
        shift = generator.randrange(4)
        for y in range(SIZE):
            for x in range(SIZE):
                bright = (across * x + down * y + shift) // 7 % 2
                pixels.append(bright * 180 + generator.randrange(60))
    images = struct.pack(">IIII", 0x803, count, SIZE, SIZE) + bytes(pixels)
    (folder / f"{name}-images-idx3-ubyte").write_bytes(images)
    (folder / f"{name}-labels-idx1-ubyte").write_bytes(
        struct.pack(">II", 0x801, count) + labels
    )


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, command))}\nreturned {done.returncode}\n{done.stderr}")


def thin_out(path):
    """Of each projection another share of weights becomes tiny, and some are outside
    of all bins of a histogram: 0, or large."""
    data = bytearray(path.read_bytes())
    (size,) = struct.unpack_from("<Q", data)
    for name, entry in json.loads(data[8 : 8 + size]).items():
        kernel = name.endswith(".pointwise") or ("_to_" in name and name.endswith(".weight"))
        if name.startswith("momentum.") or not kernel:
            continue
        assert entry["dtype"] == "F32", name
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        values = array.array("f", data[begin:end])
        share = sum(name.encode()) % 10
        for i in range(len(values)):
            if i % 10 < share:
                values[i] *= 0 if i % 10 == 0 else 1e-6
        if share % 3 == 0:
            values[-1] = 1e4
        data[begin:end] = values.tobytes()
    path.write_bytes(data)


def train(executable, data, folder, seed):
    run(
        executable, "train", "--data", data, "--out", folder, "--seed", seed,
        "--epochs", EPOCHS, "--device", "cpu", "--analyze-at", "0,1,2",
    )  # fmt: skip
    thin_out(folder / "checkpoint.safetensors")
    run(
        executable, "analyze", "--data", data, "--device", "cpu", "--save-responses", "all",
        "--save-kernels", "--checkpoint", folder / "checkpoint.safetensors",
    )  # fmt: skip


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n")


def make_grid(source, grid):
    """The same networks as if each were a cell: what a sweep's files say."""
    for seed, (pn, ig) in enumerate([(8, 2), (16, 2), (8, 4)]):
        condition = f"Standard,PN={pn},IG={ig}"
        folder = grid / "runs" / condition / f"seed-{seed}"
        shutil.copytree(source / f"seed-{seed}", folder)
        channels = {"PN": pn, "IG": ig, "OG": ig}
        values = {f"area3.populations.{name}.channels": n for name, n in channels.items()}
        write_json(
            folder / "run.json",
            {"experiment": "grid", "condition": condition, "overrides": values, "grid": values,
             "seed": seed, "command": [], "versions": {}},
        )  # fmt: skip
    write_json(
        grid / "experiment.json",
        {"name": "grid", "title": "A <b>grid</b> & more", "figures": ["channel-grid"],
         "seeds": [0], "conditions": [], "training": {}},
    )  # fmt: skip
    write_json(
        grid / "sweep.json",
        {"runs": [{"folder": "runs/x", "state": "failed", "reason": "no <memory>"}]},
    )


def main():
    folder = pathlib.Path(sys.argv[1])
    shutil.rmtree(folder, ignore_errors=True)
    data = folder / "data"
    data.mkdir(parents=True)
    write_images(data, "train", 160, 1)
    write_images(data, "t10k", 60, 2)
    names = []
    for argument in sys.argv[2:]:
        name, executable = argument.split("=", 1)
        names.append(name)
        for seed in range(3):
            train(executable, data, folder / "runs" / name / f"seed-{seed}", seed)
    make_grid(folder / "runs" / names[0], folder / "grid")


main()
