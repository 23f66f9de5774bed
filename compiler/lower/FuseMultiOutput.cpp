//===- FuseMultiOutput.cpp - Ops that share maps ---------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Passes.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/RegionUtils.h"

namespace dale {
#define GEN_PASS_DEF_FUSEMULTIOUTPUT
#include "compiler/lower/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct FuseMultiOutputPass
    : dale::impl::FuseMultiOutputBase<FuseMultiOutputPass> {
  using FuseMultiOutputBase::FuseMultiOutputBase;

  void runOnOperation() override;

private:
  bool canSumTogether(linalg::GenericOp first, linalg::GenericOp second) const;
  bool canShareLoops(linalg::GenericOp first, linalg::GenericOp second) const;
  SmallVector<linalg::GenericOp> getCandidates(linalg::GenericOp first) const;
  bool fuseFollowing(IRRewriter &rewriter, linalg::GenericOp &first);
};

/// An operand, and how it is read.
using Access = std::pair<Value, AffineMap>;

} // namespace

/// What is read of whole maps: one element for each iteration.
static llvm::SmallDenseSet<Access> getMapsRead(linalg::GenericOp op) {
  llvm::SmallDenseSet<Access> accesses;
  for (OpOperand *input : op.getDpsInputOperands())
    if (AffineMap map = op.getMatchingIndexingMap(input); map.isPermutation())
      accesses.insert({input->get(), map});
  return accesses;
}

/// An op that goes over maps, and reads each element of them once.
static bool goesOverMaps(linalg::GenericOp op) {
  SetVector<Value> captured;
  getUsedValuesDefinedAbove(op->getRegions(), captured);
  return op.hasPureTensorSemantics() && !op.hasDynamicShape() &&
         llvm::none_of(
             captured,
             [](Value value) { return isa<TensorType>(value.getType()); }) &&
         llvm::all_of(op.getIndexingMapsArray(), [](AffineMap map) {
           return map.isProjectedPermutation();
         });
}

/// The number of the result of `first` that an input of `second` is, if it is
/// read as it is written.
static std::optional<unsigned> getResultRead(linalg::GenericOp first,
                                             linalg::GenericOp second,
                                             OpOperand *input) {
  auto result = dyn_cast<OpResult>(input->get());
  if (!result || result.getOwner() != first ||
      second.getMatchingIndexingMap(input) !=
          first.getIndexingMapMatchingResult(result))
    return std::nullopt;
  return result.getResultNumber();
}

/// Whether two ops that go over the same loops read the same map, or the second
/// reads what the first computes.
static bool shareMap(linalg::GenericOp first, linalg::GenericOp second) {
  // What it adds to has to be there.
  if (llvm::any_of(second.getDpsInits(),
                   [&](Value init) { return init.getDefiningOp() == first; }))
    return false;
  llvm::SmallDenseSet<Access> read = getMapsRead(first);
  bool shares = false;
  for (OpOperand *input : second.getDpsInputOperands()) {
    AffineMap map = second.getMatchingIndexingMap(input);
    if (input->get().getDefiningOp() == first) {
      // A sum is there only when all of it is added up.
      if (!map.isPermutation() || !getResultRead(first, second, input))
        return false;
      shares = true;
    }
    shares |= map.isPermutation() && read.contains({input->get(), map});
  }
  return shares;
}

/// The loops of both: what one of them sums over is summed over.
static SmallVector<utils::IteratorType>
getIteratorsOfBoth(linalg::GenericOp first, linalg::GenericOp second) {
  SmallVector<utils::IteratorType> both = first.getIteratorTypesArray();
  for (auto [iterator, other] : llvm::zip(both, second.getIteratorTypesArray()))
    if (other == utils::IteratorType::reduction)
      iterator = other;
  return both;
}

/// Whether two ops sum over the same loops, or one of them over pixels and the
/// other over none.
bool FuseMultiOutputPass::canSumTogether(linalg::GenericOp first,
                                         linalg::GenericOp second) const {
  if (first.getIteratorTypesArray() == second.getIteratorTypesArray())
    return true;
  bool one =
      first.getNumReductionLoops() == 0 || second.getNumReductionLoops() == 0;
  return fuseSums && one &&
         getIteratorsOfBoth(first, second).back() ==
             utils::IteratorType::parallel;
}

bool FuseMultiOutputPass::canShareLoops(linalg::GenericOp first,
                                        linalg::GenericOp second) const {
  if (!goesOverMaps(second) ||
      first.getStaticLoopRanges() != second.getStaticLoopRanges() ||
      !canSumTogether(first, second) || !shareMap(first, second))
    return false;
  llvm::SmallDenseSet<Value> operands;
  operands.insert(first->operand_begin(), first->operand_end());
  operands.insert(second->operand_begin(), second->operand_end());
  return operands.size() <= maxOperands;
}

/// Whether an op only says where something is, or is to be.
static bool isPlace(Operation *op) {
  return isa<tensor::ExtractSliceOp, tensor::InsertSliceOp, tensor::EmptyOp,
             tensor::ExpandShapeOp, tensor::CollapseShapeOp, linalg::FillOp>(
      op);
}

/// What `second` needs of ops between the two, in order; nothing if that is
/// more than places. What `first` computes may be put somewhere, but `second`
/// must not need that.
static std::optional<SmallVector<Operation *>> getNeeded(Operation *first,
                                                         Operation *second) {
  SetVector<Operation *> slice;
  BackwardSliceOptions options;
  options.filter = [&](Operation *op) {
    return op->getBlock() == first->getBlock() && first->isBeforeInBlock(op);
  };
  options.omitBlockArguments = true;
  options.omitUsesFromAbove = false;
  if (failed(getBackwardSlice(second, &slice, options)))
    return std::nullopt;
  auto comesFromFirst = [&](Value value) {
    return value.getDefiningOp() == first;
  };
  bool canMove = llvm::all_of(slice, [&](Operation *op) {
    return isPlace(op) && llvm::none_of(op->getOperands(), comesFromFirst);
  });
  if (!canMove)
    return std::nullopt;
  return llvm::to_vector(slice);
}

/// What uses `first` between the two, in order; nothing if that is more than
/// places, or what `second` needs.
static std::optional<SmallVector<Operation *>> getUsers(Operation *first,
                                                        Operation *second) {
  SetVector<Operation *> slice;
  SmallVector<Operation *> worklist{first};
  while (!worklist.empty()) {
    Operation *op = worklist.pop_back_val();
    for (Operation *user : op->getUsers()) {
      user = first->getBlock()->findAncestorOpInBlock(*user);
      if (!user)
        return std::nullopt;
      if (second->isBeforeInBlock(user) || (user == second && op == first))
        continue;
      if (!isPlace(user))
        return std::nullopt;
      if (slice.insert(user))
        worklist.push_back(user);
    }
  }
  SmallVector<Operation *> users = llvm::to_vector(slice);
  llvm::sort(users,
             [](Operation *a, Operation *b) { return a->isBeforeInBlock(b); });
  return users;
}

/// Makes one op of two, at the builder's insertion point.
static linalg::GenericOp fuse(OpBuilder &builder, linalg::GenericOp first,
                              linalg::GenericOp second) {
  SmallVector<Value> inputs, inits;
  SmallVector<AffineMap> inputMaps, initMaps;
  DenseMap<Access, unsigned> places;
  for (linalg::GenericOp op : {first, second}) {
    for (OpOperand *input : op.getDpsInputOperands()) {
      AffineMap map = op.getMatchingIndexingMap(input);
      if (input->get().getDefiningOp() != first &&
          places.try_emplace({input->get(), map}, inputs.size()).second) {
        inputs.push_back(input->get());
        inputMaps.push_back(map);
      }
    }
    for (OpOperand &init : op.getDpsInitsMutable()) {
      inits.push_back(init.get());
      initMaps.push_back(op.getMatchingIndexingMap(&init));
    }
  }
  llvm::append_range(inputMaps, initMaps);
  auto fused = linalg::GenericOp::create(
      builder, first.getLoc(), TypeRange(inits), inputs, inits, inputMaps,
      getIteratorsOfBoth(first, second),
      [&](OpBuilder &nested, Location loc, ValueRange arguments) {
        SmallVector<Value> yielded;
        unsigned init = inputs.size();
        for (linalg::GenericOp op : {first, second}) {
          IRMapping mapping;
          for (OpOperand *input : op.getDpsInputOperands()) {
            std::optional<unsigned> computed = getResultRead(first, op, input);
            mapping.map(
                op.getMatchingBlockArgument(input),
                computed
                    ? yielded[*computed]
                    : arguments[places.lookup(
                          {input->get(), op.getMatchingIndexingMap(input)})]);
          }
          for (BlockArgument argument : op.getRegionOutputArgs())
            mapping.map(argument, arguments[init++]);
          for (Operation &each : op.getBody()->without_terminator())
            nested.clone(each, mapping);
          for (Value value : op.getBody()->getTerminator()->getOperands())
            yielded.push_back(mapping.lookupOrDefault(value));
        }
        linalg::YieldOp::create(nested, loc, yielded);
      });
  return fused;
}

/// Replaces two ops by one at the rewriter's insertion point.
static linalg::GenericOp replace(IRRewriter &rewriter, linalg::GenericOp first,
                                 linalg::GenericOp second) {
  linalg::GenericOp fused = fuse(rewriter, first, second);
  rewriter.replaceOp(first,
                     fused->getResults().take_front(first.getNumResults()));
  rewriter.replaceOp(second,
                     fused->getResults().take_back(second.getNumResults()));
  return fused;
}

/// Fuses where `first` is, if what `second` needs can be there before.
static linalg::GenericOp fuseWhereFirstIs(IRRewriter &rewriter,
                                          linalg::GenericOp first,
                                          linalg::GenericOp second) {
  auto needed = getNeeded(first, second);
  if (!needed)
    return nullptr;
  for (Operation *op : *needed)
    op->moveBefore(first);
  rewriter.setInsertionPoint(first);
  return replace(rewriter, first, second);
}

/// Fuses where `second` is, if nothing needs `first` before.
static linalg::GenericOp fuseWhereSecondIs(IRRewriter &rewriter,
                                           linalg::GenericOp first,
                                           linalg::GenericOp second) {
  auto users = getUsers(first, second);
  if (!users)
    return nullptr;
  Operation *last = second;
  for (Operation *op : *users) {
    op->moveAfter(last);
    last = op;
  }
  rewriter.setInsertionPoint(second);
  return replace(rewriter, first, second);
}

/// The ops behind `first` that could be one with it, in order.
SmallVector<linalg::GenericOp>
FuseMultiOutputPass::getCandidates(linalg::GenericOp first) const {
  SetVector<Operation *> users;
  for (auto [value, map] : getMapsRead(first))
    users.insert(value.user_begin(), value.user_end());
  users.insert(first->user_begin(), first->user_end());
  SmallVector<linalg::GenericOp> candidates;
  for (Operation *user : users)
    if (auto second = dyn_cast<linalg::GenericOp>(user);
        second && second->getBlock() == first->getBlock() &&
        first->isBeforeInBlock(second) && canShareLoops(first, second))
      candidates.push_back(second);
  llvm::sort(candidates, [](linalg::GenericOp a, linalg::GenericOp b) {
    return a->isBeforeInBlock(b);
  });
  return candidates;
}

/// Fuses ops with `first` for as long as that stays where it is; returns
/// whether it does.
bool FuseMultiOutputPass::fuseFollowing(IRRewriter &rewriter,
                                        linalg::GenericOp &first) {
  SmallVector<linalg::GenericOp> candidates = getCandidates(first);
  while (!candidates.empty()) {
    linalg::GenericOp second = candidates.front();
    if (linalg::GenericOp fused = fuseWhereFirstIs(rewriter, first, second)) {
      ++numFused;
      first = fused;
      candidates = getCandidates(first);
    } else if (fuseWhereSecondIs(rewriter, first, second)) {
      ++numFused;
      return false;
    } else {
      candidates.erase(candidates.begin());
    }
  }
  return true;
}

void FuseMultiOutputPass::runOnOperation() {
  IRRewriter rewriter(&getContext());
  SetVector<Block *> blocks;
  getOperation()->walk(
      [&](linalg::GenericOp op) { blocks.insert(op->getBlock()); });
  SmallVector<Operation *> ops;
  for (Block *block : blocks) {
    Operation *op = &block->front();
    while (op) {
      Operation *before = op->getPrevNode();
      auto first = dyn_cast<linalg::GenericOp>(op);
      if (first && goesOverMaps(first)) {
        if (!fuseFollowing(rewriter, first)) {
          // It is with another now; who was behind it is here.
          op = before ? before->getNextNode() : &block->front();
          continue;
        }
        ops.push_back(op = first);
      }
      op = op->getNextNode();
    }
  }
  // What was computed for others alone needs no place any more.
  RewritePatternSet patterns(&getContext());
  linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
  if (failed(applyOpPatternsGreedily(ops, std::move(patterns))))
    signalPassFailure();
}
