//===- LowerGridBarrier.cpp - Blocks wait for each other -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/gpu/Passes.h"
#include "dialect/DeviceOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

namespace dale {
#define GEN_PASS_DEF_LOWERGRIDBARRIER
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

/// The scope in which a GPU's blocks see each other's memory.
static constexpr StringRef deviceScope = "device";

namespace {

/// Builds the function that every barrier calls.
class BarrierFunction {
public:
  BarrierFunction(gpu::GPUModuleOp device, Type arrivals)
      : builder(OpBuilder::atBlockBegin(device.getBody())),
        loc(device.getLoc()), arrivalsType(arrivals) {}

  func::FuncOp create();

private:
  Value i32(int64_t value) {
    return arith::ConstantIntOp::create(builder, loc, value, 32);
  }
  Value isFirst(Value number) {
    return arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::eq, number,
        arith::ConstantIndexOp::create(builder, loc, 0));
  }
  void fence() {
    LLVM::FenceOp::create(builder, loc, LLVM::AtomicOrdering::seq_cst,
                          deviceScope);
  }
  void arriveAndWait(Value arrivals, Value blocks);

  OpBuilder builder;
  Location loc;
  Type arrivalsType;
};

struct LowerGridBarrierPass
    : dale::impl::LowerGridBarrierBase<LowerGridBarrierPass> {
  void runOnOperation() override {
    func::FuncOp function;
    getOperation().walk([&](GridBarrierOp barrier) {
      if (!function)
        function =
            BarrierFunction(getOperation(), barrier.getArrivals().getType())
                .create();
      OpBuilder builder(barrier);
      Value blocks = barrier.getBlocks();
      if (!blocks)
        blocks = gpu::GridDimOp::create(builder, barrier.getLoc(),
                                        gpu::Dimension::x);
      func::CallOp::create(builder, barrier.getLoc(), function,
                           {barrier.getArrivals(), blocks});
      barrier.erase();
    });
  }
};

} // namespace

/// Every block adds one. The count of all blocks that have arrived at this
/// barrier is the next multiple of their number.
void BarrierFunction::arriveAndWait(Value arrivals, Value numBlocks) {
  Type integer = builder.getI32Type();
  Value address =
      memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, arrivals);
  Value bits =
      arith::IndexCastOp::create(builder, loc, builder.getI64Type(), address);
  Value pointer = LLVM::IntToPtrOp::create(
      builder, loc, LLVM::LLVMPointerType::get(builder.getContext()), bits);
  Value before = LLVM::AtomicRMWOp::create(
      builder, loc, LLVM::AtomicBinOp::add, pointer, i32(1),
      LLVM::AtomicOrdering::acq_rel, deviceScope);
  Value blocks = arith::IndexCastOp::create(builder, loc, integer, numBlocks);
  Value rounds = arith::AddIOp::create(
      builder, loc, arith::DivUIOp::create(builder, loc, before, blocks),
      i32(1));
  Value goal = arith::MulIOp::create(builder, loc, rounds, blocks);
  scf::WhileOp::create(
      builder, loc, TypeRange(), ValueRange(),
      [&](OpBuilder &nested, Location loc, ValueRange) {
        Value count = LLVM::LoadOp::create(
            nested, loc, integer, pointer, /*alignment=*/4,
            /*isVolatile=*/false, /*isNonTemporal=*/false,
            /*isInvariant=*/false, /*isInvariantGroup=*/false,
            LLVM::AtomicOrdering::acquire, deviceScope);
        Value waits = arith::CmpIOp::create(
            nested, loc, arith::CmpIPredicate::ult, count, goal);
        scf::ConditionOp::create(nested, loc, waits, ValueRange());
      },
      [&](OpBuilder &nested, Location loc, ValueRange) {
        scf::YieldOp::create(nested, loc);
      });
}

func::FuncOp BarrierFunction::create() {
  auto function = func::FuncOp::create(
      builder, loc, "grid_barrier",
      builder.getFunctionType({arrivalsType, builder.getIndexType()}, {}));
  function.setPrivate();
  function.setNoInline(true);
  builder.setInsertionPointToStart(function.addEntryBlock());
  gpu::BarrierOp::create(builder, loc);
  // A block alone has nobody else to wait for.
  Value blocks = function.getArgument(1);
  auto others = scf::IfOp::create(
      builder, loc,
      arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::ne, blocks,
                            arith::ConstantIndexOp::create(builder, loc, 1)));
  func::ReturnOp::create(builder, loc);
  builder.setInsertionPointToStart(&others.getThenRegion().front());
  Value first =
      isFirst(gpu::ThreadIdOp::create(builder, loc, gpu::Dimension::x));
  auto once = scf::IfOp::create(builder, loc, first);
  gpu::BarrierOp::create(builder, loc);
  builder.setInsertionPointToStart(&once.getThenRegion().front());
  fence();
  arriveAndWait(function.getArgument(0), blocks);
  fence();
  return function;
}
