//===- MapToGpu.cpp - Entry points as GPU kernels -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/gpu/Hazards.h"
#include "compiler/lower/gpu/Passes.h"
#include "dialect/DeviceOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace dale {
#define GEN_PASS_DEF_MAPTOGPU
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

/// The threads that run a kernel together: this one's number among them, and
/// how many there are.
struct Team {
  Value number, size;
};

class EntryPointMapping {
public:
  EntryPointMapping(func::FuncOp function, gpu::GPUModuleOp device,
                    const KernelAccesses &accesses)
      : function(function), device(device), accesses(accesses),
        builder(function.getContext()) {}

  LogicalResult run();

  unsigned numBarriers = 0, numGridBarriers = 0;

private:
  Location loc() { return function.getLoc(); }
  void createKernel();
  LogicalResult mapGridOp(Operation &op, Hazards &pending);
  LogicalResult mapStage(scf::ParallelOp loop);
  LogicalResult mapBlock(Block &block);
  void appendTeam(func::CallOp call, const Team &team);
  void gridBarrier(Hazards &pending);
  void blockBarrier(Hazards &pending);

  func::FuncOp function;
  gpu::GPUModuleOp device;
  const KernelAccesses &accesses;
  OpBuilder builder;
  gpu::GPUFuncOp kernel;
  Value arrivals, block, numBlocks;
  Team blockTeam, gridTeam;
};

struct MapToGpuPass : dale::impl::MapToGpuBase<MapToGpuPass> {
  using MapToGpuBase::MapToGpuBase;

  void runOnOperation() override;
};

} // namespace

//===----------------------------------------------------------------------===//
// Kernels of one op
//===----------------------------------------------------------------------===//

static bool isKernel(func::FuncOp function) {
  return function->hasAttr("dale.kernel");
}

/// The numbers within each dimension of entry `number` of all. Unsigned, and so
/// with half the instructions of upstream's op for it.
static SmallVector<Value> delinearize(OpBuilder &builder, Location loc,
                                      Value number, ArrayRef<int64_t> counts) {
  SmallVector<Value> numbers(counts.size());
  for (size_t i = counts.size(); i-- > 0;) {
    if (i == 0) {
      numbers[i] = number;
      break;
    }
    Value count = arith::ConstantIndexOp::create(builder, loc, counts[i]);
    numbers[i] = arith::RemUIOp::create(builder, loc, number, count);
    number = arith::DivUIOp::create(builder, loc, number, count);
  }
  return numbers;
}

/// A parallel loop becomes one over this thread's iterations.
static void distribute(scf::ForallOp loop, const Team &team) {
  OpBuilder builder(loop);
  Location loc = loop.getLoc();
  SmallVector<int64_t> lower = *getConstantIntValues(loop.getMixedLowerBound());
  SmallVector<int64_t> upper = *getConstantIntValues(loop.getMixedUpperBound());
  SmallVector<int64_t> steps = *getConstantIntValues(loop.getMixedStep());
  SmallVector<int64_t> counts;
  for (auto [begin, end, step] : llvm::zip(lower, upper, steps))
    counts.push_back(llvm::divideCeilSigned(end - begin, step));
  Value total =
      arith::ConstantIndexOp::create(builder, loc, llvm::product_of(counts));
  auto mine =
      scf::ForOp::create(builder, loc, team.number, total, team.size);
  builder.setInsertionPointToStart(mine.getBody());
  SmallVector<Value> numbers =
      delinearize(builder, loc, mine.getInductionVar(), counts);
  for (auto [variable, number, begin, step] :
       llvm::zip(loop.getInductionVars(), numbers, lower, steps)) {
    Value value = number;
    if (step != 1)
      value = arith::MulIOp::create(
          builder, loc, value,
          arith::ConstantIndexOp::create(builder, loc, step));
    if (begin != 0)
      value = arith::AddIOp::create(
          builder, loc, value,
          arith::ConstantIndexOp::create(builder, loc, begin));
    variable.replaceAllUsesWith(value);
  }
  loop.getTerminator()->erase();
  mine.getBody()->getOperations().splice(
      std::prev(mine.getBody()->end()), loop.getBody()->getOperations());
  loop.erase();
}

/// Gives a kernel the team that runs it: what is parallel is shared out, and
/// what is not is done by the team's first thread.
static LogicalResult mapKernel(func::FuncOp function) {
  OpBuilder builder(function.getContext());
  Type index = builder.getIndexType();
  unsigned arguments = function.getNumArguments();
  for (unsigned i = 0; i < 2; ++i)
    if (failed(function.insertArgument(arguments + i, index, {},
                                       function.getLoc())))
      return failure();
  Team team{function.getArgument(arguments),
            function.getArgument(arguments + 1)};

  Block &body = function.getBody().front();
  auto loops = llvm::to_vector(body.getOps<scf::ForallOp>());
  for (scf::ForallOp loop : loops) {
    if (!getConstantIntValues(loop.getMixedUpperBound()) ||
        !loop.getOutputs().empty())
      return loop.emitOpError("must have constant bounds and work on memrefs");
    distribute(loop, team);
  }
  if (!loops.empty())
    return success();

  builder.setInsertionPointToStart(&body);
  Location loc = function.getLoc();
  Value first = arith::CmpIOp::create(
      builder, loc, arith::CmpIPredicate::eq, team.number,
      arith::ConstantIndexOp::create(builder, loc, 0));
  auto once = scf::IfOp::create(builder, loc, first);
  Block &inside = once.getThenRegion().front();
  inside.getOperations().splice(inside.begin(), body.getOperations(),
                                std::next(once->getIterator()),
                                std::prev(body.end()));
  return success();
}

//===----------------------------------------------------------------------===//
// Entry points
//===----------------------------------------------------------------------===//

/// The function's body, in a kernel that also has the count of arrivals.
void EntryPointMapping::createKernel() {
  builder.setInsertionPointToEnd(device.getBody());
  SmallVector<Type> types(function.getArgumentTypes());
  types.push_back(MemRefType::get({1}, builder.getI32Type()));
  kernel = gpu::GPUFuncOp::create(builder, loc(), function.getSymName(),
                                  builder.getFunctionType(types, {}));
  kernel->setAttr(gpu::GPUDialect::getKernelFuncAttrName(),
                  builder.getUnitAttr());
  for (StringRef name : {"dale.workspace", "dale.shared", "dale.cost"})
    if (Attribute value = function->getAttr(name))
      kernel->setAttr(name, value);

  Block &body = kernel.getBody().front();
  Block &old = function.getBody().front();
  for (auto [from, to] : llvm::zip(old.getArguments(), body.getArguments()))
    from.replaceAllUsesWith(to);
  body.getOperations().splice(body.end(), old.getOperations());
  Operation *end = body.getTerminator();
  builder.setInsertionPoint(end);
  gpu::ReturnOp::create(builder, loc());
  end->erase();
  arrivals = body.getArguments().back();

  builder.setInsertionPointToStart(&body);
  Value thread = gpu::ThreadIdOp::create(builder, loc(), gpu::Dimension::x);
  Value threads = gpu::BlockDimOp::create(builder, loc(), gpu::Dimension::x);
  block = gpu::BlockIdOp::create(builder, loc(), gpu::Dimension::x);
  numBlocks = gpu::GridDimOp::create(builder, loc(), gpu::Dimension::x);
  blockTeam = {thread, threads};
  gridTeam = {arith::AddIOp::create(
                  builder, loc(),
                  arith::MulIOp::create(builder, loc(), block, threads),
                  thread),
              arith::MulIOp::create(builder, loc(), numBlocks, threads)};
}

void EntryPointMapping::appendTeam(func::CallOp call, const Team &team) {
  SmallVector<Value> operands(call.getOperands());
  operands.append({team.number, team.size});
  call->setOperands(operands);
}

void EntryPointMapping::gridBarrier(Hazards &pending) {
  GridBarrierOp::create(builder, loc(), arrivals);
  ++numGridBarriers;
  pending.clear();
}

void EntryPointMapping::blockBarrier(Hazards &pending) {
  gpu::BarrierOp::create(builder, loc());
  ++numBarriers;
  pending.clear();
}

LogicalResult EntryPointMapping::mapGridOp(Operation &op, Hazards &pending) {
  if (auto loop = dyn_cast<scf::ParallelOp>(op)) {
    builder.setInsertionPoint(loop);
    if (!pending.empty())
      gridBarrier(pending);
    builder.setInsertionPointAfter(loop);
    gridBarrier(pending);
    return mapStage(loop);
  }
  auto accessed = accesses.of(&op);
  if (failed(accessed))
    return failure();
  builder.setInsertionPoint(&op);
  if (pending.conflictsWith(*accessed))
    gridBarrier(pending);
  pending.add(*accessed);
  if (auto call = dyn_cast<func::CallOp>(op)) {
    appendTeam(call, gridTeam);
  } else if (hasEffect<MemoryEffects::Write>(&op)) {
    // One thread is enough for a single value.
    Value first = arith::CmpIOp::create(
        builder, loc(), arith::CmpIPredicate::eq, gridTeam.number,
        arith::ConstantIndexOp::create(builder, loc(), 0));
    auto once = scf::IfOp::create(builder, loc(), first);
    op.moveBefore(once.getThenRegion().front().getTerminator());
  }
  return success();
}

LogicalResult EntryPointMapping::mapStage(scf::ParallelOp loop) {
  builder.setInsertionPoint(loop);
  // Chunks go to blocks in turn: what a chunk sums does not depend on how many
  // blocks there are.
  auto chunks = scf::ForOp::create(builder, loc(), block,
                                   loop.getUpperBound().front(), numBlocks);
  loop.getInductionVars().front().replaceAllUsesWith(chunks.getInductionVar());
  loop.getBody()->getTerminator()->erase();
  chunks.getBody()->getOperations().splice(
      std::prev(chunks.getBody()->end()), loop.getBody()->getOperations());
  loop.erase();
  return mapBlock(*chunks.getBody());
}

/// Ops that the threads of one block run together. No hazard is left behind, so
/// that the block can be run again.
LogicalResult EntryPointMapping::mapBlock(Block &body) {
  Hazards pending;
  for (Operation &op : llvm::make_early_inc_range(body.without_terminator())) {
    builder.setInsertionPoint(&op);
    if (auto loop = dyn_cast<scf::ForOp>(op)) {
      if (!pending.empty())
        blockBarrier(pending);
      if (failed(mapBlock(*loop.getBody())))
        return failure();
      continue;
    }
    auto accessed = accesses.of(&op);
    if (failed(accessed))
      return failure();
    if (pending.conflictsWith(*accessed))
      blockBarrier(pending);
    pending.add(*accessed);
    if (auto call = dyn_cast<func::CallOp>(op))
      appendTeam(call, blockTeam);
    else if (hasEffect<MemoryEffects::Write>(&op))
      return op.emitOpError("must be in a kernel to write to memory");
  }
  if (!pending.empty()) {
    builder.setInsertionPoint(body.getTerminator());
    blockBarrier(pending);
  }
  return success();
}

LogicalResult EntryPointMapping::run() {
  createKernel();
  Hazards pending;
  for (Operation &op : llvm::make_early_inc_range(
           kernel.getBody().front().without_terminator()))
    if (failed(mapGridOp(op, pending)))
      return failure();
  function.erase();
  return success();
}

void MapToGpuPass::runOnOperation() {
  ModuleOp module = getOperation();
  module->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                  UnitAttr::get(&getContext()));
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto device = gpu::GPUModuleOp::create(builder, module.getLoc(), "circuit");

  SmallVector<func::FuncOp> kernels, entryPoints;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (isKernel(function))
      kernels.push_back(function);
    else if (function->hasAttr("dale.workspace"))
      entryPoints.push_back(function);
  }
  KernelAccesses accesses(module);
  for (func::FuncOp function : entryPoints) {
    EntryPointMapping mapping(function, device, accesses);
    if (failed(mapping.run()))
      return signalPassFailure();
    numBarriers += mapping.numBarriers;
    numGridBarriers += mapping.numGridBarriers;
  }
  for (func::FuncOp function : kernels) {
    if (failed(mapKernel(function)))
      return signalPassFailure();
    function->moveBefore(device.getBody(), device.getBody()->begin());
  }
}
