//===- Common.cpp - What commands share -----------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cli/Common.h"
#include "runtime/cli/Program.h"
#include "runtime/cli/WholeNumber.h"

#include "runtime/Error.h"
#include "runtime/device/Threads.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <limits>
#include <map>

using namespace dale::runtime;

//===----------------------------------------------------------------------===//
// Options
//===----------------------------------------------------------------------===//

void dale::runtime::addDatasetOption(CLI::App &command, std::string &dataset,
                                     const TrainingDefaults &defaults) {
  command
      .add_option("--dataset", dataset,
                  fmt::format("{} (default: what lies in DIR, or else {})",
                              datasetNamesText, defaults.dataset))
      ->type_name("NAME");
}

CLI::Option *dale::runtime::addSaveResponsesOption(CLI::App &command,
                                                   SavedTensors &saved) {
  // Without a value it means all.
  return command
      .add_option_function<std::string>(
          "--save-responses",
          [&saved](const std::string &kind) {
            saved.gratings = kind != "images";
            saved.images = kind != "gratings";
          },
          "Write analysis.safetensors too: every unit's responses to "
          "'gratings', to the test 'images', or to 'all' (without a value)")
      ->expected(0, 1)
      ->type_name("WHAT")
      ->check(CLI::IsMember({"gratings", "images", "all"}));
}

std::array<CLI::Option *, 2>
dale::runtime::addDensityOptions(CLI::App &command,
                                 AnalysisSettings &settings) {
  return {command
              .add_option("--threshold", settings.threshold,
                          "Weights above it are connections (default: "
                          "exp(-10))")
              ->type_name("WEIGHT")
              ->check(RealNumber()),
          command.add_flag_callback(
              "--no-spatial-average", [&settings] { settings.average = false; },
              "Count every weight of a kernel by itself, not their mean over "
              "space")};
}

void dale::runtime::addDeviceOptions(CLI::App &command,
                                     DeviceOptions &options) {
  command
      .add_option("--threads", options.threads,
                  "CPU threads (default: all CPUs); the results do not depend "
                  "on it")
      ->type_name("N")
      ->check(WholeNumber<int>());
  command
      .add_option("--device", options.device,
                  "auto, cpu, cuda, cuda:N (the GPU with that number) or "
                  "emulated (a GPU, slowly, with checks) (default: auto: a GPU "
                  "if there is one and code for it)")
      ->type_name("DEVICE");
}

OpenDevice dale::runtime::openDevice(const DeviceOptions &options,
                                     const Circuit &circuit) {
  DeviceName name = readDeviceName(options.device);
  constexpr int mostThreads = 4096;
  if (options.threads < 0 || options.threads > mostThreads)
    failUsage("--threads {}: expected 1 to {}, or 0 for all CPUs",
              options.threads, mostThreads);
  setThreads(options.threads);
  return openDevice(name, circuit);
}

template <typename Number>
static void checkRateOf(double learningRate) {
  // Others would be zero or infinite as such a number.
  using Limits = std::numeric_limits<Number>;
  if (!(learningRate >= Limits::min() && learningRate <= Limits::max()))
    failUsage("--lr {}: expected a positive number, from {:.2g} to {:.2g}",
              learningRate, Limits::min(), Limits::max());
}

void dale::runtime::checkLearningRate(double learningRate,
                                      const Circuit &circuit) {
  if (circuit.element == ElementType::F64)
    checkRateOf<double>(learningRate);
  else
    checkRateOf<float>(learningRate);
}

void dale::runtime::checkThreshold(const AnalysisSettings &settings) {
  if (!(settings.threshold >= 0) || !std::isfinite(settings.threshold))
    failUsage("--threshold {}: expected a number that is not negative",
              settings.threshold);
}

void dale::runtime::checkPositive(const char *option, int64_t value) {
  if (value < 1)
    failUsage("{} {}: expected a positive number", option, value);
}

void dale::runtime::checkBatchSize(int64_t batch, int64_t networks) {
  int64_t most = std::numeric_limits<int32_t>::max() / networks;
  if (batch < 1 || batch > most)
    failUsage(
        "--batch {}: expected a positive number, at most {}{}", batch, most,
        networks == 1 ? "" : fmt::format(" for each of {} networks", networks));
}

void dale::runtime::checkNoInput(const std::string &out,
                                 std::initializer_list<std::string> inputs) {
  for (const std::string &input : inputs) {
    std::error_code ignored;
    if (std::filesystem::equivalent(out, input, ignored))
      failUsage("--out {}: is read too; choose another name", out);
  }
}

std::vector<uint64_t> dale::runtime::parseNumberList(const char *option,
                                                     const std::string &text) {
  std::vector<uint64_t> numbers;
  auto failList = [&] {
    failUsage("{} {}: expected numbers as 0..4 or 0,3,7", option, text);
  };
  auto parse = [&](std::string_view part) {
    uint64_t number = 0;
    auto [end, error] =
        std::from_chars(part.data(), part.data() + part.size(), number);
    if (error != std::errc() || end != part.data() + part.size())
      failList();
    return number;
  };
  constexpr uint64_t most = 10000;
  std::string_view rest = text;
  while (true) {
    size_t comma = rest.find(',');
    std::string_view part = rest.substr(0, comma);
    size_t dots = part.find("..");
    uint64_t first = parse(part.substr(0, dots));
    uint64_t last =
        dots == std::string_view::npos ? first : parse(part.substr(dots + 2));
    if (last < first)
      failList();
    // Not added up first: the numbers go up to the largest there is.
    if (last - first >= most || numbers.size() + (last - first) >= most)
      failUsage("{} {}: these are too many: expected at most {} numbers",
                option, text, most);
    for (uint64_t number = first; number - first <= last - first; ++number) {
      if (std::find(numbers.begin(), numbers.end(), number) != numbers.end())
        failUsage("{} {}: {} comes twice: expected each once", option, text,
                  number);
      numbers.push_back(number);
    }
    if (comma == std::string_view::npos)
      return numbers;
    rest.remove_prefix(comma + 1);
  }
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

void dale::runtime::note(const Context &context, std::string_view text) {
  // Not fmt::print, which throws.
  std::fputs(fmt::format("{}: note: {}\n", context.program, text).c_str(),
             stderr);
}

Dataset dale::runtime::loadDataFor(const Context &context,
                                   const std::string &data,
                                   const std::string &name) {
  const Circuit &circuit = context.circuit;
  ImageFit fit{{circuit.height, circuit.width}, circuit.resize};
  Dataset dataset = loadDataset(data, name, circuit.training.dataset, fit);
  for (const std::string &text : dataset.notes)
    note(context, text);
  checkDataset(dataset, circuit);
  return dataset;
}

ImageFile::ImageFile(const TensorReader &file, const Circuit &circuit)
    : circuit(circuit) {
  const TensorInfo &tensor = file.get("images");
  Shape expected = {0, circuit.height, circuit.width, circuit.channels};
  if (tensor.shape.size() != 4 || tensor.shape[0] < 1 ||
      !std::equal(expected.begin() + 1, expected.end(),
                  tensor.shape.begin() + 1))
    fail("{}: the tensor 'images' has the shape {}: the circuit '{}' expects "
         "[N, {}, {}, {}] with at least one image; give images of its size",
         file.path().string(), toString(tensor.shape), circuit.name,
         circuit.height, circuit.width, circuit.channels);
  number = tensor.shape[0];
  raw = tensor.type == ElementType::U8;
  if (!raw && !isReal(tensor.type))
    fail("{}: the tensor 'images' is {}: expected F32 or F64 (already "
         "standardized) or U8 (raw); convert it",
         file.path().string(), nameOf(tensor.type));
  if (raw) {
    values = Buffer::uninitialized(tensor.bytes(), "the images");
    file.readBytes(tensor, values.data());
  } else {
    values = Buffer::uninitialized(circuit.realBytes(tensor.elements()),
                                   "the images");
    file.readReal(tensor, circuit.element, values.data());
    checkFinite(file.path().string());
  }
}

/// Numbers that are none would make all that is computed of them none.
void ImageFile::checkFinite(const std::string &path) const {
  int64_t size = circuit.imageElements();
  for (int64_t i = 0; i < number * size; ++i)
    if (!std::isfinite(loadReal(values.data(), circuit.element, i)))
      fail(
          "{}: the tensor 'images' has a pixel in image {} that is not finite: "
          "expected real numbers; look at how they were made",
          path, i / size);
}

void ImageFile::fill(Executor &executor, Batches &batches, int64_t first,
                     int64_t count) const {
  BatchBuffers &buffers = batches.front();
  if (!raw) {
    executor.setImages(values.data() +
                           first * circuit.realBytes(circuit.imageElements()),
                       count);
    return;
  }
  std::memcpy(buffers.bytes.data(),
              values.data() + first * circuit.imageElements(),
              static_cast<size_t>(count * circuit.imageElements()));
  std::span<int32_t> draws = buffers.draws.as<int32_t>();
  for (int64_t i = 0; i < count; ++i) {
    draws[3 * i] = draws[3 * i + 1] =
        static_cast<int32_t>(circuit.training.pad);
    draws[3 * i + 2] = 0;
  }
  executor.prepare(batches, count);
}

void dale::runtime::readLabels(const TensorReader &file, const Circuit &circuit,
                               int64_t count, BatchBuffers &buffers) {
  const TensorInfo &tensor = file.get("labels");
  if (tensor.shape != Shape{count})
    fail("{}: the tensor 'labels' has the shape {}: expected [{}], one for "
         "each image",
         file.path().string(), toString(tensor.shape), count);
  if (tensor.type != ElementType::I32 && tensor.type != ElementType::I64 &&
      tensor.type != ElementType::U8)
    fail("{}: the tensor 'labels' is {}: expected I32; convert it",
         file.path().string(), nameOf(tensor.type));
  std::vector<std::byte> bytes(static_cast<size_t>(tensor.bytes()));
  file.readBytes(tensor, bytes.data());
  size_t size = sizeOf(tensor.type);
  for (int64_t i = 0; i < count; ++i) {
    const std::byte *at = bytes.data() + i * size;
    int64_t label = 0;
    if (tensor.type == ElementType::I32) {
      int32_t narrow;
      std::memcpy(&narrow, at, size);
      label = narrow;
    } else {
      // Little-endian: a byte is the low end of the zeroed number.
      std::memcpy(&label, at, size);
    }
    if (label < 0 || label >= circuit.classes)
      fail("{}: record {} of the tensor 'labels', at byte {}, is {}: expected "
           "0 to {}; correct the label",
           file.path().string(), i,
           tensor.offset + i * static_cast<int64_t>(size), label,
           circuit.classes - 1);
    buffers.labels.as<int32_t>()[i] = static_cast<int32_t>(label);
  }
}
