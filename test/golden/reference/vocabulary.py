#!/usr/bin/env python3
"""Golden values of Vocabulary.toml, computed by PyTorch in double precision.

    test/golden/reference/vocabulary.py [FOLDER]    writes FOLDER/Vocabulary.*.safetensors

An implementation of its own, line by line what Vocabulary.toml says; it shares
nothing with dale. The values beside it were written with PyTorch 2.15.
"""

import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from common import GOLDEN, per_channel, pool, write

STEPS, CLASSES, BATCH, LAMBDA, RATE = 3, 10, 4, 2e-4, 0.1
HEIGHT, WIDTH = 10, 14
random = np.random.default_rng(5)
parameters = {}


def parameter(name, *shape, about=0.0):
    values = about + 0.3 * random.standard_normal(shape)
    parameters[name] = torch.tensor(values.astype(np.float32).astype(np.float64),
                                    requires_grad=True)


# Parameters. ----------------------------------------------------------------

POPULATIONS = {"PN": 8, "IG": 4, "OG": 4, "VIP": 3, "SST": 5, "E": 2}
GATES = {"f": "PN", "i": "PN", "o": "PN"}
PROJECTIONS = [("input", t) for t in ("PN", "IG", "OG", "f", "SST", "E", "VIP")]
PROJECTIONS += [("PN", t) for t in ("PN", "IG", "OG", "f")]
PROJECTIONS += [("IG", "i"), ("OG", "o"), ("VIP", "IG"), ("VIP", "E"), ("SST", "PN")]

parameter("area1.weight", 3, 3, 3, 4)
parameter("area1.norm.scale", 4, about=1)
parameter("area1.norm.offset", 4)
parameter("area2.weight", 3, 3, 4, 6)
parameter("area2.norm.scale", 6, about=1)
parameter("area2.norm.offset", 6)
for area, factor, below in ("area3", 1, 6), ("area4", 2, 10):
    size = {name: factor * n for name, n in POPULATIONS.items()}
    size["input"] = below
    for gate, on in GATES.items():
        size[gate] = size[on]
    for source, target in PROJECTIONS:
        name = f"{area}.{source}_to_{target}"
        parameter(name + ".depthwise", 3, 3, size[source])
        parameter(name + ".pointwise", size[source], size[target])
    if area == "area3":
        for target in "PN", "f":
            parameter(f"area3.area4.PN_to_{target}.depthwise", 3, 3, 16)
            parameter(f"area3.area4.PN_to_{target}.pointwise", 16, size[target])
        # Of a transposed convolution: [k, k, Cout, Cin].
        parameter("area3.area4.E_to_IG.weight", 5, 5, 4, 4)
    for target in list(POPULATIONS) + list(GATES):
        parameter(f"{area}.{target}.bias", size[target])
    # PN's is shared over time, IG's is not.
    for what, about in ("scale", 1), ("offset", 0):
        parameter(f"{area}.PN.norm.{what}", size["PN"], about=about)
        parameter(f"{area}.IG.norm.{what}", STEPS, size["IG"], about=about)
parameter("readout.weight", 20, CLASSES)
parameter("readout.bias", CLASSES)

averages = {"area1.norm.mean": 0.3 * random.standard_normal(4).astype(np.float32),
            "area1.norm.variance": (1 + 0.3 * random.random(4)).astype(np.float32)}
images = random.standard_normal((BATCH, HEIGHT, WIDTH, 3)).astype(np.float32)
labels = random.integers(0, CLASSES, BATCH).astype(np.int32)


# The circuit, on maps [N, C, H, W]. ------------------------------------------

def layer_norm(x, scale, offset):
    normal = F.layer_norm(x, x.shape[1:], eps=1e-5)
    return normal * per_channel(scale) + per_channel(offset)


def transposed(x, weight, groups, height, width, stride=2):
    """The adjoint of a `same` convolution from height x width to x's size."""
    full = F.conv_transpose2d(x, weight, stride=stride, groups=groups)
    k = weight.shape[2]
    full = F.pad(full, (0, max(0, width - full.shape[3]), 0, max(0, height - full.shape[2])))
    top = max((x.shape[2] - 1) * stride + k - height, 0) // 2
    left = max((x.shape[3] - 1) * stride + k - width, 0) // 2
    full = F.pad(full, (0, k, 0, k))
    return full[:, :, top:top + height, left:left + width]


class Area:
    def __init__(self, name, p):
        self.name, self.p = name, p
        self.history, self.inputs = [], []
        self.state = None

    def get(self, name):
        return self.p[f"{self.name}.{name}"]

    def project(self, source, target, x, constraint=torch.abs):
        if x is None:
            return 0
        depthwise = constraint(self.get(f"{source}_to_{target}.depthwise"))
        pointwise = constraint(self.get(f"{source}_to_{target}.pointwise"))
        x = F.conv2d(x, depthwise.permute(2, 0, 1)[:, None], padding=1, groups=x.shape[1])
        return F.conv2d(x, pointwise.T[:, :, None, None])

    def feedback(self, target, above):
        """From PN of the area above at the step before, separable."""
        if not above:
            return 0
        height, width = self.inputs[0].shape[2:]
        x = above[-1]["PN"]
        depthwise = self.get(f"area4.PN_to_{target}.depthwise").abs()
        pointwise = self.get(f"area4.PN_to_{target}.pointwise").abs()
        x = transposed(x, depthwise.permute(2, 0, 1)[:, None], x.shape[1], height, width)
        return F.conv2d(x, pointwise.T[:, :, None, None])

    def step(self, x, above):
        t = len(self.inputs)
        first = self.name == "area3"
        self.inputs.append(x)
        before = self.history[-1] if t else {}
        pn = before.get("PN")
        bias = lambda target: per_channel(self.get(target + ".bias"))
        now = {}
        # The input reaches VIP one step late.
        vip = self.project("input", "VIP", self.inputs[t - 1] if t else None) + bias("VIP")
        if not t:
            vip = vip.expand(x.shape[0], -1, *x.shape[2:])
        now["VIP"] = torch.relu(torch.tanh(vip))
        ig = self.project("input", "IG", x) + self.project("PN", "IG", pn) + bias("IG") \
            - self.project("VIP", "IG", now["VIP"])
        if first and len(above) >= 2:
            # Two steps late, of the sign of E, with weights of any sign.
            weight = self.get("area4.E_to_IG.weight").permute(3, 2, 0, 1)
            ig = ig + transposed(above[-2]["E"], weight, 1, *x.shape[2:])
        ig = layer_norm(ig, self.get("IG.norm.scale")[t], self.get("IG.norm.offset")[t])
        now["IG"] = F.elu(ig)
        og = self.project("input", "OG", x) + self.project("PN", "OG", pn) + bias("OG")
        now["OG"] = torch.relu(og) ** 3
        now["SST"] = torch.zeros(x.shape[0], self.get("SST.bias").shape[0], *x.shape[2:],
                                 dtype=torch.float64)
        now["E"] = torch.tanh(self.project("input", "E", x) + bias("E")
                              - self.project("VIP", "E", now["VIP"]))
        f = self.project("input", "f", x) + self.project("PN", "f", pn) + bias("f") + 1
        candidate = self.project("input", "PN", x) + self.project("PN", "PN", pn) + bias("PN")
        if first:
            f = f + self.feedback("f", above)
            candidate = candidate + self.feedback("PN", above)
        # An inhibitory gate: what drives it adds, and it multiplies as 1 - i.
        i = torch.sigmoid(self.project("IG", "i", now["IG"]) + bias("i"))
        o = torch.relu(self.project("OG", "o", now["OG"], torch.relu) + bias("o"))
        memory = (1 - i) * F.softplus(candidate)
        if self.state is not None:
            memory = memory + torch.sigmoid(f) * self.state
        self.state = layer_norm(memory, self.get("PN.norm.scale"), self.get("PN.norm.offset"))
        now["PN"] = F.softplus(self.state - o)
        self.history.append(now)
        return torch.cat([now["PN"], now["E"]], 1)


def network(p, training):
    x = torch.tensor(images.astype(np.float64)).permute(0, 3, 1, 2)
    x = F.conv2d(x, p["area1.weight"].permute(3, 2, 0, 1), padding=1)
    mean, variance = x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)
    n = x.numel() / x.shape[1]
    after = {"area1.norm.mean": mean, "area1.norm.variance": variance * n / (n - 1)}
    after = {name: 0.997 * torch.tensor(averages[name].astype(np.float64)) + 0.003 * value
             for name, value in after.items()}
    if not training:
        mean, variance = (torch.tensor(averages["area1.norm." + name].astype(np.float64))
                          for name in ("mean", "variance"))
    x = (x - per_channel(mean)) / torch.sqrt(per_channel(variance) + 1e-5)
    x = x * per_channel(p["area1.norm.scale"]) + per_channel(p["area1.norm.offset"])
    x = pool(torch.relu(x), 1)
    x = F.conv2d(x, p["area2.weight"].permute(3, 2, 0, 1), padding=1)
    x = layer_norm(x, p["area2.norm.scale"], p["area2.norm.offset"])
    x = pool(F.elu(x), 2)
    area3, area4 = Area("area3", p), Area("area4", p)
    for _ in range(STEPS):
        y = area4.step(pool(area3.step(x, area4.history), 2), [])
    logits = pool(y, 2).mean((2, 3)) @ p["readout.weight"] + p["readout.bias"]
    responses = {f"response.{area.name}.{name}":
                 (sum(step[name] for step in area.history) / STEPS).permute(0, 2, 3, 1)
                 for area in (area3, area4) for name in POPULATIONS}
    return logits, responses, after


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else GOLDEN)
    logits, _, after = network(parameters, True)
    loss = F.cross_entropy(logits, torch.tensor(labels.astype(np.int64)))
    total = loss + LAMBDA / 2 * sum((w ** 2).sum() for w in parameters.values())
    total.backward()
    evaluated, responses, _ = network(parameters, False)
    expected = {"logits": logits, "logits_eval": evaluated, "loss": loss.reshape(1),
                "loss_total": total.reshape(1), **responses}
    for name, w in parameters.items():
        expected["grad." + name] = w.grad
        expected["next." + name] = w - RATE * w.grad
    for name, value in after.items():
        expected["next." + name] = value
    numpy = lambda x: x.detach().numpy()
    write(folder / "Vocabulary.expected.safetensors",
          {name: numpy(value) for name, value in expected.items()})
    write(folder / "Vocabulary.weights.safetensors",
          {name: numpy(w).astype(np.float32) for name, w in parameters.items()} | averages)
    write(folder / "Vocabulary.batch.safetensors", {"images": images, "labels": labels})


if __name__ == "__main__":
    main()
