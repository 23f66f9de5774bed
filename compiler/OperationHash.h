//===- OperationHash.h - Equal ops have equal hashes ------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_OPERATIONHASH_H
#define DALE_COMPILER_OPERATIONHASH_H

#include "mlir/IR/Operation.h"

namespace dale {

/// A hash of the ops within a region and their types, to be combined with
/// `seed`. Regions that `OperationEquivalence` calls equal have equal ones.
inline llvm::hash_code hashOps(mlir::Region &region, llvm::hash_code seed) {
  region.walk([&](mlir::Operation *op) {
    seed = llvm::hash_combine(seed, op->getName(), op->getRawDictionaryAttrs(),
                              op->hashProperties(),
                              llvm::hash_combine_range(op->getResultTypes()));
  });
  return seed;
}

} // namespace dale

#endif // DALE_COMPILER_OPERATIONHASH_H
