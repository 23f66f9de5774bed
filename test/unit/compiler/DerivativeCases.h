//===- DerivativeCases.h - Programs to differentiate ------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_TEST_UNIT_COMPILER_DERIVATIVECASES_H
#define DALE_TEST_UNIT_COMPILER_DERIVATIVECASES_H

#include <cstdint>
#include <string>
#include <vector>

namespace dale::test {

/// A named value of a program, and its shape as in "3x3x2".
struct Operand {
  std::string name, shape;

  std::vector<int64_t> extents() const;
  int64_t elements() const;
};

/// A small program around one op.
struct DerivativeCase {
  /// Letters and digits, for the test's name.
  std::string name;
  /// The op's full name.
  std::string op;
  /// Values of this shape an image, each an image times trained factors.
  std::vector<Operand> batched;
  /// Trained variables, the same for all images.
  std::vector<Operand> shared;
  /// Ops that compute %r from these, from %theta (all parameters), %labels
  /// (tensor<?xi32>, 0 to 3) and %count (tensor<f64>, the number of images).
  /// `t<2x3>` stands for tensor<2x3xf64>, and `t<P>` for the type of %theta.
  std::string body;
  /// The shape of %r, with a leading "?" where it is batched.
  std::string result;
  int64_t batch = 3;

  /// All variables: factors, shared ones, and a weight for each element of %r.
  std::vector<Operand> variables() const;
  int64_t numParameters() const;
  /// Elements that an image has at most.
  int64_t imageElements() const;

  /// The module: the loss is the sum of weight * r * r, so that neither it nor
  /// r's cotangent is the same everywhere.
  std::string module() const;
};

/// At least one for each op that has a derivative.
const std::vector<DerivativeCase> &derivativeCases();

} // namespace dale::test

#endif // DALE_TEST_UNIT_COMPILER_DERIVATIVECASES_H
