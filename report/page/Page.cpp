//===- Page.cpp - The page of a report ------------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/page/Page.h"

#include "report/Svg.h"
#include "report/page/Parts.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

using namespace dale::report;

/// A text as the address of a file: "data:text/csv,..." escapes what an
/// attribute and an address cannot hold.
static std::string dataAddress(std::string_view type, std::string_view text) {
  std::string address = fmt::format("data:{};charset=utf-8,", type);
  for (char letter : text) {
    unsigned char byte = static_cast<unsigned char>(letter);
    bool plain = byte > ' ' && byte < 0x7f &&
                 std::string_view("%#\"'<>&\\^`{|}").find(letter) ==
                     std::string_view::npos;
    if (plain)
      address += letter;
    else
      address += fmt::format("%{:02X}", byte);
  }
  return address;
}

static std::string printRuns(const Runs &runs) {
  std::string rows;
  for (const Run &run : runs.runs)
    rows += fmt::format(
        "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td>"
        "<td>{}</td><td>{}</td></tr>\n",
        escaped(run.condition), run.seed, escaped(run.dataset),
        run.complete ? fmt::format("{}", run.epochsDone)
                     : fmt::format("{} of {}", run.epochsDone, run.epochs),
        run.testAccuracy ? fmt::format("{:.3f}", *run.testAccuracy) : "–",
        run.latest() ? fmt::format("{}", run.latest()->epoch) : "–",
        escaped(run.folder.lexically_normal().string()));
  return fmt::format("<details><summary>The {} run{}</summary>\n"
                     "<div class=\"scroll\"><table>\n<thead><tr>"
                     "<th>condition</th><th>seed</th><th>data set</th>"
                     "<th>epochs</th><th>test accuracy</th>"
                     "<th>analyzed at epoch</th><th>folder</th></tr></thead>\n"
                     "<tbody>\n{}</tbody></table></div></details>\n",
                     runs.runs.size(), runs.runs.size() == 1 ? "" : "s", rows);
}

/// What a reader has to know before the figures.
static std::string printNotes(const Runs &runs) {
  std::vector<std::string> notes;
  for (const Experiment &experiment : runs.experiments)
    for (const std::string &run : experiment.unfinished)
      notes.push_back(fmt::format("{}: {}", experiment.name, run));
  for (const Run &run : runs.runs)
    if (!run.complete)
      notes.push_back(
          fmt::format("{} ended after epoch {} of {}; it counts as any other",
                      run.name, run.epochsDone, run.epochs));
  std::map<std::pair<std::string, int64_t>, int> uses;
  for (const Run &run : runs.runs)
    ++uses[{run.condition, run.seed}];
  for (const auto &[which, count] : uses)
    if (count > 1)
      notes.push_back(fmt::format("{} runs have the condition {} and the seed "
                                  "{}; each counts as a network",
                                  count, which.first, which.second));
  if (notes.empty())
    return "";
  std::string items;
  for (const std::string &note : notes)
    items += fmt::format("<li>{}</li>\n", escaped(note));
  return "<ul class=\"notes\">\n" + items + "</ul>\n";
}

static std::string printContents(const Page &page) {
  std::string items;
  for (const Figure &figure : page.figures)
    items += fmt::format("<li><a href=\"#{}\">{}</a></li>\n", figure.name,
                         escaped(figure.title));
  if (!page.omissions.empty())
    items += "<li><a href=\"#left-out\">Left out</a></li>\n";
  return "<nav aria-label=\"Contents\"><h2>Contents</h2>\n<ol>\n" + items +
         "</ol></nav>\n";
}

/// JSON that ends no <script> it stands in.
static std::string withoutTags(std::string_view json) {
  std::string text;
  for (char letter : json) {
    if (letter == '<')
      text += "\\u003c";
    else
      text += letter;
  }
  return text;
}

static std::string printGroup(const Figure &figure, const Group &group,
                              size_t index) {
  std::string html =
      fmt::format("<div class=\"group\" id=\"{}-{}\">\n", figure.name, index);
  if (!group.heading.empty())
    html += fmt::format("<h3>{}</h3>\n", escaped(group.heading));
  html += "<div class=\"panels\">\n";
  for (const Panel &panel : group.panels)
    html += fmt::format("<div class=\"panel\" style=\"max-width:{}px\">\n",
                        panel.plot.width()) +
            panel.svg + "</div>\n";
  html += "</div>\n";
  if (!group.units.empty())
    html += fmt::format("<div class=\"browser\" hidden></div>\n<script "
                        "type=\"application/json\">{}</script>\n",
                        withoutTags(group.units));
  return html + "</div>\n";
}

/// A menu that shows one group at a time; without JavaScript all are shown.
static std::string printMenu(const Figure &figure) {
  if (!figure.separateGroups || figure.groups.size() < 2)
    return "";
  std::string options;
  for (size_t i = 0; i < figure.groups.size(); ++i)
    options += fmt::format("<option value=\"{}-{}\">{}</option>\n", figure.name,
                           i, escaped(figure.groups[i].heading));
  return fmt::format("<p class=\"menu\" hidden><label>Show <select "
                     "data-menu=\"{}\">\n{}</select></label></p>\n",
                     figure.name, options);
}

static std::string printFigure(const Figure &figure, size_t number) {
  std::string html =
      fmt::format("<section id=\"{}\">\n<h2>{}. {}</h2>\n<figure>\n",
                  figure.name, number, escaped(figure.title));
  html += printMenu(figure);
  for (size_t i = 0; i < figure.groups.size(); ++i)
    html += printGroup(figure, figure.groups[i], i);
  html += fmt::format("<figcaption>{}</figcaption>\n", escaped(figure.caption));
  html += fmt::format(
      "<p class=\"download\"><a download=\"{}.csv\" href=\"{}\">Table of this "
      "figure (CSV, {} rows)</a></p>\n",
      figure.name, dataAddress("text/csv", figure.table.csv()),
      figure.table.rows.size());
  return html + "</figure>\n</section>\n";
}

static std::string printOmissions(const std::vector<Omission> &omissions) {
  if (omissions.empty())
    return "";
  std::string items;
  for (const Omission &omission : omissions)
    items +=
        fmt::format("<li><b>{}</b> ({}): {}</li>\n", escaped(omission.title),
                    escaped(omission.name), escaped(omission.reason));
  return "<section id=\"left-out\">\n<h2>Left out</h2>\n<ul>\n" + items +
         "</ul>\n</section>\n";
}

std::string dale::report::printPage(const Page &page) {
  // Nothing can be loaded from anywhere.
  std::string html = fmt::format(
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
      "'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src "
      "data:\">\n<meta name=\"viewport\" content=\"width=device-width, "
      "initial-scale=1\">\n<meta name=\"generator\" content=\"{}\">\n"
      "<link rel=\"icon\" href=\"data:,\">\n<title>{}</title>\n",
      escaped(page.version), escaped(page.title));
  html += "<style>\n";
  html += pageStyle;
  html += "</style>\n</head>\n<body>\n";
  html += fmt::format(
      "<header>\n<h1>{}</h1>\n<p>{} network{} of {} "
      "condition{}. Made by {}.</p>\n</header>\n<main>\n",
      escaped(page.title), page.runs.runs.size(),
      page.runs.runs.size() == 1 ? "" : "s", page.runs.conditions().size(),
      page.runs.conditions().size() == 1 ? "" : "s", escaped(page.version));
  html += printContents(page);
  html += printNotes(page.runs);
  html += printRuns(page.runs);
  for (size_t i = 0; i < page.figures.size(); ++i)
    html += printFigure(page.figures[i], i + 1);
  html += printOmissions(page.omissions);
  html += "</main>\n<script>\n";
  html += pageScript;
  html += "</script>\n</body>\n</html>\n";
  return html;
}
