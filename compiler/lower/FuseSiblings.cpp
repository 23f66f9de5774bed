//===- FuseSiblings.cpp - Maps that read the same maps ---------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Passes.h"
#include "mlir/Analysis/SliceAnalysis.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/IRMapping.h"

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
  bool areSiblings(linalg::GenericOp first, linalg::GenericOp second) const;
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

bool FuseSiblingsPass::areSiblings(linalg::GenericOp first,
                                   linalg::GenericOp second) const {
  if (first.getIteratorTypesArray() != second.getIteratorTypesArray() ||
      first.getStaticLoopRanges() != second.getStaticLoopRanges())
    return false;
  llvm::SmallDenseSet<Access> read = getMapsRead(first);
  if (llvm::none_of(getMapsRead(second),
                    [&](Access each) { return read.contains(each); }))
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
/// more than places.
static std::optional<SmallVector<Operation *>> getNeeded(Operation *first,
                                                         Operation *second) {
  SetVector<Operation *> slice;
  BackwardSliceOptions options;
  options.filter = [&](Operation *op) {
    return op->getBlock() == first->getBlock() && !op->isBeforeInBlock(first);
  };
  options.omitBlockArguments = true;
  options.omitUsesFromAbove = false;
  if (failed(getBackwardSlice(second, &slice, options)))
    return std::nullopt;
  if (!llvm::all_of(slice, isPlace))
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
      if (places.try_emplace({input->get(), map}, inputs.size()).second) {
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
          for (OpOperand *input : op.getDpsInputOperands())
            mapping.map(op.getMatchingBlockArgument(input),
                        arguments[places.lookup(
                            {input->get(), op.getMatchingIndexingMap(input)})]);
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
        if (!second || !areSiblings(first, second))
          continue;
        if (linalg::GenericOp fused = tryToFuse(rewriter, first, second)) {
          first = fused;
          second = nullptr;
          ++numFused;
        }
      }
  }
}
