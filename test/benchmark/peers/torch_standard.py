"""The training step of examples/standard.toml in PyTorch, timed on the CPU.

    python3 torch_standard.py [--batch 128] [--steps 10] [--threads N] [--mode MODE]

Written as a careful user would write it: channels_last throughout, no copies,
one convolution for each factor of a projection. MODE is

  eager    the equations as they stand, every term at every time step
  hoisted  the same by hand without what need not be done: area 3's input does
           not change over time, so it is projected once; a state that is still
           zero is not projected
  compile  hoisted, through torch.compile (PyTorch 2)

Prints one line of JSON with the keys of `EXE bench --json`. The step is forward
pass, loss with its L2 term, gradients, and SGD with momentum.
"""

import argparse
import json
import os
import resource
import statistics
import time

import torch
from torch import nn
from torch.nn import functional


def glorot(*shape, fan_in, fan_out):
    bound = (6 / (fan_in + fan_out)) ** 0.5
    return nn.Parameter(torch.empty(shape).uniform_(-bound, bound))


def pool(x, stride):
    """3x3 max pooling, padded as TensorFlow's "same": the smaller half first."""
    if stride == 1:
        return functional.max_pool2d(x, 3, stride=1, padding=1)
    padded = functional.pad(x, (0, 1, 0, 1), value=float("-inf"))
    return functional.max_pool2d(padded, 3, stride=stride)



class Projection(nn.Module):
    """Depthwise then pointwise, both factors with the sign that Dale's law asks."""

    def __init__(self, source, target):
        super().__init__()
        self.depthwise = glorot(source, 1, 3, 3, fan_in=9 * source, fan_out=9)
        self.pointwise = glorot(target, source, 1, 1, fan_in=source, fan_out=target)

    def forward(self, x, bias=None):
        x = functional.conv2d(x, self.depthwise.abs(), padding=1, groups=x.shape[1])
        return functional.conv2d(x, self.pointwise.abs(), bias)


class Area(nn.Module):
    """A recurrent area: principal neurons, input and output gating interneurons."""

    def __init__(self, source, principal, interneurons, steps):
        super().__init__()
        targets = {"f": principal, "IG": interneurons, "OG": interneurons, "PN": principal}
        self.targets = list(targets)
        self.long_range = nn.ModuleDict({t: Projection(source, n) for t, n in targets.items()})
        self.local = nn.ModuleDict({t: Projection(principal, n) for t, n in targets.items()})
        self.ig_to_i = Projection(interneurons, principal)
        self.og_to_o = Projection(interneurons, principal)
        sizes = dict(targets, i=principal, o=principal)
        self.bias = nn.ParameterDict(
            {t: nn.Parameter(torch.zeros(n)) for t, n in sizes.items()})
        self.norm = nn.ModuleList(
            nn.BatchNorm2d(principal, eps=1e-5, momentum=0.003) for _ in range(steps))

    def project_input(self, x):
        return {t: self.long_range[t](x, self.bias[t]) for t in self.targets}

    def step(self, t, current, memory, principal):
        """Equation 2. `current` is what project_input made of the input; memory
        and principal are those of the step before, None where they are zero."""
        if principal is not None:
            current = {k: v + self.local[k](principal) for k, v in current.items()}
        i = torch.sigmoid(self.ig_to_i(torch.relu(current["IG"]), self.bias["i"]))
        o = torch.relu(self.og_to_o(torch.relu(current["OG"]), self.bias["o"]))
        new = (1 - i) * torch.relu(current["PN"])
        if memory is not None:
            new = new + torch.sigmoid(current["f"] + 1) * memory
        memory = self.norm[t](new)
        return memory, torch.relu(memory - o)


class Standard(nn.Module):
    def __init__(self, hoist, steps=4, classes=10):
        super().__init__()
        self.hoist, self.steps = hoist, steps
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(16, eps=1e-5, momentum=0.003)
        self.norm2 = nn.BatchNorm2d(32, eps=1e-5, momentum=0.003)
        self.area3 = Area(32, 64, 16, steps)
        self.area4 = Area(64, 128, 32, steps)
        self.readout = nn.Linear(128, classes)

    def zero_state(self, x, channels, side):
        if self.hoist:
            return None, None
        zero = torch.zeros(x.shape[0], channels, side, side)
        zero = zero.contiguous(memory_format=torch.channels_last)
        return zero, zero

    def forward(self, x):
        x = pool(torch.relu(self.norm1(self.conv1(x))), 1)
        x = pool(torch.relu(self.norm2(self.conv2(x))), 2)
        state3 = self.zero_state(x, 64, x.shape[2])
        state4 = self.zero_state(x, 128, x.shape[2] // 2)
        current3 = self.area3.project_input(x) if self.hoist else None
        for t in range(self.steps):
            current = current3 or self.area3.project_input(x)
            state3 = self.area3.step(t, current, *state3)
            current = self.area4.project_input(pool(state3[1], 2))
            state4 = self.area4.step(t, current, *state4)
        return self.readout(pool(state4[1], 2).mean((2, 3)))


def measure(batch, steps, warm_up, mode):
    torch.manual_seed(0)
    network = Standard(hoist=mode != "eager").to(memory_format=torch.channels_last)
    run = torch.compile(network, mode="max-autotune") if mode == "compile" else network
    # weight_decay is the gradient of the L2 term.
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-3, momentum=0.9,
                                weight_decay=2e-4)
    images = torch.randn(batch, 3, 32, 32).to(memory_format=torch.channels_last)
    labels = torch.arange(batch) % 10

    times = []
    for _ in range(warm_up + steps):
        begin = time.perf_counter()
        optimizer.zero_grad(set_to_none=True)
        functional.cross_entropy(run(images), labels).backward()
        optimizer.step()
        times.append(time.perf_counter() - begin)
    return times[warm_up:]


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--warm-up", type=int, default=2)
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--mode", choices=["eager", "hoisted", "compile"], default="eager")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    times = measure(options.batch, options.steps, options.warm_up, options.mode)
    median = statistics.median(times)
    print(json.dumps({
        "circuit": f"PyTorch {torch.__version__}, {options.mode}",
        "device": "cpu",
        "threads": torch.get_num_threads(),
        "batch": options.batch,
        "steps": options.steps,
        "median_ms": 1e3 * median,
        "min_ms": 1e3 * min(times),
        "images_per_s": options.batch / median,
        "peak_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
    }))


if __name__ == "__main__":
    main()
