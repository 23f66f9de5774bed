//===- Reporter.h - Errors of a circuit file -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_REPORTER_H
#define DALE_FRONTEND_REPORTER_H

#include "mlir/IR/Diagnostics.h"

namespace dale {

/// Reports errors and remembers that there were some, so that reading can go on
/// and all errors of a file are shown together.
class Reporter {
public:
  mlir::InFlightDiagnostic error(mlir::Location loc) {
    ++count;
    return mlir::emitError(loc);
  }
  /// For an error that has been reported otherwise.
  void countError() { ++count; }
  unsigned getCount() const { return count; }
  bool failed() const { return count > 0; }

private:
  unsigned count = 0;
};

} // namespace dale

#endif // DALE_FRONTEND_REPORTER_H
