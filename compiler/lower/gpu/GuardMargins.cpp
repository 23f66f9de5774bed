//===- GuardMargins.cpp - Reads that look where a map ends -----*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/gpu/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Utils/Utils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Interfaces/ValueBoundsOpInterface.h"

namespace dale {
#define GEN_PASS_DEF_GUARDMARGINS
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

/// One read of a padded tensor, or of a slice of one.
class GuardedRead {
public:
  explicit GuardedRead(vector::TransferReadOp read)
      : read(read), builder(read), loc(read.getLoc()) {}

  /// Finds the padded tensor; fails where a vector's elements lie apart in it.
  LogicalResult analyze();
  Value create();

private:
  bool isPadded(unsigned dimension) {
    return pad.getStaticLow()[dimension] != 0 ||
           pad.getStaticHigh()[dimension] != 0;
  }
  bool isWithin(Value position, int64_t size);
  Value readAt(ArrayRef<int64_t> offsets, VectorType type);

  vector::TransferReadOp read;
  tensor::PadOp pad;
  OpBuilder builder;
  Location loc;
  /// Where in the padded tensor the vector begins.
  SmallVector<OpFoldResult> begin;
  /// The dimension of the padded tensor that each one of the vector goes along,
  /// if any, and how far apart its elements are there.
  SmallVector<std::optional<unsigned>> dimensions;
  SmallVector<int64_t> strides;
};

struct GuardMarginsPass : dale::impl::GuardMarginsBase<GuardMarginsPass> {
  void runOnOperation() override;
};

} // namespace

LogicalResult GuardedRead::analyze() {
  for (Value index : read.getIndices())
    begin.push_back(index);
  for (AffineExpr result : read.getPermutationMap().getResults()) {
    auto dimension = dyn_cast<AffineDimExpr>(result);
    dimensions.push_back(dimension ? std::optional(dimension.getPosition())
                                   : std::nullopt);
    strides.push_back(1);
  }
  AffineExpr index, offset, stride;
  bindDims(read.getContext(), index, offset);
  bindSymbols(read.getContext(), stride);
  Value tensor = read.getBase();
  while (auto slice = tensor.getDefiningOp<tensor::ExtractSliceOp>()) {
    llvm::SmallBitVector dropped = slice.getDroppedDims();
    SmallVector<OpFoldResult> behind = slice.getMixedOffsets();
    SmallVector<unsigned> kept;
    for (unsigned dim = 0; dim < behind.size(); ++dim) {
      if (dropped.test(dim))
        continue;
      behind[dim] = affine::makeComposedFoldedAffineApply(
          builder, loc, index * stride + offset,
          {begin[kept.size()], behind[dim], slice.getMixedStrides()[dim]});
      kept.push_back(dim);
    }
    for (auto [dimension, apart] : llvm::zip(dimensions, strides))
      if (dimension) {
        dimension = kept[*dimension];
        apart *= slice.getStaticStride(*dimension);
      }
    begin = behind;
    tensor = slice.getSource();
  }
  pad = tensor.getDefiningOp<tensor::PadOp>();
  for (auto [dimension, apart, size] :
       llvm::zip(dimensions, strides, read.getVectorType().getShape()))
    if (pad && dimension && size > 1 && apart != 1 && !isPadded(*dimension))
      return failure();
  return success(pad && pad.getConstantPaddingValue() && !read.getMask() &&
                 !read.hasOutOfBoundsDim());
}

/// Whether a position is known to be one of the tensor's.
bool GuardedRead::isWithin(Value position, int64_t size) {
  using Bounds = ValueBoundsConstraintSet;
  auto least =
      Bounds::computeConstantBound(presburger::BoundType::LB, {position});
  auto most = Bounds::computeConstantBound(presburger::BoundType::UB,
                                           {position}, {}, /*closedUB=*/true);
  return succeeded(least) && *least >= 0 && succeeded(most) && *most < size;
}

/// The vector of `type` that begins `offsets` elements behind where the read
/// does.
Value GuardedRead::readAt(ArrayRef<int64_t> offsets, VectorType type) {
  auto source = cast<RankedTensorType>(pad.getSource().getType());
  SmallVector<OpFoldResult> indices(begin);
  AffineExpr index = builder.getAffineDimExpr(0);
  SmallVector<AffineExpr> along;
  for (auto [dimension, offset, stride] :
       llvm::zip(dimensions, offsets, strides)) {
    along.push_back(dimension ? builder.getAffineDimExpr(*dimension)
                              : builder.getAffineConstantExpr(0));
    if (dimension && offset != 0)
      indices[*dimension] = affine::makeComposedFoldedAffineApply(
          builder, loc, index + offset * stride, indices[*dimension]);
  }

  // Where there is none of the map, its closest element is read, and not used:
  // all lanes of a warp read at once then.
  Value within;
  SmallVector<Value> positions;
  for (unsigned dim = 0; dim < indices.size(); ++dim) {
    int64_t size = source.getDimSize(dim);
    Value position = getValueOrCreateConstantIndexOp(
        builder, loc,
        affine::makeComposedFoldedAffineApply(
            builder, loc, index - pad.getStaticLow()[dim], indices[dim]));
    positions.push_back(position);
    if (!isPadded(dim) || isWithin(position, size))
      continue;
    auto constant = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(builder, loc, value);
    };
    Value closest = arith::MinSIOp::create(
        builder, loc,
        arith::MaxSIOp::create(builder, loc, position, constant(0)),
        constant(size - 1));
    positions.back() = closest;
    Value here = arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq,
                                       position, closest);
    within = within ? arith::AndIOp::create(builder, loc, within, here) : here;
  }
  SmallVector<bool> inBounds(type.getRank(), true);
  Value vector = vector::TransferReadOp::create(
      builder, loc, type, pad.getSource(), positions, read.getPadding(),
      AffineMap::get(source.getRank(), 0, along, builder.getContext()),
      inBounds);
  if (!within)
    return vector;
  Value margin = vector::BroadcastOp::create(builder, loc, type,
                                             pad.getConstantPaddingValue());
  return arith::SelectOp::create(builder, loc, within, vector, margin);
}

/// A vector that goes over several positions of a padded dimension is read
/// piece by piece.
Value GuardedRead::create() {
  VectorType whole = read.getVectorType();
  SmallVector<int64_t> shape(whole.getShape());
  for (auto [size, dimension] : llvm::zip(shape, dimensions))
    if (dimension && isPadded(*dimension))
      size = 1;
  SmallVector<int64_t> zeros(shape.size(), 0), ones(shape.size(), 1);
  if (ArrayRef(shape) == whole.getShape())
    return readAt(zeros, whole);
  auto type = VectorType::get(shape, whole.getElementType());
  Value result =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(whole));
  for (ArrayRef<int64_t> offsets :
       StaticTileOffsetRange(whole.getShape(), shape))
    result = vector::InsertStridedSliceOp::create(
        builder, loc, readAt(offsets, type), result, offsets, ones);
  return result;
}

/// Adds what reads a tensor and its slices, and erases slices that nobody
/// reads.
static void collectReaders(Value tensor,
                           SmallVectorImpl<Operation *> &readers) {
  for (Operation *user : llvm::make_early_inc_range(tensor.getUsers())) {
    auto slice = dyn_cast<tensor::ExtractSliceOp>(user);
    if (!slice) {
      readers.push_back(user);
      continue;
    }
    collectReaders(slice, readers);
    if (slice->use_empty())
      slice->erase();
  }
}

/// Guards a read, and erases it and the slices that nobody else reads.
static LogicalResult guard(Operation *reader) {
  auto read = dyn_cast<vector::TransferReadOp>(reader);
  std::optional<GuardedRead> guarded;
  if (read)
    guarded.emplace(read);
  if (!guarded || failed(guarded->analyze()))
    return reader->emitOpError("reads a margin that is nowhere in memory");
  Value base = read.getBase();
  read.replaceAllUsesWith(guarded->create());
  read.erase();
  while (auto slice = base.getDefiningOp<tensor::ExtractSliceOp>()) {
    base = slice.getSource();
    if (slice->use_empty())
      slice->erase();
  }
  return success();
}

void GuardMarginsPass::runOnOperation() {
  SmallVector<tensor::PadOp> pads;
  getOperation().walk([&](tensor::PadOp pad) { pads.push_back(pad); });
  for (tensor::PadOp pad : pads) {
    SmallVector<Operation *> readers;
    collectReaders(pad.getResult(), readers);
    for (Operation *reader : readers)
      if (failed(guard(reader)))
        return signalPassFailure();
    pad.erase();
  }
}
