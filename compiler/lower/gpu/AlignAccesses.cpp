//===- AlignAccesses.cpp - Vectors that begin where they may -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/KernelOps.h"
#include "compiler/lower/OffsetPlanner.h"
#include "compiler/lower/gpu/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Utils/StaticValueUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include <numeric>

namespace dale {
#define GEN_PASS_DEF_ALIGNACCESSES
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

/// Memory that is the root of views begins at such multiples of bytes.
static constexpr int64_t rootAlignment = OffsetPlanner::alignment;

/// A number that every value of an index is a multiple of; 0 is one of all.
static int64_t getDivisor(Value value);
static int64_t getDivisor(OpFoldResult value) {
  if (auto constant = getConstantIntValue(value))
    return std::abs(*constant);
  return getDivisor(cast<Value>(value));
}

/// The same of how many elements behind its source a view begins.
static int64_t getDivisor(memref::SubViewOp subview) {
  int64_t divisor = 0;
  for (auto [begin, stride] :
       llvm::zip(subview.getMixedOffsets(),
                 subview.getSourceType().getStridesAndOffset().first)) {
    if (ShapedType::isDynamic(stride))
      return 1;
    divisor = std::gcd(divisor, getDivisor(begin) * stride);
  }
  return divisor;
}

/// The same of how many elements behind its root a view begins.
static int64_t getOffsetDivisor(Value memref) {
  auto [strides, offset] =
      cast<MemRefType>(memref.getType()).getStridesAndOffset();
  if (!ShapedType::isDynamic(offset))
    return std::abs(offset);
  Operation *op = memref.getDefiningOp();
  if (isa_and_nonnull<memref::CastOp, memref::CollapseShapeOp,
                      memref::ExpandShapeOp>(op))
    return getOffsetDivisor(op->getOperand(0));
  if (auto subview = memref.getDefiningOp<memref::SubViewOp>())
    return std::gcd(getOffsetDivisor(subview.getSource()), getDivisor(subview));
  return 1;
}

static int64_t getDivisor(Value value) {
  if (auto constant = getConstantIntValue(value))
    return std::abs(*constant);
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    auto loop = dyn_cast<scf::ForOp>(argument.getOwner()->getParentOp());
    if (loop && argument == loop.getInductionVar())
      return std::gcd(getDivisor(loop.getLowerBound()),
                      getDivisor(loop.getStep()));
    return 1;
  }
  Operation *op = value.getDefiningOp();
  if (isa<arith::MulIOp>(op))
    return getDivisor(op->getOperand(0)) * getDivisor(op->getOperand(1));
  if (isa<arith::AddIOp, arith::SubIOp>(op))
    return std::gcd(getDivisor(op->getOperand(0)),
                    getDivisor(op->getOperand(1)));
  if (auto layout = dyn_cast<memref::ExtractStridedMetadataOp>(op))
    return value == layout.getOffset() ? getOffsetDivisor(layout.getSource())
                                       : 1;
  return 1;
}

namespace {

struct AlignAccessesPass : dale::impl::AlignAccessesBase<AlignAccessesPass> {
  void runOnOperation() override;

private:
  int64_t getAlignment(Value memref) const;
  int64_t getAccessAlignment(Value memref, ValueRange indices) const;

  /// Of the arguments of kernels: what the addresses of all calls have in
  /// common.
  DenseMap<Value, int64_t> arguments;
};

} // namespace

/// A number of bytes that the address of a memref's first element is a multiple
/// of.
int64_t AlignAccessesPass::getAlignment(Value memref) const {
  if (auto known = arguments.find(memref); known != arguments.end())
    return known->second;
  Operation *op = memref.getDefiningOp();
  if (!op)
    return rootAlignment;
  auto type = cast<MemRefType>(memref.getType());
  int64_t bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  if (auto view = dyn_cast<memref::ViewOp>(op))
    return std::gcd(getAlignment(view.getSource()),
                    getDivisor(view.getByteShift()));
  if (isa<memref::CastOp, memref::CollapseShapeOp, memref::ExpandShapeOp,
          memref::MemorySpaceCastOp>(op))
    return getAlignment(op->getOperand(0));
  if (auto select = dyn_cast<arith::SelectOp>(op))
    return std::gcd(getAlignment(select.getTrueValue()),
                    getAlignment(select.getFalseValue()));
  if (auto cast = dyn_cast<memref::ReinterpretCastOp>(op)) {
    auto offset = getConstantIntValue(cast.getMixedOffsets().front());
    return offset == 0 ? getAlignment(cast.getSource()) : bytes;
  }
  if (auto subview = dyn_cast<memref::SubViewOp>(op))
    return std::gcd(getAlignment(subview.getSource()),
                    getDivisor(subview) * bytes);
  return isa<gpu::DynamicSharedMemoryOp>(op) ? rootAlignment : bytes;
}

int64_t AlignAccessesPass::getAccessAlignment(Value memref,
                                              ValueRange indices) const {
  auto type = cast<MemRefType>(memref.getType());
  int64_t bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  SmallVector<int64_t> strides;
  int64_t ignored;
  if (failed(type.getStridesAndOffset(strides, ignored)) ||
      ShapedType::isDynamicShape(strides))
    return bytes;
  int64_t alignment = getAlignment(memref);
  for (auto [index, stride] : llvm::zip(indices, strides))
    alignment = std::gcd(alignment, getDivisor(index) * stride * bytes);
  return alignment;
}

void AlignAccessesPass::runOnOperation() {
  gpu::GPUModuleOp device = getOperation();
  arguments.clear();
  SymbolTable symbols(device);
  // Calls come first: what a kernel is given decides what it may assume.
  device.walk([&](func::CallOp call) {
    auto kernel = symbols.lookup<func::FuncOp>(call.getCallee());
    if (!kernel || !isKernel(kernel))
      return;
    for (auto [operand, argument] :
         llvm::zip(call.getOperands(), kernel.getArguments())) {
      if (!isa<MemRefType>(argument.getType()))
        continue;
      int64_t &known = arguments.try_emplace(argument, 0).first->second;
      known = std::gcd(known, getAlignment(operand));
    }
  });
  device.walk([&](Operation *op) {
    auto align = [&](auto access) {
      int64_t bytes =
          access.getVectorType().getNumElements() *
          llvm::divideCeil(access.getVectorType().getElementTypeBitWidth(), 8);
      int64_t alignment = std::gcd(
          getAccessAlignment(access.getBase(), access.getIndices()), bytes);
      // The natural alignment of an element is taken for granted.
      if (alignment * access.getVectorType().getNumElements() > bytes) {
        access.setAlignment(alignment);
        ++numAligned;
      }
    };
    if (auto load = dyn_cast<vector::LoadOp>(op))
      align(load);
    else if (auto store = dyn_cast<vector::StoreOp>(op))
      align(store);
  });
}
