//===- Mutator.h - Circuit files with mistakes ------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_TEST_FUZZ_MUTATOR_H
#define DALE_TEST_FUZZ_MUTATOR_H

#include "test/random/Draw.h"

#include <string>
#include <vector>

namespace dale::test {

/// Makes a text wrong, or different, in a few places: bytes, words, numbers,
/// lines, nesting. `others` are texts to take lines from.
std::string mutate(std::string text, const std::vector<std::string> &others,
                   Draw &draw);

} // namespace dale::test

#endif // DALE_TEST_FUZZ_MUTATOR_H
