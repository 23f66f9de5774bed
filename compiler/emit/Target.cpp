//===- Target.cpp - The processor that is compiled for -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/emit/Target.h"
#include "compiler/emit/Codegen.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/Module.h"
#include "llvm/MC/MCSubtargetInfo.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/TargetParser/Host.h"
#include <unistd.h>

using namespace mlir;
using namespace dale;

/// What LLVM has for machines such as this.
static const llvm::Target *lookUpTarget(std::string &error) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  return llvm::TargetRegistry::lookupTarget(
      llvm::Triple(llvm::sys::getDefaultTargetTriple()), error);
}

bool Target::isKnown(StringRef cpu) {
  std::string error;
  const llvm::Target *target = lookUpTarget(error);
  if (cpu == "native" || !target)
    return cpu == "native";
  llvm::Triple triple(llvm::sys::getDefaultTargetTriple());
  std::unique_ptr<llvm::MCSubtargetInfo> info(
      target->createMCSubtargetInfo(triple, "", ""));
  return info->isCPUStringValid(cpu);
}

FailureOr<Target> Target::create(ModuleOp module, StringRef cpu) {
  std::string error;
  const llvm::Target *target = lookUpTarget(error);
  if (!target)
    return module.emitError() << error;
  std::string name = cpu.str(), features;
  if (cpu == "native") {
    name = llvm::sys::getHostCPUName().str();
    // The host may lack what processors of its name have.
    for (const auto &feature : llvm::sys::getHostCPUFeatures())
      features += (features.empty() ? "" : ",") +
                  std::string(feature.getValue() ? "+" : "-") +
                  feature.getKey().str();
  }
  llvm::TargetOptions options;
  std::unique_ptr<llvm::TargetMachine> machine(target->createTargetMachine(
      llvm::Triple(llvm::sys::getDefaultTargetTriple()), name, features,
      options, llvm::Reloc::PIC_, std::nullopt,
      llvm::CodeGenOptLevel::Default));
  if (!machine)
    return module.emitError("no code can be made for this machine");
  Target created(std::move(machine));
  if (cpu == "native")
    created.takeCachesOfHost();
  return created;
}

void Target::takeCachesOfHost() {
  // Nothing is known of them where a virtual machine does not say.
  auto take = [](int64_t &bytes, int name) {
    if (int64_t known = sysconf(name); known > 0)
      bytes = known;
  };
  take(cacheBytes, _SC_LEVEL1_DCACHE_SIZE);
  take(secondCacheBytes, _SC_LEVEL2_CACHE_SIZE);
}

void Target::skipOptimizations() {
  optimizes = false;
  machine->setOptLevel(llvm::CodeGenOptLevel::None);
}

bool Target::hasFeature(StringRef name) const {
  return machine->getMCSubtargetInfo()->checkFeatures(("+" + name).str());
}

int64_t Target::getVectorBits() const {
  return hasFeature("avx512f") ? 512 : hasFeature("avx") ? 256 : 128;
}

int64_t Target::getNumVectorRegisters() const {
  return hasFeature("avx512f") ? 32 : 16;
}

bool Target::hasBF16() const { return hasFeature("avx512bf16"); }

// AMD's takes half the time, Intel's twice as long: there, products of bf16 are
// the work of another unit. LLVM's scheduling models do not tell them apart.
bool Target::hasFastBF16Products() const {
  return hasBF16() && getCpu().starts_with("znver");
}

SmallVector<StringRef> Target::getRequiredFeatures() const {
  SmallVector<StringRef> required;
  for (StringRef name : {"avx", "avx2", "fma", "f16c", "bmi2", "avx512f",
                         "avx512bw", "avx512cd", "avx512dq", "avx512vl"})
    if (hasFeature(name))
      required.push_back(name);
  return required;
}

LogicalResult Target::emit(ModuleOp module, EmitLevel level,
                           llvm::raw_pwrite_stream &os) const {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> translated =
      translateModuleToLLVMIR(module, context, "circuit");
  if (!translated)
    return failure();
  translated->setTargetTriple(machine->getTargetTriple());
  translated->setDataLayout(machine->createDataLayout());
  for (llvm::Function &function : *translated) {
    function.addFnAttr("target-cpu", machine->getTargetCPU());
    function.addFnAttr("target-features", machine->getTargetFeatureString());
    function.addFnAttr("prefer-vector-width", std::to_string(getVectorBits()));
    if (!function.isDeclaration() &&
        function.getName().starts_with("dale_emulated_")) {
      // Most of its time goes into the checks that it calls.
      function.addFnAttr(llvm::Attribute::NoInline);
      function.addFnAttr(llvm::Attribute::OptimizeNone);
    }
    if (!function.isDeclaration() && function.getName().starts_with("kernel")) {
      // A kernel is compiled once, for all who call it.
      function.addFnAttr(llvm::Attribute::NoInline);
      function.setLinkage(llvm::GlobalValue::InternalLinkage);
    }
  }
  auto check = [&](llvm::Error error) -> LogicalResult {
    if (error)
      return module.emitError(llvm::toString(std::move(error)));
    return success();
  };
  if (level == EmitLevel::Object)
    return check(emitObjects(*translated, *machine, optimizes, os));
  if (optimizes)
    optimize(*translated, *machine);
  if (level == EmitLevel::LLVM) {
    translated->print(os, nullptr);
    return success();
  }
  return check(writeCode(*translated, *machine,
                         llvm::CodeGenFileType::AssemblyFile, os));
}
