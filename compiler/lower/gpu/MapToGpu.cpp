//===- MapToGpu.cpp - Entry points as GPU kernels -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/KernelOps.h"
#include "compiler/lower/Views.h"
#include "compiler/lower/gpu/Hazards.h"
#include "compiler/lower/gpu/KernelTeams.h"
#include "compiler/lower/gpu/Passes.h"
#include "compiler/lower/gpu/Warp.h"
#include "compiler/lower/gpu/WarpLoads.h"
#include "dialect/DeviceOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"
#include "runtime/CircuitABI.h"

namespace dale {
#define GEN_PASS_DEF_MAPTOGPU
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

/// A team that works on images of a stage: the threads, its number among all
/// teams, and how many there are.
struct StageTeam {
  Team threads;
  Value number, count;
};

/// One part of an entry point: a stage over images, or ops that all blocks run
/// together.
using Part = SmallVector<Operation *>;

class EntryPointMapping {
public:
  EntryPointMapping(func::FuncOp function, gpu::GPUModuleOp device,
                    const KernelAccesses &accesses, int64_t threads)
      : function(function), device(device), accesses(accesses),
        threads(threads), builder(function.getContext()) {}

  LogicalResult run();

  unsigned numBarriers = 0, numGridBarriers = 0;

private:
  Location loc() { return function.getLoc(); }
  MemRefType getArrivalsType() {
    return MemRefType::get({ShapedType::kDynamic}, builder.getI8Type());
  }
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc(), value);
  }
  Value ceilDiv(Value dividend, Value divisor);
  /// The count of arrivals at the barriers of the grid, which is the first, or
  /// of a team.
  Value getArrivals(Value number);
  SmallVector<Part> getParts();
  void createKernel(size_t numParts);
  SmallVector<Value> takeReplica(Block &body);
  FailureOr<func::FuncOp> createPart(const Part &part);
  LogicalResult materialize(Value value, IRMapping &mapping);
  LogicalResult mapPart(func::FuncOp part);
  Team getThreads(Value first, Value blocks);
  FailureOr<StageTeam> createTeam();
  LogicalResult mapStage(scf::ParallelOp loop);
  LogicalResult mapRuns(Block &block, const Team &team, bool grid);
  LogicalResult mapRun(ArrayRef<Operation *> run, Operation *end,
                       const Team &team, bool grid);
  bool isSmall(ArrayRef<Operation *> level);
  void startFirstBlock();
  LogicalResult createLevel(ArrayRef<Operation *> level, const Team &team);
  SmallVector<int64_t> getFirstThreads(ArrayRef<Operation *> level);
  Team beginWith(int64_t first, const Team &team);
  void cloneForTeam(Operation *op, IRMapping &mapping, const Team &team);
  void createBarrier(bool grid);

  func::FuncOp function;
  gpu::GPUModuleOp device;
  const KernelAccesses &accesses;
  int64_t threads;
  OpBuilder builder;
  SmallVector<func::FuncOp> parts, levels;
  // Of the part that is being mapped.
  Value arrivals, thread, numThreads, block, numBlocks;
  Team blockTeam, gridTeam;
  /// Of a stage over images whose teams are several blocks: how many, and their
  /// count of arrivals.
  Value teamBlocks, teamArrivals;
};

struct MapToGpuPass : dale::impl::MapToGpuBase<MapToGpuPass> {
  using MapToGpuBase::MapToGpuBase;

  void runOnOperation() override;
};

} // namespace

//===----------------------------------------------------------------------===//
// Addresses
//===----------------------------------------------------------------------===//

/// A view of the same elements that begins at its own address: a kernel then
/// needs one number to know where an argument is, and not two.
static Value beginAtAddress(OpBuilder &builder, Location loc, Value memref) {
  auto type = cast<MemRefType>(memref.getType());
  Value source = memref;
  while (auto cast = source.getDefiningOp<memref::CastOp>())
    source = cast.getSource();
  auto root = getViewRoot(source).getDefiningOp<memref::ViewOp>();
  if (!root || root.getResult() == source)
    return memref;
  auto layout = memref::ExtractStridedMetadataOp::create(builder, loc, source);
  int64_t bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  Value begin = arith::AddIOp::create(
      builder, loc, root.getByteShift(),
      arith::MulIOp::create(
          builder, loc, layout.getOffset(),
          arith::ConstantIndexOp::create(builder, loc, bytes)));
  auto [strides, offset] = type.getStridesAndOffset();
  int64_t extent = 1;
  for (auto [size, stride] : llvm::zip(type.getShape(), strides))
    extent += (size - 1) * stride;
  MemRefType flat = MemRefType::Builder(root.getType())
                        .setShape(extent)
                        .setElementType(type.getElementType());
  Value view = memref::ViewOp::create(builder, loc, flat, root.getSource(),
                                      begin, ValueRange());
  Value shaped = memref::ReinterpretCastOp::create(
      builder, loc,
      MemRefType::get(type.getShape(), type.getElementType(),
                      StridedLayoutAttr::get(type.getContext(), 0, strides),
                      type.getMemorySpace()),
      view, /*offset=*/0, type.getShape(), strides);
  return memref::CastOp::create(builder, loc, type, shaped);
}

static void beginAtAddresses(func::FuncOp level) {
  level.walk([](func::CallOp call) {
    OpBuilder builder(call);
    for (OpOperand &operand : call->getOpOperands())
      if (isa<MemRefType>(operand.get().getType()))
        operand.set(beginAtAddress(builder, call.getLoc(), operand.get()));
  });
}

//===----------------------------------------------------------------------===//
// Parts of entry points
//===----------------------------------------------------------------------===//

SmallVector<Part> EntryPointMapping::getParts() {
  SmallVector<Part> result;
  bool open = false;
  for (Operation &op : function.getBody().front().without_terminator()) {
    if (isPure(&op))
      continue;
    bool stage = isa<scf::ParallelOp>(op);
    if (stage || !open)
      result.emplace_back();
    result.back().push_back(&op);
    open = !stage;
  }
  return result;
}

/// A value of the entry point in a part, computed there anew: what is kept for
/// all of a step would fill the registers.
LogicalResult EntryPointMapping::materialize(Value value, IRMapping &mapping) {
  if (mapping.contains(value))
    return success();
  Operation *op = value.getDefiningOp();
  if (!isPure(op))
    return op->emitOpError(
        "has effects, and gives what is needed behind a "
        "barrier of the grid: it cannot be done again there");
  for (Value operand : op->getOperands())
    if (failed(materialize(operand, mapping)))
      return failure();
  builder.clone(*op, mapping);
  return success();
}

/// A function of the entry point's arguments that does one part.
FailureOr<func::FuncOp> EntryPointMapping::createPart(const Part &part) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(device.getBody());
  SmallVector<Type> types(function.getArgumentTypes());
  types.push_back(getArrivalsType());
  auto result = func::FuncOp::create(
      builder, loc(),
      (function.getSymName() + "_part_" + Twine(parts.size())).str(),
      builder.getFunctionType(types, {}));
  result.setPrivate();
  Block *body = result.addEntryBlock();
  builder.setInsertionPointToStart(body);
  IRMapping mapping;
  mapping.map(function.getArguments(),
              body->getArguments().take_front(function.getNumArguments()));
  for (Operation *op : part) {
    SetVector<Value> used;
    getUsedValuesDefinedAbove(op->getRegions(), used);
    used.insert(op->operand_begin(), op->operand_end());
    for (Value value : used)
      if (failed(materialize(value, mapping)))
        return failure();
    builder.clone(*op, mapping);
  }
  func::ReturnOp::create(builder, loc());
  return result;
}

/// The kernel's arguments, of every buffer this block's replica only. Nothing
/// behind it knows of replicas: the grid that it sees is its own.
SmallVector<Value> EntryPointMapping::takeReplica(Block &body) {
  auto common = function->getAttrOfType<DenseI32ArrayAttr>(commonAttrName);
  Value replica = gpu::BlockIdOp::create(builder, loc(), gpu::Dimension::y);
  SmallVector<Value> values;
  for (BlockArgument argument : body.getArguments()) {
    int32_t number = argument.getArgNumber();
    auto type = dyn_cast<MemRefType>(argument.getType());
    if (!type || (common && llvm::is_contained(common.asArrayRef(), number))) {
      values.push_back(argument);
      continue;
    }
    Value size = memref::DimOp::create(builder, loc(), argument, 0);
    Value offset = arith::MulIOp::create(builder, loc(), replica, size);
    values.push_back(
        memref::ViewOp::create(builder, loc(), type, argument, offset, size));
  }
  return values;
}

/// The kernel calls one part after the other.
void EntryPointMapping::createKernel(size_t numParts) {
  builder.setInsertionPointToEnd(device.getBody());
  SmallVector<Type> types(function.getArgumentTypes());
  types.push_back(getArrivalsType());
  auto kernel = gpu::GPUFuncOp::create(builder, loc(), function.getSymName(),
                                       builder.getFunctionType(types, {}));
  kernel->setAttr(gpu::GPUDialect::getKernelFuncAttrName(),
                  builder.getUnitAttr());
  kernel->setAttr(NVVM::NVVMDialect::getMaxntidAttrName(),
                  builder.getDenseI32ArrayAttr(static_cast<int32_t>(threads)));
  for (StringRef name :
       {workspaceAttrName, sharedAttrName, movedAttrName, costAttrName})
    if (Attribute value = function->getAttr(name))
      kernel->setAttr(name, value);
  Block &body = kernel.getBody().front();
  builder.setInsertionPointToStart(&body);
  SmallVector<Value> arguments = takeReplica(body);
  arrivals = arguments.back();
  for (auto [i, part] : llvm::enumerate(parts)) {
    func::CallOp::create(builder, loc(), part, arguments);
    if (i + 1 < numParts)
      createBarrier(/*grid=*/true);
  }
  gpu::ReturnOp::create(builder, loc());
}

Value EntryPointMapping::getArrivals(Value number) {
  Value offset =
      arith::MulIOp::create(builder, loc(), number, index(DALE_ARRIVALS_BYTES));
  return memref::ViewOp::create(builder, loc(),
                                MemRefType::get({1}, builder.getI32Type()),
                                arrivals, offset, ValueRange());
}

/// `grid` is whether all blocks wait for each other, and not those of a team.
void EntryPointMapping::createBarrier(bool grid) {
  if (grid) {
    GridBarrierOp::create(builder, loc(), getArrivals(index(0)), Value());
    ++numGridBarriers;
    return;
  }
  if (teamBlocks)
    GridBarrierOp::create(builder, loc(), teamArrivals, teamBlocks);
  else
    gpu::BarrierOp::create(builder, loc());
  ++numBarriers;
}

//===----------------------------------------------------------------------===//
// Ops in a part
//===----------------------------------------------------------------------===//

LogicalResult EntryPointMapping::mapPart(func::FuncOp part) {
  Block &body = part.getBody().front();
  builder.setInsertionPointToStart(&body);
  arrivals = body.getArguments().back();
  thread = gpu::ThreadIdOp::create(builder, loc(), gpu::Dimension::x);
  numThreads = gpu::BlockDimOp::create(builder, loc(), gpu::Dimension::x);
  block = gpu::BlockIdOp::create(builder, loc(), gpu::Dimension::x);
  numBlocks = gpu::GridDimOp::create(builder, loc(), gpu::Dimension::x);
  blockTeam = {thread, numThreads};
  gridTeam = getThreads(block, numBlocks);
  teamBlocks = teamArrivals = {};
  auto stages = body.getOps<scf::ParallelOp>();
  if (!stages.empty())
    return mapStage(*stages.begin());
  return mapRuns(body, gridTeam, /*grid=*/true);
}

/// All threads of some blocks.
Team EntryPointMapping::getThreads(Value first, Value blocks) {
  return {arith::AddIOp::create(
              builder, loc(),
              arith::MulIOp::create(builder, loc(), first, numThreads), thread),
          arith::MulIOp::create(builder, loc(), blocks, numThreads)};
}

Value EntryPointMapping::ceilDiv(Value dividend, Value divisor) {
  Value above = arith::SubIOp::create(
      builder, loc(), arith::AddIOp::create(builder, loc(), dividend, divisor),
      index(1));
  return arith::DivUIOp::create(builder, loc(), above, divisor);
}

/// This block's team in a stage. Blocks that are too few for one more team have
/// one of a number too high, for which there is nothing to do.
FailureOr<StageTeam> EntryPointMapping::createTeam() {
  if (!function->hasAttr(teamsAttrName))
    return StageTeam{blockTeam, block, numBlocks};
  auto body = block.getDefiningOp()->getBlock();
  auto *images = llvm::find_if(body->getArguments(), [](Value argument) {
    return argument.getType().isInteger(64);
  });
  if (images == body->getArguments().end())
    return function.emitOpError(
        "has teams of blocks, but no i64 argument that counts images");
  Value numTeams = arith::MinUIOp::create(
      builder, loc(), numBlocks,
      arith::IndexCastOp::create(builder, loc(), builder.getIndexType(),
                                 *images));
  teamBlocks = arith::DivUIOp::create(builder, loc(), numBlocks, numTeams);
  Value team = arith::DivUIOp::create(builder, loc(), block, teamBlocks);
  Value member = arith::SubIOp::create(
      builder, loc(), block,
      arith::MulIOp::create(builder, loc(), team, teamBlocks));
  Team threads = getThreads(member, teamBlocks);
  teamArrivals =
      getArrivals(arith::AddIOp::create(builder, loc(), team, index(1)));
  return StageTeam{threads, team, numTeams};
}

LogicalResult EntryPointMapping::mapStage(scf::ParallelOp loop) {
  if (loop.getNumLoops() != 1 || loop.getNumResults() > 0 ||
      getConstantIntValue(loop.getLowerBound().front()) != 0 ||
      getConstantIntValue(loop.getStep().front()) != 1)
    return loop.emitOpError("must count chunks one by one from 0, and give no "
                            "results, to be shared out among blocks");
  builder.setInsertionPoint(loop);
  FailureOr<StageTeam> team = createTeam();
  if (failed(team))
    return failure();
  // What a chunk sums does not depend on who takes it. Of fewer images than
  // chunks each has a run of chunks that ends with its own.
  Value numChunks = loop.getUpperBound().front();
  auto boundary = [&](Value number) {
    return ceilDiv(arith::MulIOp::create(builder, loc(), number, numChunks),
                   team->count);
  };
  Value begin = boundary(team->number);
  Value end =
      boundary(arith::AddIOp::create(builder, loc(), team->number, index(1)));
  auto chunks = scf::ForOp::create(
      builder, loc(), begin,
      arith::MinUIOp::create(builder, loc(), end, numChunks), index(1));
  loop.getInductionVars().front().replaceAllUsesWith(chunks.getInductionVar());
  loop.walk([&](TeamIdOp id) {
    id.replaceAllUsesWith(team->number);
    id.erase();
  });
  loop.getBody()->getTerminator()->erase();
  chunks.getBody()->getOperations().splice(std::prev(chunks.getBody()->end()),
                                           loop.getBody()->getOperations());
  loop.erase();
  return mapRuns(*chunks.getBody(), team->threads, /*grid=*/false);
}

/// Maps the ops of a block that a team runs. Loops, and ops that others need
/// the results of, stand between two runs of ops. Behind each run is a barrier,
/// unless it is the last of a part: there the kernel has one.
LogicalResult EntryPointMapping::mapRuns(Block &body, const Team &team,
                                         bool grid) {
  SmallVector<Operation *> run;
  auto endRun = [&](Operation *next) -> LogicalResult {
    if (run.empty())
      return success();
    if (failed(mapRun(run, next, team, grid)))
      return failure();
    run.clear();
    builder.setInsertionPoint(next);
    if (!grid || next != body.getTerminator())
      createBarrier(grid);
    return success();
  };
  for (Operation &op : llvm::make_early_inc_range(body.without_terminator())) {
    auto loop = dyn_cast<scf::ForOp>(op);
    bool alone = loop || op.getNumResults() > 0;
    if (isPure(&op))
      continue;
    // Between two levels of a stage.
    if (isa<gpu::BarrierOp>(op)) {
      if (failed(endRun(&op)))
        return failure();
      op.erase();
      continue;
    }
    if (alone && failed(endRun(&op)))
      return failure();
    if (loop) {
      if (failed(mapRuns(*loop.getBody(), team, grid)))
        return failure();
      continue;
    }
    run.push_back(&op);
    if (alone && failed(endRun(op.getNextNode())))
      return failure();
  }
  return endRun(body.getTerminator());
}

/// Puts ops that need no barrier between them beside each other: one that meets
/// an earlier one in memory goes a level behind it.
LogicalResult EntryPointMapping::mapRun(ArrayRef<Operation *> run,
                                        Operation *end, const Team &team,
                                        bool grid) {
  SmallVector<Hazards> hazards;
  SmallVector<SmallVector<Operation *>> levels;
  for (Operation *op : run) {
    auto accessed = accesses.of(op);
    if (failed(accessed))
      return failure();
    size_t level = levels.size();
    while (level > 0 && !hazards[level - 1].conflictsWith(*accessed))
      --level;
    if (level == levels.size()) {
      hazards.emplace_back();
      levels.emplace_back();
    }
    hazards[level].add(*accessed);
    levels[level].push_back(op);
  }

  builder.setInsertionPoint(end);
  bool wasSmall = false;
  for (auto [i, level] : llvm::enumerate(levels)) {
    bool small = grid && isSmall(level);
    if (i > 0 && !(small && wasSmall))
      builder.setInsertionPoint(end);
    if (i > 0)
      createBarrier(grid && !(small && wasSmall));
    if (small && !wasSmall)
      startFirstBlock();
    if (failed(createLevel(level, small ? blockTeam : team)))
      return failure();
    wasSmall = small;
  }
  return success();
}

/// Whether one block has a thread for all that a level does. Others would have
/// nothing to do, and a barrier of the grid takes longer than one of the block.
bool EntryPointMapping::isSmall(ArrayRef<Operation *> level) {
  auto module = function->getParentOfType<ModuleOp>();
  return llvm::all_of(level, [&](Operation *op) {
    if (op->getNumResults() > 0)
      return false;
    auto call = dyn_cast<func::CallOp>(op);
    return !call ||
           getIterations(module.lookupSymbol<func::FuncOp>(call.getCallee())) <=
               threads;
  });
}

/// Goes on in what only the first block does.
void EntryPointMapping::startFirstBlock() {
  Value isFirst =
      arith::CmpIOp::create(builder, loc(), arith::CmpIPredicate::eq, block,
                            arith::ConstantIndexOp::create(builder, loc(), 0));
  auto once = scf::IfOp::create(builder, loc(), isFirst);
  builder.setInsertionPointToStart(&once.getThenRegion().front());
}

/// The values that `value` is computed from and that cannot be computed anew.
static void collectSources(Value value, SetVector<Value> &sources) {
  Operation *op = value.getDefiningOp();
  if (!op || !isPure(op)) {
    sources.insert(value);
    return;
  }
  for (Value operand : op->getOperands())
    collectSources(operand, sources);
}

/// A call of a function that does what a level does, and computes its addresses
/// anew: those of all levels would fill the registers.
LogicalResult EntryPointMapping::createLevel(ArrayRef<Operation *> level,
                                             const Team &team) {
  // A value that others need stays where they can see it.
  if (level.front()->getNumResults() > 0)
    return success();
  SetVector<Value> used, sources;
  used.insert(team.number);
  used.insert(team.size);
  for (Operation *op : level) {
    used.insert(op->operand_begin(), op->operand_end());
    getUsedValuesDefinedAbove(op->getRegions(), used);
  }
  for (Value value : used)
    collectSources(value, sources);

  auto part = builder.getBlock()->getParent()->getParentOfType<func::FuncOp>();
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(part);
    auto function = func::FuncOp::create(
        builder, loc(),
        (part.getSymName() + "_level_" + Twine(levels.size())).str(),
        builder.getFunctionType(TypeRange(sources.getArrayRef()), {}));
    function.setPrivate();
    levels.push_back(function);
    Block *body = function.addEntryBlock();
    builder.setInsertionPointToStart(body);
    IRMapping mapping;
    mapping.map(sources.getArrayRef(), body->getArguments());
    for (Value value : used)
      if (failed(materialize(value, mapping)))
        return failure();
    Team own{mapping.lookup(team.number), mapping.lookup(team.size)};
    SmallVector<int64_t> firstThreads(level.size(), 0);
    if (team.number == blockTeam.number)
      firstThreads = getFirstThreads(level);
    for (auto [op, first] : llvm::zip(level, firstThreads))
      cloneForTeam(op, mapping, beginWith(first, own));
    func::ReturnOp::create(builder, loc());
  }
  func::CallOp::create(builder, loc(), levels.back(), sources.getArrayRef());
  for (Operation *op : level)
    op->erase();
  return success();
}

/// The thread of a block that is thread 0 of each op of a level.
SmallVector<int64_t>
EntryPointMapping::getFirstThreads(ArrayRef<Operation *> level) {
  SmallVector<int64_t> threadsOfOps(level.size(), 0);
  auto module = function->getParentOfType<ModuleOp>();
  SmallVector<func::FuncOp> kernels;
  SmallVector<size_t> places;
  for (auto [i, op] : llvm::enumerate(level))
    if (auto call = dyn_cast<func::CallOp>(op)) {
      kernels.push_back(module.lookupSymbol<func::FuncOp>(call.getCallee()));
      places.push_back(i);
    }
  for (auto [place, warp] :
       llvm::zip(places, chooseFirstWarps(kernels, threads / warpSize)))
    threadsOfOps[place] = warp * warpSize;
  return threadsOfOps;
}

/// The same team, numbered from another thread on. A block may be launched with
/// fewer threads than it was planned for: both are powers of two.
Team EntryPointMapping::beginWith(int64_t first, const Team &team) {
  if (first == 0 || !llvm::isPowerOf2_64(threads))
    return team;
  Value number = arith::AddIOp::create(builder, loc(), team.number,
                                       index(threads - first));
  Value mask = arith::SubIOp::create(builder, loc(), team.size, index(1));
  return {arith::AndIOp::create(builder, loc(), number, mask), team.size};
}

/// A kernel is told its team; for a single value one thread is enough.
void EntryPointMapping::cloneForTeam(Operation *op, IRMapping &mapping,
                                     const Team &team) {
  OpBuilder::InsertionGuard guard(builder);
  if (!isa<func::CallOp>(op) && hasEffect<MemoryEffects::Write>(op)) {
    Value isFirst = arith::CmpIOp::create(
        builder, loc(), arith::CmpIPredicate::eq, team.number,
        arith::ConstantIndexOp::create(builder, loc(), 0));
    auto once = scf::IfOp::create(builder, loc(), isFirst);
    builder.setInsertionPointToStart(&once.getThenRegion().front());
  }
  Operation *clone = builder.clone(*op, mapping);
  if (auto call = dyn_cast<func::CallOp>(clone)) {
    SmallVector<Value> operands(call.getOperands());
    operands.append({team.number, team.size});
    call->setOperands(operands);
  }
}

LogicalResult EntryPointMapping::run() {
  SmallVector<Part> split = getParts();
  for (const Part &part : split) {
    FailureOr<func::FuncOp> created = createPart(part);
    if (failed(created))
      return failure();
    parts.push_back(*created);
    if (failed(mapPart(parts.back())))
      return failure();
  }
  for (func::FuncOp level : levels)
    beginAtAddresses(level);
  createKernel(split.size());
  function.erase();
  return success();
}

void MapToGpuPass::runOnOperation() {
  ModuleOp module = getOperation();
  if (threads < warpSize || threads > 1024 || threads % warpSize != 0) {
    module.emitError("threads must be a multiple of ")
        << warpSize << " from " << warpSize << " to 1024";
    return signalPassFailure();
  }
  module->setAttr(gpu::GPUDialect::getContainerModuleAttrName(),
                  UnitAttr::get(&getContext()));
  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  auto device = gpu::GPUModuleOp::create(builder, module.getLoc(), "circuit");

  SmallVector<func::FuncOp> kernels, entryPoints;
  for (auto function : module.getOps<func::FuncOp>()) {
    if (isKernel(function))
      kernels.push_back(function);
    else if (function->hasAttr(workspaceAttrName))
      entryPoints.push_back(function);
  }
  KernelAccesses accesses(module);
  for (func::FuncOp function : entryPoints) {
    EntryPointMapping mapping(function, device, accesses, threads);
    if (failed(mapping.run()))
      return signalPassFailure();
    numBarriers += mapping.numBarriers;
    numGridBarriers += mapping.numGridBarriers;
  }
  Block::iterator first = device.getBody()->begin();
  for (func::FuncOp function : kernels) {
    if (failed(mapKernel(function)))
      return signalPassFailure();
    function->moveBefore(device.getBody(), first);
  }
}
