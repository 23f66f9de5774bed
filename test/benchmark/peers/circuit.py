"""Circuits as peers compute them: read from an effective circuit file, which
`dale show --format=toml` and `EXE info --source` write, and written down once
for all frameworks, whose arithmetic is given as an `Operations`.

Only what the measured circuits need is known: the rest is refused.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

try:
    import tomllib
except ImportError:  # before Python 3.11
    from pip._vendor import tomli as tomllib


class Unsupported(Exception):
    """What a circuit file asks for and peers do not compute."""


@dataclass
class Norm:
    name: str
    decay: float
    epsilon: float


@dataclass
class Projection:
    name: str  # of its variables: AREA.SOURCE_to_TARGET
    source: str
    sign: int
    constrained: bool
    size: int
    channels: tuple[int, int]


@dataclass
class Gate:
    name: str
    acts: str
    kind: str
    offset: float
    bias: str
    projections: list[Projection] = field(default_factory=list)


@dataclass
class Population:
    name: str
    channels: int
    principal: bool
    bias: str
    norm: Norm | None
    norm_on: str
    gates: dict[str, Gate] = field(default_factory=dict)  # by what they act on
    projections: list[Projection] = field(default_factory=list)

    @property
    def has_memory(self):
        return "memory" in self.gates


@dataclass
class Area:
    name: str
    stride: int  # of the pool
    populations: list[Population]

    @property
    def principal(self):
        return next(p for p in self.populations if p.principal)


@dataclass
class FeedForward:
    name: str
    channels: tuple[int, int]
    kernel: int
    stride: int
    norm: Norm
    pool_stride: int


@dataclass
class Circuit:
    name: str
    steps: int
    image: tuple[int, int, int]
    classes: int
    momentum: float
    l2: float
    l2_norms: bool
    feed_forward: list[FeedForward]
    areas: list[Area]

    def norms(self):
        """(norm, shape) of each: recurrent areas have one of each time step."""
        for area in self.feed_forward:
            yield area.norm, (area.channels[1],)
        for area in self.areas:
            for population in area.populations:
                if population.norm:
                    yield population.norm, (self.steps, population.channels)

    def decays(self, parameter):
        """Whether the loss has an L2 term of a parameter."""
        return self.l2_norms or ".norm." not in parameter


# ===------------------------------------------------------------------------===
# Reading
# ===------------------------------------------------------------------------===


def read(path):
    table = tomllib.loads(Path(path).read_text())
    head, training = table["circuit"], table["training"]
    size = head["input"]
    image = size["height"], size["width"], size["channels"]
    _expect(table["readout"]["time"], "last", "readout.time")
    circuit = Circuit(head["name"], head["steps"], image, table["readout"]["classes"],
                      training["momentum"], training["l2"], training["l2_norms"], [], [])
    channels = image[2]
    for name, area in table.items():
        if name in ("circuit", "readout", "training"):
            continue
        _expect(area["pool"]["size"], 3, f"{name}.pool.size")
        if "populations" in area:
            circuit.areas.append(_read_area(name, area, channels))
            channels = circuit.areas[-1].principal.channels
        else:
            norm = _read_norm(f"{name}.norm", area["norm"])
            circuit.feed_forward.append(
                FeedForward(name, (channels, area["channels"]), area["kernel"], area["stride"],
                            norm, area["pool"]["stride"]))
            channels = area["channels"]
    return circuit


def _expect(value, expected, what):
    if value != expected:
        raise Unsupported(f"{what} = {value!r}: expected {expected!r}")


def _read_norm(name, table):
    if table == "none":
        return None
    _expect(table["kind"], "batch", name)
    _expect(table.get("shared", False), False, f"{name}.shared")
    return Norm(name, table["decay"], table["epsilon"])


def _read_area(name, table, input_channels):
    populations = {}
    for key, entry in table["populations"].items():
        _expect(entry["activation"], "relu", f"{name}.{key}.activation")
        norm = _read_norm(f"{name}.{key}.norm", entry["norm"])
        populations[key] = Population(key, entry["channels"], entry["principal"],
                                      f"{name}.{key}.bias", norm,
                                      entry["norm"]["on"] if norm else "")
    targets = dict(populations)
    for key, entry in table["gates"].items():
        gate = Gate(f"{name}.{key}", entry["acts"], entry["kind"], entry["offset"],
                    f"{name}.{key}.bias")
        populations[entry["on"]].gates[entry["acts"]] = targets[key] = gate
    sizes = {"input": input_channels} | {key: p.channels for key, p in populations.items()}
    sizes |= {key: populations[entry["on"]].channels for key, entry in table["gates"].items()}
    for key, entry in table["projections"].items():
        _expect(entry["kernel"], "separable", f"{name}.projections.{key!r}.kernel")
        if entry["constraint"] not in ("abs", "free"):
            raise Unsupported(f"{name}.projections.{key!r}.constraint")
        sources, targets_of = (names.split(", ") for names in key.split(" -> "))
        for source in sources:
            for target in targets_of:
                targets[target].projections.append(Projection(
                    f"{name}.{source}_to_{target}", source,
                    1 if entry["sign"] == "excitatory" else -1, entry["constraint"] == "abs",
                    entry["size"], (sizes[source], sizes[target])))
    for population in populations.values():
        for gate in population.gates.values():
            _check_gate(gate)
    return Area(name, table["pool"]["stride"], list(populations.values()))


def _check_gate(gate):
    """How signs of gates are written down differs with what they act on."""
    known = {"memory": ("multiply", "leak"), "input": ("multiply", "subtract"),
             "output": ("multiply", "subtract")}
    if gate.kind not in known[gate.acts]:
        raise Unsupported(f"{gate.name}.kind = {gate.kind!r}")
    expected = 1 if gate.acts == "memory" else -1
    if any(projection.sign != expected for projection in gate.projections):
        raise Unsupported(f"the sign of what projects to {gate.name}")


# ===------------------------------------------------------------------------===
# Variables
# ===------------------------------------------------------------------------===


def initial_values(circuit):
    """(parameters, moving averages) by name, in dale's layouts."""
    random = np.random.default_rng(0)
    parameters, averages = {}, {}

    def uniform(name, shape, fan_in, fan_out):
        bound = (6 / (fan_in + fan_out)) ** 0.5
        parameters[name] = random.uniform(-bound, bound, shape)

    for area in circuit.feed_forward:
        shape = (area.kernel, area.kernel, *area.channels)
        uniform(f"{area.name}.weight", shape, *(area.kernel ** 2 * n for n in area.channels))
    for area in circuit.areas:
        for population in area.populations:
            for target in (population, *population.gates.values()):
                if isinstance(target, Gate) and target.kind == "leak":
                    uniform(f"{target.name}.leak", (population.channels,),
                            population.channels, population.channels)
                    continue
                parameters[target.bias] = np.zeros(population.channels)
                for projection in target.projections:
                    n, window = projection.channels, projection.size
                    uniform(f"{projection.name}.depthwise", (window, window, n[0]),
                            window ** 2 * n[0], window ** 2)
                    uniform(f"{projection.name}.pointwise", n, *n)
    last = circuit.areas[-1].principal.channels
    uniform("readout.weight", (last, circuit.classes), last, circuit.classes)
    parameters["readout.bias"] = np.zeros(circuit.classes)
    for norm, shape in circuit.norms():
        parameters[f"{norm.name}.scale"] = np.ones(shape)
        parameters[f"{norm.name}.offset"] = np.zeros(shape)
        averages[f"{norm.name}.mean"] = np.zeros(shape)
        averages[f"{norm.name}.variance"] = np.ones(shape)
    return ({name: value.astype(np.float32) for name, value in parameters.items()},
            {name: value.astype(np.float32) for name, value in averages.items()})


# ===------------------------------------------------------------------------===
# Equations
# ===------------------------------------------------------------------------===


class Operations:
    """What a framework does. Values are maps of a batch."""

    def convolve(self, area, x): ...                    # a feed-forward area's
    def project(self, projection, x, bias): ...         # both factors; a bias or None
    def parameter(self, name): ...                      # one value a channel
    def normalize(self, norm, t, x): ...                # t: None in feed-forward areas
    def pool(self, x, stride): ...
    def relu(self, x): ...
    def sigmoid(self, x): ...
    def zeros(self, x, channels): ...                   # a map of x's size
    def readout(self, x): ...                           # mean over space, dense layer


def forward(circuit, ops, images, hoist):
    """The logits. With `hoist`, what need not be done is left out by hand: the
    input of the first recurrent area does not change over time, so it is
    projected once; a state that is still zero is not projected."""
    x = images
    for area in circuit.feed_forward:
        x = ops.relu(ops.normalize(area.norm, None, ops.convolve(area, x)))
        x = ops.pool(x, area.pool_stride)
    state, hoisted = {}, {}
    for t in range(circuit.steps):
        sent = x
        for i, area in enumerate(circuit.areas):
            # What the first one has projected, by projection, for later steps.
            kept = hoisted if hoist and i == 0 else None
            activity = _step_area(area, ops, t, sent, state, kept, hoist)
            sent = ops.pool(activity, area.stride)
    return ops.readout(sent)


def _step_area(area, ops, t, x, state, kept, hoist):
    """One time step: returns what the principal population does. `state` holds
    (memory, activity) of populations with memory, by area and population."""
    if not hoist and t == 0:
        for population in area.populations:
            if population.has_memory:
                zero = ops.zeros(x, population.channels)
                state[area.name, population.name] = zero, zero
    # Populations with memory are read as they were at the step before.
    seen = {p.name: state[area.name, p.name][1] if (area.name, p.name) in state else None
            for p in area.populations if p.has_memory}
    seen["input"] = x
    news = {}
    for population in sorted(area.populations, key=lambda p: p.has_memory):
        key = area.name, population.name
        memory = state[key][0] if key in state else None
        new, activity = _step_population(population, ops, t, seen, memory, kept)
        news[key] = new, activity
        if not population.has_memory:
            seen[population.name] = activity
    for population in area.populations:
        if population.has_memory:
            state[area.name, population.name] = news[area.name, population.name]
    return news[area.name, area.principal.name][1]


def _current(target, ops, seen, kept, signed):
    """The sum of what projects to a population or a gate, and its bias. In gates
    that inhibit, it is the gate that has the sign."""
    total, bias = None, ops.parameter(target.bias)
    for projection in target.projections:
        source = seen[projection.source]
        if source is None:
            continue
        value = kept.get(projection.name) if kept is not None else None
        negative = signed and projection.sign < 0
        # The bias comes with the first product: frameworks have that in one.
        with_bias = projection is target.projections[0] and not negative
        if value is None:
            value = ops.project(projection, source, bias if with_bias else None)
            if kept is not None and projection.source == "input":
                kept[projection.name] = value
        if with_bias:
            bias = None
        if negative:
            total = -value if total is None else total - value
        else:
            total = value if total is None else total + value
    if bias is not None:
        raise Unsupported(f"{target.bias}: what projects there first inhibits, or is of the "
                          "step before")
    return total


def _step_population(population, ops, t, seen, memory, kept):
    """The new memory and the activity."""
    gates = population.gates
    candidate = _current(population, ops, seen, kept, signed=True)
    if population.norm_on == "current":
        candidate = ops.normalize(population.norm, t, candidate)
    if (gate := gates.get("input")) and gate.kind == "subtract":
        candidate = candidate - ops.relu(_current(gate, ops, seen, kept, signed=False))
    candidate = ops.relu(candidate)
    if gate and gate.kind == "multiply":
        current = _current(gate, ops, seen, kept, signed=False)
        candidate = (1 - ops.sigmoid(current + gate.offset)) * candidate
    if gate := gates.get("memory"):
        candidate = _remember(gate, ops, seen, memory, candidate, kept)
    if population.norm_on == "memory":
        candidate = ops.normalize(population.norm, t, candidate)
    activity = candidate
    if gate := gates.get("output"):
        current = _current(gate, ops, seen, kept, signed=False)
        if gate.kind == "subtract":
            activity = ops.relu(candidate - ops.relu(current))
        else:
            activity = ops.relu(candidate) * (1 - ops.sigmoid(current + gate.offset))
    return candidate, activity


def _remember(gate, ops, seen, memory, candidate, kept):
    if gate.kind == "leak":
        f = ops.sigmoid(ops.parameter(f"{gate.name}.leak") + gate.offset)
        candidate = (1 - f) * candidate
        return candidate if memory is None else f * memory + candidate
    if memory is None:
        return candidate
    f = ops.sigmoid(_current(gate, ops, seen, kept, signed=True) + gate.offset)
    return f * memory + candidate
