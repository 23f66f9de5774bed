//===- Share.cpp - Computing once what does not change -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/fuse/Passes.h"
#include "dialect/TensorOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Dominance.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/CSE.h"

namespace dale {
#define GEN_PASS_DEF_SHARE
#include "compiler/fuse/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

/// A term of a sum, with its sign.
struct Term {
  Value value;
  bool negative;
};

/// How many ops stand between the images and a value: 0 where a value does not
/// depend on the images at all. Values with a smaller depth are known earlier,
/// and what is the same at all time steps is known before what is not.
class Depths {
public:
  explicit Depths(Block &block) {
    for (Operation &op : block) {
      int64_t depth = 0;
      bool dependsOnImages = false;
      // What a broadcast is like gives it a size, not a value.
      auto broadcast = dyn_cast<BroadcastOp>(op);
      for (Value operand : op.getOperands()) {
        if (broadcast && operand != broadcast.getInput())
          continue;
        depth = std::max(depth, get(operand));
        dependsOnImages |= isBatched(operand.getType()) || get(operand) > 0;
      }
      for (Value result : op.getResults())
        depths[result] = dependsOnImages ? depth + 1 : 0;
    }
  }

  int64_t get(Value value) const { return depths.lookup(value); }

  /// A value that takes the place of another one has its depth.
  void replace(Value old, Value value) { depths[value] = get(old); }

private:
  DenseMap<Value, int64_t> depths;
};

struct SharePass : dale::impl::ShareBase<SharePass> {
  void runOnOperation() override {
    for (Block &block : getOperation().getBody())
      orderSums(block);
    IRRewriter rewriter(&getContext());
    DominanceInfo dominance(getOperation());
    bool changed = false;
    int64_t before = countOps();
    eliminateCommonSubExpressions(rewriter, dominance, getOperation(),
                                  &changed);
    numShared += before - countOps();
    accumulateSums();
  }

private:
  int64_t countOps() {
    int64_t count = 0;
    getOperation().walk([&](Operation *) { ++count; });
    return count;
  }

  void orderSums(Block &block);
  void accumulateSums();
};

} // namespace

static bool isSum(Operation *op) {
  return op && isa<arith::AddFOp, arith::SubFOp>(op) &&
         isBatched(op->getResult(0).getType());
}

/// Whether an op is a partial sum that only another sum uses.
static bool isInnerSum(Operation *op) {
  return isSum(op) && op->hasOneUse() && isSum(*op->user_begin());
}

static void collectTerms(Value value, bool negative,
                         SmallVectorImpl<Term> &terms) {
  Operation *op = value.getDefiningOp();
  terms.push_back({value, negative});
  if (!isInnerSum(op))
    return;
  terms.pop_back();
  collectTerms(op->getOperand(0), negative, terms);
  collectTerms(op->getOperand(1), negative != isa<arith::SubFOp>(op), terms);
}

void SharePass::orderSums(Block &block) {
  Depths depths(block);
  SmallVector<Operation *> roots;
  for (Operation &op : block)
    if (isSum(&op) && !isInnerSum(&op))
      roots.push_back(&op);

  for (Operation *root : roots) {
    SmallVector<Term> terms;
    collectTerms(root->getOperand(0), false, terms);
    collectTerms(root->getOperand(1), isa<arith::SubFOp>(root), terms);
    llvm::stable_sort(terms, [&](const Term &a, const Term &b) {
      return depths.get(a.value) < depths.get(b.value);
    });
    // A sum starts with a term that is added, if there is one.
    auto *positive =
        llvm::find_if(terms, [](const Term &term) { return !term.negative; });
    if (positive != terms.end())
      std::rotate(terms.begin(), positive, positive + 1);

    OpBuilder builder(root);
    Location loc = root->getLoc();
    Value sum = terms.front().value;
    if (terms.front().negative)
      sum = arith::NegFOp::create(builder, loc, sum);
    for (const Term &term : llvm::drop_begin(terms))
      sum =
          term.negative
              ? arith::SubFOp::create(builder, loc, sum, term.value).getResult()
              : arith::AddFOp::create(builder, loc, sum, term.value)
                    .getResult();
    depths.replace(root->getResult(0), sum);
    root->replaceAllUsesWith(ValueRange(sum));
    // The old partial sums are dead from the root down.
    SmallVector<Operation *> dead{root};
    while (!dead.empty()) {
      Operation *op = dead.pop_back_val();
      SmallVector<Value> operands(op->getOperands());
      op->erase();
      for (Value operand : operands)
        if (Operation *def = operand.getDefiningOp();
            isSum(def) && def->use_empty() && !llvm::is_contained(dead, def))
          dead.push_back(def);
    }
  }
}

void SharePass::accumulateSums() {
  SmallVector<arith::AddFOp> sums;
  getOperation().walk([&](arith::AddFOp op) {
    if (isSum(op))
      sums.push_back(op);
  });
  for (arith::AddFOp sum : sums) {
    for (int i : {1, 0}) {
      auto term = sum->getOperand(i).getDefiningOp<AccumulatingOpInterface>();
      if (!term || term.getAccumulator() || !term->hasOneUse())
        continue;
      term.setAccumulator(sum->getOperand(1 - i));
      // The accumulator may be known only here.
      term->moveBefore(sum);
      sum.replaceAllUsesWith(term->getResult(0));
      sum.erase();
      ++numAccumulated;
      break;
    }
  }
}
