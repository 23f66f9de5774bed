//===- RoundedMaps.h - Maps in bf16 ----------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_ROUNDEDMAPS_H
#define DALE_COMPILER_LOWER_ROUNDEDMAPS_H

#include "compiler/lower/LinalgBuilder.h"

namespace dale {

/// A number in bf16, rounded to the nearest.
mlir::Value roundToBF16(LinalgBuilder &build, mlir::Value value);

/// A map in bf16, rounded where it is computed. What is put together of parts,
/// as a padded map is, is put together of rounded ones.
mlir::Value roundMap(LinalgBuilder &build, mlir::Value map);

} // namespace dale

#endif // DALE_COMPILER_LOWER_ROUNDEDMAPS_H
