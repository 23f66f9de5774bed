//===- ReuseInputs.h - Results in the places of inputs ---------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_REUSEINPUTS_H
#define DALE_COMPILER_LOWER_REUSEINPUTS_H

#include "llvm/ADT/ArrayRef.h"
#include <cstdint>
#include <optional>

namespace dale {

/// A map of each image that one stage computes and later ones read.
struct StoredMap {
  int64_t bytes; ///< of an image
  /// The numbers of the calls that compute it and read it for the last time.
  int64_t begin, end;
  /// The map whose place it takes, if it does.
  std::optional<unsigned> replaces;
};

/// Lets results of a call take the places of inputs of equal size that it is
/// the last to read: one after the other where most bytes live at a time, until
/// that is no less by it. A call must then have read all of an image's inputs
/// before it writes such a result of that image.
void reuseInputs(llvm::MutableArrayRef<StoredMap> maps);

/// For each map the end of the life of its place, with all maps that replace
/// it; a map that replaces another has none.
llvm::SmallVector<std::optional<int64_t>>
getPlaceEnds(llvm::ArrayRef<StoredMap> maps);

} // namespace dale

#endif // DALE_COMPILER_LOWER_REUSEINPUTS_H
