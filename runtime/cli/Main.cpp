//===- Main.cpp - Where a circuit's executable begins ---------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cli/Program.h"

int main(int argc, char **argv) {
  return dale::runtime::runProgram(argc, argv);
}
