//===- TextFile.cpp - Files that are written whole ------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/TextFile.h"

#include "compiler/StreamError.h"
#include "llvm/Support/FileSystem.h"

llvm::Error dale::writeTextFile(llvm::StringRef path, llvm::StringRef text) {
  // It is removed if a signal ends the program.
  auto file = llvm::sys::fs::TempFile::create(path + ".tmp-%%%%%%");
  if (!file)
    return file.takeError();
  llvm::raw_fd_ostream os(file->FD, /*shouldClose=*/false);
  os << text;
  if (std::error_code error = takeError(os)) {
    llvm::consumeError(file->discard());
    return llvm::errorCodeToError(error);
  }
  return file->keep(path);
}
