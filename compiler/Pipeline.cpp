//===- Pipeline.cpp - All passes in their order -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Pipeline.h"
#include "compiler/autodiff/Passes.h"
#include "compiler/expand/Passes.h"
#include "compiler/fuse/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassRegistry.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;
using namespace dale;

static void cleanUp(OpPassManager &pm) {
  pm.addPass(createCanonicalizerPass());
  pm.addPass(createCSEPass());
}

static void buildTensorPipeline(OpPassManager &pm, bool doublePrecision) {
  ExpandOptions expand;
  expand.element = doublePrecision ? Element::F64 : Element::F32;
  pm.addPass(createExpand(expand));
  cleanUp(pm);
}

static void buildGradPipeline(OpPassManager &pm) {
  // What does not change over time must be one value before it is
  // differentiated: its cotangents are then summed, and its derivative taken
  // once.
  pm.addNestedPass<func::FuncOp>(createShare());
  pm.addPass(createAutodiff());
  cleanUp(pm);
}

static void buildFusedPipeline(OpPassManager &pm,
                               const PipelineOptions &pipeline) {
  pm.addNestedPass<func::FuncOp>(createDecomposeNorms());
  pm.addNestedPass<func::FuncOp>(createFoldNorms());
  cleanUp(pm);
  // Again, for the sums that the derivatives are.
  pm.addNestedPass<func::FuncOp>(createShare());
  cleanUp(pm);
  FuseOptions options;
  options.fuse = pipeline.fuse;
  if (pipeline.maxOperationsPerByte)
    options.maxOperationsPerByte = *pipeline.maxOperationsPerByte;
  pm.addNestedPass<func::FuncOp>(createFuse(options));
  cleanUp(pm);
  if (pipeline.bf16)
    pm.addNestedPass<func::FuncOp>(createRoundMaps());
  pm.addPass(createOutlineStages());
}

void dale::buildPipeline(OpPassManager &pm, const PipelineOptions &options) {
  buildTensorPipeline(pm, options.doublePrecision);
  if (options.level != EmitLevel::Tensor)
    buildPipelineFromTensors(pm, options);
}

void dale::buildPipelineFromTensors(OpPassManager &pm,
                                    const PipelineOptions &options) {
  buildGradPipeline(pm);
  if (options.level == EmitLevel::Grad)
    return;
  buildFusedPipeline(pm, options);
  if (options.level != EmitLevel::Fused)
    buildPipelineFromStages(pm, options);
}

void dale::setCpuOptions(CpuOptions &cpu, const PipelineOptions &options) {
  cpu.vectorBits = options.vectorBits;
  cpu.numRegisters = options.numRegisters;
  cpu.cacheBytes = options.cacheBytes;
  cpu.secondCacheBytes = options.secondCacheBytes;
  cpu.bf16Instructions = options.bf16Instructions;
  cpu.packProducts = options.bf16 && options.bf16Products;
}

void dale::buildPipelineFromStages(OpPassManager &pm,
                                   const PipelineOptions &options) {
  CpuOptions cpu;
  setCpuOptions(cpu, options);
  buildLoopsPipeline(pm, cpu);
  if (options.level == EmitLevel::Loops)
    return;
  buildVectorPipeline(pm, cpu);
  if (options.level == EmitLevel::Vector)
    return;
  buildLLVMPipeline(pm, cpu);
}

void dale::registerPipelines() {
  auto add = [](StringRef name, StringRef description, EmitLevel level) {
    PassPipelineRegistration<>(name, description, [level](OpPassManager &pm) {
      PipelineOptions options;
      options.level = level;
      buildPipeline(pm, options);
    });
  };
  add("dale-pipeline-tensor", "a circuit to functions on tensors",
      EmitLevel::Tensor);
  add("dale-pipeline-grad", "a circuit to its training step", EmitLevel::Grad);
  add("dale-pipeline-fused", "a circuit to stages", EmitLevel::Fused);
}
