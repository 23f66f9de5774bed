//===- CompileOptions.cpp - The options of dale compile -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/CompileOptions.h"
#include "compiler/TargetNames.h"
#include "llvm/ADT/StringSwitch.h"
#include <cstdlib>

using namespace mlir;
using namespace dale;

static EmitLevel levelOf(StringRef name) {
  return llvm::StringSwitch<EmitLevel>(name)
      .Case("tensor", EmitLevel::Tensor)
      .Case("grad", EmitLevel::Grad)
      .Case("fused", EmitLevel::Fused)
      .Case("gpu", EmitLevel::Gpu)
      .Case("nvvm", EmitLevel::Nvvm)
      .Case("ptx", EmitLevel::Ptx)
      .Case("gpu-report", EmitLevel::GpuReport)
      .Case("loops", EmitLevel::Loops)
      .Case("vector", EmitLevel::Vector)
      .Case("llvm", EmitLevel::LLVM)
      .Case("asm", EmitLevel::Asm)
      .Default(EmitLevel::Object);
}

/// What --gpu asks for, where it means something.
static GpuTargets gpuTargetsOf(const CommandLine &commandLine) {
  GpuTargets gpu;
  if (commandLine.emit == "exe" || commandLine.emit == "gpu-report")
    gpu = *parseGpuTargets(commandLine.gpu, commandLine.element == "f64");
  gpu.imageBlocks = llvm::StringSwitch<ImageBlocks>(commandLine.imageBlocks)
                        .Case("one", ImageBlocks::One)
                        .Case("several", ImageBlocks::Several)
                        .Default(ImageBlocks::Auto);
  return gpu;
}

std::string dale::checkGpu(const std::string &text) {
  if (parseGpuTargets(text))
    return {};
  const char *environment = std::getenv("DALE_GPU");
  bool isFromThere = environment && text == environment;
  return "'" + text + "'" +
         (isFromThere ? ", from DALE_GPU in the environment" : "") +
         ": expected " + gpuTargetNames.str();
}

std::string dale::checkTargetCpu(const std::string &text) {
  if (isTargetCpu(text))
    return {};
  return "'" + text + "': expected " + targetCpuNames.str();
}

std::string dale::checkTogether(const CommandLine &commandLine) {
  auto conflict = findConflict(compileOptionsOf(commandLine));
  if (!conflict)
    return {};
  return (conflict->option + ": " + conflict->problem).str();
}

CompileOptions dale::compileOptionsOf(const CommandLine &commandLine) {
  CompileOptions options;
  options.level = levelOf(commandLine.emit);
  options.fuse = commandLine.fuse;
  options.maxOperationsPerByte = commandLine.recompute;
  options.doublePrecision = commandLine.element == "f64";
  options.targetCpu = commandLine.targetCpu;
  options.gpu = gpuTargetsOf(commandLine);
  options.precision = parsePrecision(commandLine.precision);
  options.printTiming = commandLine.printTiming;
  return options;
}
