//===- RandomInputs.h - Weights and batches for golden circuits -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_TEST_GOLDEN_RANDOMINPUTS_H
#define DALE_TEST_GOLDEN_RANDOMINPUTS_H

#include "TensorFile.h"

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace dale::test {

/// The file of golden values of a circuit: "weights", "batch", "expected", and
/// "second" of some, what a second step gives.
std::filesystem::path golden(const std::string &circuit, const char *what);

/// The names of all circuits in this folder.
std::vector<std::string> allCircuits();

/// `count` images of three channels, and labels.
void writeRandomBatch(const std::filesystem::path &file, int64_t count,
                      int64_t height, int64_t width);

/// Weights for a circuit that has no golden ones, of mixed sign, out of what
/// `info --json` says of it.
Tensors randomWeights(const nlohmann::json &circuit);

} // namespace dale::test

#endif // DALE_TEST_GOLDEN_RANDOMINPUTS_H
