"""What analyses and reports say of networks, against NumPy and SciPy.

    check_numbers.py DALE RUNS OUT ESTIMATE

computes gOSI, skewness and densities of a run from its responses and weights,
as docs/analysis.md defines them, and intervals with scipy.stats.bootstrap."""

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
        kind, area, population = name.split(".")
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


def check_densities(folder, checked):
    weights = read_tensors(folder / "checkpoint.safetensors")
    kernels = read_tensors(folder / "analysis.safetensors")
    analysis = json.loads((folder / "analysis.json").read_text())
    metrics = read_units(folder)
    for projection in analysis["projections"]:
        assert projection["constraint"] == "abs", projection
        stem = f"{projection['area']}.{projection['name']}"
        depthwise, pointwise = (weights[f"{stem}.{part}"] for part in ("depthwise", "pointwise"))
        kernel = np.abs(depthwise)[..., None] * np.abs(pointwise)
        applied = kernels[f"kernels.{stem}"]
        assert np.allclose(applied, kernel, rtol=1e-6, atol=0), stem
        checked["kernel"] = checked.get("kernel", 0) + 1
        density = np.mean(kernel.mean(axis=(0, 1)) > np.exp(-10))
        key = projection["area"], projection["name"], ""
        expect(metrics, "density", key, density, checked)


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


def check_report():
    """Intervals of a page are those of the networks that it shows."""
    out.mkdir(parents=True, exist_ok=True)
    subprocess.run(
        [dale, "report", runs / "runs", "-o", out / "report.html", "--figures", "e-i-plane", "--svg", out],
        check=True, capture_output=True,
    )  # fmt: skip
    with open(out / "e-i-plane.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    conditions = {row["condition"] for row in rows} - {"experiments"}
    assert conditions
    for condition in sorted(conditions):
        of_condition = [row for row in rows if row["condition"] == condition]
        (mean,) = (row for row in of_condition if row["seed"] == "")
        for name in ("density", "image_skewness"):
            values = [float(row[f"{name}_difference"]) for row in of_condition if row["seed"]]
            assert len(values) == int(mean["n"]) > 1
            assert np.isclose(float(mean[f"{name}_difference"]), np.mean(values), rtol=1e-12)
            text = subprocess.run([estimate, *map(repr, values)], capture_output=True, text=True).stdout
            ends = [float(mean[f"{name}_interval_{end}"]) for end in ("low", "high")]
            assert ends == [float(value) for value in text.split()[1:]]


def main():
    checked = {}
    for folder in sorted((runs / "runs").glob("*/seed-0")):
        check_units(folder, checked)
        check_densities(folder, checked)
    # A test that compared nothing would pass.
    for metric in ("gosi", "orientation_skewness", "image_skewness", "density", "kernel"):
        assert checked.get(metric, 0) > 10, checked
    for values in ([0.1, 0.7], [0.61, 0.58, 0.66, 0.7, 0.52], [1.5, 1.5, 2.5, -3.0], [0.0, 1e-3, 5.0, 2.0, 7.5, 3.25]):
        check_interval(values)
    check_report()
    print(", ".join(f"{count} x {metric}" for metric, count in checked.items()))


main()
