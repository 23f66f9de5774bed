//===- Shadow.cpp - Who touched which byte when ---------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/device/emulated/Shadow.h"

#include <algorithm>
#include <utility>

using namespace dale::runtime;
using Kind = AccessConflict::Kind;

/// Whether a barrier of the grid or of the team stands between an earlier
/// access and this one. What races with that one later then races with this
/// one, too.
static bool isOver(const AccessStamp &earlier, const CurrentAccess &now) {
  return earlier.epoch < now.gridEpoch ||
         (earlier.epoch < now.teamEpoch && earlier.block() >= now.teamBegin &&
          earlier.block() < now.teamEnd);
}

/// Whether no barrier stands between an earlier access and this one, of another
/// thread.
static bool unordered(const AccessStamp &earlier, const CurrentAccess &now) {
  if (isOver(earlier, now))
    return false;
  if (earlier.block() != now.stamp.block())
    return true;
  return earlier.epoch == now.stamp.epoch && earlier.thread != now.stamp.thread;
}

void Shadow::resize(int64_t bytes) {
  size_t needed = static_cast<size_t>((bytes + pageBytes - 1) >> pageShift);
  if (pages.size() < needed)
    pages.resize(needed);
}

void Shadow::refine(Page &page) {
  auto fine = std::make_unique<Cell[]>(pageBytes);
  for (int64_t i = 0; i < pageBytes; ++i)
    fine[i] = page.cells[i / wordBytes];
  page.cells = std::move(fine);
  page.fine = true;
}

template <typename Check>
AccessConflict Shadow::forEachCell(int64_t offset, int64_t bytes, Check check) {
  bool words = (offset | bytes) % wordBytes == 0;
  for (int64_t at = offset, end = offset + bytes; at < end;) {
    Page &page = pages[static_cast<size_t>(at >> pageShift)];
    if (!page.cells)
      page.cells = std::make_unique<Cell[]>(pageBytes / wordBytes);
    if (!words && !page.fine)
      refine(page);
    int64_t step = page.fine ? 1 : wordBytes;
    int64_t pageEnd = std::min((at & -pageBytes) + pageBytes, end);
    for (; at < pageEnd; at += step) {
      Cell &cell = page.cells[(at & (pageBytes - 1)) / step];
      AccessConflict conflict = check(cell);
      if (conflict.kind == Kind::None)
        continue;
      conflict.offset = at;
      return conflict;
    }
  }
  return {};
}

void Shadow::noteRead(Cell &cell, const CurrentAccess &now) {
  uint32_t block = now.stamp.block();
  if (isOver(cell.otherRead, now))
    cell.otherRead = {};
  if (isOver(cell.read, now))
    cell.read = std::exchange(cell.otherRead, {});
  bool another = !isOver(cell.otherRead, now);
  if (isOver(cell.read, now)) {
    cell.read = now.stamp;
  } else if (cell.read.block() != block) {
    if (!another || cell.otherRead.block() == cell.read.block())
      cell.otherRead = now.stamp;
  } else if (cell.read.epoch < now.stamp.epoch) {
    // What races with the earlier read of this block races with this one too.
    cell.read = now.stamp;
    if (another && cell.otherRead.block() == block)
      cell.otherRead = {};
  } else if (cell.read.thread != now.stamp.thread && !another) {
    cell.otherRead = now.stamp;
  }
}

AccessConflict Shadow::read(int64_t offset, int64_t bytes,
                            const CurrentAccess &now) {
  return forEachCell(offset, bytes, [&](Cell &cell) -> AccessConflict {
    if (unordered(cell.write, now))
      return {Kind::RaceWithWrite, 0, cell.write};
    if (cell.write.epoch < now.writtenSince)
      return {Kind::Unwritten, 0, {}};
    noteRead(cell, now);
    return {};
  });
}

AccessConflict Shadow::write(int64_t offset, int64_t bytes,
                             const CurrentAccess &now) {
  return forEachCell(offset, bytes, [&](Cell &cell) -> AccessConflict {
    if (unordered(cell.write, now))
      return {Kind::RaceWithWrite, 0, cell.write};
    if (unordered(cell.read, now))
      return {Kind::RaceWithRead, 0, cell.read};
    if (unordered(cell.otherRead, now))
      return {Kind::RaceWithRead, 0, cell.otherRead};
    // Accesses from before that race with a later one do so with this write.
    cell.write = now.stamp;
    cell.read = cell.otherRead = {};
    return {};
  });
}
