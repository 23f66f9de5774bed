//===- DiagnosticPrinter.h - Errors with the source line -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_DIAGNOSTICPRINTER_H
#define DALE_FRONTEND_DIAGNOSTICPRINTER_H

#include "mlir/IR/Diagnostics.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/raw_ostream.h"
#include <optional>

namespace dale {

/// Collects a context's diagnostics while it lives, and shows them together and
/// in the order of the file: `file:line:col: error: ...`, then the line with a
/// caret. What is reported twice is shown once.
class DiagnosticPrinter : public mlir::ScopedDiagnosticHandler {
public:
  DiagnosticPrinter(mlir::MLIRContext *context, llvm::raw_ostream &os);
  ~DiagnosticPrinter();

  /// Shows and forgets what has been collected.
  void flush();

private:
  /// A message at a place; `line` is 0 for a whole file, and `file` empty where
  /// there is none.
  struct Message {
    mlir::DiagnosticSeverity severity;
    std::string file;
    unsigned line = 0, column = 0;
    std::string text;
    std::vector<Message> notes;
  };

  static Message convert(const mlir::Diagnostic &diagnostic);
  void print(const Message &message);
  void printSource(const Message &message, llvm::StringRef line);
  /// Nothing where the file cannot be read again.
  std::optional<llvm::StringRef> getLine(llvm::StringRef file, unsigned line);

  llvm::raw_ostream &os;
  std::vector<Message> messages;
  llvm::StringMap<std::optional<std::string>> files;
};

} // namespace dale

#endif // DALE_FRONTEND_DIAGNOSTICPRINTER_H
