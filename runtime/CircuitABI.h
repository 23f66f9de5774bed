//===- CircuitABI.h - What a compiled circuit shows the runtime -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The one header that compiler and runtime share. A compiled circuit is an
/// object file that defines the symbols below; the runtime links against them
/// and knows nothing else about the circuit.
///
/// Everything of variable size is described in JSON
/// (`dale_circuit_description`, a NUL-terminated string), so that the binary
/// interface is small and fixed:
///
///   {
///     "abi": 3,
///     "name": "Small",
///     "source": "...",                the effective circuit file, as TOML
///     "element": "f32",               element type of all real tensors
///     "steps": 4,
///     "input": {"height": 32, "width": 32, "channels": 3,
///               "resize": 32},        the shorter side of images of other
///               sizes
///     "classes": 10,
///     "parameters": {                 trained by the optimizer; one flat
///     buffer
///       "elements": 123456,
///       "variables": [{"name": "v1.P_to_f.depthwise", "shape": [3, 3, 64],
///                      "offset": 5000,             in elements
///                      "initializer": {"kind": "glorot_uniform",
///                                      "fan_in": 576, "fan_out": 9}}]},
///     "averages": {"elements": ..., "variables": [...]},   moving averages
///     "responses": [{"name": "v1.P", "shape": [16, 16, 64]}],
///     "training": {"dataset": "cifar10", "batch": 128, "epochs": 250,
///                  "learning_rate": 0.1,
///                  "schedule": [{"epoch": 100, "factor": 0.1}, ...],
///                  "momentum": 0.9, "l2": 2e-4,
///                  "augment": {"pad": 4, "flip": true}, "fraction": 1.0,
///                  "random_labels": false, "seed": 0},
///     "workspace": {"prepare": {"fixed": 0, "per_image": 0, "per_thread": 0},
///                   "train_step": {...}, "evaluate": {...}, "respond": {...}},
///     "cost": {"train_step": {"flops_per_image": ..., "bytes_per_image": ...,
///                             "stages": 21}, "evaluate": {...}, ...},
///     "target": {"cpu": "znver4", "features": ["avx512f", ...]}
///   }
///
/// Initializers: {"kind": "constant", "value": v};
/// {"kind": "glorot_uniform", "fan_in": i, "fan_out": o}: uniform in
/// +-sqrt(6 / (i + o)); {"kind": "truncated_normal", "fan_in": i}: normal
/// truncated at two standard deviations, with variance 1 / i after truncation
/// (sigma = sqrt(1 / i) / 0.8796).
///
/// "augment" may have {"area": [0.08, 1.0], "aspect": [0.75, 1.333]}: crops of
/// a random share of an image's area and a random aspect (width through
/// height), resized to the input, which the runtime makes.
///
/// "target"."features" lists CPU features (named as in /proc/cpuinfo) without
/// which the object code cannot run.
///
/// "workspace" gives, in bytes, what a call needs besides its arguments:
/// fixed + batch * per_image + threads * per_thread.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_CIRCUITABI_H
#define DALE_RUNTIME_CIRCUITABI_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Version of this interface. The runtime refuses an object of another one.
enum { DALE_CIRCUIT_ABI_VERSION = 3 };

/// Set in every compiled circuit to tell it from any other object ("DALECIRC").
#define DALE_CIRCUIT_MAGIC UINT64_C(0x43524943454C4144)

/// Buffers are aligned to this many bytes.
enum { DALE_BUFFER_ALIGNMENT = 64 };

/// A flat buffer of bytes: the memory layout of MLIR's descriptor of a
/// `memref<?xi8>`. `aligned` points at the data, `allocated` at the same place;
/// `offset` is 0, `stride` is 1 and `size` counts bytes.
struct DaleBuffer {
  void *allocated;
  void *aligned;
  int64_t offset;
  int64_t size;
  int64_t stride;
};

extern const uint64_t dale_circuit_magic;
extern const int32_t dale_circuit_abi_version;
extern const char dale_circuit_description[];

/// Crops, flips and standardizes raw images, or subtracts the means of channels
/// (models.md, "input").
/// bytes: u8 [N, H, W, C]; draws: i32 [N, 3], per image the row and the column
/// of the crop's corner in the zero-padded image, each in [0, 2 * pad], and 1
/// for a horizontal flip or 0 (the row and column `pad` with flip 0 leave an
/// image as it is); images: real [N, H, W, C], written.
void _mlir_ciface_dale_prepare(struct DaleBuffer *bytes,
                               struct DaleBuffer *draws,
                               struct DaleBuffer *images, int64_t batch,
                               struct DaleBuffer *workspace);

/// One training step: forward with batch statistics, loss, gradients, SGD with
/// momentum, moving averages.
/// parameters, momenta: real [P], updated; averages: real [S], updated;
/// images: real [N, H, W, C]; labels: i32 [N]; keys: u32 [N], a random number
/// an image, out of which dropout masks are made; learningRate: real [1];
/// logits: real [N, classes], written; losses: real [2], written: the mean
/// cross-entropy, and the same with the L2 term; gradients: real [P], written:
/// of the loss with the L2 term.
void _mlir_ciface_dale_train_step(
    struct DaleBuffer *parameters, struct DaleBuffer *momenta,
    struct DaleBuffer *averages, struct DaleBuffer *images,
    struct DaleBuffer *labels, struct DaleBuffer *keys,
    struct DaleBuffer *learningRate, struct DaleBuffer *logits,
    struct DaleBuffer *losses, struct DaleBuffer *gradients, int64_t batch,
    struct DaleBuffer *workspace);

/// Forward pass with moving averages.
/// logits: real [N, classes], written.
void _mlir_ciface_dale_evaluate(struct DaleBuffer *parameters,
                                struct DaleBuffer *averages,
                                struct DaleBuffer *images,
                                struct DaleBuffer *logits, int64_t batch,
                                struct DaleBuffer *workspace);

/// Forward pass with moving averages that also keeps what the populations did.
/// responses: real, written: for each entry of "responses" in turn a block
/// [N, h, w, C] with the population's activity before pooling, averaged over
/// the time steps.
void _mlir_ciface_dale_respond(struct DaleBuffer *parameters,
                               struct DaleBuffer *averages,
                               struct DaleBuffer *images,
                               struct DaleBuffer *logits,
                               struct DaleBuffer *responses, int64_t batch,
                               struct DaleBuffer *workspace);

#ifdef __cplusplus
} // extern "C"
#endif

#endif // DALE_RUNTIME_CIRCUITABI_H
