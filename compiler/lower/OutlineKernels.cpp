//===- OutlineKernels.cpp - One function for all equal ops -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Passes.h"
#include "compiler/lower/Views.h"
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
#include "mlir/Interfaces/SideEffectInterfaces.h"
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

/// Whether an op only moves data. On tensors a copy of everything would fold
/// away, and come back as a copy that nobody vectorizes.
static bool isMove(linalg::LinalgOp op) {
  return llvm::hasSingleElement(op->getRegion(0).front());
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

/// Whether an op writes to what is another view of the same memory.
static bool isWritten(linalg::LinalgOp op, Value memref) {
  return llvm::any_of(op.getDpsInits(), [&](Value output) {
    return getViewRoot(output) == getViewRoot(memref);
  });
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
      if (!op.isDpsInput(&operand) || !view ||
          views.lookup(view.getSource()) < 2) {
        add(&operand, value);
        continue;
      }
      auto [source, isNew] =
          sources.try_emplace(view.getSource(), values.size());
      if (isNew)
        values.push_back(view.getSource());
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
    copiesToLinalg();
    SmallVector<linalg::LinalgOp> ops;
    getOperation().walk([&](linalg::LinalgOp op) {
      if (op.hasPureBufferSemantics() && !op.hasDynamicShape())
        ops.push_back(op);
    });
    SymbolTable symbols(getOperation());
    for (linalg::LinalgOp op : ops)
      findStarts(op);
    for (linalg::LinalgOp op : ops)
      if (!started.contains(op))
        outline(symbols, op);
    for (Operation *start : started)
      start->erase();
    numOps += ops.size();
  }

private:
  /// Copies with strides become linalg, to be vectorized like everything else.
  void copiesToLinalg() {
    SmallVector<memref::CopyOp> copies;
    getOperation().walk([&](memref::CopyOp copy) {
      if (cast<MemRefType>(copy.getSource().getType()).hasStaticShape())
        copies.push_back(copy);
    });
    for (memref::CopyOp copy : copies) {
      OpBuilder builder(copy);
      linalg::CopyOp::create(builder, copy.getLoc(), copy.getSource(),
                             copy.getTarget());
      copy.erase();
    }
  }

  void findStarts(linalg::LinalgOp op);
  void outline(SymbolTable &symbols, linalg::LinalgOp op);
  func::FuncOp createKernel(linalg::LinalgOp op, const Arguments &arguments,
                            ArrayRef<Type> types);

  DenseMap<llvm::hash_code, SmallVector<func::FuncOp>> kernels;
  /// What fills an op's outputs before it, or copies something there.
  DenseMap<Operation *, SmallVector<linalg::LinalgOp>> starts;
  /// Those of all ops, which are parts of kernels now.
  SetVector<Operation *> started;
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

/// Whether an op can start from something else than its output: it goes over
/// all of that, in vectors, and reads it nowhere else.
static bool canStartFrom(linalg::LinalgOp op, Value output) {
  if (cast<MemRefType>(output.getType()).getRank() == 0 ||
      op.hasIndexSemantics())
    return false;
  bool reads = false;
  op->walk([&](memref::LoadOp) { reads = true; });
  return !reads && llvm::none_of(op.getDpsInputs(), [&](Value input) {
    return getViewRoot(input) == getViewRoot(output);
  });
}

/// Whether an op can take its values from `start`, which fills its output with
/// a constant, or copies to it what the op leaves as it is.
static bool canStartWith(linalg::LinalgOp op, linalg::LinalgOp start) {
  Value input = start->getOperand(0), output = start->getOperand(1);
  return (isa<linalg::FillOp>(start) ? isConstant(input)
                                     : !isWritten(op, input)) &&
         llvm::is_contained(op.getDpsInits(), output) &&
         canStartFrom(op, output);
}

/// Finds the fills and copies before an op that are for it alone.
void OutlineKernelsPass::findStarts(linalg::LinalgOp op) {
  if (isMove(op))
    return;
  for (Operation *before = op->getPrevNode(); before;
       before = before->getPrevNode()) {
    auto start = dyn_cast<linalg::LinalgOp>(before);
    if (!start && !isPure(before))
      return;
    if (!start || started.contains(start))
      continue;
    if (!isa<linalg::FillOp, linalg::CopyOp>(before))
      return;
    if (canStartWith(op, start)) {
      starts[op].push_back(start);
      started.insert(start);
    } else if (!isa<linalg::FillOp>(before)) {
      return;
    }
  }
}

static llvm::hash_code hashFunction(func::FuncOp function) {
  llvm::hash_code hash =
      llvm::hash_value(function.getFunctionType().getAsOpaquePointer());
  function.getBody().walk([&](Operation *op) {
    hash = llvm::hash_combine(hash, op->getName(), op->getRawDictionaryAttrs(),
                              op->hashProperties(),
                              llvm::hash_combine_range(op->getResultTypes()));
  });
  return hash;
}

void OutlineKernelsPass::outline(SymbolTable &symbols, linalg::LinalgOp op) {
  SmallVector<linalg::CopyOp> copies;
  for (linalg::LinalgOp start : starts.lookup(op))
    if (auto copy = dyn_cast<linalg::CopyOp>(*start))
      copies.push_back(copy);
  Arguments arguments(op, copies);
  SmallVector<Type> types;
  for (Value argument : arguments.get())
    types.push_back(kernelType(argument.getType()));
  func::FuncOp kernel = createKernel(op, arguments, types);
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

func::FuncOp OutlineKernelsPass::createKernel(linalg::LinalgOp op,
                                              const Arguments &arguments,
                                              ArrayRef<Type> types) {
  OpBuilder builder(&getContext());
  Location loc = op.getLoc();
  auto kernel = func::FuncOp::create(builder, loc, "kernel",
                                     builder.getFunctionType(types, {}));
  kernel.setPrivate();
  kernel->setAttr("dale.kernel", builder.getUnitAttr());
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
    for (linalg::LinalgOp start : starts.lookup(op)) {
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
    if (memref::SubViewOp view = arguments.getView(operand))
      value = tensor::ExtractSliceOp::create(
          builder, loc, tensorType(view.getType()), value,
          view.getMixedOffsets(), view.getMixedSizes(), view.getMixedStrides());
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
