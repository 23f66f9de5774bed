//===- UpstreamDerivatives.cpp - Derivatives of upstream's ops -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// External models of DifferentiableOpInterface for the element-wise ops of
// `arith` and `math`.
//
//===----------------------------------------------------------------------===//

#include "dialect/TensorOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/Builders.h"

using namespace mlir;
using namespace dale;

using Cotangents = MutableArrayRef<Value>;

namespace {

Value multiply(OpBuilder &builder, Location loc, Value a, Value b) {
  return arith::MulFOp::create(builder, loc, a, b);
}

template <typename Model, typename Op>
struct Derivative : DifferentiableOpInterface::ExternalModel<Model, Op> {};

struct AddF : Derivative<AddF, arith::AddFOp> {
  void buildCotangents(Operation *, OpBuilder &, ValueRange results,
                       Cotangents operands) const {
    operands[0] = operands[1] = results[0];
  }
};

struct SubF : Derivative<SubF, arith::SubFOp> {
  void buildCotangents(Operation *op, OpBuilder &builder, ValueRange results,
                       Cotangents operands) const {
    operands[0] = results[0];
    operands[1] = arith::NegFOp::create(builder, op->getLoc(), results[0]);
  }
};

struct MulF : Derivative<MulF, arith::MulFOp> {
  void buildCotangents(Operation *op, OpBuilder &builder, ValueRange results,
                       Cotangents operands) const {
    for (int i : {0, 1})
      operands[i] =
          multiply(builder, op->getLoc(), results[0], op->getOperand(1 - i));
  }
};

struct DivF : Derivative<DivF, arith::DivFOp> {
  void buildCotangents(Operation *op, OpBuilder &builder, ValueRange results,
                       Cotangents operands) const {
    Location loc = op->getLoc();
    operands[0] =
        arith::DivFOp::create(builder, loc, results[0], op->getOperand(1));
    Value slope = multiply(builder, loc, operands[0], op->getResult(0));
    operands[1] = arith::NegFOp::create(builder, loc, slope);
  }
};

struct NegF : Derivative<NegF, arith::NegFOp> {
  void buildCotangents(Operation *op, OpBuilder &builder, ValueRange results,
                       Cotangents operands) const {
    operands[0] = arith::NegFOp::create(builder, op->getLoc(), results[0]);
  }
};

/// max(x, y): the cotangent goes to x where x > y, and to y elsewhere, so that
/// max(x, 0) has the derivative 0 at 0. It asks whether max(x, y) > y, which is
/// the same: what a relu gives is read by others too, but what it takes would
/// have to be kept for this alone.
struct MaximumF : Derivative<MaximumF, arith::MaximumFOp> {
  void buildCotangents(Operation *op, OpBuilder &builder, ValueRange results,
                       Cotangents operands) const {
    Location loc = op->getLoc();
    Value larger = op->getResult(0), y = op->getOperand(1);
    Value zero = createSplat(builder, loc, 0.0, y), g = results[0];
    operands[0] = WhereOp::create(builder, loc, larger, y, g, zero);
    operands[1] = WhereOp::create(builder, loc, larger, y, zero, g);
  }
};

/// min(x, y): the cotangent goes to y where x > y, and to x elsewhere.
struct MinimumF : Derivative<MinimumF, arith::MinimumFOp> {
  void buildCotangents(Operation *op, OpBuilder &builder, ValueRange results,
                       Cotangents operands) const {
    Location loc = op->getLoc();
    Value x = op->getOperand(0), y = op->getOperand(1);
    Value zero = createSplat(builder, loc, 0.0, x), g = results[0];
    operands[0] = WhereOp::create(builder, loc, x, y, zero, g);
    operands[1] = WhereOp::create(builder, loc, x, y, g, zero);
  }
};

/// |x|: the derivative at 0 is 0.
struct AbsF : Derivative<AbsF, math::AbsFOp> {
  void buildCotangents(Operation *op, OpBuilder &builder, ValueRange results,
                       Cotangents operands) const {
    Location loc = op->getLoc();
    Value x = op->getOperand(0);
    Value zero = createSplat(builder, loc, 0.0, x);
    Value minus = arith::NegFOp::create(builder, loc, results[0]);
    Value otherwise = WhereOp::create(builder, loc, zero, x, minus, zero);
    operands[0] = WhereOp::create(builder, loc, x, zero, results[0], otherwise);
  }
};

struct Exp : Derivative<Exp, math::ExpOp> {
  void buildCotangents(Operation *op, OpBuilder &builder, ValueRange results,
                       Cotangents operands) const {
    operands[0] = multiply(builder, op->getLoc(), results[0], op->getResult(0));
  }
};

/// (1 / √x)' = −1/2 · (1 / √x)³.
struct Rsqrt : Derivative<Rsqrt, math::RsqrtOp> {
  void buildCotangents(Operation *op, OpBuilder &builder, ValueRange results,
                       Cotangents operands) const {
    Location loc = op->getLoc();
    Value y = op->getResult(0);
    Value cube = multiply(builder, loc, multiply(builder, loc, y, y), y);
    Value slope =
        multiply(builder, loc, createSplat(builder, loc, -0.5, y), cube);
    operands[0] = multiply(builder, loc, results[0], slope);
  }
};

/// tanh' = 1 - tanh².
struct Tanh : Derivative<Tanh, math::TanhOp> {
  void buildCotangents(Operation *op, OpBuilder &builder, ValueRange results,
                       Cotangents operands) const {
    Location loc = op->getLoc();
    Value square = multiply(builder, loc, op->getResult(0), op->getResult(0));
    Value loss = multiply(builder, loc, results[0], square);
    operands[0] = arith::SubFOp::create(builder, loc, results[0], loss);
  }
};

} // namespace

void dale::registerUpstreamDerivatives(DialectRegistry &registry) {
  registry.addExtension(+[](MLIRContext *context, arith::ArithDialect *) {
    arith::AddFOp::attachInterface<AddF>(*context);
    arith::SubFOp::attachInterface<SubF>(*context);
    arith::MulFOp::attachInterface<MulF>(*context);
    arith::DivFOp::attachInterface<DivF>(*context);
    arith::NegFOp::attachInterface<NegF>(*context);
    arith::MaximumFOp::attachInterface<MaximumF>(*context);
    arith::MinimumFOp::attachInterface<MinimumF>(*context);
  });
  registry.addExtension(+[](MLIRContext *context, math::MathDialect *) {
    math::AbsFOp::attachInterface<AbsF>(*context);
    math::ExpOp::attachInterface<Exp>(*context);
    math::RsqrtOp::attachInterface<Rsqrt>(*context);
    math::TanhOp::attachInterface<Tanh>(*context);
  });
}
