//===- Arithmetic.cpp - Sums and products in which zero vanishes -*- C++
//-*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/expand/Arithmetic.h"
#include "dialect/TensorOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace dale;
using namespace dale::expand;

Value Arithmetic::add(Value a, Value b) {
  if (!a || !b)
    return a ? a : b;
  return arith::AddFOp::create(builder, loc, a, b);
}

Value Arithmetic::subtract(Value a, Value b) {
  if (!b)
    return a;
  if (!a)
    return arith::NegFOp::create(builder, loc, b);
  return arith::SubFOp::create(builder, loc, a, b);
}

Value Arithmetic::multiply(Value a, Value b) {
  if (!a || !b)
    return Value();
  return arith::MulFOp::create(builder, loc, a, b);
}

Value Arithmetic::addConstant(Value x, double value) {
  if (value == 0.0)
    return x;
  return add(x, createSplat(builder, loc, value, x));
}

Value Arithmetic::scale(Value x, double value) {
  if (!x || value == 1.0)
    return x;
  return multiply(x, createSplat(builder, loc, value, x));
}

Value Arithmetic::complement(Value x) {
  return subtract(createSplat(builder, loc, 1.0, x), x);
}

Value Arithmetic::rectify(Value x) {
  return arith::MaximumFOp::create(builder, loc, x,
                                   createSplat(builder, loc, 0.0, x));
}

Value Arithmetic::activate(Activation activation, Value x, int64_t exponent) {
  switch (activation) {
  case Activation::Identity:
    return x;
  case Activation::Relu:
    return rectify(x);
  case Activation::Sigmoid:
    return SigmoidOp::create(builder, loc, x.getType(), x);
  case Activation::Tanh:
    return math::TanhOp::create(builder, loc, x);
  case Activation::RectifiedTanh:
    return rectify(math::TanhOp::create(builder, loc, x));
  case Activation::Elu: {
    // max(x, 0) + exp(min(x, 0)) − 1: the exponential never overflows.
    Value negative = arith::MinimumFOp::create(
        builder, loc, x, createSplat(builder, loc, 0.0, x));
    Value decay = math::ExpOp::create(builder, loc, negative);
    Value positive = rectify(x);
    return add(positive, addConstant(decay, -1.0));
  }
  case Activation::Softplus:
    return SoftplusOp::create(builder, loc, x.getType(), x);
  case Activation::Power: {
    Value base = rectify(x), power = base;
    for (int64_t i = 1; i < exponent; ++i)
      power = multiply(power, base);
    return power;
  }
  }
  llvm_unreachable("unknown activation");
}

Value Arithmetic::broadcast(Value small, Value like) {
  return broadcast(small, cast<RankedTensorType>(like.getType()), like);
}

Value Arithmetic::broadcast(Value small, RankedTensorType type, Value like) {
  int64_t rank = cast<RankedTensorType>(small.getType()).getRank();
  auto leading = llvm::to_vector(llvm::seq<int64_t>(type.getRank() - rank));
  return BroadcastOp::create(builder, loc, type, small,
                             isBatched(type) ? like : Value(), leading);
}

Value Arithmetic::reduce(Value x, ArrayRef<int64_t> dimensions) {
  auto type = cast<RankedTensorType>(x.getType());
  SmallVector<int64_t> kept;
  for (auto [index, size] : llvm::enumerate(type.getShape()))
    if (!llvm::is_contained(dimensions, static_cast<int64_t>(index)))
      kept.push_back(size);
  auto result = RankedTensorType::get(kept, type.getElementType());
  return ReduceOp::create(builder, loc, result, x, /*accumulator=*/Value(),
                          dimensions);
}

Value Arithmetic::reduceAll(Value x) {
  int64_t rank = cast<RankedTensorType>(x.getType()).getRank();
  return reduce(x, llvm::to_vector(llvm::seq<int64_t>(rank)));
}
