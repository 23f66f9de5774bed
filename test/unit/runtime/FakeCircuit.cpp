//===- FakeCircuit.cpp - A small network without a compiler ---------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

/// \file
/// Stands in for a compiled circuit: softmax regression on block means, with
/// their moving average subtracted, written by hand. It learns, augments, and
/// keeps an average, which is all that the runtime can tell.
///
/// Compile definitions choose between two: images 32x32x3 in f32 with
/// augmentation, or (DALE_FAKE_GRAY) 28x28x1 in f64 without. DALE_FAKE_FEATURES
/// is what the CPU must have, as JSON strings. With DALE_FAKE_GPU there is code
/// for GPUs too: for the emulated one, where one thread does it all, and for
/// the fake CUDA driver (FakeCuda.cpp).
///
/// DALE_FAKE_SIGNAL_AT=N in the environment raises SIGTERM in the N-th step, of
/// whatever network, and DALE_FAKE_SIGNAL_IN_RESPONSE=N in the N-th call of
/// respond; DALE_FAKE_DIVERGE_AT=N makes that step's loss NaN;
/// DALE_FAKE_RACE=1 makes the emulated kernels' threads race.

#include "runtime/CircuitABI.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <string_view>
#include <vector>

#ifdef DALE_FAKE_GRAY
using Real = double;
#define SIDE 28
#define CHANNELS 1
#define FEATURES 16
#define ELEMENT "f64"
#define DATASET "fashion-mnist"
#define PAD 0
#define FLIP false
#define WEIGHTS 160
#define ELEMENTS 194
#else
using Real = float;
#define SIDE 32
#define CHANNELS 3
#define FEATURES 48
#define ELEMENT "f32"
#define DATASET "cifar10"
#define PAD 4
#define FLIP true
#define WEIGHTS 480
#define ELEMENTS 514
#endif
#ifndef DALE_FAKE_FEATURES
#define DALE_FAKE_FEATURES
#endif
#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)
// WEIGHTS, 10 biases, a gap of 6, 18 that nothing reads.
#define BIAS WEIGHTS
#define IDLE (WEIGHTS + 16)

static constexpr int classes = 10, blocks = 4, block = SIDE / blocks;
static constexpr int64_t fixedBytes = 64, imageBytes = 8, threadBytes = 128;
static_assert(FEATURES == blocks * blocks * CHANNELS);
static_assert(WEIGHTS == FEATURES * classes && ELEMENTS == IDLE + 18);

extern "C" int omp_get_max_threads(void);

extern "C" {
extern const uint64_t dale_circuit_magic = DALE_CIRCUIT_MAGIC;
extern const int32_t dale_circuit_abi_version = DALE_CIRCUIT_ABI_VERSION;
// clang-format off
extern const char dale_circuit_description[] = R"({
  "abi": 9, "name": "Fake", "source": "[circuit]\nname = \"Fake\"\n",
  "computation_hash": "0123456789abcdef",
  "element": ")" ELEMENT R"(", "steps": 1,
  "input": {"height": )" TEXT(SIDE) R"(, "width": )" TEXT(SIDE) R"(,
            "channels": )" TEXT(CHANNELS) R"(, "resize": )" TEXT(SIDE) R"(},
  "classes": 10,
  "parameters": {"elements": )" TEXT(ELEMENTS) R"(, "variables": [
    {"name": "readout.weight", "shape": [)" TEXT(FEATURES) R"(, 10],
     "offset": 0,
     "initializer": {"kind": "glorot_uniform", "fan_in": )" TEXT(FEATURES) R"(,
                     "fan_out": 10}},
    {"name": "readout.bias", "shape": [10], "offset": )" TEXT(WEIGHTS) R"(,
     "initializer": {"kind": "constant", "value": 0}},
    {"name": "idle.weight", "shape": [3, 3, 1, 2],
     "offset": )"
#ifdef DALE_FAKE_GRAY
"176"
#else
"496"
#endif
R"(,
     "initializer": {"kind": "truncated_normal", "fan_in": 9}}]},
  "averages": {"elements": )" TEXT(FEATURES) R"(, "variables": [
    {"name": "norm.mean", "shape": [)" TEXT(FEATURES) R"(], "offset": 0,
     "initializer": {"kind": "constant", "value": 0}}]},
  "responses": [{"name": "area.features",
                 "shape": [4, 4, )" TEXT(CHANNELS) R"(]},
                {"name": "area.logits", "shape": [1, 1, 10]}],
  "areas": [{
    "name": "area",
    "populations": [{"name": "features", "principal": true,
                     "sign": "excitatory"},
                    {"name": "logits", "principal": false}],
    "projections": [{"variable": "idle", "area": "area", "source": "features",
                     "target": "logits", "population": "logits",
                     "site": "current", "range": "local", "sign": "excitatory",
                     "constraint": "abs"}]}],
  "training": {"dataset": ")" DATASET R"(", "batch": 16, "epochs": 4,
               "learning_rate": 0.1, "schedule": [{"epoch": 3, "factor": 0.1}],
               "momentum": 0.9, "l2": 1e-4,
               "augment": {"pad": )" TEXT(PAD) R"(, "flip": )" TEXT(FLIP) R"(},
               "fraction": 1.0, "random_labels": false, "seed": 7},
  "workspace": {
    "prepare": {"fixed": 64, "per_image": 8, "per_thread": 128},
    "train_step": {"fixed": 64, "per_image": 8, "per_thread": 128},
    "evaluate": {"fixed": 64, "per_image": 8, "per_thread": 128},
    "respond": {"fixed": 64, "per_image": 8, "per_thread": 128}},
  "cost": {"train_step": {"flops_per_image": 2880, "bytes_per_image": 3072,
                          "stages": 2}},
  "target": {"cpu": "generic", "precision": "f32",
             "features": [)" DALE_FAKE_FEATURES R"(]})"
#ifdef DALE_FAKE_GPU
R"(,
  "gpu": {
    "images": [{"kind": "cubin", "arch": 80, "offset": 0, "size": 8},
               {"kind": "cubin", "arch": 90, "offset": 8, "size": 8},
               {"kind": "ptx", "arch": 80, "offset": 16, "size": 3}],
    "block": 32, "chunks": 4, "emulated": true, "precision": "f32",
    "functions": {
      "prepare": {"shared": [1024, 2048], "fixed": 128, "per_image": 16,
                  "per_block": 256},
      "train_step": {"shared": [1024, 2048], "fixed": 128, "per_image": 16,
                     "per_block": 256},
      "evaluate": {"shared": [1024, 2048], "fixed": 128, "per_image": 16,
                   "per_block": 256},
      "respond": {"shared": [1024, 2048], "fixed": 128, "per_image": 16,
                  "per_block": 256}}})"
#endif
"}";
// clang-format on
} // extern "C"

//===----------------------------------------------------------------------===//
// Parts
//===----------------------------------------------------------------------===//

/// Ends the test at once where the runtime breaks the interface's promises.
static void require(bool holds, const char *what) {
  if (holds)
    return;
  std::fprintf(stderr, "fake circuit: %s\n", what);
  std::abort();
}

/// Of the launch that calls, or 0 on the CPU.
static int64_t gpuBlocks = 0;

/// One that all replicas share.
static void checkCommonBuffer(const DaleBuffer *buffer, int64_t bytes,
                              const char *what) {
  require(buffer->aligned != nullptr && buffer->size == bytes &&
              buffer->offset == 0 && buffer->stride == 1,
          what);
  require(
      reinterpret_cast<uintptr_t>(buffer->aligned) % DALE_BUFFER_ALIGNMENT == 0,
      what);
}

/// On GPUs a replica's part is somewhat larger.
static void checkBuffer(const DaleBuffer *buffer, int64_t bytes,
                        const char *what) {
  require(gpuBlocks == 0 || (buffer->size % DALE_BUFFER_ALIGNMENT == 0 &&
                             buffer->size >= bytes),
          what);
  checkCommonBuffer(buffer, gpuBlocks > 0 ? buffer->size : bytes, what);
}

static void useWorkspace(DaleBuffer *workspace, int64_t batch) {
  int64_t bytes = gpuBlocks > 0 ? 128 + batch * 16 + gpuBlocks * 256
                                : fixedBytes + batch * imageBytes +
                                      omp_get_max_threads() * threadBytes;
  require(workspace->size >= bytes, "the workspace is too small");
  std::memset(workspace->aligned, 0xAB, static_cast<size_t>(bytes));
}

template <typename T>
static T *dataOf(DaleBuffer *buffer) {
  return static_cast<T *>(buffer->aligned);
}

/// The mean of each block of an image, per channel.
static std::array<Real, FEATURES> featuresOf(const Real *image) {
  std::array<Real, FEATURES> features{};
  for (int y = 0; y < SIDE; ++y)
    for (int x = 0; x < SIDE; ++x)
      for (int c = 0; c < CHANNELS; ++c)
        features[(y / block * blocks + x / block) * CHANNELS + c] +=
            image[(y * SIDE + x) * CHANNELS + c] / Real(block * block);
  return features;
}

static void classify(const Real *parameters, const Real *mean,
                     const std::array<Real, FEATURES> &features, Real *logits) {
  for (int k = 0; k < classes; ++k) {
    logits[k] = parameters[BIAS + k];
    for (int f = 0; f < FEATURES; ++f)
      logits[k] += (features[f] - mean[f]) * parameters[f * classes + k];
  }
}

//===----------------------------------------------------------------------===//
// The interface
//===----------------------------------------------------------------------===//

static constexpr int64_t pixels = SIDE * SIDE * CHANNELS;

void _mlir_ciface_dale_prepare(DaleBuffer *bytes, DaleBuffer *picks,
                               DaleBuffer *draws, DaleBuffer *images,
                               int64_t batch, DaleBuffer *workspace) {
  int64_t count = bytes->size / pixels;
  checkBuffer(bytes, count * pixels, "prepare: bytes");
  checkBuffer(picks, batch * 4, "prepare: picks");
  checkBuffer(draws, batch * 12, "prepare: draws");
  checkBuffer(images, batch * pixels * int64_t(sizeof(Real)),
              "prepare: images");
  useWorkspace(workspace, batch);
  for (int64_t n = 0; n < batch; ++n) {
    int32_t pick = dataOf<int32_t>(picks)[n];
    require(pick >= 0 && pick < count, "prepare: a pick is out of range");
    const uint8_t *raw = dataOf<uint8_t>(bytes) + pick * pixels;
    const int32_t *draw = dataOf<int32_t>(draws) + 3 * n;
    require(draw[0] >= 0 && draw[0] <= 2 * PAD && draw[1] >= 0 &&
                draw[1] <= 2 * PAD && (draw[2] == 0 || draw[2] == 1),
            "prepare: a draw is out of range");
    Real *image = dataOf<Real>(images) + n * pixels;
    double sum = 0, squares = 0;
    for (int y = 0; y < SIDE; ++y)
      for (int x = 0; x < SIDE; ++x)
        for (int c = 0; c < CHANNELS; ++c) {
          int row = y + draw[0] - PAD;
          int column = (draw[2] ? SIDE - 1 - x : x) + draw[1] - PAD;
          bool inside = row >= 0 && row < SIDE && column >= 0 && column < SIDE;
          double value = inside ? raw[(row * SIDE + column) * CHANNELS + c] : 0;
          image[(y * SIDE + x) * CHANNELS + c] = static_cast<Real>(value);
          sum += value;
          squares += value * value;
        }
    double mean = sum / pixels;
    double deviation = std::sqrt(std::max(squares / pixels - mean * mean, 0.0));
    deviation = std::max(deviation, 1 / std::sqrt(double(pixels)));
    for (int64_t i = 0; i < pixels; ++i)
      image[i] = static_cast<Real>((image[i] - mean) / deviation);
  }
}

void _mlir_ciface_dale_train_step(DaleBuffer *parameters, DaleBuffer *momenta,
                                  DaleBuffer *averages, DaleBuffer *images,
                                  DaleBuffer *labels, DaleBuffer *keys,
                                  DaleBuffer *learningRate, DaleBuffer *logits,
                                  DaleBuffer *losses, DaleBuffer *gradients,
                                  int64_t batch, DaleBuffer *workspace) {
  constexpr int64_t size = sizeof(Real);
  checkBuffer(parameters, ELEMENTS * size, "train_step: parameters");
  checkBuffer(momenta, ELEMENTS * size, "train_step: momenta");
  checkBuffer(averages, FEATURES * size, "train_step: averages");
  checkBuffer(images, batch * pixels * size, "train_step: images");
  checkBuffer(labels, batch * 4, "train_step: labels");
  checkBuffer(keys, batch * 4, "train_step: keys");
  checkCommonBuffer(learningRate, size, "train_step: learning rate");
  checkBuffer(logits, batch * classes * size, "train_step: logits");
  checkBuffer(losses, 2 * size, "train_step: losses");
  checkBuffer(gradients, ELEMENTS * size, "train_step: gradients");
  useWorkspace(workspace, batch);

  static int steps = 0;
  ++steps;
  auto isAt = [](const char *variable) {
    const char *step = std::getenv(variable);
    return step && steps == std::atoi(step);
  };
  if (isAt("DALE_FAKE_SIGNAL_AT"))
    std::raise(SIGTERM);

  Real *theta = dataOf<Real>(parameters);
  std::vector<std::array<Real, FEATURES>> features(batch);
  std::array<Real, FEATURES> mean{};
  for (int64_t n = 0; n < batch; ++n) {
    features[n] = featuresOf(dataOf<Real>(images) + n * pixels);
    for (int f = 0; f < FEATURES; ++f)
      mean[f] += features[n][f] / Real(batch);
  }

  double loss = 0, squares = 0;
  std::array<Real, ELEMENTS> gradient{};
  for (int64_t n = 0; n < batch; ++n) {
    Real *logit = dataOf<Real>(logits) + n * classes;
    classify(theta, mean.data(), features[n], logit);
    int label = dataOf<int32_t>(labels)[n];
    require(label >= 0 && label < classes, "train_step: label out of range");
    Real most = *std::max_element(logit, logit + classes);
    double sum = 0;
    for (int k = 0; k < classes; ++k)
      sum += std::exp(double(logit[k] - most));
    loss += (std::log(sum) + most - logit[label]) / double(batch);
    for (int k = 0; k < classes; ++k) {
      Real error = static_cast<Real>(
          (std::exp(double(logit[k] - most)) / sum - (k == label)) /
          double(batch));
      gradient[BIAS + k] += error;
      for (int f = 0; f < FEATURES; ++f)
        gradient[f * classes + k] += error * (features[n][f] - mean[f]);
    }
  }
  Real rate = *dataOf<Real>(learningRate);
  for (int i = 0; i < ELEMENTS; ++i) {
    squares += double(theta[i]) * theta[i];
    gradient[i] += Real(1e-4) * theta[i];
    Real &momentum = dataOf<Real>(momenta)[i];
    momentum = Real(0.9) * momentum + gradient[i];
    theta[i] -= rate * momentum;
    dataOf<Real>(gradients)[i] = gradient[i];
  }
  for (int f = 0; f < FEATURES; ++f) {
    Real &average = dataOf<Real>(averages)[f];
    average = Real(0.9) * average + Real(0.1) * mean[f];
  }
  if (isAt("DALE_FAKE_DIVERGE_AT"))
    loss = std::numeric_limits<double>::quiet_NaN();
  dataOf<Real>(losses)[0] = static_cast<Real>(loss);
  dataOf<Real>(losses)[1] = static_cast<Real>(loss + 0.5e-4 * squares);
}

void _mlir_ciface_dale_evaluate(DaleBuffer *parameters, DaleBuffer *averages,
                                DaleBuffer *images, DaleBuffer *logits,
                                int64_t batch, DaleBuffer *workspace) {
  constexpr int64_t size = sizeof(Real);
  checkBuffer(images, batch * pixels * size, "evaluate: images");
  checkBuffer(logits, batch * classes * size, "evaluate: logits");
  useWorkspace(workspace, batch);
  for (int64_t n = 0; n < batch; ++n)
    classify(dataOf<Real>(parameters), dataOf<Real>(averages),
             featuresOf(dataOf<Real>(images) + n * pixels),
             dataOf<Real>(logits) + n * classes);
}

void _mlir_ciface_dale_respond(DaleBuffer *parameters, DaleBuffer *averages,
                               DaleBuffer *images, DaleBuffer *logits,
                               DaleBuffer *responses, int64_t batch,
                               DaleBuffer *workspace) {
  constexpr int64_t size = sizeof(Real);
  checkBuffer(responses, batch * (FEATURES + classes) * size,
              "respond: responses");
  static int calls = 0;
  const char *call = std::getenv("DALE_FAKE_SIGNAL_IN_RESPONSE");
  if (call && ++calls == std::atoi(call))
    std::raise(SIGTERM);
  _mlir_ciface_dale_evaluate(parameters, averages, images, logits, batch,
                             workspace);
  for (int64_t n = 0; n < batch; ++n) {
    auto features = featuresOf(dataOf<Real>(images) + n * pixels);
    std::copy(features.begin(), features.end(),
              dataOf<Real>(responses) + n * FEATURES);
  }
  std::memcpy(dataOf<Real>(responses) + batch * FEATURES, dataOf<Real>(logits),
              static_cast<size_t>(batch * classes * size));
}

//===----------------------------------------------------------------------===//
// The same on GPUs
//===----------------------------------------------------------------------===//

#ifdef DALE_FAKE_GPU

extern const char dale_gpu_code[] = "cubin 80cubin 90PTXbehind";

/// What replica `replica` has of a buffer.
static DaleBuffer partOf(const DaleBuffer *buffer, int64_t replica) {
  DaleBuffer part = *buffer;
  part.allocated = part.aligned =
      static_cast<std::byte *>(buffer->aligned) + replica * buffer->size;
  return part;
}

/// Runs a kernel's work, which is one thread's.
template <typename Work>
static void runOnGpu(DaleBuffer *arrivals, int64_t blocks, Work work) {
  require(arrivals->size >= 4 && arrivals->stride == 1, "arrivals: the shape");
  int32_t &count = *dataOf<int32_t>(arrivals);
  require(count == 0, "arrivals: not 0 before the launch");
  count = static_cast<int32_t>(blocks);
  gpuBlocks = blocks;
  work();
  gpuBlocks = 0;
}

/// The kernel's buffers but `arrivals` are those of `all`, in order.
template <typename Work>
static void emulate(std::vector<DaleBuffer *> all, DaleBuffer *arrivals,
                    Work work) {
  require(dale_emulated_threads() == 32, "the threads of a block");
  if (std::getenv("DALE_FAKE_RACE")) {
    DaleBuffer shared;
    _mlir_ciface_dale_emulated_shared(&shared);
    dale_emulated_write(shared.aligned, 4, 4, "the fake race");
  }
  dale_emulated_barrier("begin");
  if (dale_emulated_block() == 0 && dale_emulated_thread() == 0) {
    int64_t replica = dale_emulated_replica();
    DaleBuffer count = partOf(arrivals, replica);
    std::vector<DaleBuffer> parts;
    for (DaleBuffer *buffer : all) {
      parts.push_back(partOf(buffer, replica));
      // Told only to see that it is within.
      dale_emulated_write(parts.back().aligned, 1, 1, "the fake kernel");
    }
    runOnGpu(&count, dale_emulated_blocks(), [&] { work(parts.data()); });
  }
  dale_emulated_grid_barrier("end");
}

void _mlir_ciface_dale_emulated_prepare(DaleBuffer *bytes, DaleBuffer *picks,
                                        DaleBuffer *draws, DaleBuffer *images,
                                        int64_t batch, DaleBuffer *workspace,
                                        DaleBuffer *arrivals) {
  emulate({picks, draws, images, workspace}, arrivals, [&](DaleBuffer *v) {
    _mlir_ciface_dale_prepare(bytes, v, v + 1, v + 2, batch, v + 3);
  });
}

void _mlir_ciface_dale_emulated_train_step(
    DaleBuffer *parameters, DaleBuffer *momenta, DaleBuffer *averages,
    DaleBuffer *images, DaleBuffer *labels, DaleBuffer *keys,
    DaleBuffer *learningRate, DaleBuffer *logits, DaleBuffer *losses,
    DaleBuffer *gradients, int64_t batch, DaleBuffer *workspace,
    DaleBuffer *arrivals) {
  emulate({parameters, momenta, averages, images, labels, keys, logits, losses,
           gradients, workspace},
          arrivals, [&](DaleBuffer *v) {
            _mlir_ciface_dale_train_step(v, v + 1, v + 2, v + 3, v + 4, v + 5,
                                         learningRate, v + 6, v + 7, v + 8,
                                         batch, v + 9);
          });
}

void _mlir_ciface_dale_emulated_evaluate(DaleBuffer *parameters,
                                         DaleBuffer *averages,
                                         DaleBuffer *images, DaleBuffer *logits,
                                         int64_t batch, DaleBuffer *workspace,
                                         DaleBuffer *arrivals) {
  emulate({parameters, averages, images, logits, workspace}, arrivals,
          [&](DaleBuffer *v) {
            _mlir_ciface_dale_evaluate(v, v + 1, v + 2, v + 3, batch, v + 4);
          });
}

void _mlir_ciface_dale_emulated_respond(DaleBuffer *parameters,
                                        DaleBuffer *averages,
                                        DaleBuffer *images, DaleBuffer *logits,
                                        DaleBuffer *responses, int64_t batch,
                                        DaleBuffer *workspace,
                                        DaleBuffer *arrivals) {
  emulate({parameters, averages, images, logits, responses, workspace},
          arrivals, [&](DaleBuffer *v) {
            _mlir_ciface_dale_respond(v, v + 1, v + 2, v + 3, v + 4, batch,
                                      v + 5);
          });
}

/// What the fake CUDA driver calls for a launch: the kernel's parameters, with
/// the device's addresses made the host's by `translate`.
extern "C" void dale_fake_gpu_launch(const char *kernel,
                                     const uint64_t *parameters,
                                     int64_t replicas, int64_t blocks,
                                     void *(*translate)(uint64_t)) {
  std::string_view name = kernel;
  bool trains = name == "dale_train_step";
  bool prepares = name == "dale_prepare";
  size_t count = prepares ? 4 : trains ? 10 : name == "dale_evaluate" ? 4 : 5;
  for (int64_t replica = 0; replica < replicas; ++replica) {
    std::vector<DaleBuffer> v;
    int64_t batch = 0;
    const uint64_t *next = parameters;
    for (size_t i = 0; i < count + 2; ++i) {
      if (i == count)
        batch = static_cast<int64_t>(*next++);
      require(next[0] == next[1], "a buffer's two pointers differ");
      // The images to pick from, and the learning rate.
      bool common = (prepares && i == 0) || (trains && i == 6);
      uint64_t part =
          next[0] + (common ? 0 : static_cast<uint64_t>(replica) * next[3]);
      v.push_back({translate(part), translate(part),
                   static_cast<int64_t>(next[2]), static_cast<int64_t>(next[3]),
                   static_cast<int64_t>(next[4])});
      next += 5;
    }
    DaleBuffer *space = &v[count];
    runOnGpu(&v[count + 1], blocks, [&] {
      if (prepares)
        _mlir_ciface_dale_prepare(&v[0], &v[1], &v[2], &v[3], batch, space);
      else if (trains)
        _mlir_ciface_dale_train_step(&v[0], &v[1], &v[2], &v[3], &v[4], &v[5],
                                     &v[6], &v[7], &v[8], &v[9], batch, space);
      else if (name == "dale_evaluate")
        _mlir_ciface_dale_evaluate(&v[0], &v[1], &v[2], &v[3], batch, space);
      else
        _mlir_ciface_dale_respond(&v[0], &v[1], &v[2], &v[3], &v[4], batch,
                                  space);
    });
  }
}

#endif // DALE_FAKE_GPU
