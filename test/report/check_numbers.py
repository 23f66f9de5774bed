"""What analyses and reports say of networks, against NumPy and SciPy.

    check_numbers.py DALE RUNS OUT ESTIMATE

computes gOSI, skewness and densities of runs from their responses and weights,
as docs/analysis.md defines them, the tables of a report from these, as
docs/report.md does, and intervals with scipy.stats.bootstrap."""

import csv
import json
import pathlib
import struct
import subprocess
import sys

try:
    import numpy as np
    import scipy.stats
except ImportError as error:
    print(f"skipped: {error} (Debian: python3-numpy python3-scipy)")
    sys.exit(77)

dale, runs, out, estimate = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), sys.argv[4]


def read_tensors(path):
    data = path.read_bytes()
    (size,) = struct.unpack_from("<Q", data)
    types = {"F32": np.float32, "F64": np.float64, "I32": np.int32, "I64": np.int64}
    tensors = {}
    for name, entry in json.loads(data[8 : 8 + size]).items():
        if name != "__metadata__" and entry["dtype"] in types:
            begin, end = (8 + size + offset for offset in entry["data_offsets"])
            values = np.frombuffer(data[begin:end], types[entry["dtype"]])
            tensors[name] = values.reshape(entry["shape"]).astype(np.float64)
    return tensors


def read_units(folder):
    """metric -> (area, population, unit or "") -> value"""
    metrics = {}
    with open(folder / "analysis.csv", newline="") as file:
        for row in csv.DictReader(file):
            key = row["area"], row["population"], row["unit"]
            metrics.setdefault(row["metric"], {})[key] = float(row["value"])
    return metrics


def gosi_of(responses):
    """[18, 6, 4] -> the index, at the frequency and phase of the largest response."""
    _, frequency, phase = np.unravel_index(np.argmax(responses), responses.shape)
    curve = responses[:, frequency, phase]
    theta = np.deg2rad(10 * np.arange(18))
    return abs(np.sum(curve * np.exp(2j * theta))) / np.sum(curve)


def check_units(folder, checked):
    tensors = read_tensors(folder / "analysis.safetensors")
    metrics = read_units(folder)
    for name, responses in tensors.items():
        kind, area, population = name.split(".", 2)
        if kind == "kernels":
            continue
        units = responses.shape[0] if kind == "gratings" else responses.shape[1]
        for unit in range(units):
            key = area, population, str(unit)
            if kind == "images":
                expect(metrics, "image_skewness", key, skewness_of(responses[:, unit]), checked)
                continue
            responds = responses[unit].max() > 0
            assert metrics["responds"][key] == responds, key
            expect(metrics, "gosi", key, gosi_of(responses[unit]) if responds else None, checked)
            expect(metrics, "orientation_skewness", key, skewness_of(responses[unit].ravel()), checked)


def skewness_of(values):
    return None if np.ptp(values) == 0 else scipy.stats.skew(values)


def expect(metrics, metric, key, value, checked):
    found = metrics.get(metric, {}).get(key)
    assert (found is None) == (value is None), (metric, key, found, value)
    if value is not None:
        # Skewness of all but equal responses loses digits to cancellation.
        assert np.isclose(found, value, rtol=1e-5, atol=1e-7), (metric, key, found, value)
        checked[metric] = checked.get(metric, 0) + 1


def applied_kernel(weights, projection):
    """[k, k, Cin, Cout], as its constraint lets it through."""
    constraint = {"abs": np.abs, "rectify": lambda w: np.maximum(w, 0), "free": lambda w: w}[projection["constraint"]]
    stem = f"{projection['area']}.{projection['name']}"
    if f"{stem}.weight" in weights:
        kernel = constraint(weights[f"{stem}.weight"])
        feedback = projection["source_area"] not in (None, projection["area"])
        return np.swapaxes(kernel, 2, 3) if feedback else kernel
    depthwise, pointwise = (constraint(weights[f"{stem}.{part}"]) for part in ("depthwise", "pointwise"))
    return depthwise[..., None] * pointwise


def check_densities(folder, checked):
    weights = read_tensors(folder / "checkpoint.safetensors")
    kernels = read_tensors(folder / "analysis.safetensors")
    analysis = json.loads((folder / "analysis.json").read_text())
    metrics = read_units(folder)
    for projection in analysis["projections"]:
        stem = f"{projection['area']}.{projection['name']}"
        kernel = applied_kernel(weights, projection)
        applied = kernels[f"kernels.{stem}"]
        assert applied.shape == kernel.shape, stem
        assert np.allclose(applied, kernel, rtol=1e-6, atol=0), stem
        density = np.mean(abs(kernel).mean(axis=(0, 1)) > np.exp(-10))
        key = projection["area"], projection["name"], ""
        expect(metrics, "density", key, density, checked)
        kind = "regular" if f"{stem}.weight" in weights else "separable"
        extent = "sparse" if 0 < density < 1 else "full or empty"
        for what in ("kernel", projection["constraint"], kind, extent):
            checked[what] = checked.get(what, 0) + 1


def check_interval(values):
    """The ends of two bootstraps of 10,000 resamples differ by their Monte Carlo
    error: of SciPy's, by the spread of many."""
    text = subprocess.run([estimate, *map(repr, values)], capture_output=True, text=True, check=True).stdout
    mean, low, high = map(float, text.split())
    assert np.isclose(mean, np.mean(values), rtol=1e-12)
    ends = np.array([
        scipy.stats.bootstrap(
            (values,), np.mean, n_resamples=10000, method="percentile", random_state=seed
        ).confidence_interval
        for seed in range(20)
    ])  # fmt: skip
    centre, spread = ends.mean(axis=0), ends.std(axis=0)
    # Where ends lie on the few means that resamples can have, the spread is 0.
    error = 5 * spread + 1e-9 * np.ptp(values)
    assert abs(low - centre[0]) <= error[0] and abs(high - centre[1]) <= error[1], (
        values, (low, high), centre, spread,
    )  # fmt: skip


# Tables of a report. ------------------------------------------------------------


class Network:
    """What tables say of a run, computed from its responses and weights."""

    def __init__(self, folder):
        self.folder = folder
        self.summary, self.analysis = (json.loads((folder / f"{name}.json").read_text()) for name in ("summary", "analysis"))
        self.condition, self.seed = self.summary["circuit"], self.summary["seed"]
        self.principal = {(p["area"], p["population"]): p["principal"] for p in self.analysis["populations"]}
        self.areas = list(dict.fromkeys(area for area, _ in self.principal))
        # metric -> (area, population) -> of each unit, its value or None
        self.units = {"gosi": {}, "orientation_skewness": {}, "image_skewness": {}, "silent": {}}
        self.curves = {}
        for name, responses in read_tensors(folder / "analysis.safetensors").items():
            kind, area, population = name.split(".", 2)
            key = area, population
            if kind == "images":
                self.units["image_skewness"][key] = [skewness_of(unit) for unit in responses.T]
            if kind == "gratings":
                self.curves[key] = responses
                self.units["silent"][key] = [float(unit.max() <= 0) for unit in responses]
                self.units["gosi"][key] = [gosi_of(unit) if unit.max() > 0 else None for unit in responses]
                self.units["orientation_skewness"][key] = [skewness_of(unit.ravel()) for unit in responses]
        weights = read_tensors(folder / "checkpoint.safetensors")
        self.weights = {
            (p["area"], p["name"]): abs(applied_kernel(weights, p)).mean(axis=(0, 1)).ravel()
            for p in self.analysis["projections"]
        }

    def test_accuracy(self):
        """After the last epoch."""
        with open(self.folder / "metrics.csv", newline="") as file:
            return [float(row["value"]) for row in csv.DictReader(file) if row["metric"] == "test_accuracy"][-1]

    def of_population(self, metric, area, population):
        return mean_of(self.units[metric][area, population])

    def of_side(self, metric, area, principal):
        sides = [values for key, values in self.units[metric].items()
                 if key[0] == area and self.principal[key] == principal]  # fmt: skip
        return mean_of([value for values in sides for value in values])

    def density(self, area, principal):
        """Of weights onto principal populations' currents, or gates on their input or output."""
        chosen = [self.weights[area, p["name"]] for p in self.analysis["projections"]
                  if p["area"] == area == p["source_area"] and p["site"] != "memory"
                  and self.principal[area, p["population"]]
                  and self.principal[area, p["source"]] == principal]  # fmt: skip
        return np.mean(np.concatenate(chosen) > np.exp(-10)) if chosen else None

    def difference(self, of_side, first):
        """Of one side less the other, over the areas that have both."""
        sides = [(of_side(area, first), of_side(area, not first)) for area in self.areas]
        return mean_of([a - b for a, b in sides if a is not None and b is not None])

    def differences(self):
        return {
            "gosi_difference": self.difference(lambda *side: self.of_side("gosi", *side), True),
            "image_skewness_difference": self.difference(lambda *side: self.of_side("image_skewness", *side), True),
            "density_difference": self.difference(self.density, False),
        }

    def variants(self):
        values = {"test_accuracy": self.test_accuracy()}
        for side, principal in (("principal", True), ("interneurons", False)):
            for metric in ("gosi", "orientation_skewness", "image_skewness"):
                values[f"{metric}_{side}"] = mean_of([self.of_side(metric, area, principal) for area in self.areas])
            densities = mean_of([self.density(area, principal) for area in self.areas])
            values[f"density_{side}_to_principal"] = densities
        return values


def mean_of(values):
    """Over those that have the measure."""
    values = [value for value in values if value is not None]
    return np.mean(values) if values else None


def check_row(row, values, checked, name):
    """n and mean of the networks that have a value."""
    values = [value for value in values if value is not None]
    assert int(row["n"]) == len(values), (name, row, values)
    assert (row["mean"] == "") == (not values), (name, row, values)
    if values:
        assert np.isclose(float(row["mean"]), np.mean(values), rtol=1e-5, atol=1e-7), (name, row, values)
        checked[name] = checked.get(name, 0) + 1


def check_selectivity(rows, networks, checked):
    for row in rows:
        chosen = [n for n in networks if n.condition == row["condition"] and row["seed"] in ("", str(n.seed))]
        percent = 100 if row["metric"] == "silent" else 1
        values = [n.of_population(row["metric"], row["area"], row["population"]) for n in chosen]
        check_row(row, [None if v is None else percent * v for v in values], checked, "selectivity")


def check_variants(rows, networks, checked):
    for row in rows:
        values = [n.variants()[row["metric"]] for n in networks if n.condition == row["condition"]]
        check_row(row, values, checked, "variants")


def check_plane(rows, networks, checked):
    """Intervals are those of the networks that are shown, too."""
    for name in ("density_difference", "image_skewness_difference"):
        for condition in {n.condition for n in networks}:
            # A network without one of both has no point.
            points = [n for n in networks if n.condition == condition and None not in n.differences().values()]
            of_condition = [row for row in rows if row["condition"] == condition]
            assert len(of_condition) == len(points) + bool(points), (condition, of_condition)
            for row in of_condition:
                values = [n.differences()[name] for n in points if row["seed"] in ("", str(n.seed))]
                assert int(row["n"]) == len(values), row
                assert np.isclose(float(row[name]), np.mean(values), rtol=1e-5, atol=1e-7), (row, values)
                checked["e-i-plane"] = checked.get("e-i-plane", 0) + 1
                if row["seed"] == "" and len(values) > 1:
                    shown = [float(r[name]) for r in of_condition if r["seed"]]
                    text = subprocess.run([estimate, *map(repr, shown)], capture_output=True, text=True).stdout
                    ends = [row[f"{name.removesuffix('_difference')}_interval_{end}"] for end in ("low", "high")]
                    assert list(map(float, ends)) == [float(value) for value in text.split()[1:]]


def check_weights(rows, networks, checked):
    sums = {}
    for row in rows:
        chosen = [n.weights[row["area"], row["projection"]] for n in networks if n.condition == row["condition"]]
        assert int(row["n"]) == len(chosen), row
        with np.errstate(divide="ignore"):
            logarithms = np.log(np.concatenate(chosen))
        quantity = row["quantity"]
        if quantity == "density":
            value = np.mean([np.mean(weights > np.exp(-10)) for weights in chosen])
        else:
            low, high = {"percent_zero_or_below_bins": (-np.inf, -40), "percent_above_bins": (4, np.inf)}.get(
                quantity, (float(row["ln_weight_from"] or 0), float(row["ln_weight_from"] or 0) + 0.5)
            )
            value = 100 * np.mean((logarithms >= low) & (logarithms < high))
            key = row["condition"], row["area"], row["projection"]
            sums[key] = sums.get(key, 0) + float(row["value"])
        assert np.isclose(float(row["value"]), value, rtol=1e-9), (row, value)
        # Weights outside of bins are there to be seen.
        checked[quantity] = checked.get(quantity, 0) + (value > 0)
    assert np.allclose(list(sums.values()), 100), sums


def check_over_training(rows, networks, checked):
    for row in rows:
        values = []
        for network in (n for n in networks if n.condition == row["condition"]):
            # Of two analyses of one epoch, that of the run itself counts.
            folder = network.folder / "analysis" / f"epoch-{row['epoch']}"
            if int(row["epoch"]) == network.analysis["epoch"]:
                folder = network.folder
            analysis = json.loads((folder / "analysis.json").read_text())
            metric, what = row["metric"], row["population_or_projection"]
            if metric == "test_accuracy":
                values.append(analysis["test_accuracy"])
            elif not what:
                values.append(analysis["differences"][metric.removesuffix("_difference")])
            else:
                units = read_units(folder).get(metric, {})
                values.append(mean_of([v for (a, p, _), v in units.items() if (a, p) == (row["area"], what)]))
        check_row(row, values, checked, "over-training")


def check_tuning(rows, networks, checked):
    for row in rows:
        (network,) = (n for n in networks if (n.condition, str(n.seed)) == (row["condition"], row["seed"]))
        key = row["area"], row["population"]
        gosi = {u: v for (a, p, u), v in read_units(network.folder)["gosi"].items() if (a, p) == key}
        order = sorted(gosi, key=lambda unit: (-gosi[unit], int(unit)))
        place = {"most": 0, "only": 0, "median": (len(order) - 1) // 2, "least": -1}[row["example"]]
        assert row["unit"] == order[place], (row, gosi)
        responses = network.curves[key][int(row["unit"])]
        assert np.isclose(float(row["gosi"]), gosi_of(responses), rtol=1e-5, atol=1e-7), row
        _, frequency, phase = np.unravel_index(np.argmax(responses), responses.shape)
        response = responses[int(row["orientation"]) // 10, frequency, phase]
        assert np.isclose(float(row["response"]), response, rtol=1e-5, atol=1e-9), (row, response)
        checked["tuning"] = checked.get("tuning", 0) + 1


def check_grid(rows, checked):
    cells = {}
    for folder in sorted((runs / "grid" / "runs").glob("*/seed-*")):
        grid = json.loads((folder / "run.json").read_text())["grid"]
        values = tuple(str(grid[f"area3.populations.{name}.channels"]) for name in ("PN", "IG"))
        cells[values] = Network(folder)
    for row in rows:
        network = cells[row["across_value"], row["up_value"]]
        values = network.differences() | {"test_accuracy": network.test_accuracy()}
        check_row(row, [values[row["metric"]]], checked, "channel-grid")


def check_reports(networks, checked):
    checks = {
        "selectivity": check_selectivity, "variants": check_variants, "e-i-plane": check_plane,
        "weights": check_weights, "over-training": check_over_training, "tuning": check_tuning,
    }  # fmt: skip
    out.mkdir(parents=True, exist_ok=True)
    for folder, figures in ("runs", [*checks]), ("grid", ["channel-grid"]):
        subprocess.run(
            [dale, "report", runs / folder, "-o", out / "report.html", "--figures", ",".join(figures), "--svg", out],
            check=True, capture_output=True,
        )  # fmt: skip
        for figure in figures:
            with open(out / f"{figure}.csv", newline="") as file:
                rows = list(csv.DictReader(file))
            if figure == "channel-grid":
                check_grid(rows, checked)
            else:
                checks[figure](rows, networks, checked)


def main():
    checked = {}
    for folder in sorted((runs / "runs").glob("*/seed-0")):
        check_units(folder, checked)
        check_densities(folder, checked)
    # A test that compared nothing would pass.
    for metric in ("gosi", "orientation_skewness", "image_skewness", "density", "kernel", "sparse"):
        assert checked.get(metric, 0) > 10, checked
    assert all(checked.get(what, 0) for what in ("abs", "rectify", "free", "regular")), checked
    for values in ([0.1, 0.7], [0.61, 0.58, 0.66, 0.7, 0.52], [1.5, 1.5, 2.5, -3.0], [0.0, 1e-3, 5.0, 2.0, 7.5, 3.25]):
        check_interval(values)
    check_reports([Network(folder) for folder in sorted((runs / "runs").glob("*/seed-*"))], checked)
    for table in (
        "selectivity", "variants", "e-i-plane", "over-training", "tuning", "channel-grid",
        "percent_in_bin", "percent_zero_or_below_bins", "percent_above_bins",
    ):  # fmt: skip
        assert checked.get(table, 0) > 1, (table, checked)
    print(", ".join(f"{count} x {metric}" for metric, count in checked.items()))


main()
