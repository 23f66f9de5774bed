//===- Load.cpp - A circuit file and its bases -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Load.h"
#include "frontend/Merge.h"
#include "frontend/Toml.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace mlir;
using namespace dale;

namespace fs = llvm::sys::fs;
namespace path = llvm::sys::path;

namespace {

class Loader {
public:
  Loader(MLIRContext *context, Reporter &reporter,
         std::vector<std::string> &files)
      : context(context), reporter(reporter), files(files) {}

  std::optional<Node> load(StringRef file, std::optional<Location> base);

private:
  std::optional<std::string> read(StringRef file, std::optional<Location> base);
  std::optional<Node> loadBase(StringRef file, const Entry &entry);

  MLIRContext *context;
  Reporter &reporter;
  std::vector<std::string> &files;
  SmallVector<fs::UniqueID> open;
};

} // namespace

/// An error about the whole of a file, or about the `base` that names it.
static InFlightDiagnostic fileError(MLIRContext *context, Reporter &reporter,
                                    StringRef file,
                                    std::optional<Location> base) {
  if (base)
    return reporter.error(*base) << "base '" << file << "': ";
  return reporter.error(FileLineColLoc::get(context, file, 0, 0));
}

std::optional<std::string> Loader::read(StringRef file,
                                        std::optional<Location> base) {
  auto fail = [&] { return fileError(context, reporter, file, base); };
  fs::file_status status;
  if (std::error_code error = fs::status(file, status)) {
    fail() << StringRef(error.message()).lower();
    return std::nullopt;
  }
  if (fs::is_directory(status)) {
    fail() << "this is a directory, expected a circuit file";
    return std::nullopt;
  }
  if (status.type() != fs::file_type::regular_file &&
      status.type() != fs::file_type::fifo_file) {
    fail() << "expected a regular file";
    return std::nullopt;
  }
  if (llvm::is_contained(open, status.getUniqueID())) {
    fail() << "a file cannot be its own base";
    return std::nullopt;
  }
  auto buffer = llvm::MemoryBuffer::getFile(file);
  if (!buffer) {
    fail() << StringRef(buffer.getError().message()).lower();
    return std::nullopt;
  }
  if ((*buffer)->getBuffer().contains('\0')) {
    fail() << "this is a binary file, expected TOML text";
    return std::nullopt;
  }
  open.push_back(status.getUniqueID());
  files.push_back(file.str());
  return (*buffer)->getBuffer().str();
}

std::optional<Node> Loader::loadBase(StringRef file, const Entry &entry) {
  if (!entry.value.is(Node::Kind::String)) {
    reporter.error(entry.value.loc) << "expected a file name for 'base', got "
                                    << describe(entry.value.kind);
    return std::nullopt;
  }
  llvm::SmallString<128> base(entry.value.text);
  if (path::is_relative(base)) {
    base = path::parent_path(file);
    path::append(base, entry.value.text);
    // a/../b as b, unless a is a link to somewhere else.
    llvm::SmallString<128> shorter = base;
    path::remove_dots(shorter, /*remove_dot_dot=*/true);
    if (fs::equivalent(base, shorter))
      base = shorter;
  }
  return load(base, entry.value.loc);
}

std::optional<Node> Loader::load(StringRef file, std::optional<Location> base) {
  std::optional<std::string> text = read(file, base);
  if (!text)
    return std::nullopt;
  StringAttr name = StringAttr::get(context, file);
  Locate locate = [name](unsigned line, unsigned column) -> Location {
    return FileLineColLoc::get(name, line, column);
  };
  std::optional<Node> circuit = parseToml(*text, locate, &reporter);
  if (circuit)
    if (Entry *entry = circuit->find("base")) {
      std::optional<Node> below = loadBase(file, *entry);
      circuit->entries.erase(circuit->entries.begin() +
                             (entry - circuit->entries.data()));
      if (below) {
        below->loc = circuit->loc;
        mergeCircuits(*below, std::move(*circuit));
      }
      circuit = std::move(below);
    }
  open.pop_back();
  return circuit;
}

std::optional<Node> dale::loadCircuit(MLIRContext *context, StringRef path,
                                      Reporter &reporter,
                                      std::vector<std::string> &files) {
  return Loader(context, reporter, files).load(path, std::nullopt);
}
