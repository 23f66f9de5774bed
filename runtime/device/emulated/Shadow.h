//===- Shadow.h - Who touched which byte when ----------------- -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the emulated GPU knows about each byte of memory: the last write, and
/// enough of the reads since to tell whether another write races with one.
///
/// Time is counted in epochs: a barrier of a block raises the block's epoch,
/// and one of the grid raises all blocks' to one that is larger than any
/// before. Epochs only grow, from launch to launch too, so that nothing needs
/// clearing.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_EMULATED_SHADOW_H
#define DALE_RUNTIME_DEVICE_EMULATED_SHADOW_H

#include <cstdint>
#include <memory>
#include <vector>

namespace dale::runtime {

/// Which thread did something, when, and where in the code.
struct AccessStamp {
  /// Of the block in the high bits, of the thread in it in the low ones.
  uint32_t thread = 0;
  /// 0: never.
  uint32_t epoch = 0;
  /// A number that stands for the operation.
  uint32_t where = 0;

  static constexpr uint32_t threadBits = 10;
  uint32_t block() const { return thread >> threadBits; }
};

/// One access that happens now.
struct CurrentAccess {
  AccessStamp stamp;
  /// When all blocks waited for each other last.
  uint32_t gridEpoch = 0;
  /// The same for those of the block's team, which have numbers from `teamBegin`
  /// to before `teamEnd`.
  uint32_t teamEpoch = 0;
  uint32_t teamBegin = 0, teamEnd = 0;
  /// What was written before this epoch does not count as written.
  uint32_t writtenSince = 0;
};

/// Why an access is wrong.
struct AccessConflict {
  enum class Kind {
    None,
    /// Another thread's write or read, with no barrier since.
    RaceWithWrite,
    RaceWithRead,
    /// Nobody wrote what is read.
    Unwritten,
  };
  Kind kind = Kind::None;
  /// The first byte that it is about.
  int64_t offset = 0;
  AccessStamp other;
};

class Shadow {
public:
  /// Makes room for `bytes`.
  void resize(int64_t bytes);

  /// Checks and notes an access to bytes that are within.
  AccessConflict read(int64_t offset, int64_t bytes, const CurrentAccess &now);
  AccessConflict write(int64_t offset, int64_t bytes, const CurrentAccess &now);

private:
  struct Cell {
    AccessStamp write;
    /// Two readers since the write are enough: of one block if all are of it,
    /// so that a write of either finds the other; else of two blocks.
    AccessStamp read, otherRead;
  };

  /// A cell stands for four bytes, until smaller accesses come to the page;
  /// then for one.
  struct Page {
    std::unique_ptr<Cell[]> cells;
    bool fine = false;
  };
  static constexpr int64_t pageShift = 12, pageBytes = int64_t(1) << pageShift;
  static constexpr int64_t wordBytes = 4;

  template <typename Check>
  AccessConflict forEachCell(int64_t offset, int64_t bytes, Check check);

  static void refine(Page &page);
  static void noteRead(Cell &cell, const CurrentAccess &now);

  std::vector<Page> pages;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_EMULATED_SHADOW_H
