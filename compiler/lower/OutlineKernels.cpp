//===- OutlineKernels.cpp - One function for all equal ops -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/OperationHash.h"
#include "compiler/lower/KernelOps.h"
#include "compiler/lower/Passes.h"
#include "compiler/lower/Views.h"
#include "dialect/DeviceOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Transforms/RegionUtils.h"

namespace dale {
#define GEN_PASS_DEF_OUTLINEKERNELS
#include "compiler/lower/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

static bool isConstant(Value value) {
  Operation *op = value.getDefiningOp();
  return op && op->hasTrait<OpTrait::ConstantLike>();
}

/// The view that an operand is, if it lies where the compiler knows.
static memref::SubViewOp getFixedView(Value operand) {
  auto view = operand.getDefiningOp<memref::SubViewOp>();
  if (!view || !view.getSourceType().hasStaticShape() ||
      !getConstantIntValues(view.getMixedOffsets()) ||
      !getConstantIntValues(view.getMixedSizes()) ||
      !getConstantIntValues(view.getMixedStrides()))
    return {};
  return view;
}

namespace {

/// What a kernel is called with: an op's operands, what its outputs start from,
/// then what its body uses from outside, without constants, which go with the
/// op. Where inputs are several views of one memref (the windows of a
/// convolution, the rows of its kernel), the kernel takes that one, and views
/// it itself: it has fewer arguments, and what lies in two windows is seen to
/// be the same.
class Arguments {
public:
  /// `starts` are the copies that outputs start from.
  Arguments(linalg::LinalgOp op, ArrayRef<linalg::CopyOp> starts) {
    DenseMap<Value, int64_t> views;
    SmallVector<Value> inputs = op.getDpsInputs();
    if (!isMove(op))
      for (Value input : inputs)
        if (memref::SubViewOp view = getFixedView(input);
            view && !isWritten(op, view.getSource()))
          ++views[view.getSource()];
    for (OpOperand &operand : op->getOpOperands()) {
      Value value = operand.get();
      if (isConstant(value))
        continue;
      memref::SubViewOp view = getFixedView(value);
      PaddedOp padded;
      if (view)
        padded = view.getSource().getDefiningOp<PaddedOp>();
      if (!op.isDpsInput(&operand) || !view ||
          (!padded && views.lookup(view.getSource()) < 2)) {
        add(&operand, value);
        continue;
      }
      auto [source, isNew] =
          sources.try_emplace(view.getSource(), values.size());
      if (isNew)
        values.push_back(padded ? padded.getMap() : view.getSource());
      numbers[&operand] = source->second;
      fixedViews[&operand] = view;
    }
    for (linalg::CopyOp start : starts)
      add(&start.getInputsMutable()[0], start.getInputs().front());
    operandValues = values.size();
    SetVector<Value> captured;
    getUsedValuesDefinedAbove(op->getRegions(), captured);
    for (Value value : captured)
      if (!isConstant(value))
        values.push_back(value);
  }

  ArrayRef<Value> get() const { return values; }
  ArrayRef<Value> getCaptured() const {
    return ArrayRef(values).drop_front(operandValues);
  }
  /// The number of the argument that an operand is, or is a view of.
  unsigned getNumber(OpOperand &operand) const {
    return numbers.lookup(&operand);
  }
  /// How the kernel views that argument to get the operand; null if it is the
  /// operand.
  memref::SubViewOp getView(OpOperand &operand) const {
    return fixedViews.lookup(&operand);
  }

private:
  void add(OpOperand *operand, Value value) {
    numbers[operand] = values.size();
    values.push_back(value);
  }

  SmallVector<Value> values;
  size_t operandValues = 0;
  DenseMap<OpOperand *, unsigned> numbers;
  DenseMap<OpOperand *, memref::SubViewOp> fixedViews;
  DenseMap<Value, unsigned> sources;
};

struct OutlineKernelsPass : dale::impl::OutlineKernelsBase<OutlineKernelsPass> {
  void runOnOperation() override {
    kernels.clear();
    makeCopiesLinalg(getOperation());
    SmallVector<linalg::LinalgOp> ops = getKernelOps(getOperation());
    SymbolTable symbols(getOperation());
    KernelStarts starts(ops);
    for (linalg::LinalgOp op : ops)
      if (!starts.contains(op))
        outline(symbols, op, starts.of(op));
    for (Operation *start : starts.getAll())
      start->erase();
    numOps += ops.size();
  }

private:
  void outline(SymbolTable &symbols, linalg::LinalgOp op,
               ArrayRef<linalg::LinalgOp> starts);
  func::FuncOp createKernel(linalg::LinalgOp op, const Arguments &arguments,
                            ArrayRef<Type> types,
                            ArrayRef<linalg::LinalgOp> starts);

  DenseMap<llvm::hash_code, SmallVector<func::FuncOp>> kernels;
};

} // namespace

/// The type with which a kernel sees a memref: where it begins is known only at
/// run time, so that maps in different places share a kernel.
static Type kernelType(Type type) {
  auto memref = dyn_cast<MemRefType>(type);
  if (!memref)
    return type;
  auto [strides, offset] = memref.getStridesAndOffset();
  return MemRefType::get(memref.getShape(), memref.getElementType(),
                         StridedLayoutAttr::get(memref.getContext(),
                                                ShapedType::kDynamic, strides),
                         memref.getMemorySpace());
}

static llvm::hash_code hashFunction(func::FuncOp function) {
  return hashOps(
      function.getBody(),
      llvm::hash_value(function.getFunctionType().getAsOpaquePointer()));
}

/// A map with the margin that it has nowhere in memory.
static Value pad(OpBuilder &builder, Value tensor, PaddedOp padded) {
  Location loc = padded.getLoc();
  auto type = cast<MemRefType>(padded.getResult().getType());
  auto indices = [&](ArrayRef<int64_t> sizes) {
    return getAsIndexOpFoldResult(builder.getContext(), sizes);
  };
  Value number = arith::ConstantOp::create(builder, loc, padded.getNumber());
  return tensor::PadOp::create(
      builder, loc,
      RankedTensorType::get(type.getShape(), type.getElementType()), tensor,
      indices(padded.getLow()), indices(padded.getHigh()), number);
}

void OutlineKernelsPass::outline(SymbolTable &symbols, linalg::LinalgOp op,
                                 ArrayRef<linalg::LinalgOp> starts) {
  SmallVector<linalg::CopyOp> copies;
  for (linalg::LinalgOp start : starts)
    if (auto copy = dyn_cast<linalg::CopyOp>(*start))
      copies.push_back(copy);
  Arguments arguments(op, copies);
  SmallVector<Type> types;
  for (Value argument : arguments.get())
    types.push_back(kernelType(argument.getType()));
  func::FuncOp kernel = createKernel(op, arguments, types, starts);
  SmallVector<func::FuncOp> &candidates = kernels[hashFunction(kernel)];
  auto *equal = llvm::find_if(candidates, [&](func::FuncOp candidate) {
    return candidate.getFunctionType() == kernel.getFunctionType() &&
           OperationEquivalence::isRegionEquivalentTo(
               &candidate.getBody(), &kernel.getBody(),
               OperationEquivalence::IgnoreLocations);
  });
  if (equal != candidates.end()) {
    kernel.erase();
    kernel = *equal;
  } else {
    symbols.insert(kernel);
    candidates.push_back(kernel);
    ++numKernels;
  }

  OpBuilder builder(op);
  SmallVector<Value> values(arguments.get());
  for (auto [value, type] : llvm::zip(values, types))
    if (value.getType() != type)
      value = memref::CastOp::create(builder, op.getLoc(), type, value);
  func::CallOp::create(builder, op.getLoc(), kernel, values);
  op.erase();
}

func::FuncOp OutlineKernelsPass::createKernel(
    linalg::LinalgOp op, const Arguments &arguments, ArrayRef<Type> types,
    ArrayRef<linalg::LinalgOp> starts) {
  OpBuilder builder(&getContext());
  Location loc = op.getLoc();
  auto kernel = func::FuncOp::create(builder, loc, "kernel",
                                     builder.getFunctionType(types, {}));
  kernel.setPrivate();
  kernel->setAttr(kernelAttrName, builder.getUnitAttr());
  kernel.setNoInline(true);
  Block *body = kernel.addEntryBlock();
  builder.setInsertionPointToStart(body);

  IRMapping mapping;
  auto cloneConstant = [&](Value value) {
    if (isConstant(value) && !mapping.contains(value))
      builder.clone(*value.getDefiningOp(), mapping);
  };
  for (Value operand : op->getOperands())
    cloneConstant(operand);
  SetVector<Value> captured;
  getUsedValuesDefinedAbove(op->getRegions(), captured);
  for (Value value : captured)
    cloneConstant(value);

  // The op works on tensors again: tiling and vectorization need their
  // use-def chains.
  bool onTensors = !isMove(op);
  auto tensorType = [](Type type) {
    auto memref = cast<MemRefType>(type);
    return RankedTensorType::get(memref.getShape(), memref.getElementType());
  };
  auto startFrom = [&](Value output, Value value) -> Value {
    for (linalg::LinalgOp start : starts) {
      if (start.getDpsInits().front() != output)
        continue;
      if (auto copy = dyn_cast<linalg::CopyOp>(*start)) {
        OpOperand &source = copy.getInputsMutable()[0];
        Value argument = body->getArgument(arguments.getNumber(source));
        Value tensor = bufferization::ToTensorOp::create(
            builder, loc, tensorType(argument.getType()), argument,
            /*restrict=*/true);
        value =
            linalg::CopyOp::create(builder, loc, tensor, value).getResult(0);
        continue;
      }
      Value number = start->getOperand(0);
      cloneConstant(number);
      value =
          linalg::FillOp::create(builder, loc, mapping.lookup(number), value)
              .getResult(0);
    }
    return value;
  };
  DenseMap<Value, Value> tensors;
  SmallVector<Value> operands, outputs;
  SmallVector<Type> results;
  for (OpOperand &operand : op->getOpOperands()) {
    if (isConstant(operand.get())) {
      operands.push_back(mapping.lookup(operand.get()));
      continue;
    }
    Value argument = body->getArgument(arguments.getNumber(operand));
    if (!isa<MemRefType>(argument.getType()) || !onTensors) {
      operands.push_back(argument);
      continue;
    }
    bool output = op.isDpsInit(&operand);
    Value &known = tensors[argument];
    if (!known || output)
      known = bufferization::ToTensorOp::create(
          builder, loc, tensorType(argument.getType()), argument,
          /*restrict=*/true, /*writable=*/output);
    Value value = known;
    if (memref::SubViewOp view = arguments.getView(operand)) {
      if (auto padded = view.getSource().getDefiningOp<PaddedOp>()) {
        Value &margins = tensors[padded.getResult()];
        if (!margins)
          margins = pad(builder, value, padded);
        value = margins;
      }
      value = tensor::ExtractSliceOp::create(
          builder, loc, tensorType(view.getType()), value,
          view.getMixedOffsets(), view.getMixedSizes(), view.getMixedStrides());
    }
    if (output)
      value = startFrom(operand.get(), value);
    operands.push_back(value);
    if (output) {
      outputs.push_back(argument);
      results.push_back(value.getType());
    }
  }
  for (auto [value, argument] : llvm::zip(
           arguments.getCaptured(),
           body->getArguments().take_back(arguments.getCaptured().size())))
    mapping.map(value, argument);

  auto clone =
      cast<linalg::LinalgOp>(mlir::clone(builder, op, results, operands));
  for (Region &region : clone->getRegions())
    region.walk([&](Operation *inner) {
      for (OpOperand &operand : inner->getOpOperands())
        operand.set(mapping.lookupOrDefault(operand.get()));
    });
  for (auto [result, output] : llvm::zip(clone->getResults(), outputs)) {
    auto store = bufferization::MaterializeInDestinationOp::create(
        builder, loc, result, output);
    store.setRestrict(true);
    store.setWritable(true);
  }
  func::ReturnOp::create(builder, loc);
  return kernel;
}
