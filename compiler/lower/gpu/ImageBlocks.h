//===- ImageBlocks.h - How many blocks work on an image -------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_GPU_IMAGEBLOCKS_H
#define DALE_COMPILER_LOWER_GPU_IMAGEBLOCKS_H

#include "mlir/IR/Operation.h"

namespace dale {

/// How many blocks of a GPU work on an image together.
enum class ImageBlocks {
  Auto,   ///< several where a map has no room in a block's shared memory
  One,    ///< one, whose shared memory holds the image's maps
  Several ///< as many as there are for each image of a batch
};

/// Whether a block works on an image alone: if nothing else was chosen, where
/// each map of an image in `within` has room in so much shared memory.
bool isBlockAlone(ImageBlocks choice, mlir::Operation *within,
                  int64_t sharedBytes);

} // namespace dale

#endif // DALE_COMPILER_LOWER_GPU_IMAGEBLOCKS_H
