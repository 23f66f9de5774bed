//===- Link.cpp - Object file and runtime as one executable -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Driver.h"
#include "compiler/emit/Paths.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"
#include "llvm/Support/Signals.h"

using namespace mlir;
using namespace dale;

/// The runtime beside this program: ../lib/dale/libdale_runtime.a.
static std::string findRuntime() {
  static int anchor;
  std::string program = llvm::sys::fs::getMainExecutable("dale", &anchor);
  llvm::SmallString<256> path(llvm::sys::path::parent_path(program));
  llvm::sys::path::append(path, "..", "lib", "dale", "libdale_runtime.a");
  llvm::sys::path::remove_dots(path, /*remove_dot_dot=*/true);
  return path.str().str();
}

LogicalResult dale::linkExecutable(MLIRContext &context, StringRef objects,
                                   StringRef output) {
  auto fail = [&](StringRef file, const Twine &message) -> LogicalResult {
    return emitError(FileLineColLoc::get(&context, file, 0, 0), message);
  };
  std::string runtime = findRuntime();
  if (!llvm::sys::fs::exists(runtime))
    return fail(runtime,
                "the runtime is not here; build or install dale whole");
  auto linker = llvm::sys::findProgramByName("c++");
  if (!linker)
    return fail("c++", "no C++ compiler to link with; install the package g++");

  // Next to the output, so that renaming cannot fail half-way.
  llvm::SmallString<256> temporary;
  if (std::error_code error =
          llvm::sys::fs::createUniqueFile(output + ".%%%%%%.tmp", temporary))
    return fail(output, "cannot be written: " + error.message());
  llvm::FileRemover remover(temporary);
  llvm::sys::RemoveFileOnSignal(temporary);

  SmallVector<StringRef> arguments{
      *linker, "-Wl,--whole-archive", objects, "-Wl,--no-whole-archive",
      runtime, "-o", StringRef(temporary), "-static-libstdc++",
      "-static-libgcc", "-Wl,--gc-sections", DALE_OPENMP_LIBRARY,
      // Beside the executable, where it was
      // carried to another machine.
      "-Wl,-rpath,$ORIGIN:" DALE_OPENMP_FOLDER, "-lpthread", "-ldl", "-lm"};
  llvm::SmallString<128> log;
  if (std::error_code error =
          llvm::sys::fs::createTemporaryFile("dale-link", "log", log))
    return fail(output, "no temporary file: " + error.message());
  llvm::FileRemover logRemover(log);
  llvm::sys::RemoveFileOnSignal(log);
  StringRef logPath(log);
  std::optional<StringRef> redirects[] = {std::nullopt, logPath, logPath};
  if (llvm::sys::ExecuteAndWait(*linker, arguments, std::nullopt, redirects)) {
    auto text = llvm::MemoryBuffer::getFile(log);
    return fail(output, "cannot be linked:\n" +
                            (text ? (*text)->getBuffer() : StringRef()));
  }
  if (std::error_code error = llvm::sys::fs::rename(temporary, output))
    return fail(output, "cannot be written: " + error.message());
  remover.releaseFile();
  return success();
}
