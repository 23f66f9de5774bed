//===- StageFunctions.cpp - Stages as functions on memrefs -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/StageFunctions.h"
#include "compiler/lower/LinalgBuilder.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/IRMapping.h"

using namespace mlir;
using namespace dale;

MemRefType dale::getMemRefType(Type tensor) {
  auto type = cast<RankedTensorType>(tensor);
  return MemRefType::get(type.getShape(), type.getElementType());
}

namespace {

/// Builds the function's new body from the stage's.
class StageLowering {
public:
  StageLowering(func::FuncOp function, int64_t chunks, int64_t sumParts)
      : function(function),
        stage(*function.getBody().getOps<StageOp>().begin()), chunks(chunks),
        sumParts(sumParts), builder(function.getContext()) {}

  StageFunction run();

private:
  Location loc() { return stage.getLoc(); }
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc(), value);
  }
  bool isSummed(unsigned result) {
    return !stage.getOnce() && !isBatched(stage.getResult(result).getType());
  }

  /// Entry `i` of a memref's first dimension: with it (of size 1) or without.
  Value slice(Value memref, Value i, bool keepDimension);
  Value toTensor(Value memref, bool writable = false);
  void store(Value tensor, Value memref);

  /// Clones the stage's body for one image. `sums` are the sums so far of the
  /// results that are summed; returns what is yielded.
  SmallVector<Value> cloneBody(ValueRange arguments, ValueRange sums);
  void lowerOnce();
  void lowerOverImages();
  /// The images of a chunk, and whether there are any.
  struct Images {
    Value begin, end, any;
  };
  Images getImages(Value chunk);
  Value startFromZero(Value place, Value hasImages);
  Value startOrGoOn(Value sum);
  bool isShared(Type sum) const;
  bool startsAtUse(Type sum) const;
  bool hasLargeSums();
  void sumChunks(Value partial, Value output);
  void sumChunksWithImages(Value partial, Value output);
  void sumAllChunks();

  func::FuncOp function;
  StageOp stage;
  int64_t chunks, sumParts;
  OpBuilder builder;
  SmallVector<Value> inputs, outputs, partialSums;
  /// Images of the batch, how many chunks there are, how many of them, the
  /// first, share the images out, and whether an image is its chunk's first.
  Value numImages, numChunks, numFilled, isFirst;
};

} // namespace

Value StageLowering::slice(Value memref, Value i, bool keepDimension) {
  auto type = cast<MemRefType>(memref.getType());
  SmallVector<OpFoldResult> offsets(type.getRank(), builder.getIndexAttr(0));
  SmallVector<OpFoldResult> strides(type.getRank(), builder.getIndexAttr(1));
  SmallVector<OpFoldResult> sizes;
  for (int64_t size : type.getShape())
    sizes.push_back(builder.getIndexAttr(size));
  offsets[0] = i;
  sizes[0] = builder.getIndexAttr(1);
  if (keepDimension)
    return memref::SubViewOp::create(builder, loc(), memref, offsets, sizes,
                                     strides);
  MemRefType reduced = memref::SubViewOp::inferRankReducedResultType(
      type.getShape().drop_front(), type, offsets, sizes, strides);
  return memref::SubViewOp::create(builder, loc(), reduced, memref, offsets,
                                   sizes, strides);
}

Value StageLowering::toTensor(Value memref, bool writable) {
  auto type = cast<MemRefType>(memref.getType());
  return bufferization::ToTensorOp::create(
      builder, loc(),
      RankedTensorType::get(type.getShape(), type.getElementType()), memref,
      /*restrict=*/true, writable);
}

void StageLowering::store(Value tensor, Value memref) {
  auto op = bufferization::MaterializeInDestinationOp::create(builder, loc(),
                                                              tensor, memref);
  op.setRestrict(true);
  op.setWritable(true);
}

SmallVector<Value> StageLowering::cloneBody(ValueRange arguments,
                                            ValueRange sums) {
  IRMapping mapping;
  mapping.map(stage.getBody().getArguments(), arguments);
  Block &body = stage.getBody().front();
  for (Operation &op : body.without_terminator())
    builder.clone(op, mapping);
  SmallVector<Value> yielded;
  unsigned nextSum = 0;
  for (auto [i, value] : llvm::enumerate(body.getTerminator()->getOperands())) {
    Value mapped = mapping.lookup(value);
    if (isSummed(i)) {
      Value sum = sums[nextSum++];
      auto op = mapped.getDefiningOp<AccumulatingOpInterface>();
      if (op && !op.getAccumulator() && op->use_empty() &&
          llvm::count(body.getTerminator()->getOperands(), value) == 1) {
        OpBuilder::InsertionGuard guard(builder);
        builder.setInsertionPoint(op);
        op.setAccumulator(startOrGoOn(sum));
      } else {
        Value start = startOrGoOn(sum);
        mapped = arith::AddFOp::create(builder, loc(), start, mapped);
      }
    }
    yielded.push_back(mapped);
  }
  return yielded;
}

void StageLowering::lowerOnce() {
  SmallVector<Value> arguments;
  for (Value input : inputs)
    arguments.push_back(toTensor(input));
  for (auto [value, output] : llvm::zip(cloneBody(arguments, {}), outputs))
    store(value, output);
}

StageLowering::Images StageLowering::getImages(Value chunk) {
  auto boundary = [&](Value number) -> Value {
    if (numFilled != numChunks)
      number = arith::MinUIOp::create(builder, loc(), number, numFilled);
    Value images = arith::MulIOp::create(builder, loc(), number, numImages);
    return arith::DivUIOp::create(builder, loc(), images, numFilled);
  };
  Value begin = boundary(chunk);
  Value end = boundary(arith::AddIOp::create(builder, loc(), chunk, index(1)));
  Value any = arith::CmpIOp::create(builder, loc(), arith::CmpIPredicate::ult,
                                    begin, end);
  return {begin, end, any};
}

/// A sum as an image adds to it: zero for a chunk's first image, if it is not
/// that before.
Value StageLowering::startOrGoOn(Value sum) {
  if (!startsAtUse(sum.getType()))
    return sum;
  auto start = [&](OpBuilder &nested, Location loc) {
    LinalgBuilder build(nested, loc);
    Value zero = build.scalar(getElementTypeOrSelf(sum.getType()), 0.0);
    auto fill = linalg::FillOp::create(nested, loc, zero, sum);
    scf::YieldOp::create(nested, loc, fill.getResults());
  };
  auto goOn = [&](OpBuilder &nested, Location loc) {
    scf::YieldOp::create(nested, loc, sum);
  };
  return scf::IfOp::create(builder, loc(), isFirst, start, goOn).getResult(0);
}

/// A chunk's sum before its first image. Of large sums nobody looks at those of
/// chunks without images.
Value StageLowering::startFromZero(Value place, Value hasImages) {
  if (startsAtUse(place.getType()))
    return toTensor(place, true);
  Value zero =
      LinalgBuilder(builder, loc())
          .scalar(cast<MemRefType>(place.getType()).getElementType(), 0.0);
  if (!isShared(place.getType()))
    return linalg::FillOp::create(builder, loc(), zero, toTensor(place, true))
        .getResult(0);
  scf::IfOp::create(builder, loc(), hasImages,
                    [&](OpBuilder &nested, Location) {
                      linalg::FillOp::create(nested, loc(), zero, place);
                      scf::YieldOp::create(nested, loc());
                    });
  return toTensor(place, true);
}

void StageLowering::lowerOverImages() {
  Value batched = *llvm::find_if(inputs, [](Value input) {
    auto type = cast<MemRefType>(input.getType());
    return type.getRank() > 0 && type.isDynamicDim(0);
  });
  numImages = memref::DimOp::create(builder, loc(), batched, 0);
  numChunks = index(chunks);
  Value one = index(1);
  numFilled = numChunks;
  if (hasLargeSums()) {
    Value pairs = arith::DivUIOp::create(
        builder, loc(), arith::AddIOp::create(builder, loc(), numImages, one),
        index(2));
    numFilled = arith::MinUIOp::create(builder, loc(), numChunks, pairs);
  }

  auto loop = scf::ParallelOp::create(builder, loc(), index(0), numChunks, one);
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  Value chunk = loop.getInductionVars()[0];
  auto [begin, end, hasImages] = getImages(chunk);

  SmallVector<Value> zeros, places;
  for (Value sum : partialSums) {
    places.push_back(slice(sum, chunk, /*keepDimension=*/false));
    zeros.push_back(startFromZero(places.back(), hasImages));
  }
  auto images = scf::ForOp::create(
      builder, loc(), begin, end, one, zeros,
      [&](OpBuilder &nested, Location, Value image, ValueRange sums) {
        OpBuilder::InsertionGuard guard(builder);
        builder.setInsertionPoint(nested.getInsertionBlock(),
                                  nested.getInsertionPoint());
        isFirst = arith::CmpIOp::create(builder, loc(),
                                        arith::CmpIPredicate::eq, image, begin);
        SmallVector<Value> arguments;
        for (auto [input, original] : llvm::zip(inputs, stage.getInputs()))
          arguments.push_back(toTensor(isBatched(original.getType())
                                           ? slice(input, image, true)
                                           : input));
        SmallVector<Value> newSums;
        for (auto [i, value] : llvm::enumerate(cloneBody(arguments, sums))) {
          if (isSummed(i))
            newSums.push_back(value);
          else
            store(value, slice(outputs[i], image, true));
        }
        scf::YieldOp::create(builder, loc(), newSums);
      });
  for (auto [sum, place] : llvm::zip(images.getResults(), places))
    store(sum, place);
}

/// Adds up the chunks, in their order: [chunks, …] → […].
void StageLowering::sumChunks(Value partial, Value output) {
  LinalgBuilder build(builder, loc());
  Value chunksOf = toTensor(partial);
  auto outputType = cast<MemRefType>(output.getType());
  auto type =
      RankedTensorType::get(outputType.getShape(), outputType.getElementType());
  unsigned rank = type.getRank();
  SmallVector<unsigned> all = llvm::to_vector(llvm::seq<unsigned>(rank + 1));
  SmallVector<unsigned> rest(llvm::drop_begin(all));
  Value sum = build.generic(
      rank + 1, {{chunksOf, all}}, {{build.filled(type, 0.0), rest}},
      [&](ValueRange in, ValueRange out) -> SmallVector<Value> {
        return {arith::AddFOp::create(builder, loc(), out[0], in[0])};
      })[0];
  store(sum, output);
}

/// The same without chunks that have no images, of which there are many where a
/// batch is small.
void StageLowering::sumChunksWithImages(Value partial, Value output) {
  LinalgBuilder build(builder, loc());
  Value place = toTensor(output, /*writable=*/true);
  auto type = cast<RankedTensorType>(place.getType());
  Value zero = build.scalar(type.getElementType(), 0.0);
  Value start =
      linalg::FillOp::create(builder, loc(), zero, place).getResult(0);
  Value one = index(1);
  auto add = [&](Value row, Value sum) {
    return build.generic(
        1, {{row, {0}}}, {{sum, {0}}},
        [&](ValueRange in, ValueRange out) -> SmallVector<Value> {
          return {arith::AddFOp::create(builder, loc(), out[0], in[0])};
        })[0];
  };
  auto sums =
      scf::ForOp::create(builder, loc(), index(0), numChunks, one, start);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(sums.getBody());
    Value chunk = sums.getInductionVar(), sum = sums.getRegionIterArg(0);
    Value hasImages = getImages(chunk).any;
    auto both = scf::IfOp::create(builder, loc(), type, hasImages,
                                  /*withElseRegion=*/true);
    builder.setInsertionPointToStart(both.thenBlock());
    Value row = toTensor(slice(partial, chunk, /*keepDimension=*/false));
    scf::YieldOp::create(builder, loc(), add(row, sum));
    builder.setInsertionPointToStart(both.elseBlock());
    scf::YieldOp::create(builder, loc(), sum);
    builder.setInsertionPointToEnd(sums.getBody());
    scf::YieldOp::create(builder, loc(), both.getResults());
  }
  store(sums.getResult(0), output);
}

/// Whether a sum is large enough for threads to share it out.
bool StageLowering::isShared(Type sum) const {
  constexpr int64_t large = 1024;
  int64_t elements = cast<ShapedType>(sum).getNumElements();
  return sumParts > 1 && elements >= large && elements % sumParts == 0;
}

/// Whether a sum is so large that zeros written before all images would be out
/// of the cache where they are needed. Of small ones, others can be made part.
bool StageLowering::startsAtUse(Type sum) const {
  constexpr int64_t large = 16384;
  auto type = cast<ShapedType>(sum);
  return isShared(sum) && type.getNumElements() >= large;
}

/// Whether a chunk's sums take so long to begin, and to be summed, that it
/// should have two images at least: if they have more elements than half of the
/// maps that the stage reads and writes of an image.
bool StageLowering::hasLargeSums() {
  int64_t sums = 0, image = 0;
  for (Type type : stage.getInputs().getTypes())
    if (isBatched(type))
      image += elementsPerImage(type);
  for (auto [i, type] : llvm::enumerate(stage.getResultTypes()))
    (isSummed(i) ? sums : image) += elementsPerImage(type);
  return sumParts > 1 && 2 * sums > image;
}

void StageLowering::sumAllChunks() {
  unsigned next = 0;
  SmallVector<std::pair<Value, Value>> shared;
  for (auto [i, output] : llvm::enumerate(outputs)) {
    if (!isSummed(i))
      continue;
    Value partial = partialSums[next++];
    if (!isShared(output.getType())) {
      sumChunks(partial, output);
      continue;
    }
    // As a row for each chunk, of which a part has some columns.
    auto rank = cast<MemRefType>(output.getType()).getRank();
    ReassociationIndices columns =
        llvm::to_vector(llvm::seq<int64_t>(1, rank + 1));
    ReassociationIndices elements =
        llvm::to_vector(llvm::seq<int64_t>(0, rank));
    shared.emplace_back(
        memref::CollapseShapeOp::create(
            builder, loc(), partial,
            ArrayRef<ReassociationIndices>{{0}, columns}),
        memref::CollapseShapeOp::create(
            builder, loc(), output, ArrayRef<ReassociationIndices>{elements}));
  }
  if (shared.empty())
    return;
  auto loop = scf::ParallelOp::create(builder, loc(), index(0), index(sumParts),
                                      index(1));
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToStart(loop.getBody());
  auto attr = [&](int64_t value) -> OpFoldResult {
    return builder.getIndexAttr(value);
  };
  for (auto [partial, output] : shared) {
    int64_t size =
        cast<MemRefType>(output.getType()).getNumElements() / sumParts;
    Value first = arith::MulIOp::create(
        builder, loc(), loop.getInductionVars()[0], index(size));
    SmallVector<OpFoldResult> rowOffsets{attr(0), first},
        rowSizes{attr(chunks), attr(size)}, rowStrides{attr(1), attr(1)};
    Value rows = memref::SubViewOp::create(builder, loc(), partial, rowOffsets,
                                           rowSizes, rowStrides);
    SmallVector<OpFoldResult> offset{first}, sizes{attr(size)},
        strides{attr(1)};
    sumChunksWithImages(rows,
                        memref::SubViewOp::create(builder, loc(), output,
                                                  offset, sizes, strides));
  }
}

StageFunction StageLowering::run() {
  StageFunction result{function, {}};
  SmallVector<Type> types;
  for (Type type : function.getArgumentTypes())
    types.push_back(getMemRefType(type));
  for (Type type : function.getResultTypes())
    types.push_back(getMemRefType(type));
  for (unsigned i = 0; i < stage.getNumResults(); ++i) {
    if (!isSummed(i))
      continue;
    MemRefType type = getMemRefType(stage.getResult(i).getType());
    SmallVector<int64_t> shape{chunks};
    llvm::append_range(shape, type.getShape());
    result.partialSums.push_back(MemRefType::get(shape, type.getElementType()));
    types.push_back(result.partialSums.back());
  }
  types.push_back(MemRefType::get({ShapedType::kDynamic}, builder.getI8Type()));

  Block *old = &function.getBody().front();
  Block *body = builder.createBlock(&function.getBody());
  body->addArguments(types, SmallVector<Location>(types.size(), loc()));
  ValueRange arguments = body->getArguments();
  llvm::append_range(inputs, arguments.take_front(stage.getInputs().size()));
  arguments = arguments.drop_front(inputs.size());
  llvm::append_range(outputs, arguments.take_front(stage.getNumResults()));
  arguments = arguments.drop_front(outputs.size());
  llvm::append_range(partialSums,
                     arguments.take_front(result.partialSums.size()));

  builder.setInsertionPointToStart(body);
  if (stage.getOnce()) {
    lowerOnce();
  } else {
    lowerOverImages();
    sumAllChunks();
  }
  func::ReturnOp::create(builder, loc());
  old->erase();
  function.setType(builder.getFunctionType(types, {}));
  return result;
}

StageFunction dale::lowerStageFunction(func::FuncOp function, int64_t chunks,
                                       int64_t sumParts) {
  return StageLowering(function, chunks, sumParts).run();
}

FailureOr<Value> dale::getScratch(func::FuncOp function) {
  auto arguments = function.getArguments();
  auto type = arguments.empty()
                  ? MemRefType()
                  : dyn_cast<MemRefType>(arguments.back().getType());
  if (type && type.getRank() == 1 && type.isDynamicDim(0) &&
      type.getElementType().isInteger(8) && type.getLayout().isIdentity())
    return Value(arguments.back());
  return function.emitOpError("allocates, but has no memory for it: expected "
                              "memref<?xi8> as last argument");
}
