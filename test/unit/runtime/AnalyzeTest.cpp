//===- AnalyzeTest.cpp - Tests of the command 'analyze' -------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

/// \file
/// Runs executables made of the runtime and a fake circuit (FakeCircuit.cpp),
/// as a user would: 3 units of 'area.features', 10 of 'area.logits', and a
/// test set of 32 images.

#include "Support.h"
#include "runtime/io/Safetensors.h"
#include "runtime/train/FolderLock.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <string_view>

using namespace dale::runtime;
using namespace dale::runtime::test;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

class Analyze : public testing::Test {
protected:
  Analyze() {
    writeCifar10(folder / "data", 32);
    CommandResult result = runCommand(
        {FAKE_CIRCUIT, "train", "--data", (folder / "data").string(), "--out",
         run().string(), "--epochs", "2", "--seed", "5", "--keep", "1"});
    EXPECT_EQ(result.exitCode, 0) << result.err;
  }

  fs::path run() const { return folder / "run"; }
  fs::path checkpoint() const { return run() / "checkpoint.safetensors"; }

  CommandResult analyze(const fs::path &checkpoint,
                        std::vector<std::string> options = {},
                        const char *program = FAKE_CIRCUIT) const {
    options.insert(options.begin(),
                   {program, "analyze", "--checkpoint", checkpoint.string(),
                    "--data", (folder / "data").string()});
    return runCommand(options);
  }

  void expectAnalyzed(const std::string &out,
                      std::vector<std::string> options = {},
                      const char *program = FAKE_CIRCUIT) const {
    options.insert(options.end(), {"--out", (folder / out).string()});
    CommandResult result = analyze(checkpoint(), options, program);
    ASSERT_EQ(result.exitCode, 0) << result.err;
  }

  void expectRefused(const CommandResult &result, int exitCode,
                     const std::vector<std::string> &parts) const {
    EXPECT_EQ(result.exitCode, exitCode) << result.err;
    EXPECT_NE(result.err.find("error: "), std::string::npos) << result.err;
    for (const std::string &part : parts)
      EXPECT_NE(result.err.find(part), std::string::npos)
          << "the message\n  " << result.err << "\nlacks\n  " << part;
  }

  json summary(const fs::path &out) const {
    return json::parse(readFile(out / "analysis.json"));
  }

  static int64_t count(const std::string &text, std::string_view part) {
    int64_t found = 0;
    for (size_t at = 0; (at = text.find(part, at)) != text.npos; ++at)
      ++found;
    return found;
  }

  TemporaryFolder folder;
};

TEST_F(Analyze, WritesBesideTheCheckpoint) {
  CommandResult result = analyze(checkpoint());
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_EQ(listFolder(run()),
            (std::vector<std::string>{"analysis.csv", "analysis.json",
                                      "checkpoint.safetensors", "circuit.toml",
                                      "epoch-1.safetensors", "metrics.csv",
                                      "summary.json"}));
  EXPECT_NE(result.out.find("analyzing 'Fake', seed 5, epoch 2, with 432 "
                            "gratings and 32 test images of cifar10"),
            result.out.npos)
      << result.out;
  EXPECT_NE(result.out.find("area.features"), result.out.npos) << result.out;

  std::string table = readFile(run() / "analysis.csv");
  EXPECT_TRUE(table.starts_with(
      "run,seed,epoch,area,population,unit,metric,value\nrun,5,2,"));
  EXPECT_EQ(count(table, ",responds,"), 13);
  EXPECT_EQ(count(table, "area,logits,9,image_mean,"), 1);
  EXPECT_EQ(count(table, "area,features_to_logits,,density,1\n"), 1);

  json written = summary(run());
  EXPECT_EQ(written["circuit"], "Fake");
  EXPECT_EQ(written["run"], "run");
  EXPECT_EQ(written["checkpoint"], "checkpoint.safetensors");
  EXPECT_EQ(written["test_images"], 32);
  EXPECT_EQ(written["spatial_average"], true);
  ASSERT_EQ(written["populations"].size(), 2u);
  EXPECT_EQ(written["populations"][0]["units"], 3);
  EXPECT_EQ(written["populations"][1]["sign"], nullptr);
  ASSERT_EQ(written["projections"].size(), 1u);
  const json &projection = written["projections"][0];
  EXPECT_EQ(projection["name"], "features_to_logits");
  EXPECT_EQ(projection["weights"], 2);
  int64_t binned = projection["histogram"]["zero"].get<int64_t>() +
                   projection["histogram"]["below"].get<int64_t>() +
                   projection["histogram"]["above"].get<int64_t>();
  for (const json &bin : projection["histogram"]["counts"])
    binned += bin.get<int64_t>();
  EXPECT_EQ(binned, 2);
  // Nothing projects onto the principal population.
  EXPECT_EQ(written["differences"]["density"], nullptr);
  EXPECT_TRUE(written["differences"]["image_skewness"].is_number());

  // What the training has found of the same images.
  json trained = json::parse(readFile(run() / "summary.json"));
  EXPECT_EQ(written["test_accuracy"], trained["test_accuracy"]);
  ASSERT_EQ(written["confusion"].size(), 10u);
  int64_t images = 0, correct = 0;
  for (size_t label = 0; label < 10; ++label)
    for (size_t answer = 0; answer < 10; ++answer) {
      int64_t counted = written["confusion"][label][answer];
      images += counted;
      correct += label == answer ? counted : 0;
    }
  EXPECT_EQ(images, 32);
  EXPECT_EQ(double(correct) / 32, trained["test_accuracy"].get<double>());
  EXPECT_FALSE(written.contains("class_names"));
}

TEST_F(Analyze, TellsTheNamesOfClasses) {
  writeFile(folder / "data" / "batches.meta.txt",
            "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
  expectAnalyzed("x");
  json names = summary(folder / "x")["class_names"];
  ASSERT_EQ(names.size(), 10u);
  EXPECT_EQ(names[9], "j");
}

TEST_F(Analyze, IsTheSameInAnyBatchAndOnAnyDevice) {
  expectAnalyzed("a/x", {"--save-responses"});
  expectAnalyzed("b/x", {"--save-responses", "--batch", "7", "--threads", "1"});
  expectAnalyzed("c/x", {"--save-responses", "--batch", "1000"});
  expectAnalyzed("d/x", {"--save-responses", "--device", "emulated"},
                 FAKE_CIRCUIT_GPU);
  for (const char *other : {"b", "c", "d"})
    for (const char *file :
         {"analysis.csv", "analysis.json", "analysis.safetensors"})
      EXPECT_TRUE(readFile(folder / "a/x" / file) ==
                  readFile(folder / other / "x" / file))
          << file << " of " << other << " differs";
  TensorReader responses(folder / "a/x/analysis.safetensors");
  EXPECT_EQ(responses.get("gratings.area.features").shape,
            (Shape{3, 18, 6, 4}));
  EXPECT_EQ(responses.get("images.area.logits").shape, (Shape{32, 10}));
}

TEST_F(Analyze, SavesWhatIsAskedForOnly) {
  auto saved = [&](const char *out) {
    std::vector<std::string> names;
    TensorReader file(folder / out / "analysis.safetensors");
    for (const TensorInfo &tensor : file.tensors())
      names.push_back(tensor.name);
    std::ranges::sort(names);
    return names;
  };
  expectAnalyzed("kernels", {"--save-kernels"});
  EXPECT_EQ(saved("kernels"),
            (std::vector<std::string>{"kernels.area.features_to_logits"}));
  expectAnalyzed("both", {"--save-kernels", "--save-responses", "gratings"});
  EXPECT_EQ(saved("both"), (std::vector<std::string>{
                               "gratings.area.features", "gratings.area.logits",
                               "kernels.area.features_to_logits"}));
  expectAnalyzed("images", {"--save-responses", "images"});
  EXPECT_EQ(saved("images"), (std::vector<std::string>{"images.area.features",
                                                       "images.area.logits"}));

  // The kernel is that of the checkpoint, as the constraint has it.
  TensorReader weights(checkpoint()),
      kernels(folder / "kernels" / "analysis.safetensors");
  const TensorInfo &kernel = kernels.get("kernels.area.features_to_logits");
  EXPECT_EQ(kernel.shape, (Shape{3, 3, 1, 2}));
  std::vector<float> found(18), expected(18);
  kernels.readBytes(kernel, found.data());
  weights.readBytes(weights.get("idle.weight"), expected.data());
  EXPECT_TRUE(std::ranges::any_of(expected, [](float w) { return w < 0; }));
  for (float &weight : expected)
    weight = std::abs(weight);
  EXPECT_EQ(found, expected);
}

TEST_F(Analyze, TakesWhatItsOptionsSay) {
  expectAnalyzed("a", {"--limit-test", "5", "--threshold", "1e30",
                       "--no-spatial-average", "--seed", "8", "--epoch", "9"});
  json written = summary(folder / "a");
  EXPECT_EQ(written["test_images"], 5);
  EXPECT_EQ(written["threshold"], 1e30);
  EXPECT_EQ(written["spatial_average"], false);
  EXPECT_EQ(written["projections"][0]["weights"], 18);
  EXPECT_EQ(written["projections"][0]["above"], 0);
  EXPECT_EQ(written["seed"], 8);
  EXPECT_EQ(written["epoch"], 9);
  EXPECT_TRUE(readFile(folder / "a/analysis.csv")
                  .find("\na,8,9,area,features,0,responds,") !=
              std::string::npos);
}

TEST_F(Analyze, TakesWeightsAndKeptEpochs) {
  CommandResult result = analyze(run() / "epoch-1.safetensors",
                                 {"--out", (folder / "kept").string()});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_EQ(summary(folder / "kept")["epoch"], 1);

  // Without metadata, as others write them.
  TensorReader file(checkpoint());
  std::vector<TensorWriter::Declaration> tensors;
  for (const TensorInfo &tensor : file.tensors())
    if (!tensor.name.starts_with("momentum."))
      tensors.push_back({tensor.name, tensor.type, tensor.shape});
  TensorWriter writer(folder / "weights", tensors);
  for (const TensorWriter::Declaration &tensor : tensors) {
    std::vector<std::byte> bytes(file.get(tensor.name).bytes());
    file.readBytes(file.get(tensor.name), bytes.data());
    writer.write(tensor.name, bytes.data(), std::ssize(bytes));
  }
  writer.commit();
  result = analyze(folder / "weights", {"--out", (folder / "w").string()});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  expectAnalyzed("x");
  json weights = summary(folder / "w"), trained = summary(folder / "x");
  EXPECT_EQ(weights["epoch"], 0);
  EXPECT_EQ(weights["seed"], 0);
  EXPECT_EQ(weights["populations"], trained["populations"]);
}

TEST_F(Analyze, ReplacesAnAnalysisOnlyByForce) {
  writeFile(run() / "analysis.json", "old");
  expectRefused(analyze(checkpoint()), 1,
                {run().string(), "holds an analysis already", "--force"});
  EXPECT_EQ(readFile(run() / "analysis.json"), "old");
  // Forced, but failing: the old one stays.
  std::string broken = readFile(checkpoint());
  writeFile(folder / "broken", broken.substr(0, broken.size() - 9));
  expectRefused(
      analyze(folder / "broken", {"--out", run().string(), "--force"}), 1,
      {(folder / "broken").string()});
  EXPECT_EQ(readFile(run() / "analysis.json"), "old");
  ASSERT_EQ(analyze(checkpoint(), {"--force"}).exitCode, 0);
  EXPECT_EQ(summary(run())["epoch"], 2);
}

TEST_F(Analyze, IsAloneInItsFolder) {
  FolderLock training;
  training.take(run());
  expectRefused(analyze(checkpoint()), 1,
                {run().string() + ": another process trains or analyzes"});
  EXPECT_FALSE(fs::exists(run() / "analysis.csv"));
  expectAnalyzed("elsewhere");
}

TEST_F(Analyze, ForceLeavesNothingOfTheOldAnalysis) {
  ASSERT_EQ(analyze(checkpoint(), {"--save-responses"}).exitCode, 0);
  ASSERT_TRUE(fs::exists(run() / "analysis.safetensors"));
  ASSERT_EQ(analyze(checkpoint(), {"--force"}).exitCode, 0);
  EXPECT_FALSE(fs::exists(run() / "analysis.safetensors"));
  EXPECT_TRUE(fs::exists(run() / "analysis.csv"));
  // However it ends in between, no summary is left without its table.
  fs::remove(run() / "analysis.csv");
  fs::create_directories(run() / "analysis.csv" / "full");
  expectRefused(analyze(checkpoint(), {"--force"}), 1,
                {(run() / "analysis.csv").string()});
  EXPECT_FALSE(fs::exists(run() / "analysis.json"));
}

TEST_F(Analyze, RefusesWhatItCannotAnalyze) {
  std::string out = (folder / "new").string();
  expectRefused(analyze(folder / "none", {"--out", out}), 1,
                {(folder / "none").string()});
  expectRefused(analyze(checkpoint(), {"--out", out, "--threshold", "-1"}), 2,
                {"--threshold -1: expected"});
  expectRefused(analyze(checkpoint(), {"--out", out, "--threshold", "nan"}), 2,
                {"--threshold nan: expected"});
  expectRefused(analyze(checkpoint(), {"--out", out, "--batch", "0"}), 2,
                {"--batch 0: expected"});
  expectRefused(analyze(checkpoint(), {"--out", out, "--limit-test", "0"}), 2,
                {"--limit-test 0: expected"});
  expectRefused(analyze(checkpoint(), {"--out", out, "--epoch", "-1"}), 2,
                {"--epoch -1: expected"});
  expectRefused(analyze(checkpoint(), {"--out", out, "--dataset", "cifar"}), 2,
                {"cifar"});
  expectRefused(runCommand({FAKE_CIRCUIT, "analyze", "--data", "x"}), 2,
                {"--checkpoint"});
  expectRefused(analyze(checkpoint(), {"--out", out}, FAKE_CIRCUIT_GRAY), 1,
                {"readout.weight"});
  writeFile(folder / "file", "");
  expectRefused(
      analyze(checkpoint(), {"--out", (folder / "file" / "x").string()}), 1,
      {"cannot be made a folder"});
  EXPECT_FALSE(fs::exists(out));
}

TEST_F(Analyze, RefusesWeightsThatAreNotFinite) {
  std::string bytes = readFile(checkpoint());
  TensorReader file(checkpoint());
  for (size_t i = 0; i < 4; ++i)
    bytes[file.get("readout.bias").offset + i] = '\xff';
  writeFile(folder / "nan", bytes);
  expectRefused(analyze(folder / "nan", {"--out", (folder / "o").string()}), 1,
                {"'readout.bias' holds values that are not finite"});
  EXPECT_FALSE(fs::exists(folder / "o"));
}

TEST_F(Analyze, ForcedTrainingTakesAnAnalysisAway) {
  ASSERT_EQ(analyze(checkpoint(), {"--save-responses"}).exitCode, 0);
  ASSERT_EQ(
      runCommand({FAKE_CIRCUIT, "train", "--data", (folder / "data").string(),
                  "--out", run().string(), "--epochs", "1", "--force"})
          .exitCode,
      0);
  for (const std::string &file : listFolder(run()))
    EXPECT_FALSE(file.starts_with("analysis.")) << file;
}

} // namespace
