//===- Suggest.cpp - The nearest valid name -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Suggest.h"
#include <algorithm>

using namespace llvm;

StringRef dale::nearestName(StringRef name, ArrayRef<StringRef> candidates) {
  unsigned limit = std::max<size_t>(1, name.size() / 3);
  StringRef best;
  if (name.size() >= 3)
    for (StringRef candidate : candidates)
      if (candidate.starts_with_insensitive(name))
        return candidate;
  for (StringRef candidate : candidates) {
    if (name.equals_insensitive(candidate))
      return candidate;
    // A name of one letter is not near any other.
    if (name.size() < 2 || candidate.size() < 2)
      continue;
    unsigned distance = name.edit_distance_insensitive(candidate);
    if (distance <= limit) {
      limit = distance - 1;
      best = candidate;
      if (limit == 0)
        break;
    }
  }
  return best;
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
