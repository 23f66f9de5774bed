//===- SplitSums.cpp - Work for all threads of a block -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/LinalgBuilder.h"
#include "compiler/lower/gpu/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StructuredOpsUtils.h"
#include "llvm/Support/MathExtras.h"

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

/// Adds sums of parts, which the first dimension goes over, to what is there.
static ResultRange addUp(OpBuilder &builder, Location loc, ValueRange sums,
                         ValueRange inits) {
  auto type = cast<RankedTensorType>(sums.front().getType());
  AffineMap from =
      AffineMap::getMultiDimIdentityMap(type.getRank(), builder.getContext());
  SmallVector<AffineMap> maps(sums.size(), from);
  maps.append(sums.size(), from.dropResult(0));
  SmallVector<utils::IteratorType> iterators(type.getRank(),
                                             utils::IteratorType::parallel);
  iterators[0] = utils::IteratorType::reduction;
  auto totals = linalg::GenericOp::create(
      builder, loc, inits.getTypes(), sums, inits, maps, iterators,
      [&](OpBuilder &nested, Location loc, ValueRange arguments) {
        SmallVector<Value> results;
        for (unsigned i = 0; i < sums.size(); ++i)
          results.push_back(arith::AddFOp::create(
              nested, loc, arguments[sums.size() + i], arguments[i]));
        linalg::YieldOp::create(nested, loc, results);
      });
  return totals.getResults();
}

/// The same op with a sum for each iteration of the loop.
SmallVector<Value> SumSplitter::createPartialSums() {
  SmallVector<int64_t> shape{parts};
  llvm::append_range(shape, sumType().getShape());
  auto type = RankedTensorType::get(shape, sumType().getElementType());
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  SmallVector<Value> inits;
  for (unsigned i = 0; i < op.getNumResults(); ++i) {
    inits.push_back(LinalgBuilder(builder, loc).filled(type, 0));
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

void SumSplitter::run() {
  op->replaceAllUsesWith(
      addUp(builder, loc, createPartialSums(), op.getOutputs()));
  op->erase();
}

/// Whether an op sums so many numbers to one that a thread would be the last to
/// be done.
static bool isLongSum(linalg::GenericOp op, int64_t threads) {
  return op.hasPureTensorSemantics() && !op.hasDynamicShape() &&
         !op.hasIndexSemantics() && op.getNumLoops() > 0 &&
         op.getNumReductionLoops() == op.getNumLoops() && addsOnly(op) &&
         llvm::product_of(op.getStaticLoopRanges()) >= 2 * threads &&
         llvm::all_of(op.getIndexingMapsArray(), [](AffineMap map) {
           return map.isIdentity() || map.getNumResults() == 0;
         });
}

/// The same sum as a loop over one dimension.
static linalg::GenericOp collapseLoops(linalg::GenericOp op) {
  if (op.getNumLoops() == 1)
    return op;
  IRRewriter rewriter(op);
  auto loops = llvm::to_vector<2>(llvm::seq<int64_t>(0, op.getNumLoops()));
  FailureOr<linalg::CollapseResult> collapsed =
      linalg::collapseOpIterationDims(op, loops, rewriter);
  assert(succeeded(collapsed) && "identities collapse");
  rewriter.replaceOp(op, collapsed->results);
  return cast<linalg::GenericOp>(collapsed->collapsedOp);
}

/// Numbers from `begin` on of those that an op sums, with the op's indexing.
static SmallVector<Value> takeTerms(OpBuilder &builder, linalg::GenericOp op,
                                    int64_t begin, int64_t size) {
  SmallVector<Value> inputs;
  for (OpOperand *input : op.getDpsInputOperands())
    inputs.push_back(
        op.getMatchingIndexingMap(input).isIdentity()
            ? tensor::ExtractSliceOp::create(builder, op.getLoc(), input->get(),
                                             {builder.getIndexAttr(begin)},
                                             {builder.getIndexAttr(size)},
                                             {builder.getIndexAttr(1)})
                  .getResult()
            : input->get());
  return inputs;
}

/// The same op with other operands.
static ResultRange cloneWith(OpBuilder &builder, linalg::GenericOp op,
                             ValueRange inputs, ValueRange inits,
                             ArrayRef<AffineMap> maps,
                             ArrayRef<utils::IteratorType> iterators) {
  auto clone = linalg::GenericOp::create(builder, op.getLoc(), inits.getTypes(),
                                         inputs, inits, maps, iterators);
  IRMapping mapping;
  op.getRegion().cloneInto(&clone.getRegion(), mapping);
  return clone.getResults();
}

/// Every `parts`-th number goes to the same sum of `parts` ones, so that
/// threads read numbers beside each other; then these are added up, and what is
/// left.
static void splitLongSum(linalg::GenericOp op, int64_t threads) {
  op = collapseLoops(op);
  OpBuilder builder(op);
  Location loc = op.getLoc();
  int64_t size = op.getStaticLoopRanges().front();
  // About as many sums as each has terms; a thread computes four.
  int64_t parts =
      std::min(int64_t(1) << (llvm::Log2_64_Ceil(size) / 2), 4 * threads);
  int64_t rows = size / parts, rest = size % parts;

  SmallVector<Value> inputs = takeTerms(builder, op, 0, rows * parts);
  MLIRContext *context = builder.getContext();
  AffineMap matrix = AffineMap::getMultiDimIdentityMap(2, context),
            number = AffineMap::get(2, 0, context);
  SmallVector<AffineMap> maps;
  for (auto [input, map] : llvm::zip(inputs, op.getIndexingMapsArray())) {
    maps.push_back(map.isIdentity() ? matrix : number);
    if (map.isIdentity())
      input = tensor::ExpandShapeOp::create(
          builder, loc,
          RankedTensorType::get({rows, parts}, getElementTypeOrSelf(input)),
          input, SmallVector<ReassociationIndices>{{0, 1}});
  }
  SmallVector<Value> zeros;
  for (Value init : op.getDpsInits()) {
    zeros.push_back(
        LinalgBuilder(builder, loc)
            .filled(RankedTensorType::get({parts}, getElementTypeOrSelf(init)),
                    0));
    maps.push_back(matrix.dropResult(0));
  }
  ValueRange sums = cloneWith(
      builder, op, inputs, zeros, maps,
      {utils::IteratorType::reduction, utils::IteratorType::parallel});
  sums = addUp(builder, loc, sums, op.getOutputs());
  if (rest > 0)
    sums =
        cloneWith(builder, op, takeTerms(builder, op, rows * parts, rest), sums,
                  op.getIndexingMapsArray(), op.getIteratorTypesArray());
  op->replaceAllUsesWith(sums);
  op->erase();
}

void SplitSumsPass::runOnOperation() {
  SmallVector<std::pair<linalg::GenericOp, unsigned>> found;
  SmallVector<linalg::GenericOp> longSums;
  getOperation().walk([&](linalg::GenericOp op) {
    if (auto loop = findLoop(op, threads))
      found.push_back({op, *loop});
    else if (isLongSum(op, threads))
      longSums.push_back(op);
  });
  for (auto [op, loop] : found)
    SumSplitter(op, loop).run();
  for (linalg::GenericOp op : longSums)
    splitLongSum(op, threads);
  numSplit += found.size() + longSums.size();
}
