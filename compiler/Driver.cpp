//===- Driver.cpp - From a circuit to an executable -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/Driver.h"
#include "compiler/Pipeline.h"
#include "compiler/emit/Description.h"
#include "compiler/emit/GpuReport.h"
#include "compiler/emit/Target.h"
#include "compiler/lower/gpu/Passes.h"
#include "compiler/lower/gpu/Pipeline.h"
#include "compiler/lower/gpu/Warp.h"
#include "dialect/TensorOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"

#include <future>

using namespace mlir;
using namespace dale;

/// The oldest that has asynchronous copies and enough shared memory: Ampere.
static constexpr int oldestArchitecture = 80;

namespace {

/// One compilation: passes, and what they are told.
class Compilation {
public:
  Compilation(ModuleOp module, const CompileOptions &options, Target target);

  LogicalResult run(llvm::raw_pwrite_stream &os);

private:
  bool isGpuLevel() const {
    return options.level >= EmitLevel::Gpu &&
           options.level <= EmitLevel::GpuReport;
  }
  PipelineOptions pipelineTo(EmitLevel level) const;
  /// What the CPU's code rounds to: TF32 is for tensor cores.
  Precision hostPrecision() const {
    return options.precision == Precision::BF16 ? Precision::BF16
                                                : Precision::F32;
  }
  void setGpuOptions(GpuOptions &gpuOptions) const;
  /// A part of the work, which lasts as long as its scope.
  TimingScope begin(StringRef part);
  LogicalResult runPasses(ModuleOp on, StringRef name,
                          llvm::function_ref<void(OpPassManager &)> build);
  LogicalResult emitGpuText(llvm::raw_pwrite_stream &os);
  LogicalResult lowerDevice();
  LogicalResult lowerDevice(const GpuOptions &gpuOptions);
  LogicalResult emitDevice();
  LogicalResult lowerHost(EmitLevel level);

  ModuleOp module;
  const CompileOptions &options;
  Target target;
  DefaultTimingManager timing;
  TimingScope root;
  /// The GPU's part of the module, until it is code or the host's.
  OwningOpRef<ModuleOp> device;
  GpuCode gpu;
  /// Becomes `gpu.images`. Behind all that it works with, so that it has ended
  /// before they go.
  std::future<LogicalResult> images;
};

} // namespace

Compilation::Compilation(ModuleOp module, const CompileOptions &options,
                         Target target)
    : module(module), options(options), target(std::move(target)) {
  if (options.printTiming)
    timing.setEnabled(true);
  root = timing.getRootScope();
}

PipelineOptions Compilation::pipelineTo(EmitLevel level) const {
  PipelineOptions pipeline;
  pipeline.level = level;
  pipeline.fuse = options.fuse;
  pipeline.maxOperationsPerByte = options.maxOperationsPerByte;
  pipeline.doublePrecision = options.doublePrecision;
  pipeline.vectorBits = target.getVectorBits();
  pipeline.numRegisters = target.getNumVectorRegisters();
  pipeline.cacheBytes = target.getCacheBytes();
  pipeline.secondCacheBytes = target.getSecondCacheBytes();
  pipeline.bf16 = hostPrecision() == Precision::BF16;
  pipeline.bf16Instructions = target.hasBF16();
  pipeline.bf16Products = target.hasFastBF16Products();
  return pipeline;
}

void Compilation::setGpuOptions(GpuOptions &gpuOptions) const {
  gpuOptions.precision = options.precision;
  gpuOptions.imageBlocks = options.gpu.imageBlocks;
}

TimingScope Compilation::begin(StringRef part) {
  if (options.progress)
    options.progress(part);
  return root.nest(part);
}

LogicalResult
Compilation::runPasses(ModuleOp on, StringRef name,
                       llvm::function_ref<void(OpPassManager &)> build) {
  PassManager pm(on.getContext());
  pm.enableVerifier(options.verifyEach);
  TimingScope scope = begin(name);
  pm.enableTiming(scope);
  build(pm);
  return pm.run(on);
}

/// A copy of the stages becomes GPU kernels.
LogicalResult Compilation::lowerDevice(const GpuOptions &gpuOptions) {
  device = module.clone();
  return runPasses(*device, "GPU", [&](OpPassManager &pm) {
    buildGpuPipeline(pm, gpuOptions);
  });
}

LogicalResult Compilation::emitGpuText(llvm::raw_pwrite_stream &os) {
  GpuOptions gpuOptions;
  setGpuOptions(gpuOptions);
  if (failed(lowerDevice(gpuOptions)))
    return failure();
  std::optional<GpuReport> report;
  if (options.level == EmitLevel::GpuReport)
    report.emplace(*device);
  if (options.level != EmitLevel::Gpu &&
      failed(runPasses(*device, "NVVM", buildNvvmPipeline)))
    return failure();
  if (options.level < EmitLevel::Ptx) {
    device->print(os);
    return success();
  }
  FailureOr<std::string> ptx = emitPtx(*device, oldestArchitecture);
  if (failed(ptx))
    return failure();
  if (!report) {
    os << *ptx;
    return success();
  }
  SmallVector<int> architectures(options.gpu.architectures);
  if (architectures.empty())
    architectures = {oldestArchitecture, 90};
  for (int architecture : architectures) {
    std::string log;
    if (failed(
            assemblePtx(*device, *ptx, architecture, gpuOptions.threads, &log)))
      return failure();
    report->print(architecture, log, os);
  }
  return success();
}

/// The GPU's part, as far as it needs all threads; the rest is begun.
LogicalResult Compilation::lowerDevice() {
  if (options.gpu.mode == GpuMode::None)
    return success();
  GpuOptions gpuOptions;
  setGpuOptions(gpuOptions);
  gpu.precision = options.precision;
  gpu.emulated = options.gpu.mode == GpuMode::Emulated;
  gpu.block = gpuOptions.threads;
  if (gpu.emulated) {
    // Few threads show what many would do, in less time.
    gpuOptions.chunks = 4;
    // Of two warps, though, where warps have tiles of their own.
    gpu.block = options.precision == Precision::F32 ? warpSize : 2 * warpSize;
  }
  gpu.chunks = gpuOptions.chunks;
  if (failed(lowerDevice(gpuOptions)))
    return failure();
  gpu.functions = describeEntryPoints(*device);
  if (gpu.emulated)
    return runPasses(*device, "emulation",
                     [](OpPassManager &pm) { pm.addPass(createEmulateGpu()); });

  if (failed(runPasses(*device, "NVVM", buildNvvmPipeline)))
    return failure();
  // LLVM makes PTX with one thread, and takes as long as the host's passes do.
  // No dialect may be loaded while two threads use the context.
  module.getContext()->loadAllAvailableDialects();
  images = std::async(std::launch::async, [this] { return emitDevice(); });
  return success();
}

LogicalResult Compilation::emitDevice() {
  FailureOr<std::string> ptx = emitPtx(*device, oldestArchitecture);
  if (failed(ptx))
    return failure();
  auto assembled =
      assemblePtx(*device, *ptx, options.gpu.architectures, gpu.block);
  if (failed(assembled))
    return failure();
  gpu.images = std::move(*assembled);
  gpu.images.push_back({oldestArchitecture, /*isPtx=*/true, std::move(*ptx)});
  return success();
}

/// The host's part, with the emulated kernels in it.
LogicalResult Compilation::lowerHost(EmitLevel level) {
  if (failed(runPasses(module, "CPU", [&](OpPassManager &pm) {
        buildPipelineFromStages(pm,
                                pipelineTo(std::min(level, EmitLevel::Vector)));
      })))
    return failure();
  if (level < EmitLevel::LLVM)
    return success();
  if (gpu.emulated)
    for (Operation &op : llvm::make_early_inc_range(*device->getBody()))
      if (isa<SymbolOpInterface>(op) && !isa<VariableOp>(op))
        op.moveBefore(module.getBody(), module.getBody()->end());
  return runPasses(module, "LLVM dialect", [&](OpPassManager &pm) {
    CpuOptions cpu;
    setCpuOptions(cpu, pipelineTo(level));
    buildLLVMPipeline(pm, cpu);
  });
}

LogicalResult Compilation::run(llvm::raw_pwrite_stream &os) {
  EmitLevel level = options.level;
  if (failed(runPasses(module, "circuit", [&](OpPassManager &pm) {
        buildPipeline(pm, pipelineTo(std::min(level, EmitLevel::Fused)));
      })))
    return failure();
  if (isGpuLevel())
    return emitGpuText(os);
  if (level > EmitLevel::Fused &&
      (failed(lowerDevice()) || failed(lowerHost(level))))
    return failure();
  if (images.valid()) {
    TimingScope scope = begin("wait for PTX");
    if (failed(images.get()))
      return failure();
    device = {};
  }
  if (level < EmitLevel::LLVM) {
    module.print(os);
    return success();
  }
  TimingScope scope = begin("LLVM");
  if (failed(addDescription(module, target, hostPrecision(), gpu,
                            options.source, options.computation)))
    return failure();
  return target.emit(module, level, os);
}

LogicalResult dale::compileCircuit(ModuleOp module,
                                   const CompileOptions &options,
                                   llvm::raw_pwrite_stream &os) {
  FailureOr<Target> target = Target::create(module, options.targetCpu);
  if (failed(target))
    return failure();
  return Compilation(module, options, std::move(*target)).run(os);
}
