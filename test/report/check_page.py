"""The page that 'dale report' writes of small runs, and what it refuses.

    check_page.py DALE RUNS OUT"""

import csv
import html.parser
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.parse
import xml.etree.ElementTree

FIGURES = ["selectivity", "weights", "e-i-plane", "over-training", "tuning", "variants", "dashboard"]

dale, runs, out = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])


def report(*arguments, code=0, environment=None):
    done = subprocess.run(
        [dale, "report", *map(str, arguments)], capture_output=True, text=True,
        env={**os.environ, **(environment or {})},
    )  # fmt: skip
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout if code == 0 else done.stderr


def refuse(*arguments, code=1, parts=(), environment=None):
    error = report(*arguments, code=code, environment=environment)
    assert error.startswith("dale: error: ") or code == 2, error
    for part in parts:
        assert part in error, f"the message\n  {error}\nlacks\n  {part}"


class Page(html.parser.HTMLParser):
    """Sections, downloads, and whether tags are closed as they are opened."""

    VOID = {"meta", "link", "br", "input"}

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.tables, self.links, self.tags = [], [], {}, [], []
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.tags.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)
        if "id" in attributes:
            self.ids.append(attributes["id"])
        for key in ("href", "src", "xlink:href"):
            if key in attributes:
                self.links.append(attributes[key])
        if "download" in attributes:
            data = attributes["href"].removeprefix("data:text/csv;charset=utf-8,")
            self.tables[attributes["download"]] = urllib.parse.unquote(data)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag


def rows_of(text):
    rows = list(csv.reader(io.StringIO(text)))
    assert len({len(row) for row in rows}) == 1, "rows of several lengths"
    assert len(rows) > 1
    return [dict(zip(rows[0], row)) for row in rows[1:]]


def check_page():
    path = out / "report.html"
    message = report(runs / "runs", "-o", path, "--svg", out / "figures")
    assert f"{len(FIGURES)} of 8 figures from 6 runs" in message, message
    text = path.read_text()
    page = Page(text)
    for figure in FIGURES:
        assert figure in page.ids, figure
        rows = rows_of(page.tables[f"{figure}.csv"])
        assert page.tables[f"{figure}.csv"] == (out / "figures" / f"{figure}.csv").read_text()
        assert len(rows) > 3, figure
    assert "no run is part of a grid" in text
    assert len(page.ids) == len(set(page.ids)), "an id occurs twice"
    outside = [link for link in page.links if not link.startswith(("#", "data:"))]
    assert not outside, outside
    assert len(text) < 1_500_000, len(text)
    for name in (out / "figures").iterdir():
        if name.suffix == ".svg":
            xml.etree.ElementTree.parse(name)
    assert (out / "figures" / "dashboard-Gray-seed-0.svg").exists()
    # The same runs give the same bytes, in whatever order they are named.
    folders = sorted((runs / "runs").glob("*/seed-*"), reverse=True)
    report(*folders, runs / "runs", "-o", out / "again.html")
    assert (out / "again.html").read_bytes() == path.read_bytes()
    return page


def check_selectivity(page):
    """Means of the table are those of the runs' analyses."""
    means = {}
    for row in rows_of(page.tables["selectivity.csv"]):
        if row["metric"] == "gosi" and row["seed"] == "":
            means[row["condition"], row["area"], row["population"]] = row
    for condition, folder in (("Gray", "Gray"), ("Gray EI", "GrayEI")):
        values = {}
        for seed in range(3):
            analysis = json.loads((runs / "runs" / folder / f"seed-{seed}/analysis.json").read_text())
            for population in analysis["populations"]:
                if population["gosi"]["mean"] is not None:
                    key = condition, population["area"], population["population"]
                    values.setdefault(key, []).append(population["gosi"]["mean"])
        for key, of_networks in values.items():
            row = means[key]
            assert int(row["n"]) == len(of_networks), row
            assert abs(float(row["mean"]) - sum(of_networks) / len(of_networks)) < 1e-12, row
            if len(of_networks) > 1:
                low, high = float(row["interval_low"]), float(row["interval_high"])
                ascending = [min(of_networks), low, float(row["mean"]), high, max(of_networks)]
                assert all(a <= b + 1e-12 for a, b in zip(ascending, ascending[1:])), ascending


def check_grid():
    report(runs / "grid", "-o", out / "grid.html", "--svg", out / "grid")
    text = (out / "grid.html").read_text()
    page = Page(text)
    assert "A &lt;b&gt;grid&lt;/b&gt; &amp; more" in text
    assert "no &lt;memory&gt;" in text
    assert list(page.tables) == ["channel-grid.csv"], "the experiment asks for one figure"
    rows = [r for r in rows_of(page.tables["channel-grid.csv"]) if r["metric"] == "test_accuracy"]
    cells = {(row["across_value"], row["up_value"]) for row in rows}
    assert cells == {("8", "2"), ("16", "2"), ("8", "4")}, cells
    assert rows[0]["up"] == "IG, OG channels (area3)", rows[0]


def check_order():
    """Conditions stand as their experiment has them, others by their names."""
    steps = out / "steps"
    for condition in ("B", "C", "A"):
        folder = steps / "runs" / condition / "seed-0"
        shutil.copytree(runs / "runs" / "Gray" / "seed-0", folder)
        of_run = {"experiment": "steps", "condition": condition, "overrides": {}, "grid": {}, "seed": 0}
        (folder / "run.json").write_text(json.dumps(of_run))
    for listed, expected in ((["C", "A", "B"], ["C", "A", "B"]), ([], ["A", "B", "C"])):
        experiment = {"name": "steps", "conditions": [{"name": name} for name in listed]}
        (steps / "experiment.json").write_text(json.dumps(experiment))
        report(steps, "-o", out / "steps.html", "--figures", "variants")
        rows = rows_of(Page((out / "steps.html").read_text()).tables["variants.csv"])
        assert [row["condition"] for row in rows if row["metric"] == "test_accuracy"] == expected


def check_one_run():
    folder = runs / "runs" / "Gray" / "seed-1"
    report(folder, "-o", out / "one.html", "--figures", "selectivity,variants")
    text = (out / "one.html").read_text()
    rows = rows_of(Page(text).tables["selectivity.csv"])
    assert all(row["interval_low"] == "" for row in rows), "n = 1 has no interval"
    assert "expected two conditions or more" in text
    # Another run of the same seed is no other network, as a reader should know.
    shutil.copytree(folder, out / "copy")
    report(folder, out / "copy", "-o", out / "two.html", "--figures", "selectivity")
    assert "2 runs have the condition Gray and the seed 1" in (out / "two.html").read_text()


def check_threshold_of_zero():
    """gnuplot draws no line at minus infinity."""
    folder = out / "zero" / "seed-0"
    shutil.copytree(runs / "runs" / "Gray" / "seed-0", folder)
    for path in folder.rglob("analysis.json"):
        analysis = json.loads(path.read_text())
        path.write_text(json.dumps(analysis | {"threshold": 0}))
    report(out / "zero", "-o", out / "zero.html", "--figures", "weights")
    assert "the threshold is 0 and has no logarithm" in (out / "zero.html").read_text()


def check_hostile_names():
    """What files say is text, for the page and for gnuplot."""
    folder = out / "hostile" / "seed-0"
    shutil.copytree(runs / "runs" / "Gray" / "seed-0", folder)
    name = "</script><script>alert('1')</script>'; system(\"touch x\")\n`touch y` @a & \\ \"q\""
    summary = json.loads((folder / "summary.json").read_text())
    summary["circuit"] = name
    (folder / "summary.json").write_text(json.dumps(summary))
    report(folder, runs / "runs" / "GrayEI", "-o", out / "hostile.html", "--svg", out / "hostile-svg")
    page = Page((out / "hostile.html").read_text())
    assert page.tags.count("script") == 5, "the page's own, and the units of four runs"
    for picture in (out / "hostile-svg").glob("*.svg"):
        xml.etree.ElementTree.parse(picture)
    assert any(row["condition"] == name for row in rows_of(page.tables["variants.csv"]))
    assert not pathlib.Path("x").exists() and not pathlib.Path("y").exists()


def check_errors():
    empty = out / "empty"
    empty.mkdir()
    refuse(empty, "-o", out / "x.html", parts=["holds no run", "summary.json"])
    refuse(out / "nowhere", "-o", out / "x.html", parts=["is no folder"])
    refuse(runs / "runs", "--figures", "selectivty", code=2, parts=["did you mean 'selectivity'?"])
    refuse(runs / "runs", "--figures", "xyz", code=2, parts=["expected some of selectivity, weights"])
    refuse(runs / "grid", "--figures", "selectivity", "-o", out / "no" / "x.html", parts=["create the folder"])
    refuse(runs / "grid", "--svg", out / "report.html", "-o", out / "x.html", parts=["report.html"])
    refuse(code=2)

    # What is there stays where something is wrong, and is replaced otherwise.
    target = out / "target.html"
    target.write_text("before")
    broken = out / "broken"
    cases = [
        ("analysis.json", lambda text: text[:200], ["analysis.json:", "the file ends here", "analyze the run again"]),
        ("summary.json", lambda text: text.replace(b'"seed"', b'"sead"'), ["summary.json: the whole has no 'seed'"]),
        ("metrics.csv", lambda text: text[:-5], ["metrics.csv:", "the file ends within a line"]),
        ("analysis.csv", lambda text: text.replace(b",gosi,", b",gosi,x", 1), ["analysis.csv:", "expected a number"]),
        ("analysis.csv", lambda text: text.replace(b",0,gosi,", b",x0,gosi,", 1), ["analysis.csv:", "unit 'x0' of"]),
        ("analysis.json", lambda text: re.sub(rb'"units": \d+', b'"units": -1', text, count=1), ["analysis.json: /populations/0/", "is -1: expected a whole number"]),
        ("analysis.safetensors", lambda text: text[:-7], ["analysis.safetensors:", "ends at byte"]),
        ("checkpoint.safetensors", lambda text: text[:4], ["checkpoint.safetensors: ends at byte 4"]),
    ]  # fmt: skip
    for file, breaking, parts in cases:
        shutil.rmtree(broken, ignore_errors=True)
        shutil.copytree(runs / "runs" / "Gray" / "seed-0", broken)
        (broken / file).write_bytes(breaking((broken / file).read_bytes()))
        refuse(broken, "-o", target, parts=parts)
        assert target.read_text() == "before", file
    for file, advice in (
        ("experiment.json", "restore the file"),
        ("sweep.json", "run 'dale sweep' again"),
        ("runs/Standard,PN=8,IG=2/seed-0/run.json", "restore the file"),
    ):
        shutil.rmtree(broken, ignore_errors=True)
        shutil.copytree(runs / "grid", broken)
        (broken / file).write_bytes((broken / file).read_bytes()[:30])
        refuse(broken, "-o", target, parts=[f"{file}:", "the file ends here", advice])
        assert target.read_text() == "before", file
    tools = out / "tools"
    tools.mkdir()
    refuse(
        runs / "grid", "-o", target, environment={"PATH": str(tools)},
        parts=["install the package 'gnuplot-nox'"],
    )  # fmt: skip
    gnuplot = tools / "gnuplot"
    gnuplot.write_text("#!/bin/sh\necho no terminal >&2\nexit 1\n")
    gnuplot.chmod(0o755)
    refuse(runs / "grid", "-o", target, environment={"PATH": str(tools)}, parts=["could not draw", "no terminal"])
    assert target.read_text() == "before"
    report(runs / "grid", "-o", target)
    assert target.read_text().startswith("<!DOCTYPE html>")
    left = [name for name in os.listdir(out) if ".tmp-" in name]
    assert not left, left


def main():
    if not shutil.which("gnuplot"):
        print("skipped: gnuplot is missing (Debian: gnuplot-nox)")
        sys.exit(77)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    os.chdir(out)
    check_selectivity(check_page())
    check_grid()
    check_order()
    check_one_run()
    check_threshold_of_zero()
    check_hostile_names()
    check_errors()


main()
