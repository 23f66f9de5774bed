//===- StepRespondTest.cpp - Tests of 'step' and 'respond' ----------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support.h"
#include "runtime/CircuitABI.h"
#include "runtime/circuit/Circuit.h"
#include "runtime/io/Safetensors.h"
#include "runtime/train/InitialWeights.h"
#include "runtime/train/ModelFile.h"

#include <cmath>
#include <limits>

using namespace dale::runtime;
using namespace dale::runtime::test;
namespace fs = std::filesystem;

namespace {

constexpr int64_t count = 5, classes = 10, features = 48, pixels = 3072;

class StepRespond : public testing::Test {
protected:
  StepRespond()
      : circuit(Circuit::parse(dale_circuit_description)), model(circuit) {
    initializeModel(model, circuit, 1);
    model.averages.as<float>()[0] = 0.5f;
    std::vector<TensorWriter::Declaration> declarations;
    declareVariables(declarations, circuit, circuit.parameters, "");
    declareVariables(declarations, circuit, circuit.averages, "");
    TensorWriter weights(folder / "w", declarations);
    writeVariables(weights, circuit, circuit.parameters, "", model.parameters);
    writeVariables(weights, circuit, circuit.averages, "", model.averages);
    weights.commit();

    for (int64_t i = 0; i < count * pixels; ++i)
      images.push_back(std::sin(0.37f * static_cast<float>(i)) +
                       static_cast<float>(i / pixels));
    writeBatch();
  }

  void writeBatch(Shape shape = {count, 32, 32, 3},
                  ElementType labelType = ElementType::I32) {
    TensorWriter batch(
        folder / "b",
        {{"images", ElementType::F32, shape},
         {"labels", labelType, {static_cast<int64_t>(labels.size())}}});
    batch.write("images", images.data(), *elementsOf(shape) * 4);
    if (labelType == ElementType::I32)
      batch.write("labels", labels.data(),
                  static_cast<int64_t>(labels.size() * 4));
    batch.commit();
  }

  CommandResult step(std::vector<std::string> options = {}) {
    std::vector<std::string> arguments = {
        FAKE_CIRCUIT, "step",
        "--weights",  (folder / "w").string(),
        "--batch",    (folder / "b").string(),
        "--out",      (folder / "out").string()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return runCommand(arguments);
  }

  CommandResult respond(const std::string &out,
                        std::vector<std::string> options = {}) {
    std::vector<std::string> arguments = {
        FAKE_CIRCUIT, "respond",
        "--weights",  (folder / "w").string(),
        "--images",   (folder / "b").string(),
        "--out",      (folder / out).string()};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return runCommand(arguments);
  }

  std::vector<float> read(const std::string &file, const std::string &name,
                          const Shape &shape) {
    TensorReader reader(folder / file);
    const TensorInfo &tensor = reader.get(name);
    EXPECT_EQ(tensor.type, ElementType::F32) << name;
    EXPECT_EQ(tensor.shape, shape) << name;
    std::vector<float> values(static_cast<size_t>(tensor.elements()));
    reader.readBytes(tensor, values.data());
    return values;
  }

  void expectRefused(const CommandResult &result, int exitCode,
                     const std::vector<std::string> &parts) {
    EXPECT_EQ(result.exitCode, exitCode);
    for (const std::string &part : parts)
      EXPECT_NE(result.err.find(part), std::string::npos)
          << "the message\n  " << result.err << "\nlacks\n  " << part;
    EXPECT_FALSE(fs::exists(folder / "out"));
  }

  TemporaryFolder folder;
  Circuit circuit;
  Model model;
  std::vector<float> images;
  std::vector<int32_t> labels = {3, 1, 4, 1, 9};
};

TEST_F(StepRespond, AStepWritesAllThatIsPromised) {
  CommandResult result = step();
  ASSERT_EQ(result.exitCode, 0) << result.err;
  std::vector<float> logits = read("out", "logits", {count, classes});
  std::vector<float> evaluated = read("out", "logits_eval", {count, classes});
  float loss = read("out", "loss", {1})[0];
  float total = read("out", "loss_total", {1})[0];
  std::vector<float> gradient =
      read("out", "grad.readout.weight", {features, classes});
  std::vector<float> next =
      read("out", "next.readout.weight", {features, classes});
  read("out", "grad.readout.bias", {classes});
  read("out", "grad.idle.weight", {3, 3, 1, 2});
  read("out", "next.idle.weight", {3, 3, 1, 2});
  read("out", "next.readout.bias", {classes});
  EXPECT_EQ(TensorReader(folder / "out").tensors().size(), 11u);

  // The mean cross-entropy of the very logits.
  double expected = 0, squares = 0;
  for (int64_t n = 0; n < count; ++n) {
    double sum = 0;
    for (int64_t k = 0; k < classes; ++k)
      sum += std::exp(logits[n * classes + k]);
    expected += (std::log(sum) - logits[n * classes + labels[n]]) / count;
  }
  EXPECT_NEAR(loss, expected, 1e-5);
  for (float value : model.parameters.as<float>())
    squares += value * value;
  EXPECT_NEAR(total - loss, 0.5e-4 * squares, 1e-5);

  // From zero momentum a step is -lr times the gradient, at the circuit's lr.
  for (int64_t i = 0; i < features * classes; ++i)
    EXPECT_NEAR(next[i], model.parameters.as<float>()[i] - 0.1f * gradient[i],
                1e-6);
  // The average moves by a tenth of the way to the batch's mean.
  std::vector<float> average = read("out", "next.norm.mean", {features});
  EXPECT_GT(std::abs(average[0] - 0.45f), 1e-4);

  // The averages from before the step: those of the weights file.
  ASSERT_EQ(respond("r").exitCode, 0);
  EXPECT_EQ(read("r", "logits", {count, classes}), evaluated);
  EXPECT_NE(evaluated, logits);
}

TEST_F(StepRespond, TheLearningRateCanBeGiven) {
  ASSERT_EQ(step({"--lr", "0.5"}).exitCode, 0);
  std::vector<float> gradient = read("out", "grad.readout.bias", {classes});
  std::vector<float> next = read("out", "next.readout.bias", {classes});
  for (int64_t i = 0; i < classes; ++i)
    EXPECT_NEAR(next[i], -0.5f * gradient[i], 1e-6);
}

// The second step's values, with the first one's momentum.
TEST_F(StepRespond, SeveralStepsCarryMomentum) {
  ASSERT_EQ(step().exitCode, 0);
  std::vector<float> firstGradient =
      read("out", "grad.readout.bias", {classes});
  std::vector<float> firstNext = read("out", "next.readout.bias", {classes});
  std::vector<float> firstMean = read("out", "next.norm.mean", {features});
  float firstLoss = read("out", "loss", {1})[0];
  ASSERT_EQ(step({"--steps", "2"}).exitCode, 0);
  EXPECT_LT(read("out", "loss", {1})[0], firstLoss);
  std::vector<float> gradient = read("out", "grad.readout.bias", {classes});
  std::vector<float> next = read("out", "next.readout.bias", {classes});
  for (int64_t i = 0; i < classes; ++i)
    EXPECT_NEAR(next[i],
                firstNext[i] - 0.1f * (0.9f * firstGradient[i] + gradient[i]),
                1e-6);

  // logits_eval is that of the weights between the two steps.
  std::vector<float> evaluated = read("out", "logits_eval", {count, classes});
  ASSERT_EQ(step().exitCode, 0);
  TensorReader first(folder / "out");
  std::vector<TensorWriter::Declaration> declarations;
  declareVariables(declarations, circuit, circuit.parameters, "");
  declareVariables(declarations, circuit, circuit.averages, "");
  {
    TensorWriter weights(folder / "w", declarations);
    for (const auto &tensor : declarations) {
      const TensorInfo &info = first.get("next." + tensor.name);
      std::vector<std::byte> bytes(info.bytes());
      first.readBytes(info, bytes.data());
      weights.write(tensor.name, bytes.data(), info.bytes());
    }
    weights.commit();
  }
  ASSERT_EQ(respond("r").exitCode, 0);
  EXPECT_EQ(read("r", "logits", {count, classes}), evaluated);
}

TEST_F(StepRespond, RefusesALabelOutOfRange) {
  labels[2] = 10;
  writeBatch();
  int64_t offset = TensorReader(folder / "b").get("labels").offset;
  expectRefused(step(), 1,
                {(folder / "b").string(),
                 fmt::format("record 2 of the tensor 'labels', at byte {}, is "
                             "10: expected 0 to 9",
                             offset + 8)});
  labels[2] = -1;
  writeBatch();
  expectRefused(step(), 1, {"is -1: expected 0 to 9"});
}

TEST_F(StepRespond, RefusesBatchesThatDoNotFit) {
  writeBatch({count, 32, 16, 3});
  expectRefused(step(), 1,
                {"'images' has the shape [5, 32, 16, 3]",
                 "'Fake' expects [N, 32, 32, 3]"});
  writeBatch({count, 32, 32, 1});
  expectRefused(step(), 1, {"[5, 32, 32, 1]"});
  writeBatch({3, 32, 32, 3});
  expectRefused(step(), 1, {"'labels' has the shape [5]: expected [3]"});
  labels = {};
  writeBatch({0, 32, 32, 3});
  expectRefused(step(), 1, {"at least one image"});
  labels = {1, 2, 3, 4, 5};
  writeBatch({count, 32, 32, 3}, ElementType::F32);
  expectRefused(step(), 1, {"'labels' is F32: expected I32"});
}

TEST_F(StepRespond, RefusesABatchWithoutLabels) {
  TensorWriter batch(folder / "b",
                     {{"images", ElementType::F32, {1, 32, 32, 3}},
                      {"label", ElementType::I32, {1}}});
  batch.commit();
  expectRefused(step(), 1, {"has no tensor 'labels'", "did you mean 'label'?"});
}

TEST_F(StepRespond, RefusesToOverwriteWhatItReads) {
  expectRefused(respond("w"), 2, {"--out", "is read too"});
  expectRefused(respond("b"), 2, {"--out", "is read too"});
  EXPECT_EQ(step().exitCode, 0);
}

TEST_F(StepRespond, RefusesImagesThatAreNoNumbers) {
  images[3072 + 5] = std::numeric_limits<float>::quiet_NaN();
  writeBatch();
  expectRefused(step(), 1, {"the tensor 'images'", "image 1", "finite"});
}

// As 'step' and 'analyze' do.
TEST_F(StepRespond, RefusesResponsesThatAreNoNumbers) {
  std::fill_n(images.begin() + 3 * pixels, pixels, 3e38f);
  writeBatch();
  for (const char *batch : {"2", "5"})
    expectRefused(
        respond("out", {"--batch", batch}), 1,
        {(folder / "b").string() + ": image 3 makes 'response.area.logits' ",
         "expected finite numbers"});
}

TEST_F(StepRespond, RefusesUnusableOptions) {
  expectRefused(step({"--steps", "0"}), 2, {"--steps 0"});
  expectRefused(step({"--lr", "-1"}), 2, {"--lr -1"});
  expectRefused(step({"--lr", "1e300"}), 2, {"--lr 1e+300", "3.4e+38"});
  expectRefused(step({"--lr", "1e-60"}), 2, {"--lr 1e-60", "1.2e-38"});
  expectRefused(step({"--lr", "1e38", "--steps", "3"}), 1,
                {"the loss is", "in step 2", "--lr"});
  expectRefused(respond("out", {"--batch", "0"}), 2, {"--batch 0"});
  expectRefused(runCommand({FAKE_CIRCUIT, "step", "--batch", "b"}), 2,
                {"--weights"});
}

// An error must leave the old file, and no temporary one.
TEST_F(StepRespond, AFailureLeavesTheOldOutput) {
  writeFile(folder / "out", "old");
  EXPECT_EQ(step({"--lr", "1e38", "--steps", "3"}).exitCode, 1);
  EXPECT_EQ(readFile(folder / "out"), "old");
  EXPECT_EQ(listFolder(folder.path()),
            (std::vector<std::string>{"b", "out", "w"}));
}

TEST_F(StepRespond, RefusesAnOutputThatCannotBeWritten) {
  CommandResult result = respond("none/out");
  EXPECT_EQ(result.exitCode, 1);
  EXPECT_NE(result.err.find("No such file or directory"), std::string::npos);
}

TEST_F(StepRespond, ResponsesDoNotDependOnTheBatch) {
  ASSERT_EQ(respond("whole").exitCode, 0);
  ASSERT_EQ(respond("parts", {"--batch", "2"}).exitCode, 0);
  EXPECT_EQ(readFile(folder / "whole"), readFile(folder / "parts"));
  std::vector<float> responses =
      read("whole", "response.area.features", {count, 4, 4, 3});
  std::vector<float> logits = read("whole", "logits", {count, classes});
  EXPECT_EQ(read("whole", "response.area.logits", {count, 1, 1, 10}), logits);
  // The mean of the fourth image's first block, in its first channel.
  double mean = 0;
  for (int64_t y = 0; y < 8; ++y)
    for (int64_t x = 0; x < 8; ++x)
      mean += images[3 * pixels + (y * 32 + x) * 3] / 64;
  EXPECT_NEAR(responses[3 * features], mean, 1e-4);
}

TEST_F(StepRespond, RawImagesAreStandardized) {
  std::vector<uint8_t> raw(2 * pixels);
  for (size_t i = 0; i < raw.size(); ++i)
    raw[i] = static_cast<uint8_t>((i * i) % 251);
  std::vector<float> standardized;
  for (int64_t n = 0; n < 2; ++n) {
    double mean = 0, variance = 0;
    for (int64_t i = 0; i < pixels; ++i)
      mean += raw[n * pixels + i] / double(pixels);
    for (int64_t i = 0; i < pixels; ++i)
      variance += std::pow(raw[n * pixels + i] - mean, 2) / double(pixels);
    for (int64_t i = 0; i < pixels; ++i)
      standardized.push_back(static_cast<float>((raw[n * pixels + i] - mean) /
                                                std::sqrt(variance)));
  }
  auto write = [&](ElementType type, const void *data) {
    TensorWriter writer(folder / "b", {{"images", type, {2, 32, 32, 3}}});
    writer.write("images", data, 2 * pixels * int64_t(sizeOf(type)));
    writer.commit();
  };
  write(ElementType::U8, raw.data());
  ASSERT_EQ(respond("raw").exitCode, 0);
  write(ElementType::F32, standardized.data());
  ASSERT_EQ(respond("real").exitCode, 0);
  std::vector<float> a = read("raw", "logits", {2, classes});
  std::vector<float> b = read("real", "logits", {2, classes});
  for (size_t i = 0; i < a.size(); ++i)
    EXPECT_NEAR(a[i], b[i], 1e-4);
}

} // namespace
