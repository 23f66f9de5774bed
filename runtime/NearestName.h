//===- NearestName.h - Suggestions for misspelt names -----------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The name that a reader of an error message most likely meant.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_NEARESTNAME_H
#define DALE_RUNTIME_NEARESTNAME_H

#include <string>
#include <string_view>
#include <vector>

namespace dale::runtime {

/// The candidate of the least edit distance to `name`, or an empty string if
/// none is near (more than a third of its letters differ, and more than two).
std::string nearestName(std::string_view name,
                        const std::vector<std::string> &candidates);

/// "; did you mean 'X'?", or an empty string.
std::string didYouMean(std::string_view name,
                       const std::vector<std::string> &candidates);

} // namespace dale::runtime

#endif // DALE_RUNTIME_NEARESTNAME_H
