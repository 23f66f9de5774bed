//===- Driver.h - From a circuit to an executable -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_DRIVER_H
#define DALE_COMPILER_DRIVER_H

#include "compiler/lower/Precision.h"
#include "compiler/lower/gpu/ImageBlocks.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/raw_ostream.h"
#include <functional>
#include <optional>

namespace dale {

/// How far a circuit is compiled.
enum class EmitLevel {
  Tensor,    ///< functions on tensors
  Grad,      ///< with the training step's gradients and optimizer
  Fused,     ///< cut into stages
  Gpu,       ///< GPU kernels
  Nvvm,      ///< GPU kernels in the LLVM dialect
  Ptx,       ///< GPU kernels as PTX
  GpuReport, ///< what GPU kernels need: registers, memory, barriers
  Loops,     ///< loops over images, kernels on memrefs
  Vector,    ///< vectors of the target's width
  LLVM,      ///< LLVM IR, optimized
  Asm,       ///< the target's assembly
  Object     ///< an archive of objects
};

/// What is made for GPUs.
enum class GpuMode {
  None,    ///< nothing
  Code,    ///< PTX, and machine code for the architectures
  Emulated ///< the kernels as functions of the host, to be checked there
};

struct GpuTargets {
  GpuMode mode = GpuMode::None;
  /// 80 for sm_80.
  llvm::SmallVector<int> architectures;
  /// How many blocks work on an image.
  ImageBlocks imageBlocks = ImageBlocks::Auto;
};

struct CompileOptions {
  EmitLevel level = EmitLevel::Object;
  /// Cut stages only where the batch is summed over; otherwise one an op.
  bool fuse = true;
  /// What a value is computed again for, and not stored (`dale-fuse`, which has
  /// a default).
  std::optional<double> maxOperationsPerByte;
  /// Compute in double precision.
  bool doublePrecision = false;
  /// A processor's name as LLVM knows it, or "native".
  std::string targetCpu = "native";
  GpuTargets gpu;
  /// Of products, and in bf16 of maps between stages too.
  Precision precision = Precision::F32;
  /// The effective circuit file, kept in the executable.
  std::string source;
  /// What of it decides what is computed; its hash is kept in the executable.
  std::string computation;
  /// Print how long each pass took.
  bool printTiming = false;
  /// Told what comes next, before it begins; may be empty.
  std::function<void(llvm::StringRef)> progress;
  /// Verify the IR after every pass.
  bool verifyEach = false;
};

/// Compiles a module with one `dale.circuit` and writes the result to `os`.
/// Errors are reported as diagnostics. The options have no conflict, and their
/// processor is known (TargetNames.h).
mlir::LogicalResult compileCircuit(mlir::ModuleOp module,
                                   const CompileOptions &options,
                                   llvm::raw_pwrite_stream &os);

/// Links an archive of objects with the runtime. `output` is replaced only when
/// the linker succeeds.
mlir::LogicalResult linkExecutable(mlir::MLIRContext &context,
                                   llvm::StringRef objects,
                                   llvm::StringRef output);

} // namespace dale

#endif // DALE_COMPILER_DRIVER_H
