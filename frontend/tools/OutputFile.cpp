//===- OutputFile.cpp - What dale writes ------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/OutputFile.h"
#include "compiler/StreamError.h"
#include "compiler/TextFile.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/FileSystem.h"
#include <filesystem>

using namespace mlir;
using namespace dale;

static LogicalResult fail(MLIRContext &context, StringRef file,
                          const Twine &message) {
  return emitError(FileLineColLoc::get(&context, file, 0, 0), message);
}

/// Where a chain of links leads that ends in what is not there.
static std::string followLinks(StringRef name) {
  std::filesystem::path path = name.str();
  std::error_code error;
  while (true) {
    std::filesystem::path target = std::filesystem::read_symlink(path, error);
    if (error)
      return path.string();
    path = path.parent_path() / target;
  }
}

FailureOr<std::string> dale::resolveOutput(MLIRContext &context,
                                           StringRef output,
                                           ArrayRef<std::string> inputs) {
  if (output == "-")
    return output.str();
  llvm::sys::fs::file_status status;
  std::error_code error = llvm::sys::fs::status(output, status);
  if (error == std::errc::no_such_file_or_directory)
    return followLinks(output);
  if (error)
    return fail(context, output, "cannot be written: " + error.message());
  if (!llvm::sys::fs::is_regular_file(status))
    return fail(context, output,
                Twine("is ") +
                    (llvm::sys::fs::is_directory(status) ? "a folder"
                                                         : "no regular file") +
                    ": expected a file name to write to; choose another name");
  for (const std::string &input : inputs)
    if (llvm::sys::fs::equivalent(output, input))
      return fail(context, output,
                  Twine("this is ") +
                      (input == inputs.front() ? "the circuit file itself"
                                               : "a base of the circuit") +
                      ", choose another output");
  llvm::SmallString<256> path;
  if (llvm::sys::fs::real_path(output, path))
    return output.str();
  return path.str().str();
}

bool dale::flushStandardOutput() {
  std::error_code error = takeError(llvm::outs());
  if (error)
    llvm::errs() << "dale: error: the standard output cannot be written: "
                 << error.message() << "\n";
  return !error;
}

LogicalResult dale::writeOutput(MLIRContext &context, StringRef output,
                                StringRef text) {
  if (output == "-") {
    llvm::outs() << text;
    return success(flushStandardOutput());
  }
  if (llvm::Error error = writeTextFile(output, text))
    return fail(context, output,
                "cannot be written: " + llvm::toString(std::move(error)));
  return success();
}
