//===- TensorFile.h - Tensors to compare with one another -------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_TEST_GOLDEN_TENSORFILE_H
#define DALE_TEST_GOLDEN_TENSORFILE_H

#include "runtime/io/Safetensors.h"

#include <map>
#include <string>
#include <vector>

namespace dale::test {

struct Tensor {
  runtime::Shape shape;
  std::vector<double> values;

  double largest() const;
};

using Tensors = std::map<std::string, Tensor>;

/// All real tensors of a safetensors file.
Tensors readTensors(const std::filesystem::path &path);

/// Writes them in double precision.
void writeTensors(const std::filesystem::path &path, const Tensors &tensors);

/// Writes a batch for the command `step`, with images in single precision.
void writeBatch(const std::filesystem::path &path, const runtime::Shape &shape,
                const std::vector<float> &images,
                const std::vector<int32_t> &labels);

/// What a tensor of a result holds, by its name.
enum class Kind { Logits, Responses, Averages, Loss, Next, Gradients };
Kind kindOf(const std::string &name);

/// The largest difference that is allowed for each kind, as max|difference| /
/// max(max|expected|, 0.01).
struct Tolerances {
  double logits, responses, averages, loss, next, gradients;

  double of(Kind kind) const;
};

/// Golden values against a circuit in single precision.
inline constexpr Tolerances singlePrecision = {2e-5, 1e-5, 1e-5,
                                               1e-5, 4e-4, 8e-4};

/// Double precision: rounding differs, and no more.
inline constexpr Tolerances doublePrecision = {1e-12, 1e-12, 1e-12,
                                               1e-12, 1e-12, 1e-12};

/// The same against golden values, whose sums have another order: gradients
/// that cancel, as of a bias before a batch norm, keep fewer digits.
inline constexpr Tolerances goldenDoublePrecision = {1e-12, 1e-12, 1e-12,
                                                     1e-12, 1e-12, 1e-10};

/// The same where sums are longer, and batch norms divide by small deviations.
inline constexpr Tolerances wideDoublePrecision = {1e-9, 1e-9, 1e-9,
                                                   1e-9, 1e-9, 1e-9};

/// Expects all of `expected` in `actual`, within the tolerances, and prints the
/// worst tensor of each kind.
void expectTensors(const Tensors &actual, const Tensors &expected,
                   const Tolerances &tolerances);

} // namespace dale::test

#endif // DALE_TEST_GOLDEN_TENSORFILE_H
