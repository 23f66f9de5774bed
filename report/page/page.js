"use strict";

// A menu shows one group of a figure at a time.
for (const menu of document.querySelectorAll("select[data-menu]")) {
  const groups = document.querySelectorAll(`#${menu.dataset.menu} .group`);
  const show = () => {
    for (const group of groups) group.hidden = group.id !== menu.value;
  };
  menu.addEventListener("change", show);
  menu.closest(".menu").hidden = false;
  show();
}

// Texts of files are set as texts, never as HTML.
function element(name, attributes = {}, ...children) {
  const svg = ["svg", "path", "line", "text"].includes(name);
  const made = svg
    ? document.createElementNS("http://www.w3.org/2000/svg", name)
    : document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

function choice(label, onChange) {
  const select = element("select");
  select.addEventListener("change", onChange);
  return { select, node: element("label", {}, `${label} `, select) };
}

function fill(select, names) {
  select.replaceChildren(...names.map((name, i) => element("option", { value: i }, name)));
}

function metricsTable(names, values) {
  const rows = names.map((name, i) => element("tr", {},
    element("th", {}, name.replaceAll("_", " ")), element("td", {}, `${values[i] ?? "none"}`)));
  return element("table", {}, element("tbody", {}, ...rows));
}

// Response by orientation, 10 degrees apart; orientations go round.
function tuningCurve(curve, colour) {
  const largest = Math.max(...curve, 0), smallest = Math.min(...curve, 0);
  const span = largest - smallest || 1;
  const x = (degrees) => 50 + degrees * 260 / 180;
  const y = (value) => 160 - 132 * (value - smallest) / span;
  const points = [...curve, curve[0]].map((value, i) => `${x(10 * i)},${y(value).toFixed(1)}`);
  const text = (content, at, up, anchor) =>
    element("text", { x: at, y: up, "text-anchor": anchor, "font-size": 12, fill: "#222" }, content);
  const axis = { stroke: "#444" };
  return element("svg", { viewBox: "0 0 330 205", role: "img", "aria-label": "tuning curve" },
    element("line", { x1: 50, y1: 160, x2: 310, y2: 160, ...axis }),
    element("line", { x1: 50, y1: 28, x2: 50, y2: 160, ...axis }),
    ...[0, 45, 90, 135, 180].map((degrees) => text(`${degrees}`, x(degrees), 177, "middle")),
    text("orientation (°)", 180, 197, "middle"),
    text(Number(largest.toPrecision(3)).toString(), 45, y(largest) + 4, "end"),
    text(Number(smallest.toPrecision(3)).toString(), 45, y(smallest) + 4, "end"),
    text("response", 50, 14, "middle"),
    element("path", { d: `M${points.join("L")}`, fill: "none", stroke: colour, "stroke-width": 2 }));
}

// The unit browser: an area, a population, a unit of it.
for (const browser of document.querySelectorAll(".browser")) {
  const { metrics, populations } = JSON.parse(browser.nextElementSibling.textContent);
  const responds = metrics.indexOf("responds");
  const areas = [...new Set(populations.map((each) => each.area))];
  const area = choice("area", showArea), population = choice("population", showPopulation);
  const unit = choice("unit", showUnit);
  const shown = element("div", { class: "unit", "aria-live": "polite" });
  let inArea = [], chosen;

  function showArea() {
    inArea = populations.filter((each) => each.area === areas[area.select.value]);
    fill(population.select, inArea.map((each) => each.population));
    showPopulation();
  }
  function showPopulation() {
    chosen = inArea[population.select.value];
    fill(unit.select, chosen.units.map(([values], i) =>
      values[responds] === 0 ? `${i} (silent)` : `${i}`));
    showUnit();
  }
  function showUnit() {
    const [values, curve] = chosen.units[unit.select.value];
    shown.replaceChildren(metricsTable(metrics, values),
      curve ? tuningCurve(curve, chosen.colour)
            : element("p", {}, "No tuning curve: analyze with --save-responses gratings."));
  }

  fill(area.select, areas);
  browser.append(element("h4", {}, "Units"),
    element("p", {}, area.node, population.node, unit.node), shown);
  browser.hidden = false;
  showArea();
}
