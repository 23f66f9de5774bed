//===- Report.cpp - dale report -------------------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/Report.h"

#include "report/FigureFile.h"
#include "report/Gnuplot.h"
#include "report/Svg.h"
#include "report/figures/Figures.h"
#include "report/page/Page.h"

#include "runtime/Error.h"
#include "runtime/NearestName.h"
#include "runtime/io/AtomicFile.h"

#include <algorithm>
#include <filesystem>

using namespace dale::report;
using namespace dale::runtime;
namespace fs = std::filesystem;

std::vector<std::string> dale::report::figureNames() {
  std::vector<std::string> names;
  for (const FigureKind &kind : figureKinds())
    names.emplace_back(kind.name);
  return names;
}

//===----------------------------------------------------------------------===//
// Which figures
//===----------------------------------------------------------------------===//

/// `where` they are named begins the error.
static void checkNames(const std::vector<std::string> &figures,
                       const std::string &where) {
  std::vector<std::string> names = figureNames();
  for (const std::string &name : figures)
    if (std::ranges::find(names, name) == names.end()) {
      std::string near = nearestName(name, names);
      failUsage("{}: '{}' is no figure: {}", where, name,
                near.empty()
                    ? fmt::format("expected some of {}", fmt::join(names, ", "))
                    : fmt::format("did you mean '{}'?", near));
    }
}

/// What was asked for; or what the experiments ask for, if all runs are of
/// experiments that ask for figures; or all.
static std::vector<std::string> chooseFigures(const ReportOptions &options,
                                              const Runs &runs,
                                              std::string &note) {
  if (!options.figures.empty()) {
    note = "with --figures";
    return options.figures;
  }
  std::vector<std::string> chosen;
  for (const Experiment &experiment : runs.experiments) {
    if (experiment.figures.empty())
      return figureNames();
    checkNames(experiment.figures,
               "the figures of the experiment " + experiment.name);
    chosen.insert(chosen.end(), experiment.figures.begin(),
                  experiment.figures.end());
  }
  bool all = std::ranges::all_of(
      runs.runs, [](const Run &run) { return run.experiment.has_value(); });
  if (!all || chosen.empty())
    return figureNames();
  note = "in the experiment";
  return chosen;
}

//===----------------------------------------------------------------------===//
// Drawing
//===----------------------------------------------------------------------===//

/// Every picture of every figure, several at the same time.
static void drawPanels(std::vector<Figure> &figures) {
  std::vector<std::string> scripts;
  for (const Figure &figure : figures)
    for (const Group &group : figure.groups)
      for (const Panel &panel : group.panels)
        scripts.push_back(panel.plot.script());
  std::vector<std::string> drawn = runGnuplot(scripts);
  size_t next = 0;
  for (Figure &figure : figures) {
    size_t number = 0;
    for (Group &group : figure.groups)
      for (Panel &panel : group.panels)
        panel.svg =
            tidySvg(drawn[next++], fmt::format("{}-{}", figure.name, number++),
                    panel.title, panel.plot.width(), panel.plot.height());
  }
}

static std::string titleOf(const Runs &runs) {
  std::vector<std::string> titles;
  for (const Experiment &experiment : runs.experiments)
    titles.push_back(experiment.title);
  if (!titles.empty())
    return fmt::format("{}", fmt::join(titles, "; "));
  std::vector<std::string> conditions = runs.conditions();
  if (conditions.size() > 3)
    return fmt::format("{}, {} and {} more", conditions[0], conditions[1],
                       conditions.size() - 2);
  return fmt::format("{}", fmt::join(conditions, ", "));
}

static std::string sizeText(size_t bytes) {
  return bytes < 1000000
             ? fmt::format("{:.0f} kB", static_cast<double>(bytes) / 1e3)
             : fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

/// A page may replace an older page, but no file that a run consists of.
static void checkOutput(const ReportOptions &options) {
  std::error_code ignored;
  fs::path output = fs::weakly_canonical(options.output, ignored);
  if (output.extension() == ".html" || !fs::exists(output, ignored))
    return;
  for (const std::string &folder : options.folders) {
    fs::path within =
        output.lexically_relative(fs::weakly_canonical(folder, ignored));
    if (!within.empty() && *within.begin() != "..")
      fail("{}: is a file of {}; choose another name for the report",
           options.output, folder);
  }
}

static std::string makeReport(const ReportOptions &options) {
  checkNames(options.figures, "--figures");
  checkOutput(options);
  auto progress = [&](const std::string &text) {
    if (options.progress)
      options.progress(text);
  };
  progress("reading runs");
  Runs runs = readRuns(options.folders);
  Sources sources(runs);
  Page page{titleOf(runs), options.version, runs, {}, {}};
  std::string note;
  std::vector<std::string> chosen = chooseFigures(options, runs, note);
  for (const FigureKind &kind : figureKinds()) {
    if (std::ranges::find(chosen, kind.name) == chosen.end()) {
      page.omissions.push_back(
          {kind.name, kind.title, "not asked for " + note});
      continue;
    }
    progress(fmt::format("drawing {}", kind.name));
    FigureOrReason drawn = kind.draw(sources);
    if (!drawn.reason.empty()) {
      page.omissions.push_back({kind.name, kind.title, drawn.reason});
      continue;
    }
    drawn.figure.name = kind.name;
    drawn.figure.title = kind.title;
    page.figures.push_back(std::move(drawn.figure));
  }
  if (page.figures.empty()) {
    std::string reasons;
    for (const Omission &omission : page.omissions)
      reasons += fmt::format("\n  {}: {}", omission.name, omission.reason);
    fail("{}: the runs have data for none of the figures:{}",
         options.folders.front(), reasons);
  }
  progress("drawing pictures");
  drawPanels(page.figures);
  std::string html = printPage(page);
  size_t files = 0;
  if (!options.svgFolder.empty())
    files = writeFigureFiles(page.figures, options.svgFolder);
  writeTextFile(options.output, html);
  std::string message =
      fmt::format("{}: {} of {} figures from {} run{}, {}", options.output,
                  page.figures.size(), figureKinds().size(), runs.runs.size(),
                  runs.runs.size() == 1 ? "" : "s", sizeText(html.size()));
  if (files)
    message += fmt::format("; {} files in {}", files, options.svgFolder);
  return message;
}

ReportResult dale::report::writeReport(const ReportOptions &options) {
  using enum ReportResult::Status;
  try {
    return {Done, makeReport(options)};
  } catch (const Error &error) {
    return {error.exitCode() == ExitUsage ? BadUsage : Failed, error.what()};
  } catch (const fs::filesystem_error &error) {
    return {Failed,
            fmt::format("{}: {}; check that you may read it",
                        error.path1().string(), error.code().message())};
  } catch (const std::exception &error) {
    return {Failed, error.what()};
  }
}
