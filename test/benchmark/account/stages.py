"""The stages of a training step, read from `dale compile --emit=fused`."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass


@dataclass
class Stage:
    name: str
    backward: bool
    maps: list[str]        # sizes of the maps that it works on, the largest first
    operations: Counter    # of the dialect, by their names
    read: int              # bytes an image, from other stages and the batch
    written: int

    def describe(self):
        products = self.operations["pointwise_conv"] + self.operations["conv"]
        depthwise = self.operations["depthwise_conv"]
        gradients = sum(n for name, n in self.operations.items() if name.endswith("filter_grad"))
        parts = [f"{n} {what}" for n, what in ((products, "products"), (depthwise, "depthwise"),
                                               (gradients, "weight gradients")) if n]
        return f"{', '.join(self.maps)}: {', '.join(parts) or 'element-wise'}"


_FUNCTION = re.compile(r"^  func\.func (?:private )?@(\w+)\((.*?)\n(.*?)^  \}\n", re.S | re.M)
_CALL = re.compile(r"call @(stage\w*)\(")
_BATCHED = re.compile(r"tensor<\?((?:x\d+)*)x([fi])(\d+)>")


def _bytes(types):
    total = 0
    for shape, _, bits in _BATCHED.findall(types):
        elements = 1
        for size in shape.split("x")[1:]:
            elements *= int(size)
        total += elements * int(bits) // 8
    return total


def read_stages(text, function="train_step"):
    """The stages over the batch, in the order in which they run."""
    functions = {name: (head, body) for name, head, body in _FUNCTION.findall(text)}
    stages, backward = [], False
    for name in _CALL.findall(functions[function][1]):
        head, body = functions[name]
        arguments, _, results = head.partition(" -> ")
        if not _BATCHED.search(head):
            continue  # runs once, on parameters and sums
        operations = Counter(re.findall(r"\bdale\.(\w+)", body))
        backward = backward or operations["softmax_cross_entropy_grad"] > 0
        sizes = {(int(h), int(w)) for h, w in
                 re.findall(r"tensor<1x(\d+)x(\d+)x\d+xf\d+>", body)}
        stages.append(Stage(name, backward,
                            [f"{h} x {w}" for h, w in sorted(sizes, reverse=True)],
                            operations, _bytes(arguments), _bytes(results)))
    return stages
