"""Where the time of dale's training step goes: by stage, by kind of work, by kernel."""

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent / "account"))
import kernels as counted  # noqa: E402
import profiling  # noqa: E402
import stages as cut  # noqa: E402

from machine import table
from programs import CASES, compile_circuit, emit

TITLE = "Where the time goes"

OTHER = ["waiting", "system", "else"]


def write(options, limits):
    if not _tool(options).exists():
        sys.exit(f"{_tool(options)} is not there: build dale-regions, which needs OpenMP's "
                 "omp-tools.h")
    return "\n\n".join(_account(name, options, limits) for name in options.circuits)


def _tool(options):
    return options.build / "lib" / "libdale-regions.so"


class Account:
    """What is known of a circuit's step: counted, and measured."""

    def __init__(self, name, options, limits):
        case = CASES[name]
        self.batch, self.threads = options.batch or case.batch, options.threads
        vectors = emit(options.build, case.file, "vector")
        self.stages = cut.read_stages(emit(options.build, case.file, "fused"))
        self.kernels = counted.read_kernels(vectors)
        regions = counted.read_loops(vectors, "dale_train_step")
        self.loops = [loop for loop in regions if loop.per_image]
        if len(self.loops) != len(self.stages):
            raise RuntimeError(f"{len(self.loops)} loops: expected {len(self.stages)} stages")
        compiled = compile_circuit(options.build, case.file, name)
        self.info = compiled.info
        self.profile = profiling.run(
            compiled.executable, _tool(options),
            ["--batch", self.batch, "--threads", self.threads], options.steps, counted.number(regions),
            compiled.executable.parent)
        limits.measure()

    def flops(self, loop):
        """Of multiply-adds, an image."""
        return 2 * sum(n * self.kernels[name].multiply_adds
                       for name, n in loop.per_image.items())

    def kinds(self, samples):
        """Samples by kind of work."""
        found = Counter()
        for symbol, n in samples.items():
            found[self.kernels[symbol].kind if symbol in self.kernels else symbol] += n
        return found


def _account(name, options, limits):
    account = Account(name, options, limits)
    profile = account.profile
    lines = [f"**{account.info['name']}**, batch {account.batch}, {account.threads} threads: "
             f"{1e3 * profile.step_seconds:.1f} ms a step, {account.batch / profile.step_seconds:.4g}"
             f" images/s, {profile.bench['peak_bytes'] / 2**20:.0f} MiB.\n",
             _stage_table(account, limits)]
    if profile.problem:
        lines.append(f"\nNothing is known below stages: {profile.problem}.")
    else:
        lines += ["", _kind_table(account, limits), "", _kernel_table(account, limits)]
    return "\n".join(lines)


def _percent(part, whole):
    return f"{100 * part / whole:.1f} %" if whole else ""


def _stage_table(account, limits):
    header = ["stage", "works on", "MFLOP", "KiB read", "written", "ms", "of the step", "GFLOP/s",
              "of the peak", "GB/s"]
    profile, peak = account.profile, limits.gflops(account.threads)
    groups = {"products": ["matrix products"], "depthwise": ["depthwise"],
              "element-wise": ["element-wise and sums", "sigmoids"],
              "copies": ["copies", "zeros"], "other": OTHER}
    if profile.samples:
        header += list(groups)

    def shares(samples):
        found, total = account.kinds(samples), sum(samples.values())
        return [_percent(sum(found[kind] for kind in group), total) for group in groups.values()]

    rows, sums = [], Counter()
    for i, (stage, loop) in enumerate(zip(account.stages, account.loops)):
        seconds, flops = profile.stage_seconds[i], account.flops(loop)
        rate = flops * account.batch / seconds / 1e9
        moved = (stage.read + stage.written) * account.batch / seconds / 1e9
        sums += Counter(flops=flops, read=stage.read, written=stage.written)
        rows.append([f"{i + 1} {'backward' if stage.backward else 'forward'}", stage.describe(),
                     f"{flops / 1e6:.1f}", f"{stage.read / 1024:.0f}",
                     f"{stage.written / 1024:.0f}", f"{1e3 * seconds:.1f}",
                     _percent(seconds, profile.step_seconds), f"{rate:.1f}",
                     _percent(rate, peak), f"{moved:.1f}"])
        if profile.samples:
            rows[-1] += shares(profile.samples[i])
    between = profile.step_seconds - sum(profile.stage_seconds)
    rows.append(["between", "parameters, sums over chunks, optimizer", "", "", "",
                 f"{1e3 * between:.1f}", _percent(between, profile.step_seconds), "", "", ""])
    rate = sums["flops"] * account.batch / profile.step_seconds / 1e9
    rows.append(["all", "", f"{sums['flops'] / 1e6:.1f}", f"{sums['read'] / 1024:.0f}",
                 f"{sums['written'] / 1024:.0f}", f"{1e3 * profile.step_seconds:.1f}", "100.0 %",
                 f"{rate:.1f}", _percent(rate, peak),
                 f"{(sums['read'] + sums['written']) * account.batch / profile.step_seconds / 1e9:.1f}"])
    if profile.samples:
        rows[-2] += shares(profile.samples[-1])
        rows[-1] += shares(sum(profile.samples, Counter()))
    return table(header, rows, texts=2)


def _calls(account):
    """An image, of each kernel."""
    return sum((loop.per_image for loop in account.loops), Counter())


def _kind_table(account, limits):
    samples = account.kinds(sum(account.profile.samples, Counter()))
    total, peak = sum(samples.values()), limits.gflops(account.threads)
    calls, flops, moved = Counter(), Counter(), Counter()
    for name, n in _calls(account).items():
        kernel = account.kernels[name]
        calls[kernel.kind] += n
        flops[kernel.kind] += 2 * n * kernel.multiply_adds
        moved[kernel.kind] += n * kernel.bytes
    rows = []
    for kind in counted.KINDS + OTHER:
        seconds = samples[kind] / total * account.profile.step_seconds
        rate = flops[kind] * account.batch / seconds / 1e9 if seconds else 0
        loads = moved[kind] * account.batch / seconds / 1e9 if seconds else 0
        rows.append([kind, f"{calls[kind]}" if calls[kind] else "",
                     f"{flops[kind] / 1e6:.1f}" if flops[kind] else "",
                     f"{1e3 * seconds:.1f}", _percent(samples[kind], total),
                     f"{rate:.1f}" if rate else "", _percent(rate, peak) if rate else "",
                     f"{loads:.0f}" if loads else ""])
    return table(["kind of work", "calls an image", "MFLOP", "ms", "of all samples", "GFLOP/s",
                  "of the peak", "GB/s with caches"], rows)


def _kernel_table(account, limits, count=10):
    samples = sum(account.profile.samples, Counter())
    total, peak = sum(samples.values()), limits.gflops(account.threads)
    calls, rows = _calls(account), []
    for symbol, n in samples.most_common():
        if symbol not in account.kernels or len(rows) == count:
            continue
        kernel = account.kernels[symbol]
        seconds = n / total * account.profile.step_seconds
        rate = 2 * calls[symbol] * kernel.multiply_adds * account.batch / seconds / 1e9
        moved = calls[symbol] * kernel.bytes * account.batch / seconds / 1e9
        # One that is not called for each image sums over chunks, or is of parameters.
        rows.append([symbol, kernel.kind, ", ".join(kernel.shapes[:3]),
                     f"{calls[symbol]}" if calls[symbol] else "", _percent(n, total),
                     f"{rate:.1f}" if rate else "", _percent(rate, peak) if rate else "",
                     f"{moved:.0f}" if moved else ""])
    return table(["kernel", "kind", "operands", "calls an image", "of all samples", "GFLOP/s",
                  "of the peak", "GB/s with caches"], rows, texts=3)
