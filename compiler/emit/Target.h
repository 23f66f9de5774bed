//===- Target.h - The processor that is compiled for -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_EMIT_TARGET_H
#define DALE_COMPILER_EMIT_TARGET_H

#include "compiler/CacheSizes.h"
#include "compiler/Driver.h"
#include "llvm/Target/TargetMachine.h"

namespace dale {

/// An x86-64 processor, and what LLVM makes for it.
class Target {
public:
  /// Whether there is a processor of that name, or it is "native", the one of
  /// this machine.
  static bool isKnown(llvm::StringRef cpu);
  /// Code for a processor that is known. Reports an error where there is none
  /// for this machine.
  static mlir::FailureOr<Target> create(mlir::ModuleOp module,
                                        llvm::StringRef cpu);

  /// Leave out LLVM's optimizations, for code that hardly ever runs.
  void skipOptimizations();

  llvm::StringRef getCpu() const { return machine->getTargetCPU(); }
  /// Width of the vector registers.
  int64_t getVectorBits() const;
  int64_t getNumVectorRegisters() const;
  /// Bytes of a core's caches of the first level, for data, and of the second:
  /// this machine's, or what processors of the last ten years have at least.
  int64_t getCacheBytes() const { return cacheBytes; }
  int64_t getSecondCacheBytes() const { return secondCacheBytes; }
  /// Whether it has instructions for bf16, dot products among them.
  bool hasBF16() const;
  /// Whether a dot product of bf16 takes less time than the multiply-adds of
  /// f32 that it stands for.
  bool hasFastBF16Products() const;
  /// Features, named as in /proc/cpuinfo, without which the code cannot run.
  llvm::SmallVector<llvm::StringRef> getRequiredFeatures() const;

  /// Translates a module of the LLVM dialect, optimizes it, and writes it as
  /// LLVM IR, assembly or an archive of objects.
  mlir::LogicalResult emit(mlir::ModuleOp module, EmitLevel level,
                           llvm::raw_pwrite_stream &os) const;

private:
  explicit Target(std::unique_ptr<llvm::TargetMachine> machine)
      : machine(std::move(machine)) {}

  bool hasFeature(llvm::StringRef name) const;
  void takeCachesOfHost();

  std::unique_ptr<llvm::TargetMachine> machine;
  bool optimizes = true;
  int64_t cacheBytes = usualCacheBytes;
  int64_t secondCacheBytes = usualSecondCacheBytes;
};

} // namespace dale

#endif // DALE_COMPILER_EMIT_TARGET_H
