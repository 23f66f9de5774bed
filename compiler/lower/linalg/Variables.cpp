//===- Variables.cpp - Variables of the circuit -----------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/linalg/Lowering.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace dale;

/// First element and number of elements of a variable, or of one row of it.
static std::pair<int64_t, int64_t> extent(Operation *user,
                                          FlatSymbolRefAttr name, int64_t row) {
  auto variable = SymbolTable::lookupNearestSymbolFrom<VariableOp>(user, name);
  auto type = cast<RankedTensorType>(variable.getType());
  int64_t offset = variable.getOffset(), size = type.getNumElements();
  if (row >= 0) {
    size /= type.getDimSize(0);
    offset += row * size;
  }
  return {offset, size};
}

namespace {

struct LowerRead : Lowering<ReadOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, ReadOp op,
              Adaptor operands) const override {
    auto [offset, size] =
        extent(op, op.getVariableAttr(),
               op.getRow() ? static_cast<int64_t>(*op.getRow()) : -1);
    OpBuilder &b = build.builder;
    Value flat = tensor::ExtractSliceOp::create(
        b, op.getLoc(), operands.getBuffer(),
        ArrayRef<OpFoldResult>{b.getIndexAttr(offset)},
        ArrayRef<OpFoldResult>{b.getIndexAttr(size)},
        ArrayRef<OpFoldResult>{b.getIndexAttr(1)});
    return build.unflatten(flat, op.getType());
  }
};

/// Values are stored in a buffer, one by one. As a tensor with hundreds of
/// parts inserted, each part would have to be held against all others to see
/// that they are apart.
struct LowerPack : Lowering<PackOp> {
  using Lowering::Lowering;
  Value lower(LinalgBuilder &build, PackOp op,
              Adaptor operands) const override {
    OpBuilder &b = build.builder;
    Location loc = op.getLoc();
    auto type = cast<RankedTensorType>(op.getType());
    Value buffer = memref::AllocOp::create(
        b, loc, MemRefType::get(type.getShape(), type.getElementType()));
    linalg::FillOp::create(b, loc, build.scalar(type.getElementType(), 0.0),
                           buffer);
    for (auto [value, name, row] :
         llvm::zip(operands.getValues(), op.getVariables(), op.getRows())) {
      auto [offset, size] = extent(op, cast<FlatSymbolRefAttr>(name), row);
      Value part = memref::SubViewOp::create(
          b, loc, buffer, ArrayRef<OpFoldResult>{b.getIndexAttr(offset)},
          ArrayRef<OpFoldResult>{b.getIndexAttr(size)},
          ArrayRef<OpFoldResult>{b.getIndexAttr(1)});
      auto store = bufferization::MaterializeInDestinationOp::create(
          b, loc, build.flatten(value), part);
      store.setRestrict(true);
      store.setWritable(true);
    }
    return bufferization::ToTensorOp::create(b, loc, type, buffer,
                                             /*restrict=*/true);
  }
};

} // namespace

void dale::populateVariableLowerings(RewritePatternSet &patterns) {
  patterns.add<LowerRead, LowerPack>(patterns.getContext());
}
