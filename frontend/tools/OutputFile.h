//===- OutputFile.h - What dale writes --------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_TOOLS_OUTPUTFILE_H
#define DALE_FRONTEND_TOOLS_OUTPUTFILE_H

#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <string>

namespace dale {

/// The file that is written for the name `output`: what a symbolic link names,
/// be it there or not, not the link; "-" is the standard output. Emits an error
/// where there is something else than a file, as a device would be replaced,
/// and where it is one of `inputs`.
mlir::FailureOr<std::string> resolveOutput(mlir::MLIRContext &context,
                                           llvm::StringRef output,
                                           llvm::ArrayRef<std::string> inputs);

/// Writes a text to what `resolveOutput` gave. A file is whole, or what it was
/// before: it has another name until then. Emits an error that names it.
mlir::LogicalResult writeOutput(mlir::MLIRContext &context,
                                llvm::StringRef output, llvm::StringRef text);

/// Whether all that was written to the standard output has arrived; says so if
/// not.
bool flushStandardOutput();

} // namespace dale

#endif // DALE_FRONTEND_TOOLS_OUTPUTFILE_H
