"""That a GPU computes what the circuit says: against golden values, the CPU,
itself, and compute-sanitizer's rules."""

import json
import shutil

import tensors
from report import Skip

# Small, for what rounding does grows from step to step: after 30 of them the CPU's
# f32 and f64 code differ in Standard's loss by 2e-5 of it, and by 4e-2 at 0.1.
RATE = 0.01

# At full size, and with products on tensor cores.
EXAMPLES = ("standard", "standardei", "standard-tf32", "standard-bf16")


class Circuits:
    """The executables of a folder, and how a device runs them."""

    def __init__(self, report, folder, circuits, work, device, quick):
        self.report, self.work, self.device, self.quick = report, work, device, quick
        self.values = folder / "golden"
        self.circuits = circuits
        self.emulated = device == "emulated"

    def golden(self):
        return sorted(path for path in (self.circuits / "golden").glob("*")
                      if not path.name.startswith("lib"))

    def example(self, name):
        path = self.circuits / "examples" / name
        return path if path.exists() else None

    def info(self, program):
        result = self.report.run([program, "info", "--json"])
        if result.problem:
            raise RuntimeError(f"{program.name} info: {result.problem}")
        return json.loads(result.out)

    def value(self, program, what):
        """A file of golden values, or None."""
        path = self.values / f"{program.name}.{what}.safetensors"
        return path if path.exists() else None

    def run(self, program, command, name, device=None, seconds=30, options=()):
        """Runs 'step' or 'respond': (its file, what went wrong or None)."""
        device = device or self.device
        out = self.work / f"{program.name}.{name}.{device.replace(':', '')}.safetensors"
        result = self.report.run([program, command, *options, "--out", out,
                                  "--device", device], seconds)
        return out, result.problem

    def compute(self, program, weights, batch, name, device=None, steps=1, seconds=30):
        """All tensors of a step, and of 'respond' where it is the first."""
        options = ["--weights", weights, "--batch", batch, "--steps", steps]
        out, problem = self.run(program, "step", f"{name}-step", device, seconds, options)
        if problem:
            return None, f"step: {problem}"
        all_tensors = tensors.read(out)
        if steps == 1:
            options = ["--weights", weights, "--images", batch]
            out, problem = self.run(program, "respond", f"{name}-respond", device, seconds,
                                    options)
            if problem:
                return None, f"respond: {problem}"
            responses = tensors.read(out)
            responses.pop("logits", None)  # Of evaluation: the step's logits_eval.
            all_tensors.update(responses)
        return all_tensors, None

    def compare(self, check, actual, expected, element):
        worst = tensors.differences(actual, expected)
        allowed = tensors.TOLERANCES[element]
        bad = [kind for kind, (value, _) in worst.items() if not value <= allowed[kind]]
        shown = "  ".join(f"{kind} {value:.0e}" for kind, (value, _) in sorted(worst.items()))
        if bad:
            shown = "; ".join(f"{worst[kind][1]} differs by {worst[kind][0]:.1e}, allowed are "
                              f"{allowed[kind]:.0e}" for kind in bad)
        self.report.check(check, worst and not bad, shown=shown, differences={
            kind: {"worst": value, "allowed": allowed[kind], "tensor": name}
            for kind, (value, name) in worst.items()})

    def compare_rounded(self, check, actual, expected, precision):
        off = tensors.distances(actual, expected)
        allowed = tensors.ROUNDED[precision]
        shown = "  ".join(f"{kind} {off[kind]:.0e} (of {limit:.0e})"
                          for kind, limit in allowed.items())
        self.report.check(check, all(off[kind] <= limit for kind, limit in allowed.items()),
                          shown=shown, distances=off, allowed=allowed)

    def initial(self, program, info, count):
        """Files of weights that training begins with, and of a batch."""
        weights = self.work / f"{program.name}.initial.safetensors"
        batch = self.work / f"{program.name}.batch-{count}.safetensors"
        if not weights.exists():
            tensors.write_initial_weights(weights, info)
        if not batch.exists():
            tensors.write_batch(batch, info, count)
        return weights, batch


def check_golden(circuits):
    """Every circuit: golden values where there are some, and the CPU of the same
    executable, with more images than a GPU has blocks."""
    programs = circuits.golden()
    # Those with golden values first: they say most.
    programs.sort(key=lambda program: circuits.value(program, "expected") is None)
    if circuits.quick:
        programs = programs[:6]
    for program in programs:
        _attempt(circuits, program, _check_tiny)
    for name in () if circuits.emulated else EXAMPLES:
        if program := circuits.example(name):
            _attempt(circuits, program, _check_example)


def _attempt(circuits, program, check):
    """One circuit that breaks must not hide what the others do."""
    try:
        check(circuits, program)
    except (RuntimeError, ValueError, KeyError, OSError) as error:
        circuits.report.check(program.name, False, problem=f"{type(error).__name__}: {error}")


def _check_tiny(circuits, program):
    report, info = circuits.report, circuits.info(program)
    element = info["element"]
    weights = circuits.value(program, "weights")
    for steps, what in (1, "expected"), (2, "second"):
        if not (expected := circuits.value(program, what)):
            continue
        name = f"{program.name}: golden values, step {steps}"
        actual, problem = circuits.compute(program, weights, circuits.value(program, "batch"),
                                           "golden", steps=steps)
        if problem:
            report.check(name, False, problem=problem)
        else:
            circuits.compare(name, actual, tensors.read(expected), element)
    if not weights:
        weights = circuits.work / f"{program.name}.random.safetensors"
        tensors.write_random_weights(weights, info)
    batch = circuits.work / f"{program.name}.random-batch.safetensors"
    tensors.write_batch(batch, info, 6 if circuits.emulated else 150)
    for steps in (1,) if circuits.emulated else (1, 2):
        _against_the_cpu(circuits, program, weights, batch, element, steps)


def _check_example(circuits, program):
    info = circuits.info(program)
    weights, batch = circuits.initial(program, info, 150)
    _against_the_cpu(circuits, program, weights, batch, info["element"], 1,
                     info["gpu"]["precision"])


def _against_the_cpu(circuits, program, weights, batch, element, steps, precision="f32"):
    name = f"{program.name}: the CPU's, step {steps}"
    expected, problem = circuits.compute(program, weights, batch, "reference", "cpu", steps)
    actual = None
    if not problem:
        actual, problem = circuits.compute(program, weights, batch, "compared", steps=steps)
    if problem:
        circuits.report.check(name, False, problem=problem)
    elif precision == "f32":
        circuits.compare(name, actual, expected, element)
    else:
        circuits.compare_rounded(name, actual, expected, precision)


def check_repeatability(circuits):
    """The same step twice gives the same bits."""
    names = ["Standard"] if circuits.emulated else ["Standard", "StandardEI", "Vocabulary"]
    programs = [circuits.circuits / "golden" / name for name in names]
    programs = [program for program in programs if program.exists()]
    if not circuits.emulated:
        programs += filter(None, map(circuits.example, EXAMPLES))
    for program in programs:
        weights, batch = circuits.initial(program, circuits.info(program),
                                          6 if circuits.emulated else 150)
        outs = []
        for turn in "once", "again", "third":
            out, problem = circuits.run(program, "step", turn, options=[
                "--weights", weights, "--batch", batch, "--steps", 3])
            if problem:
                break
            outs.append(out.read_bytes())
        circuits.report.check(f"{program.name}: three times the same three steps",
                              not problem and len(set(outs)) == 1,
                              shown=problem or ("" if len(set(outs)) == 1 else "bits differ"))


def check_training(circuits, data):
    """How the loss falls, beside the CPU's: on one batch, and on a data set that
    is augmented on the way."""
    report = circuits.report
    program = None if circuits.emulated else circuits.example("standard")
    program = program or circuits.circuits / "golden" / "Standard"
    info = circuits.info(program)
    large = info["input"]["height"] == 32
    weights, batch = circuits.initial(program, info, 128 if large else 4)
    for steps in (1, 3) if circuits.emulated else (1, 3, 10, 30):
        losses = []
        for device in circuits.device, "cpu":
            out, problem = circuits.run(program, "step", f"after-{steps}", device, 60, [
                "--weights", weights, "--batch", batch, "--steps", steps,
                "--lr", RATE])
            if problem:
                report.check(f"{program.name}: loss of step {steps}", False,
                             problem=f"{device}: {problem}")
                return
            losses.append(tensors.read(out)["loss"][1][0])
        allowed = {"f64": 1e-9, "f32": 1e-3 if steps > 10 else 1e-5}
        _compare_loss(report, f"{program.name}: loss of step {steps}", losses,
                      allowed[info["element"]])
    if large:
        _check_run(circuits, program, data())


def _check_run(circuits, program, data):
    """Ten steps on a data set."""
    runs = []
    for device in circuits.device, "cpu":
        out = circuits.work / f"short-run-{device.replace(':', '')}"
        result = circuits.report.run([
            program, "train", "--data", data, "--out", out, "--force", "--batch", 128,
            "--epochs", 1, "--limit-train", 1280, "--limit-test", 500, "--device", device], 60)
        if result.problem:
            circuits.report.check("train, 10 steps", False,
                                  problem=f"{device}: {result.problem}")
            return
        runs.append(json.loads((out / "summary.json").read_text()))
    for key in "train_loss", "test_loss":
        _compare_loss(circuits.report, f"train, 10 steps: {key.replace('_', ' ')}",
                      [run[key] for run in runs], 1e-3)


def _compare_loss(report, name, losses, allowed):
    difference = abs(losses[0] - losses[1]) / abs(losses[1])
    report.check(name, difference <= allowed, losses=losses, allowed=allowed,
                 shown=f"{losses[0]:.6f}, the CPU {losses[1]:.6f}: {difference:.0e} of it, "
                       f"allowed {allowed:.0e}")


def check_with_sanitizer(circuits):
    """NVIDIA's tools for what breaks no test by chance. One that is too slow is
    told of, and is no failure."""
    tool = shutil.which("compute-sanitizer") or shutil.which(
        "compute-sanitizer", path="/usr/local/cuda/bin")
    if not tool:
        raise Skip("there is no compute-sanitizer")
    report = circuits.report
    for kind in "memcheck", "racecheck", "synccheck", "initcheck":
        for name in "Standard", "StandardEI":
            program = circuits.circuits / "golden" / name
            if not program.exists():
                continue
            out = circuits.work / "sanitized.safetensors"
            result = report.run([
                tool, "--tool", kind, "--error-exitcode", 86, program, "step",
                "--weights", circuits.value(program, "weights"),
                "--batch", circuits.value(program, "batch"),
                "--out", out, "--device", circuits.device], 30)
            text = result.out + result.err
            summary = [line for line in text.splitlines() if "SUMMARY" in line]
            found = result.code == 86 or any("SUMMARY: 0 " not in line for line in summary)
            if result.timed_out or (result.problem and not found):
                # It says nothing about the circuit.
                report.note(f"{kind} {name}", {"problem": result.problem, "log": text[-2000:]},
                            f"not run {kind} {name}: {result.problem}")
                continue
            report.check(f"{kind} {name}", not found, shown=" ".join(summary[-1:]),
                         log=text[-4000:] if found else "", seconds=round(result.seconds, 1))
