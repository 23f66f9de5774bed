//===- ScheduleLevels.cpp - What a block does between barriers -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/ImageLoops.h"
#include "compiler/lower/KernelOps.h"
#include "compiler/lower/Lifetimes.h"
#include "compiler/lower/gpu/Hazards.h"
#include "compiler/lower/gpu/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/BitVector.h"

namespace dale {
#define GEN_PASS_DEF_SCHEDULELEVELS
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

/// What becomes one kernel: an op, before it the products that it goes on with,
/// and what each of them starts from.
struct Unit {
  SmallVector<Operation *> ops;
  /// The units that must be done a barrier before this one, and behind it.
  SmallVector<unsigned> before, after;
  /// The allocations that it reads or writes.
  SmallVector<unsigned> buffers;
  unsigned level = 0;
};

/// An allocation, and who uses it.
struct Buffer {
  int64_t bytes;
  SmallVector<unsigned> users;
};

/// The buffers that are needed while one unit after the other is done.
class LiveBuffers {
public:
  explicit LiveBuffers(ArrayRef<Buffer> buffers) : buffers(buffers) {
    for (const Buffer &buffer : buffers)
      usesLeft.push_back(buffer.users.size());
    alive.resize(buffers.size());
  }

  int64_t getBytes() const { return bytes; }
  /// The bytes that a unit needs beyond what there is.
  int64_t getNew(const Unit &unit) const;
  /// These, without what nobody needs behind the unit.
  int64_t getGrowth(const Unit &unit) const;
  void start(const Unit &unit);
  void finish(const Unit &unit);

private:
  ArrayRef<Buffer> buffers;
  SmallVector<unsigned> usesLeft;
  llvm::BitVector alive;
  int64_t bytes = 0;
};

/// The order of the ops of one loop over images.
class Schedule {
public:
  explicit Schedule(scf::ForOp loop) : body(*loop.getBody()) {}

  /// Finds the units. False where there is anything but kernels and their
  /// memory: then the order stays as it is.
  bool collectUnits();
  /// Finds what a unit must wait for: those before it that it meets in memory.
  /// Emits an error where what an op accesses cannot be known.
  LogicalResult addDependences();
  /// Gives every unit a level. Those of a level are begun as long as their
  /// buffers, and what else is needed at the time, do not exceed `limit` bytes.
  void assignLevels(int64_t limit);
  /// Orders the ops by level, with barriers in between.
  void apply();

  unsigned getNumLevels() const { return numLevels; }

private:
  void startInOrder(int64_t limit);
  std::pair<unsigned, unsigned> getFreedom(const Unit &unit) const;
  int64_t getCost(unsigned unit, unsigned level) const;
  bool improve(unsigned unit);
  void moveTo(Operation *end, Operation *op);

  Block &body;
  std::vector<Unit> units;
  SmallVector<Buffer> buffers;
  llvm::MapVector<Value, unsigned> numbers; // of buffers
  DenseSet<Operation *> ordered;
  unsigned numLevels = 0;
};

struct ScheduleLevelsPass : dale::impl::ScheduleLevelsBase<ScheduleLevelsPass> {
  using ScheduleLevelsBase::ScheduleLevelsBase;

  void runOnOperation() override;
};

} // namespace

int64_t LiveBuffers::getNew(const Unit &unit) const {
  int64_t sum = 0;
  for (unsigned buffer : unit.buffers)
    if (!alive.test(buffer))
      sum += buffers[buffer].bytes;
  return sum;
}

int64_t LiveBuffers::getGrowth(const Unit &unit) const {
  int64_t sum = getNew(unit);
  for (unsigned buffer : unit.buffers)
    if (usesLeft[buffer] == 1)
      sum -= buffers[buffer].bytes;
  return sum;
}

void LiveBuffers::start(const Unit &unit) {
  bytes += getNew(unit);
  for (unsigned buffer : unit.buffers)
    alive.set(buffer);
}

void LiveBuffers::finish(const Unit &unit) {
  for (unsigned buffer : unit.buffers)
    if (--usesLeft[buffer] == 0)
      bytes -= buffers[buffer].bytes;
}

bool Schedule::collectUnits() {
  SmallVector<linalg::LinalgOp> kernels;
  for (Operation &op : body.without_terminator()) {
    if (isPure(&op) || isa<memref::AllocaOp>(op))
      continue;
    if (auto alloc = dyn_cast<memref::AllocOp>(op)) {
      numbers[alloc.getMemref()] = buffers.size();
      buffers.push_back({getBytes(alloc.getType()), {}});
      continue;
    }
    if (!isKernelOp(&op) || readsElsewhere(cast<linalg::LinalgOp>(op)))
      return false;
    kernels.push_back(cast<linalg::LinalgOp>(op));
  }
  KernelStarts starts(kernels);
  for (linalg::LinalgOp kernel : kernels) {
    if (starts.contains(kernel) || isProducer(kernel))
      continue;
    Unit &unit = units.emplace_back();
    auto add = [&](linalg::LinalgOp op) {
      for (linalg::LinalgOp start : llvm::reverse(starts.of(op)))
        unit.ops.push_back(start);
      unit.ops.push_back(op);
    };
    llvm::for_each(getProducers(kernel), add);
    add(kernel);
  }
  return true;
}

/// Buffers are looked at one by one: most have few users.
LogicalResult Schedule::addDependences() {
  struct Use {
    unsigned unit;
    Access access;
  };
  DenseMap<Value, SmallVector<Use>> reads, writes;
  for (auto [number, unit] : llvm::enumerate(units)) {
    SmallVector<Access> accesses;
    for (Operation *op : unit.ops) {
      auto more = getAccesses(op);
      if (failed(more))
        return failure();
      llvm::append_range(accesses, *more);
    }
    llvm::SmallSetVector<unsigned, 8> before, used;
    auto waitFor = [&](ArrayRef<Use> uses, const Access &access) {
      for (const Use &use : uses)
        if (use.access.conflictsWith(access))
          before.insert(use.unit);
    };
    for (const Access &access : accesses) {
      waitFor(writes[access.buffer], access);
      if (access.writes)
        waitFor(reads[access.buffer], access);
      if (auto *known = numbers.find(access.buffer); known != numbers.end())
        used.insert(known->second);
    }
    for (const Access &access : accesses)
      (access.writes ? writes : reads)[access.buffer].push_back(
          {static_cast<unsigned>(number), access});
    unit.before = before.takeVector();
    for (unsigned other : unit.before)
      units[other].after.push_back(number);
    unit.buffers = used.takeVector();
    for (unsigned buffer : unit.buffers)
      buffers[buffer].users.push_back(number);
  }
  return success();
}

/// The first and the last level that a unit could have while all others keep
/// theirs.
std::pair<unsigned, unsigned> Schedule::getFreedom(const Unit &unit) const {
  unsigned first = 0, last = numLevels - 1;
  for (unsigned other : unit.before)
    first = std::max(first, units[other].level + 1);
  for (unsigned other : unit.after)
    last = std::min(last, units[other].level - 1);
  return {first, last};
}

/// The bytes of a unit's buffers, times the levels for which they are needed
/// if it had that level.
int64_t Schedule::getCost(unsigned unit, unsigned level) const {
  int64_t cost = 0;
  for (unsigned number : units[unit].buffers) {
    unsigned first = level, last = level;
    for (unsigned user : buffers[number].users)
      if (user != unit) {
        first = std::min(first, units[user].level);
        last = std::max(last, units[user].level);
      }
    cost += buffers[number].bytes * (last - first + 1);
  }
  return cost;
}

/// Moves a unit to where its buffers are needed for the shortest time.
bool Schedule::improve(unsigned number) {
  Unit &unit = units[number];
  auto [first, last] = getFreedom(unit);
  if (first == last)
    return false;
  // The cost changes its slope only where another user of a buffer is.
  SmallVector<unsigned> choices{first, last};
  for (unsigned buffer : unit.buffers)
    for (unsigned user : buffers[buffer].users)
      choices.push_back(std::clamp(units[user].level, first, last));
  unsigned best = unit.level;
  int64_t least = getCost(number, best);
  for (unsigned level : choices)
    if (int64_t cost = getCost(number, level); cost < least) {
      least = cost;
      best = level;
    }
  bool better = best != unit.level;
  unit.level = best;
  return better;
}

/// Starts in each level what can be done in it, as long as there is memory for
/// it: first what needs no more than it sets free, and otherwise in the order
/// that the program has, in which what belongs together is close together.
void Schedule::startInOrder(int64_t limit) {
  LiveBuffers live(buffers);
  std::vector<unsigned> waitsFor, ready;
  for (auto [number, unit] : llvm::enumerate(units)) {
    waitsFor.push_back(unit.before.size());
    if (unit.before.empty())
      ready.push_back(number);
  }
  for (numLevels = 0; !ready.empty(); ++numLevels) {
    llvm::stable_sort(ready, [&](unsigned a, unsigned b) {
      return std::make_pair(live.getGrowth(units[a]) > 0, a) <
             std::make_pair(live.getGrowth(units[b]) > 0, b);
    });
    std::vector<unsigned> started, later;
    for (unsigned number : ready) {
      int64_t bytes = live.getNew(units[number]);
      bool starts =
          started.empty() || bytes == 0 || bytes <= limit - live.getBytes();
      (starts ? started : later).push_back(number);
      if (starts)
        live.start(units[number]);
    }
    // Memory is free again behind the level.
    for (unsigned number : started) {
      units[number].level = numLevels;
      live.finish(units[number]);
      for (unsigned other : units[number].after)
        if (--waitsFor[other] == 0)
          later.push_back(other);
    }
    ready = std::move(later);
  }
}

void Schedule::assignLevels(int64_t limit) {
  startInOrder(limit);
  // Every change lowers the sum, so this ends; a few rounds find almost all.
  constexpr int most = 20;
  bool changed = true;
  for (int round = 0; round < most && changed; ++round) {
    changed = false;
    for (unsigned number = 0; number < units.size(); ++number)
      changed |= improve(number);
    for (unsigned number = units.size(); number-- > 0;)
      changed |= improve(number);
  }
}

/// Moves an op to the end of what has been ordered, behind what it needs.
void Schedule::moveTo(Operation *end, Operation *op) {
  if (op->getBlock() != &body || !ordered.insert(op).second)
    return;
  SetVector<Value> needed(op->operand_begin(), op->operand_end());
  getUsedValuesDefinedAbove(op->getRegions(), needed);
  for (Value value : needed)
    if (Operation *source = value.getDefiningOp())
      moveTo(end, source);
  op->moveBefore(end);
}

void Schedule::apply() {
  SmallVector<Unit *> order;
  for (Unit &unit : units)
    order.push_back(&unit);
  llvm::stable_sort(
      order, [](const Unit *a, const Unit *b) { return a->level < b->level; });
  // All goes before a mark at the block's beginning; what stays behind it is
  // not needed.
  Location loc = body.getParentOp()->getLoc();
  OpBuilder builder = OpBuilder::atBlockBegin(&body);
  Operation *end = gpu::BarrierOp::create(builder, loc);
  builder.setInsertionPoint(end);
  unsigned level = 0;
  for (Unit *unit : order) {
    if (unit->level != level)
      gpu::BarrierOp::create(builder, loc);
    level = unit->level;
    // Nothing may come between an op and what it starts from.
    for (Operation *op : unit->ops)
      for (Value operand : op->getOperands())
        if (Operation *source = operand.getDefiningOp())
          moveTo(end, source);
    for (Operation *op : unit->ops)
      moveTo(end, op);
  }
  end->erase();
}

void ScheduleLevelsPass::runOnOperation() {
  // Without shared memory there is nothing to save.
  int64_t limit = isBlockAlone(imageBlocks, getOperation(), sharedBytes)
                      ? int64_t(bytes)
                      : std::numeric_limits<int64_t>::max();
  makeCopiesLinalg(getOperation());
  for (scf::ForOp loop : getImageLoops(getOperation())) {
    Schedule schedule(loop);
    if (!schedule.collectUnits())
      continue;
    if (failed(schedule.addDependences()))
      return signalPassFailure();
    schedule.assignLevels(limit);
    schedule.apply();
    numLevels += schedule.getNumLevels();
  }
}
