//===- EmulateGpu.cpp - GPU kernels as functions of the host -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/gpu/Passes.h"
#include "compiler/lower/gpu/Warp.h"
#include "dialect/DeviceOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/AttrTypeSubElements.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace dale {
#define GEN_PASS_DEF_EMULATEGPU
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

/// What the emulator's functions, and those that it calls, begin with.
static constexpr StringRef prefix = "dale_emulated_";

namespace {

/// An access to memory: `count` elements from `indices` on, which begin at a
/// multiple of `alignment` bytes.
struct MemoryAccess {
  Value memref;
  ValueRange indices;
  int64_t count;
  int64_t alignment;
  bool writes;
};

class Emulation {
public:
  explicit Emulation(ModuleOp module)
      : module(module), builder(module.getContext()), loc(module.getLoc()) {}

  LogicalResult run(gpu::GPUModuleOp device);

private:
  void moveFunctions(gpu::GPUModuleOp device);
  void replaceGpuOps(func::FuncOp function);
  void replaceProduct(nvgpu::MmaSyncOp op);
  void checkAccesses(func::FuncOp function);
  void checkAccess(Operation *op, const MemoryAccess &access);

  void replaceGridBarrier(GridBarrierOp barrier);
  /// Calls a function of the emulator, and declares it first.
  func::CallOp call(StringRef name, TypeRange results, ValueRange operands);
  /// The address of a text that says where an op is.
  Value describe(Operation *op);
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc, value);
  }
  Value toI64(Value value) {
    return arith::IndexCastOp::create(builder, loc, builder.getI64Type(),
                                      value);
  }

  ModuleOp module;
  OpBuilder builder;
  Location loc;
  SmallVector<func::FuncOp> functions;
  llvm::StringMap<LLVM::GlobalOp> texts;
};

struct EmulateGpuPass : dale::impl::EmulateGpuBase<EmulateGpuPass> {
  void runOnOperation() override {
    for (auto device :
         llvm::to_vector(getOperation().getOps<gpu::GPUModuleOp>()))
      if (failed(Emulation(getOperation()).run(device)))
        return signalPassFailure();
    getOperation()->removeAttr(gpu::GPUDialect::getContainerModuleAttrName());
  }
};

} // namespace

/// Takes the functions out of the GPU's module, under names of their own.
void Emulation::moveFunctions(gpu::GPUModuleOp device) {
  for (Operation &op : llvm::make_early_inc_range(*device.getBody())) {
    builder.setInsertionPointToEnd(module.getBody());
    if (auto function = dyn_cast<func::FuncOp>(op)) {
      function->moveBefore(module.getBody(), module.getBody()->end());
      function.setName((prefix + function.getSymName()).str());
      functions.push_back(function);
    } else if (auto kernel = dyn_cast<gpu::GPUFuncOp>(op)) {
      StringRef name = kernel.getName();
      name.consume_front("dale_");
      auto function =
          func::FuncOp::create(builder, kernel.getLoc(), (prefix + name).str(),
                               kernel.getFunctionType());
      function->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                        builder.getUnitAttr());
      function.getBody().takeBody(kernel.getBody());
      Operation *end = function.getBody().front().getTerminator();
      builder.setInsertionPoint(end);
      func::ReturnOp::create(builder, end->getLoc());
      end->erase();
      functions.push_back(function);
    }
  }
  for (func::FuncOp function : functions)
    function.walk([&](func::CallOp call) {
      call.setCallee((prefix + call.getCallee()).str());
    });
  device.erase();
}

func::CallOp Emulation::call(StringRef name, TypeRange results,
                             ValueRange operands) {
  std::string full = (prefix + name).str();
  auto function = module.lookupSymbol<func::FuncOp>(full);
  if (!function) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(module.getBody());
    function = func::FuncOp::create(
        builder, module.getLoc(), full,
        builder.getFunctionType(operands.getTypes(), results));
    function.setPrivate();
    // Memory is returned as its descriptor.
    if (llvm::any_of(results, llvm::IsaPred<MemRefType>))
      function->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                        builder.getUnitAttr());
  }
  return func::CallOp::create(builder, loc, function, operands);
}

Value Emulation::describe(Operation *op) {
  StringRef name = op->getParentOfType<func::FuncOp>().getSymName();
  name.consume_front(prefix);
  std::string text;
  llvm::raw_string_ostream os(text);
  os << name << ", ";
  if (auto place = op->getLoc()->findInstanceOf<FileLineColLoc>())
    os << place.getFilename().getValue() << ":" << place.getLine() << ":"
       << place.getColumn() << ", ";
  os << op->getName().getStringRef() << '\0';
  LLVM::GlobalOp &global = texts[text];
  if (!global) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(module.getBody());
    global = LLVM::GlobalOp::create(
        builder, module.getLoc(),
        LLVM::LLVMArrayType::get(builder.getI8Type(), text.size()),
        /*isConstant=*/true, LLVM::Linkage::Internal,
        (prefix + "where_" + Twine(texts.size())).str(),
        builder.getStringAttr(text));
  }
  Value address = LLVM::AddressOfOp::create(builder, loc, global);
  return LLVM::PtrToIntOp::create(builder, loc, builder.getI64Type(), address);
}

void Emulation::replaceGridBarrier(GridBarrierOp barrier) {
  Value blocks = barrier.getBlocks();
  if (!blocks) {
    call("grid_barrier", TypeRange(), describe(barrier));
    return;
  }
  Value arrivals = memref::ExtractAlignedPointerAsIndexOp::create(
      builder, loc, barrier.getArrivals());
  call("team_barrier", TypeRange(),
       {toI64(arrivals), toI64(blocks), describe(barrier)});
}

void Emulation::replaceGpuOps(func::FuncOp function) {
  auto number = [&](StringRef name) -> Value {
    Value result = call(name, builder.getI64Type(), ValueRange()).getResult(0);
    return arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                      result);
  };
  auto replace = [](Operation *op, Value value) {
    op->getResult(0).replaceAllUsesWith(value);
    op->erase();
  };
  function.walk([&](Operation *op) {
    builder.setInsertionPoint(op);
    loc = op->getLoc();
    if (isa<gpu::ThreadIdOp>(op))
      replace(op, number("thread"));
    else if (isa<gpu::BlockDimOp>(op))
      replace(op, number("threads"));
    else if (auto block = dyn_cast<gpu::BlockIdOp>(op))
      replace(op, number(block.getDimension() == gpu::Dimension::y ? "replica"
                                                                   : "block"));
    else if (isa<gpu::GridDimOp>(op))
      replace(op, number("blocks"));
    else if (isa<gpu::LaneIdOp>(op))
      replace(op, arith::RemUIOp::create(builder, loc, number("thread"),
                                         index(warpSize)));
    else if (auto product = dyn_cast<nvgpu::MmaSyncOp>(op))
      replaceProduct(product);
    else if (isa<memref::MemorySpaceCastOp>(op))
      replace(op, op->getOperand(0));
    else if (isa<SharedBytesOp>(op))
      replace(op, number("shared_bytes"));
    else if (isa<gpu::DynamicSharedMemoryOp>(op))
      replace(op, call("shared", op->getResult(0).getType(), ValueRange())
                      .getResult(0));
    else if (isa<gpu::BarrierOp>(op)) {
      call("barrier", TypeRange(), describe(op));
      op->erase();
    } else if (auto barrier = dyn_cast<GridBarrierOp>(op)) {
      replaceGridBarrier(barrier);
      barrier.erase();
    }
  });
}

/// The elements of a vector of any shape, as f32.
static SmallVector<Value> elementsAsF32(OpBuilder &builder, Location loc,
                                        Value vector) {
  auto type = cast<VectorType>(vector.getType());
  if (!type.getElementType().isF32())
    vector = arith::ExtFOp::create(builder, loc,
                                   type.clone(builder.getF32Type()), vector);
  return llvm::to_vector_of<Value>(
      vector::ToElementsOp::create(builder, loc, vector).getResults());
}

/// Hands a thread's registers to the emulator in memory, and takes the sums
/// back.
void Emulation::replaceProduct(nvgpu::MmaSyncOp op) {
  SmallVector<Value> elements;
  for (Value operand : op->getOperands())
    elements.append(elementsAsF32(builder, loc, operand));
  auto type = MemRefType::get({static_cast<int64_t>(elements.size())},
                              builder.getF32Type());
  Value registers;
  {
    // Not in a loop, where each turn would take more of the stack.
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(
        &op->getParentOfType<func::FuncOp>().getBody().front());
    registers = memref::AllocaOp::create(builder, loc, type);
  }
  for (auto [i, element] : llvm::enumerate(elements))
    memref::StoreOp::create(builder, loc, element, registers,
                            index(static_cast<int64_t>(i)));
  Value address = toI64(
      memref::ExtractAlignedPointerAsIndexOp::create(builder, loc, registers));
  Value depth = arith::ConstantIntOp::create(
      builder, loc, op.getMmaShapeAsArray()[2], /*width=*/64);
  call("multiply", TypeRange(), {address, depth, describe(op)});
  auto result = cast<VectorType>(op.getRes().getType());
  SmallVector<Value> sums;
  for (int64_t i = type.getNumElements() - result.getNumElements();
       i < type.getNumElements(); ++i)
    sums.push_back(memref::LoadOp::create(builder, loc, registers, index(i)));
  op.getRes().replaceAllUsesWith(
      vector::FromElementsOp::create(builder, loc, result, sums));
  op->erase();
}

/// Rounding to BF16 by arithmetic: not every host has an instruction for it.
static LogicalResult expandRounding(func::FuncOp function) {
  RewritePatternSet patterns(function.getContext());
  arith::populateExpandBFloat16Patterns(patterns);
  return applyPatternsGreedily(function, std::move(patterns));
}

void Emulation::checkAccesses(func::FuncOp function) {
  SmallVector<std::pair<Operation *, MemoryAccess>> accesses;
  // That of an element is taken for granted.
  auto add = [&](auto op, Value memref, int64_t count, bool writes) {
    int64_t element = llvm::divideCeil(
        cast<MemRefType>(memref.getType()).getElementTypeBitWidth(), 8);
    int64_t alignment =
        std::max<int64_t>(op.getAlignment().value_or(1), element);
    accesses.push_back(
        {op, {memref, op.getIndices(), count, alignment, writes}});
  };
  function.walk([&](Operation *op) {
    if (auto load = dyn_cast<memref::LoadOp>(op))
      add(load, load.getMemref(), 1, /*writes=*/false);
    else if (auto store = dyn_cast<memref::StoreOp>(op))
      add(store, store.getMemref(), 1, /*writes=*/true);
    else if (auto load = dyn_cast<vector::LoadOp>(op))
      add(load, load.getBase(), load.getVectorType().getNumElements(),
          /*writes=*/false);
    else if (auto store = dyn_cast<vector::StoreOp>(op))
      add(store, store.getBase(), store.getVectorType().getNumElements(),
          /*writes=*/true);
  });
  for (auto &[op, access] : accesses)
    checkAccess(op, access);
}

void Emulation::checkAccess(Operation *op, const MemoryAccess &access) {
  builder.setInsertionPoint(op);
  loc = op->getLoc();
  auto type = cast<MemRefType>(access.memref.getType());
  auto layout =
      memref::ExtractStridedMetadataOp::create(builder, loc, access.memref);
  // Within every dimension, the last one with all elements of a vector.
  Value outside = arith::ConstantIntOp::create(builder, loc, 0, 1);
  Value element = layout.getOffset();
  unsigned rank = type.getRank();
  for (unsigned i = 0; i < rank; ++i) {
    Value last = access.indices[i];
    if (i + 1 == rank && access.count > 1)
      last = arith::AddIOp::create(builder, loc, last, index(access.count - 1));
    Value beyond = arith::CmpIOp::create(
        builder, loc, arith::CmpIPredicate::uge, last, layout.getSizes()[i]);
    outside = arith::OrIOp::create(builder, loc, outside, beyond);
    element = arith::AddIOp::create(
        builder, loc, element,
        arith::MulIOp::create(builder, loc, access.indices[i],
                              layout.getStrides()[i]));
  }
  Value where = describe(op);
  auto fails = scf::IfOp::create(builder, loc, outside);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPoint(fails.getThenRegion().front().getTerminator());
    call("fail", TypeRange(), where);
  }
  int64_t bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  Value base = memref::ExtractAlignedPointerAsIndexOp::create(builder, loc,
                                                              access.memref);
  Value address = arith::AddIOp::create(
      builder, loc, base,
      arith::MulIOp::create(builder, loc, element, index(bytes)));
  auto number = [&](int64_t value) -> Value {
    return arith::ConstantIntOp::create(builder, loc, value, /*width=*/64);
  };
  call(access.writes ? "write" : "read", TypeRange(),
       {toI64(address), number(access.count * bytes), number(access.alignment),
        where});
}

/// On the host all memory is one space.
static void removeMemorySpaces(func::FuncOp function) {
  AttrTypeReplacer replacer;
  replacer.addReplacement([](MemRefType type) -> std::optional<Type> {
    if (!isa_and_nonnull<gpu::AddressSpaceAttr>(type.getMemorySpace()))
      return std::nullopt;
    return MemRefType(MemRefType::Builder(type).setMemorySpace({}));
  });
  replacer.recursivelyReplaceElementsIn(function, /*replaceAttrs=*/true,
                                        /*replaceLocs=*/false,
                                        /*replaceTypes=*/true);
}

LogicalResult Emulation::run(gpu::GPUModuleOp device) {
  moveFunctions(device);
  for (func::FuncOp function : functions) {
    removeMemorySpaces(function);
    checkAccesses(function);
    replaceGpuOps(function);
    if (failed(expandRounding(function)))
      return failure();
  }
  return success();
}
