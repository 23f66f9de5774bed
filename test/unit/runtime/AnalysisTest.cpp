//===- AnalysisTest.cpp - Tests of measurements of networks ---------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

/// \file
/// Every metric, against values of an independent implementation
/// (test/analysis) and on cases that can be worked out by hand.

#include "Support.h"
#include "runtime/CircuitABI.h"
#include "runtime/analysis/AnalysisFiles.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>

using namespace dale::runtime;
using namespace dale::runtime::test;
namespace fs = std::filesystem;

namespace {

//===----------------------------------------------------------------------===//
// Golden values
//===----------------------------------------------------------------------===//

TensorReader golden(const char *file) {
  return TensorReader(fs::path(ANALYSIS_FOLDER) / file);
}

std::vector<double> read(const TensorReader &file, const std::string &name) {
  const TensorInfo &tensor = file.get(name);
  std::vector<double> values(static_cast<size_t>(tensor.elements()));
  if (tensor.type == ElementType::I32) {
    std::vector<int32_t> integers(values.size());
    file.readBytes(tensor, integers.data());
    std::ranges::copy(integers, values.begin());
  } else {
    file.readReal(tensor, ElementType::F64, values.data());
  }
  return values;
}

/// Row `row` of a matrix.
std::span<const double> rowOf(const std::vector<double> &values, size_t rows,
                              size_t row) {
  size_t columns = values.size() / rows;
  return std::span(values).subspan(row * columns, columns);
}

TEST(Gratings, AreTheGoldenOnes) {
  TensorReader file = golden("gratings.safetensors");
  std::vector<double> expected = read(file, "gratings");
  ASSERT_EQ(Grating::count, 432);
  for (int64_t index = 0; index < Grating::count; ++index) {
    EXPECT_EQ(Grating::at(index).index(), index);
    std::vector<double> pixels = Grating::at(index).draw(32, 32);
    ASSERT_EQ(pixels.size(), 1024u);
    for (size_t i = 0; i < pixels.size(); ++i)
      ASSERT_NEAR(pixels[i], expected[index * 1024 + i], 1e-6)
          << "grating " << index << ", pixel " << i;
  }
}

TEST(Tuning, IsTheGoldenOne) {
  TensorReader input = golden("analysis.input.safetensors"),
               file = golden("analysis.expected.safetensors");
  std::vector<double> responses = read(input, "responses"),
                      responds = read(file, "responds"),
                      valid = read(file, "skewness_valid");
  MeanOfSome gosi, skewness;
  for (size_t unit = 0; unit < responds.size(); ++unit) {
    SCOPED_TRACE(unit);
    Tuning tuning = measureTuning(rowOf(responses, responds.size(), unit));
    ASSERT_EQ(tuning.preferred.has_value(), responds[unit] == 1);
    ASSERT_EQ(tuning.gosi.has_value(), responds[unit] == 1);
    if (tuning.preferred) {
      EXPECT_EQ(tuning.preferred->orientation, read(file, "orientation")[unit]);
      EXPECT_EQ(tuning.preferred->frequency, read(file, "frequency")[unit]);
      EXPECT_EQ(tuning.preferred->phase, read(file, "phase")[unit]);
      EXPECT_NEAR(*tuning.gosi, read(file, "gosi")[unit], 1e-12);
    }
    ASSERT_EQ(tuning.skewness.has_value(), valid[unit] == 1);
    if (tuning.skewness) {
      EXPECT_NEAR(*tuning.skewness, read(file, "orientation_skewness")[unit],
                  1e-12);
    }
    gosi.add(tuning.gosi);
    skewness.add(tuning.skewness);
  }
  EXPECT_NEAR(*gosi.mean(), read(file, "gosi_mean")[0], 1e-12);
  EXPECT_EQ(std::ssize(responds) - gosi.count(), read(file, "gosi_missing")[0]);
  EXPECT_NEAR(*skewness.mean(), read(file, "orientation_skewness_mean")[0],
              1e-12);
}

TEST(Moments, GiveTheGoldenImageSkewness) {
  TensorReader input = golden("analysis.input.safetensors"),
               file = golden("analysis.expected.safetensors");
  std::vector<double> responses = read(input, "image_responses"),
                      expected = read(file, "image_skewness"),
                      valid = read(file, "image_skewness_valid");
  for (size_t unit = 0; unit < expected.size(); ++unit) {
    Moments moments;
    for (double value : rowOf(responses, expected.size(), unit))
      moments.add(value);
    EXPECT_EQ(moments.count(), 200);
    ASSERT_EQ(moments.skewness().has_value(), valid[unit] == 1) << unit;
    if (moments.skewness()) {
      EXPECT_NEAR(*moments.skewness(), expected[unit], 1e-11) << unit;
    }
  }
}

/// A circuit with the kernels of a file as its only parameters.
struct Kernels {
  Circuit circuit = Circuit::parse(dale_circuit_description);
  Buffer parameters;

  explicit Kernels(
      const std::vector<std::pair<Shape, std::vector<double>>> &kernels) {
    circuit.element = ElementType::F64;
    circuit.parameters = {};
    for (const auto &[shape, values] : kernels) {
      Variable variable;
      variable.shape = shape;
      variable.offset = circuit.parameters.elements;
      circuit.parameters.elements += std::ssize(values);
      circuit.parameters.variables.push_back(variable);
    }
    parameters = Buffer::zeroed(circuit.realBytes(circuit.parameters.elements),
                                "a test");
    auto place = parameters.as<double>().begin();
    for (const auto &[shape, values] : kernels)
      place = std::ranges::copy(values, place).out;
  }

  /// All kernels together.
  Projection projection(Constraint constraint) const {
    Projection projection;
    projection.constraint = constraint;
    for (size_t i = 0; i < circuit.parameters.variables.size(); ++i)
      projection.kernel.push_back(i);
    return projection;
  }

  std::vector<double> applied(Constraint constraint) const {
    return appliedKernel(circuit, parameters, projection(constraint));
  }

  std::vector<double> weights(bool average,
                              Constraint constraint = Constraint::Abs) const {
    return connectionWeights(circuit, parameters, projection(constraint),
                             average);
  }
};

Kernels goldenKernels(const std::vector<std::string> &names) {
  TensorReader input = golden("analysis.input.safetensors");
  std::vector<std::pair<Shape, std::vector<double>>> kernels;
  for (const std::string &name : names)
    kernels.emplace_back(input.get(name).shape, read(input, name));
  return Kernels(kernels);
}

const double usualThreshold = std::exp(-10.0);

TEST(Density, IsTheGoldenOne) {
  TensorReader file = golden("analysis.expected.safetensors");
  for (const char *kernel : {"kernel0", "kernel1", "kernel2", "kernel3"}) {
    SCOPED_TRACE(kernel);
    std::string name = kernel;
    Kernels kernels = goldenKernels({name + ".depthwise", name + ".pointwise"});
    std::vector<double> averaged = kernels.weights(true),
                        expected = read(file, name + ".averaged");
    ASSERT_EQ(averaged.size(), expected.size());
    for (size_t i = 0; i < averaged.size(); ++i)
      EXPECT_NEAR(averaged[i], expected[i], 1e-12 * expected[i]);
    Density density = Density::of(averaged, usualThreshold);
    EXPECT_EQ(density.above, read(file, name + ".above")[0]);
    EXPECT_DOUBLE_EQ(density.share(), read(file, name + ".density")[0]);
    EXPECT_DOUBLE_EQ(Density::of(averaged, 1e-3).share(),
                     read(file, name + ".density_threshold_1e-3")[0]);
    EXPECT_DOUBLE_EQ(
        Density::of(kernels.weights(false), usualThreshold).share(),
        read(file, name + ".density_no_averaging")[0]);
  }
  Kernels regular = goldenKernels({"regular.weight"});
  EXPECT_DOUBLE_EQ(Density::of(regular.weights(true), usualThreshold).share(),
                   read(file, "regular.density")[0]);
  EXPECT_DOUBLE_EQ(Density::of(regular.weights(false), usualThreshold).share(),
                   read(file, "regular.density_no_averaging")[0]);
}

//===----------------------------------------------------------------------===//
// By hand
//===----------------------------------------------------------------------===//

std::vector<double> silence() { return std::vector<double>(Grating::count); }

TEST(Tuning, OfASilentUnitIsNone) {
  Tuning tuning = measureTuning(silence());
  EXPECT_FALSE(tuning.preferred);
  EXPECT_FALSE(tuning.gosi);
  EXPECT_FALSE(tuning.skewness);
  EXPECT_EQ(tuning.largest, 0);
  // Silent too, though its responses differ.
  std::vector<double> negative(Grating::count, -1.0);
  negative[3] = -2;
  tuning = measureTuning(negative);
  EXPECT_FALSE(tuning.preferred);
  EXPECT_FALSE(tuning.gosi);
  EXPECT_TRUE(tuning.skewness);
}

TEST(Tuning, OfAConstantUnitHasNoDirection) {
  for (double value : {0.1, 1e-30, 1e20}) {
    Tuning tuning = measureTuning(std::vector<double>(Grating::count, value));
    ASSERT_TRUE(tuning.preferred);
    EXPECT_EQ(tuning.preferred->index(), 0);
    EXPECT_NEAR(*tuning.gosi, 0, 1e-15);
    EXPECT_FALSE(tuning.skewness);
  }
}

TEST(Tuning, PrefersTheFirstOfEqualGratings) {
  std::vector<double> responses = silence();
  responses[100] = responses[200] = responses[431] = 2;
  responses[50] = 1;
  EXPECT_EQ(measureTuning(responses).preferred->index(), 100);
}

TEST(Tuning, OfASingleResponseIsComplete) {
  std::vector<double> responses = silence();
  // Orientation 7, frequency 2, phase 3.
  responses[(7 * 6 + 2) * 4 + 3] = 0.25;
  Tuning tuning = measureTuning(responses);
  EXPECT_EQ(tuning.preferred->orientationDegrees(), 70);
  EXPECT_EQ(tuning.preferred->cyclesPerImage(), 3);
  EXPECT_EQ(tuning.preferred->phaseDegrees(), 270);
  EXPECT_NEAR(*tuning.gosi, 1, 1e-15);
  // Of n numbers of which one is not 0: (n - 2) / sqrt(n - 1).
  EXPECT_NEAR(*tuning.skewness, 430 / std::sqrt(431.0), 1e-10);
}

TEST(Tuning, LooksAtThePreferredFrequencyAndPhaseOnly) {
  std::vector<double> responses = silence();
  // 1 + cos 2θ at one frequency and phase: half of the first harmonic.
  for (int64_t i = 0; i < Grating::orientations; ++i) {
    Grating grating{i, 4, 1};
    responses[grating.index()] =
        1 + std::cos(2 * std::numbers::pi * static_cast<double>(i) / 18);
  }
  // Elsewhere something that is larger in all, but nowhere.
  for (int64_t i = 0; i < Grating::orientations; ++i)
    responses[Grating{i, 0, 0}.index()] = 1.9;
  EXPECT_NEAR(*measureTuning(responses).gosi, 0.5, 1e-15);
}

TEST(Tuning, OfResponsesThatCancelIsNone) {
  std::vector<double> responses = silence();
  responses[Grating{0, 0, 0}.index()] = 1;
  responses[Grating{1, 0, 0}.index()] = -1;
  Tuning tuning = measureTuning(responses);
  EXPECT_TRUE(tuning.preferred);
  EXPECT_FALSE(tuning.gosi);
}

TEST(Moments, OfNothingOrOneNumber) {
  EXPECT_FALSE(Moments().skewness());
  EXPECT_EQ(Moments().mean(), 0);
  Moments one;
  one.add(0.3);
  EXPECT_FALSE(one.skewness());
  EXPECT_EQ(one.mean(), 0.3);
}

TEST(Moments, KeepTheirDigitsFarFromZero) {
  // 0, 0, 0, 1: mean 1/4, m2 3/16, m3 3/32.
  Moments near, far;
  for (int i = 0; i < 100000; ++i) {
    near.add(i % 4 == 3);
    far.add(1e6 + (i % 4 == 3));
  }
  double expected = 3.0 / 32 / std::pow(3.0 / 16, 1.5);
  EXPECT_NEAR(*near.skewness(), expected, 1e-12);
  EXPECT_NEAR(*far.skewness(), expected, 1e-7);
  EXPECT_NEAR(far.mean(), 1000000.25, 1e-8);
}

TEST(Density, IsOfWhatIsApplied) {
  // Two pixels, two channels to one.
  Kernels kernels({{{1, 2, 2}, {1, -2, 3, -4}}, {{2, 1}, {-1, 0.5}}});
  EXPECT_EQ(kernels.weights(false), (std::vector<double>{1, 1, 3, 2}));
  EXPECT_EQ(kernels.weights(true), (std::vector<double>{2, 1.5}));
  EXPECT_EQ(kernels.weights(true, Constraint::Free),
            (std::vector<double>{2, 1.5}));
  EXPECT_EQ(kernels.weights(false, Constraint::Rectify),
            (std::vector<double>{0, 0, 0, 0}));
  Kernels positive({{{1, 2, 2}, {1, 2, 3, -4}}, {{2, 1}, {-1, 0.5}}});
  EXPECT_EQ(positive.weights(false, Constraint::Rectify),
            (std::vector<double>{0, 1, 0, 0}));
  EXPECT_EQ(kernels.applied(Constraint::Abs),
            (std::vector<double>{1, 1, 3, 2}));
  EXPECT_EQ(kernels.applied(Constraint::Free),
            (std::vector<double>{-1, -1, -3, -2}));
  EXPECT_EQ(positive.applied(Constraint::Rectify),
            (std::vector<double>{0, 1, 0, 0}));
  // Of feedback, a regular kernel is a variable [k, k, Cout, Cin].
  Kernels regular({{{1, 2, 2, 3}, {1, 2, 3, 4, 5, 6, -7, 8, 9, 10, 11, 12}}});
  Projection feedback = regular.projection(Constraint::Abs);
  feedback.feedback = true;
  std::vector<double> exchanged = {1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12};
  EXPECT_EQ(appliedKernel(regular.circuit, regular.parameters, feedback),
            exchanged);
  EXPECT_EQ(connectionWeights(regular.circuit, regular.parameters, feedback,
                              /*average=*/true),
            (std::vector<double>{4, 7, 5, 8, 6, 9}));
  // Above the threshold, not at it.
  Density density = Density::of({0, 1, 2, 3}, 2);
  EXPECT_EQ(density.above, 1);
  EXPECT_EQ(density.share(), 0.25);
}

TEST(LogHistogram, CountsEveryWeightOnce) {
  auto at = [](double logarithm) { return std::exp(logarithm); };
  LogHistogram histogram = LogHistogram::of(
      {0, 0, at(-41), at(-39.9), at(-10.1), at(-9.9), at(-9.8), 1, at(4.1)});
  EXPECT_EQ(histogram.zero, 2);
  EXPECT_EQ(histogram.below, 1);
  EXPECT_EQ(histogram.above, 1);
  EXPECT_EQ(histogram.counts[0], 1);
  // The usual threshold lies between two bins.
  EXPECT_EQ(histogram.counts[59], 1);
  EXPECT_EQ(histogram.counts[60], 2);
  EXPECT_EQ(histogram.counts[80], 1);
}

//===----------------------------------------------------------------------===//
// Gratings as a circuit sees them
//===----------------------------------------------------------------------===//

TEST(Gratings, AreStandardizedAsImagesAre) {
  Circuit circuit = Circuit::parse(dale_circuit_description);
  circuit.element = ElementType::F64;
  circuit.height = 6;
  circuit.width = 10;
  std::vector<double> images(2 * 6 * 10 * 3);
  showGratings(circuit, 30, 2, reinterpret_cast<std::byte *>(images.data()));
  for (int64_t index = 0; index < 2; ++index) {
    std::vector<double> pixels = Grating::at(30 + index).draw(6, 10);
    double mean = 0, variance = 0;
    for (double pixel : pixels)
      mean += pixel / 60;
    for (double pixel : pixels)
      variance += (pixel - mean) * (pixel - mean) / 60;
    for (size_t i = 0; i < 180; ++i)
      EXPECT_NEAR(images[index * 180 + i],
                  (pixels[i / 3] - mean) / std::sqrt(variance), 1e-12);
  }
}

TEST(Gratings, LoseTheMeansWhereTheCircuitHasThem) {
  Circuit circuit = Circuit::parse(dale_circuit_description);
  circuit.element = ElementType::F64;
  circuit.height = circuit.width = 4;
  circuit.means = {100, 110, 120};
  std::vector<double> image(4 * 4 * 3);
  showGratings(circuit, 77, 1, reinterpret_cast<std::byte *>(image.data()));
  std::vector<double> pixels = Grating::at(77).draw(4, 4);
  for (size_t i = 0; i < image.size(); ++i)
    EXPECT_NEAR(image[i], 127.5 * (1 + pixels[i / 3]) - circuit.means[i % 3],
                1e-12);
}

//===----------------------------------------------------------------------===//
// Differences, and what is written
//===----------------------------------------------------------------------===//

/// Two principal units and one interneuron in one area, and one projection of
/// each kind between them.
class Difference : public testing::Test {
protected:
  Difference() {
    area.name = "v";
    area.populations = {{"P", true, Sign::Excitatory, 0},
                        {"I", false, std::nullopt, 1}};
    add("P", "P", 0, Site::Current, {100, 10});
    add("I", "i", 0, Site::Input, {20, 10});
    add("I", "o", 0, Site::Output, {20, 20});
    // None of these counts.
    add("P", "f", 0, Site::Memory, {1000, 1000});
    add("P", "I", 1, Site::Current, {1000, 1000});
    area.projections.push_back({"w", "I", "P", 0, {}, {}, {}, {}, {}});
    densities.push_back({1000, 1000});
    area.projections.push_back(
        {std::nullopt, "input", "P", 0, {}, {}, {}, {}, {}});
    densities.push_back({1000, 0});
    circuit.areas = {area, Area{"empty", {}, {}}};
    const Area &ours = circuit.areas.front();
    analysis.populations = {
        {&ours, &ours.populations[0], std::vector<UnitMeasures>(3)},
        {&ours, &ours.populations[1], std::vector<UnitMeasures>(1)}};
    for (size_t i = 0; i < densities.size(); ++i)
      analysis.projections.push_back(
          {&ours, &ours.projections[i], densities[i], {}});
  }

  void add(const char *source, const char *target, size_t population, Site site,
           Density density) {
    area.projections.push_back(
        {"v", source, target, population, site, {}, {}, {}, {}});
    densities.push_back(density);
  }

  /// The skewness becomes (n - 2) / sqrt(n - 1).
  void respondOnce(size_t population, size_t unit, int n) {
    for (int i = 0; i < n; ++i)
      analysis.populations[population].units[unit].images.add(i == 0);
  }

  Area area;
  std::vector<Density> densities;
  Circuit circuit = Circuit::parse(dale_circuit_description);
  Analysis analysis;
  const AnalysisLabels labels{"run", 3, 7, "c", "mnist", {}, 5};
};

TEST_F(Difference, IsOfMeansAndOfAllWeightsTogether) {
  // 8 / 3 and 3 / 2; the third unit is constant and does not count.
  respondOnce(0, 0, 10);
  respondOnce(0, 1, 5);
  respondOnce(1, 0, 5);
  std::vector<AreaDifferences> areas = differencesByArea(circuit, analysis);
  ASSERT_EQ(areas.size(), 2u);
  EXPECT_NEAR(*areas[0].differences.imageSkewness,
              (8.0 / 3 + 3.0 / 2) / 2 - 3.0 / 2, 1e-12);
  EXPECT_NEAR(*areas[0].differences.density, 30.0 / 40 - 10.0 / 100, 1e-12);
  EXPECT_FALSE(areas[1].differences.imageSkewness);
  EXPECT_FALSE(areas[1].differences.density);
  // An area without them does not count.
  Differences network = meanDifferences(areas);
  EXPECT_EQ(network.density, areas[0].differences.density);
  EXPECT_EQ(network.imageSkewness, areas[0].differences.imageSkewness);
}

TEST_F(Difference, IsNoneWhereASideIsMissing) {
  respondOnce(0, 0, 10);
  EXPECT_FALSE(
      differencesByArea(circuit, analysis)[0].differences.imageSkewness);
}

TEST_F(Difference, FilesHaveNoNumberWhereThereIsNone) {
  TemporaryFolder folder;
  tabulate(circuit, analysis, labels).write(folder / "a.csv");
  std::string table = readFile(folder / "a.csv");
  EXPECT_NE(table.find("run,3,7,v,P,0,responds,0\n"), table.npos) << table;
  EXPECT_NE(table.find("run,3,7,v,I_to_i,,density,0.5\n"), table.npos) << table;
  EXPECT_NE(table.find("run,3,7,v,w.I_to_P,,density,1\n"), table.npos) << table;
  EXPECT_NE(table.find("run,3,7,v,,,density_difference,0.65\n"), table.npos);
  EXPECT_NE(table.find("run,3,7,,,,density_difference,0.65\n"), table.npos);
  for (const char *absent : {"gosi", "skewness", "preferred", "nan"})
    EXPECT_EQ(table.find(absent), table.npos) << absent;

  nlohmann::ordered_json summary =
      describe(circuit, analysis, labels, {16, usualThreshold, true});
  const auto &population = summary.at("populations").at(0);
  EXPECT_EQ(population.at("units"), 3);
  EXPECT_EQ(population.at("silent"), 3);
  EXPECT_EQ(population.at("sign"), "excitatory");
  EXPECT_TRUE(population.at("gosi").at("mean").is_null());
  EXPECT_EQ(population.at("gosi").at("units"), 0);
  EXPECT_TRUE(summary.at("populations").at(1).at("sign").is_null());
  EXPECT_TRUE(summary.at("differences").at("image_skewness").is_null());
  EXPECT_EQ(summary.dump().find("nan"), std::string::npos);
}

TEST(Confusion, CountsWhatEachClassIsReadOutAs) {
  Confusion confusion(3);
  confusion.add(0, 0);
  confusion.add(0, 2);
  confusion.add(2, 1);
  confusion.add(2, 2);
  EXPECT_EQ(confusion.rows(), (std::vector<std::vector<int64_t>>{
                                  {1, 0, 1}, {0, 0, 0}, {0, 1, 1}}));
  EXPECT_EQ(confusion.accuracy(), 0.5);
  EXPECT_EQ(Confusion(3).accuracy(), std::nullopt);
}

} // namespace
