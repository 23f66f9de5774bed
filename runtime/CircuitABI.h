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
///     "abi": 9,
///     "name": "Small",
///     "source": "...",                the effective circuit file, as TOML
///     "computation_hash": "0123456789abcdef",     see below
///     "element": "f32",               element type of all real tensors
///     "steps": 4,
///     "input": {"height": 32, "width": 32, "channels": 3,
///               "resize": 32},        shorter side of images of other sizes
///     "classes": 10,
///     "parameters": {                 trained by the optimizer; a flat buffer
///       "elements": 123456,
///       "variables": [{"name": "v1.P_to_f.depthwise", "shape": [3, 3, 64],
///                      "offset": 5000,             in elements
///                      "initializer": {"kind": "glorot_uniform",
///                                      "fan_in": 576, "fan_out": 9}}]},
///     "averages": {"elements": ..., "variables": [...]},   moving averages
///     "responses": [{"name": "v1.P", "shape": [16, 16, 64]}],
///     "areas": [{                     the recurrent ones
///       "name": "v1",
///       "populations": [{"name": "P", "principal": true,
///                        "sign": "excitatory"}],
///       "projections": [{"variable": "v1.P_to_f", "area": "v1",
///                        "source": "P", "target": "f", "population": "P",
///                        "site": "memory", "range": "local",
///                        "sign": "excitatory", "constraint": "abs"}]}],
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
///     "target": {"cpu": "znver4", "features": ["avx512f", ...],
///                "precision": "f32"},     or "bf16": what maps between stages
///                                         and factors of products round to
///     "gpu": {                        absent: no code for GPUs
///       "images": [{"kind": "cubin", "arch": 80, "offset": 0, "size": n},
///                  {"kind": "ptx", "arch": 80, ...}],    in dale_gpu_code
///       "block": 512,                 threads a block
///       "chunks": 128,                blocks that can have work, at most
///       "emulated": false,            whether dale_emulated_* are there
///       "precision": "f32",           or "tf32", "bf16": what factors of
///                                     products round to
///       "functions": {"prepare": {"shared": [0], "fixed": 0, "per_image": 0,
///                                 "per_block": 0},
///                     "train_step": {...}, "evaluate": {...},
///                     "respond": {...}}}
///   }
///
/// "computation_hash" is the same for circuits that differ in nothing but their
/// name and what `train` is told otherwise: the data set, how much of it,
/// random labels, batch, epochs, learning rate and seed.
///
/// "input" may have {"means": [123.68, ...]}: what is subtracted of each
/// channel in place of standardizing.
///
/// A population without "sign" gives none to its projections. A projection's
/// kernel is "variable" + ".weight", [k, k, Cin, Cout] (of feedback
/// [k, k, Cout, Cin]), or, separable, the product of "variable" + ".depthwise",
/// [k, k, Cin], and ".pointwise", [Cin, Cout]; of each of these variables,
/// "constraint" says what is applied: its absolute value ("abs"), its positive
/// part ("rectify") or itself ("free"). "target" is the population or a gate on
/// it, "site" what it reaches there: the population's own "current", or the
/// "memory", "input" or "output" that the gate acts on. "area" is the source's;
/// without it, the source is what the area reads from below.
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
/// "gpu"."functions" gives the same for GPUs, fixed + batch * per_image +
/// blocks * per_block for each replica, and the bytes of shared memory that
/// each block needs, in ascending order: the first at least, and with each of
/// the others it uses less of the workspace (it sees how much it was given).
/// "arch" is a compute capability times ten: 80 is 8.0.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_CIRCUITABI_H
#define DALE_RUNTIME_CIRCUITABI_H

#include <stdint.h>

/// Not every object has it: null where it is missing.
#define DALE_WEAK __attribute__((weak))
#define DALE_NORETURN __attribute__((noreturn))

#ifdef __cplusplus
extern "C" {
#endif

/// Version of this interface. The runtime refuses an object of another one.
enum { DALE_CIRCUIT_ABI_VERSION = 9 };

/// Set in every compiled circuit to tell it from any other object ("DALECIRC").
#define DALE_CIRCUIT_MAGIC UINT64_C(0x43524943454C4144)

/// Buffers are aligned to this many bytes.
enum { DALE_BUFFER_ALIGNMENT = 64 };

/// What a GPU's blocks count their arrivals in at a barrier: a line of its own,
/// since they look at it while they wait.
enum { DALE_ARRIVALS_BYTES = 128 };

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
/// bytes: u8 [M, H, W, C], for any M: a whole data set, or this batch's images
/// only; picks: i32 [N], the places of the batch's images in `bytes`, each in
/// [0, M), in any order and as often as wanted; draws: i32 [N, 3], per image
/// the row and the column of the crop's corner in the zero-padded image, each
/// in [0, 2 * pad], and 1 for a horizontal flip or 0 (the row and column `pad`
/// with flip 0 leave an image as it is); images: real [N, H, W, C], written.
/// Picks and draws are not checked.
void _mlir_ciface_dale_prepare(struct DaleBuffer *bytes,
                               struct DaleBuffer *picks,
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

//===----------------------------------------------------------------------===//
// Code for GPUs
//===----------------------------------------------------------------------===//

/// The images that "gpu"."images" lists, one after another. An object without
/// code for GPUs lacks this symbol.
///
/// Each image has the kernels `dale_prepare`, `dale_train_step`,
/// `dale_evaluate` and `dale_respond`. They take what the functions above take,
/// in the same order, each buffer as the five fields of its DaleBuffer (with
/// pointers to the device's memory), and one more buffer: `arrivals`, of
/// DALE_ARRIVALS_BYTES for each block and as many more, which the runtime sets
/// to 0 before each launch.
///
/// A call is one cooperative launch, since the blocks wait for each other, of
/// any number of blocks: the results do not depend on it.
///
/// The grid's y is the *replica*, one of several networks that one launch works
/// on, each as if it were alone. A buffer holds a part for each, one behind the
/// other: of as many bytes as the DaleBuffer's size says, which is at least
/// what the network needs and a multiple of DALE_BUFFER_ALIGNMENT. There is one
/// `bytes` and one `learningRate` for all of them.
extern const char dale_gpu_code[] DALE_WEAK;

/// \name The kernels' bodies as a CPU runs them, where "gpu"."emulated" is true
///
/// Each is called once for each thread of each block, on a stack of its own,
/// with the kernel's arguments (`arrivals` too). The code calls the functions
/// below to know who it is, to wait, and to tell of each access: to the
/// buffers, to shared memory, or to its stack. Those to constants are not told.
/// A launch may read from the workspace, logits, losses, responses, and
/// `prepare` from its images, only what it has written itself.
/// @{
void _mlir_ciface_dale_emulated_prepare(
    struct DaleBuffer *bytes, struct DaleBuffer *picks,
    struct DaleBuffer *draws, struct DaleBuffer *images, int64_t batch,
    struct DaleBuffer *workspace, struct DaleBuffer *arrivals) DALE_WEAK;
void _mlir_ciface_dale_emulated_train_step(
    struct DaleBuffer *parameters, struct DaleBuffer *momenta,
    struct DaleBuffer *averages, struct DaleBuffer *images,
    struct DaleBuffer *labels, struct DaleBuffer *keys,
    struct DaleBuffer *learningRate, struct DaleBuffer *logits,
    struct DaleBuffer *losses, struct DaleBuffer *gradients, int64_t batch,
    struct DaleBuffer *workspace, struct DaleBuffer *arrivals) DALE_WEAK;
void _mlir_ciface_dale_emulated_evaluate(
    struct DaleBuffer *parameters, struct DaleBuffer *averages,
    struct DaleBuffer *images, struct DaleBuffer *logits, int64_t batch,
    struct DaleBuffer *workspace, struct DaleBuffer *arrivals) DALE_WEAK;
void _mlir_ciface_dale_emulated_respond(
    struct DaleBuffer *parameters, struct DaleBuffer *averages,
    struct DaleBuffer *images, struct DaleBuffer *logits,
    struct DaleBuffer *responses, int64_t batch, struct DaleBuffer *workspace,
    struct DaleBuffer *arrivals) DALE_WEAK;
/// @}

/// \name What the runtime defines for these bodies
///
/// `where` says which operation calls, for messages. It must stay valid and
/// unchanged for good, as a string constant does.
/// @{

/// The number of this thread in its block; threads a block; the number of this
/// block among those of its replica; blocks of each replica; the replica.
int64_t dale_emulated_thread(void);
int64_t dale_emulated_threads(void);
int64_t dale_emulated_block(void);
int64_t dale_emulated_blocks(void);
int64_t dale_emulated_replica(void);

/// How many bytes of shared memory the block has been given.
int64_t dale_emulated_shared_bytes(void);

/// The block's shared memory.
void _mlir_ciface_dale_emulated_shared(struct DaleBuffer *memory);

/// Waits until all threads of the block, or of the replica, have come here.
void dale_emulated_barrier(const char *where);
void dale_emulated_grid_barrier(const char *where);
/// The same for as many blocks as that, with numbers behind each other, which
/// have `arrivals` to themselves.
void dale_emulated_team_barrier(const void *arrivals, int64_t blocks,
                                const char *where);

/// A product of matrices by all threads of a warp, 32 of one block with numbers
/// behind each other: `mma.sync` of PTX with 16 rows, 8 columns and `depth`
/// terms, 8 in TF32 or 16 in BF16. `registers` are the thread's elements of A,
/// then B, then C, as f32; those of C are replaced.
void dale_emulated_multiply(float *registers, int64_t depth,
                            const char *where);

/// To be called before each load and each store, of which the code for GPUs
/// says that the address is a multiple of `alignment`.
void dale_emulated_read(const void *address, int64_t bytes, int64_t alignment,
                        const char *where);
void dale_emulated_write(const void *address, int64_t bytes, int64_t alignment,
                         const char *where);

/// Ends the launch with an error that generated code has found itself.
DALE_NORETURN void dale_emulated_fail(const char *message);
/// @}

#ifdef __cplusplus
} // extern "C"
#endif

#undef DALE_NORETURN
#undef DALE_WEAK

#endif // DALE_RUNTIME_CIRCUITABI_H
