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
#include <system_error>
#include <vector>

using namespace dale::runtime;
namespace fs = std::filesystem;

static bool anyExists(std::initializer_list<fs::path> files) {
  std::error_code ignored;
  return std::ranges::any_of(
      files, [&](const fs::path &file) { return fs::exists(file, ignored); });
}

static void createFolder(const fs::path &path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error || !fs::is_directory(path, error))
    fail("{}: cannot be made a folder: {}; choose another --out", path.string(),
         error ? error.message() : "a file has that name");
}

static void removeFiles(const std::vector<fs::path> &files) {
  std::error_code error;
  for (const fs::path &file : files) {
    fs::remove(file, error);
    if (error)
      fail("{}: cannot be removed: {}; choose another --out", file.string(),
           error.message());
  }
}

//===----------------------------------------------------------------------===//
// An analysis
//===----------------------------------------------------------------------===//

bool AnalysisFolder::holdsAnalysis() const {
  return anyExists({table(), summary(), tensors()});
}

bool AnalysisFolder::isComplete() const { return anyExists({summary()}); }

void AnalysisFolder::create() const {
  createFolder(root);
  // Never committed: only finds out whether it could be.
  AtomicFile probe(summary());
}

void AnalysisFolder::clear() const {
  removeFiles({summary(), table(), tensors()});
}

//===----------------------------------------------------------------------===//
// A run
//===----------------------------------------------------------------------===//

AnalysisFolder RunFolder::analysisAt(int64_t epoch) const {
  return AnalysisFolder(analyses() / fmt::format("epoch-{}", epoch));
}

fs::path RunFolder::kept(int64_t epoch) const {
  return root / fmt::format("epoch-{}.safetensors", epoch);
}

std::string RunFolder::name() const {
  fs::path canonical = fs::absolute(root).lexically_normal();
  if (!canonical.has_filename())
    canonical = canonical.parent_path();
  return canonical.filename().string();
}

bool RunFolder::holdsRun() const {
  return anyExists({checkpoint(), metrics(), summary()});
}

void RunFolder::create() const {
  createFolder(root);
  AtomicFile probe(checkpoint());
}

void RunFolder::clear() const {
  analysis().clear();
  std::vector<fs::path> files = {checkpoint(), metrics(), summary(), source()};
  std::error_code ignored;
  for (const fs::directory_entry &entry :
       fs::directory_iterator(root, ignored)) {
    std::string name = entry.path().filename().string();
    if (name.starts_with("epoch-") && name.ends_with(".safetensors"))
      files.push_back(entry.path());
  }
  removeFiles(files);
  // Folders go only if nothing else is in them.
  for (const fs::directory_entry &entry :
       fs::directory_iterator(analyses(), ignored)) {
    if (!entry.path().filename().string().starts_with("epoch-"))
      continue;
    AnalysisFolder(entry.path()).clear();
    fs::remove(entry.path(), ignored);
  }
  fs::remove(analyses(), ignored);
}
