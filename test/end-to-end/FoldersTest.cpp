//===- FoldersTest.cpp - Training on folders of images --------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/Safetensors.h"
#include "test/unit/runtime/Images.h"
#include "test/unit/runtime/Support.h"

#include <nlohmann/json.hpp>

using namespace dale::runtime;
using namespace dale::runtime::test;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

const std::string circuit = (fs::path(CIRCUITS_FOLDER) / "Folders").string();

class Folders : public testing::Test {
protected:
  Folders() { writeImageFolders(data(), 3, 9, 4); }

  fs::path data() const { return folder / "data"; }

  CommandResult train(const std::string &run,
                      std::vector<std::string> options = {}) const {
    options.insert(options.begin(),
                   {circuit, "train", "--data", data().string(), "--out",
                    (folder / run).string()});
    return runCommand(options);
  }

  /// The checkpoint of a run.
  std::string trained(const std::string &run,
                      std::vector<std::string> options = {}) const {
    CommandResult result = train(run, std::move(options));
    EXPECT_EQ(result.exitCode, 0) << result.err;
    return readFile(folder / run / "checkpoint.safetensors");
  }

  json summary(const std::string &run) const {
    return json::parse(readFile(folder / run / "summary.json"));
  }

  TemporaryFolder folder;
};

TEST_F(Folders, ResumingAndThreadsChangeNothing) {
  std::string whole = trained("whole", {"--threads", "1"});
  trained("parts", {"--max-steps", "3"});
  std::string parts = trained("parts", {"--resume", "--threads", "3"});
  EXPECT_TRUE(whole == parts);
  EXPECT_FALSE(whole == trained("plain", {"--no-augment"}));
}

// What is decoded while the GPU trains is sent to it batch by batch.
TEST_F(Folders, AGpuIsSentItsBatches) {
  std::string whole = trained("whole", {"--device", "emulated"});
  trained("parts", {"--device", "emulated", "--max-steps", "3"});
  std::string parts = trained("parts", {"--device", "emulated", "--resume"});
  EXPECT_TRUE(whole == parts);
  trained("cpu");
  for (const char *metric : {"train_loss", "test_loss"}) {
    double expected = summary("cpu")[metric];
    EXPECT_NEAR(summary("whole")[metric].get<double>(), expected,
                1e-3 * expected);
  }
}

// Each of several networks is sent its own.
TEST_F(Folders, AGpuIsSentTheBatchesOfAllSeeds) {
  ASSERT_EQ(train("all", {"--seeds", "1,2", "--device", "emulated"}).exitCode,
            0);
  for (const char *seed : {"1", "2"})
    EXPECT_TRUE(readFile(folder / "all" / (std::string("seed-") + seed) /
                         "checkpoint.safetensors") ==
                trained(seed, {"--seed", seed, "--device", "emulated"}));
}

// Two images share four blocks out, of each of two networks; or one block does
// both.
TEST_F(Folders, SeveralBlocksOfAGpuWorkOnAnImage) {
  auto trainOn = [&](const char *blocks) {
    ::setenv("DALE_EMULATED_BLOCKS", blocks, /*overwrite=*/1);
    EXPECT_EQ(train(blocks, {"--seeds", "1,2", "--device", "emulated",
                             "--batch", "2", "--limit-train", "6"})
                  .exitCode,
              0);
    ::unsetenv("DALE_EMULATED_BLOCKS");
    std::string text;
    for (const char *seed : {"seed-1", "seed-2"})
      text += readFile(folder / blocks / seed / "checkpoint.safetensors");
    return text;
  };
  EXPECT_TRUE(trainOn("8") == trainOn("1"));
}

// 0.7 of 27 images are 18.9.
TEST_F(Folders, TrainsOnAFraction) {
  trained("run");
  EXPECT_EQ(summary("run")["train_images"], 19);
  EXPECT_EQ(summary("run")["test_images"], 12);
  trained("all", {"--limit-train", "27"});
  EXPECT_EQ(summary("all")["train_images"], 27);
  CommandResult other = train("run", {"--resume", "--limit-train", "27"});
  EXPECT_EQ(other.exitCode, 1);
  EXPECT_NE(other.err.find("begun with 19"), std::string::npos) << other.err;
}

TEST_F(Folders, TrainsOnRandomLabels) {
  std::string random = trained("random", {"--random-labels"});
  EXPECT_FALSE(random == trained("true"));
  EXPECT_EQ(summary("random")["random_labels"], true);
  // A resumed run goes on as it was begun.
  trained("parts", {"--random-labels", "--max-steps", "3"});
  EXPECT_TRUE(random == trained("parts", {"--resume"}));
  CommandResult other = train("true", {"--resume", "--random-labels"});
  EXPECT_EQ(other.exitCode, 1);
  EXPECT_NE(other.err.find("--random-labels is given"), std::string::npos)
      << other.err;
}

// Bytes whose means the circuit subtracts, and numbers from which they are
// subtracted already.
TEST_F(Folders, SubtractsTheMeansOfChannels) {
  trained("run", {"--epochs", "1"});
  constexpr int64_t images = 3, values = images * 16 * 16 * 3;
  const float means[] = {123.68f, 116.779f, 103.939f};
  std::vector<uint8_t> bytes(values);
  std::vector<float> numbers(values);
  for (int64_t i = 0; i < values; ++i) {
    bytes[i] = static_cast<uint8_t>(i * 7919 >> 3);
    numbers[i] = static_cast<float>(bytes[i]) - means[i % 3];
  }
  Shape shape = {images, 16, 16, 3};
  auto respond = [&](const char *name, ElementType type, const void *data,
                     size_t size) {
    TensorWriter writer(folder / name, {{"images", type, shape}});
    writer.write("images", data, size);
    writer.commit();
    std::string out = (folder / (std::string(name) + ".out")).string();
    CommandResult result =
        runCommand({circuit, "respond", "--weights",
                    (folder / "run" / "checkpoint.safetensors").string(),
                    "--images", (folder / name).string(), "--out", out});
    EXPECT_EQ(result.exitCode, 0) << result.err;
    return readFile(out);
  };
  EXPECT_TRUE(respond("bytes", ElementType::U8, bytes.data(), bytes.size()) ==
              respond("numbers", ElementType::F32, numbers.data(),
                      numbers.size() * sizeof(float)));
}

TEST_F(Folders, TellsWhatCannotBeTrainedOn) {
  fs::path image = data() / "train" / "n02" / "image_3.JPEG";
  writeFile(image, readFile(image).substr(0, 400));
  CommandResult result = train("run", {"--limit-train", "27"});
  EXPECT_EQ(result.exitCode, 1);
  EXPECT_NE(result.err.find(image.string() + ": ends at byte 400"),
            std::string::npos)
      << result.err;
  fs::remove_all(data() / "train" / "n02");
  fs::remove_all(data() / "val" / "n02");
  result = train("other");
  EXPECT_EQ(result.exitCode, 1);
  EXPECT_NE(result.err.find("has 2 classes"), std::string::npos) << result.err;
  EXPECT_NE(result.err.find("compile the circuit with 2 classes"),
            std::string::npos)
      << result.err;
}

} // namespace
