//===- PlanBlockMemory.cpp - Memory of a block ------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Lifetimes.h"
#include "compiler/lower/OffsetPlanner.h"
#include "compiler/lower/StageFunctions.h"
#include "compiler/lower/gpu/Passes.h"
#include "compiler/lower/gpu/Traffic.h"
#include "dialect/DeviceOps.h"
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
  Shared, ///< a block's shared memory, as far as a GPU has that much
  Block,  ///< a block's part of the workspace
  Grid    ///< a part of the workspace that all blocks share
};

/// What a function needs, in bytes.
struct Need {
  /// Of each tier of shared memory, from the tier's beginning on.
  SmallVector<int64_t> tiers;
  int64_t block = 0, grid = 0;
  /// What an image moves in each tier, in the block's part of the workspace,
  /// and elsewhere.
  SmallVector<int64_t> movedInTiers;
  int64_t movedInBlock = 0, movedElsewhere = 0;

  /// All tiers but the first, where a GPU has too little shared memory for
  /// them.
  int64_t getLaterTiers() const {
    return llvm::sum_of(ArrayRef(tiers).drop_front());
  }
};

/// The allocations of one function, and their places.
class BlockMemoryPlan {
public:
  /// `limits` are the sizes of shared memory at which tiers end. Without
  /// `alone` several blocks share their maps, and have none of it there.
  BlockMemoryPlan(func::FuncOp function, ArrayRef<int64_t> limits, bool alone);

  const Need &getNeed() const { return need; }

  /// Replaces the allocations by views. The parts of all blocks begin behind
  /// `gridBytes`; each is `blockBytes` long.
  void apply(int64_t gridBytes, int64_t blockBytes);

private:
  struct Allocation {
    memref::AllocOp op;
    Memory memory;
    int64_t offset = 0;
    unsigned tier = 0; // of shared memory
  };

  /// Chooses what goes to shared memory, as far as there is room.
  void placeShared(const Lifetimes &lifetimes, const Traffic &traffic);
  /// Places all allocations of another kind; returns the bytes that they take.
  int64_t place(Memory memory, const Lifetimes &lifetimes);
  void countMoved(const Traffic &traffic);

  Value getBase(const Allocation &allocation);
  Value createShared(OpBuilder &builder, Location loc);
  Value createTier(OpBuilder &builder, Location loc, unsigned tier);
  Value createBlockPart(OpBuilder &builder, Location loc, int64_t offset,
                        int64_t bytes);

  func::FuncOp function;
  SmallVector<int64_t> limits;
  bool alone;
  SmallVector<Allocation> allocations;
  Need need;
  int64_t gridBytes = 0, blockBytes = 0;
  DenseMap<std::tuple<Operation *, int, unsigned>, Value> bases;
};

struct PlanBlockMemoryPass
    : dale::impl::PlanBlockMemoryBase<PlanBlockMemoryPass> {
  using PlanBlockMemoryBase::PlanBlockMemoryBase;

  void runOnOperation() override;

private:
  void describe(func::FuncOp entryPoint,
                const DenseMap<Operation *, Need> &needs, int64_t gridBytes,
                int64_t blockBytes, bool alone);
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

BlockMemoryPlan::BlockMemoryPlan(func::FuncOp function,
                                 ArrayRef<int64_t> limits, bool alone)
    : function(function), limits(limits), alone(alone) {
  need.tiers.assign(limits.size(), 0);
  need.movedInTiers.assign(limits.size(), 0);
  function.walk([&](memref::AllocOp alloc) {
    if (!alloc.getType().hasStaticShape())
      return;
    bool inStage = alloc->getParentOfType<scf::ParallelOp>() != nullptr;
    allocations.push_back({alloc, inStage ? Memory::Block : Memory::Grid});
  });
  Traffic traffic(function);
  if (!allocations.empty()) {
    Lifetimes lifetimes(function);
    if (alone)
      placeShared(lifetimes, traffic);
    need.block = need.getLaterTiers() + place(Memory::Block, lifetimes);
    need.grid = place(Memory::Grid, lifetimes);
  }
  countMoved(traffic);
}

void BlockMemoryPlan::placeShared(const Lifetimes &lifetimes,
                                  const Traffic &traffic) {
  // First what moves most for the room that it takes, and the time.
  SmallVector<std::pair<double, Allocation *>> candidates;
  for (Allocation &allocation : allocations) {
    if (allocation.memory != Memory::Block)
      continue;
    auto [begin, end] = lifetimes.get(allocation.op);
    double taken = static_cast<double>(getBytes(allocation.op.getType())) *
                   static_cast<double>(end - begin + 1);
    double moved = static_cast<double>(traffic.get(allocation.op.getMemref()));
    candidates.emplace_back(moved / taken, &allocation);
  }
  llvm::stable_sort(candidates, [](const auto &a, const auto &b) {
    return a.first > b.first;
  });
  int64_t begin = 0;
  for (auto [tier, limit] : llvm::enumerate(limits)) {
    OffsetPlanner planner;
    SmallVector<std::pair<Allocation *, unsigned>> numbers;
    for (auto [worth, allocation] : candidates) {
      // What has two places is seen without a memory space.
      if (allocation->memory == Memory::Shared ||
          (tier == 0 && !canChangeMemorySpace(allocation->op.getMemref())))
        continue;
      auto [first, last] = lifetimes.get(allocation->op);
      numbers.emplace_back(
          allocation,
          planner.add(getBytes(allocation->op.getType()), first, last));
    }
    need.tiers[tier] = planner.planWithin(limit - begin);
    for (auto [allocation, number] : numbers)
      if (planner.isPlaced(number)) {
        allocation->memory = Memory::Shared;
        allocation->tier = tier;
        allocation->offset = planner.getOffset(number);
      }
    begin = limit;
  }
}

void BlockMemoryPlan::countMoved(const Traffic &traffic) {
  need.movedElsewhere = traffic.getTotal();
  for (Allocation &allocation : allocations) {
    int64_t moved = traffic.get(allocation.op.getMemref());
    need.movedElsewhere -= moved;
    (allocation.memory == Memory::Shared ? need.movedInTiers[allocation.tier]
                                         : need.movedInBlock) += moved;
  }
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

Value BlockMemoryPlan::createShared(OpBuilder &builder, Location loc) {
  auto space = gpu::AddressSpaceAttr::get(builder.getContext(),
                                          gpu::AddressSpace::Workgroup);
  auto type = MemRefType::get({ShapedType::kDynamic}, builder.getI8Type(),
                              MemRefLayoutAttrInterface(), space);
  return gpu::DynamicSharedMemoryOp::create(builder, loc, type);
}

/// A range of the part of the workspace that a block, or its team, has.
Value BlockMemoryPlan::createBlockPart(OpBuilder &builder, Location loc,
                                       int64_t offset, int64_t bytes) {
  auto type = MemRefType::get({ShapedType::kDynamic}, builder.getI8Type());
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  Value team = TeamIdOp::create(builder, loc, builder.getIndexType());
  Value begin = arith::AddIOp::create(
      builder, loc, index(gridBytes + offset),
      arith::MulIOp::create(builder, loc, team, index(blockBytes)));
  return memref::ViewOp::create(
      builder, loc, type, function.getArguments().back(), begin, index(bytes));
}

/// A tier behind the first: shared memory if the block has been given that
/// much, or else a range of its part of the workspace.
Value BlockMemoryPlan::createTier(OpBuilder &builder, Location loc,
                                  unsigned tier) {
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  int64_t begin = limits[tier - 1], bytes = need.tiers[tier];
  Value shared = createShared(builder, loc);
  Value here =
      memref::ViewOp::create(builder, loc, cast<MemRefType>(shared.getType()),
                             shared, index(begin), index(bytes));
  int64_t offset = llvm::sum_of(ArrayRef(need.tiers).slice(1, tier - 1));
  Value there = createBlockPart(builder, loc, offset, bytes);
  here = memref::MemorySpaceCastOp::create(builder, loc, there.getType(), here);
  Value enough = arith::CmpIOp::create(
      builder, loc, arith::CmpIPredicate::uge,
      SharedBytesOp::create(builder, loc, builder.getIndexType()),
      index(begin + bytes));
  return arith::SelectOp::create(builder, loc, enough, here, there);
}

/// The memory that an allocation lies in, made once in the stage's loop.
Value BlockMemoryPlan::getBase(const Allocation &allocation) {
  memref::AllocOp op = allocation.op;
  Operation *scope = function;
  if (allocation.memory != Memory::Grid)
    scope = op->getParentOfType<scf::ParallelOp>();
  Value &base =
      bases[{scope, static_cast<int>(allocation.memory), allocation.tier}];
  if (base)
    return base;
  Location loc = op.getLoc();
  OpBuilder builder = OpBuilder::atBlockBegin(&scope->getRegion(0).front());
  if (allocation.memory == Memory::Grid)
    return base = function.getArguments().back();
  if (allocation.memory == Memory::Shared)
    return base = allocation.tier == 0
                      ? createShared(builder, loc)
                      : createTier(builder, loc, allocation.tier);
  int64_t first = need.getLaterTiers();
  return base = createBlockPart(builder, loc, first, blockBytes - first);
}

void BlockMemoryPlan::apply(int64_t behindGrid, int64_t eachBlock) {
  gridBytes = behindGrid;
  blockBytes = eachBlock;
  for (Allocation &allocation : allocations) {
    Value base = getBase(allocation);
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

/// Says of an entry point what it needs: as much as the stage that needs most.
void PlanBlockMemoryPass::describe(func::FuncOp entryPoint,
                                   const DenseMap<Operation *, Need> &needs,
                                   int64_t gridBytes, int64_t blockBytes,
                                   bool alone) {
  Builder builder(&getContext());
  bool usesBlock = false;
  // Shared memory with which a tier is used, and what is moved there then.
  SmallVector<int64_t> shared(sharedBytes.size(), 0);
  SmallVector<int64_t> movedInTiers(sharedBytes.size(), 0);
  int64_t movedInBlock = 0, movedElsewhere = 0;
  entryPoint.walk([&](func::CallOp call) {
    auto found = needs.find(getOperation().lookupSymbol(call.getCallee()));
    if (found == needs.end())
      return;
    const Need &need = found->second;
    usesBlock |= need.block > 0;
    for (auto [tier, bytes] : llvm::enumerate(need.tiers)) {
      int64_t begin = tier == 0 ? 0 : sharedBytes[tier - 1];
      if (bytes > 0)
        shared[tier] = std::max(shared[tier], begin + bytes);
      movedInTiers[tier] += need.movedInTiers[tier];
    }
    movedInBlock += need.movedInBlock;
    movedElsewhere += need.movedElsewhere;
  });

  // The more of its maps a block has in shared memory, the less it moves
  // elsewhere.
  SmallVector<int64_t> choices{shared[0]}, movedInShared{movedInTiers[0]};
  for (auto [bytes, moved] : llvm::drop_begin(llvm::zip(shared, movedInTiers)))
    if (bytes > 0) {
      choices.push_back(bytes);
      movedInShared.push_back(movedInShared.back() + moved);
    }
  int64_t inWorkspace = movedInBlock + llvm::sum_of(movedInTiers);
  SmallVector<int64_t> movedInScratch;
  for (int64_t moved : movedInShared)
    movedInScratch.push_back(inWorkspace - moved);

  NamedAttrList workspace(
      entryPoint->getAttrOfType<DictionaryAttr>(workspaceAttrName));
  int64_t fixed = cast<IntegerAttr>(workspace.get("fixed")).getInt();
  workspace.set("fixed", builder.getI64IntegerAttr(fixed + gridBytes));
  workspace.set("per_block",
                builder.getI64IntegerAttr(usesBlock ? blockBytes : 0));
  entryPoint->setAttr(workspaceAttrName,
                      workspace.getDictionary(&getContext()));
  entryPoint->setAttr(sharedAttrName, builder.getDenseI64ArrayAttr(choices));
  if (!alone)
    entryPoint->setAttr(teamsAttrName, builder.getUnitAttr());
  entryPoint->setAttr(
      movedAttrName,
      builder.getDictionaryAttr(
          {builder.getNamedAttr("shared",
                                builder.getDenseI64ArrayAttr(movedInShared)),
           builder.getNamedAttr("scratch",
                                builder.getDenseI64ArrayAttr(movedInScratch)),
           builder.getNamedAttr("elsewhere",
                                builder.getI64IntegerAttr(movedElsewhere))}));
}

void PlanBlockMemoryPass::runOnOperation() {
  if (sharedBytes.empty() || sharedBytes.front() < 0 ||
      !llvm::is_sorted(ArrayRef<int64_t>(sharedBytes))) {
    getOperation().emitError("shared-bytes must be sizes in ascending order");
    return signalPassFailure();
  }
  // Every block's part lies behind the scratch memory of all stages.
  int64_t gridBytes = 0, blockBytes = 0;
  bool alone = isBlockAlone(imageBlocks, getOperation(),
                            ArrayRef<int64_t>(sharedBytes).back());
  DenseMap<Operation *, Need> needs;
  std::vector<BlockMemoryPlan> plans;
  for (auto function : getOperation().getOps<func::FuncOp>())
    if (!function.isDeclaration() && !function->hasAttr(workspaceAttrName)) {
      bool allocates =
          function.walk([](memref::AllocOp) { return WalkResult::interrupt(); })
              .wasInterrupted();
      if (allocates && failed(getScratch(function)))
        return signalPassFailure();
      plans.emplace_back(function, sharedBytes, alone);
      const Need &need = needs[function] = plans.back().getNeed();
      gridBytes = std::max(gridBytes, need.grid);
      blockBytes = std::max(blockBytes, need.block);
    }
  for (BlockMemoryPlan &plan : plans)
    plan.apply(gridBytes, blockBytes);
  for (auto function : getOperation().getOps<func::FuncOp>())
    if (function->hasAttr(workspaceAttrName))
      describe(function, needs, gridBytes, blockBytes, alone);
}
