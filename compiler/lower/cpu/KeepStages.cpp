//===- KeepStages.cpp - Stages that are done often -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/cpu/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/BitVector.h"
#include "llvm/ADT/MapVector.h"
#include <map>

namespace dale {
#define GEN_PASS_DEF_KEEPSTAGES
#include "compiler/lower/cpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

/// Gives a function, in place of memrefs that all its calls view in buffers,
/// the buffers and where to view them.
class NarrowCalls {
public:
  NarrowCalls(func::FuncOp function, ArrayRef<func::CallOp> calls)
      : function(function), calls(calls) {}

  void run();

private:
  /// An operand of each call.
  using Operands = SmallVector<Value>;

  Value getArgument(const Operands &operands);
  void viewInside(BlockArgument argument, ArrayRef<memref::ViewOp> views);

  func::FuncOp function;
  SmallVector<func::CallOp> calls;
  /// The new arguments; what is the same in every call is one.
  std::map<SmallVector<const void *>, Value> added;
};

struct KeepStagesPass : dale::impl::KeepStagesBase<KeepStagesPass> {
  using KeepStagesBase::KeepStagesBase;

  void runOnOperation() override {
    llvm::MapVector<Operation *, SmallVector<func::CallOp>> calls;
    getOperation().walk([&](func::CallOp call) {
      if (Operation *callee = getOperation().lookupSymbol(call.getCallee()))
        calls[callee].push_back(call);
    });
    for (auto &[callee, callsOfIt] : calls) {
      auto function = cast<func::FuncOp>(callee);
      if (callsOfIt.size() <= maxInlined || !hasLoopOverImages(function))
        continue;
      function.setNoInline(true);
      NarrowCalls(function, callsOfIt).run();
      ++numKept;
    }
  }

private:
  static bool hasLoopOverImages(func::FuncOp function) {
    return !function.getBody().getOps<scf::ParallelOp>().empty();
  }
};

} // namespace

/// The new argument that is one of `operands` in each call.
Value NarrowCalls::getArgument(const Operands &operands) {
  SmallVector<const void *> key;
  for (Value operand : operands)
    key.push_back(operand.getAsOpaquePointer());
  Value &argument = added[key];
  if (argument)
    return argument;
  (void)function.insertArgument(function.getNumArguments(),
                                operands.front().getType(), {},
                                function.getLoc());
  for (auto [call, operand] : llvm::zip(calls, operands))
    call->insertOperands(call->getNumOperands(), operand);
  argument = function.getArguments().back();
  return argument;
}

/// Makes what the calls view in the function.
void NarrowCalls::viewInside(BlockArgument argument,
                             ArrayRef<memref::ViewOp> views) {
  auto argumentOf = [&](function_ref<Value(memref::ViewOp)> get) {
    return getArgument(llvm::map_to_vector(views, get));
  };
  Value buffer =
      argumentOf([](memref::ViewOp view) { return view.getSource(); });
  Value shift =
      argumentOf([](memref::ViewOp view) { return view.getByteShift(); });
  SmallVector<Value> sizes;
  for (size_t i = 0; i < views.front()->getNumOperands() - 2; ++i)
    sizes.push_back(
        argumentOf([&](memref::ViewOp view) { return view.getSizes()[i]; }));
  OpBuilder builder = OpBuilder::atBlockBegin(&function.getBody().front());
  argument.replaceAllUsesWith(memref::ViewOp::create(
      builder, function.getLoc(), cast<MemRefType>(argument.getType()), buffer,
      shift, sizes));
}

void NarrowCalls::run() {
  BitVector replaced(function.getNumArguments());
  for (BlockArgument argument : llvm::to_vector(function.getArguments())) {
    SmallVector<memref::ViewOp> views;
    for (func::CallOp call : calls)
      if (auto view = call.getOperand(argument.getArgNumber())
                          .getDefiningOp<memref::ViewOp>();
          view && view.getType() == argument.getType())
        views.push_back(view);
    if (views.size() < calls.size())
      continue;
    viewInside(argument, views);
    replaced.set(argument.getArgNumber());
  }
  replaced.resize(function.getNumArguments());
  (void)function.eraseArguments(replaced);
  for (func::CallOp call : calls)
    call->eraseOperands(replaced);
}
