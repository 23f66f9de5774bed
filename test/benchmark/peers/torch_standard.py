"""The training step of examples/standard.toml in PyTorch, timed.

    python3 torch_standard.py [--batch 128] [--steps 10] [--threads N] [--mode MODE]
                              [--device cuda] [--precision f32|tf32|bf16] [--turns]

Written as a careful user would write it: channels_last throughout, no copies,
one convolution for each factor of a projection. MODE is

  eager    the equations as they stand, every term at every time step
  hoisted  the same by hand without what need not be done: area 3's input does
           not change over time, so it is projected once; a state that is still
           zero is not projected
  compile  hoisted, through torch.compile (PyTorch 2), with max-autotune: on a
           GPU forward and backward pass each are a CUDA graph
  reduce-overhead  the same without tuning (on a GPU)
  graphs   hoisted, the whole step in one CUDA graph

Prints one line of JSON with the keys of `EXE bench --json`. The step is forward
pass, loss with its L2 term, gradients, and SGD with momentum. On a GPU ten steps
are queued at a time, and a step is timed as a tenth of them. With --turns it
measures once for each line of its input, to take turns with other programs.
"""

import argparse
import contextlib
import json
import os
import resource
import statistics
import sys
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
        zero = torch.zeros(x.shape[0], channels, side, side, device=x.device)
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


def training_step(batch, mode, device, precision):
    """A function that begins a training step."""
    torch.manual_seed(0)
    on_gpu = device == "cuda"
    if on_gpu:
        torch.backends.cudnn.benchmark = True
        torch.backends.cuda.matmul.allow_tf32 = precision != "f32"
        torch.backends.cudnn.allow_tf32 = precision != "f32"
    network = Standard(hoist=mode != "eager").to(device, memory_format=torch.channels_last)
    compiled = {"compile": "max-autotune", "reduce-overhead": "reduce-overhead"}.get(mode)
    run = torch.compile(network, mode=compiled) if compiled else network
    # weight_decay is the gradient of the L2 term.
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-3, momentum=0.9,
                                weight_decay=2e-4)
    images = torch.randn(batch, 3, 32, 32).to(device, memory_format=torch.channels_last)
    labels = (torch.arange(batch) % 10).to(device)

    def update():
        with (torch.autocast(device, dtype=torch.bfloat16) if precision == "bf16"
              else contextlib.nullcontext()):
            loss = functional.cross_entropy(run(images), labels)
        loss.backward()
        optimizer.step()

    def step():
        if compiled and on_gpu:
            torch.compiler.cudagraph_mark_step_begin()
        optimizer.zero_grad(set_to_none=True)
        update()

    if mode != "graphs":
        return step
    # What is captured must have run before, on a stream of its own.
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for _ in range(5):
            step()
    torch.cuda.current_stream().wait_stream(side)
    # The gradients then are the graph's own, written anew by each replay.
    optimizer.zero_grad(set_to_none=True)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        update()
    return graph.replay


def measure(step, steps, device):
    """Seconds of each step."""
    queued = min(10, steps) if device == "cuda" else 1
    times = []
    for _ in range(steps // queued):
        if device == "cuda":
            torch.cuda.synchronize()
        begin = time.perf_counter()
        for _ in range(queued):
            step()
        if device == "cuda":
            torch.cuda.synchronize()
        times.append((time.perf_counter() - begin) / queued)
    return times


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--warm-up", type=int, help="default: 2, on a GPU 20")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--mode", default="eager",
                        choices=["eager", "hoisted", "compile", "reduce-overhead", "graphs"])
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", choices=["f32", "tf32", "bf16"], default="f32")
    parser.add_argument("--turns", action="store_true")
    options = parser.parse_args()
    if options.device == "cpu" and (options.mode == "graphs" or options.precision == "tf32"):
        parser.error("--mode graphs and --precision tf32 need --device cuda")
    if options.warm_up is None:
        options.warm_up = 20 if options.device == "cuda" else 2
    torch.set_num_threads(options.threads)
    name = f"PyTorch {torch.__version__}, {options.mode}"
    if options.precision != "f32" or options.device != "cpu":
        name += f", {options.precision}"
    step = None
    if options.turns:
        print("ready", flush=True)
    for _ in sys.stdin if options.turns else range(1):
        if not step:
            step = training_step(options.batch, options.mode, options.device,
                                 options.precision)
            measure(step, options.warm_up, options.device)
        times = measure(step, options.steps, options.device)
        median = statistics.median(times)
        print(json.dumps({
            "circuit": name,
            "device": options.device,
            "threads": torch.get_num_threads(),
            "batch": options.batch,
            "steps": options.steps,
            "median_ms": 1e3 * median,
            "min_ms": 1e3 * min(times),
            "images_per_s": options.batch / median,
            "peak_bytes": torch.cuda.max_memory_allocated() if options.device == "cuda"
                          else 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        }), flush=True)


if __name__ == "__main__":
    main()
