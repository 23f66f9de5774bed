//===- RoundWeights.cpp - Weights in bf16 -----------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/gpu/Passes.h"
#include "compiler/lower/gpu/TensorCores.h"
#include "dialect/TensorOps.h"

namespace dale {
#define GEN_PASS_DEF_ROUNDWEIGHTS
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

struct RoundWeightsPass : dale::impl::RoundWeightsBase<RoundWeightsPass> {
  void runOnOperation() override;
};

/// A value that a stage yields, and who reads it.
struct Yielded {
  Value value;
  SmallVector<OpOperand *> uses;
};

} // namespace

/// Whether tensor cores compute a product.
static bool isForTensorCores(PointwiseConvOp product) {
  ArrayRef<int64_t> kernel = product.getKernel().getType().getShape();
  int64_t rows =
      llvm::product_of(product.getInput().getType().getShape().drop_back());
  return canMultiply(rows, /*columns=*/kernel[1], /*depth=*/kernel[0],
                     Precision::BF16);
}

/// Whether a stage over images reads an operand as the weights of products on
/// tensor cores, and as nothing else.
static bool isWeights(OpOperand &use) {
  auto stage = dyn_cast<StageOp>(use.getOwner());
  if (!stage || stage.getOnce())
    return false;
  Value weights = stage.getBody().getArgument(use.getOperandNumber());
  return getElementTypeOrSelf(weights).isF32() &&
         llvm::all_of(weights.getUsers(), [&](Operation *user) {
           auto product = dyn_cast<PointwiseConvOp>(user);
           return product && product.getKernel() == weights &&
                  product.getInput() != weights &&
                  product.getAccumulator() != weights &&
                  isForTensorCores(product);
         });
}

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

/// [Cin, Cout] as [Cout, Cin], which both types may have.
static Value transpose(OpBuilder &builder, Value weights) {
  RankedTensorType type = typeOf(weights);
  return TransposeOp::create(
      builder, weights.getLoc(),
      type.clone({type.getDimSize(1), type.getDimSize(0)}), weights);
}

/// What a stage gives instead of weights: [Cout, Cin] in bf16.
static Value round(OpBuilder &builder, Value weights) {
  Value terms = transpose(builder, weights);
  return arith::TruncFOp::create(builder, weights.getLoc(),
                                 typeOf(terms).clone(builder.getBF16Type()),
                                 terms);
}

/// Makes the weights again of what a stage over images is given.
static void widenWhereRead(OpBuilder &builder, OpOperand &use) {
  auto stage = cast<StageOp>(use.getOwner());
  BlockArgument weights = stage.getBody().getArgument(use.getOperandNumber());
  RankedTensorType type = typeOf(use.get());
  builder.setInsertionPointToStart(&stage.getBody().front());
  auto terms = arith::ExtFOp::create(builder, stage.getLoc(),
                                     type.clone(builder.getF32Type()), weights);
  Value widened = transpose(builder, terms);
  weights.replaceAllUsesExcept(widened, terms);
  weights.setType(type);
}

/// The same stage, with other results.
static void replaceResults(OpBuilder &builder, StageOp stage,
                           ArrayRef<Yielded> results) {
  auto values = llvm::map_to_vector(
      results, [](const Yielded &result) { return result.value; });
  stage.getBody().front().getTerminator()->setOperands(values);
  builder.setInsertionPoint(stage);
  auto replacement =
      StageOp::create(builder, stage.getLoc(), TypeRange(ValueRange(values)),
                      stage.getInputs(), stage.getOnce());
  replacement.getBody().takeBody(stage.getBody());
  for (auto [result, value] : llvm::zip(results, replacement.getResults()))
    for (OpOperand *use : result.uses)
      use->set(value);
  stage.erase();
}

void RoundWeightsPass::runOnOperation() {
  SmallVector<StageOp> stages;
  getOperation()->walk([&](StageOp stage) {
    if (stage.getOnce())
      stages.push_back(stage);
  });
  OpBuilder builder(&getContext());
  for (StageOp stage : stages) {
    Operation *yield = stage.getBody().front().getTerminator();
    SmallVector<Yielded> results;
    SmallVector<OpOperand *> rounded;
    builder.setInsertionPoint(yield);
    for (auto [result, value] :
         llvm::zip(stage->getResults(), yield->getOperands())) {
      Yielded asIs{value, {}}, weights{{}, {}};
      for (OpOperand &use : result.getUses())
        (isWeights(use) ? weights : asIs).uses.push_back(&use);
      if (!asIs.uses.empty())
        results.push_back(asIs);
      if (weights.uses.empty())
        continue;
      weights.value = round(builder, value);
      results.push_back(weights);
      llvm::append_range(rounded, weights.uses);
      ++numRounded;
    }
    if (rounded.empty())
      continue;
    replaceResults(builder, stage, results);
    for (OpOperand *use : rounded)
      widenWhereRead(builder, *use);
  }
}
