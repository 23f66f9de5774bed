//===- Autodiff.cpp - Reverse-mode differentiation -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/autodiff/Passes.h"
#include "dialect/TensorOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/RegionUtils.h"

namespace dale {
#define GEN_PASS_DEF_AUTODIFF
#include "compiler/autodiff/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

//===----------------------------------------------------------------------===//
// Reverse mode
//===----------------------------------------------------------------------===//

/// Cotangents of the values of one block of straight-line code.
class ReverseMode {
public:
  ReverseMode(OpBuilder &builder, Block &block, Value wrt)
      : builder(builder), block(block) {
    active.insert(wrt);
    for (Operation &op : block)
      if (dependsOnActive(op))
        active.insert_range(op.getResults());
  }

  /// Builds the derivative of `objective` with respect to `wrt` at the
  /// builder's insertion point. Null where the objective does not depend on it.
  FailureOr<Value> differentiate(Value objective, Value wrt) {
    if (!active.contains(objective))
      return Value();
    accumulate(objective,
               createSplat(builder, objective.getLoc(), 1.0, objective));
    SmallVector<Operation *> ops;
    for (Operation &op : block)
      ops.push_back(&op);
    for (Operation *op : llvm::reverse(ops))
      if (failed(visit(op)))
        return failure();
    return cotangents.lookup(wrt);
  }

  unsigned getNumDifferentiated() const { return numDifferentiated; }

private:
  /// Whether an op takes what depends on the parameters, as an operand or from
  /// within its regions.
  bool dependsOnActive(Operation &op) const {
    SetVector<Value> used;
    getUsedValuesDefinedAbove(op.getRegions(), used);
    used.insert_range(op.getOperands());
    return llvm::any_of(used,
                        [&](Value value) { return active.contains(value); });
  }

  LogicalResult visit(Operation *op) {
    SmallVector<Value> results;
    for (Value result : op->getResults())
      results.push_back(active.contains(result) ? cotangents.lookup(result)
                                                : Value());
    if (llvm::none_of(results, [](Value value) { return value; }))
      return success();
    auto differentiable = dyn_cast<DifferentiableOpInterface>(op);
    if (!differentiable)
      return op->emitOpError("stands between the parameters and the objective, "
                             "but has no derivative");
    SmallVector<Value> operands(op->getNumOperands());
    differentiable.buildCotangents(builder, results, operands);
    ++numDifferentiated;
    for (auto [operand, cotangent] : llvm::zip(op->getOperands(), operands))
      if (cotangent && active.contains(operand))
        accumulate(operand, cotangent);
    return success();
  }

  void accumulate(Value value, Value cotangent) {
    Value &sum = cotangents[value];
    sum =
        sum ? arith::AddFOp::create(builder, cotangent.getLoc(), sum, cotangent)
                  .getResult()
            : cotangent;
  }

  OpBuilder &builder;
  Block &block;
  /// Values that depend on the parameters.
  DenseSet<Value> active;
  DenseMap<Value, Value> cotangents;
  unsigned numDifferentiated = 0;
};

//===----------------------------------------------------------------------===//
// Gradients of a flat buffer
//===----------------------------------------------------------------------===//

/// Each read of a variable gives a pack with that variable alone; their sum is
/// one pack. A row and the whole of one variable overlap and stay apart.
struct MergePacks : OpRewritePattern<arith::AddFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::AddFOp op,
                                PatternRewriter &rewriter) const override {
    auto lhs = op.getLhs().getDefiningOp<PackOp>();
    auto rhs = op.getRhs().getDefiningOp<PackOp>();
    if (!lhs || !rhs || overlap(lhs, rhs))
      return failure();
    SmallVector<Value> values(lhs.getValues());
    SmallVector<Attribute> variables(lhs.getVariables().getValue());
    SmallVector<int64_t> rows(lhs.getRows());
    for (auto [value, variable, row] :
         llvm::zip(rhs.getValues(), rhs.getVariables(), rhs.getRows())) {
      auto same =
          llvm::find_if(llvm::seq<size_t>(values.size()), [&](size_t i) {
            return variables[i] == variable && rows[i] == row;
          });
      if (same == llvm::seq<size_t>(values.size()).end()) {
        values.push_back(value);
        variables.push_back(variable);
        rows.push_back(row);
        continue;
      }
      values[*same] =
          arith::AddFOp::create(rewriter, op.getLoc(), values[*same], value);
    }
    rewriter.replaceOpWithNewOp<PackOp>(op, op.getType(), values,
                                        rewriter.getArrayAttr(variables), rows);
    return success();
  }

private:
  /// Whether one has a row of a variable that the other has whole.
  static bool overlap(PackOp lhs, PackOp rhs) {
    for (auto [a, rowA] : llvm::zip(lhs.getVariables(), lhs.getRows()))
      for (auto [b, rowB] : llvm::zip(rhs.getVariables(), rhs.getRows()))
        if (a == b && rowA != rowB && (rowA < 0 || rowB < 0))
          return true;
    return false;
  }
};

/// (x + pack) + pack: brings the packs together.
struct ReassociatePacks : OpRewritePattern<arith::AddFOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(arith::AddFOp op,
                                PatternRewriter &rewriter) const override {
    auto inner = op.getLhs().getDefiningOp<arith::AddFOp>();
    if (!inner || !op.getRhs().getDefiningOp<PackOp>())
      return failure();
    for (int i : {0, 1}) {
      if (!inner->getOperand(i).getDefiningOp<PackOp>())
        continue;
      Value packs = arith::AddFOp::create(rewriter, op.getLoc(),
                                          inner->getOperand(i), op.getRhs());
      rewriter.replaceOpWithNewOp<arith::AddFOp>(op, inner->getOperand(1 - i),
                                                 packs);
      return success();
    }
    return failure();
  }
};

//===----------------------------------------------------------------------===//
// Pass Implementation
//===----------------------------------------------------------------------===//

struct AutodiffPass : dale::impl::AutodiffBase<AutodiffPass> {
  void runOnOperation() override {
    SmallVector<func::FuncOp> functions;
    getOperation().walk([&](func::FuncOp function) {
      if (function->hasAttr(objectiveAttrName))
        functions.push_back(function);
    });
    for (func::FuncOp function : functions)
      if (failed(differentiate(function)))
        return signalPassFailure();
  }

private:
  LogicalResult differentiate(func::FuncOp function);
  /// Adds the optimizer and its arguments and results.
  void addOptimizer(func::FuncOp function, Value theta, Value gradient,
                    double momentum);
};

} // namespace

/// An index attribute of the function, checked against `size`.
static FailureOr<unsigned> getIndex(func::FuncOp function, StringRef name,
                                    unsigned size) {
  auto attribute = function->getAttrOfType<IntegerAttr>(name);
  if (!attribute || attribute.getInt() < 0 || attribute.getInt() >= size)
    return function.emitOpError() << "needs the integer attribute '" << name
                                  << "' in [0, " << size << ")";
  return attribute.getInt();
}

LogicalResult AutodiffPass::differentiate(func::FuncOp function) {
  auto objective =
      getIndex(function, objectiveAttrName, function.getNumResults());
  auto wrt = getIndex(function, wrtAttrName, function.getNumArguments());
  if (failed(objective) || failed(wrt))
    return failure();
  auto momentum = function->getAttrOfType<FloatAttr>(momentumAttrName);
  if (!momentum)
    return function.emitOpError("needs the float attribute 'dale.momentum'");
  if (!llvm::hasSingleElement(function.getBody()))
    return function.emitOpError("must be straight-line code");
  constexpr StringLiteral stepName = "train_step";
  Operation *other = SymbolTable::lookupNearestSymbolFrom(
      function, StringAttr::get(&getContext(), stepName));
  if (other && other != function)
    return function.emitOpError()
           << "becomes '" << stepName << "', but there is one";

  Block &body = function.getBody().front();
  Operation *terminator = body.getTerminator();
  auto scalar =
      dyn_cast<RankedTensorType>(function.getResultTypes()[*objective]);
  if (!scalar || scalar.getRank() != 0)
    return function.emitOpError("can minimize only a scalar, not a value of "
                                "type ")
           << function.getResultTypes()[*objective];

  OpBuilder builder(terminator);
  Value theta = body.getArgument(*wrt);
  auto flat = dyn_cast<RankedTensorType>(theta.getType());
  if (!flat || flat.getRank() != 1 || !flat.hasStaticShape() ||
      !isa<FloatType>(flat.getElementType()))
    return function.emitOpError("needs a flat buffer of real numbers as its "
                                "parameters, not a value of type ")
           << theta.getType();
  ReverseMode reverse(builder, body, theta);
  FailureOr<Value> gradient =
      reverse.differentiate(terminator->getOperand(*objective), theta);
  if (failed(gradient))
    return failure();
  if (!*gradient)
    return function.emitOpError("has an objective that does not depend on its "
                                "parameters");
  numDifferentiated += reverse.getNumDifferentiated();

  addOptimizer(function, theta, *gradient, momentum.getValueAsDouble());
  for (StringRef name : {objectiveAttrName, wrtAttrName, momentumAttrName})
    function->removeAttr(name);
  function.setName(stepName);

  RewritePatternSet patterns(&getContext());
  patterns.add<MergePacks, ReassociatePacks>(&getContext());
  return applyPatternsGreedily(function, std::move(patterns));
}

void AutodiffPass::addOptimizer(func::FuncOp function, Value theta,
                                Value gradient, double momentum) {
  Block &body = function.getBody().front();
  Operation *terminator = body.getTerminator();
  OpBuilder builder(terminator);
  Location loc = function.getLoc();
  auto flat = cast<RankedTensorType>(theta.getType());
  auto scalar = RankedTensorType::get({}, flat.getElementType());

  auto name = [&](StringRef buffer) {
    return builder.getDictionaryAttr(
        builder.getNamedAttr(bufferAttrName, builder.getStringAttr(buffer)));
  };
  auto argument = [&](Type type, StringRef buffer) -> Value {
    unsigned index = function.getNumArguments();
    (void)function.insertArgument(index, type, name(buffer), loc);
    return body.getArgument(index);
  };
  Value momenta = argument(flat, "momenta");
  Value rate = argument(scalar, "learningRate");

  Value decay = createSplat(builder, loc, momentum, momenta);
  Value decayed = arith::MulFOp::create(builder, loc, decay, momenta);
  Value next = arith::AddFOp::create(builder, loc, decayed, gradient);
  Value rates = BroadcastOp::create(builder, loc, flat, rate, /*like=*/Value(),
                                    ArrayRef<int64_t>{0});
  Value step = arith::MulFOp::create(builder, loc, rates, next);
  Value parameters = arith::SubFOp::create(builder, loc, theta, step);

  auto result = [&](Value value, StringRef buffer) {
    (void)function.insertResult(function.getNumResults(), value.getType(),
                                name(buffer));
    terminator->insertOperands(terminator->getNumOperands(), value);
  };
  result(gradient, "gradients");
  result(next, "momenta");
  result(parameters, "parameters");
}
