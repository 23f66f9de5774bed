"""Safetensors files with nothing but Python: read, written, made up, compared."""

import json
import math
import random
import struct
import sys
from array import array

_ARRAYS = {"F64": "d", "F32": "f", "I32": "i"}


def read(path):
    """{name: (shape, array)} of a file's real and integer tensors."""
    with open(path, "rb") as file:
        size, = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
        body = file.read()
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] in _ARRAYS:
            begin, end = entry["data_offsets"]
            values = array(_ARRAYS[entry["dtype"]])
            values.frombytes(body[begin:end])
            tensors[name] = (entry["shape"], values)
    return tensors


def write(path, tensors):
    header, parts, place = {}, [], 0
    for name, (shape, values) in tensors.items():
        assert len(values) == math.prod(shape), name
        data = values.tobytes()
        kind = {code: kind for kind, code in _ARRAYS.items()}[values.typecode]
        header[name] = {"dtype": kind, "shape": shape,
                        "data_offsets": [place, place + len(data)]}
        parts.append(data)
        place += len(data)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


#===------------------------------------------------------------------------===#
# Inputs
#===------------------------------------------------------------------------===#

def write_batch(path, info, count):
    """`count` images of noise and labels, for 'step' and 'respond'."""
    engine, size = random.Random(7), info["input"]
    shape = [count, size["height"], size["width"], size["channels"]]
    images = array("f", (engine.uniform(-2, 2) for _ in range(math.prod(shape))))
    labels = array("i", (engine.randrange(info["classes"]) for _ in range(count)))
    write(path, {"images": (shape, images), "labels": ([count], labels)})


def write_random_weights(path, info):
    """Of mixed sign, as those of test/golden/RandomInputs.cpp."""
    engine = random.Random(3)

    def values(name, count, _):
        # Scales and variances are about one, everything else about zero.
        center = 1 if name.endswith(("scale", "variance")) else 0
        return (center + engine.gauss(0, 0.2) for _ in range(count))

    _write_weights(path, info, values)


def write_initial_weights(path, info):
    """Such as training begins with."""
    engine = random.Random(5)

    def truncated_normal(sigma):
        while True:
            value = engine.gauss(0, 1)
            if abs(value) <= 2:
                return sigma * value

    def values(_, count, initializer):
        kind = initializer["kind"]
        if kind == "glorot_uniform":
            bound = math.sqrt(6 / (initializer["fan_in"] + initializer["fan_out"]))
            return (engine.uniform(-bound, bound) for _ in range(count))
        if kind == "truncated_normal":
            sigma = math.sqrt(1 / initializer["fan_in"]) / 0.8796
            return (truncated_normal(sigma) for _ in range(count))
        return (initializer["value"] for _ in range(count))

    _write_weights(path, info, values)


def _write_weights(path, info, values):
    weights = {}
    for section in "parameters", "averages":
        for variable in info[section]["variables"]:
            name, shape = variable["name"], variable["shape"]
            weights[name] = (shape, array("d", values(name, math.prod(shape),
                                                      variable["initializer"])))
    write(path, weights)


#===------------------------------------------------------------------------===#
# Comparing
#===------------------------------------------------------------------------===#

# The largest max|difference| / max(max|expected|, 0.01) of each kind of tensor.
# They are those of test/golden/TensorFile.h, which dry_run.sh sees to.
TOLERANCES = {
    "f64": {"logits": 1e-12, "responses": 1e-12, "averages": 1e-12,
            "loss": 1e-12, "next": 1e-12, "gradients": 1e-12},
    "f32": {"logits": 2e-5, "responses": 1e-5, "averages": 1e-5,
            "loss": 1e-5, "next": 4e-4, "gradients": 8e-4},
}


# The largest |difference| / |expected|, of all tensors of a kind as one vector,
# where products round their factors: three times what the emulated device showed.
ROUNDED = {
    "tf32": {"responses": 5e-4, "logits": 5e-3, "gradients": 2e-2},
    "bf16": {"responses": 4e-3, "logits": 4e-2, "gradients": 2e-1},
}


def kind_of(name):
    if name.startswith("response."):
        return "responses"
    if name.startswith("grad."):
        return "gradients"
    if name.startswith("loss"):
        return "loss"
    if name.endswith((".norm.mean", ".norm.variance")):
        return "averages"
    return "next" if name.startswith("next.") else "logits"


def differences(actual, expected):
    """{kind: (the largest difference, its tensor)}, infinite for what is missing,
    of another shape or no number."""
    worst = {}
    for name, (shape, values) in expected.items():
        found_shape, found = actual.get(name, (None, None))
        if found_shape != shape:
            difference = math.inf
        else:
            scale = max(max(map(abs, values), default=0), 0.01)
            difference = max((abs(a - b) for a, b in zip(found, values)), default=0) / scale
            # max() passes over what is no number; a sum does not.
            if not math.isfinite(sum(found)) or not math.isfinite(difference):
                difference = math.inf
        kind = kind_of(name)
        if kind not in worst or difference > worst[kind][0]:
            worst[kind] = (difference, name)
    return worst


def distances(actual, expected):
    """{kind: |difference| / |expected|}, infinite where something is missing."""
    sums = {}
    for name, (shape, values) in expected.items():
        found_shape, found = actual.get(name, (None, None))
        difference, length = sums.get(kind_of(name), (0, 0))
        if found_shape == shape:
            difference += sum((a - b) ** 2 for a, b in zip(found, values))
        else:
            difference = math.inf
        sums[kind_of(name)] = (difference, length + sum(value ** 2 for value in values))
    return {kind: math.sqrt(difference / length) if length and math.isfinite(difference)
            else math.inf for kind, (difference, length) in sums.items()}


if sys.byteorder != "little":
    sys.exit("tensors.py: only little-endian machines are supported")
