//===- Common.h - What commands share ---------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Options and inputs that several commands have.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_CLI_COMMON_H
#define DALE_RUNTIME_CLI_COMMON_H

#include "runtime/analysis/Analyzer.h"
#include "runtime/analysis/SavedTensors.h"
#include "runtime/circuit/Circuit.h"
#include "runtime/data/Dataset.h"
#include "runtime/device/Device.h"
#include "runtime/io/Safetensors.h"

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
class Option;
} // namespace CLI

namespace dale::runtime {

struct Context;

struct DeviceOptions {
  int threads = 0;
  std::string device = "auto";
};

/// Adds --dataset, the kind of what lies in the folder of --data.
void addDatasetOption(CLI::App &command, std::string &dataset,
                      const TrainingDefaults &defaults);

/// Adds --save-responses, which responses an analysis keeps.
CLI::Option *addSaveResponsesOption(CLI::App &command, SavedTensors &saved);

/// Adds --threshold and --no-spatial-average, what an analysis counts as a
/// connection. Returns both.
std::array<CLI::Option *, 2> addDensityOptions(CLI::App &command,
                                               AnalysisSettings &settings);

/// --threads and --device.
void addDeviceOptions(CLI::App &command, DeviceOptions &options);

/// Opens the device, after checks that it is there and can run this circuit;
/// sets the number of threads.
OpenDevice openDevice(const DeviceOptions &options, const Circuit &circuit);

/// Tells on stderr what is no error. Goes on where nobody reads it.
void note(const Context &context, std::string_view text);

/// Loads the data set `name` (empty: what lies there) from the folder `data` as
/// the circuit takes it, and notes what is odd about it. Throws if it is not
/// there, broken, or of images that the circuit does not take.
Dataset loadDataFor(const Context &context, const std::string &data,
                    const std::string &name);

/// Throws a usage error unless the learning rate is positive and finite among
/// the numbers that the circuit computes with.
void checkLearningRate(double learningRate, const Circuit &circuit);

/// Throws a usage error unless the threshold of connections is finite and not
/// negative.
void checkThreshold(const AnalysisSettings &settings);

/// Throws a usage error if `value` is less than 1.
void checkPositive(const char *option, int64_t value);

/// Throws a usage error unless `batch` is at least 1, and so small that an I32
/// tells all images of `networks` batches apart, as those of networks that are
/// side by side are.
void checkBatchSize(int64_t batch, int64_t networks = 1);

/// Throws a usage error if `out` is a file that is read too: it would be lost.
void checkNoInput(const std::string &out,
                  std::initializer_list<std::string> inputs);

/// "0..4", "0,3,7", "0..2,7" -> the numbers, in that order. Throws a usage
/// error that names `option` if the text is no such list or has one twice.
std::vector<uint64_t> parseNumberList(const char *option,
                                      const std::string &text);

/// The images of a file: real [N, H, W, C], already standardized, or U8, raw.
class ImageFile {
public:
  /// Reads the tensor `images`; throws if its shape is not the circuit's.
  ImageFile(const TensorReader &file, const Circuit &circuit);

  int64_t count() const { return number; }

  /// Makes `count` images from `first` on the images of the executor's single
  /// network, raw ones by the circuit's own preparation.
  void fill(Executor &executor, Batches &batches, int64_t first,
            int64_t count) const;

private:
  void checkFinite(const std::string &path) const;

  const Circuit &circuit;
  int64_t number = 0;
  bool raw = false;
  Buffer values;
};

/// Reads the tensor `labels`, integers [count], into the batch. Throws if one
/// is no class of the circuit.
void readLabels(const TensorReader &file, const Circuit &circuit, int64_t count,
                BatchBuffers &buffers);

} // namespace dale::runtime

#endif // DALE_RUNTIME_CLI_COMMON_H
