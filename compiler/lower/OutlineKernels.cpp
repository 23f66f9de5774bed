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

/// What a kernel is called with: its ops' operands, what outputs start from,
/// then what bodies use from outside, without constants, which go with the
/// ops. Where inputs are several views of one memref (the windows of a
/// convolution, the rows of its kernel), the kernel takes that one, and views
/// it itself: it has fewer arguments, and what lies in two windows is seen to
/// be the same.
class Arguments {
public:
  /// `parts` are the kernel's op, and before it what it goes on with.
  Arguments(ArrayRef<linalg::LinalgOp> parts, const KernelStarts &starts) {
    for (linalg::LinalgOp op : parts)
      addOperands(op, parts);
    for (linalg::LinalgOp op : parts)
      for (linalg::LinalgOp start : starts.of(op))
        if (auto copy = dyn_cast<linalg::CopyOp>(*start))
          add(&copy.getInputsMutable()[0], copy.getInputs().front());
    operandValues = values.size();
    SetVector<Value> captured;
    for (linalg::LinalgOp op : parts)
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
  void addOperands(linalg::LinalgOp op, ArrayRef<linalg::LinalgOp> parts);
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

/// Writes what a kernel does into its function. Ops work on tensors again:
/// tiling and vectorization need their use-def chains.
class KernelBody {
public:
  KernelBody(func::FuncOp kernel, const Arguments &arguments,
             const KernelStarts &starts);

  void add(linalg::LinalgOp op);

private:
  void cloneConstant(Value value);
  Value toTensor(OpOperand &operand, bool writable);
  Value getInput(OpOperand &operand);
  Value startFrom(linalg::LinalgOp op, Value output, Value tensor);

  OpBuilder builder;
  Location loc;
  Block *body;
  const Arguments &arguments;
  const KernelStarts &starts;
  IRMapping mapping;
  /// What arguments, padded maps, and memrefs in registers are as tensors.
  DenseMap<Value, Value> tensors;
};

struct OutlineKernelsPass : dale::impl::OutlineKernelsBase<OutlineKernelsPass> {
  void runOnOperation() override {
    kernels.clear();
    makeCopiesLinalg(getOperation());
    SmallVector<linalg::LinalgOp> ops = getKernelOps(getOperation());
    SymbolTable symbols(getOperation());
    KernelStarts starts(ops);
    for (linalg::LinalgOp op : ops)
      if (!starts.contains(op) && !isProducer(op))
        outline(symbols, op, starts);
    for (Operation *start : starts.getAll())
      start->erase();
    numOps += ops.size();
  }

private:
  void outline(SymbolTable &symbols, linalg::LinalgOp op,
               const KernelStarts &starts);

  DenseMap<llvm::hash_code, SmallVector<func::FuncOp>> kernels;
};

} // namespace

void Arguments::addOperands(linalg::LinalgOp op,
                            ArrayRef<linalg::LinalgOp> parts) {
  DenseMap<Value, int64_t> views;
  SmallVector<Value> inputs = op.getDpsInputs();
  if (!isMove(op))
    for (Value input : inputs)
      if (memref::SubViewOp view = getFixedView(input);
          view && llvm::none_of(parts, [&](linalg::LinalgOp part) {
            return isWritten(part, view.getSource());
          }))
        ++views[view.getSource()];
  for (OpOperand &operand : op->getOpOperands()) {
    Value value = operand.get();
    if (isConstant(value) || isInRegisters(value))
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
    auto [source, isNew] = sources.try_emplace(view.getSource(), values.size());
    if (isNew)
      values.push_back(padded ? padded.getMap() : view.getSource());
    numbers[&operand] = source->second;
    fixedViews[&operand] = view;
  }
}

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

static RankedTensorType tensorType(Type type) {
  auto memref = cast<MemRefType>(type);
  return RankedTensorType::get(memref.getShape(), memref.getElementType());
}

KernelBody::KernelBody(func::FuncOp kernel, const Arguments &arguments,
                       const KernelStarts &starts)
    : builder(kernel.getContext()), loc(kernel.getLoc()),
      body(&kernel.getBody().front()), arguments(arguments), starts(starts) {
  builder.setInsertionPointToStart(body);
  ArrayRef<Value> captured = arguments.getCaptured();
  for (auto [value, argument] :
       llvm::zip(captured, body->getArguments().take_back(captured.size())))
    mapping.map(value, argument);
}

void KernelBody::cloneConstant(Value value) {
  if (isConstant(value) && !mapping.contains(value))
    builder.clone(*value.getDefiningOp(), mapping);
}

/// The tensor in the memref of an operand's argument.
Value KernelBody::toTensor(OpOperand &operand, bool writable) {
  Value argument = body->getArgument(arguments.getNumber(operand));
  return bufferization::ToTensorOp::create(
      builder, loc, tensorType(argument.getType()), argument,
      /*restrict=*/true, writable);
}

/// What an op reads as an operand.
Value KernelBody::getInput(OpOperand &operand) {
  Value argument = body->getArgument(arguments.getNumber(operand));
  Value &known = tensors[argument];
  if (!known)
    known = toTensor(operand, /*writable=*/false);
  Value tensor = known;
  memref::SubViewOp view = arguments.getView(operand);
  if (!view)
    return tensor;
  if (auto padded = view.getSource().getDefiningOp<PaddedOp>()) {
    Value &margins = tensors[padded.getResult()];
    if (!margins)
      margins = pad(builder, tensor, padded);
    tensor = margins;
  }
  return tensor::ExtractSliceOp::create(
      builder, loc, tensorType(view.getType()), tensor, view.getMixedOffsets(),
      view.getMixedSizes(), view.getMixedStrides());
}

/// What is in an output before the op: `tensor`, or what it starts from.
Value KernelBody::startFrom(linalg::LinalgOp op, Value output, Value tensor) {
  for (linalg::LinalgOp start : starts.of(op)) {
    if (start.getDpsInits().front() != output)
      continue;
    if (auto copy = dyn_cast<linalg::CopyOp>(*start)) {
      Value source = toTensor(copy.getInputsMutable()[0], /*writable=*/false);
      tensor =
          linalg::CopyOp::create(builder, loc, source, tensor).getResult(0);
      continue;
    }
    Value number = start->getOperand(0);
    cloneConstant(number);
    tensor =
        linalg::FillOp::create(builder, loc, mapping.lookup(number), tensor)
            .getResult(0);
  }
  return tensor;
}

void KernelBody::add(linalg::LinalgOp op) {
  for (Value operand : op->getOperands())
    cloneConstant(operand);
  SetVector<Value> captured;
  getUsedValuesDefinedAbove(op->getRegions(), captured);
  for (Value value : captured)
    cloneConstant(value);

  bool onTensors = !isMove(op);
  SmallVector<Value> operands;
  SmallVector<OpOperand *> outputs;
  SmallVector<Type> results;
  for (OpOperand &operand : op->getOpOperands()) {
    Value memref = operand.get();
    bool output = op.isDpsInit(&operand);
    if (isConstant(memref)) {
      operands.push_back(mapping.lookup(memref));
      continue;
    }
    if (isInRegisters(memref)) {
      Value &tensor = tensors[memref];
      if (!tensor)
        tensor = tensor::EmptyOp::create(builder, loc,
                                         tensorType(memref.getType()), {});
      operands.push_back(output ? startFrom(op, memref, tensor) : tensor);
    } else if (!isa<MemRefType>(memref.getType()) || !onTensors) {
      operands.push_back(body->getArgument(arguments.getNumber(operand)));
      continue;
    } else {
      operands.push_back(
          output ? startFrom(op, memref, toTensor(operand, /*writable=*/true))
                 : getInput(operand));
    }
    if (output) {
      outputs.push_back(&operand);
      results.push_back(operands.back().getType());
    }
  }

  auto clone =
      cast<linalg::LinalgOp>(mlir::clone(builder, op, results, operands));
  for (Region &region : clone->getRegions())
    region.walk([&](Operation *inner) {
      for (OpOperand &operand : inner->getOpOperands())
        operand.set(mapping.lookupOrDefault(operand.get()));
    });
  for (auto [result, output] : llvm::zip(clone->getResults(), outputs)) {
    if (isInRegisters(output->get())) {
      tensors[output->get()] = result;
      continue;
    }
    auto store = bufferization::MaterializeInDestinationOp::create(
        builder, loc, result, body->getArgument(arguments.getNumber(*output)));
    store.setRestrict(true);
    store.setWritable(true);
  }
}

static func::FuncOp createKernel(ArrayRef<linalg::LinalgOp> parts,
                                 const Arguments &arguments,
                                 ArrayRef<Type> types,
                                 const KernelStarts &starts) {
  linalg::LinalgOp last = parts.back();
  Location loc = last.getLoc();
  OpBuilder builder(loc.getContext());
  auto kernel = func::FuncOp::create(builder, loc, "kernel",
                                     builder.getFunctionType(types, {}));
  kernel.setPrivate();
  kernel->setAttr(kernelAttrName, builder.getUnitAttr());
  kernel.setNoInline(true);
  Block *body = kernel.addEntryBlock();
  KernelBody inside(kernel, arguments, starts);
  for (linalg::LinalgOp part : parts)
    inside.add(part);
  builder.setInsertionPointToEnd(body);
  func::ReturnOp::create(builder, loc);
  return kernel;
}

void OutlineKernelsPass::outline(SymbolTable &symbols, linalg::LinalgOp op,
                                 const KernelStarts &starts) {
  SmallVector<linalg::LinalgOp> parts = getProducers(op);
  parts.push_back(op);
  Arguments arguments(parts, starts);
  SmallVector<Type> types;
  for (Value argument : arguments.get())
    types.push_back(kernelType(argument.getType()));
  func::FuncOp kernel = createKernel(parts, arguments, types, starts);
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
  for (linalg::LinalgOp part : llvm::reverse(parts))
    part.erase();
}
