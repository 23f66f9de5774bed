//===- Operations.h - What PTX's instructions compute -----------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_TEST_PTX_OPERATIONS_H
#define DALE_TEST_PTX_OPERATIONS_H

#include "Program.h"

namespace dale::test::ptx {

/// An operand's type, by its bytes: a predicate has none.
constexpr int predicate = 0;

struct Operation {
  Execute execute;
  std::vector<int> operands; // bytes of each, destinations first
  Flow flow = Flow::next;
};

/// The instruction of a name, as "fma.rn.f32", or null. Loads, stores, branches
/// and calls are not among them: the parser knows these.
const Operation *findOperation(std::string_view name);

/// A special register, as "%tid.x", as an instruction that reads it into 32
/// bits, or null.
Execute findSpecialRegister(std::string_view name);

/// Loads or stores of an address space ("", "global" or "shared"), of elements
/// of so many bytes, or null.
Execute findLoad(std::string_view space, int bytes);
Execute findStore(std::string_view space, int bytes);

} // namespace dale::test::ptx

#endif // DALE_TEST_PTX_OPERATIONS_H
