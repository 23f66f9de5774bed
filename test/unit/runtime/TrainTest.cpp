//===- TrainTest.cpp - Tests of the command 'train' -----------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

/// \file
/// Runs executables made of the runtime and a fake circuit (FakeCircuit.cpp),
/// as a user would. The training set has 160 images: ten steps of 16.

#include "Support.h"
#include "runtime/data/Dataset.h"
#include "runtime/io/Safetensors.h"
#include "runtime/train/FolderLock.h"
#include "runtime/train/Metrics.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <set>
#include <unistd.h>

using namespace dale::runtime;
using namespace dale::runtime::test;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

class Train : public testing::Test {
protected:
  Train() { writeCifar10(data(), 32); }

  fs::path data() const { return folder / "data"; }
  fs::path run() const { return folder / "run"; }

  CommandResult train(std::vector<std::string> options,
                      const std::vector<std::string> &environment = {}) {
    std::vector<std::string> arguments = {FAKE_CIRCUIT, "train", "--data",
                                          data().string()};
    if (std::find(options.begin(), options.end(), "--out") == options.end())
      options.insert(options.end(), {"--out", run().string()});
    arguments.insert(arguments.end(), options.begin(), options.end());
    return runCommand(arguments, environment);
  }

  void expectFailure(const CommandResult &result, int exitCode,
                     const std::vector<std::string> &parts) {
    EXPECT_EQ(result.exitCode, exitCode) << result.err;
    EXPECT_TRUE(result.err.find("dale_fake_circuit: error: ") !=
                std::string::npos)
        << result.err;
    for (const std::string &part : parts)
      EXPECT_NE(result.err.find(part), std::string::npos)
          << "the message\n  " << result.err << "\nlacks\n  " << part;
  }

  /// Equal training leaves equal files, of which only the summary tells how
  /// long it took.
  void expectSameRun(const fs::path &a, const fs::path &b) {
    EXPECT_EQ(readFile(a / "checkpoint.safetensors"),
              readFile(b / "checkpoint.safetensors"));
    EXPECT_EQ(readFile(a / "metrics.csv"), readFile(b / "metrics.csv"));
  }

  static std::vector<std::pair<int64_t, double>>
  series(const fs::path &run, const std::string &metric) {
    MetricsTable table("", 0);
    table.readUpTo(run / "metrics.csv", INT64_MAX);
    return table.series(metric);
  }

  static Metadata metadata(const fs::path &run) {
    return TensorReader(run / "checkpoint.safetensors").metadata();
  }

  TemporaryFolder folder;
};

//===----------------------------------------------------------------------===//
// Learning
//===----------------------------------------------------------------------===//

TEST_F(Train, LearnsAndTellsHow) {
  CommandResult result = train({"--epochs", "6", "--seed", "3"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_EQ(listFolder(run()),
            (std::vector<std::string>{"checkpoint.safetensors", "circuit.toml",
                                      "metrics.csv", "summary.json"}));
  auto loss = series(run(), "train_loss");
  ASSERT_EQ(loss.size(), 6u);
  EXPECT_GT(loss.front().second, 1.0);
  EXPECT_LT(loss.back().second, 0.7 * loss.front().second);
  auto accuracy = series(run(), "test_accuracy");
  EXPECT_GT(accuracy.back().second, 0.8);
  EXPECT_LE(accuracy.back().second, 1);
  auto rate = series(run(), "learning_rate");
  EXPECT_EQ(rate[2].second, 0.1);
  EXPECT_DOUBLE_EQ(rate[3].second, 0.01);
  // The loss with the L2 term is larger.
  EXPECT_GT(series(run(), "train_loss_total")[5].second, loss[5].second);

  EXPECT_NE(result.out.find("epoch 6/6  train loss"), std::string::npos)
      << result.out;
  EXPECT_NE(result.out.find("test accuracy"), std::string::npos);
  EXPECT_EQ(result.out.find('\r'), std::string::npos);
  EXPECT_EQ(readFile(run() / "circuit.toml"), "[circuit]\nname = \"Fake\"\n");

  json summary = json::parse(readFile(run() / "summary.json"));
  EXPECT_EQ(summary["seed"], 3);
  EXPECT_EQ(summary["complete"], true);
  EXPECT_EQ(summary["epochs_done"], 6);
  EXPECT_EQ(summary["steps_done"], 60);
  EXPECT_EQ(summary["train_images"], 160);
  EXPECT_EQ(summary["test_accuracy"], accuracy.back().second);
  EXPECT_GT(summary["seconds"], 0);

  std::string table = readFile(run() / "metrics.csv");
  EXPECT_EQ(table.substr(0, table.find('\n')),
            "run,seed,epoch,area,population,unit,metric,value");
  EXPECT_NE(table.find("\nrun,3,1,,,,learning_rate,0.1\n"), std::string::npos)
      << table;
}

TEST_F(Train, ACheckpointHasMomentaAndMetadata) {
  ASSERT_EQ(train({"--epochs", "1"}).exitCode, 0);
  TensorReader checkpoint(run() / "checkpoint.safetensors");
  for (const char *name : {"readout.weight", "readout.bias", "idle.weight",
                           "norm.mean", "momentum.readout.weight",
                           "momentum.readout.bias", "momentum.idle.weight"})
    EXPECT_NE(checkpoint.find(name), nullptr) << name;
  EXPECT_EQ(checkpoint.tensors().size(), 7u);
  Metadata metadata = checkpoint.metadata();
  EXPECT_EQ(metadata["circuit"], "Fake");
  EXPECT_EQ(metadata["seed"], "7");
  EXPECT_EQ(metadata["epoch"], "1");
  EXPECT_EQ(metadata["step"], "0");
}

TEST_F(Train, SeedsAndAugmentationChangeTheWeights) {
  std::set<std::string> checkpoints;
  auto add = [&](std::vector<std::string> options) {
    options.insert(options.end(), {"--epochs", "1", "--force"});
    CommandResult result = train(options);
    ASSERT_EQ(result.exitCode, 0) << result.err;
    TensorReader reader(run() / "checkpoint.safetensors");
    std::string bytes(480 * 4, '\0');
    reader.readBytes(reader.get("readout.weight"), bytes.data());
    checkpoints.insert(bytes);
  };
  add({"--seed", "1"});
  add({"--seed", "1", "--threads", "1"}); // Changes nothing.
  EXPECT_EQ(checkpoints.size(), 1u);
  add({"--seed", "2"});
  add({"--seed", "1", "--no-augment"});
  add({"--seed", "1", "--random-labels"});
  add({"--seed", "1", "--lr", "0.05"});
  add({"--seed", "1", "--batch", "32"});
  add({"--seed", "1", "--limit-train", "100"});
  EXPECT_EQ(checkpoints.size(), 7u);
}

// 160 images in batches of 48 are three steps; the last 16 are left out.
TEST_F(Train, DropsTheRemainderInTraining) {
  ASSERT_EQ(train({"--epochs", "1", "--batch", "48"}).exitCode, 0);
  EXPECT_EQ(json::parse(readFile(run() / "summary.json"))["steps_done"], 3);
}

// The 32 test images are two batches of 12 and one of 8. What is reported is
// compared with the logits that `respond` finds for the same weights.
TEST_F(Train, TestsEveryImage) {
  ASSERT_EQ(train({"--epochs", "1", "--batch", "12"}).exitCode, 0);
  Dataset dataset = loadDataset(data(), "", "", {});
  {
    TensorWriter writer(folder / "images",
                        {{"images", ElementType::U8, {32, 32, 32, 3}}});
    std::vector<uint8_t> image(3072);
    for (int64_t n = 0; n < 32; ++n) {
      dataset.test->read(n, {}, image.data());
      writer.write("images", image.data(), 3072, n * 3072);
    }
    writer.commit();
  }
  ASSERT_EQ(runCommand({FAKE_CIRCUIT, "respond", "--weights",
                        (run() / "checkpoint.safetensors").string(), "--images",
                        (folder / "images").string(), "--out",
                        (folder / "responses").string()})
                .exitCode,
            0);
  TensorReader responses(folder / "responses");
  std::vector<float> logits(32 * 10);
  responses.readBytes(responses.get("logits"), logits.data());
  double loss = 0, correct = 0;
  for (int n = 0; n < 32; ++n) {
    auto row = logits.begin() + 10 * n;
    double sum = 0;
    for (int k = 0; k < 10; ++k)
      sum += std::exp(double(row[k]));
    loss += (std::log(sum) - row[dataset.test->label(n)]) / 32;
    correct += std::max_element(row, row + 10) - row == dataset.test->label(n);
  }
  EXPECT_NEAR(series(run(), "test_loss")[0].second, loss, 1e-5);
  EXPECT_EQ(series(run(), "test_accuracy")[0].second, correct / 32);
}

TEST_F(Train, SeveralSeedsTrainLikeSingleOnes) {
  CommandResult result = train({"--epochs", "1", "--seeds", "0..1,5"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_EQ(listFolder(run()),
            (std::vector<std::string>{"seed-0", "seed-1", "seed-5"}));
  fs::path single = folder / "seed-5";
  ASSERT_EQ(train({"--epochs", "1", "--seed", "5", "--out", single.string()})
                .exitCode,
            0);
  expectSameRun(run() / "seed-5", single);
}

TEST_F(Train, StartsFromGivenWeights) {
  ASSERT_EQ(train({"--epochs", "4"}).exitCode, 0);
  fs::path second = folder / "second";
  CommandResult result = train({"--epochs", "1", "--lr", "1e-6", "--weights",
                                (run() / "checkpoint.safetensors").string(),
                                "--out", second.string()});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_NEAR(series(second, "test_loss")[0].second,
              series(run(), "test_loss")[3].second, 0.1);
}

TEST_F(Train, KeepsWeightsOfChosenEpochs) {
  CommandResult result = train({"--epochs", "2", "--keep", "0,1"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_EQ(TensorReader(run() / "epoch-0.safetensors").metadata().at("epoch"),
            "0");
  EXPECT_EQ(TensorReader(run() / "epoch-1.safetensors").metadata().at("epoch"),
            "1");
  EXPECT_FALSE(fs::exists(run() / "epoch-2.safetensors"));
}

// Measuring changes nothing of the training, and finds what 'analyze' does.
TEST_F(Train, AnalyzesAfterChosenEpochs) {
  fs::path plain = folder / "plain" / "run";
  ASSERT_EQ(train({"--epochs", "3", "--out", plain.string()}).exitCode, 0);
  CommandResult result = train({"--epochs", "3", "--analyze-at", "0,2,3",
                                "--save-responses", "gratings"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  expectSameRun(plain, run());
  EXPECT_EQ(listFolder(run() / "analysis"),
            (std::vector<std::string>{"epoch-0", "epoch-2", "epoch-3"}));
  auto accuracy = series(run(), "test_accuracy");
  for (int epoch : {0, 2, 3}) {
    fs::path analysis = run() / "analysis" / fmt::format("epoch-{}", epoch);
    json summary = json::parse(readFile(analysis / "analysis.json"));
    EXPECT_EQ(summary["epoch"], epoch);
    EXPECT_EQ(summary["run"], "run");
    EXPECT_EQ(summary["checkpoint"], nullptr);
    if (epoch > 0) {
      EXPECT_EQ(summary["test_accuracy"], accuracy[epoch - 1].second);
    }
    TensorReader responses(analysis / "analysis.safetensors");
    EXPECT_NE(responses.find("gratings.area.features"), nullptr);
    EXPECT_EQ(responses.find("images.area.features"), nullptr);
  }

  result =
      runCommand({FAKE_CIRCUIT, "analyze", "--data", data().string(),
                  "--checkpoint", (run() / "checkpoint.safetensors").string()});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_EQ(readFile(run() / "analysis.csv"),
            readFile(run() / "analysis/epoch-3/analysis.csv"));
}

// As 'analyze' does with the same options.
TEST_F(Train, AnalyzesByItsThreshold) {
  CommandResult result = train({"--epochs", "1", "--analyze-at", "1",
                                "--threshold", "0", "--no-spatial-average"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  fs::path analysis = run() / "analysis/epoch-1";
  json summary = json::parse(readFile(analysis / "analysis.json"));
  EXPECT_EQ(summary["threshold"], 0.0);
  EXPECT_EQ(summary["spatial_average"], false);
  EXPECT_EQ(summary["projections"][0]["weights"], 18);
  result =
      runCommand({FAKE_CIRCUIT, "analyze", "--data", data().string(),
                  "--checkpoint", (run() / "checkpoint.safetensors").string(),
                  "--threshold", "0", "--no-spatial-average"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_EQ(readFile(run() / "analysis.csv"),
            readFile(analysis / "analysis.csv"));
}

TEST_F(Train, DoublePrecisionAndIdxFiles) {
  writeIdx(folder / "idx", 160, 40, true);
  CommandResult result = runCommand({FAKE_CIRCUIT_GRAY, "train", "--data",
                                     (folder / "idx").string(), "--epochs", "3",
                                     "--out", run().string()});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_LT(series(run(), "train_loss")[2].second,
            series(run(), "train_loss")[0].second);
  EXPECT_EQ(
      TensorReader(run() / "checkpoint.safetensors").get("readout.weight").type,
      ElementType::F64);
}

//===----------------------------------------------------------------------===//
// Stopping and going on
//===----------------------------------------------------------------------===//

class Resume : public Train {
protected:
  Resume() {
    EXPECT_EQ(train({"--epochs", "4", "--out", straight().string()}).exitCode,
              0);
    // The `run` column is the folder's name; it is to be equal.
    fs::create_directories(folder / "stopped");
  }
  fs::path straight() const { return folder / "straight" / "run"; }
  fs::path stopped() const { return folder / "stopped" / "run"; }

  CommandResult go(std::vector<std::string> options,
                   const std::vector<std::string> &environment = {}) {
    options.insert(options.end(), {"--out", stopped().string()});
    return train(options, environment);
  }
};

TEST_F(Resume, MidEpochIsLikeNotStopping) {
  CommandResult result = go({"--epochs", "4", "--max-steps", "14"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_NE(result.out.find("stopped after 14 steps"), std::string::npos);
  EXPECT_EQ(metadata(stopped())["epoch"], "1");
  EXPECT_EQ(metadata(stopped())["step"], "4");
  result = go({"--resume"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  expectSameRun(straight(), stopped());
}

TEST_F(Resume, SaysThatThereAreStepsEnough) {
  ASSERT_EQ(go({"--epochs", "4", "--max-steps", "14"}).exitCode, 0);
  CommandResult result = go({"--resume", "--max-steps", "12"});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_NE(result.out.find("trained no step: the run has 14 steps already, "
                            "and --max-steps is 12; it is in epoch 2, step 4"),
            std::string::npos)
      << result.out;
  ASSERT_EQ(go({"--resume"}).exitCode, 0);
  expectSameRun(straight(), stopped());
}

TEST_F(Resume, AfterManyStopsIsLikeNotStopping) {
  ASSERT_EQ(go({"--epochs", "4", "--max-steps", "1"}).exitCode, 0);
  for (int steps : {9, 10, 11, 30, 39}) {
    ASSERT_EQ(go({"--resume", "--max-steps", std::to_string(steps)}).exitCode,
              0);
    // Steps of the whole run are counted, not of this call.
    EXPECT_EQ(metadata(stopped())["epoch"], std::to_string(steps / 10));
    EXPECT_EQ(metadata(stopped())["step"], std::to_string(steps % 10));
  }
  ASSERT_EQ(go({"--resume"}).exitCode, 0);
  expectSameRun(straight(), stopped());
}

// As under nohup, and where a script runs it in the background.
TEST_F(Resume, AnIgnoredSignalStaysIgnored) {
  ASSERT_EQ(std::signal(SIGTERM, SIG_IGN), SIG_DFL);
  CommandResult result = go({"--epochs", "4"}, {"DALE_FAKE_SIGNAL_AT=17"});
  std::signal(SIGTERM, SIG_DFL);
  EXPECT_EQ(result.exitCode, 0) << result.err;
  expectSameRun(straight(), stopped());
}

TEST_F(Train, GoesOnWhereItsReaderWentAway) {
  std::vector<std::string> command = {FAKE_CIRCUIT,    "train", "--data",
                                      data().string(), "--out", run().string(),
                                      "--epochs",      "2"};
  CommandResult result = runCommand(command, {}, Output::Closed);
  EXPECT_EQ(result.exitCode, 1);
  EXPECT_NE(result.err.find("the output cannot be written"), std::string::npos)
      << result.err;
  EXPECT_EQ(json::parse(readFile(run() / "summary.json"))["complete"], true);
  // With 2>&1 nobody can be told; the shell knows.
  command.push_back("--force");
  EXPECT_EQ(runCommand(command, {}, Output::ClosedWithErrors).exitCode, 1);
}

TEST_F(Resume, AfterASignalMidEpochIsLikeNotStopping) {
  CommandResult result = go({"--epochs", "4"}, {"DALE_FAKE_SIGNAL_AT=17"});
  EXPECT_EQ(result.exitCode, 130);
  EXPECT_NE(result.err.find("interrupted"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("--epochs 4"), std::string::npos);
  EXPECT_NE(result.err.find(" --resume\n"), std::string::npos);
  // The step in which the signal came is finished.
  EXPECT_EQ(metadata(stopped())["epoch"], "1");
  EXPECT_EQ(metadata(stopped())["step"], "7");
  EXPECT_EQ(json::parse(readFile(stopped() / "summary.json"))["complete"],
            false);
  ASSERT_EQ(go({"--resume"}).exitCode, 0);
  expectSameRun(straight(), stopped());
}

// Then what is left of the epoch is its evaluation.
TEST_F(Resume, AfterASignalInTheLastStepIsLikeNotStopping) {
  EXPECT_EQ(go({"--epochs", "4"}, {"DALE_FAKE_SIGNAL_AT=20"}).exitCode, 130);
  EXPECT_EQ(metadata(stopped())["epoch"], "1");
  EXPECT_EQ(metadata(stopped())["step"], "10");
  ASSERT_EQ(go({"--resume"}).exitCode, 0);
  expectSameRun(straight(), stopped());
}

TEST_F(Resume, ForMoreEpochsIsLikeTrainingThemAtOnce) {
  ASSERT_EQ(go({"--epochs", "2"}).exitCode, 0);
  ASSERT_EQ(go({"--resume", "--epochs", "4"}).exitCode, 0);
  expectSameRun(straight(), stopped());
}

TEST_F(Resume, DropsMetricsOfEpochsAfterTheCheckpoint) {
  ASSERT_EQ(go({"--epochs", "4", "--max-steps", "25"}).exitCode, 0);
  fs::copy(straight() / "metrics.csv", stopped() / "metrics.csv",
           fs::copy_options::overwrite_existing);
  ASSERT_EQ(go({"--resume"}).exitCode, 0);
  expectSameRun(straight(), stopped());
}

TEST_F(Resume, OfSeveralSeedsDoesWhatIsLeft) {
  ASSERT_EQ(go({"--epochs", "1", "--seeds", "0..2"}).exitCode, 0);
  std::string done = readFile(stopped() / "seed-1" / "metrics.csv");
  fs::path copy = folder / "copy";
  fs::copy(stopped() / "seed-2", copy);
  fs::remove_all(stopped() / "seed-2");
  CommandResult result = go({"--resume", "--epochs", "1", "--seeds", "0..2"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_NE(result.out.find("seed-0: is complete after 1 epoch;"),
            std::string::npos);
  EXPECT_EQ(readFile(stopped() / "seed-1" / "metrics.csv"), done);
  EXPECT_EQ(readFile(stopped() / "seed-2" / "checkpoint.safetensors"),
            readFile(copy / "checkpoint.safetensors"));
}

// The command line may stay as it was: weights are for runs that begin.
TEST_F(Resume, GoesOnWithItsOwnWeights) {
  std::vector<std::string> options = {
      "--epochs", "3", "--weights",
      (straight() / "checkpoint.safetensors").string()};
  fs::path whole = folder / "whole" / "run";
  std::vector<std::string> undisturbed = options;
  undisturbed.insert(undisturbed.end(), {"--out", whole.string()});
  ASSERT_EQ(train(undisturbed).exitCode, 0);
  EXPECT_EQ(go(options, {"DALE_FAKE_SIGNAL_AT=17"}).exitCode, 130);
  options.push_back("--resume");
  CommandResult result = go(options);
  ASSERT_EQ(result.exitCode, 0) << result.err;
  expectSameRun(whole, stopped());
  // They are no longer needed then.
  fs::remove(straight() / "checkpoint.safetensors");
  EXPECT_EQ(go(options).exitCode, 0);
}

TEST_F(Resume, BeginsWithTheWeightsWhereThereIsNoCheckpoint) {
  fs::path weights = straight() / "checkpoint.safetensors";
  std::vector<std::string> options = {"--epochs", "1", "--weights",
                                      weights.string()};
  auto seeds = [&](const char *list, std::vector<std::string> more) {
    more.insert(more.end(), options.begin(), options.end());
    more.insert(more.end(), {"--seeds", list});
    return go(more);
  };
  ASSERT_EQ(seeds("0", {}).exitCode, 0);
  std::vector<std::string> single = options;
  fs::path other = folder / "seed-1";
  single.insert(single.end(), {"--seed", "1", "--out", other.string()});
  ASSERT_EQ(train(single).exitCode, 0);
  CommandResult result = seeds("0,1", {"--resume"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  expectSameRun(other, stopped() / "seed-1");
}

// They are of one experiment, though the settings are not said again.
TEST_F(Resume, NewSeedsAreTrainedAsTheOthersWere) {
  std::vector<std::string> settings = {
      "--batch",       "4", "--lr", "0.01", "--epochs", "2", "--no-augment",
      "--limit-train", "8"};
  auto with = [&](std::vector<std::string> options) {
    options.insert(options.begin(), settings.begin(), settings.end());
    return options;
  };
  ASSERT_EQ(go(with({"--seeds", "0"})).exitCode, 0);
  fs::path single = folder / "seed-1";
  ASSERT_EQ(train(with({"--seed", "1", "--out", single.string()})).exitCode, 0);
  // 8 images are no batch of 16, the circuit's own.
  CommandResult result =
      go({"--seeds", "1,0", "--resume", "--limit-train", "8"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  expectSameRun(single, stopped() / "seed-1");
}

TEST_F(Resume, RefusesOtherSettings) {
  ASSERT_EQ(go({"--epochs", "4", "--max-steps", "14"}).exitCode, 0);
  std::string before = readFile(stopped() / "checkpoint.safetensors");
  expectFailure(go({"--resume", "--batch", "32"}), 1,
                {"--batch is 32", "begun with 16"});
  expectFailure(go({"--resume", "--lr", "0.5"}), 1, {"--lr is 0.5"});
  expectFailure(go({"--resume", "--seed", "8"}), 1, {"--seed is 8"});
  expectFailure(go({"--resume", "--no-augment"}), 1, {"--no-augment"});
  expectFailure(go({"--resume", "--random-labels"}), 1,
                {"--random-labels", "the true ones"});
  expectFailure(go({"--resume", "--limit-train", "100"}), 1,
                {"100", "begun with 160"});
  expectFailure(go({"--resume", "--force"}), 2, {"--force", "--resume"});
  EXPECT_EQ(readFile(stopped() / "checkpoint.safetensors"), before);
}

class ResumeWithAnotherCircuit : public Resume {
protected:
  ResumeWithAnotherCircuit() {
    EXPECT_EQ(go({"--epochs", "4", "--max-steps", "14"}).exitCode, 0);
  }

  fs::path checkpoint() const { return stopped() / "checkpoint.safetensors"; }

  void replaceInCheckpoint(const std::string &text, const std::string &by) {
    std::string bytes = readFile(checkpoint());
    size_t at = bytes.find(text);
    ASSERT_TRUE(at != bytes.npos && text.size() == by.size()) << text;
    writeFile(checkpoint(), bytes.replace(at, text.size(), by));
  }
};

TEST_F(ResumeWithAnotherCircuit, IsRefused) {
  replaceInCheckpoint("\"computation_hash\":\"0", "\"computation_hash\":\"f");
  std::string before = readFile(checkpoint());
  expectFailure(go({"--resume"}), 1,
                {checkpoint().string() +
                     ": was written by a circuit that computes something else",
                 (stopped() / "circuit.toml").string(),
                 "--weights " + checkpoint().string()});
  EXPECT_EQ(readFile(checkpoint()), before);
  // What it says to do.
  EXPECT_EQ(
      train({"--epochs", "1", "--weights", checkpoint().string()}).exitCode, 0);
}

// What a name, or a default of 'train', makes of the source changes nothing.
TEST_F(ResumeWithAnotherCircuit, ThatComputesTheSameGoesOn) {
  std::string hash = metadata(stopped())["source_hash"];
  replaceInCheckpoint(hash, std::string(hash.size(), '0'));
  CommandResult result = go({"--resume"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_EQ(result.err.find("another source"), std::string::npos);
  expectSameRun(straight(), stopped());
}

// Earlier versions knew no more than whether the source was the same.
TEST_F(ResumeWithAnotherCircuit, IsNotedWhereTheCheckpointSaysNoMore) {
  replaceInCheckpoint("\"computation_hash\"", "\"computation_hush\"");
  CommandResult result = go({"--resume", "--max-steps", "14"});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_EQ(result.err.find("another source"), std::string::npos);
  std::string hash = metadata(stopped())["source_hash"];
  replaceInCheckpoint(hash, std::string(hash.size(), '0'));
  replaceInCheckpoint("\"computation_hash\"", "\"computation_hush\"");
  result = go({"--resume"});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_NE(result.err.find("note: " + checkpoint().string() +
                            ": was written by a circuit with another source"),
            std::string::npos)
      << result.err;
  expectSameRun(straight(), stopped());
}

TEST_F(Resume, RefusesADamagedCheckpoint) {
  fs::path file = straight() / "checkpoint.safetensors";
  fs::resize_file(file, fs::file_size(file) - 10);
  expectFailure(train({"--resume", "--out", straight().string()}), 1,
                {file.string(), "ends at byte"});
}

TEST_F(Resume, NeedsACheckpoint) {
  expectFailure(go({"--resume"}), 1,
                {"has no checkpoint to resume from", "checkpoint.safetensors"});
}

class ResumeAnalyzed : public Resume {
protected:
  ResumeAnalyzed() {
    EXPECT_EQ(
        train({"--resume", "--out", straight().string(), "--analyze-at", "4"})
            .exitCode,
        0);
  }

  void expectSameAnalysis() {
    expectSameRun(straight(), stopped());
    for (const char *file : {"analysis.csv", "analysis.json"})
      EXPECT_EQ(readFile(straight() / "analysis/epoch-4" / file),
                readFile(stopped() / "analysis/epoch-4" / file));
  }
};

TEST_F(ResumeAnalyzed, AfterAllItsStops) {
  std::vector<std::string> options = {"--epochs", "4", "--analyze-at", "0,4"};
  CommandResult result = go(options, {"DALE_FAKE_SIGNAL_IN_RESPONSE=1"});
  EXPECT_EQ(result.exitCode, 130) << result.err;
  EXPECT_FALSE(fs::exists(stopped() / "analysis/epoch-0/analysis.json"));
  options.push_back("--resume");
  // 432 gratings are 27 batches, and 32 images two.
  result = go(options, {"DALE_FAKE_SIGNAL_IN_RESPONSE=40"});
  EXPECT_EQ(result.exitCode, 130) << result.err;
  EXPECT_TRUE(fs::exists(stopped() / "analysis/epoch-0/analysis.json"));
  EXPECT_FALSE(fs::exists(stopped() / "analysis/epoch-4/analysis.json"));
  EXPECT_EQ(metadata(stopped())["epoch"], "4");
  result = go(options);
  EXPECT_EQ(result.exitCode, 0) << result.err;
  expectSameAnalysis();
}

// As a run that is killed after its last checkpoint.
TEST_F(ResumeAnalyzed, MakesUpForWhatACompleteRunLacks) {
  ASSERT_EQ(go({"--epochs", "4"}).exitCode, 0);
  json before = json::parse(readFile(stopped() / "summary.json"));
  fs::remove(stopped() / "summary.json");
  CommandResult result = go({"--resume", "--analyze-at", "4", "--keep", "4"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  expectSameAnalysis();
  EXPECT_EQ(readFile(stopped() / "epoch-4.safetensors"),
            readFile(stopped() / "checkpoint.safetensors"));
  json after = json::parse(readFile(stopped() / "summary.json"));
  for (const char *time : {"seconds", "images_per_second"})
    before.erase(time), after.erase(time);
  EXPECT_EQ(before, after);
}

// A summary is for readers; whoever has edited it gets a new one.
TEST_F(Resume, WritesASummaryThatSaysNonsenseAnew) {
  json summary = json::parse(readFile(straight() / "summary.json"));
  summary["complete"] = "yes";
  writeFile(straight() / "summary.json", summary.dump());
  CommandResult result = train({"--resume", "--out", straight().string()});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_EQ(json::parse(readFile(straight() / "summary.json"))["complete"],
            true);
}

TEST_F(Resume, OfAFinishedRunChangesNothing) {
  std::string before = readFile(straight() / "checkpoint.safetensors");
  CommandResult result = train({"--resume", "--out", straight().string()});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_NE(result.out.find("is complete after 4 epochs"), std::string::npos);
  EXPECT_EQ(readFile(straight() / "checkpoint.safetensors"), before);
}

//===----------------------------------------------------------------------===//
// Refusals
//===----------------------------------------------------------------------===//

TEST_F(Train, DoesNotOverwriteARun) {
  ASSERT_EQ(train({"--epochs", "1", "--keep", "1"}).exitCode, 0);
  std::string before = readFile(run() / "checkpoint.safetensors");
  writeFile(run() / "notes.txt", "mine");
  expectFailure(train({"--epochs", "2"}), 1,
                {run().string(), "holds a training run already", "--resume",
                 "--force", "--out"});
  EXPECT_EQ(readFile(run() / "checkpoint.safetensors"), before);
  // Also not by --force, if the new run cannot begin.
  expectFailure(train({"--force", "--batch", "1000"}), 1, {"--batch 1000"});
  EXPECT_EQ(readFile(run() / "checkpoint.safetensors"), before);

  ASSERT_EQ(train({"--epochs", "2", "--force"}).exitCode, 0);
  EXPECT_EQ(metadata(run())["epoch"], "2");
  EXPECT_EQ(series(run(), "test_loss").size(), 2u);
  EXPECT_FALSE(fs::exists(run() / "epoch-1.safetensors"));
  // What is not the run's stays.
  EXPECT_EQ(readFile(run() / "notes.txt"), "mine");
}

TEST_F(Train, IsAloneInItsFolders) {
  ASSERT_EQ(train({"--epochs", "1", "--seeds", "0,1"}).exitCode, 0);
  fs::path seed = run() / "seed-1";
  std::string before = readFile(seed / "checkpoint.safetensors");
  {
    FolderLock other;
    other.take(seed);
    std::vector<std::string> parts = {seed.string() + ": another process",
                                      "choose another --out"};
    expectFailure(train({"--resume", "--epochs", "2", "--out", seed.string()}),
                  1, parts);
    expectFailure(train({"--force", "--out", seed.string()}), 1, parts);
    // No seed is begun where one cannot be.
    expectFailure(train({"--seeds", "0..2", "--force"}), 1, parts);
    EXPECT_TRUE(fs::exists(run() / "seed-0" / "checkpoint.safetensors"));
    EXPECT_FALSE(fs::exists(run() / "seed-2"));
    EXPECT_EQ(readFile(seed / "checkpoint.safetensors"), before);
    EXPECT_EQ(train({"--epochs", "1", "--force", "--out",
                     (run() / "seed-0").string()})
                  .exitCode,
              0);
  }
  // Nothing is left of a lock.
  EXPECT_EQ(
      train({"--resume", "--epochs", "2", "--out", seed.string()}).exitCode, 0);
  EXPECT_EQ(listFolder(seed),
            (std::vector<std::string>{"checkpoint.safetensors", "circuit.toml",
                                      "metrics.csv", "summary.json"}));
}

TEST_F(Train, LocksItsFolderWhileItTrains) {
  // Stopped while it trains: the shell that begins it waits for its folder.
  CommandResult result = runCommand(
      {"/bin/sh", "-c",
       "\"$0\" \"$@\" --epochs 100000 --out \"$RUN\" > /dev/null 2>&1 & "
       "for i in $(seq 600); do test -e \"$RUN/metrics.csv\" && break; "
       "sleep 0.1; done; "
       "\"$0\" \"$@\" --epochs 1 --force --out \"$RUN\"; code=$?; "
       "kill -9 $!; wait; exit $code",
       FAKE_CIRCUIT, "train", "--data", data().string()},
      {"RUN=" + run().string()});
  expectFailure(result, 1, {run().string() + ": another process trains"});
  EXPECT_EQ(train({"--epochs", "1", "--force"}).exitCode, 0);
}

TEST_F(Train, StopsWhenTheLossIsNotFinite) {
  ASSERT_EQ(train({"--epochs", "1"}).exitCode, 0);
  std::string last = readFile(run() / "checkpoint.safetensors");
  fs::path second = folder / "second";
  CommandResult result =
      train({"--lr", "1e38", "--out", second.string(), "--weights",
             (run() / "checkpoint.safetensors").string()});
  expectFailure(result, 1,
                {"the loss is", "in epoch 1, step 2", "learning rate 1e+38",
                 "choose a smaller --lr",
                 (second / "checkpoint.safetensors").string()});
  // The checkpoint is the one from before, with finite values.
  TensorReader checkpoint(second / "checkpoint.safetensors");
  EXPECT_EQ(checkpoint.metadata().at("step"), "0");
  std::vector<float> before(480), now(480);
  checkpoint.readBytes(checkpoint.get("readout.weight"), now.data());
  TensorReader source(run() / "checkpoint.safetensors");
  source.readBytes(source.get("readout.weight"), before.data());
  EXPECT_EQ(now, before);
}

// The first of several: the others are trained all the same.
TEST_F(Train, SeedsThatDivergeLeaveTheOthers) {
  ASSERT_EQ(train({"--epochs", "1", "--seeds", "0..2"}).exitCode, 0);
  fs::path second = folder / "second";
  CommandResult result =
      train({"--epochs", "1", "--seeds", "0..2", "--out", second.string()},
            {"DALE_FAKE_DIVERGE_AT=3"});
  expectFailure(result, 1,
                {"1 network could not be trained to the end",
                 (second / "seed-0" / "checkpoint.safetensors").string()});
  EXPECT_NE(result.out.find("seed 0 ends here: the loss is nan"),
            std::string::npos);
  for (const char *seed : {"seed-1", "seed-2"})
    expectSameRun(run() / seed, second / seed);
}

TEST_F(Train, SaysWhatComesAfterItsEnd) {
  CommandResult result =
      train({"--epochs", "1", "--keep", "1,5", "--analyze-at", "1"});
  EXPECT_EQ(result.exitCode, 0) << result.err;
  EXPECT_NE(result.out.find("--keep 5: the training ends after 1 epoch"),
            std::string::npos)
      << result.out;
  EXPECT_EQ(result.out.find("--analyze-at 1:"), std::string::npos);
}

TEST_F(Train, RefusesUnusableNumbers) {
  expectFailure(train({"--lr", "0"}), 2, {"--lr 0", "positive"});
  expectFailure(train({"--lr", "-0.1"}), 2, {"--lr -0.1", "positive"});
  expectFailure(train({"--lr", "nan"}), 2, {"--lr nan", "positive"});
  expectFailure(train({"--lr", "inf"}), 2, {"--lr inf", "positive"});
  expectFailure(train({"--lr", "0.1x"}), 2,
                {"--lr", "expected a number, got '0.1x'"});
  expectFailure(train({"--lr", ""}), 2, {"--lr", "expected a number, got ''"});
  for (const char *threshold : {"-1", "nan", "inf"})
    expectFailure(train({"--analyze-at", "1", "--threshold", threshold}), 2,
                  {fmt::format("--threshold {}: expected", threshold)});
  expectFailure(train({"--threshold", "0"}), 2,
                {"--threshold", "--analyze-at"});
  expectFailure(train({"--no-spatial-average"}), 2,
                {"--no-spatial-average", "--analyze-at"});
  expectFailure(train({"--batch", "0"}), 2, {"--batch 0", "positive"});
  expectFailure(train({"--batch", "-4"}), 2, {"--batch -4", "positive"});
  expectFailure(train({"--batch", "2147483648"}), 2,
                {"--batch 2147483648", "at most 2147483647"});
  expectFailure(train({"--epochs", "0"}), 2, {"--epochs 0", "positive"});
  expectFailure(train({"--max-steps", "0"}), 2, {"--max-steps 0"});
  expectFailure(train({"--threads", "-1"}), 2, {"--threads -1"});
  expectFailure(train({"--epochs", "many"}), 2, {"--epochs"});
  // CLI11 alone takes these as the largest number, and the default.
  expectFailure(train({"--epochs", "9223372036854775808"}), 2,
                {"--epochs", "whole number", "9223372036854775808"});
  expectFailure(train({"--epochs", ""}), 2, {"--epochs", "whole number"});
  expectFailure(train({"--seed", "-1"}), 2, {"--seed", "from 0", "'-1'"});
  expectFailure(train({"--seeds", "4..0"}), 2, {"--seeds 4..0", "0..4"});
  expectFailure(train({"--seeds", "1,,2"}), 2, {"--seeds 1,,2"});
  for (const char *many :
       {"0..100000000", "0..9998,10000..10001", "0..18446744073709551615"})
    expectFailure(train({"--seeds", many}), 2,
                  {many, "too many: expected at most 10000 numbers"});
  expectFailure(train({"--seeds", "1,0..2"}), 2, {"1 comes twice"});
  expectFailure(train({"--keep", "18446744073709551615"}), 2,
                {"--keep 18446744073709551615", "expected epochs"});
  expectFailure(train({"--seeds", "1", "--seed", "1"}), 2, {"--seed"});
  expectFailure(train({"--dataset", "cifar100"}), 2,
                {"unknown data set 'cifar100'"});
  expectFailure(train({"--device", "tpu"}), 2, {"--device tpu"});
  EXPECT_FALSE(fs::exists(run()));
}

TEST_F(Train, RefusesABatchLargerThanTheTrainingSet) {
  expectFailure(train({"--batch", "161"}), 1,
                {"--batch 161", "'cifar10' has 160 images"});
  EXPECT_FALSE(fs::exists(run()));
}

TEST_F(Train, RefusesADeviceThatIsNotThere) {
  expectFailure(train({"--device", "cuda"}), 1, {"no code for CUDA"});
  EXPECT_EQ(train({"--device", "cpu", "--epochs", "1"}).exitCode, 0);
}

TEST_F(Train, RefusesImagesOfAnotherSize) {
  writeIdx(folder / "idx", 32, 16, false);
  expectFailure(
      runCommand({FAKE_CIRCUIT, "train", "--data", (folder / "idx").string(),
                  "--out", run().string()}),
      1, {"28x28x1", "'Fake' expects 32x32x3"});
  EXPECT_FALSE(fs::exists(run()));
}

TEST_F(Train, RefusesAFolderThatCannotBeWritten) {
  writeFile(folder / "file", "");
  expectFailure(train({"--out", (folder / "file").string()}), 1,
                {(folder / "file").string(), "choose another --out"});
  expectFailure(train({"--out", (folder / "file" / "run").string()}), 1,
                {"choose another --out"});
}

TEST_F(Train, RefusesAFolderWithoutPermission) {
  if (::geteuid() == 0)
    GTEST_SKIP() << "root may write everywhere";
  fs::create_directories(run());
  fs::permissions(run(), fs::perms::owner_read | fs::perms::owner_exec);
  expectFailure(train({}), 1, {run().string(), "Permission denied"});
  fs::permissions(run(), fs::perms::owner_all);
}

TEST_F(Train, TellsALimitOfFileSizesAndLeavesNothing) {
  CommandResult result = runCommand(
      {"/bin/sh", "-c", "ulimit -f 4; exec \"$0\" \"$@\"", FAKE_CIRCUIT,
       "train", "--data", data().string(), "--out", run().string()});
  expectFailure(result, 1,
                {"checkpoint.safetensors: cannot be written: File too large; "
                 "raise the limit"});
  for (const std::string &name : listFolder(run()))
    EXPECT_EQ(name.find(".tmp-"), std::string::npos) << name;
}

TEST_F(Train, RefusesWeightsOfAnotherCircuit) {
  writeFile(
      folder / "w",
      rawTensors(R"({"other":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
                 "a"));
  expectFailure(train({"--weights", (folder / "w").string()}), 1,
                {(folder / "w").string(), "'readout.weight' is missing",
                 "'other' is no parameter"});
  EXPECT_FALSE(fs::exists(run()));
}

TEST_F(Train, RefusesACpuWithoutTheFeatures) {
  CommandResult result = runCommand({FAKE_CIRCUIT_ELSEWHERE, "train", "--data",
                                     data().string(), "--out", run().string()});
  EXPECT_EQ(result.exitCode, 1);
  EXPECT_NE(result.err.find("needs avx1024"), std::string::npos) << result.err;
  EXPECT_FALSE(fs::exists(run()));
  // Its description can be read everywhere.
  EXPECT_EQ(runCommand({FAKE_CIRCUIT_ELSEWHERE, "info"}).exitCode, 0);
}

} // namespace
