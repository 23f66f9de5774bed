//===- Graphviz.cpp - Runs Graphviz' dot -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/TextFile.h"
#include "frontend/Diagram.h"
#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"

using namespace mlir;
using namespace dale;

namespace {
/// A file that is gone when this is.
class TemporaryFile {
public:
  explicit TemporaryFile(StringRef suffix)
      : error(llvm::sys::fs::createTemporaryFile("dale", suffix, path)) {
    remover.setFile(path);
  }

  std::string read() const {
    auto buffer = llvm::MemoryBuffer::getFile(path);
    return buffer ? (*buffer)->getBuffer().str() : std::string();
  }

  llvm::SmallString<128> path;
  std::error_code error;

private:
  llvm::FileRemover remover;
};
} // namespace

FailureOr<std::string> dale::drawDiagram(const std::string &source,
                                         Location loc) {
  llvm::ErrorOr<std::string> dot = llvm::sys::findProgramByName("dot");
  if (!dot)
    return emitError(loc)
           << "an SVG needs the command 'dot' of Graphviz, which "
              "is not there: install the package 'graphviz', or "
              "use --format=dot";
  TemporaryFile input("dot"), output("svg"), errors("txt");
  for (const TemporaryFile *file : {&input, &output, &errors})
    if (file->error)
      return emitError(loc) << "no temporary file: " << file->error.message();
  if (llvm::Error error = writeTextFile(input.path, source))
    return emitError(loc) << "no temporary file: "
                          << llvm::toString(std::move(error));

  std::string message;
  int code = llvm::sys::ExecuteAndWait(
      *dot, {*dot, "-Tsvg"}, /*Env=*/std::nullopt,
      {input.path.str(), output.path.str(), errors.path.str()},
      /*SecondsToWait=*/0, /*MemoryLimit=*/0, &message);
  std::string svg = output.read();
  if (code == 0 && !svg.empty())
    return svg;
  if (message.empty())
    message = StringRef(errors.read()).trim().str();
  return emitError(loc) << "'dot' could not draw the circuit: " << message;
}
