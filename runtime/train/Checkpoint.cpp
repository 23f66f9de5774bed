//===- Checkpoint.cpp - Where training stands, on disk --------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/Checkpoint.h"

#include "runtime/Error.h"
#include "runtime/random/Hash.h"
#include "runtime/train/ModelFile.h"

#include <charconv>
#include <cmath>
#include <cstdlib>

using namespace dale::runtime;
namespace fs = std::filesystem;

static constexpr const char *formatName = "dale-checkpoint-1";

/// Tells whether the circuit has changed.
static std::string fingerprint(std::string_view source) {
  return fmt::format("{:016x}", hashOf(source));
}

void dale::runtime::writeCheckpoint(const fs::path &path, Model &model,
                                    const Circuit &circuit,
                                    const TrainSettings &settings,
                                    const TrainState &state) {
  std::string broken = nonFiniteVariable(model, circuit);
  if (!broken.empty())
    throw NotFinite(fmt::format(
        "'{}' is not finite after epoch {}, step {}; choose a smaller --lr "
        "(the checkpoint from before is untouched)",
        broken, state.epoch + 1, state.step));

  // Sums are written in hexadecimal, which loses nothing.
  Metadata metadata = {
      {"format", formatName},
      {"circuit", circuit.name},
      {"source_hash", fingerprint(circuit.source)},
      {"computation_hash", circuit.computationHash},
      {"dataset", settings.dataset},
      {"train_images", fmt::format("{}", settings.trainImages)},
      {"epochs", fmt::format("{}", settings.epochs)},
      {"batch", fmt::format("{}", settings.batch)},
      {"learning_rate", fmt::format("{:a}", settings.learningRate)},
      {"augment", settings.augment ? "1" : "0"},
      {"random_labels", settings.randomLabels ? "1" : "0"},
      {"seed", fmt::format("{}", settings.seed)},
      {"epoch", fmt::format("{}", state.epoch)},
      {"step", fmt::format("{}", state.step)},
      {"loss_sum", fmt::format("{:a}", state.lossSum)},
      {"loss_total_sum", fmt::format("{:a}", state.totalSum)},
      {"correct", fmt::format("{}", state.correct)},
  };
  std::vector<TensorWriter::Declaration> declarations;
  declareVariables(declarations, circuit, circuit.parameters, "");
  declareVariables(declarations, circuit, circuit.averages, "");
  declareVariables(declarations, circuit, circuit.parameters, "momentum.");
  TensorWriter writer(path, declarations, metadata);
  writeVariables(writer, circuit, circuit.parameters, "", model.parameters);
  writeVariables(writer, circuit, circuit.averages, "", model.averages);
  writeVariables(writer, circuit, circuit.parameters, "momentum.",
                 model.momenta);
  writer.commit();
}

namespace {
/// Takes typed values from a file's metadata.
class MetadataReader {
public:
  explicit MetadataReader(const TensorReader &file) : file(file) {}

  const std::string &text(const std::string &key) const {
    auto found = file.metadata().find(key);
    if (found == file.metadata().end())
      fail("{}: the metadata lacks '{}': expected a checkpoint that 'train' "
           "wrote; use it with --weights to start from its values",
           file.path().string(), key);
    return found->second;
  }

  bool flag(const std::string &key) const {
    const std::string &value = text(key);
    if (value != "0" && value != "1")
      failValue(key, value, "0 or 1");
    return value == "1";
  }

  /// Of what earlier versions did not have: false there.
  bool flagOrFalse(const std::string &key) const {
    return file.metadata().contains(key) && flag(key);
  }

  template <typename Integer>
  Integer integer(const std::string &key) const {
    const std::string &value = text(key);
    Integer number = 0;
    auto [end, error] =
        std::from_chars(value.data(), value.data() + value.size(), number);
    if (error != std::errc() || end != value.data() + value.size() ||
        number < 0)
      failValue(key, value, "a count");
    return number;
  }

  double real(const std::string &key) const {
    const std::string &value = text(key);
    char *end = nullptr;
    double number = std::strtod(value.c_str(), &end);
    if (value.empty() || *end != '\0' || !std::isfinite(number))
      failValue(key, value, "a number");
    return number;
  }

  double positive(const std::string &key) const {
    double number = real(key);
    if (number <= 0)
      failValue(key, text(key), "a positive number");
    return number;
  }

private:
  [[noreturn]] void failValue(const std::string &key, const std::string &value,
                              std::string_view expected) const {
    fail("{}: the metadata '{}' is '{}': expected {}; use an earlier "
         "checkpoint",
         file.path().string(), key, value, expected);
  }

  const TensorReader &file;
};
} // namespace

Checkpoint dale::runtime::readCheckpoint(const fs::path &path, Model &model,
                                         const Circuit &circuit) {
  TensorReader file(path);
  MetadataReader metadata(file);
  if (metadata.text("format") != formatName)
    fail("{}: the metadata 'format' is '{}': expected '{}'; use it with "
         "--weights to start from its values",
         path.string(), metadata.text("format"), formatName);
  if (metadata.text("circuit") != circuit.name)
    fail("{}: is a checkpoint of the circuit '{}': expected '{}'; run the "
         "executable of that circuit, or choose another --out",
         path.string(), metadata.text("circuit"), circuit.name);
  readModel(model, circuit, file, /*withMomenta=*/true);

  Checkpoint checkpoint;
  checkpoint.sameSource =
      metadata.text("source_hash") == fingerprint(circuit.source);
  if (file.metadata().contains("computation_hash"))
    checkpoint.sameComputation =
        metadata.text("computation_hash") == circuit.computationHash;
  TrainSettings &settings = checkpoint.settings;
  settings.dataset = metadata.text("dataset");
  settings.trainImages = metadata.integer<int64_t>("train_images");
  settings.epochs = metadata.integer<int64_t>("epochs");
  settings.batch = metadata.integer<int64_t>("batch");
  settings.learningRate = metadata.positive("learning_rate");
  settings.augment = metadata.flag("augment");
  settings.randomLabels = metadata.flagOrFalse("random_labels");
  settings.seed = metadata.integer<uint64_t>("seed");
  TrainState &state = checkpoint.state;
  state.epoch = metadata.integer<int64_t>("epoch");
  state.step = metadata.integer<int64_t>("step");
  state.lossSum = metadata.real("loss_sum");
  state.totalSum = metadata.real("loss_total_sum");
  state.correct = metadata.integer<int64_t>("correct");
  if (settings.batch < 1 ||
      state.step > settings.trainImages / std::max<int64_t>(settings.batch, 1))
    fail("{}: the metadata say step {} with batches of {} from {} images: "
         "expected a step of the epoch; use an earlier checkpoint",
         path.string(), state.step, settings.batch, settings.trainImages);
  return checkpoint;
}
