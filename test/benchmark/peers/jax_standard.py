"""The training step of examples/standard.toml in JAX, timed.

    python3 jax_standard.py [--batch 128] [--steps 10] [--threads N]
                            [--device cuda] [--precision f32|tf32|bf16] [--turns]

One jitted function with donated state: XLA sees the whole step, and is left to
share and fuse what it can. Prints one line of JSON with the keys of
`EXE bench --json`. The step is forward pass, loss with its L2 term, gradients,
SGD with momentum, and moving averages. With bf16 all maps are in bfloat16, norms and
parameters in single precision. On a GPU ten steps are queued at a time, and a
step is timed as a tenth of them. With --turns it measures once for each line of
its input, to take turns with other programs.
"""

import argparse
import json
import os
import resource
import statistics
import sys
import time
from functools import partial

import jax
import jax.numpy as jnp

STEPS, CLASSES = 4, 10
FEED_FORWARD = {"area1": 16, "area2": 32}
PRINCIPAL = {"area3": 64, "area4": 128}


def initial_parameters(key):
    keys = iter(jax.random.split(key, 64))

    def glorot(*shape, fan_in, fan_out):
        bound = (6 / (fan_in + fan_out)) ** 0.5
        return jax.random.uniform(next(keys), shape, minval=-bound, maxval=bound)

    def projection(source, target):
        return {"depthwise": glorot(3, 3, 1, source, fan_in=9 * source, fan_out=9),
                "pointwise": glorot(source, target, fan_in=source, fan_out=target)}

    def norm(*shape):
        return {"scale": jnp.ones(shape), "offset": jnp.zeros(shape)}

    def averages(*shape):
        return {"mean": jnp.zeros(shape), "variance": jnp.ones(shape)}

    parameters, moving = {}, {}
    source = 3
    for name, channels in FEED_FORWARD.items():
        parameters[name] = {
            "weight": glorot(3, 3, source, channels, fan_in=9 * source, fan_out=9 * source),
            "norm": norm(channels)}
        moving[name] = averages(channels)
        source = channels
    for name, principal in PRINCIPAL.items():
        interneurons = principal // 4
        sizes = {"PN": principal, "IG": interneurons, "OG": interneurons, "f": principal}
        area = {f"input_to_{t}": projection(source, n) for t, n in sizes.items()}
        area |= {f"PN_to_{t}": projection(principal, n) for t, n in sizes.items()}
        area |= {name: projection(interneurons, principal) for name in ("IG_to_i", "OG_to_o")}
        area["bias"] = {t: jnp.zeros(n)
                        for t, n in dict(sizes, i=principal, o=principal).items()}
        area["norm"] = norm(STEPS, principal)
        parameters[name], moving[name] = area, averages(STEPS, principal)
        source = principal
    parameters["readout"] = {
        "weight": glorot(source, CLASSES, fan_in=source, fan_out=CLASSES),
        "bias": jnp.zeros(CLASSES)}
    return parameters, moving


def convolve(x, kernel, groups=1):
    return jax.lax.conv_general_dilated(
        x, kernel, (1, 1), "SAME", feature_group_count=groups,
        dimension_numbers=("NHWC", "HWIO", "NHWC"))


def pool(x, stride):
    return jax.lax.reduce_window(x, -float("inf"), jax.lax.max, (1, 3, 3, 1),
                                 (1, stride, stride, 1), "SAME")


def project(area, name, x):
    """Depthwise then pointwise, both factors with the sign that Dale's law asks."""
    kernel = area[name]
    x = convolve(x, jnp.abs(kernel["depthwise"]), groups=x.shape[-1])
    return x @ jnp.abs(kernel["pointwise"])


def normalize(x, scale, offset):
    """Returns the batch's statistics too, for the moving averages."""
    kind, x = x.dtype, x.astype(jnp.float32)
    mean, variance = jnp.mean(x, (0, 1, 2)), jnp.var(x, (0, 1, 2))
    statistics_ = jax.lax.stop_gradient((mean, variance))
    x = (x - mean) * (scale * jax.lax.rsqrt(variance + 1e-5)) + offset
    return x.astype(kind), statistics_


def step_area(area, t, x, memory, principal):
    """Equation 2."""
    relu, sigmoid, bias = jax.nn.relu, jax.nn.sigmoid, area["bias"]

    def current(target):
        return (project(area, f"input_to_{target}", x)
                + project(area, f"PN_to_{target}", principal) + bias[target])

    f = sigmoid(current("f") + 1)
    i = sigmoid(project(area, "IG_to_i", relu(current("IG"))) + bias["i"])
    o = relu(project(area, "OG_to_o", relu(current("OG"))) + bias["o"])
    memory, batch = normalize(f * memory + (1 - i) * relu(current("PN")),
                              area["norm"]["scale"][t], area["norm"]["offset"][t])
    return memory, relu(memory - o), batch


def forward(parameters, x):
    batch = {}
    for name, stride in ("area1", 1), ("area2", 2):
        area = parameters[name]
        x, batch[name] = normalize(convolve(x, area["weight"]), **area["norm"])
        x = pool(jax.nn.relu(x), stride)
    state, seen = {}, {name: [] for name in PRINCIPAL}
    side = x.shape[1]
    for name, channels in PRINCIPAL.items():
        zero = jnp.zeros((x.shape[0], side, side, channels), x.dtype)
        state[name], side = (zero, zero), (side + 1) // 2
    for t in range(STEPS):
        sent = x
        for name in PRINCIPAL:
            memory, principal, statistics_ = step_area(parameters[name], t, sent, *state[name])
            state[name] = memory, principal
            seen[name].append(statistics_)
            sent = pool(principal, 2)
    for name in PRINCIPAL:
        batch[name] = tuple(map(jnp.stack, zip(*seen[name])))
    readout = parameters["readout"]
    return jnp.mean(sent, (1, 2)) @ readout["weight"] + readout["bias"], batch


def training_step(state, images, labels, rate=1e-3, momentum=0.9, l2=2e-4, decay=0.997,
                  kind=jnp.float32):
    parameters, momenta, moving = state
    tree_map = jax.tree_util.tree_map

    def loss_of(parameters):
        logits, batch = forward(tree_map(lambda p: p.astype(kind), parameters),
                                images.astype(kind))
        log_softmax = jax.nn.log_softmax(logits.astype(jnp.float32))
        chosen = jnp.take_along_axis(log_softmax, labels[:, None], 1)
        squares = sum(jnp.vdot(p, p) for p in jax.tree_util.tree_leaves(parameters))
        return -jnp.mean(chosen) + l2 / 2 * squares, batch

    (loss, batch), gradient = jax.value_and_grad(loss_of, has_aux=True)(parameters)
    momenta = tree_map(lambda m, g: momentum * m + g, momenta, gradient)
    parameters = tree_map(lambda p, m: p - rate * m, parameters, momenta)
    moving = {name: {"mean": decay * old["mean"] + (1 - decay) * batch[name][0],
                     "variance": decay * old["variance"] + (1 - decay) * batch[name][1]}
              for name, old in moving.items()}
    return (parameters, momenta, moving), loss


def measure(run, state, steps, device):
    """Seconds of each step, and the state after them."""
    queued = min(10, steps) if device == "cuda" else 1
    times = []
    for _ in range(steps // queued):
        begin = time.perf_counter()
        for _ in range(queued):
            state, loss = run(state)
        jax.block_until_ready((state, loss))
        times.append((time.perf_counter() - begin) / queued)
    return times, state


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--warm-up", type=int, help="default: 2, on a GPU 20")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--precision", choices=["f32", "tf32", "bf16"], default="f32")
    parser.add_argument("--turns", action="store_true")
    options = parser.parse_args()
    on_gpu = options.device == "cuda"
    if not on_gpu and options.precision == "tf32":
        parser.error("--precision tf32 needs --device cuda")
    if options.warm_up is None:
        options.warm_up = 20 if on_gpu else 2
    name = f"JAX {jax.__version__}"
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

    run = None
    if options.turns:
        print("ready", flush=True)
    for _ in sys.stdin if options.turns else range(1):
        if not run:
            key = jax.random.PRNGKey(0)
            parameters, moving = initial_parameters(key)
            state = parameters, jax.tree_util.tree_map(jnp.zeros_like, parameters), moving
            images = jax.random.normal(key, (options.batch, 32, 32, 3))
            labels = jnp.arange(options.batch) % CLASSES
            kind = jnp.bfloat16 if options.precision == "bf16" else jnp.float32
            run = partial(jax.jit(partial(training_step, kind=kind), donate_argnums=0),
                          images=images, labels=labels)
            _, state = measure(run, state, options.warm_up, options.device)
        times, state = measure(run, state, options.steps, options.device)
        median = statistics.median(times)
        print(json.dumps({
            "circuit": name,
            "device": options.device,
            "threads": options.threads,
            "batch": options.batch,
            "steps": options.steps,
            "median_ms": 1e3 * median,
            "min_ms": 1e3 * min(times),
            "images_per_s": options.batch / median,
            "peak_bytes": jax.devices()[0].memory_stats()["peak_bytes_in_use"] if on_gpu
                          else 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        }), flush=True)


if __name__ == "__main__":
    main()
