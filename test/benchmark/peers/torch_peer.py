"""The training step of a circuit in PyTorch, timed.

    python3 torch_peer.py CIRCUIT [--batch 128] [--steps 10] [--threads N] [--mode MODE]
                          [--device cuda] [--precision f32|tf32|bf16] [--turns]
    python3 torch_peer.py CIRCUIT --check WEIGHTS BATCH OUT [--mode MODE]

Written as a careful user would write it: channels_last throughout, no copies,
one convolution for each factor of a projection. MODE is

  eager    the equations as they stand, every term at every time step
  hoisted  the same by hand without what need not be done: the input of the first
           recurrent area does not change over time, so it is projected once; a
           state that is still zero is not projected
  compile  hoisted, through torch.compile (PyTorch 2), with max-autotune: on a
           GPU forward and backward pass each are a CUDA graph
  reduce-overhead  the same without tuning (on a GPU)
  graphs   hoisted, the whole step in one CUDA graph

The step is forward pass, loss with its L2 term, gradients, and SGD with momentum.
On a GPU ten steps are queued at a time, and a step is timed as a tenth of them.
"""

import contextlib

import numpy as np
import torch
from torch import nn
from torch.nn import functional

import circuit as circuits
import common

MODES = ["eager", "hoisted", "compile", "reduce-overhead", "graphs"]


def pad_same(x, window, stride, value=0.0):
    """Pads as TensorFlow's "same": the smaller half first."""
    halves = []
    for size in (x.shape[3], x.shape[2]):
        total = max((-(-size // stride) - 1) * stride + window - size, 0)
        halves += [total // 2, total - total // 2]
    return functional.pad(x, halves, value=value) if any(halves) else x


def to_torch(name, value):
    """A variable of dale's as PyTorch lays it out, by the names it gets there: a
    norm's variables are one tensor a time step."""
    value = torch.from_numpy(np.array(value, dtype=np.float32))
    if ".norm." in name and value.ndim == 2:
        return {f"{name}/{t}": row.clone() for t, row in enumerate(value)}
    if name.endswith(".depthwise"):
        value = value.permute(2, 0, 1).unsqueeze(1)
    elif name.endswith(".pointwise"):
        value = value.t()[:, :, None, None]
    elif value.ndim == 4:
        value = value.permute(3, 2, 0, 1)
    if value.ndim == 4:
        value = value.contiguous(memory_format=torch.channels_last)
    return {name: value.contiguous() if value.ndim != 4 else value}


def from_torch(values):
    """The inverse of to_torch, of all variables."""
    found = {}
    for key, value in values.items():
        name, _, step = key.partition("/")
        value = value.detach().cpu()
        if name.endswith(".depthwise"):
            value = value.squeeze(1).permute(1, 2, 0)
        elif name.endswith(".pointwise"):
            value = value[:, :, 0, 0].t()
        elif value.ndim == 4:
            value = value.permute(2, 3, 1, 0)
        if step:
            found.setdefault(name, []).append(value.numpy())
        else:
            found[name] = value.numpy()
    return {name: np.stack(value) if isinstance(value, list) else value
            for name, value in found.items()}


def module_name(name):
    """A variable's name as modules allow it."""
    return name.replace(".", "__")


class Operations(circuits.Operations):
    def __init__(self, network):
        self.network = network

    def variable(self, name):
        return getattr(self.network, module_name(name))

    def parameter(self, name):
        # What has a value a channel is added to maps.
        value = self.variable(name)
        return value[:, None, None] if name.endswith(".leak") else value

    def convolve(self, area, x):
        weight = self.variable(f"{area.name}.weight")
        if area.stride == 1:
            return functional.conv2d(x, weight, padding=area.kernel // 2)
        return functional.conv2d(pad_same(x, area.kernel, area.stride), weight,
                                 stride=area.stride)

    def project(self, projection, x, bias):
        depthwise, pointwise = (self.variable(f"{projection.name}.{factor}")
                                for factor in ("depthwise", "pointwise"))
        if projection.constrained:
            depthwise, pointwise = depthwise.abs(), pointwise.abs()
        x = functional.conv2d(x, depthwise, padding=projection.size // 2, groups=x.shape[1])
        return functional.conv2d(x, pointwise, bias)

    def normalize(self, norm, t, x):
        step = "" if t is None else f"/{t}"
        scale, offset = (self.variable(f"{norm.name}.{key}{step}")
                         for key in ("scale", "offset"))
        mean, variance = (self.variable(f"{norm.name}.{key}{step}")
                          for key in ("mean", "variance"))
        return functional.batch_norm(x, mean, variance, scale, offset, training=True,
                                     momentum=1 - norm.decay, eps=norm.epsilon)

    def pool(self, x, stride):
        if stride == 1:
            return functional.max_pool2d(x, 3, stride=1, padding=1)
        return functional.max_pool2d(pad_same(x, 3, stride, float("-inf")), 3, stride=stride)

    def relu(self, x):
        return torch.relu(x)

    def sigmoid(self, x):
        return torch.sigmoid(x)

    def zeros(self, x, channels):
        zero = torch.zeros(x.shape[0], channels, *x.shape[2:], device=x.device)
        return zero.contiguous(memory_format=torch.channels_last)

    def readout(self, x):
        return torch.addmm(self.variable("readout.bias"), x.mean((2, 3)),
                           self.variable("readout.weight"))


class Network(nn.Module):
    """A module, so that torch.compile knows that its variables stay where they are."""

    def __init__(self, circuit, parameters, averages, hoist):
        super().__init__()
        self.circuit, self.hoist = circuit, hoist
        for name, value in parameters.items():
            self.register_parameter(module_name(name), value)
        for name, value in averages.items():
            self.register_buffer(module_name(name), value)

    def forward(self, images):
        return circuits.forward(self.circuit, Operations(self), images, self.hoist)


class Trainer:
    def __init__(self, circuit, values, mode, device, precision):
        self.circuit, self.mode, self.device, self.precision = circuit, mode, device, precision
        parameters, averages = (
            {key: tensor.to(device) for name, value in part.items()
             for key, tensor in to_torch(name, value).items()} for part in values)
        self.parameters = {name: nn.Parameter(value) for name, value in parameters.items()}
        self.averages = averages
        network = Network(circuit, self.parameters, averages, hoist=mode != "eager")
        compiled = {"compile": "max-autotune", "reduce-overhead": "reduce-overhead"}.get(mode)
        self.is_compiled = compiled is not None
        self.run = torch.compile(network, mode=compiled) if compiled else network

    def optimizer(self, rate):
        # weight_decay is the gradient of the L2 term.
        decays = {name: self.circuit.decays(name) for name in self.parameters}
        groups = [{"params": [p for name, p in self.parameters.items() if decays[name] == on],
                   "weight_decay": self.circuit.l2 if on else 0.0} for on in (True, False)]
        return torch.optim.SGD([group for group in groups if group["params"]], lr=rate,
                               momentum=self.circuit.momentum)

    def forward(self, images, labels):
        """The logits, and the cross-entropy."""
        with (torch.autocast(self.device, dtype=torch.bfloat16) if self.precision == "bf16"
              else contextlib.nullcontext()):
            logits = self.run(images)
            return logits, functional.cross_entropy(logits, labels)

    def step(self, optimizer, images, labels):
        """A function that begins a training step."""
        def update():
            self.forward(images, labels)[1].backward()
            optimizer.step()

        def step():
            if self.is_compiled and self.device == "cuda":
                torch.compiler.cudagraph_mark_step_begin()
            optimizer.zero_grad(set_to_none=True)
            update()

        return capture(step, update, optimizer) if self.mode == "graphs" else step


def capture(step, update, optimizer):
    """A function that replays a step as a CUDA graph."""
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


def make_step(circuit, options):
    torch.manual_seed(0)
    device = options.device
    if device == "cuda":
        torch.backends.cudnn.benchmark = True
        torch.backends.cuda.matmul.allow_tf32 = options.precision != "f32"
        torch.backends.cudnn.allow_tf32 = options.precision != "f32"
    trainer = Trainer(circuit, circuits.initial_values(circuit), options.mode, device,
                      options.precision)
    height, width, channels = circuit.image
    images = torch.randn(options.batch, channels, height, width)
    images = images.to(device, memory_format=torch.channels_last)
    labels = (torch.arange(options.batch) % circuit.classes).to(device)
    step = trainer.step(trainer.optimizer(rate=1e-3), images, labels)
    return step, torch.cuda.synchronize if device == "cuda" else lambda: None


def check(circuit, options):
    weights, batch = (common.read_tensors(path) for path in options.check[:2])
    values = [{name: weights[name] for name in part} for part in circuits.initial_values(circuit)]
    trainer = Trainer(circuit, values, options.mode, "cpu", "f32")
    images = torch.from_numpy(batch["images"]).permute(0, 3, 1, 2)
    images = images.contiguous(memory_format=torch.channels_last)
    optimizer = trainer.optimizer(rate=0.1)
    logits, loss = trainer.forward(images, torch.from_numpy(batch["labels"]).long())
    loss.backward()
    parameters = trainer.parameters
    decaying = {name: circuit.l2 * circuit.decays(name) for name in parameters}
    total = loss + sum(decaying[name] / 2 * p.square().sum() for name, p in parameters.items())
    gradients = from_torch({name: p.grad + decaying[name] * p for name, p in parameters.items()})
    optimizer.step()
    following = from_torch(parameters | trainer.averages)
    common.write_tensors(options.check[2], {
        "logits": logits.detach().numpy(), "loss": loss.detach().numpy().reshape(1),
        "loss_total": total.detach().numpy().reshape(1),
        **{f"grad.{name}": value for name, value in gradients.items()},
        **{f"next.{name}": value for name, value in following.items()}})


def main():
    options = common.parse_arguments(__doc__, MODES)
    circuit = circuits.read(options.circuit)
    torch.set_num_threads(options.threads)
    if options.check:
        return check(circuit, options)
    name = f"PyTorch {torch.__version__}, {options.mode}"
    if options.precision != "f32" or options.device != "cpu":
        name += f", {options.precision}"
    common.serve(options, name, lambda: make_step(circuit, options),
                 lambda: torch.cuda.max_memory_allocated())


if __name__ == "__main__":
    main()
