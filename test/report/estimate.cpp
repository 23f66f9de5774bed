//===- estimate.cpp - Estimates of numbers from the command line ----------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/Statistics.h"

#include <fmt/format.h>

#include <cstdlib>

/// Prints mean, low and high of the arguments.
int main(int argc, char **argv) {
  std::vector<double> values;
  for (int i = 1; i < argc; ++i)
    values.push_back(std::strtod(argv[i], nullptr));
  if (auto estimated = dale::report::estimate(values))
    fmt::print("{} {} {}\n", estimated->mean, estimated->low(),
               estimated->high());
}
