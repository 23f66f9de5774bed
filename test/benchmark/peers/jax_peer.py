"""The training step of a circuit in JAX, timed.

    python3 jax_peer.py CIRCUIT [--batch 128] [--steps 10] [--threads N] [--mode MODE]
                        [--device cuda] [--precision f32|tf32|bf16] [--turns]
    python3 jax_peer.py CIRCUIT --check WEIGHTS BATCH OUT [--mode MODE]

MODE is how a depthwise convolution is written down:

  groups   as a convolution with one group a channel
  shifts   as a sum of products with shifted maps, which XLA fuses: on a CPU three
           times as fast

One jitted function with donated state: XLA sees the whole step, every term at
every time step, and is left to share and fuse what it can. The step is forward
pass, loss with its L2 term, gradients, SGD with momentum, and moving averages.
With bf16 all maps are in bfloat16, norms and parameters in single precision. On a
GPU ten steps are queued at a time, and a step is timed as a tenth of them.
"""

import os
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np

import circuit as circuits
import common

MODES = ["groups", "shifts"]


def convolve(x, kernel, stride=1, groups=1):
    return jax.lax.conv_general_dilated(
        x, kernel, (stride, stride), "SAME", feature_group_count=groups,
        dimension_numbers=("NHWC", "HWIO", "NHWC"))


def convolve_shifted(x, kernel):
    """A depthwise convolution as element-wise arithmetic."""
    window, (height, width) = kernel.shape[0], x.shape[1:3]
    half = window // 2
    padded = jnp.pad(x, ((0, 0), (half, half), (half, half), (0, 0)))
    return sum(padded[:, i:i + height, j:j + width] * kernel[i, j]
               for i in range(window) for j in range(window))


class Operations(circuits.Operations):
    def __init__(self, parameters, shifts):
        self.parameters, self.shifts = parameters, shifts
        self.statistics = {}  # of the batch, by the norm's name

    def parameter(self, name):
        return self.parameters[name]

    def convolve(self, area, x):
        return convolve(x, self.parameters[f"{area.name}.weight"], area.stride)

    def project(self, projection, x, bias):
        depthwise, pointwise = (self.parameters[f"{projection.name}.{factor}"]
                                for factor in ("depthwise", "pointwise"))
        if projection.constrained:
            depthwise, pointwise = jnp.abs(depthwise), jnp.abs(pointwise)
        if self.shifts:
            x = convolve_shifted(x, depthwise)
        else:
            x = convolve(x, depthwise[:, :, None, :], groups=x.shape[-1])
        x = x @ pointwise
        return x if bias is None else x + bias

    def normalize(self, norm, t, x):
        scale, offset = (self.parameters[f"{norm.name}.{key}"] for key in ("scale", "offset"))
        if t is not None:
            scale, offset = scale[t], offset[t]
        kind, x = x.dtype, x.astype(jnp.float32)
        mean, variance = jnp.mean(x, (0, 1, 2)), jnp.var(x, (0, 1, 2))
        # Moving averages take the unbiased variance.
        count = x.size // x.shape[-1]
        seen = jax.lax.stop_gradient((mean, variance * (count / (count - 1))))
        if t is None:
            self.statistics[norm.name] = seen
        else:
            self.statistics.setdefault(norm.name, []).append(seen)
        x = (x - mean) * (scale * jax.lax.rsqrt(variance + norm.epsilon)) + offset
        return x.astype(kind)

    def pool(self, x, stride):
        return jax.lax.reduce_window(x, -float("inf"), jax.lax.max, (1, 3, 3, 1),
                                     (1, stride, stride, 1), "SAME")

    def relu(self, x):
        return jax.nn.relu(x)

    def sigmoid(self, x):
        return jax.nn.sigmoid(x)

    def zeros(self, x, channels):
        return jnp.zeros((*x.shape[:3], channels), x.dtype)

    def readout(self, x):
        return (jnp.mean(x, (1, 2)) @ self.parameters["readout.weight"]
                + self.parameters["readout.bias"])

    def batch_statistics(self):
        """{norm: (means, variances)}, of all time steps."""
        return {name: tuple(map(jnp.stack, zip(*seen))) if isinstance(seen, list) else seen
                for name, seen in self.statistics.items()}


def training_step(circuit, state, images, labels, rate=1e-3, kind=jnp.float32,
                  shifts=False):
    """The state after it, and (logits, cross-entropy, loss, gradients)."""
    parameters, momenta, averages = state
    tree_map = jax.tree_util.tree_map

    def loss_of(parameters):
        ops = Operations(tree_map(lambda p: p.astype(kind), parameters), shifts)
        logits = circuits.forward(circuit, ops, images.astype(kind), hoist=False)
        log_softmax = jax.nn.log_softmax(logits.astype(jnp.float32))
        entropy = -jnp.mean(jnp.take_along_axis(log_softmax, labels[:, None], 1))
        squares = sum(jnp.vdot(p, p) for name, p in parameters.items() if circuit.decays(name))
        return entropy + circuit.l2 / 2 * squares, (logits, entropy, ops.batch_statistics())

    (loss, (logits, entropy, batch)), gradient = (
        jax.value_and_grad(loss_of, has_aux=True)(parameters))
    momenta = tree_map(lambda m, g: circuit.momentum * m + g, momenta, gradient)
    parameters = tree_map(lambda p, m: p - rate * m, parameters, momenta)
    moved = {}
    for norm, _ in circuit.norms():
        for key, seen in zip(("mean", "variance"), batch[norm.name]):
            name = f"{norm.name}.{key}"
            moved[name] = norm.decay * averages[name] + (1 - norm.decay) * seen
    return (parameters, momenta, moved), (logits, entropy, loss, gradient)


def initial_state(values):
    parameters, averages = ({name: jnp.asarray(value, jnp.float32)
                             for name, value in part.items()} for part in values)
    return parameters, jax.tree_util.tree_map(jnp.zeros_like, parameters), averages


def make_step(circuit, options):
    key = jax.random.PRNGKey(0)
    images = jax.random.normal(key, (options.batch, *circuit.image))
    labels = jnp.arange(options.batch) % circuit.classes
    kind = jnp.bfloat16 if options.precision == "bf16" else jnp.float32

    @partial(jax.jit, donate_argnums=0)
    def run(state):
        state, (_, _, loss, _) = training_step(circuit, state, images, labels, kind=kind,
                                               shifts=options.mode == "shifts")
        return state, loss

    latest = initial_state(circuits.initial_values(circuit)), None

    def step():
        nonlocal latest
        latest = run(latest[0])

    return step, lambda: jax.block_until_ready(latest)


def check(circuit, options):
    weights, batch = (common.read_tensors(path) for path in options.check[:2])
    values = [{name: weights[name] for name in part} for part in circuits.initial_values(circuit)]
    step = jax.jit(partial(training_step, circuit, rate=0.1,
                           shifts=options.mode == "shifts"))
    (parameters, _, averages), (logits, entropy, loss, gradient) = step(
        initial_state(values), jnp.asarray(batch["images"]), jnp.asarray(batch["labels"]))
    common.write_tensors(options.check[2], {
        name: np.asarray(value) for name, value in {
            "logits": logits, "loss": entropy.reshape(1), "loss_total": loss.reshape(1),
            **{f"grad.{name}": value for name, value in gradient.items()},
            **{f"next.{name}": value for name, value in (parameters | averages).items()},
        }.items()})


def main():
    options = common.parse_arguments(__doc__, MODES)
    circuit = circuits.read(options.circuit)
    name = f"JAX {jax.__version__}, {options.mode}"
    on_gpu = options.device == "cuda"
    if on_gpu:
        jax.config.update("jax_default_matmul_precision",
                          "highest" if options.precision == "f32" else "tensorfloat32")
    else:
        # XLA has no option for it: it makes one thread for each CPU that the
        # process may use when its first computation begins.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:options.threads])
    if on_gpu or options.precision != "f32":
        name += f", {options.precision}"
    jax.config.update("jax_platforms", options.device)
    if options.check:
        return check(circuit, options)
    common.serve(options, name, lambda: make_step(circuit, options),
                 lambda: jax.devices()[0].memory_stats()["peak_bytes_in_use"])


if __name__ == "__main__":
    main()
