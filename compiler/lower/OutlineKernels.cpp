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

namespace {

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
    for (Operation *fill : started)
      fill->erase();
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
  func::FuncOp createKernel(linalg::LinalgOp op, ArrayRef<Value> arguments,
                            ArrayRef<Type> types);

  DenseMap<llvm::hash_code, SmallVector<func::FuncOp>> kernels;
  /// What an op's outputs are filled with before it, by the op and the output.
  DenseMap<std::pair<Operation *, Value>, linalg::FillOp> starts;
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

static bool isConstant(Value value) {
  Operation *op = value.getDefiningOp();
  return op && op->hasTrait<OpTrait::ConstantLike>();
}

/// Whether an op only moves data. On tensors a copy of everything would fold
/// away, and come back as a copy that nobody vectorizes.
static bool isMove(linalg::LinalgOp op) {
  return llvm::hasSingleElement(op->getRegion(0).front());
}

/// Whether an op can start from a number instead of from memory: it goes over
/// all of its output, in vectors, and reads it nowhere else.
static bool canStartFrom(linalg::LinalgOp op, Value output) {
  if (cast<MemRefType>(output.getType()).getRank() == 0 ||
      op.hasIndexSemantics() || isMove(op))
    return false;
  bool reads = false;
  op->walk([&](memref::LoadOp) { reads = true; });
  return !reads && llvm::none_of(op.getDpsInputs(), [&](Value input) {
    return getViewRoot(input) == getViewRoot(output);
  });
}

/// Finds the fills before an op that are for it alone.
void OutlineKernelsPass::findStarts(linalg::LinalgOp op) {
  if (isa<linalg::FillOp>(op))
    return;
  for (Operation *before = op->getPrevNode(); before;
       before = before->getPrevNode()) {
    auto fill = dyn_cast<linalg::FillOp>(before);
    if (!fill && !isPure(before))
      return;
    if (!fill || started.contains(fill))
      continue;
    Value output = fill.getOutputs().front();
    if (isConstant(fill.getInputs().front()) &&
        llvm::is_contained(op.getDpsInits(), output) &&
        canStartFrom(op, output)) {
      starts[{op, output}] = fill;
      started.insert(fill);
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
  // Operands, then what the body uses from outside. Constants go with the op.
  SmallVector<Value> arguments;
  for (Value operand : op->getOperands())
    if (!isConstant(operand))
      arguments.push_back(operand);
  SetVector<Value> captured;
  getUsedValuesDefinedAbove(op->getRegions(), captured);
  for (Value value : captured)
    if (!isConstant(value))
      arguments.push_back(value);

  SmallVector<Type> types;
  for (Value argument : arguments)
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
  for (auto [argument, type] : llvm::zip(arguments, types))
    if (argument.getType() != type)
      argument = memref::CastOp::create(builder, op.getLoc(), type, argument);
  func::CallOp::create(builder, op.getLoc(), kernel, arguments);
  op.erase();
}

func::FuncOp OutlineKernelsPass::createKernel(linalg::LinalgOp op,
                                              ArrayRef<Value> arguments,
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
  unsigned next = 0;
  SmallVector<Value> operands, outputs;
  SmallVector<Type> results;
  for (OpOperand &operand : op->getOpOperands()) {
    if (isConstant(operand.get())) {
      operands.push_back(mapping.lookup(operand.get()));
      continue;
    }
    Value argument = body->getArgument(next++);
    auto memref = dyn_cast<MemRefType>(argument.getType());
    if (!memref || !onTensors) {
      operands.push_back(argument);
      continue;
    }
    bool output = op.isDpsInit(&operand);
    auto tensor =
        RankedTensorType::get(memref.getShape(), memref.getElementType());
    Value value = bufferization::ToTensorOp::create(builder, loc, tensor,
                                                    argument, /*restrict=*/true,
                                                    /*writable=*/output);
    if (linalg::FillOp fill = starts.lookup({op, operand.get()});
        fill && output) {
      cloneConstant(fill.getInputs().front());
      value = linalg::FillOp::create(
                  builder, loc, mapping.lookup(fill.getInputs().front()), value)
                  .getResult(0);
    }
    operands.push_back(value);
    if (output) {
      outputs.push_back(argument);
      results.push_back(tensor);
    }
  }
  for (Value value : llvm::drop_begin(arguments, next))
    mapping.map(value, body->getArgument(next++));

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
