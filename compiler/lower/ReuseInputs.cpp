//===- ReuseInputs.cpp - Results in the places of inputs -------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/ReuseInputs.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVector.h"

using namespace dale;

llvm::SmallVector<std::optional<int64_t>>
dale::getPlaceEnds(llvm::ArrayRef<StoredMap> maps) {
  llvm::SmallVector<std::optional<int64_t>> ends(maps.size());
  for (const StoredMap &map : maps) {
    unsigned first = &map - maps.begin();
    while (maps[first].replaces)
      first = *maps[first].replaces;
    ends[first] = std::max(ends[first].value_or(map.end), map.end);
  }
  return ends;
}

/// The first of the calls during which most bytes live.
static int64_t findPeak(llvm::ArrayRef<StoredMap> maps) {
  int64_t last = 0;
  for (const StoredMap &map : maps)
    last = std::max(last, map.end);
  llvm::SmallVector<int64_t> live(last + 1, 0);
  for (auto [map, end] : llvm::zip(maps, getPlaceEnds(maps)))
    for (int64_t time = map.begin; end && time <= *end; ++time)
      live[time] += map.bytes;
  return std::max_element(live.begin(), live.end()) - live.begin();
}

/// Finds an input for a result of the call, the largest that there are.
static bool replaceOne(llvm::MutableArrayRef<StoredMap> maps, int64_t call) {
  llvm::SmallVector<bool> taken(maps.size(), false);
  for (const StoredMap &map : maps)
    if (map.replaces)
      taken[*map.replaces] = true;
  StoredMap *result = nullptr;
  unsigned input = 0;
  for (StoredMap &map : maps) {
    if (map.begin != call || map.replaces ||
        (result && map.bytes <= result->bytes))
      continue;
    for (auto [number, other] : llvm::enumerate(maps))
      if (other.end == call && other.begin < call && !taken[number] &&
          other.bytes == map.bytes) {
        result = &map;
        input = number;
        break;
      }
  }
  if (result)
    result->replaces = input;
  return result;
}

void dale::reuseInputs(llvm::MutableArrayRef<StoredMap> maps) {
  if (!maps.empty())
    while (replaceOne(maps, findPeak(maps)))
      ;
}
