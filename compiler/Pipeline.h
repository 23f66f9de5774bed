//===- Pipeline.h - All passes in their order -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_PIPELINE_H
#define DALE_COMPILER_PIPELINE_H

#include "compiler/CacheSizes.h"
#include "compiler/Driver.h"
#include "compiler/lower/cpu/Pipeline.h"
#include "mlir/Pass/PassManager.h"

namespace dale {

struct PipelineOptions {
  EmitLevel level = EmitLevel::Object;
  bool fuse = true;
  std::optional<double> maxOperationsPerByte;
  bool doublePrecision = false;
  int64_t vectorBits = 512;
  int64_t numRegisters = 32;
  int64_t cacheBytes = usualCacheBytes;
  int64_t secondCacheBytes = usualSecondCacheBytes;
  /// Maps between stages in bf16, and factors of products where these are then
  /// faster.
  bool bf16 = false;
  bool bf16Instructions = false;
  bool bf16Products = false;
};

/// What the CPU's pipelines must know of them.
void setCpuOptions(CpuOptions &cpu, const PipelineOptions &options);

/// The passes from circuit ops down to a level.
void buildPipeline(mlir::OpPassManager &pm, const PipelineOptions &options);

/// The passes from stages down to a level, on the CPU.
void buildPipelineFromStages(mlir::OpPassManager &pm,
                             const PipelineOptions &options);

/// The passes from functions on tensors, as `dale-expand` leaves them, down to
/// a level below.
void buildPipelineFromTensors(mlir::OpPassManager &pm,
                              const PipelineOptions &options);

/// Registers `dale-pipeline-tensor`, `-grad` and `-fused`: the passes from a
/// circuit to these levels.
void registerPipelines();

} // namespace dale

#endif // DALE_COMPILER_PIPELINE_H
