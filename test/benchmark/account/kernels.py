"""What the kernels of a compiled circuit do, counted in `dale compile --emit=vector`."""

from __future__ import annotations

import itertools
import math
import re
from collections import Counter
from dataclasses import dataclass, field

# In the order in which tables show them.
KINDS = ["matrix products", "depthwise", "element-wise and sums", "sigmoids", "copies",
         "zeros"]


@dataclass
class Kernel:
    kind: str
    multiply_adds: float  # a call, of matrix products and depthwise convolutions
    bytes: float          # that a call's vector loads and stores move, caches or not
    shapes: list[str]     # of its operands


@dataclass
class Loop:
    """A parallel loop: how often it calls each kernel. A stage over the batch has calls
    for each image, a loop that sums over chunks has none."""
    per_image: Counter = field(default_factory=Counter)
    per_chunk: Counter = field(default_factory=Counter)


_FUNCTION = re.compile(r"^  func\.func (?:private )?@(\w+)\(([^\n]*)\{\n(.*?)^  \}\n",
                       re.S | re.M)
_CONSTANT = re.compile(r"(%[\w-]+) = arith\.constant (-?\d+) : index")
_FOR = re.compile(r"(?:%[\w:]+ = )?scf\.for %\w+ = (%[\w-]+) to (%[\w-]+) step (%[\w-]+)")
_SUM = re.compile(r"(%[\w-]+) = arith\.addi (%[\w-]+), (%[\w-]+) : index")
_PARALLEL = re.compile(r"scf\.parallel \(%\w+\) = \((%[\w-]+)\) to \((%[\w-]+)\)")
_VECTOR = re.compile(r"vector<([\dx]+)x(f32|f64)>")
_ACCESS = re.compile(r"vector\.(transfer_read|transfer_write|load|store)\b"
                     r"|memref\.(load|store)\b")


def _elements(shape):
    return math.prod(map(int, shape.split("x")))


def _blocks(body):
    """(line, the loops around it), each loop as its number of turns, None where that
    is not known when compiling."""
    constants = {name: int(value) for name, value in _CONSTANT.findall(body)}
    # Where a loop within a loop goes on from: "from %i to %i + 4" has 4 turns.
    behind = {name: (start, constants.get(count)) for name, start, count in _SUM.findall(body)}
    around = []
    for line in map(str.strip, body.splitlines()):
        if line.startswith("}"):
            around.pop()
        yield line, around
        if not line.endswith("{"):
            continue
        if match := _FOR.match(line):
            low, high, step = (constants.get(name) for name in match.groups())
            if match[2] in behind and behind[match[2]][0] == match[1]:
                low, high = 0, behind[match[2]][1]
            known = None not in (low, high, step)
            around.append(-(-(high - low) // step) if known else None)
        elif match := _PARALLEL.match(line):
            around.append(constants[match[2]] - constants[match[1]])
        else:
            around.append(1)


def _multiply_adds(line):
    if "vector.contract" in line:
        # Every index stands in two of the three operands.
        left, right, result = (_elements(shape) for shape, _ in _VECTOR.findall(line)[:3])
        return math.sqrt(left * right * result)
    if "math.fma" in line or "vector.fma" in line:
        match = _VECTOR.search(line)
        return _elements(match[1]) if match else 1
    return 0


def _accessed_bytes(line):
    if not _ACCESS.search(line):
        return 0
    match = _VECTOR.search(line)
    if match:
        return _elements(match[1]) * (8 if match[2] == "f64" else 4)
    return 4


def _kind(body):
    if "vector.contract" in body:
        return "matrix products"
    if re.search(r"(math|vector)\.fma", body):
        return "depthwise"
    if "math.exp" in body:
        return "sigmoids"
    if re.search(r"(arith|math)\.\w*[a-z]f\b|arith\.select|vector\.multi_reduction", body):
        return "element-wise and sums"
    if re.search(r"transfer_read|memref\.load|memref\.copy|vector\.load", body):
        return "copies"
    return "zeros"


def _kernel(arguments, body):
    multiply_adds = moved = 0
    for line, around in _blocks(body):
        turns = math.prod(n or 1 for n in around)
        multiply_adds += turns * _multiply_adds(line)
        moved += turns * _accessed_bytes(line)
    shapes = re.findall(r"memref<([\dx]+)xf\d+", arguments)
    return Kernel(_kind(body), multiply_adds, moved, shapes)


def read_kernels(text):
    """{name: Kernel}"""
    return {name: _kernel(arguments, body) for name, arguments, body in _FUNCTION.findall(text)
            if name.startswith("kernel")}


def read_loops(text, function):
    """The parallel loops of a function, in order."""
    body = next(body for name, _, body in _FUNCTION.findall(text) if name == function)
    loops, depth = [], 0
    for line, around in _blocks(body):
        if line.startswith("scf.parallel"):
            loops.append(Loop())
            depth = len(around) + 1
        if match := re.search(r"\bcall @(kernel\w*)\(", line):
            if loops and len(around) >= depth:
                inner = around[depth:]
                # The loop over a chunk's images is the one whose turns are not known.
                calls = loops[-1].per_image if None in inner else loops[-1].per_chunk
                calls[match[1]] += math.prod(n or 1 for n in inner)
    return loops


def number(loops):
    """The number of each loop's stage, None for loops that are none."""
    numbers = itertools.count()
    return [next(numbers) if loop.per_image else None for loop in loops]
