//===- SplitSums.cpp - Work for all threads of a block -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/gpu/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"

namespace dale {
#define GEN_PASS_DEF_SPLITSUMS
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

/// One op that sums, and the loop whose iterations get sums of their own.
class SumSplitter {
public:
  SumSplitter(linalg::GenericOp op, unsigned loop)
      : op(op), loop(loop), builder(op), loc(op.getLoc()),
        parts(op.getStaticLoopRanges()[loop]) {}

  void run();

private:
  RankedTensorType sumType() {
    return cast<RankedTensorType>(op.getResultTypes().front());
  }
  SmallVector<Value> createPartialSums();
  void createTotals(ValueRange partialSums);

  linalg::GenericOp op;
  unsigned loop;
  OpBuilder builder;
  Location loc;
  int64_t parts;
};

struct SplitSumsPass : dale::impl::SplitSumsBase<SplitSumsPass> {
  using SplitSumsBase::SplitSumsBase;

  void runOnOperation() override;
};

} // namespace

/// Whether all that an op does with its results is to add to them.
static bool addsOnly(linalg::GenericOp op) {
  Operation *yield = op.getBody()->getTerminator();
  for (auto [sum, value] :
       llvm::zip(op.getRegionOutputArgs(), yield->getOperands())) {
    Operation *add = value.getDefiningOp();
    if (!sum.hasOneUse() || *sum.user_begin() != add ||
        !isa_and_nonnull<arith::AddFOp, math::FmaOp>(add))
      return false;
    if (auto fma = dyn_cast<math::FmaOp>(add); fma && fma.getC() != sum)
      return false;
  }
  return true;
}

/// The loop to split, if an op has too little to do for `threads` threads.
static std::optional<unsigned> findLoop(linalg::GenericOp op, int64_t threads) {
  if (!op.hasPureTensorSemantics() || op.hasDynamicShape() ||
      op.hasIndexSemantics() || linalg::isaContractionOpInterface(op) ||
      !addsOnly(op))
    return std::nullopt;
  AffineMap map = op.getIndexingMapsArray().back();
  if (!map.isProjectedPermutation() || map.getNumResults() == 0)
    return std::nullopt;
  for (OpOperand &init : op.getDpsInitsMutable())
    if (op.getMatchingIndexingMap(&init) != map ||
        init.get().getType() != op.getResultTypes().front())
      return std::nullopt;
  std::optional<unsigned> first;
  int64_t parallel = 1, sums = 0;
  for (auto [i, size, iterator] :
       llvm::enumerate(op.getStaticLoopRanges(), op.getIteratorTypesArray())) {
    if (iterator == utils::IteratorType::parallel) {
      parallel *= size;
    } else if (size > 1) {
      if (!first)
        first = i;
      ++sums;
    }
  }
  // A thread computes four results.
  if (parallel / 4 >= threads || sums < 2)
    return std::nullopt;
  return first;
}

/// The same op with a sum for each iteration of the loop.
SmallVector<Value> SumSplitter::createPartialSums() {
  SmallVector<int64_t> shape{parts};
  llvm::append_range(shape, sumType().getShape());
  Type element = sumType().getElementType();
  Value zero =
      arith::ConstantOp::create(builder, loc, builder.getZeroAttr(element));
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  SmallVector<Value> inits;
  for (unsigned i = 0; i < op.getNumResults(); ++i) {
    Value empty = tensor::EmptyOp::create(builder, loc, shape, element);
    inits.push_back(
        linalg::FillOp::create(builder, loc, zero, empty).getResult(0));
    AffineMap &map = maps[op.getNumDpsInputs() + i];
    map = map.insertResult(builder.getAffineDimExpr(loop), 0);
  }
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  iterators[loop] = utils::IteratorType::parallel;
  auto partial =
      linalg::GenericOp::create(builder, loc, ValueRange(inits).getTypes(),
                                op.getInputs(), inits, maps, iterators);
  partial.getRegion().takeBody(op.getRegion());
  return llvm::to_vector_of<Value>(partial.getResults());
}

/// What the op was to add to, and the sums of all parts.
void SumSplitter::createTotals(ValueRange partialSums) {
  unsigned rank = sumType().getRank();
  MLIRContext *context = builder.getContext();
  AffineMap from = AffineMap::getMultiDimIdentityMap(rank + 1, context);
  AffineMap to = from.dropResult(0);
  SmallVector<AffineMap> maps(op.getNumResults(), from);
  maps.append(op.getNumResults(), to);
  SmallVector<utils::IteratorType> iterators(rank + 1,
                                             utils::IteratorType::parallel);
  iterators[0] = utils::IteratorType::reduction;
  auto totals = linalg::GenericOp::create(
      builder, loc, op.getResultTypes(), partialSums, op.getOutputs(), maps,
      iterators, [&](OpBuilder &nested, Location loc, ValueRange arguments) {
        SmallVector<Value> sums;
        for (unsigned i = 0; i < partialSums.size(); ++i)
          sums.push_back(arith::AddFOp::create(
              nested, loc, arguments[partialSums.size() + i], arguments[i]));
        linalg::YieldOp::create(nested, loc, sums);
      });
  op->replaceAllUsesWith(totals.getResults());
}

void SumSplitter::run() {
  createTotals(createPartialSums());
  op->erase();
}

void SplitSumsPass::runOnOperation() {
  SmallVector<std::pair<linalg::GenericOp, unsigned>> found;
  getOperation().walk([&](linalg::GenericOp op) {
    if (auto loop = findLoop(op, threads))
      found.push_back({op, *loop});
  });
  for (auto [op, loop] : found)
    SumSplitter(op, loop).run();
  numSplit += found.size();
}
