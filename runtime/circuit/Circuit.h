//===- Circuit.h - A compiled circuit's description -------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the runtime knows about the circuit it is linked with: the JSON of
/// CircuitABI.h, checked and in C++ types.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_CIRCUIT_CIRCUIT_H
#define DALE_RUNTIME_CIRCUIT_CIRCUIT_H

#include "runtime/circuit/CropBounds.h"
#include "runtime/circuit/Sizes.h"
#include "runtime/circuit/Wiring.h"
#include "runtime/io/ElementType.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dale::runtime {

/// How a variable begins (models.md, "initial weights").
struct Initializer {
  enum class Kind { Constant, GlorotUniform, TruncatedNormal };
  Kind kind = Kind::Constant;
  double value = 0;
  double fanIn = 0;
  double fanOut = 0;
};

/// "constant 1", "Glorot uniform, fan 576 + 9"
std::string toString(const Initializer &initializer);

/// A named tensor within one of the flat buffers.
struct Variable {
  std::string name;
  Shape shape;
  /// Of its first element within the buffer, in elements.
  int64_t offset = 0;
  Initializer initializer;

  int64_t elements() const { return *elementsOf(shape); }
};

/// The variables of one flat buffer.
struct VariableTable {
  /// Length of the buffer, in elements.
  int64_t elements = 0;
  std::vector<Variable> variables;

  /// The elements of the variables themselves, without what may lie between.
  int64_t count() const;
};

/// What a call needs besides its arguments, in bytes.
struct WorkspaceSize {
  int64_t fixed = 0;
  int64_t perImage = 0;
  int64_t perThread = 0;

  int64_t bytes(int64_t batch, int64_t threads) const {
    return sizeSum(sizeSum(fixed, sizeProduct(batch, perImage)),
                   sizeProduct(threads, perThread));
  }
};

/// Code for one kind of GPU, a part of dale_gpu_code.
struct GpuImage {
  enum class Kind { Cubin, Ptx };
  Kind kind = Kind::Cubin;
  /// The compute capability, times ten.
  int arch = 0;
  int64_t offset = 0;
  int64_t size = 0;
};

/// "code for 9.0", "PTX for 8.0"
std::string toString(const GpuImage &image);

/// What a kernel needs, in bytes.
struct GpuFunction {
  /// Of shared memory for each block, in ascending order: the least, and with
  /// which more of it less of the workspace is used.
  std::vector<int64_t> shared = {0};
  /// \name Of the workspace
  /// @{
  int64_t fixed = 0;
  int64_t perImage = 0;
  int64_t perBlock = 0;
  /// @}

  int64_t bytes(int64_t batch, int64_t blocks) const {
    return sizeSum(sizeSum(fixed, sizeProduct(batch, perImage)),
                   sizeProduct(blocks, perBlock));
  }

  /// How much shared memory a block gets where it may have `most` bytes: the
  /// least if that is too little.
  int64_t sharedWithin(int64_t most) const;
};

/// Code for GPUs.
struct GpuCode {
  std::vector<GpuImage> images;
  /// Threads a block.
  int64_t block = 0;
  /// Blocks that can have work, at most.
  int64_t chunks = 0;
  /// Whether the emulated GPU can run it.
  bool emulated = false;
  /// What products round their factors to: "f32", "tf32" or "bf16".
  std::string precision;
  /// By function, as Circuit::workspace.
  std::map<std::string, GpuFunction, std::less<>> functions;
};

struct Cost {
  double flopsPerImage = 0;
  double bytesPerImage = 0;
  int64_t stages = 0;
};

/// A population's activity, as `respond` writes it: [N] + shape.
struct Response {
  std::string name;
  Shape shape;
};

/// From `epoch` on (counted from 0) the learning rate is multiplied by
/// `factor`.
struct ScheduleEntry {
  int64_t epoch = 0;
  double factor = 1;
};

/// How the circuit file says to train.
struct TrainingDefaults {
  std::string dataset;
  int64_t batch = 128;
  int64_t epochs = 1;
  double learningRate = 0.1;
  std::vector<ScheduleEntry> schedule;
  double momentum = 0;
  double l2 = 0;
  /// Pixels of zeros on each side before a random crop.
  int64_t pad = 0;
  /// Random horizontal flips.
  bool flip = false;
  /// Random crops, resized to the input.
  std::optional<CropBounds> crop;
  /// Of the training set, its first images.
  double fraction = 1;
  /// In place of those of the training set.
  bool randomLabels = false;
  uint64_t seed = 0;
};

class Circuit {
public:
  std::string name;
  /// The circuit file in force, as TOML.
  std::string source;
  /// Of what the circuit computes: another name, or another default of `train`,
  /// changes nothing of it.
  std::string computationHash;
  /// Of all real tensors: F32 or F64.
  ElementType element = ElementType::F32;
  int64_t steps = 0;
  int64_t height = 0, width = 0, channels = 0;
  /// What the shorter side of an image of another size is resized to.
  int64_t resize = 0;
  /// What is subtracted of each channel; empty: images are standardized.
  std::vector<double> means;
  int64_t classes = 0;
  VariableTable parameters;
  VariableTable averages;
  std::vector<Response> responses;
  /// The recurrent ones.
  std::vector<Area> areas;
  TrainingDefaults training;
  /// By function: "prepare", "train_step", "evaluate", "respond".
  std::map<std::string, WorkspaceSize, std::less<>> workspace;
  std::map<std::string, Cost, std::less<>> cost;
  std::optional<GpuCode> gpu;
  std::string targetCpu;
  /// Of the CPU's code: "f32" or "bf16".
  std::string targetPrecision;
  std::vector<std::string> targetFeatures;

  /// Values of one image.
  int64_t imageElements() const { return height * width * channels; }

  /// Values of all responses to one image.
  int64_t responseElements() const;

  /// Bytes of `count` real numbers.
  int64_t realBytes(int64_t count) const {
    return sizeProduct(count, static_cast<int64_t>(sizeOf(element)));
  }

  /// Parses a description. Throws if it is not what CircuitABI.h says.
  static Circuit parse(std::string_view description);

  /// Checks the magic number and the interface's version of an object, then
  /// parses its description.
  static Circuit load(uint64_t magic, int32_t abiVersion,
                      const char *description);
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_CIRCUIT_CIRCUIT_H
