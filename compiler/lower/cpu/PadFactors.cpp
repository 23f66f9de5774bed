//===- PadFactors.cpp - Rows of factors apart in the cache -----*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A tile of a product reads a few columns of its right factor, row by row.
// Where a row is a power of two long, as many channels make it, these pieces
// lie at the same places of the first cache, all in a few of its sets, and push
// each other out although the cache could hold them all.
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/ImageLoops.h"
#include "compiler/lower/Products.h"
#include "compiler/lower/cpu/Passes.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

namespace dale {
#define GEN_PASS_DEF_PADFACTORS
#include "compiler/lower/cpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct PadFactorsPass : dale::impl::PadFactorsBase<PadFactorsPass> {
  using PadFactorsBase::PadFactorsBase;

  void runOnOperation() override {
    if (lineBytes < 8) {
      getOperation().emitError("line-bytes must be 8 at least");
      return signalPassFailure();
    }
    getOperation().walk([&](linalg::LinalgOp op) {
      if (matchProductLoops(op))
        pad(op);
    });
  }

private:
  void pad(linalg::LinalgOp product);
};

} // namespace

void PadFactorsPass::pad(linalg::LinalgOp product) {
  OpOperand &factor = *product.getDpsInputOperand(1);
  auto type = cast<RankedTensorType>(factor.get().getType());
  if (type.getRank() != 2 || !type.hasStaticShape())
    return;
  int64_t elementBytes = type.getElementTypeBitWidth() / 8;
  int64_t rowBytes = type.getDimSize(1) * elementBytes;
  // A few lines a row, in powers of two.
  if (rowBytes % (4 * lineBytes) != 0 ||
      rowBytes * type.getDimSize(0) < getFactorShare(cacheBytes))
    return;

  OpBuilder builder(product);
  Location loc = product.getLoc();
  Value same = readBeforeLoops(builder, factor.get());
  if (!same)
    return;
  SmallVector<int64_t> shape(type.getShape());
  shape.back() += lineBytes / elementBytes;
  SmallVector<OpFoldResult> offsets(2, builder.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(2, builder.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes =
      getAsIndexOpFoldResult(&getContext(), type.getShape());
  Value rows =
      tensor::EmptyOp::create(builder, loc, shape, type.getElementType());
  rows = tensor::InsertSliceOp::create(builder, loc, same, rows, offsets, sizes,
                                       strides);
  builder.setInsertionPoint(product);
  factor.set(tensor::ExtractSliceOp::create(builder, loc, type, rows, offsets,
                                            sizes, strides));
  ++numFactors;
}
