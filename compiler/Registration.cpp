//===- Registration.cpp - Everything dale's tools know -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Registration.h"
#include "compiler/Pipeline.h"
#include "compiler/autodiff/Passes.h"
#include "compiler/expand/Passes.h"
#include "compiler/fuse/Passes.h"
#include "compiler/lower/Passes.h"
#include "compiler/lower/cpu/Passes.h"
#include "compiler/lower/cpu/Pipeline.h"
#include "compiler/lower/gpu/Passes.h"
#include "compiler/lower/gpu/Pipeline.h"
#include "dialect/Dialect.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Target/LLVMIR/Dialect/All.h"

void dale::registerDialects(mlir::DialectRegistry &registry) {
  registry.insert<DaleDialect>();
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllToLLVMIRTranslations(registry);
  registerUpstreamDerivatives(registry);
}

void dale::registerPasses() {
  mlir::registerAllPasses();
  registerAutodiffPasses();
  registerExpandPasses();
  registerFusePasses();
  registerLowerPasses();
  registerLowerCpuPasses();
  registerCpuPipeline();
  registerLowerGpuPasses();
  registerGpuPipelines();
  registerPipelines();
}
