//===- Precision.h - What products round their factors to -----*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_PRECISION_H
#define DALE_COMPILER_LOWER_PRECISION_H

namespace dale {

/// What the factors of products of matrices are rounded to, and in BF16 the maps
/// that go from stage to stage. Sums, and all other arithmetic, are f32 in each.
enum class Precision {
  F32,  ///< not rounded
  TF32, ///< 10 bits of mantissa, the exponents of f32
  BF16  ///< 7 bits of mantissa, the exponents of f32
};

} // namespace dale

#endif // DALE_COMPILER_LOWER_PRECISION_H
