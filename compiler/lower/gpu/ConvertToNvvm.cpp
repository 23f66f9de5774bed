//===- ConvertToNvvm.cpp - GPU kernels to the LLVM dialect -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/KernelOps.h"
#include "compiler/lower/OffsetPlanner.h"
#include "compiler/lower/gpu/Passes.h"
#include "dialect/DeviceOps.h"
#include "mlir/Conversion/ArithToLLVM/ArithToLLVM.h"
#include "mlir/Conversion/ControlFlowToLLVM/ControlFlowToLLVM.h"
#include "mlir/Conversion/FuncToLLVM/ConvertFuncToLLVM.h"
#include "mlir/Conversion/GPUToNVVM/GPUToNVVMPass.h"
#include "mlir/Conversion/IndexToLLVM/IndexToLLVM.h"
#include "mlir/Conversion/LLVMCommon/ConversionTarget.h"
#include "mlir/Conversion/LLVMCommon/Pattern.h"
#include "mlir/Conversion/LLVMCommon/TypeConverter.h"
#include "mlir/Conversion/MathToLLVM/MathToLLVM.h"
#include "mlir/Conversion/MemRefToLLVM/MemRefToLLVM.h"
#include "mlir/Conversion/NVGPUToNVVM/NVGPUToNVVM.h"
#include "mlir/Conversion/UBToLLVM/UBToLLVM.h"
#include "mlir/Conversion/VectorToLLVM/ConvertVectorToLLVM.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"
#include "mlir/Transforms/DialectConversion.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

namespace dale {
#define GEN_PASS_DEF_CONVERTTONVVM
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

/// Upstream's conversion takes TF32 and F16 only: BF16's pairs go as i32.
struct LowerBF16Product : OpRewritePattern<nvgpu::MmaSyncOp> {
  using OpRewritePattern::OpRewritePattern;

  LogicalResult matchAndRewrite(nvgpu::MmaSyncOp op,
                                PatternRewriter &rewriter) const override {
    if (!getElementTypeOrSelf(op.getMatrixA()).isBF16())
      return failure();
    Location loc = op.getLoc();
    auto registersOf = [&](Value matrix) {
      SmallVector<Value> registers;
      auto type = cast<VectorType>(matrix.getType());
      for (int64_t i = 0; i < type.getDimSize(0); ++i) {
        Value pair = vector::ExtractOp::create(rewriter, loc, matrix, i);
        Value word = vector::BitCastOp::create(
            rewriter, loc, VectorType::get(1, rewriter.getI32Type()), pair);
        registers.push_back(vector::ExtractOp::create(rewriter, loc, word, 0));
      }
      return registers;
    };
    Type f32 = rewriter.getF32Type();
    auto sums = LLVM::LLVMStructType::getLiteral(getContext(),
                                                 SmallVector<Type>(4, f32));
    auto c = vector::ToElementsOp::create(rewriter, loc, op.getMatrixC());
    auto row = NVVM::MMALayout::row, column = NVVM::MMALayout::col;
    Value product = NVVM::MmaOp::create(
        rewriter, loc, sums, registersOf(op.getMatrixA()),
        registersOf(op.getMatrixB()), c.getResults(), op.getMmaShapeAsArray(),
        /*b1Op=*/std::nullopt,
        /*intOverflow=*/std::nullopt,
        std::array{NVVM::MMATypes::bf16, NVVM::MMATypes::bf16},
        std::array{row, column});
    SmallVector<Value> elements;
    for (int64_t i = 0; i < 4; ++i)
      elements.push_back(
          LLVM::ExtractValueOp::create(rewriter, loc, product, i));
    rewriter.replaceOpWithNewOp<vector::FromElementsOp>(
        op, op.getRes().getType(), elements);
    return success();
  }
};

/// A special register of PTX.
struct LowerSharedBytes : ConvertOpToLLVMPattern<SharedBytesOp> {
  using ConvertOpToLLVMPattern::ConvertOpToLLVMPattern;

  LogicalResult
  matchAndRewrite(SharedBytesOp op, OpAdaptor,
                  ConversionPatternRewriter &rewriter) const override {
    Location loc = op.getLoc();
    Value bytes =
        LLVM::CallIntrinsicOp::create(
            rewriter, loc, rewriter.getI32Type(),
            rewriter.getStringAttr("llvm.nvvm.read.ptx.sreg.dynamic_smem_size"),
            ValueRange())
            .getResult(0);
    rewriter.replaceOpWithNewOp<LLVM::ZExtOp>(op, getIndexType(), bytes);
    return success();
  }
};

struct ConvertToNvvmPass : dale::impl::ConvertToNvvmBase<ConvertToNvvmPass> {
  using ConvertToNvvmBase::ConvertToNvvmBase;

  void runOnOperation() override {
    describeFunctions();
    if (failed(lowerVectors()) || failed(convert()))
      return signalPassFailure();
    declareSharedMemory();
  }

private:
  /// Calls within the module need no names outside of it, and lose arguments
  /// that nobody uses.
  void describeFunctions() {
    Builder builder(&getContext());
    auto internal =
        LLVM::LinkageAttr::get(&getContext(), LLVM::linkage::Linkage::Internal);
    SymbolTableCollection symbols;
    SymbolUserMap users(symbols, getOperation());
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      bool isInlined = isKernel(function) &&
                       users.getUsers(function).size() <= inlineCalls;
      function->setAttr("llvm.linkage", internal);
      function->setAttr(
          "passthrough",
          builder.getStrArrayAttr({isInlined ? "alwaysinline" : "noinline"}));
    }
  }

  LogicalResult lowerVectors() {
    RewritePatternSet patterns(&getContext());
    vector::populateVectorBroadcastLoweringPatterns(patterns);
    vector::populateVectorShapeCastLoweringPatterns(patterns);
    vector::populateVectorInsertExtractStridedSliceTransforms(patterns);
    vector::populateVectorFromElementsUnrollPatterns(patterns);
    vector::populateVectorToElementsUnrollPatterns(patterns);
    vector::populateVectorRankReducingFMAPattern(patterns);
    patterns.add<LowerBF16Product>(&getContext());
    return applyPatternsGreedily(getOperation(), std::move(patterns));
  }

  /// Memory whose size the launch says is declared, not defined: as long as
  /// upstream's definition, nothing, every access is outside of it.
  void declareSharedMemory() {
    for (auto global : getOperation().getOps<LLVM::GlobalOp>()) {
      auto type = dyn_cast<LLVM::LLVMArrayType>(global.getGlobalType());
      if (!type || type.getNumElements() != 0)
        continue;
      global.setLinkage(LLVM::Linkage::External);
      global.setAlignment(OffsetPlanner::alignment);
    }
  }

  LogicalResult convert() {
    LowerToLLVMOptions options(&getContext());
    LLVMTypeConverter converter(&getContext(), options);
    configureGpuToNVVMTypeConverter(converter);
    RewritePatternSet patterns(&getContext());
    arith::populateArithToLLVMConversionPatterns(converter, patterns);
    cf::populateControlFlowToLLVMConversionPatterns(converter, patterns);
    index::populateIndexToLLVMConversionPatterns(converter, patterns);
    populateFinalizeMemRefToLLVMConversionPatterns(converter, patterns);
    populateFuncToLLVMConversionPatterns(converter, patterns);
    populateGpuToNVVMConversionPatterns(converter, patterns);
    populateMathToLLVMConversionPatterns(converter, patterns);
    populateNVGPUToNVVMConversionPatterns(converter, patterns);
    populateVectorToLLVMConversionPatterns(converter, patterns);
    ub::populateUBToLLVMConversionPatterns(converter, patterns);
    patterns.add<LowerSharedBytes>(converter);

    ConversionTarget target(getContext());
    target.addLegalDialect<LLVM::LLVMDialect, NVVM::NVVMDialect>();
    target.addLegalOp<gpu::GPUModuleOp>();
    return applyFullConversion(getOperation(), target, std::move(patterns));
  }
};

} // namespace
