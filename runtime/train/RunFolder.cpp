//===- RunFolder.cpp - Where a training run keeps its files ---------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/RunFolder.h"

#include "runtime/Error.h"
#include "runtime/io/AtomicFile.h"

#include <algorithm>
#include <initializer_list>
#include <vector>

using namespace dale::runtime;
namespace fs = std::filesystem;

fs::path RunFolder::kept(int64_t epoch) const {
  return root / fmt::format("epoch-{}.safetensors", epoch);
}

std::string RunFolder::name() const {
  fs::path canonical = fs::absolute(root).lexically_normal();
  if (!canonical.has_filename())
    canonical = canonical.parent_path();
  return canonical.filename().string();
}

static bool anyExists(std::initializer_list<fs::path> files) {
  std::error_code ignored;
  return std::ranges::any_of(
      files, [&](const fs::path &file) { return fs::exists(file, ignored); });
}

bool RunFolder::holdsRun() const {
  return anyExists({checkpoint(), metrics(), summary()});
}

bool RunFolder::holdsAnalysis() const {
  return anyExists({analysis(), analysisSummary(), responses()});
}

void RunFolder::create() const {
  std::error_code error;
  fs::create_directories(root, error);
  if (error || !fs::is_directory(root, error))
    fail("{}: cannot be made a folder: {}; choose another --out", root.string(),
         error ? error.message() : "a file has that name");
  // Never committed: only finds out whether it could be.
  AtomicFile probe(checkpoint());
}

void RunFolder::clear() const {
  std::vector<fs::path> files = {checkpoint(), metrics(),  summary(),
                                 source(),     analysis(), analysisSummary(),
                                 responses()};
  std::error_code error;
  for (const fs::directory_entry &entry : fs::directory_iterator(root, error)) {
    std::string name = entry.path().filename().string();
    if (name.starts_with("epoch-") && name.ends_with(".safetensors"))
      files.push_back(entry.path());
  }
  for (const fs::path &file : files) {
    fs::remove(file, error);
    if (error)
      fail("{}: cannot be removed: {}; choose another --out", file.string(),
           error.message());
  }
}
