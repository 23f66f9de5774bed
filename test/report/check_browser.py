"""A report in a browser.

    check_browser.py DALE RUNS OUT

At two widths: every figure is there and seen whole, the console has no error,
nothing is asked of the network, tables download, the menu and the unit browser
react. Leaves screenshots in OUT."""

import base64
import pathlib
import shutil
import subprocess
import sys

from devtools import Browser, find_chromium

FIGURES = [
    "selectivity", "weights", "e-i-plane", "over-training", "channel-grid", "tuning", "variants", "dashboard",
]

dale, runs, out = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])


def check_quiet(browser):
    for event in browser.events:
        method, parameters = event.get("method"), event.get("params", {})
        assert method != "Runtime.exceptionThrown", parameters
        if method == "Runtime.consoleAPICalled":
            raise AssertionError(f"console: {parameters}")
        if method == "Log.entryAdded":
            raise AssertionError(f"log: {parameters}")
        if method == "Network.requestWillBeSent":
            address = parameters["request"]["url"]
            assert address.startswith(("file:", "data:")), address


def check_figures(browser, width):
    for figure in FIGURES:
        state = browser.evaluate(f"""(() => {{
            const pictures = [...document.querySelectorAll('#{figure} svg[role=img]')]
                .filter(each => each.checkVisibility());
            return {{
                count: pictures.length,
                narrow: pictures.filter(each => each.getBoundingClientRect().width < 120).length,
                outside: pictures.filter(each =>
                    each.getBoundingClientRect().right > {width} + 0.5).length,
                texts: pictures.every(each => each.querySelector('text')),
                caption: document.querySelector('#{figure} figcaption').textContent.length,
            }};
        }})()""")
        assert state["count"] > 0 and state["narrow"] == 0 and state["outside"] == 0, (figure, state)
        assert state["texts"] and state["caption"] > 100, (figure, state)
    scrolled = browser.evaluate("document.documentElement.scrollWidth")
    assert scrolled <= width, f"the page is {scrolled} wide"


def check_downloads(browser):
    for figure in FIGURES:
        lines = browser.evaluate(
            f"decodeURIComponent(document.querySelector('#{figure} a[download]').href"
            ".split(',').slice(1).join(',')).trim().split('\\n').length"
        )
        assert lines > 1, figure


def check_dashboard(browser):
    """The menu shows one run; the unit browser what is chosen."""
    shown = "[...document.querySelectorAll('#dashboard .group')].filter(each => !each.hidden).map(each => each.id)"
    choose = """((select, value) => {
        select.value = value;
        select.dispatchEvent(new Event('change'));
    })"""
    menu = "document.querySelector('select[data-menu=dashboard]')"
    assert browser.evaluate(shown) == ["dashboard-0"]
    browser.evaluate(f"{choose}({menu}, 'dashboard-3')")
    assert browser.evaluate(shown) == ["dashboard-3"]
    unit = "document.querySelector('#dashboard-3 .browser .unit')"
    before = browser.evaluate(f"{unit}.innerHTML")
    assert "largest response" in before, before
    selects = "document.querySelectorAll('#dashboard-3 .browser select')"
    assert browser.evaluate(f"{selects}.length") == 3
    browser.evaluate(f"{choose}({selects}[2], '1')")
    other = browser.evaluate(f"{unit}.innerHTML")
    assert other != before
    browser.evaluate(f"{choose}({selects}[1], '1')")
    assert browser.evaluate(f"{unit}.innerHTML") != other
    browser.evaluate(f"{choose}({selects}[0], '1')")
    assert browser.evaluate(f"{selects}[1].options.length") > 1
    assert browser.evaluate(f"{unit}.querySelectorAll('path').length") == 1, "a tuning curve"
    assert "NaN" not in browser.evaluate(f"{unit}.innerHTML")


def take_screenshot(browser, path):
    picture = browser.call("Page.captureScreenshot", captureBeyondViewport=True)
    path.write_bytes(base64.b64decode(picture["data"]))


def main():
    if not find_chromium() or not shutil.which("gnuplot"):
        print("skipped: chromium or gnuplot is missing (Debian: chromium, gnuplot-nox)")
        sys.exit(77)
    out.mkdir(parents=True, exist_ok=True)
    page = out / "report.html"
    subprocess.run([dale, "report", runs / "runs", runs / "grid", "-o", page], check=True, stdout=subprocess.DEVNULL)
    for width in (1000, 400):
        browser = Browser(width, 900)
        try:
            browser.call(
                "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
            )
            browser.open(page.resolve().as_uri())
            check_figures(browser, width)
            check_downloads(browser)
            check_dashboard(browser)
            take_screenshot(browser, out / f"{width}.png")
            check_quiet(browser)
        finally:
            browser.close()


main()
