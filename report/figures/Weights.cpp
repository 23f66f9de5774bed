//===- Weights.cpp - Figure "weights": the paper's Figure 3 ---------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/figures/Figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

using namespace dale::report;

namespace {
/// A projection in the networks of a condition.
struct Bundle {
  const Projection *first = nullptr;
  std::vector<const Projection *> networks;

  /// Weights by bin, as a share of all.
  std::vector<double> shares() const;
  /// Of the weights that are 0 or below all bins, and of those above all bins.
  double shareBelow() const;
  double shareAbove() const;
  int64_t weights() const;
};
} // namespace

int64_t Bundle::weights() const {
  int64_t sum = 0;
  for (const Projection *projection : networks)
    sum += projection->weights;
  return std::max<int64_t>(sum, 1);
}

std::vector<double> Bundle::shares() const {
  std::vector<double> sums(first->counts.size());
  for (const Projection *projection : networks)
    for (size_t i = 0; i < sums.size() && i < projection->counts.size(); ++i)
      sums[i] += static_cast<double>(projection->counts[i]);
  for (double &sum : sums)
    sum *= 100 / static_cast<double>(weights());
  return sums;
}

double Bundle::shareBelow() const {
  int64_t sum = 0;
  for (const Projection *projection : networks)
    sum += projection->zero + projection->belowBins;
  return 100 * static_cast<double>(sum) / static_cast<double>(weights());
}

double Bundle::shareAbove() const {
  int64_t sum = 0;
  for (const Projection *projection : networks)
    sum += projection->aboveBins;
  return 100 * static_cast<double>(sum) / static_cast<double>(weights());
}

/// The projections of networks that have the same area and name.
static std::vector<Bundle> bundlesOf(const std::vector<const Run *> &runs) {
  std::vector<Bundle> bundles;
  for (const Run *run : runs)
    for (const Projection &projection : run->latest()->projections) {
      auto bundle = std::ranges::find_if(bundles, [&](const Bundle &each) {
        return each.first->area == projection.area &&
               each.first->name == projection.name;
      });
      if (bundle == bundles.end())
        bundle = bundles.insert(bundle, Bundle{&projection, {}});
      bundle->networks.push_back(&projection);
    }
  return bundles;
}

/// Where the threshold stands among logarithms; one of 0 has no place there.
static std::optional<double> placeOfThreshold(const Analysis &analysis) {
  if (analysis.threshold > 0)
    return std::log(analysis.threshold);
  return std::nullopt;
}

/// The bins that any of the panels needs, and the threshold; all bins where
/// there is neither.
static std::pair<double, double>
visibleRange(const Analysis &analysis, const std::vector<Bundle> &bundles) {
  double low = INFINITY, high = -INFINITY;
  if (std::optional<double> threshold = placeOfThreshold(analysis)) {
    low = *threshold - 2;
    high = *threshold + 2;
  }
  for (const Bundle &bundle : bundles) {
    std::vector<double> shares = bundle.shares();
    for (size_t i = 0; i < shares.size(); ++i)
      // A tail of less than a thousandth is in the table only.
      if (shares[i] >= 0.1) {
        double from =
            analysis.binsFrom + static_cast<double>(i) * analysis.binWidth;
        low = std::min(low, from);
        high = std::max(high, from + analysis.binWidth);
      }
  }
  if (low > high && !bundles.empty()) {
    low = analysis.binsFrom;
    high = low + analysis.binWidth *
                     static_cast<double>(bundles.front().first->counts.size());
  }
  return {low, high};
}

/// The source's name in a histogram, with what the histogram does not show.
static std::string titleOf(const Bundle &bundle) {
  const Projection &first = *bundle.first;
  std::string title = first.source;
  if (first.sourceArea && *first.sourceArea != first.area)
    title = *first.sourceArea + "." + title;
  std::string outside;
  for (auto [share, where] : {std::pair(bundle.shareBelow(), "below"),
                              std::pair(bundle.shareAbove(), "above")})
    if (share >= 0.05)
      outside += fmt::format("{}{:.1f} % {}", outside.empty() ? "" : ", ",
                             share, where);
  return outside.empty() ? title : fmt::format("{} ({})", title, outside);
}

/// All projections onto one target.
static Panel drawHistogram(const Sources &sources, const Analysis &analysis,
                           const std::vector<const Bundle *> &bundles,
                           std::pair<double, double> range) {
  const Projection &first = *bundles.front()->first;
  Panel panel{
      fmt::format("log weights onto {} of {}", first.target, first.area),
      Plot(310, 210)};
  Plot &plot = panel.plot;
  plot.title(fmt::format("{}: onto {}", first.area, first.target));
  plot.xLabel("ln weight");
  plot.yLabel("weights a bin (%)");
  plot.xRange(range.first, range.second);
  plot.key("top left inside Left reverse");
  double most = 1;
  for (const Bundle *bundle : bundles) {
    std::vector<Plot::Row> rows;
    std::vector<double> shares = bundle->shares();
    for (size_t i = 0; i < shares.size(); ++i)
      rows.push_back({analysis.binsFrom +
                          (static_cast<double>(i) + 0.5) * analysis.binWidth,
                      shares[i]});
    most = std::max(most, std::ranges::max(shares));
    plot.draw(fmt::format("{} using 1:2 with histeps linewidth 1.8 linecolor "
                          "rgb '{}'",
                          plot.data(rows),
                          sources.palette.of(bundle->first->source)),
              titleOf(*bundle));
  }
  if (std::optional<double> threshold = placeOfThreshold(analysis))
    plot.draw(fmt::format("{} using 1:2 with lines dashtype 2 linewidth 1.2 "
                          "linecolor rgb '#444444'",
                          plot.data({{*threshold, 0}, {*threshold, most / 2}})),
              "threshold");
  // Room for the names above the highest.
  plot.yNice(0, most * (1.25 + 0.15 * static_cast<double>(bundles.size())));
  return panel;
}

static std::vector<double> densitiesOf(const Bundle &bundle) {
  std::vector<double> densities;
  for (const Projection *projection : bundle.networks)
    densities.push_back(projection->density);
  return densities;
}

static Panel drawDensities(const Sources &sources, const std::string &area,
                           const std::vector<const Bundle *> &bundles) {
  Panel panel{"connection densities of " + area,
              Plot(150 + 30 * static_cast<int>(bundles.size()), 260)};
  Plot &plot = panel.plot;
  plot.title(area + ": density");
  plot.yLabel("share of weights");
  plot.yRange(0, 1.02);
  plot.xRange(0.3, static_cast<double>(bundles.size()) + 0.7);
  Plot::Tics tics;
  for (size_t i = 0; i < bundles.size(); ++i) {
    double x = static_cast<double>(i + 1);
    const Projection &projection = *bundles[i]->first;
    tics.emplace_back(x, projection.title());
    std::string colour = sources.palette.of(projection.source);
    std::vector<double> values = densitiesOf(*bundles[i]);
    plot.draw(networkDots(plot, x, values, colour));
    drawEstimates(plot, {{x, *estimate(values)}}, colour);
  }
  plot.xTics(tics, 50);
  return panel;
}

static void addRows(const std::string &condition, const Analysis &analysis,
                    const Bundle &bundle, Table &table) {
  const Projection &first = *bundle.first;
  std::vector<std::string> start{condition, first.area, first.name};
  auto add = [&](const std::string &quantity, const std::string &from,
                 std::vector<std::string> values) {
    std::vector<std::string> row = start;
    row.push_back(quantity);
    row.push_back(from);
    for (std::string &value : values)
      row.push_back(std::move(value));
    row.resize(table.columns.size());
    table.rows.push_back(std::move(row));
  };
  std::vector<std::string> density;
  appendEstimate(density, estimate(densitiesOf(bundle)));
  add("density", "", density);
  std::string n = fmt::format("{}", bundle.networks.size());
  add("percent_zero_or_below_bins", "", {n, cell(bundle.shareBelow())});
  add("percent_above_bins", "", {n, cell(bundle.shareAbove())});
  std::vector<double> shares = bundle.shares();
  for (size_t i = 0; i < shares.size(); ++i)
    if (shares[i] > 0)
      add("percent_in_bin",
          cell(analysis.binsFrom + static_cast<double>(i) * analysis.binWidth),
          {n, cell(shares[i])});
}

/// Panels of one area, in the order of its targets.
static void drawArea(const Sources &sources, const Analysis &analysis,
                     const std::vector<Bundle> &all, const std::string &area,
                     std::pair<double, double> range, Group &group) {
  std::vector<const Bundle *> bundles;
  std::vector<std::string> targets;
  for (const Bundle &bundle : all)
    if (bundle.first->area == area) {
      bundles.push_back(&bundle);
      if (std::ranges::find(targets, bundle.first->target) == targets.end())
        targets.push_back(bundle.first->target);
    }
  group.panels.push_back(drawDensities(sources, area, bundles));
  for (const std::string &target : targets) {
    std::vector<const Bundle *> onto;
    std::ranges::copy_if(
        bundles, std::back_inserter(onto),
        [&](const Bundle *bundle) { return bundle->first->target == target; });
    group.panels.push_back(drawHistogram(sources, analysis, onto, range));
  }
}

/// "dashed: the threshold exp(-10)"
static std::string thresholdNote(const std::set<double> &thresholds) {
  std::string values;
  for (double threshold : thresholds) {
    values += values.empty() ? "" : ", ";
    values += threshold > 0 ? fmt::format("exp({:.3g})", std::log(threshold))
                            : std::string("0");
  }
  bool isDrawn = *thresholds.rbegin() > 0;
  return isDrawn ? "dashed: the threshold " + values
                 : "the threshold is " + values + " and has no logarithm";
}

FigureOrReason dale::report::drawWeights(const Sources &sources) {
  Figure figure;
  figure.table.columns = {"condition", "area",           "projection",
                          "quantity",  "ln_weight_from", "n",
                          "value",     "interval_low",   "interval_high"};
  std::vector<std::string> drawn = sources.drawnConditions();
  std::vector<size_t> counts;
  std::set<double> thresholds, binWidths;
  bool averaged = true;
  for (const std::string &condition : sources.conditions) {
    std::vector<const Run *> runs = sources.runs.of(condition);
    std::erase_if(runs, [](const Run *run) { return !run->latest(); });
    if (runs.empty())
      continue;
    counts.push_back(runs.size());
    const Analysis &analysis = *runs.front()->latest();
    for (const Run *run : runs) {
      thresholds.insert(run->latest()->threshold);
      binWidths.insert(run->latest()->binWidth);
      averaged &= run->latest()->spatialAverage;
    }
    std::vector<Bundle> bundles = bundlesOf(runs);
    std::vector<std::string> areas;
    for (const Bundle &bundle : bundles) {
      addRows(condition, analysis, bundle, figure.table);
      if (std::ranges::find(areas, bundle.first->area) == areas.end())
        areas.push_back(bundle.first->area);
    }
    if (std::ranges::find(drawn, condition) == drawn.end())
      continue;
    Group group{headingOf(condition, runs.size()), {}, {}};
    std::pair<double, double> range = visibleRange(analysis, bundles);
    for (const std::string &area : areas)
      drawArea(sources, analysis, bundles, area, range, group);
    figure.groups.push_back(std::move(group));
  }
  if (counts.empty())
    return std::string(noAnalysis);
  figure.caption = fmt::format(
      "As Figure 3 of the paper. Histograms: natural logarithms of the "
      "projections' weights (absolute values of what the constraint lets "
      "through{}), all networks of a condition together, {}, at {}, bins of "
      "{}; coloured by the source, {}. Beside a name stands the share of "
      "weights that are 0, which have no logarithm, or below all bins, and of "
      "those above all bins. Densities: the share of weights above the "
      "threshold, mean over networks (large) and single networks (small "
      "circles). {}{}",
      averaged ? ", averaged over space" : "", countNetworks(counts),
      epochsOf(sources.runs), fmt::join(binWidths, ", "),
      thresholdNote(thresholds), intervalNote, sources.drawnConditionsNote());
  return figure;
}
