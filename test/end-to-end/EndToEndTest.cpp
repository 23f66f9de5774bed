//===- EndToEndTest.cpp - Compiled circuits as users run them -------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs an executable that dale compiled, on a small data set with patterns
/// that can be learned, and on files that are broken. What the commands do in
/// detail is tested with a fake circuit (test/unit/runtime); here it is the
/// compiled code that must do it.
///
//===----------------------------------------------------------------------===//

#include "runtime/io/Safetensors.h"
#include "runtime/random/Philox.h"
#include "test/unit/runtime/Support.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <map>
#include <numeric>
#include <sstream>

using namespace dale::runtime;
using namespace dale::runtime::test;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

const std::string gray = (fs::path(CIRCUITS_FOLDER) / "Gray-28x28").string();

std::string golden(const char *file) {
  return (fs::path(GOLDEN_FOLDER) / file).string();
}

class EndToEnd : public testing::Test {
protected:
  EndToEnd() { writeIdx(data(), 160, 48, /*compressed=*/false); }

  fs::path data() const { return folder / "data"; }

  CommandResult train(const std::string &run,
                      std::vector<std::string> options = {},
                      const std::vector<std::string> &environment = {}) const {
    options.insert(options.begin(), {gray, "train", "--data", data().string(),
                                     "--out", (folder / run).string()});
    return runCommand(options, environment);
  }

  void expectTrained(const std::string &run,
                     std::vector<std::string> options = {},
                     const std::vector<std::string> &environment = {}) const {
    CommandResult result = train(run, std::move(options), environment);
    ASSERT_EQ(result.exitCode, 0) << result.err;
  }

  void expectSameRun(const std::string &a, const std::string &b) const {
    for (const char *file : {"checkpoint.safetensors", "metrics.csv"}) {
      // The metrics' first column is the run's name.
      std::string left = readFile(folder / a / file),
                  right = readFile(folder / b / file);
      for (size_t at = 0; (at = right.find("\n" + b + ",", at)) != right.npos;)
        right.replace(at + 1, b.size(), a);
      EXPECT_TRUE(left == right) << file << " differs";
    }
  }

  static void expectRefused(const CommandResult &result, int exitCode,
                            const std::vector<std::string> &parts) {
    EXPECT_EQ(result.exitCode, exitCode);
    EXPECT_NE(result.err.find("error: "), std::string::npos) << result.err;
    for (const std::string &part : parts)
      EXPECT_NE(result.err.find(part), std::string::npos)
          << "the message\n  " << result.err << "\nlacks\n  " << part;
  }

  /// What metrics.csv says of one metric, epoch by epoch.
  std::vector<double> series(const std::string &run,
                             const std::string &metric) const {
    std::istringstream lines(readFile(folder / run / "metrics.csv"));
    std::vector<double> values;
    for (std::string line; std::getline(lines, line);)
      if (size_t at = line.find("," + metric + ","); at != line.npos)
        values.push_back(std::stod(line.substr(at + metric.size() + 2)));
    return values;
  }

  TemporaryFolder folder;
};

//===----------------------------------------------------------------------===//
// What works
//===----------------------------------------------------------------------===//

TEST_F(EndToEnd, Learns) {
  expectTrained("run", {"--epochs", "30", "--no-augment"});
  EXPECT_EQ(listFolder(folder / "run"),
            (std::vector<std::string>{"checkpoint.safetensors", "circuit.toml",
                                      "metrics.csv", "summary.json"}));
  std::vector<double> loss = series("run", "train_loss");
  ASSERT_EQ(loss.size(), 30u);
  EXPECT_GT(loss.front(), 1.5);
  EXPECT_LT(loss.back(), 0.5 * loss.front());
  EXPECT_GT(series("run", "test_accuracy").back(), 0.5);
}

TEST_F(EndToEnd, ThreadsDoNotChangeAStep) {
  std::string circuit = (fs::path(CIRCUITS_FOLDER) / "Standard-f32").string();
  std::vector<std::string> results;
  for (const char *threads : {"1", "2", "3"}) {
    std::string out = (folder / threads).string();
    CommandResult result = runCommand(
        {circuit, "step", "--weights", golden("Standard.weights.safetensors"),
         "--batch", golden("Standard.batch.safetensors"), "--out", out,
         "--steps", "3", "--threads", threads});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    results.push_back(readFile(out));
  }
  EXPECT_TRUE(results[0] == results[1]);
  EXPECT_TRUE(results[0] == results[2]);
}

TEST_F(EndToEnd, ThreadsDoNotChangeARun) {
  // More images a step than parts of a batch that are summed on their own.
  expectTrained("one", {"--threads", "1", "--batch", "40"});
  expectTrained("two", {"--threads", "2", "--batch", "40"});
  expectSameRun("one", "two");
}

TEST_F(EndToEnd, ResumingChangesNothing) {
  expectTrained("whole");
  // In the middle of an epoch, and at its end.
  expectTrained("parts", {"--max-steps", "7"});
  expectTrained("parts", {"--resume", "--max-steps", "3"});
  expectTrained("parts", {"--resume", "--threads", "1"});
  expectSameRun("whole", "parts");
}

TEST_F(EndToEnd, AGpuKeepsTheDataSetOrIsSentItsBatches) {
  const std::vector<std::string> onGpu = {
      "--device",      "emulated", "--batch",      "4", "--epochs", "2",
      "--limit-train", "12",       "--limit-test", "6"};
  expectTrained("kept", onGpu);
  // What a step needs, and not more.
  CommandResult bench = runCommand({gray, "bench", "--device", "emulated",
                                    "--batch", "4", "--steps", "1", "--json"});
  int64_t bytes = json::parse(bench.out).at("peak_bytes").get<int64_t>();
  const std::vector<std::string> little = {"DALE_EMULATED_MEMORY=" +
                                           std::to_string(bytes + 8000)};
  CommandResult sent = train("sent", onGpu, little);
  ASSERT_EQ(sent.exitCode, 0) << sent.err;
  EXPECT_NE(sent.out.find("do not fit in the device's memory"), sent.out.npos)
      << sent.out;
  expectSameRun("kept", "sent");
  // As the CPU does, but for what rounds otherwise.
  std::vector<std::string> onCpu = onGpu;
  onCpu[1] = "cpu";
  expectTrained("cpu", onCpu);
  for (const char *metric : {"train_loss", "test_loss"}) {
    std::vector<double> gpu = series("kept", metric),
                        cpu = series("cpu", metric);
    ASSERT_EQ(gpu.size(), cpu.size());
    for (size_t i = 0; i < gpu.size(); ++i)
      EXPECT_NEAR(gpu[i], cpu[i], 1e-3 * cpu[i]) << metric;
  }
}

// Three networks on two blocks each, and then on fewer than one each.
TEST_F(EndToEnd, AGpuTrainsSeedsSideBySide) {
  const std::vector<std::string> options = {
      "--device",      "emulated", "--batch",      "4", "--epochs", "2",
      "--limit-train", "12",       "--limit-test", "6"};
  auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), options.begin(), options.end());
    return more;
  };
  for (const char *seed : {"0", "3", "4"})
    expectTrained(std::string("alone/seed-") + seed, with({"--seed", seed}));
  for (auto [run, blocks] : {std::pair("all", "6"), {"two", "2"}}) {
    CommandResult result =
        train(run, with({"--seeds", "0,3,4"}),
              {std::string("DALE_EMULATED_BLOCKS=") + blocks});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    for (const char *seed : {"seed-0", "seed-3", "seed-4"})
      for (const char *file : {"checkpoint.safetensors", "metrics.csv"})
        EXPECT_TRUE(readFile(folder / "alone" / seed / file) ==
                    readFile(folder / run / seed / file))
            << file << " of " << seed << " in '" << run << "' differs";
  }
}

TEST_F(EndToEnd, SeedsAndAugmentationMatter) {
  expectTrained("a", {"--epochs", "1"});
  expectTrained("b", {"--epochs", "1", "--seed", "6"});
  expectTrained("c", {"--epochs", "1", "--no-augment"});
  EXPECT_NE(series("a", "train_loss"), series("b", "train_loss"));
  EXPECT_NE(series("a", "train_loss"), series("c", "train_loss"));
}

/// An F32 tensor.
std::vector<float> readFloats(const TensorReader &file,
                              const std::string &name) {
  std::vector<float> values(static_cast<size_t>(file.get(name).elements()));
  file.readBytes(file.get(name), values.data());
  return values;
}

TEST_F(EndToEnd, AnalyzesWhatItHasTrained) {
  expectTrained("run", {"--epochs", "4"});
  std::string checkpoint = (folder / "run/checkpoint.safetensors").string();
  CommandResult result =
      runCommand({gray, "analyze", "--checkpoint", checkpoint, "--data",
                  data().string(), "--save-responses"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  json summary = json::parse(readFile(folder / "run/analysis.json"));
  EXPECT_EQ(summary["epoch"], 4);
  EXPECT_EQ(summary["seed"], 5);
  EXPECT_EQ(summary["test_images"], 48);
  json info = json::parse(runCommand({gray, "info", "--json"}).out);
  ASSERT_EQ(summary["populations"].size(), info["responses"].size());

  TensorReader responses(folder / "run/analysis.safetensors");
  for (const json &population : summary["populations"]) {
    std::string area = population["area"], member = population["population"],
                name = area + "." + member;
    SCOPED_TRACE(name);
    int64_t units = population["units"];
    std::vector<float> curves = readFloats(responses, "gratings." + name),
                       images = readFloats(responses, "images." + name);
    ASSERT_EQ(std::ssize(curves), units * 432);
    ASSERT_EQ(std::ssize(images), units * 48);
    // In two passes what the command computes in one.
    double sum = 0;
    int64_t skewed = 0, silent = 0;
    for (int64_t unit = 0; unit < units; ++unit) {
      silent += std::all_of(curves.begin() + unit * 432,
                            curves.begin() + (unit + 1) * 432,
                            [](float value) { return value == 0; });
      double mean = 0, m2 = 0, m3 = 0;
      for (int64_t n = 0; n < 48; ++n)
        mean += images[n * units + unit] / 48.0;
      for (int64_t n = 0; n < 48; ++n) {
        double difference = images[n * units + unit] - mean;
        m2 += difference * difference / 48;
        m3 += difference * difference * difference / 48;
      }
      if (m2 > 0) {
        sum += m3 / std::pow(m2, 1.5);
        ++skewed;
      }
    }
    EXPECT_EQ(population["silent"], silent);
    EXPECT_EQ(population["image_skewness"]["units"], skewed);
    if (skewed > 0) {
      EXPECT_NEAR(population["image_skewness"]["mean"].get<double>(),
                  sum / static_cast<double>(skewed), 1e-6);
    }
  }

  // The density of one separable projection, from the weights themselves.
  TensorReader weights(checkpoint);
  const json &projection = summary["projections"].at(0);
  std::string variable = projection["area"].get<std::string>() + "." +
                         projection["name"].get<std::string>();
  std::vector<float> depthwise = readFloats(weights, variable + ".depthwise"),
                     pointwise = readFloats(weights, variable + ".pointwise");
  int64_t in = weights.get(variable + ".pointwise").shape[0],
          out = weights.get(variable + ".pointwise").shape[1], above = 0;
  for (int64_t pair = 0; pair < in * out; ++pair) {
    double mean = 0;
    for (int64_t pixel = 0; pixel < 9; ++pixel)
      mean += std::abs(double(depthwise[pixel * in + pair / out]) *
                       pointwise[pair]) /
              9;
    above += mean > std::exp(-10.0);
  }
  EXPECT_EQ(projection["weights"], in * out);
  EXPECT_EQ(projection["above"], above);
  EXPECT_TRUE(summary["differences"]["density"].is_number());
}

/// What a metric of analysis.csv is of each unit of a population; none where it
/// has no row.
std::map<std::string, double> unitValues(const fs::path &table,
                                         const std::string &area,
                                         const std::string &population,
                                         const std::string &metric) {
  std::istringstream lines(readFile(table));
  std::map<std::string, double> values;
  for (std::string line; std::getline(lines, line);) {
    std::vector<std::string> fields;
    std::istringstream rest(line);
    for (std::string field; std::getline(rest, field, ',');)
      fields.push_back(field);
    if (fields.size() == 8 && fields[3] == area && fields[4] == population &&
        fields[6] == metric)
      values[fields[5]] = std::stod(fields[7]);
  }
  return values;
}

/// Writes a tensor "images" of bytes.
void writeBytes(const fs::path &path, const std::string &pixels, int64_t side) {
  int64_t count = std::ssize(pixels) / (side * side);
  TensorWriter writer(path,
                      {{"images", ElementType::U8, {count, side, side, 1}}});
  writer.write("images", pixels.data(), std::ssize(pixels));
  writer.commit();
}

TEST_F(EndToEnd, UnitsAreMeasuredByTheirResponses) {
  expectTrained("run", {"--epochs", "2"});
  ASSERT_EQ(runCommand({gray, "analyze", "--checkpoint",
                        (folder / "run/checkpoint.safetensors").string(),
                        "--data", data().string(), "--save-responses"})
                .exitCode,
            0);
  json summary = json::parse(readFile(folder / "run/analysis.json"));
  TensorReader responses(folder / "run/analysis.safetensors");
  fs::path table = folder / "run/analysis.csv";
  int64_t positive = 0;
  for (const json &population : summary["populations"]) {
    std::string area = population["area"], member = population["population"],
                name = area + "." + member;
    SCOPED_TRACE(name);
    std::vector<float> curves = readFloats(responses, "gratings." + name),
                       images = readFloats(responses, "images." + name);
    std::map<std::string, double> means = unitValues(table, area, member,
                                                     "image_mean"),
                                  largest = unitValues(table, area, member,
                                                       "largest_response");
    int64_t units = population["units"];
    ASSERT_EQ(std::ssize(means), units);
    ASSERT_EQ(std::ssize(largest), units);
    for (int64_t unit = 0; unit < units; ++unit) {
      double mean = 0;
      for (int64_t n = 0; n < 48; ++n)
        mean += images[n * units + unit] / 48.0;
      double most = *std::max_element(curves.begin() + unit * 432,
                                      curves.begin() + (unit + 1) * 432);
      EXPECT_NEAR(means[std::to_string(unit)], mean, 1e-6 * (1 + mean));
      EXPECT_NEAR(largest[std::to_string(unit)], most, 1e-6 * (1 + most));
      positive += mean > 0 && most > 0;
    }
  }
  EXPECT_GT(positive, 10);
}

TEST_F(EndToEnd, AccuracyAndConfusionAreThoseOfTheLogits) {
  expectTrained("run", {"--epochs", "8", "--no-augment"});
  std::string checkpoint = (folder / "run/checkpoint.safetensors").string();
  ASSERT_EQ(runCommand({gray, "analyze", "--checkpoint", checkpoint, "--data",
                        data().string()})
                .exitCode,
            0);
  writeBytes(folder / "images",
             readFile(data() / "t10k-images-idx3-ubyte").substr(16), 28);
  ASSERT_EQ(runCommand({gray, "respond", "--weights", checkpoint, "--images",
                        (folder / "images").string(), "--out",
                        (folder / "maps").string()})
                .exitCode,
            0);
  std::vector<float> logits =
      readFloats(TensorReader(folder / "maps"), "logits");
  std::string labels = readFile(data() / "t10k-labels-idx1-ubyte").substr(8);
  ASSERT_EQ(labels.size(), 48u);
  ASSERT_EQ(logits.size(), 480u);
  std::vector<std::vector<int64_t>> confusion(10, std::vector<int64_t>(10));
  int64_t right = 0;
  for (size_t n = 0; n < labels.size(); ++n) {
    auto first = logits.begin() + static_cast<std::ptrdiff_t>(10 * n);
    int64_t answer = std::max_element(first, first + 10) - first;
    ++confusion[labels[n]][answer];
    right += answer == labels[n];
  }
  json summary = json::parse(readFile(folder / "run/analysis.json"));
  EXPECT_EQ(summary["confusion"], json(confusion));
  EXPECT_NEAR(summary["test_accuracy"].get<double>(), double(right) / 48,
              1e-12);
  // As training measured it. Some answers are right and some wrong, or else
  // rows and columns would be hard to tell apart.
  EXPECT_NEAR(series("run", "test_accuracy").back(), double(right) / 48, 1e-6);
  EXPECT_GT(right, 0);
  EXPECT_LT(right, 48);
}

/// An image's values as docs/models.md standardizes them: less the mean,
/// through max(deviation, 1/sqrt(N)).
std::vector<float> standardized(const std::string &pixels) {
  double n = static_cast<double>(pixels.size()), mean = 0, variance = 0;
  auto valueOf = [](char pixel) {
    return static_cast<double>(static_cast<uint8_t>(pixel));
  };
  for (char pixel : pixels)
    mean += valueOf(pixel) / n;
  for (char pixel : pixels)
    variance += (valueOf(pixel) - mean) * (valueOf(pixel) - mean) / n;
  double scale = std::max(std::sqrt(variance), 1 / std::sqrt(n));
  std::vector<float> values;
  for (char pixel : pixels)
    values.push_back(static_cast<float>((valueOf(pixel) - mean) / scale));
  return values;
}

TEST_F(EndToEnd, BytesAreStandardized) {
  expectTrained("run", {"--epochs", "1"});
  constexpr int64_t pixels = 28 * 28;
  std::string bytes = readFile(data() / "t10k-images-idx3-ubyte")
                          .substr(16, 2 * pixels); // as they come
  bytes += std::string(pixels, '\xc8');            // all equal
  bytes += std::string(pixels, '\x07');
  bytes.back() = '\x08'; // but for one
  bytes += std::string(pixels / 2, '\x00') + std::string(pixels / 2, '\xff');
  std::vector<float> floats;
  for (size_t begin = 0; begin < bytes.size(); begin += pixels)
    std::ranges::copy(standardized(bytes.substr(begin, pixels)),
                      std::back_inserter(floats));
  writeBytes(folder / "bytes", bytes, 28);
  {
    TensorWriter writer(folder / "floats",
                        {{"images", ElementType::F32, {5, 28, 28, 1}}});
    writer.write("images", floats.data(), std::ssize(floats) * 4);
    writer.commit();
  }
  for (const char *images : {"bytes", "floats"})
    ASSERT_EQ(runCommand({gray, "respond", "--weights",
                          (folder / "run/checkpoint.safetensors").string(),
                          "--images", (folder / images).string(), "--out",
                          (folder / (images + std::string(".out"))).string()})
                  .exitCode,
              0);
  TensorReader ofBytes(folder / "bytes.out"), ofFloats(folder / "floats.out");
  for (const TensorInfo &tensor : ofBytes.tensors()) {
    SCOPED_TRACE(tensor.name);
    std::vector<float> found = readFloats(ofBytes, tensor.name),
                       expected = readFloats(ofFloats, tensor.name);
    float largest = 0.01f;
    for (float value : expected)
      largest = std::max(largest, std::abs(value));
    ASSERT_EQ(found.size(), expected.size());
    for (size_t i = 0; i < found.size(); ++i)
      ASSERT_NEAR(found[i], expected[i], 1e-5 * largest) << i;
  }
}

/// The images of the first step of a run, as its file of training images has
/// them.
std::vector<uint32_t> firstImages(uint32_t images, size_t batch,
                                  uint64_t seed) {
  std::vector<uint32_t> order(images);
  std::iota(order.begin(), order.end(), 0);
  RandomSequence random(seed, RandomStream::Shuffle, /*place=*/0);
  for (uint32_t i = images; i > 1; --i)
    std::swap(order[i - 1], order[random.below(i)]);
  order.resize(batch);
  return order;
}

/// The image at a place of the first epoch: with two pixels of zeros around it,
/// cropped at random, and flipped or not.
std::string augmented(const std::string &image, uint32_t place, uint64_t seed) {
  constexpr int side = 28, pad = 2;
  PhiloxWords words = philox4x32(
      {place, 0, 0, static_cast<uint32_t>(RandomStream::Augmentation)},
      {static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32)});
  auto below = [](uint32_t word, uint64_t bound) {
    return static_cast<int>(word * bound >> 32);
  };
  int top = below(words[0], 2 * pad + 1) - pad,
      left = below(words[1], 2 * pad + 1) - pad;
  bool flip = below(words[2], 2) == 1;
  std::string result;
  for (int y = 0; y < side; ++y)
    for (int x = 0; x < side; ++x) {
      int row = y + top, column = (flip ? side - 1 - x : x) + left;
      bool inside = row >= 0 && row < side && column >= 0 && column < side;
      result.push_back(inside ? image[row * side + column] : '\0');
    }
  return result;
}

/// A step of `train` is one of `step` on images that are picked, padded,
/// cropped, flipped and standardized here.
TEST_F(EndToEnd, TrainsOnAugmentedImages) {
  constexpr size_t batch = 16, pixels = 28 * 28;
  constexpr uint64_t seed = 3;
  expectTrained("before", {"--epochs", "1"});
  std::string weights = (folder / "before/checkpoint.safetensors").string();
  expectTrained("run", {"--weights", weights, "--max-steps", "1", "--seed",
                        std::to_string(seed), "--device", "cpu"});

  std::string images = readFile(data() / "train-images-idx3-ubyte").substr(16),
              classes = readFile(data() / "train-labels-idx1-ubyte").substr(8);
  ASSERT_EQ(images.size(), 160 * pixels);
  std::vector<float> values;
  std::vector<int32_t> labels;
  uint32_t place = 0;
  for (uint32_t image : firstImages(160, batch, seed)) {
    std::ranges::copy(
        standardized(
            augmented(images.substr(image * pixels, pixels), place++, seed)),
        std::back_inserter(values));
    labels.push_back(classes[image]);
  }
  {
    TensorWriter writer(folder / "batch",
                        {{"images", ElementType::F32, {batch, 28, 28, 1}},
                         {"labels", ElementType::I32, {batch}}});
    writer.write("images", values.data(), std::ssize(values) * 4);
    writer.write("labels", labels.data(), std::ssize(labels) * 4);
    writer.commit();
  }
  CommandResult result =
      runCommand({gray, "step", "--weights", weights, "--batch",
                  (folder / "batch").string(), "--out",
                  (folder / "out").string(), "--device", "cpu"});
  ASSERT_EQ(result.exitCode, 0) << result.err;

  TensorReader before(weights), after(folder / "run/checkpoint.safetensors"),
      expected(folder / "out");
  int64_t changed = 0;
  for (const TensorInfo &tensor : expected.tensors()) {
    if (!tensor.name.starts_with("next."))
      continue;
    SCOPED_TRACE(tensor.name);
    std::string variable = tensor.name.substr(5);
    std::vector<float> found = readFloats(after, variable),
                       first = readFloats(before, variable),
                       next = readFloats(expected, tensor.name);
    ASSERT_EQ(found.size(), next.size());
    float largest = 0;
    for (size_t i = 0; i < next.size(); ++i)
      largest = std::max(largest, std::abs(next[i] - first[i]));
    // Of what the step changes, a thousandth.
    for (size_t i = 0; i < next.size(); ++i)
      ASSERT_NEAR(found[i], next[i], 1e-3 * largest + 1e-7) << i;
    changed += largest > 1e-4;
  }
  EXPECT_GT(changed, 20);
}

/// Writes the gratings (docs/analysis.md), standardized, as `respond` reads
/// images.
void writeGratings(const fs::path &path, int side) {
  std::vector<float> images;
  int64_t pixels = side * side;
  for (int index = 0; index < 432; ++index) {
    const double cycles[] = {1, 2, 3, 4, 6, 8}, pi = std::acos(-1.0);
    double theta = index / 24 * pi / 18, k = cycles[index / 4 % 6],
           phi = index % 4 * pi / 2;
    std::vector<double> image;
    double mean = 0, variance = 0;
    for (int64_t i = 0; i < pixels; ++i) {
      double y = (double(i / side) + 0.5) / side * 2 * pi - pi,
             x = (double(i % side) + 0.5) / side * 2 * pi - pi;
      image.push_back(
          std::cos(k * (-x * std::sin(theta) + y * std::cos(theta)) + phi));
      mean += image.back() / double(pixels);
    }
    for (double value : image)
      variance += (value - mean) * (value - mean) / double(pixels);
    for (double value : image)
      images.push_back(
          static_cast<float>((value - mean) / std::sqrt(variance)));
  }
  TensorWriter writer(path,
                      {{"images", ElementType::F32, {432, side, side, 1}}});
  writer.write("images", images.data(), std::ssize(images) * 4);
  writer.commit();
}

TEST_F(EndToEnd, TuningCurvesAreResponsesOfCentralUnits) {
  expectTrained("run", {"--epochs", "1"});
  std::string checkpoint = (folder / "run/checkpoint.safetensors").string();
  ASSERT_EQ(runCommand({gray, "analyze", "--checkpoint", checkpoint, "--data",
                        data().string(), "--save-responses"})
                .exitCode,
            0);
  writeGratings(folder / "gratings", 28);
  ASSERT_EQ(runCommand({gray, "respond", "--weights", checkpoint, "--images",
                        (folder / "gratings").string(), "--out",
                        (folder / "maps").string()})
                .exitCode,
            0);
  TensorReader analysis(folder / "run/analysis.safetensors"),
      maps(folder / "maps");
  int64_t checked = 0;
  for (const TensorInfo &tensor : maps.tensors()) {
    if (!tensor.name.starts_with("response."))
      continue;
    SCOPED_TRACE(tensor.name);
    std::vector<float> map = readFloats(maps, tensor.name),
                       curves = readFloats(analysis,
                                           "gratings." + tensor.name.substr(9));
    int64_t height = tensor.shape[1], width = tensor.shape[2],
            units = tensor.shape[3];
    float largest = *std::max_element(curves.begin(), curves.end());
    for (int64_t n = 0; n < 432; ++n)
      for (int64_t unit = 0; unit < units; ++unit, ++checked) {
        int64_t place = (n * height + height / 2) * width + width / 2;
        ASSERT_NEAR(curves[unit * 432 + n], map[place * units + unit],
                    1e-5 * std::max(largest, 0.01f))
            << "grating " << n << ", unit " << unit;
      }
  }
  EXPECT_GT(checked, 432 * 10);
}

TEST_F(EndToEnd, DescribesItself) {
  CommandResult result = runCommand({gray, "info", "--json"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  json info = json::parse(result.out);
  EXPECT_EQ(info["name"], "Gray");
  EXPECT_EQ(info["steps"], 2);
  EXPECT_EQ(info["element"], "f32");
  EXPECT_EQ(info["computation_hash"].get<std::string>().size(), 16u);
  EXPECT_EQ(
      info["input"],
      (json{{"height", 28}, {"width", 28}, {"channels", 1}, {"resize", 28}}));
  EXPECT_EQ(info["training"]["batch"], 16);
  for (const char *function : {"prepare", "train_step", "evaluate", "respond"})
    EXPECT_TRUE(info["workspace"].contains(function)) << function;

  result = runCommand({gray, "info", "--source"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_NE(result.out.find("\"Gray\""), std::string::npos) << result.out;
  EXPECT_EQ(runCommand({gray, "info"}).exitCode, 0);
}

TEST_F(EndToEnd, RespondsWithACheckpoint) {
  expectTrained("run", {"--epochs", "1"});
  writeBytes(
      folder / "images",
      readFile(data() / "t10k-images-idx3-ubyte").substr(16, 3 * 28 * 28), 28);
  // The batch that images come in changes nothing.
  std::vector<std::string> results;
  for (const char *batch : {"1", "2", "3"}) {
    std::string out = (folder / batch).string();
    CommandResult result = runCommand(
        {gray, "respond", "--weights",
         (folder / "run" / "checkpoint.safetensors").string(), "--images",
         (folder / "images").string(), "--out", out, "--batch", batch});
    ASSERT_EQ(result.exitCode, 0) << result.err;
    results.push_back(readFile(out));
  }
  EXPECT_TRUE(results[0] == results[1]);
  EXPECT_TRUE(results[0] == results[2]);
  TensorReader responses(folder / "1");
  EXPECT_EQ(responses.get("response.area3.PN").shape, (Shape{3, 14, 14, 8}));
  EXPECT_EQ(responses.get("response.area4.IG").shape, (Shape{3, 7, 7, 8}));
}

TEST_F(EndToEnd, LearnsRealImages) {
  if (!fs::exists("/usr/share/datasets/fashion-mnist"))
    GTEST_SKIP() << "Fashion-MNIST is not installed (Debian's package "
                    "dataset-fashion-mnist)";
  CommandResult result = runCommand(
      {gray, "train", "--dataset", "fashion-mnist", "--limit-train", "1600",
       "--limit-test", "400", "--out", (folder / "run").string()});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_GT(series("run", "test_accuracy").back(), 0.4);
}

//===----------------------------------------------------------------------===//
// What cannot work
//===----------------------------------------------------------------------===//

TEST_F(EndToEnd, RefusesWeightsOfAnotherCircuit) {
  std::string weights = golden("Standard.weights.safetensors");
  expectRefused(train("run", {"--weights", weights}), ExitFailure,
                {weights, "'area1.weight' has the shape [3, 3, 3, 4]: "
                          "expected [3, 3, 1, 4]"});
  EXPECT_FALSE(fs::exists(folder / "run"));
  expectRefused(runCommand({gray, "respond", "--weights", weights, "--images",
                            golden("Standard.batch.safetensors"), "--out",
                            (folder / "out").string()}),
                ExitFailure, {weights, "'area1.weight'"});
  EXPECT_FALSE(fs::exists(folder / "out"));
}

TEST_F(EndToEnd, RefusesImagesOfAnotherSize) {
  expectTrained("run", {"--epochs", "1"});
  expectRefused(
      runCommand({gray, "respond", "--weights",
                  (folder / "run" / "checkpoint.safetensors").string(),
                  "--images", golden("Standard.batch.safetensors"), "--out",
                  (folder / "out").string()}),
      ExitFailure, {"[4, 8, 8, 3]", "[N, 28, 28, 1]"});
}

TEST_F(EndToEnd, RefusesAFileThatIsCutOff) {
  fs::path images = data() / "train-images-idx3-ubyte";
  fs::resize_file(images, fs::file_size(images) - 100);
  expectRefused(train("run"), ExitFailure,
                {images.string(), "ends at byte 125356", "expected 125456"});
  EXPECT_FALSE(fs::exists(folder / "run"));
}

TEST_F(EndToEnd, RefusesALabelOutOfRange) {
  fs::path labels = data() / "train-labels-idx1-ubyte";
  std::string bytes = readFile(labels);
  bytes[8 + 17] = 10;
  writeFile(labels, bytes);
  expectRefused(train("run"), ExitFailure,
                {labels.string(), "record 17", "label 10", "0 to 9"});
}

TEST_F(EndToEnd, RefusesAMissingFolder) {
  expectRefused(
      runCommand({gray, "train", "--data", (folder / "nowhere").string(),
                  "--out", (folder / "run").string()}),
      ExitFailure, {(folder / "nowhere").string(), "no such folder"});
  expectRefused(runCommand({gray, "train", "--out", (folder / "run").string()}),
                ExitUsage, {"--data is missing"});
}

TEST_F(EndToEnd, RefusesWhatItCannotWrite) {
  writeFile(folder / "file", "");
  expectRefused(train("file"), ExitFailure,
                {(folder / "file").string(), "cannot be made a folder"});
  expectRefused(
      runCommand({(fs::path(CIRCUITS_FOLDER) / "Standard-f32").string(), "step",
                  "--weights", golden("Standard.weights.safetensors"),
                  "--batch", golden("Standard.batch.safetensors"), "--out",
                  (folder / "nowhere" / "out").string()}),
      ExitFailure, {(folder / "nowhere" / "out").string()});
}

} // namespace
