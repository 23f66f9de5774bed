//===- Analyzer.cpp - Measuring a network ---------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/analysis/Analyzer.h"

#include "runtime/analysis/UnitResponses.h"
#include "runtime/train/Interrupt.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <span>

using namespace dale::runtime;

namespace {
/// Tells how far the images have come, gratings and those of the test.
class Speedometer {
public:
  Speedometer(Progress &progress, int64_t images)
      : progress(progress), images(images) {}

  void passed(int64_t count) {
    done += count;
    double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start)
            .count();
    double rate = seconds > 0 ? static_cast<double>(done) / seconds : 0;
    double left = rate > 0 ? static_cast<double>(images - done) / rate : 0;
    progress.work({"analyzing", done, images, rate, left});
  }

private:
  Progress &progress;
  int64_t images, done = 0;
  std::chrono::steady_clock::time_point start =
      std::chrono::steady_clock::now();
};
} // namespace

std::optional<Analysis>
dale::runtime::analyze(const Circuit &circuit, Executor &executor, Model &model,
                       const ImageSet &test, const AnalysisSettings &settings,
                       SavedTensorsFile *file, Progress &progress) {
  Analysis analysis;
  analysis.confusion = Confusion(circuit.classes);
  for (const Area &area : circuit.areas)
    for (const Population &population : area.populations)
      analysis.populations.push_back(
          {&area, &population,
           std::vector<UnitMeasures>(unitsOf(circuit, population))});
  // In the order of a block's units. The vectors grow no more.
  std::vector<UnitMeasures *> units;
  for (PopulationMeasures &population : analysis.populations)
    for (UnitMeasures &unit : population.units)
      units.push_back(&unit);

  UnitResponses network(
      circuit, executor,
      std::min(settings.batch, std::max(Grating::count, test.count())));
  executor.load(std::array{&model});
  Speedometer speedometer(progress, Grating::count + test.count());

  std::vector<double> curves(units.size() * Grating::count);
  bool finished = network.toGratings([&](const UnitBlock &block) {
    for (int64_t image = 0; image < block.images; ++image)
      for (int64_t unit = 0; unit < block.units; ++unit)
        curves[unit * Grating::count + block.first + image] =
            block.at(image, unit);
    speedometer.passed(block.images);
    return !interrupted();
  });
  for (size_t unit = 0; finished && unit < units.size(); ++unit)
    units[unit]->tuning = measureTuning(
        std::span(curves).subspan(unit * Grating::count, Grating::count));
  if (finished && file)
    file->writeGratings(curves);

  // One image after the other, so that sums have one order.
  finished = finished && network.toImages(test, [&](const UnitBlock &block) {
    for (int64_t image = 0; image < block.images; ++image)
      for (int64_t unit = 0; unit < block.units; ++unit)
        units[unit]->images.add(block.at(image, unit));
    for (int64_t image = 0; image < block.images; ++image)
      analysis.confusion.add(block.labels[image], block.answers[image]);
    if (file)
      file->writeImages(block);
    speedometer.passed(block.images);
    return !interrupted();
  });
  if (!finished)
    return std::nullopt;
  if (file)
    file->writeKernels(model.parameters);
  analysis.projections = measureProjections(
      circuit, model.parameters, settings.threshold, settings.average);
  return analysis;
}
