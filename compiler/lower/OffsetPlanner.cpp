//===- OffsetPlanner.cpp - Places for buffers by their lifetimes -*- C++
//-*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/OffsetPlanner.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/MathExtras.h"
#include <limits>

using namespace dale;

unsigned OffsetPlanner::add(int64_t bytes, int64_t begin, int64_t end) {
  buffers.push_back(
      {static_cast<int64_t>(llvm::alignTo(bytes, alignment)), begin, end, -1});
  return buffers.size() - 1;
}

int64_t OffsetPlanner::plan() {
  llvm::SmallVector<Buffer *> order;
  for (Buffer &buffer : buffers)
    order.push_back(&buffer);
  llvm::stable_sort(order, [](const Buffer *a, const Buffer *b) {
    return a->bytes > b->bytes;
  });
  return place(order, std::numeric_limits<int64_t>::max());
}

int64_t OffsetPlanner::planWithin(int64_t limit) {
  llvm::SmallVector<Buffer *> order;
  for (Buffer &buffer : buffers)
    order.push_back(&buffer);
  return place(order, limit);
}

int64_t OffsetPlanner::place(llvm::ArrayRef<Buffer *> order, int64_t limit) {
  int64_t total = 0;
  llvm::SmallVector<Buffer *> placed;
  for (Buffer *buffer : order) {
    // Those in the way, from the lowest offset up.
    llvm::SmallVector<Buffer *> others;
    for (Buffer *other : placed)
      if (other->begin <= buffer->end && buffer->begin <= other->end)
        others.push_back(other);
    llvm::sort(others, [](const Buffer *a, const Buffer *b) {
      return a->offset < b->offset;
    });
    int64_t offset = 0;
    for (const Buffer *other : others)
      if (offset + buffer->bytes > other->offset)
        offset = std::max(offset, other->offset + other->bytes);
    if (offset > limit - buffer->bytes)
      continue;
    buffer->offset = offset;
    placed.push_back(buffer);
    total = std::max(total, offset + buffer->bytes);
  }
  return total;
}
