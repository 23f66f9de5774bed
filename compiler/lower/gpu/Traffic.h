//===- Traffic.h - Bytes that the ops of a stage move ----------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_LOWER_GPU_TRAFFIC_H
#define DALE_COMPILER_LOWER_GPU_TRAFFIC_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"

namespace dale {

/// Bytes that the linalg ops of a stage read and write for one image, for each
/// buffer. What an op sees through several views, as the windows of a
/// convolution, counts once: it is in registers or the first cache then.
class Traffic {
public:
  explicit Traffic(mlir::func::FuncOp stage);

  /// Of an allocation, or anything else that views are made from.
  int64_t get(mlir::Value buffer) const { return bytes.lookup(buffer); }
  int64_t getTotal() const;

private:
  llvm::MapVector<mlir::Value, int64_t> bytes;
};

} // namespace dale

#endif // DALE_COMPILER_LOWER_GPU_TRAFFIC_H
