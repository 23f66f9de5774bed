//===- OffsetPlanner.h - Places for buffers by their lifetimes -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_OFFSETPLANNER_H
#define DALE_COMPILER_LOWER_OFFSETPLANNER_H

#include "llvm/ADT/SmallVector.h"
#include <cstdint>

namespace dale {

/// Places buffers in one block of memory so that two that live at the same time
/// do not overlap, each at the lowest offset that is free for all of its life.
class OffsetPlanner {
public:
  /// Offsets and sizes are multiples of this many bytes: a cache line, and a
  /// vector register.
  static constexpr int64_t alignment = 64;

  /// Adds a buffer of `bytes` that lives from `begin` to `end`, both included,
  /// in any unit of time. Returns its number.
  unsigned add(int64_t bytes, int64_t begin, int64_t end);

  /// Finds places for all buffers, the largest first; returns the size of the
  /// whole block.
  int64_t plan();

  /// Finds places for the buffers for which there is room in a block of `limit`
  /// bytes, in the order in which they were added; returns its size.
  int64_t planWithin(int64_t limit);

  bool isPlaced(unsigned buffer) const { return buffers[buffer].offset >= 0; }
  int64_t getOffset(unsigned buffer) const { return buffers[buffer].offset; }

private:
  struct Buffer {
    int64_t bytes, begin, end, offset;
  };
  int64_t place(llvm::ArrayRef<Buffer *> order, int64_t limit);

  llvm::SmallVector<Buffer> buffers;
};

} // namespace dale

#endif // DALE_COMPILER_LOWER_OFFSETPLANNER_H
