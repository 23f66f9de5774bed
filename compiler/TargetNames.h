//===- TargetNames.h - What code is made for, by name -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_TARGETNAMES_H
#define DALE_COMPILER_TARGETNAMES_H

#include "compiler/Driver.h"
#include "llvm/ADT/StringRef.h"
#include <optional>

namespace dale {

/// The names that users give to what is compiled for: on the command line, and
/// in experiments. What is wrong with them is told before there is a circuit.

/// "auto", "none", "emulated" or architectures, as "sm_80,sm_90"; "auto" is
/// nothing in double precision. Nothing where the text is none of them.
std::optional<GpuTargets> parseGpuTargets(llvm::StringRef text,
                                          bool doublePrecision = false);

/// What `parseGpuTargets` takes, in words.
inline constexpr llvm::StringLiteral gpuTargetNames =
    "auto, none, emulated, or architectures from sm_80 on, as in sm_80,sm_90";

/// Whether there is code for a processor: "native", or one that LLVM knows.
bool isTargetCpu(llvm::StringRef name);

/// What `isTargetCpu` takes, in words.
inline constexpr llvm::StringLiteral targetCpuNames =
    "native, or a processor as LLVM names it, such as x86-64, haswell, "
    "skylake-avx512 or znver4";

/// "f32", "tf32" or "bf16".
Precision parsePrecision(llvm::StringRef text);

/// An option that others forbid, and why.
struct Conflict {
  llvm::StringRef option, problem;
};

/// What cannot be compiled together, of options that are right by themselves.
std::optional<Conflict> findConflict(const CompileOptions &options);

} // namespace dale

#endif // DALE_COMPILER_TARGETNAMES_H
