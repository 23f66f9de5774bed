#!/usr/bin/env python3
"""Golden values of the paper's circuits, computed by PyTorch in double precision.

    test/golden/reference/paper.py [FOLDER]      writes FOLDER/NAME.*.safetensors

The equations of docs/models.md once more, without a look at how dale computes
them. Of a circuit that differs from another only in its equations, weights and
batch are links to the other's. Values of Standard, StandardEI and Standard_InhPN
are older than this script, from another implementation: they are what it is held
against, before it writes anything. The files beside it were written with PyTorch
2.15 and NumPy 2.4; other versions differ in the last digits.
"""

import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from common import GOLDEN, per_channel, pool, read, write

STEPS, CLASSES, BATCH, FEED_FORWARD = 3, 10, 4, (4, 6)
PRINCIPAL, INTERNEURONS = 8, 4  # channels in area 3, twice as many in area 4
LAMBDA, RATE, MOMENTUM, DECAY, EPSILON = 2e-4, 0.1, 0.9, 0.997, 1e-5


@dataclass(frozen=True)
class Circuit:
    """How a circuit differs from Standard."""

    # "gated" (equation 2), "subtracted" (…_SSub) or "leaky" (equation 1).
    kind: str = "gated"
    populations: tuple = ("PN", "IG", "OG")
    constraint: str = "abs"
    regular: bool = False  # kernels that are not separable
    inhibitory: bool = False  # InhPN: the signs of local projections are flipped
    input_gate: str = "multiply"
    output_gate: str = "subtract"
    # What is normalized: the memory C, or currents of populations.
    norms: tuple = ("C",)
    shared_norm: bool = False
    readout: str = "last"
    l2_norms: bool = True
    # Only evaluation, which it is off in, can be told without dale's masks.
    dropout: bool = False
    # What biases are about, where gates that open would leave everything silent.
    bias: float = 0
    height: int = 8
    width: int = 8
    # Whose weights and batch these are, unless the circuit's own.
    weights: str = ""
    batch: str = "Standard"
    # Whether there are golden values of a second step, with its momentum.
    second: bool = False


NO_OG = ("PN", "IG")
EI = dict(kind="leaky", populations=("E", "I"), norms=("E",), weights="StandardEI", batch="StandardEI")

# These exist.
GIVEN = {
    "Standard": Circuit(weights="Standard"),
    "StandardEI": Circuit(**EI),
    "Standard_InhPN": Circuit(inhibitory=True, weights="Standard_InhPN", batch="Standard_InhPN"),
}

CIRCUITS = {
    "StandardEI_InhPN": Circuit(**EI, inhibitory=True),
    "Standard_NoConstraint": Circuit(constraint="free", weights="Standard", second=True),
    "StandardEI_NoConstraint": Circuit(**EI, constraint="free"),
    "Standard_Rectified": Circuit(constraint="rectify", weights="Standard"),
    "Standard_RegularConv": Circuit(regular=True),
    "Standard_SharedNorm": Circuit(shared_norm=True),
    "Standard_Rect": Circuit(height=10, width=14, weights="Standard", batch=""),
    "InhPN_InSub_OutMul_NoL2Norms": Circuit(
        inhibitory=True, input_gate="subtract", output_gate="multiply", l2_norms=False,
        bias=0.5, second=True,
    ),
    "NoOG_ECurrBN": Circuit(populations=NO_OG, output_gate="", norms=("PN",)),
    "NoOG_ECurrBN_SSub": Circuit(kind="subtracted", populations=NO_OG, norms=("PN",)),
    "NoOG_ECurrBN_SSub_SFG_RecurrI": Circuit(kind="leaky", populations=NO_OG, norms=("PN",)),
    "NoPNCCellBN": Circuit(norms=()),
    "PNCCellDrpt": Circuit(norms=(), dropout=True, weights="NoPNCCellBN"),
    "PNCCellDrpt_AddOGDrpt": Circuit(norms=(), dropout=True, weights="NoPNCCellBN"),
    "AddIGCurrBN": Circuit(norms=("C", "IG")),
    "AddOGCurrBN": Circuit(norms=("C", "OG")),
    "EI_CurrBN_ICurrBN": Circuit(**(EI | dict(norms=("E", "I"), weights=""))),
}
for time in "Last", "Sum":
    for into, input_gate in ("Mul", "multiply"), ("Sub", "subtract"):
        for out, output_gate in ("Mul", "multiply"), ("Sub", "subtract"):
            CIRCUITS[f"{time}T_In{into}_Out{out}"] = Circuit(
                input_gate=input_gate, output_gate=output_gate, readout=time.lower(), weights="Standard"
            )


# What a circuit's variables are. ----------------------------------------------

def projections_of(circuit):
    principal, *others = circuit.populations
    gates = [] if circuit.kind == "leaky" else ["f"]
    pairs = [(source, target) for source in ("input", principal)
             for target in (*circuit.populations, *gates)]
    if circuit.kind == "leaky":
        return pairs + [(others[0], principal), (others[0], others[0])]
    if circuit.kind == "subtracted":
        return pairs + [("IG", "PN")]
    return pairs + [("IG", "i")] + [("OG", "o")] * ("OG" in others)


def shapes_of(circuit):
    """name -> shape, of parameters and of averages."""
    parameters, averages = {}, {}

    def norm(name, *shape):
        for what in "scale", "offset":
            parameters[f"{name}.norm.{what}"] = shape
        for what in "mean", "variance":
            averages[f"{name}.norm.{what}"] = shape

    below = 3
    for area, channels in zip(("area1", "area2"), FEED_FORWARD):
        parameters[f"{area}.weight"] = (3, 3, below, channels)
        norm(area, channels)
        below = channels
    for area, factor in ("area3", 1), ("area4", 2):
        principal = circuit.populations[0]
        size = {name: factor * INTERNEURONS for name in circuit.populations}
        size |= {name: factor * PRINCIPAL for name in (principal, "f", "i", "o")}
        size["input"] = below
        projections = projections_of(circuit)
        for source, target in projections:
            name = f"{area}.{source}_to_{target}"
            if circuit.regular:
                parameters[f"{name}.weight"] = (3, 3, size[source], size[target])
            else:
                parameters[f"{name}.depthwise"] = (3, 3, size[source])
                parameters[f"{name}.pointwise"] = (size[source], size[target])
        for target in dict.fromkeys(target for _, target in projections):
            parameters[f"{area}.{target}.bias"] = (size[target],)
        if circuit.kind == "leaky":
            for name in circuit.populations:
                parameters[f"{area}.f{name}.leak"] = (size[name],)
        for on in circuit.norms:
            name = principal if on == "C" else on
            shape = (size[name],) if circuit.shared_norm else (STEPS, size[name])
            norm(f"{area}.{name}", *shape)
        below = size[principal]
    parameters["readout.weight"] = (below, CLASSES)
    parameters["readout.bias"] = (CLASSES,)
    return parameters, averages


# Mean and standard deviation: with these, no population falls silent.
DISTRIBUTIONS = {
    "depthwise": (0, 0.12), "bias": (0, 0.25), "leak": (0, 0.3), "scale": (1, 0.2),
    "offset": (0.3, 0.25), "mean": (0.1, 0.25), "variance": (1, 0.2),
}  # fmt: skip


def distribution_of(name, shape):
    kind = name.split(".")[-1]
    if kind == "pointwise":
        return 0, 0.55 / shape[0]
    if kind == "weight":
        recurrent = "_to_" in name
        return 0, (0.07 / shape[2] if recurrent else 0.2)
    return DISTRIBUTIONS[kind]


def random_weights(circuit, random):
    """In single precision, which circuits of both can read."""
    parameters, averages = shapes_of(circuit)
    weights = {}
    for name, shape in (parameters | averages).items():
        mean, deviation = distribution_of(name, shape)
        mean += circuit.bias * name.endswith(".bias")
        values = mean + deviation * random.standard_normal(shape)
        weights[name] = (abs(values) if name.endswith(".variance") else values).astype(np.float32)
    return weights


# The equations, on maps [N, C, H, W]. -----------------------------------------

class Network:
    def __init__(self, circuit, parameters, averages, training):
        self.circuit, self.training = circuit, training
        self.p, self.averages = parameters, dict(averages)

    def norm(self, name, x, step=None):
        """Batch norm, with the variables of its time step where it has such."""
        name += ".norm."
        of_step = lambda v: v if v.dim() == 1 else v[step]
        mean, variance = (of_step(self.averages[name + what]) for what in ("mean", "variance"))
        if self.training:
            n = x.numel() / x.shape[1]
            mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
            self.move(name + "mean", mean.detach(), step)
            self.move(name + "variance", variance.detach() * n / (n - 1), step)
        x = (x - per_channel(mean)) / torch.sqrt(per_channel(variance) + EPSILON)
        scale, offset = (of_step(self.p[name + what]) for what in ("scale", "offset"))
        return x * per_channel(scale) + per_channel(offset)

    def move(self, name, value, step):
        moved = self.averages[name].clone()
        part = moved if moved.dim() == 1 else moved[step]
        part.copy_(DECAY * part + (1 - DECAY) * value)
        self.averages[name] = moved

    def constrained(self, name):
        constraint = {"abs": torch.abs, "rectify": torch.relu, "free": lambda w: w}
        return constraint[self.circuit.constraint](self.p[name])

    def project(self, area, source, target, x):
        """W * x; nothing of what is not there at the first step."""
        if x is None:
            return 0
        name = f"{area}.{source}_to_{target}"
        if self.circuit.regular:
            return F.conv2d(x, self.constrained(name + ".weight").permute(3, 2, 0, 1), padding=1)
        depthwise = self.constrained(name + ".depthwise").permute(2, 0, 1)[:, None]
        x = F.conv2d(x, depthwise, padding=1, groups=x.shape[1])
        return F.conv2d(x, self.constrained(name + ".pointwise").T[:, :, None, None])

    def run(self, images):
        """Logits, and the mean activity of each population."""
        x = torch.tensor(images.astype(np.float64)).permute(0, 3, 1, 2)
        for area, stride in ("area1", 1), ("area2", 2):
            x = F.conv2d(x, self.p[area + ".weight"].permute(3, 2, 0, 1), padding=1)
            x = pool(torch.relu(self.norm(area, x)), stride)
        areas = Area(self, "area3"), Area(self, "area4")
        principal = self.circuit.populations[0]
        outputs = []
        for _ in range(STEPS):
            y = x
            for area in areas:
                y = pool(area.step(y)[principal], 2)
            outputs.append(areas[-1].history[-1][principal])
        y = sum(outputs) if self.circuit.readout == "sum" else outputs[-1]
        logits = pool(y, 2).mean((2, 3)) @ self.p["readout.weight"] + self.p["readout.bias"]
        responses = {
            f"response.{area.name}.{name}":
                (sum(step[name] for step in area.history) / STEPS).permute(0, 2, 3, 1)
            for area in areas for name in self.circuit.populations
        }
        return logits, responses


class Area:
    """A recurrent area; `history` has what each time step left."""

    def __init__(self, network, name):
        self.network, self.circuit, self.name = network, network.circuit, name
        self.history = []

    def before(self, name):
        """Of the step before: at the first, all is 0."""
        return self.history[-1][name] if self.history else None

    def bias(self, target):
        return per_channel(self.network.p[f"{self.name}.{target}.bias"])

    def norm(self, on, x):
        if on not in self.circuit.norms:
            return x
        name = self.circuit.populations[0] if on == "C" else on
        return self.network.norm(f"{self.name}.{name}", x, len(self.history))

    def project(self, source, target, x):
        return self.network.project(self.name, source, target, x)

    def current(self, target, X):
        """What X and the principal population drive: W * X + W * PN + b."""
        principal = self.circuit.populations[0]
        local = -1 if self.circuit.inhibitory else 1
        return self.project("input", target, X) + self.bias(target) \
            + local * self.project(principal, target, self.before(principal))

    def step(self, X):
        self.history.append(getattr(self, self.circuit.kind)(X))
        return self.history[-1]

    def gate(self, kind, x, current):
        """x behind a gate that interneurons close; those of InhPN open it."""
        opens = self.circuit.inhibitory
        if kind == "multiply":
            g = torch.sigmoid(current)
            return torch.relu(x) * (g if opens else 1 - g)
        return torch.relu(x + torch.relu(current) - 1 if opens else x - torch.relu(current))

    def remember(self, f, candidate):
        C = self.before("C")
        return candidate if C is None else f * C + candidate

    def gated(self, X):
        """Equation 2."""
        circuit = self.circuit
        f = torch.sigmoid(self.current("f", X) + 1)
        now = {"IG": torch.relu(self.norm("IG", self.current("IG", X)))}
        candidate = self.gate(circuit.input_gate, self.norm("PN", self.current("PN", X)),
                              self.project("IG", "i", now["IG"]) + self.bias("i"))
        now["C"] = now["PN"] = self.norm("C", self.remember(f, candidate))
        if "OG" in circuit.populations:
            now["OG"] = torch.relu(self.norm("OG", self.current("OG", X)))
            now["PN"] = self.gate(circuit.output_gate, now["C"],
                                  self.project("OG", "o", now["OG"]) + self.bias("o"))
        return now

    def subtracted(self, X):
        """Appendix C.2: IG is subtracted within PN's current."""
        f = torch.sigmoid(self.current("f", X) + 1)
        IG = torch.relu(self.current("IG", X))
        current = self.norm("PN", self.current("PN", X) - self.project("IG", "PN", IG))
        C = self.remember(f, torch.relu(current))
        return {"PN": C, "C": C, "IG": IG}

    def leaky(self, X):
        """Equation 1: all populations read those of the step before."""
        interneurons = self.circuit.populations[1]
        local = -1 if self.circuit.inhibitory else 1
        now = {}
        for target in self.circuit.populations:
            inhibition = self.project(interneurons, target, self.before(interneurons))
            current = self.norm(target, self.current(target, X) - local * inhibition)
            f = torch.sigmoid(per_channel(self.network.p[f"{self.name}.f{target}.leak"]) + 1)
            now[target] = (1 - f) * torch.relu(current)
            if self.history:
                now[target] = now[target] + f * self.before(target)
        return now


# Golden values. ----------------------------------------------------------------

class Training:
    """Steps of gradient descent on one batch."""

    def __init__(self, circuit, weights, batch):
        self.circuit, self.images = circuit, batch["images"]
        self.labels = torch.tensor(batch["labels"].astype(np.int64))
        names, of_norms = shapes_of(circuit)
        tensor = lambda name: torch.tensor(weights[name].astype(np.float64))
        self.parameters = {name: tensor(name) for name in names}
        self.averages = {name: tensor(name) for name in of_norms}
        self.momenta = {name: torch.zeros_like(w) for name, w in self.parameters.items()}

    def evaluate(self):
        network = Network(self.circuit, self.parameters, self.averages, training=False)
        logits, responses = network.run(self.images)
        return {"logits_eval": logits} | responses

    def step(self):
        """What `step` writes, but for the evaluation."""
        leaves = {name: w.clone().requires_grad_() for name, w in self.parameters.items()}
        network = Network(self.circuit, leaves, self.averages, training=True)
        logits, _ = network.run(self.images)
        loss = F.cross_entropy(logits, self.labels)
        penalized = (w for name, w in leaves.items() if self.circuit.l2_norms or ".norm." not in name)
        total = loss + LAMBDA / 2 * sum((w ** 2).sum() for w in penalized)
        total.backward()
        for name, w in leaves.items():
            self.momenta[name] = MOMENTUM * self.momenta[name] + w.grad
            self.parameters[name] = w.detach() - RATE * self.momenta[name]
        self.averages = network.averages
        return {"logits": logits, "loss": loss.reshape(1), "loss_total": total.reshape(1),
                **{"grad." + name: w.grad for name, w in leaves.items()}}

    def next(self):
        """What the step leaves."""
        return {"next." + name: w for name, w in (self.parameters | self.averages).items()}


def golden_values(circuit, weights, batch):
    """Those of the first step, and of the second without its gradients."""
    training = Training(circuit, weights, batch)
    first = training.evaluate()
    if circuit.dropout:
        return numpy(first), {}
    first |= training.step() | training.next()
    second = training.step() | training.next()
    return numpy(first), numpy({n: v for n, v in second.items() if not n.startswith("grad.")})


def numpy(tensors):
    return {name: value.detach().numpy() for name, value in tensors.items()}


def file_of(folder, name, what):
    return folder / f"{name}.{what}.safetensors"


def inputs(name, circuit, folder):
    """Weights and batch: written, or linked to those of another circuit."""
    random = np.random.default_rng(zlib.crc32(name.encode()))
    result = []
    for what, source in ("weights", circuit.weights), ("batch", circuit.batch):
        file = file_of(folder, name, what)
        file.unlink(missing_ok=True)
        if source:
            file.symlink_to(file_of(Path(), source, what))
            owner = GOLDEN if source in GIVEN else folder
            result.append(read(file_of(owner, source, what)))
            continue
        if what == "weights":
            tensors = random_weights(circuit, random)
        else:
            shape = BATCH, circuit.height, circuit.width, 3
            tensors = {"images": random.standard_normal(shape).astype(np.float32),
                       "labels": random.integers(0, CLASSES, BATCH).astype(np.int32)}
        write(file, tensors)
        result.append(tensors)
    return result


def check_alive(name, circuit, weights, values):
    """Of what is silent, golden values would tell nothing."""
    for key, value in values.items():
        if key.startswith("response."):
            assert (value > 0).mean() > 0.1, f"{name}: {key} is silent"
        variable = key.removeprefix("grad.")
        # A bias before a batch norm changes nothing.
        bias_of_norm = variable.endswith(".bias") and variable.split(".")[-2] in circuit.norms
        if key != variable and not bias_of_norm:
            penalty = 0 if ".norm." in key and not circuit.l2_norms else LAMBDA
            error = value - penalty * weights[variable]
            assert abs(error).max() > 1e-7, f"{name}: {key} comes from the L2 loss alone"


def check(name, circuit):
    """Holds this script against another implementation."""
    weights = read(file_of(GOLDEN, circuit.weights, "weights"))
    batch = read(file_of(GOLDEN, circuit.batch, "batch"))
    for what, values in zip(("expected", "second"), golden_values(circuit, weights, batch)):
        if not (file := file_of(GOLDEN, name, what)).exists():
            continue
        for key, golden in read(file).items():
            difference = abs(values[key] - golden).max() / max(abs(golden).max(), 0.01)
            assert difference < 1e-12, f"{name}: {key} is {difference:.1e} apart"


def main():
    torch.set_num_threads(1)  # the same bits on any machine
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else GOLDEN
    for name, circuit in GIVEN.items():
        check(name, circuit)
    for name, circuit in CIRCUITS.items():
        weights, batch = inputs(name, circuit, folder)
        first, second = golden_values(circuit, weights, batch)
        check_alive(name, circuit, weights, first)
        # A first step leaves w - rate * gradient: its averages are enough.
        stored = {key: value for key, value in first.items()
                  if not key.startswith("next.") or ".norm.mean" in key or ".norm.variance" in key}
        write(file_of(folder, name, "expected"), stored)
        if circuit.second:
            write(file_of(folder, name, "second"), second)


if __name__ == "__main__":
    main()
