//===- KernelTeams.cpp - Kernels shared out among threads -------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/gpu/KernelTeams.h"
#include "compiler/lower/gpu/Warp.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;
using namespace dale;

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

/// The warps of a team. It has whole ones only, and all threads of a warp do
/// the same.
static Team getWarps(OpBuilder &builder, Location loc, const Team &team) {
  Value lanes = arith::ConstantIndexOp::create(builder, loc, warpSize);
  return {arith::DivUIOp::create(builder, loc, team.number, lanes),
          arith::DivUIOp::create(builder, loc, team.size, lanes)};
}

static bool isMappedToWarps(scf::ForallOp loop) {
  return loop.getMapping() &&
         llvm::all_of(*loop.getMapping(),
                      llvm::IsaPred<gpu::GPUWarpMappingAttr>);
}

/// A parallel loop becomes one over the iterations of this thread, or of its
/// warp where the loop is mapped to warps.
static void distribute(scf::ForallOp loop, Team team) {
  OpBuilder builder(loop);
  Location loc = loop.getLoc();
  if (isMappedToWarps(loop))
    team = getWarps(builder, loc, team);
  SmallVector<int64_t> lower = *getConstantIntValues(loop.getMixedLowerBound());
  SmallVector<int64_t> upper = *getConstantIntValues(loop.getMixedUpperBound());
  SmallVector<int64_t> steps = *getConstantIntValues(loop.getMixedStep());
  SmallVector<int64_t> counts;
  for (auto [begin, end, step] : llvm::zip(lower, upper, steps))
    counts.push_back(llvm::divideCeilSigned(end - begin, step));
  Value total =
      arith::ConstantIndexOp::create(builder, loc, llvm::product_of(counts));
  auto mine = scf::ForOp::create(builder, loc, team.number, total, team.size);
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
  mine.getBody()->getOperations().splice(std::prev(mine.getBody()->end()),
                                         loop.getBody()->getOperations());
  loop.erase();
}

LogicalResult dale::mapKernel(func::FuncOp function) {
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
  // No thread waits for another within a kernel.
  if (loops.size() > 1)
    return loops[1].emitOpError("stands behind another loop of its kernel: "
                                "threads share out one, and do not wait");
  for (scf::ForallOp loop : loops) {
    if (llvm::any_of(body.without_terminator(), [&](Operation &op) {
          return &op != loop && !isPure(&op);
        }))
      return loop.emitOpError(
          "must be all that has effects in its kernel: every thread would do "
          "what stands around it");
    if (!getConstantIntValues(loop.getMixedLowerBound()) ||
        !getConstantIntValues(loop.getMixedUpperBound()) ||
        !getConstantIntValues(loop.getMixedStep()) ||
        !loop.getOutputs().empty())
      return loop.emitOpError("must have constant bounds and work on memrefs");
    distribute(loop, team);
  }
  if (!loops.empty())
    return success();

  builder.setInsertionPointToStart(&body);
  Location loc = function.getLoc();
  Value first =
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, team.number,
                            arith::ConstantIndexOp::create(builder, loc, 0));
  auto once = scf::IfOp::create(builder, loc, first);
  Block &inside = once.getThenRegion().front();
  inside.getOperations().splice(inside.begin(), body.getOperations(),
                                std::next(once->getIterator()),
                                std::prev(body.end()));
  return success();
}

int64_t dale::getIterations(func::FuncOp kernel) {
  int64_t most = 1;
  kernel.walk([&](scf::ForallOp loop) {
    int64_t count = isMappedToWarps(loop) ? warpSize : 1;
    auto lower = getConstantIntValues(loop.getMixedLowerBound());
    auto upper = getConstantIntValues(loop.getMixedUpperBound());
    auto steps = getConstantIntValues(loop.getMixedStep());
    if (!lower || !upper || !steps)
      count = std::numeric_limits<int64_t>::max();
    else
      for (auto [begin, end, step] : llvm::zip(*lower, *upper, *steps))
        count *= llvm::divideCeilSigned(end - begin, step);
    most = std::max(most, count);
  });
  return most;
}
