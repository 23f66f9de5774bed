//===- FuseSiblings.cpp - Ops that share maps -----------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Maps.h"
#include "compiler/lower/Passes.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace dale {
#define GEN_PASS_DEF_FUSESIBLINGS
#include "compiler/lower/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct FuseSiblingsPass : dale::impl::FuseSiblingsBase<FuseSiblingsPass> {
  using FuseSiblingsBase::FuseSiblingsBase;

  void runOnOperation() override;

private:
  bool canShareLoops(linalg::GenericOp first, linalg::GenericOp second) const;
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
  return op.hasPureTensorSemantics() && !op.hasDynamicShape() &&
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
      if (!isMap(first) || !getResultRead(first, second, input))
        return false;
      shares = true;
    }
    shares |= map.isPermutation() && read.contains({input->get(), map});
  }
  return shares;
}

bool FuseSiblingsPass::canShareLoops(linalg::GenericOp first,
                                     linalg::GenericOp second) const {
  if (first.getIteratorTypesArray() != second.getIteratorTypesArray() ||
      first.getStaticLoopRanges() != second.getStaticLoopRanges() ||
      !shareMap(first, second))
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
/// places, or `second` itself.
static std::optional<SmallVector<Operation *>> getUsers(Operation *first,
                                                        Operation *second) {
  SetVector<Operation *> slice;
  SmallVector<Operation *> worklist{first};
  while (!worklist.empty())
    for (Operation *user : worklist.pop_back_val()->getUsers()) {
      user = first->getBlock()->findAncestorOpInBlock(*user);
      if (second->isBeforeInBlock(user))
        continue;
      if (!isPlace(user))
        return std::nullopt;
      if (slice.insert(user))
        worklist.push_back(user);
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
      first.getIteratorTypesArray(),
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

/// Fuses two siblings where the first is, or else where the second is; nothing
/// if what is between them allows neither.
static linalg::GenericOp tryToFuse(IRRewriter &rewriter,
                                   linalg::GenericOp first,
                                   linalg::GenericOp second) {
  if (auto needed = getNeeded(first, second)) {
    for (Operation *op : *needed)
      op->moveBefore(first);
    rewriter.setInsertionPoint(first);
  } else if (auto users = getUsers(first, second)) {
    Operation *last = second;
    for (Operation *op : *users) {
      op->moveAfter(last);
      last = op;
    }
    rewriter.setInsertionPoint(second);
  } else {
    return nullptr;
  }
  linalg::GenericOp fused = fuse(rewriter, first, second);
  rewriter.replaceOp(first,
                     fused->getResults().take_front(first.getNumResults()));
  rewriter.replaceOp(second,
                     fused->getResults().take_back(second.getNumResults()));
  return fused;
}

void FuseSiblingsPass::runOnOperation() {
  IRRewriter rewriter(&getContext());
  SmallVector<Block *> blocks;
  SmallVector<Operation *> fusedOps;
  getOperation()->walk([&](linalg::GenericOp op) {
    if (!llvm::is_contained(blocks, op->getBlock()))
      blocks.push_back(op->getBlock());
  });
  for (Block *block : blocks) {
    SmallVector<linalg::GenericOp> ops;
    for (auto op : block->getOps<linalg::GenericOp>())
      if (goesOverMaps(op) && !getMapsRead(op).empty())
        ops.push_back(op);
    for (auto [i, first] : llvm::enumerate(ops))
      for (linalg::GenericOp &second : MutableArrayRef(ops).drop_front(i + 1)) {
        if (!first)
          break;
        if (!second || !canShareLoops(first, second))
          continue;
        if (linalg::GenericOp fused = tryToFuse(rewriter, first, second)) {
          first = fused;
          second = nullptr;
          ++numFused;
        }
      }
    llvm::append_range(fusedOps,
                       llvm::make_filter_range(
                           ops, [](Operation *op) { return op != nullptr; }));
  }
  // What was computed for others alone needs no place any more.
  RewritePatternSet patterns(&getContext());
  linalg::populateEraseUnusedOperandsAndResultsPatterns(patterns);
  (void)applyOpPatternsGreedily(fusedOps, std::move(patterns));
}
