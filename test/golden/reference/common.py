"""What the golden values' scripts share: files, and max pools."""

import json
import struct
from pathlib import Path

import numpy as np
import torch.nn.functional as F

# Where golden values are, unless a script is told otherwise.
GOLDEN = Path(__file__).resolve().parents[1]

TYPES = {"F32": np.float32, "F64": np.float64, "I32": np.int32}


def read(path):
    """name -> array, of a safetensors file."""
    data = Path(path).read_bytes()
    (size,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + size])
    header.pop("__metadata__", None)
    tensors = {}
    for name, entry in header.items():
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        values = np.frombuffer(data[begin:end], TYPES[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"])
    return tensors


def write(path, tensors):
    kinds = {np.dtype(kind): name for name, kind in TYPES.items()}
    header, data = {}, b""
    for name, tensor in tensors.items():
        raw = np.ascontiguousarray(tensor).tobytes()
        header[name] = {"dtype": kinds[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def pool(x, stride):
    """3 x 3 on [N, C, H, W], `same` as TensorFlow pads: the smaller half first."""
    pads = []
    for n in (x.shape[3], x.shape[2]):
        total = max((-(-n // stride) - 1) * stride + 3 - n, 0)
        pads += [total // 2, total - total // 2]
    return F.max_pool2d(F.pad(x, pads, value=-float("inf")), 3, stride)


def per_channel(x):
    return x.reshape(1, -1, 1, 1)
