//===- PlanBlockMemory.cpp - Shared memory and scratch of a block -*- C++
//-*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Lifetimes.h"
#include "compiler/lower/OffsetPlanner.h"
#include "compiler/lower/gpu/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

namespace dale {
#define GEN_PASS_DEF_PLANBLOCKMEMORY
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

/// Where an allocation goes.
enum class Memory {
  Shared, ///< a block's shared memory
  Block,  ///< a block's part of the workspace
  Grid    ///< a part of the workspace that all blocks share
};

/// What functions need, in bytes.
struct Need {
  int64_t shared = 0, block = 0, grid = 0;

  void raise(const Need &other) {
    shared = std::max(shared, other.shared);
    block = std::max(block, other.block);
    grid = std::max(grid, other.grid);
  }
};

/// The allocations of one function, and their places.
class BlockMemoryPlan {
public:
  BlockMemoryPlan(func::FuncOp function, int64_t sharedBytes);

  const Need &getNeed() const { return need; }

  /// Replaces the allocations by views. The parts of all blocks begin behind
  /// `gridBytes`; each is `blockBytes` long.
  void apply(int64_t gridBytes, int64_t blockBytes);

private:
  struct Allocation {
    memref::AllocOp op;
    Memory memory;
    int64_t offset = 0;
  };

  /// Places all allocations of one kind; returns the bytes that they take.
  int64_t place(Memory memory, const Lifetimes &lifetimes);
  Value getBase(const Allocation &allocation, int64_t gridBytes,
                int64_t blockBytes);

  func::FuncOp function;
  SmallVector<Allocation> allocations;
  Need need;
  DenseMap<std::pair<Operation *, int>, Value> bases;
};

struct PlanBlockMemoryPass
    : dale::impl::PlanBlockMemoryBase<PlanBlockMemoryPass> {
  using PlanBlockMemoryBase::PlanBlockMemoryBase;

  void runOnOperation() override;
};

} // namespace

/// Whether all that a buffer flows into are views of it and ops that read or
/// write it, so that it can be moved to another memory space.
static bool canChangeMemorySpace(Value buffer) {
  return llvm::all_of(buffer.getUsers(), [](Operation *user) {
    if (auto view = dyn_cast<ViewLikeOpInterface>(user))
      return canChangeMemorySpace(view.getViewDest());
    return !user->hasTrait<OpTrait::IsTerminator>() &&
           llvm::none_of(user->getResultTypes(), llvm::IsaPred<BaseMemRefType>);
  });
}

/// Replaces a buffer by one in another memory space; views of it follow.
static void replaceBuffer(Value buffer, Value replacement) {
  Attribute space = cast<MemRefType>(replacement.getType()).getMemorySpace();
  SmallVector<Value> worklist{buffer};
  while (!worklist.empty()) {
    Value value = worklist.pop_back_val();
    for (Operation *user : value.getUsers())
      if (auto view = dyn_cast<ViewLikeOpInterface>(user)) {
        Value result = view.getViewDest();
        auto type = cast<MemRefType>(result.getType());
        result.setType(MemRefType::Builder(type).setMemorySpace(space));
        worklist.push_back(result);
      }
  }
  buffer.replaceAllUsesWith(replacement);
}

BlockMemoryPlan::BlockMemoryPlan(func::FuncOp function, int64_t sharedBytes)
    : function(function) {
  function.walk([&](memref::AllocOp alloc) {
    if (!alloc.getType().hasStaticShape())
      return;
    bool inStage = alloc->getParentOfType<scf::ParallelOp>() != nullptr;
    Memory memory = !inStage                                  ? Memory::Grid
                    : canChangeMemorySpace(alloc.getMemref()) ? Memory::Shared
                                                              : Memory::Block;
    allocations.push_back({alloc, memory});
  });
  if (allocations.empty())
    return;
  Lifetimes lifetimes(function);
  // The largest leave shared memory until the others fit.
  while ((need.shared = place(Memory::Shared, lifetimes)) > sharedBytes) {
    auto isShared = [](const Allocation &allocation) {
      return allocation.memory == Memory::Shared;
    };
    auto *largest = &*llvm::find_if(allocations, isShared);
    for (Allocation &allocation : allocations)
      if (isShared(allocation) &&
          getBytes(allocation.op.getType()) > getBytes(largest->op.getType()))
        largest = &allocation;
    largest->memory = Memory::Block;
  }
  need.block = place(Memory::Block, lifetimes);
  need.grid = place(Memory::Grid, lifetimes);
}

int64_t BlockMemoryPlan::place(Memory memory, const Lifetimes &lifetimes) {
  OffsetPlanner planner;
  SmallVector<std::pair<Allocation *, unsigned>> numbers;
  for (Allocation &allocation : allocations) {
    if (allocation.memory != memory)
      continue;
    auto [begin, end] = lifetimes.get(allocation.op);
    // Memory that is used twice makes barriers of the grid, which take longer
    // than what runs once takes memory.
    if (memory == Memory::Grid)
      std::tie(begin, end) = std::make_pair(int64_t(0), int64_t(0));
    numbers.push_back(
        {&allocation,
         planner.add(getBytes(allocation.op.getType()), begin, end)});
  }
  int64_t bytes = planner.plan();
  for (auto [allocation, number] : numbers)
    allocation->offset = planner.getOffset(number);
  return bytes;
}

/// The memory that an allocation lies in, made once in the stage's loop.
Value BlockMemoryPlan::getBase(const Allocation &allocation, int64_t gridBytes,
                               int64_t blockBytes) {
  memref::AllocOp op = allocation.op;
  Operation *scope = function;
  if (allocation.memory != Memory::Grid)
    scope = op->getParentOfType<scf::ParallelOp>();
  Value &base = bases[{scope, static_cast<int>(allocation.memory)}];
  if (base)
    return base;
  Location loc = op.getLoc();
  OpBuilder builder = OpBuilder::atBlockBegin(&scope->getRegion(0).front());
  auto bytes = MemRefType::get({ShapedType::kDynamic}, builder.getI8Type());
  Value scratch = function.getArguments().back();
  if (allocation.memory == Memory::Grid)
    return base = scratch;
  if (allocation.memory == Memory::Shared) {
    auto space = gpu::AddressSpaceAttr::get(builder.getContext(),
                                            gpu::AddressSpace::Workgroup);
    MemRefType shared = MemRefType::Builder(bytes).setMemorySpace(space);
    return base = gpu::DynamicSharedMemoryOp::create(builder, loc, shared);
  }
  Value size = arith::ConstantIndexOp::create(builder, loc, blockBytes);
  Value first = arith::ConstantIndexOp::create(builder, loc, gridBytes);
  Value block = gpu::BlockIdOp::create(builder, loc, gpu::Dimension::x);
  Value offset = arith::AddIOp::create(
      builder, loc, first, arith::MulIOp::create(builder, loc, block, size));
  return base =
             memref::ViewOp::create(builder, loc, bytes, scratch, offset, size);
}

void BlockMemoryPlan::apply(int64_t gridBytes, int64_t blockBytes) {
  for (Allocation &allocation : allocations) {
    Value base = getBase(allocation, gridBytes, blockBytes);
    Attribute space = cast<MemRefType>(base.getType()).getMemorySpace();
    OpBuilder builder(allocation.op);
    Location loc = allocation.op.getLoc();
    MemRefType type =
        MemRefType::Builder(allocation.op.getType()).setMemorySpace(space);
    Value offset =
        arith::ConstantIndexOp::create(builder, loc, allocation.offset);
    Value view =
        memref::ViewOp::create(builder, loc, type, base, offset, ValueRange());
    replaceBuffer(allocation.op.getMemref(), view);
    allocation.op.erase();
  }
}

void PlanBlockMemoryPass::runOnOperation() {
  Builder builder(&getContext());
  // Every block's part lies behind the scratch memory of all stages.
  Need all;
  DenseMap<Operation *, Need> needs;
  SmallVector<BlockMemoryPlan> plans;
  for (auto function : getOperation().getOps<func::FuncOp>())
    if (!function.isDeclaration() && !function->hasAttr("dale.workspace")) {
      plans.emplace_back(function, sharedBytes);
      needs[function] = plans.back().getNeed();
      all.raise(plans.back().getNeed());
    }
  for (BlockMemoryPlan &plan : plans)
    plan.apply(all.grid, all.block);

  for (auto function : getOperation().getOps<func::FuncOp>()) {
    auto workspace = function->getAttrOfType<DictionaryAttr>("dale.workspace");
    if (!workspace)
      continue;
    Need need;
    function.walk([&](func::CallOp call) {
      need.raise(needs.lookup(getOperation().lookupSymbol(call.getCallee())));
    });
    NamedAttrList attributes(workspace);
    int64_t fixed = cast<IntegerAttr>(workspace.get("fixed")).getInt();
    attributes.set("fixed", builder.getI64IntegerAttr(fixed + all.grid));
    attributes.set("per_block", builder.getI64IntegerAttr(
                                    need.block ? all.block : int64_t(0)));
    function->setAttr("dale.workspace",
                      attributes.getDictionary(&getContext()));
    function->setAttr("dale.shared", builder.getI64IntegerAttr(need.shared));
  }
}
