//===- PlanScratch.cpp - Places for one image's maps -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Lifetimes.h"
#include "compiler/lower/OffsetPlanner.h"
#include "compiler/lower/StageFunctions.h"
#include "compiler/lower/cpu/Passes.h"
#include "dialect/Dialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"

namespace dale {
#define GEN_PASS_DEF_PLANSCRATCH
#include "compiler/lower/cpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

static constexpr StringRef threadNumber = "omp_get_thread_num";

namespace {

struct PlanScratchPass : dale::impl::PlanScratchBase<PlanScratchPass> {
  using PlanScratchBase::PlanScratchBase;

  void runOnOperation() override {
    DenseMap<Operation *, int64_t> bytes;
    auto functions = llvm::to_vector(getOperation().getOps<func::FuncOp>());
    for (func::FuncOp function : functions)
      if (!function.isDeclaration() && !function->hasAttr(workspaceAttrName)) {
        FailureOr<int64_t> needed = planFunction(function);
        if (failed(needed))
          return signalPassFailure();
        bytes[function] = *needed;
      }
    for (func::FuncOp function : functions)
      if (auto workspace =
              function->getAttrOfType<DictionaryAttr>(workspaceAttrName))
        addPerThread(function, workspace, bytes);
  }

private:
  FailureOr<int64_t> planFunction(func::FuncOp function);
  void addPerThread(func::FuncOp function, DictionaryAttr workspace,
                    const DenseMap<Operation *, int64_t> &bytes);
  Value createThreadNumber(OpBuilder &builder, Location loc);
};

} // namespace

/// The region that a thread runs on its own: the body of the parallel loop, or
/// the whole function where there is none.
static Operation *getThreadScope(Operation *op) {
  if (auto loop = op->getParentOfType<scf::ParallelOp>())
    return loop;
  return op->getParentOfType<func::FuncOp>();
}

FailureOr<int64_t> PlanScratchPass::planFunction(func::FuncOp function) {
  SmallVector<memref::AllocOp> allocs;
  function.walk([&](memref::AllocOp alloc) {
    if (alloc.getType().hasStaticShape())
      allocs.push_back(alloc);
  });
  if (allocs.empty())
    return 0;
  FailureOr<Value> scratch = getScratch(function);
  if (failed(scratch))
    return failure();

  Lifetimes lifetimes(function);
  OffsetPlanner planner;
  SmallVector<unsigned> numbers;
  for (memref::AllocOp alloc : allocs) {
    auto [begin, end] = lifetimes.get(alloc);
    numbers.push_back(
        planner.add(getBytes(alloc.getType()) + apart, begin, end));
  }
  int64_t total = planner.plan();

  OpBuilder builder(&getContext());
  auto bytesType = MemRefType::get({ShapedType::kDynamic}, builder.getI8Type());
  DenseMap<Operation *, Value> parts;
  for (auto [alloc, number] : llvm::zip(allocs, numbers)) {
    Operation *scope = getThreadScope(alloc);
    Location loc = alloc.getLoc();
    Value &part = parts[scope];
    if (!part) {
      builder.setInsertionPointToStart(&scope->getRegion(0).front());
      part = *scratch;
      if (isa<scf::ParallelOp>(scope)) {
        Value size = arith::ConstantIndexOp::create(builder, loc, total);
        Value offset = arith::MulIOp::create(
            builder, loc, createThreadNumber(builder, loc), size);
        part = memref::ViewOp::create(builder, loc, bytesType, *scratch, offset,
                                      size);
      }
    }
    builder.setInsertionPoint(alloc);
    Value offset =
        arith::ConstantIndexOp::create(builder, loc, planner.getOffset(number));
    alloc.replaceAllUsesWith(memref::ViewOp::create(builder, loc,
                                                    alloc.getType(), part,
                                                    offset, ValueRange())
                                 .getResult());
    alloc.erase();
  }
  return total;
}

Value PlanScratchPass::createThreadNumber(OpBuilder &builder, Location loc) {
  auto type = builder.getFunctionType({}, builder.getI32Type());
  if (!getOperation().lookupSymbol(threadNumber)) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(getOperation().getBody());
    func::FuncOp::create(builder, loc, threadNumber, type).setPrivate();
  }
  Value number = func::CallOp::create(builder, loc, threadNumber,
                                      builder.getI32Type(), ValueRange())
                     .getResult(0);
  return arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                    number);
}

void PlanScratchPass::addPerThread(
    func::FuncOp function, DictionaryAttr workspace,
    const DenseMap<Operation *, int64_t> &bytes) {
  int64_t perThread = 0;
  function.walk([&](func::CallOp call) {
    Operation *callee = getOperation().lookupSymbol(call.getCallee());
    perThread = std::max(perThread, bytes.lookup(callee));
  });
  NamedAttrList attributes(workspace);
  attributes.set("per_thread",
                 OpBuilder(&getContext()).getI64IntegerAttr(perThread));
  function->setAttr(workspaceAttrName, attributes.getDictionary(&getContext()));
}
