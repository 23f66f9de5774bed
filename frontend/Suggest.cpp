//===- Suggest.cpp - The nearest valid name -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Suggest.h"
#include "llvm/ADT/StringExtras.h"
#include <algorithm>
#include <numeric>
#include <vector>

using namespace llvm;

/// Edit distance without regard to case, where two letters in the wrong order
/// are one slip.
static unsigned slips(StringRef a, StringRef b) {
  // Three rows of the table: distances of prefixes of `a` to prefixes of `b`.
  std::vector<unsigned> before, above, row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (size_t i = 1; i <= a.size(); ++i) {
    before = std::exchange(above, row);
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      unsigned change = toLower(a[i - 1]) != toLower(b[j - 1]);
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + change});
      if (i > 1 && j > 1 && toLower(a[i - 1]) == toLower(b[j - 2]) &&
          toLower(a[i - 2]) == toLower(b[j - 1]))
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

/// Whether one name is the other one cut short.
static bool abbreviates(StringRef a, StringRef b) {
  return std::min(a.size(), b.size()) >= 3 &&
         (a.starts_with_insensitive(b) || b.starts_with_insensitive(a));
}

StringRef dale::nearestName(StringRef name, ArrayRef<StringRef> candidates) {
  unsigned best = std::max<size_t>(1, name.size() / 3) + 1;
  StringRef nearest;
  for (StringRef candidate : candidates) {
    // A name of one letter is not near any other.
    unsigned distance = slips(name, candidate);
    if (distance > 0 && std::min(name.size(), candidate.size()) < 2)
      continue;
    if (distance >= best)
      continue;
    best = distance;
    nearest = candidate;
  }
  if (!nearest.empty())
    return nearest;
  for (StringRef candidate : candidates)
    if (abbreviates(name, candidate))
      return candidate;
  return {};
}

std::string dale::listNames(ArrayRef<StringRef> names, StringRef conjunction) {
  std::string list;
  for (size_t index = 0; index < names.size(); ++index) {
    if (index > 0)
      list += index + 1 < names.size() ? ", " : " " + conjunction.str() + " ";
    list += names[index];
  }
  return list;
}

std::string dale::suggest(StringRef name, ArrayRef<StringRef> candidates) {
  if (StringRef near = nearestName(name, candidates); !near.empty())
    return "; did you mean '" + near.str() + "'?";
  if (candidates.empty())
    return "";
  return "; expected " + listNames(candidates);
}
