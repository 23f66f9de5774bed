//===- LinalgBuilder.cpp - Linalg ops for one image -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/LinalgBuilder.h"

using namespace mlir;
using namespace dale;

static RankedTensorType typeOf(Value value) {
  return cast<RankedTensorType>(value.getType());
}

static SmallVector<OpFoldResult> indices(OpBuilder &builder,
                                         ArrayRef<int64_t> values) {
  return getAsIndexOpFoldResult(builder.getContext(), values);
}

Value LinalgBuilder::empty(Type type) {
  auto tensor = cast<RankedTensorType>(type);
  return tensor::EmptyOp::create(builder, loc, tensor.getShape(),
                                 tensor.getElementType());
}

Value LinalgBuilder::scalar(Type type, double value) {
  return arith::ConstantOp::create(builder, loc,
                                   builder.getFloatAttr(type, value));
}

Value LinalgBuilder::filled(Type type, double value) {
  Type element = cast<RankedTensorType>(type).getElementType();
  return linalg::FillOp::create(builder, loc, scalar(element, value),
                                empty(type))
      .getResult(0);
}

Value LinalgBuilder::pad(Value map, ArrayRef<int64_t> padding, double value) {
  if (llvm::all_of(padding, [](int64_t p) { return p == 0; }))
    return map;
  RankedTensorType type = typeOf(map);
  SmallVector<int64_t> shape(type.getShape());
  shape[1] += padding[0] + padding[1];
  shape[2] += padding[2] + padding[3];
  return insert(map, filled(type.clone(shape), value),
                {0, padding[0], padding[2], 0}, {1, 1, 1, 1});
}

Value LinalgBuilder::window(Value map, int64_t row, int64_t column,
                            int64_t rows, int64_t columns, int64_t stride) {
  int64_t channels = typeOf(map).getDimSize(3);
  return tensor::ExtractSliceOp::create(
      builder, loc, map, indices(builder, {0, row, column, 0}),
      indices(builder, {1, rows, columns, channels}),
      indices(builder, {1, stride, stride, 1}));
}

/// Offsets, sizes and strides of entry (i, j) of a tensor.
static void entrySlice(OpBuilder &builder, RankedTensorType type, int64_t i,
                       int64_t j, SmallVector<OpFoldResult> (&slice)[3]) {
  SmallVector<int64_t> offsets(type.getRank(), 0), sizes(type.getShape()),
      strides(type.getRank(), 1);
  offsets[0] = i;
  offsets[1] = j;
  sizes[0] = sizes[1] = 1;
  slice[0] = indices(builder, offsets);
  slice[1] = indices(builder, sizes);
  slice[2] = indices(builder, strides);
}

Value LinalgBuilder::entry(Value tensor, int64_t i, int64_t j) {
  RankedTensorType type = typeOf(tensor);
  SmallVector<OpFoldResult> slice[3];
  entrySlice(builder, type, i, j, slice);
  return tensor::ExtractSliceOp::create(
      builder, loc, type.clone(type.getShape().drop_front(2)), tensor, slice[0],
      slice[1], slice[2]);
}

Value LinalgBuilder::insertEntry(Value entry, Value tensor, int64_t i,
                                 int64_t j) {
  SmallVector<OpFoldResult> slice[3];
  entrySlice(builder, typeOf(tensor), i, j, slice);
  return tensor::InsertSliceOp::create(builder, loc, entry, tensor, slice[0],
                                       slice[1], slice[2]);
}

/// Groups all dimensions but the last `kept`.
static SmallVector<ReassociationIndices> leadingGroup(int64_t rank,
                                                      int64_t kept) {
  SmallVector<ReassociationIndices> groups(1);
  for (int64_t i = 0; i < rank - kept; ++i)
    groups[0].push_back(i);
  for (int64_t i = rank - kept; i < rank; ++i)
    groups.push_back({i});
  return groups;
}

Value LinalgBuilder::asMatrix(Value tensor) {
  RankedTensorType type = typeOf(tensor);
  if (type.getRank() == 2)
    return tensor;
  return tensor::CollapseShapeOp::create(builder, loc, tensor,
                                         leadingGroup(type.getRank(), 1));
}

Value LinalgBuilder::fromMatrix(Value matrix, Type type) {
  auto tensor = cast<RankedTensorType>(type);
  if (tensor.getRank() == 2)
    return matrix;
  return tensor::ExpandShapeOp::create(builder, loc, type, matrix,
                                       leadingGroup(tensor.getRank(), 1));
}

Value LinalgBuilder::flatten(Value tensor) {
  int64_t rank = typeOf(tensor).getRank();
  if (rank == 1)
    return tensor;
  if (rank == 0)
    return tensor::ExpandShapeOp::create(builder, loc,
                                         typeOf(tensor).clone({1}), tensor,
                                         ArrayRef<ReassociationIndices>());
  return tensor::CollapseShapeOp::create(builder, loc, tensor,
                                         leadingGroup(rank, 0));
}

Value LinalgBuilder::unflatten(Value flat, Type type) {
  int64_t rank = cast<RankedTensorType>(type).getRank();
  if (rank == 1)
    return flat;
  if (rank == 0)
    return tensor::CollapseShapeOp::create(builder, loc, type, flat,
                                           ArrayRef<ReassociationIndices>());
  return tensor::ExpandShapeOp::create(builder, loc, type, flat,
                                       leadingGroup(rank, 0));
}

Value LinalgBuilder::insert(Value source, Value target,
                            ArrayRef<int64_t> offsets,
                            ArrayRef<int64_t> strides) {
  return tensor::InsertSliceOp::create(
      builder, loc, source, target, indices(builder, offsets),
      indices(builder, typeOf(source).getShape()), indices(builder, strides));
}

SmallVector<Value> LinalgBuilder::generic(unsigned numLoops,
                                          ArrayRef<Operand> inputs,
                                          ArrayRef<Operand> outputs,
                                          Body body) {
  SmallVector<AffineMap> maps;
  SmallVector<Value> inputValues, outputValues;
  llvm::SmallBitVector parallel(numLoops);
  auto addMap = [&](const Operand &operand) {
    SmallVector<AffineExpr> results;
    for (unsigned loop : operand.loops)
      results.push_back(builder.getAffineDimExpr(loop));
    maps.push_back(AffineMap::get(numLoops, 0, results, builder.getContext()));
  };
  for (const Operand &input : inputs) {
    addMap(input);
    inputValues.push_back(input.value);
  }
  for (const Operand &output : outputs) {
    addMap(output);
    outputValues.push_back(output.value);
    for (unsigned loop : output.loops)
      parallel.set(loop);
  }
  SmallVector<utils::IteratorType> iterators;
  for (unsigned loop = 0; loop < numLoops; ++loop)
    iterators.push_back(parallel[loop] ? utils::IteratorType::parallel
                                       : utils::IteratorType::reduction);
  auto op = linalg::GenericOp::create(
      builder, loc, ValueRange(outputValues).getTypes(), inputValues,
      outputValues, maps, iterators,
      [&](OpBuilder &nested, Location nestedLoc, ValueRange arguments) {
        OpBuilder::InsertionGuard guard(builder);
        builder.setInsertionPoint(nested.getInsertionBlock(),
                                  nested.getInsertionPoint());
        SmallVector<Value> results = body(arguments.take_front(inputs.size()),
                                          arguments.drop_front(inputs.size()));
        linalg::YieldOp::create(builder, nestedLoc, results);
      });
  return SmallVector<Value>(op.getResults());
}

Value LinalgBuilder::map(ValueRange inputs, Type type,
                         llvm::function_ref<Value(ValueRange)> body) {
  unsigned rank = cast<RankedTensorType>(type).getRank();
  auto loops = llvm::to_vector(llvm::seq<unsigned>(rank));
  SmallVector<Operand> operands;
  for (Value input : inputs)
    operands.push_back({input, loops});
  return generic(rank, operands, {{empty(type), loops}},
                 [&](ValueRange in, ValueRange) -> SmallVector<Value> {
                   return {body(in)};
                 })[0];
}

Value LinalgBuilder::product(Value a, Value b, Value c) {
  return linalg::MatmulOp::create(builder, loc, ValueRange{a, b}, ValueRange{c})
      .getResult(0);
}

Value LinalgBuilder::addProducts(unsigned numLoops, const Operand &a,
                                 const Operand &b, const Operand &c) {
  SmallVector<AffineMap> maps;
  for (const Operand *operand : {&a, &b, &c})
    maps.push_back(AffineMap::getMultiDimMapWithTargets(
        numLoops, operand->loops, builder.getContext()));
  SmallVector<utils::IteratorType> iterators(numLoops,
                                             utils::IteratorType::reduction);
  for (unsigned loop : c.loops)
    iterators[loop] = utils::IteratorType::parallel;
  return addProducts(maps, iterators, a.value, b.value, c.value);
}

Value LinalgBuilder::addProducts(ArrayRef<AffineMap> maps,
                                 ArrayRef<utils::IteratorType> iterators,
                                 Value a, Value b, Value c) {
  return linalg::GenericOp::create(
             builder, loc, c.getType(), ValueRange{a, b}, c, maps, iterators,
             [](OpBuilder &nested, Location loc, ValueRange in) {
               Type type = in[2].getType();
               auto widen = [&](Value factor) -> Value {
                 return factor.getType() == type
                            ? factor
                            : arith::ExtFOp::create(nested, loc, type, factor);
               };
               Value x = widen(in[0]), y = widen(in[1]);
               Value term = arith::MulFOp::create(nested, loc, x, y);
               Value sum = arith::AddFOp::create(nested, loc, in[2], term);
               linalg::YieldOp::create(nested, loc, sum);
             })
      .getResult(0);
}

Value LinalgBuilder::transposedProduct(Value a, Value b, Value c) {
  return addProducts(3, {a, {2, 0}}, {b, {2, 1}}, {c, {0, 1}});
}
