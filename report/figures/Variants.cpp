//===- Variants.cpp - Figure "variants": the paper's Figures 12 to 15 -----===//
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
#include <functional>

using namespace dale::report;

namespace {
/// One quantity of a network, a point for each condition.
struct Quantity {
  const char *key;
  /// In the legend; empty where a panel has only one.
  const char *title;
  std::string colour;
  std::function<std::optional<double>(const Run &)> get;
};

struct Comparison {
  const char *title;
  double low, high;
  std::vector<Quantity> quantities;
};
} // namespace

template <typename Get>
static std::function<std::optional<double>(const Run &)> ofAnalysis(Get get) {
  return [get](const Run &run) -> std::optional<double> {
    return run.latest() ? get(*run.latest()) : std::nullopt;
  };
}

static std::vector<Comparison> comparisons(const Palette &palette) {
  std::string principal = palette.of("PN"), others = palette.of("I");
  std::vector<Comparison> all;
  all.push_back({"test accuracy",
                 0,
                 1,
                 {{"test_accuracy", "", "#000000",
                   [](const Run &run) { return run.testAccuracy; }}}});
  static constexpr std::array keys{
      std::pair{"gosi_principal", "gosi_interneurons"},
      std::pair{"orientation_skewness_principal",
                "orientation_skewness_interneurons"},
      std::pair{"image_skewness_principal", "image_skewness_interneurons"}};
  for (Measure measure : allMeasures)
    all.push_back({titleOf(measure),
                   measure == Gosi ? 0 : none,
                   measure == Gosi ? 1 : none,
                   {{keys[measure].first, "principal", principal,
                     ofAnalysis([measure](const Analysis &analysis) {
                       return analysis.unitMean(true, measure);
                     })},
                    {keys[measure].second, "interneurons", others,
                     ofAnalysis([measure](const Analysis &analysis) {
                       return analysis.unitMean(false, measure);
                     })}}});
  all.push_back({"connection density",
                 0,
                 1,
                 {{"density_principal_to_principal", "PN→PN", principal,
                   ofAnalysis([](const Analysis &analysis) {
                     return analysis.density(true);
                   })},
                  {"density_interneurons_to_principal", "Int→PN", others,
                   ofAnalysis([](const Analysis &analysis) {
                     return analysis.density(false);
                   })}}});
  return all;
}

/// At most so many letters, the end of longer names left out. Only whole
/// letters of UTF-8.
static std::string shortened(const std::string &name, size_t most) {
  size_t letters = 0, end = 0;
  for (; end < name.size(); ++end) {
    bool begins = (static_cast<unsigned char>(name[end]) & 0xc0) != 0x80;
    if (begins && letters++ == most)
      return name.substr(0, end) + "…";
  }
  return name;
}

static constexpr size_t mostLetters = 30;

static size_t longestName(const Sources &sources) {
  size_t longest = 0;
  for (const std::string &condition : sources.conditions)
    longest = std::max(longest, std::min(condition.size(), mostLetters));
  return longest;
}

static void nameConditions(Plot &plot, const Sources &sources) {
  Plot::Tics tics;
  double count = static_cast<double>(sources.conditions.size());
  for (size_t i = 0; i < sources.conditions.size(); ++i)
    tics.emplace_back(count - static_cast<double>(i),
                      shortened(sources.conditions[i], mostLetters));
  plot.yTics(tics);
  plot.yRange(0.4, count + 0.6);
}

/// One quantity: points beside their conditions, the first on top.
static void drawQuantity(Plot &plot, const Sources &sources,
                         const Quantity &quantity, double offset, double &low,
                         double &high, Table &table) {
  constexpr double beside = 0.2; // a bar would hide what lies on it
  std::vector<Plot::Row> means, bars, dots;
  for (size_t i = 0; i < sources.conditions.size(); ++i) {
    const std::string &condition = sources.conditions[i];
    std::vector<double> values;
    for (const Run *run : sources.runs.of(condition))
      if (std::optional<double> value = quantity.get(*run))
        values.push_back(*value);
    std::optional<Estimate> estimated = estimate(values);
    std::vector<std::string> row{condition, quantity.key};
    appendEstimate(row, estimated);
    table.rows.push_back(std::move(row));
    if (!estimated)
      continue;
    double y = static_cast<double>(sources.conditions.size() - i) + offset;
    means.push_back({estimated->mean, y});
    if (estimated->interval)
      bars.push_back({estimated->mean, y, estimated->low(), estimated->high()});
    for (double value : values) {
      dots.push_back({value, offset < 0 ? y - beside : y + beside});
      low = std::fmin(low, value);
      high = std::fmax(high, value);
    }
  }
  if (means.empty())
    return;
  plot.draw(fmt::format("{} using 1:2 with points pointtype 6 pointsize 0.5 "
                        "linewidth 1 linecolor rgb '{}'",
                        plot.data(dots), quantity.colour));
  if (!bars.empty())
    plot.draw(fmt::format("{} using 1:2:3:4 with xerrorbars pointtype 0 "
                          "linewidth 1.8 linecolor rgb '{}'",
                          plot.data(bars), quantity.colour));
  plot.draw(fmt::format("{} using 1:2 with points pointtype 7 pointsize 0.8 "
                        "linecolor rgb '{}'",
                        plot.data(means), quantity.colour),
            quantity.title);
}

static Panel drawComparison(const Sources &sources,
                            const Comparison &comparison, Table &table) {
  int count = static_cast<int>(sources.conditions.size());
  Panel panel{fmt::format("{} by condition", comparison.title),
              Plot(260 + static_cast<int>(
                             6.2 * static_cast<double>(longestName(sources))),
                   85 + 34 * count)};
  Plot &plot = panel.plot;
  plot.title(comparison.title);
  nameConditions(plot, sources);
  plot.command("set grid ytics linetype 1 linecolor rgb '#e8e8e8'");
  bool several = comparison.quantities.size() > 1;
  if (several)
    plot.keyBelow(1, 2);
  else
    plot.command("set bmargin 4.25");
  double low = comparison.low, high = comparison.high;
  double offset = several ? 0.16 : 0;
  for (const Quantity &quantity : comparison.quantities) {
    drawQuantity(plot, sources, quantity, offset, low, high, table);
    offset = -offset;
  }
  plot.xNice(low, high);
  return panel;
}

FigureOrReason dale::report::drawVariants(const Sources &sources) {
  if (sources.conditions.size() < 2)
    return fmt::format("all runs have the condition {}: expected two "
                       "conditions or more to compare",
                       sources.conditions.front());
  Figure figure;
  figure.table.columns = {"condition", "metric",       "n",
                          "mean",      "interval_low", "interval_high"};
  Group group;
  for (const Comparison &comparison : comparisons(sources.palette)) {
    Panel panel = drawComparison(sources, comparison, figure.table);
    if (!panel.plot.isEmpty())
      group.panels.push_back(std::move(panel));
  }
  if (group.panels.empty())
    return std::string("no run has a test accuracy or an analysis");
  figure.groups.push_back(std::move(group));
  std::vector<size_t> counts;
  for (const std::string &condition : sources.conditions)
    counts.push_back(sources.runs.of(condition).size());
  figure.caption = fmt::format(
      "As Figures 12 to 15 of the paper: conditions side by side, {} each; "
      "large points are means over networks, small circles single ones. Test "
      "accuracy after the last epoch; selectivity, the mean over the units of "
      "principal populations and of interneurons, and the density of weights "
      "within areas that reach principal neurons, at {}, each the mean over "
      "the network's areas. {}",
      countNetworks(counts), epochsOf(sources.runs), intervalNote);
  return figure;
}
