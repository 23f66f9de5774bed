//===- Normalizer.cpp - Norms, in training and in evaluation -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/expand/Normalizer.h"
#include "compiler/expand/Arithmetic.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace dale;
using namespace dale::expand;

static std::string variableName(StringRef owner, StringRef what) {
  return (owner + ".norm." + what).str();
}

Value Normalizer::read(const Instance &instance, StringRef what) {
  return reader.read(variableName(instance.owner, what), instance.row);
}

Value Normalizer::normalize(Location loc, StringRef owner, NormAttr norm,
                            Value x, std::optional<int64_t> step) {
  Instance instance{loc, owner, norm, step};
  if (norm.getShared())
    instance.row = std::nullopt;
  if (norm.getKind() == NormKind::Layer)
    return normalizeByLayer(instance, x);
  return mode == Mode::Training ? normalizeByBatch(instance, x)
                                : normalizeByAverages(instance, x);
}

//===----------------------------------------------------------------------===//
// Training
//===----------------------------------------------------------------------===//

Value Normalizer::normalizeByBatch(const Instance &instance, Value x) {
  auto epsilon = builder.getF64FloatAttr(
      NormAttr(instance.norm).getEpsilon().getValueAsDouble());
  Value scale = read(instance, "scale"), offset = read(instance, "offset");
  auto op =
      BatchNormOp::create(builder, instance.loc, x.getType(), scale.getType(),
                          scale.getType(), x, scale, offset, count, epsilon);
  updateAverage(instance, "mean", op.getMean());
  updateAverage(instance, "variance", unbiased(instance, op.getVariance(), x));
  return op.getResult();
}

Value Normalizer::unbiased(const Instance &instance, Value variance, Value x) {
  Arithmetic math(builder, instance.loc);
  auto shape = cast<RankedTensorType>(x.getType()).getShape();
  int64_t pixels = ShapedType::getNumElements(shape.drop_front().drop_back());
  Value n = math.scale(count, pixels);
  // A single value has the variance 0: any factor but 1 / 0 will do.
  Value one = createSplat(builder, instance.loc, 1.0, n);
  Value degrees = math.subtract(n, one);
  degrees = arith::MaximumFOp::create(builder, instance.loc, degrees, one);
  Value factor = arith::DivFOp::create(builder, instance.loc, n, degrees);
  return math.multiply(variance, math.broadcast(factor, variance));
}

void Normalizer::updateAverage(const Instance &instance, StringRef what,
                               Value statistic) {
  VariableOp variable = variables.lookup(variableName(instance.owner, what));
  // A norm that all time steps share is updated at each of them in turn.
  Value &average = updated[{variable, instance.row.value_or(-1)}];
  if (!average)
    average = read(instance, what);
  double decay = instance.norm.getDecay().getValueAsDouble();
  Arithmetic math(builder, instance.loc);
  average = math.scale(average, decay);
  average = math.add(average, math.scale(statistic, 1.0 - decay));
}

Value Normalizer::packAverages(Location loc) {
  SmallVector<Value> values;
  SmallVector<Attribute> names;
  SmallVector<int64_t> rows;
  for (auto &[key, value] : updated) {
    values.push_back(value);
    names.push_back(
        FlatSymbolRefAttr::get(cast<VariableOp>(key.first).getSymNameAttr()));
    rows.push_back(key.second);
  }
  return PackOp::create(builder, loc, variables.bufferType(Section::Average),
                        values, builder.getArrayAttr(names), rows);
}

//===----------------------------------------------------------------------===//
// Over an image
//===----------------------------------------------------------------------===//

Value Normalizer::normalizeByLayer(const Instance &instance, Value x) {
  Arithmetic math(builder, instance.loc);
  auto type = cast<RankedTensorType>(x.getType());
  auto everything = llvm::to_vector(llvm::seq<int64_t>(1, type.getRank()));
  double n = ShapedType::getNumElements(type.getShape().drop_front());
  auto mean = [&](Value map) {
    return math.scale(math.reduce(map, everything), 1.0 / n);
  };
  auto repeat = [&](Value perImage) -> Value {
    return BroadcastOp::create(builder, instance.loc, type, perImage, x,
                               everything);
  };
  Value centered = math.subtract(x, repeat(mean(x)));
  Value variance = mean(math.multiply(centered, centered));
  variance =
      math.addConstant(variance, instance.norm.getEpsilon().getValueAsDouble());
  Value inverse = math::RsqrtOp::create(builder, instance.loc, variance);
  Value normalized = math.multiply(centered, repeat(inverse));
  Value scale = math.broadcast(read(instance, "scale"), x);
  Value scaled = math.multiply(normalized, scale);
  return math.add(scaled, math.broadcast(read(instance, "offset"), x));
}

//===----------------------------------------------------------------------===//
// Evaluation
//===----------------------------------------------------------------------===//

/// With fixed statistics a norm is a · x + b, with a = scale / √(variance + ε)
/// and b = offset − mean · a per channel: point-wise work on each image alone.
Value Normalizer::normalizeByAverages(const Instance &instance, Value x) {
  Arithmetic math(builder, instance.loc);
  VariableOp variable =
      variables.lookup(variableName(instance.owner, "variance"));
  auto &[a, b] = folded[{variable, instance.row.value_or(-1)}];
  if (!a) {
    Value variance =
        math.addConstant(read(instance, "variance"),
                         instance.norm.getEpsilon().getValueAsDouble());
    Value inverse = math::RsqrtOp::create(builder, instance.loc, variance);
    a = math.multiply(read(instance, "scale"), inverse);
    b = read(instance, "offset");
    b = math.subtract(b, math.multiply(read(instance, "mean"), a));
  }
  Value scaled = math.multiply(x, math.broadcast(a, x));
  return math.add(scaled, math.broadcast(b, x));
}
