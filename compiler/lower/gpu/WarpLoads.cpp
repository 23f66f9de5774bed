//===- WarpLoads.cpp - Which warps run a kernel -----------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/gpu/WarpLoads.h"
#include "compiler/lower/gpu/KernelTeams.h"
#include "compiler/lower/gpu/Warp.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace dale;

/// What a thread does in a region, in numbers that it computes or moves.
static int64_t getCost(Region &region) {
  int64_t cost = 0;
  for (Operation &op : region.getOps()) {
    int64_t turns = 1;
    if (auto loop = dyn_cast<scf::ForOp>(op))
      if (std::optional<APInt> count = loop.getStaticTripCount())
        turns = count->getSExtValue();
    for (Region &inner : op.getRegions())
      cost += turns * getCost(inner);
    int64_t numbers = 1;
    for (Type type : op.getResultTypes())
      if (auto vector = dyn_cast<VectorType>(type))
        numbers = std::max(numbers, vector.getNumElements());
    cost += numbers;
  }
  return cost;
}

/// What a thread does of a kernel for one of its iterations.
static int64_t getCost(func::FuncOp kernel) {
  int64_t cost = 0;
  kernel.walk([&](scf::ForallOp loop) { cost += getCost(loop.getRegion()); });
  return cost > 0 ? cost : getCost(kernel.getBody());
}

/// Of a kernel that has work for so many threads, in rounds of all of them, the
/// last round goes to the warps that have least to do of `loads`. Returns the
/// first of them.
static int64_t place(MutableArrayRef<int64_t> loads, int64_t threads,
                     int64_t cost) {
  int64_t warps = loads.size();
  int64_t numBusy = llvm::divideCeil(threads, warpSize) % warps;
  auto load = [&](int64_t warp) -> int64_t & { return loads[warp % warps]; };
  int64_t best = 0, least = std::numeric_limits<int64_t>::max();
  for (int64_t first = 0; first < warps; ++first) {
    int64_t most = 0;
    for (int64_t i = 0; i < numBusy; ++i)
      most = std::max(most, load(first + i));
    if (most < least) {
      least = most;
      best = first;
    }
  }
  for (int64_t i = 0; i < numBusy; ++i)
    load(best + i) += cost;
  return best;
}

SmallVector<int64_t> dale::chooseFirstWarps(ArrayRef<func::FuncOp> kernels,
                                            int64_t warps) {
  SmallVector<int64_t> costs;
  for (func::FuncOp kernel : kernels)
    costs.push_back(getCost(kernel));
  // The largest first: the small ones fill what these leave.
  auto order = llvm::to_vector(llvm::seq<size_t>(0, kernels.size()));
  llvm::stable_sort(order,
                    [&](size_t a, size_t b) { return costs[a] > costs[b]; });
  SmallVector<int64_t> loads(warps, 0), firstWarps(kernels.size(), 0);
  for (size_t kernel : order)
    firstWarps[kernel] =
        place(loads, getIterations(kernels[kernel]), costs[kernel]);
  return firstWarps;
}
