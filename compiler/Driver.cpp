//===- Driver.cpp - From a circuit to an executable -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Driver.h"
#include "compiler/Pipeline.h"
#include "compiler/emit/Description.h"
#include "compiler/emit/Target.h"
#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace dale;

LogicalResult dale::compileCircuit(ModuleOp module,
                                   const CompileOptions &options,
                                   llvm::raw_pwrite_stream &os) {
  FailureOr<Target> target = Target::create(module, options.targetCpu);
  if (failed(target))
    return failure();

  PassManager pm(module.getContext());
  pm.enableVerifier(options.verifyEach);
  DefaultTimingManager timing;
  if (options.printTiming)
    timing.setEnabled(true);
  TimingScope root = timing.getRootScope();
  pm.enableTiming(root);

  PipelineOptions pipeline;
  pipeline.level = options.level;
  pipeline.fuse = options.fuse;
  pipeline.doublePrecision = options.doublePrecision;
  pipeline.vectorBits = target->getVectorBits();
  pipeline.numRegisters = target->getNumVectorRegisters();
  buildPipeline(pm, pipeline);
  if (failed(pm.run(module)))
    return failure();
  if (options.level < EmitLevel::LLVM) {
    module.print(os);
    return success();
  }

  TimingScope backend = root.nest("LLVM");
  if (failed(addDescription(module, *target, options.source)))
    return failure();
  return target->emit(module, options.level, os);
}
