//===- Fuse.cpp - Cutting a function into stages -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/fuse/Passes.h"
#include "dialect/TensorOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "llvm/ADT/SetVector.h"
#include <list>
#include <map>

namespace dale {
#define GEN_PASS_DEF_FUSE
#include "compiler/fuse/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

//===----------------------------------------------------------------------===//
// What an op costs
//===----------------------------------------------------------------------===//

/// How long an op takes for one image, in the operations that matrix products
/// do meanwhile. What is no such product goes through the caches, where a byte
/// of what it computes takes as long as two of these operations
/// (docs/performance.md). Ops that say nothing are element-wise.
static int64_t getWork(Operation *op) {
  auto cost = dyn_cast<CostOpInterface>(op);
  Type result = op->getResult(0).getType();
  int64_t flops = cost ? cost.getFlops() : elementsPerImage(result);
  if (flops == 0 || isa<ConvOp, ConvInputGradOp, PointwiseConvOp>(op))
    return flops;
  constexpr int64_t workPerByte = 2;
  return flops + workPerByte * bytesPerImage(result);
}

namespace {

//===----------------------------------------------------------------------===//
// Levels
//===----------------------------------------------------------------------===//

/// Where an op is done. Stages alternate: even levels work on images, odd ones
/// run once, between them. The level −1 is what needs no image at all.
class Levels {
public:
  Levels(Block &block, bool fuse) {
    int64_t last = -1;
    for (Operation &op : block.without_terminator()) {
      if (op.hasTrait<OpTrait::ConstantLike>())
        continue;
      int64_t level = earliest(&op);
      if (!fuse) {
        // The next level of the op's kind after all that came before.
        last = last + 1 + ((last + 1 - level) & 1);
        level = last;
      }
      levels[&op] = level;
    }
    if (fuse)
      sinkOnce(block);
  }

  static bool worksOnImages(Operation *op) {
    auto batched = [](Type type) { return isBatched(type); };
    return llvm::any_of(op->getOperandTypes(), batched) ||
           llvm::any_of(op->getResultTypes(), batched);
  }

  /// The level of a value's op; nothing for arguments and constants.
  std::optional<int64_t> get(Value value) const {
    auto it = levels.find(value.getDefiningOp());
    return it == levels.end() ? std::nullopt
                              : std::optional<int64_t>(it->second);
  }

  std::map<int64_t, SmallVector<Operation *>> byLevel(Block &block) const {
    std::map<int64_t, SmallVector<Operation *>> result;
    for (Operation &op : block)
      if (auto it = levels.find(&op); it != levels.end())
        result[it->second].push_back(&op);
    return result;
  }

private:
  int64_t earliest(Operation *op) const {
    bool images = worksOnImages(op);
    int64_t level = images ? 0 : -1;
    for (Value operand : op->getOperands()) {
      std::optional<int64_t> from = get(operand);
      if (!from)
        continue;
      if (worksOnImages(operand.getDefiningOp()) != images)
        level = std::max(level, *from + 1);
      else if (images && !isBatched(operand.getType()))
        level = std::max(level, *from + 2); // a sum over the whole batch
      else
        level = std::max(level, *from);
    }
    return level;
  }

  /// What is done once is done as late as possible: then its operands, and not
  /// its intermediate results, wait in memory.
  void sinkOnce(Block &block) {
    for (Operation &op : llvm::reverse(block)) {
      auto it = levels.find(&op);
      if (it == levels.end() || worksOnImages(&op))
        continue;
      std::optional<int64_t> latest;
      for (Operation *user : op.getUsers()) {
        auto used = levels.find(user);
        // The function's result: no stage needs it.
        if (used == levels.end()) {
          latest = it->second;
          break;
        }
        int64_t level = used->second - worksOnImages(user);
        latest = latest ? std::min(*latest, level) : level;
      }
      if (latest)
        it->second = std::max(it->second, *latest);
    }
  }

  DenseMap<Operation *, int64_t> levels;
};

//===----------------------------------------------------------------------===//
// Recompute or store
//===----------------------------------------------------------------------===//

/// What a stage does: its own ops, and those of earlier stages it does again.
struct Plan {
  int64_t level;
  SetVector<Operation *> ops;
  SetVector<Value> inputs;
  int64_t numRecomputed = 0;

  bool isOnce() const { return level & 1; }
};

class Planner {
public:
  Planner(Block &block, const Levels &levels, double maxOperationsPerByte)
      : levels(levels), maxOperationsPerByte(maxOperationsPerByte) {
    for (Value value : block.getTerminator()->getOperands())
      stored.insert(value);
    for (auto &[level, ops] : levels.byLevel(block)) {
      Plan plan{level, {}, {}, 0};
      plan.ops.insert_range(ops);
      plans.push_back(std::move(plan));
    }
    for (Plan &plan : plans)
      resolve(plan);
    // In the order of the function, also where ops are done again.
    DenseMap<Operation *, int64_t> position;
    for (auto [i, op] : llvm::enumerate(block))
      position[&op] = i;
    for (Plan &plan : plans) {
      SmallVector<Operation *> ops = plan.ops.takeVector();
      llvm::sort(ops, [&](Operation *a, Operation *b) {
        return position[a] < position[b];
      });
      plan.ops.insert_range(sinkRecomputed(plan.level, ops));
    }
  }

  ArrayRef<Plan> getPlans() const { return plans; }
  bool isStored(Value value) const { return stored.contains(value); }

private:
  /// Decides where each value comes from that the stage needs from outside.
  void resolve(Plan &plan) {
    needs.clear();
    for (Operation *op : plan.ops)
      for (Value operand : op->getOperands())
        if (!isHere(plan, operand) && !isConstant(operand))
          needs.insert(operand);
    // How many needed values one operand would make available.
    consumers.clear();
    for (Value value : needs)
      if (Operation *op = value.getDefiningOp())
        for (Value operand : op->getOperands())
          ++consumers[operand];
    for (Value value : needs)
      if (!recompute(plan, value))
        load(plan, value);
  }

  /// What is done again is done where it is first needed, so that it waits in a
  /// thread's memory for as short as may be: what it is made of is there all
  /// the time.
  std::list<Operation *> sinkRecomputed(int64_t level,
                                        ArrayRef<Operation *> ops) const {
    std::list<Operation *> sunk;
    for (Operation *op : llvm::reverse(ops)) {
      auto place = sunk.begin();
      if (levels.get(op->getResult(0)) != level)
        place = llvm::find_if(sunk, [&](Operation *user) {
          return llvm::is_contained(op->getUsers(), user);
        });
      sunk.insert(place, op);
    }
    return sunk;
  }

  static bool isConstant(Value value) {
    Operation *op = value.getDefiningOp();
    return op && op->hasTrait<OpTrait::ConstantLike>();
  }
  bool isHere(const Plan &plan, Value value) const {
    Operation *op = value.getDefiningOp();
    return op && plan.ops.contains(op);
  }
  void load(Plan &plan, Value value) {
    plan.inputs.insert(value);
    if (levels.get(value))
      stored.insert(value);
  }

  /// Whether a value can be had in a stage without storing anything new.
  bool isAvailable(const Plan &plan, Value value) const {
    return isConstant(value) || !levels.get(value) || isHere(plan, value) ||
           stored.contains(value) || !isBatched(value.getType());
  }

  /// Ops that give `value` from what is available. False where there are none,
  /// or they take more than `flops` operations.
  bool collect(const Plan &plan, Value value, int64_t &flops,
               SetVector<Operation *> &ops, SetVector<Value> &leaves) const {
    Operation *op = value.getDefiningOp();
    if (!op || !Levels::worksOnImages(op) || op->getNumResults() != 1)
      return false;
    flops -= getWork(op);
    if (flops < 0)
      return false;
    for (Value operand : op->getOperands()) {
      if (isAvailable(plan, operand)) {
        leaves.insert(operand);
        continue;
      }
      if (!collect(plan, operand, flops, ops, leaves))
        return false;
    }
    ops.insert(op);
    return true;
  }

  /// Bytes of an image that a stage would load for `leaves` alone.
  double countLoads(const Plan &plan, const SetVector<Value> &leaves) const {
    double bytes = 0;
    for (Value leaf : leaves)
      if (isBatched(leaf.getType()) && isAvailable(plan, leaf) &&
          !isHere(plan, leaf) && !isConstant(leaf) &&
          !plan.inputs.contains(leaf) && !needs.contains(leaf))
        bytes += bytesPerImage(leaf.getType());
    return bytes;
  }

  /// How many operations a stage may take to compute a value again. To store a
  /// value moves it twice, since caches read what they write to, and once more
  /// to each stage that loads it; each would do the operations.
  int64_t getMaxFlops(Value value) const {
    DenseSet<int64_t> users;
    for (Operation *user : value.getUsers())
      if (user->getNumResults() > 0)
        if (auto level = levels.get(user->getResult(0));
            level && *level != levels.get(value))
          users.insert(*level);
    double stages = std::max<double>(users.size(), 1);
    double moved =
        static_cast<double>(bytesPerImage(value.getType())) * (2 + stages) / 3;
    return static_cast<int64_t>(maxOperationsPerByte * moved / stages);
  }

  bool recompute(Plan &plan, Value value) {
    if (plan.isOnce() || !isBatched(value.getType()) || !levels.get(value) ||
        stored.contains(value))
      return false;
    Operation *op = value.getDefiningOp();
    if (op->getNumResults() != 1)
      return false;
    int64_t bytes = bytesPerImage(value.getType());
    int64_t flops = getMaxFlops(value) - getWork(op);
    if (flops < 0)
      return false;
    SetVector<Operation *> ops;
    SetVector<Value> leaves;
    double newBytes = 0;
    for (Value operand : op->getOperands()) {
      if (isAvailable(plan, operand)) {
        leaves.insert(operand);
        continue;
      }
      int64_t rest = flops;
      SetVector<Operation *> operandOps;
      SetVector<Value> operandLeaves;
      if (collect(plan, operand, rest, operandOps, operandLeaves)) {
        flops = rest;
        ops.insert_range(operandOps);
        leaves.insert_range(operandLeaves);
        continue;
      }
      newBytes += static_cast<double>(bytesPerImage(operand.getType())) /
                  std::max<int64_t>(consumers.lookup(operand), 1);
      leaves.insert(operand);
    }
    // To store a value moves it three times: caches read what they write to.
    if (newBytes >= bytes || newBytes + countLoads(plan, leaves) >= 3 * bytes)
      return false;
    ops.insert(op);
    plan.numRecomputed += ops.size();
    plan.ops.insert_range(ops);
    for (Value leaf : leaves)
      if (!isHere(plan, leaf) && !isConstant(leaf))
        load(plan, leaf);
    return true;
  }

  const Levels &levels;
  double maxOperationsPerByte;
  SmallVector<Plan> plans;
  DenseSet<Value> stored;
  /// What the stage that is resolved needs from outside, and what for.
  SetVector<Value> needs;
  DenseMap<Value, int64_t> consumers;
};

/// Whether a stage can have an op: one on tensors alone, that may be done
/// again, and whose results of the whole batch are sums over it.
static LogicalResult checkOp(Operation &op) {
  if (op.hasTrait<OpTrait::ConstantLike>())
    return success();
  if (op.getNumRegions() > 0 || !isMemoryEffectFree(&op))
    return op.emitOpError("has effects or regions: no stage can have it");
  if (!llvm::all_of(op.getOperandTypes(), llvm::IsaPred<RankedTensorType>) ||
      !llvm::all_of(op.getResultTypes(), llvm::IsaPred<RankedTensorType>))
    return op.emitOpError("must have tensors only, to be part of a stage");
  auto batched = [](Type type) { return isBatched(type); };
  if (llvm::any_of(op.getOperandTypes(), batched) &&
      !llvm::all_of(op.getResultTypes(), batched) &&
      !isa<AccumulatingOpInterface>(op))
    return op.emitOpError("is computed of all images, and is no sum over them: "
                          "no stage can have it");
  return success();
}

//===----------------------------------------------------------------------===//
// Pass Implementation
//===----------------------------------------------------------------------===//

struct FusePass : dale::impl::FuseBase<FusePass> {
  using FuseBase::FuseBase;

  void runOnOperation() override {
    if (getOperation().isDeclaration())
      return;
    if (!llvm::hasSingleElement(getOperation().getBody())) {
      getOperation().emitOpError("must be straight-line code");
      return signalPassFailure();
    }
    Block &block = getOperation().getBody().front();
    for (Operation &op : block.without_terminator())
      if (failed(checkOp(op)))
        return signalPassFailure();
    likeArgument(block);
    splitBatchSums(block);
    Levels levels(block, fuse);
    // A limit below zero: nothing is done twice.
    Planner planner(block, levels, fuse ? double(maxOperationsPerByte) : -1.0);
    IRMapping mapping;
    SmallVector<Operation *> old;
    for (Operation &op : block.without_terminator())
      old.push_back(&op);
    OpBuilder builder(block.getTerminator());
    for (const Plan &plan : planner.getPlans()) {
      createStage(builder, plan, planner, mapping);
      numStages += !plan.isOnce();
      numRecomputed += plan.numRecomputed;
    }
    for (OpOperand &operand : block.getTerminator()->getOpOperands())
      operand.set(mapping.lookupOrDefault(operand.get()));
    for (Operation *op : llvm::reverse(old))
      if (op->use_empty())
        op->erase();

    RewritePatternSet patterns(&getContext());
    BroadcastOp::getCanonicalizationPatterns(patterns, &getContext());
    StageOp::getCanonicalizationPatterns(patterns, &getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }

private:
  /// Any batched tensor tells a broadcast how large the batch is: an argument
  /// is there in every stage.
  void likeArgument(Block &block) {
    auto batched = llvm::find_if(block.getArguments(), [](Value argument) {
      return isBatched(argument.getType());
    });
    if (batched == block.getArguments().end())
      return;
    for (auto op : block.getOps<BroadcastOp>())
      if (op.getLike())
        op.getLikeMutable().assign(*batched);
  }

  /// What a sum over the batch adds to must be added once, and not once an
  /// image.
  void splitBatchSums(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(block)) {
      auto sum = dyn_cast<AccumulatingOpInterface>(op);
      if (!sum || !sum.getAccumulator() || !Levels::worksOnImages(&op) ||
          isBatched(op.getResult(0).getType()))
        continue;
      OpBuilder builder(op.getNextNode());
      Value start = sum.getAccumulator(), result = op.getResult(0);
      sum.setAccumulator(Value());
      auto total = arith::AddFOp::create(builder, op.getLoc(), start, result);
      result.replaceAllUsesExcept(total, total);
    }
  }

  void createStage(OpBuilder &builder, const Plan &plan, const Planner &planner,
                   IRMapping &mapping);
};

} // namespace

void FusePass::createStage(OpBuilder &builder, const Plan &plan,
                           const Planner &planner, IRMapping &mapping) {
  SmallVector<Value> outputs;
  for (Operation *op : plan.ops)
    for (Value result : op->getResults())
      if (planner.isStored(result) && !mapping.contains(result))
        outputs.push_back(result);

  SmallVector<Location> locations;
  SmallVector<Value> operands;
  for (Value input : plan.inputs) {
    operands.push_back(mapping.lookupOrDefault(input));
    locations.push_back(input.getLoc());
  }
  auto stage =
      StageOp::create(builder, plan.ops.front()->getLoc(),
                      ValueRange(outputs).getTypes(), operands, plan.isOnce());

  IRMapping local;
  Block *body = builder.createBlock(&stage.getBody());
  for (auto [input, location] : llvm::zip(plan.inputs, locations))
    local.map(input, body->addArgument(imageType(input.getType()), location));
  for (Operation *op : plan.ops) {
    for (Value operand : op->getOperands())
      if (Operation *def = operand.getDefiningOp();
          def && def->hasTrait<OpTrait::ConstantLike>() &&
          !local.contains(operand))
        builder.clone(*def, local);
    Operation *clone = builder.clone(*op, local);
    for (Value result : clone->getResults())
      result.setType(imageType(result.getType()));
  }
  SmallVector<Value> yielded;
  for (Value output : outputs)
    yielded.push_back(local.lookup(output));
  YieldOp::create(builder, stage.getLoc(), yielded);
  builder.setInsertionPointAfter(stage);
  for (auto [output, result] : llvm::zip(outputs, stage.getResults()))
    mapping.map(output, result);
}
