//===- BatchSize.h - Where broadcasts have the batch's size from -*- C++
//-*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_FUSE_BATCHSIZE_H
#define DALE_COMPILER_FUSE_BATCHSIZE_H

#include "dialect/TensorOps.h"

namespace dale {

/// Any batched tensor tells a broadcast how large the batch is: an argument is
/// there everywhere, and nothing has to be computed for it.
inline void takeBatchSizeFromArgument(mlir::Block &block) {
  auto batched = llvm::find_if(block.getArguments(), [](mlir::Value argument) {
    return isBatched(argument.getType());
  });
  if (batched == block.getArguments().end())
    return;
  for (auto op : block.getOps<BroadcastOp>())
    if (op.getLike())
      op.getLikeMutable().assign(*batched);
}

} // namespace dale

#endif // DALE_COMPILER_FUSE_BATCHSIZE_H
