//===- TargetNames.cpp - What code is made for, by name -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/TargetNames.h"
#include "compiler/emit/Target.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace dale;

std::optional<GpuTargets> dale::parseGpuTargets(StringRef text,
                                                bool doublePrecision) {
  // Numbers that are to be checked are no work for a GPU.
  if (text == "auto" && doublePrecision)
    text = "none";
  GpuTargets gpu;
  gpu.mode = llvm::StringSwitch<GpuMode>(text)
                 .Case("none", GpuMode::None)
                 .Case("emulated", GpuMode::Emulated)
                 .Default(GpuMode::Code);
  if (gpu.mode != GpuMode::Code || text == "auto")
    return gpu;
  SmallVector<StringRef> names;
  text.split(names, ',');
  for (StringRef name : names) {
    int architecture;
    if (name == "ptx") // which there is in any case
      continue;
    if (!name.consume_front("sm_") || name.getAsInteger(10, architecture) ||
        architecture < 80)
      return std::nullopt;
    gpu.architectures.push_back(architecture);
  }
  return gpu;
}

bool dale::isTargetCpu(StringRef name) { return Target::isKnown(name); }

Precision dale::parsePrecision(StringRef text) {
  return llvm::StringSwitch<Precision>(text)
      .Case("tf32", Precision::TF32)
      .Case("bf16", Precision::BF16)
      .Default(Precision::F32);
}

/// Whether there is code for GPUs in what is written.
static bool hasGpuCode(const CompileOptions &options) {
  switch (options.level) {
  case EmitLevel::Gpu:
  case EmitLevel::Nvvm:
  case EmitLevel::Ptx:
  case EmitLevel::GpuReport:
    return true;
  case EmitLevel::Object:
    return options.gpu.mode != GpuMode::None;
  default:
    return false;
  }
}

std::optional<Conflict> dale::findConflict(const CompileOptions &options) {
  if (options.doublePrecision && options.precision != Precision::F32)
    return Conflict{"--precision",
                    "tf32 and bf16 are for code that computes in f32: leave it "
                    "out, or --element f64"};
  if (options.precision == Precision::TF32 && !hasGpuCode(options))
    return Conflict{"--precision",
                    "tf32 is for GPU code: expected f32 or bf16 here; leave it "
                    "out, or --gpu none"};
  if (options.doublePrecision && options.level == EmitLevel::Ptx)
    return Conflict{"--emit", "PTX computes in f32: expected another level, or "
                              "--element f32"};
  // Emulated kernels compute in either.
  if (options.doublePrecision && hasGpuCode(options) &&
      options.gpu.mode == GpuMode::Code)
    return Conflict{"--gpu", "GPU code computes in f32: leave it out, or "
                             "--element f64"};
  return std::nullopt;
}
