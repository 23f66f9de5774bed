//===- Codegen.cpp - From LLVM IR to machine code --------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/emit/Codegen.h"
#include "llvm/Bitcode/BitcodeReader.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Object/ArchiveWriter.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/ThreadPool.h"
#include "llvm/Transforms/IPO/DeadArgumentElimination.h"
#include "llvm/Transforms/IPO/SCCP.h"
#include "llvm/Transforms/Utils/SplitModule.h"

using namespace llvm;

/// Objects that a circuit's code becomes: more of them have more to compile
/// that they share.
static constexpr unsigned numParts = 4;

/// Runs the passes that `build` chooses.
static void runPasses(Module &module, TargetMachine &machine,
                      function_ref<ModulePassManager(PassBuilder &)> build) {
  PipelineTuningOptions tuning;
  // Code comes vectorized and unrolled as far as registers allow.
  tuning.LoopUnrolling = false;
  tuning.SLPVectorization = false;
  PassBuilder builder(&machine, tuning);
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager callGraph;
  ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(callGraph);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, callGraph, modules);
  build(builder).run(module, modules);
}

void dale::optimize(Module &module, TargetMachine &machine) {
  runPasses(module, machine, [](PassBuilder &builder) {
    return builder.buildPerModuleDefaultPipeline(OptimizationLevel::O2);
  });
}

/// Takes out what all callers of a function know, as the sizes of memrefs:
/// where they are compiled apart, it would be handed over.
static void dropKnownArguments(Module &module, TargetMachine &machine) {
  runPasses(module, machine, [](PassBuilder &) {
    ModulePassManager passes;
    passes.addPass(IPSCCPPass());
    passes.addPass(DeadArgumentEliminationPass());
    return passes;
  });
}

Error dale::writeCode(Module &module, TargetMachine &machine,
                      CodeGenFileType type, raw_pwrite_stream &os) {
  legacy::PassManager codegen;
  if (machine.addPassesToEmitFile(codegen, os, nullptr, type))
    return createStringError("no code can be made for this machine");
  codegen.run(module);
  return Error::success();
}

/// Compiles a module that another thread wrote as bitcode. LLVM's contexts
/// belong to one thread each.
static Error compile(StringRef bitcode, const TargetMachine &like,
                     bool optimizes, SmallVectorImpl<char> &object) {
  LLVMContext context;
  Expected<std::unique_ptr<Module>> module =
      parseBitcodeFile(MemoryBufferRef(bitcode, "circuit"), context);
  if (!module)
    return module.takeError();
  std::unique_ptr<TargetMachine> machine(like.getTarget().createTargetMachine(
      like.getTargetTriple(), like.getTargetCPU(),
      like.getTargetFeatureString(), like.Options, like.getRelocationModel(),
      std::nullopt, like.getOptLevel()));
  if (optimizes)
    dale::optimize(**module, *machine);
  raw_svector_ostream os(object);
  return dale::writeCode(**module, *machine, CodeGenFileType::ObjectFile, os);
}

Error dale::emitObjects(Module &module, TargetMachine &machine, bool optimizes,
                        raw_ostream &os) {
  if (optimizes)
    dropKnownArguments(module, machine);
  std::vector<SmallString<0>> parts, objects(numParts);
  SplitModule(module, numParts, [&](std::unique_ptr<Module> part) {
    raw_svector_ostream bitcode(parts.emplace_back());
    WriteBitcodeToFile(*part, bitcode);
  });
  std::vector<std::optional<Error>> errors(numParts);
  DefaultThreadPool threads;
  for (unsigned i = 0; i < numParts; ++i)
    threads.async([&, i] {
      errors[i] = compile(parts[i], machine, optimizes, objects[i]);
    });
  threads.wait();

  Error error = Error::success();
  for (std::optional<Error> &each : errors)
    error = joinErrors(std::move(error), std::move(*each));
  if (error)
    return error;
  SmallVector<NewArchiveMember> members;
  std::vector<std::string> names;
  for (unsigned i = 0; i < numParts; ++i)
    names.push_back("circuit-" + std::to_string(i) + ".o");
  for (unsigned i = 0; i < numParts; ++i)
    members.emplace_back(MemoryBufferRef(objects[i], names[i]));
  return writeArchiveToStream(os, members, SymtabWritingMode::NormalSymtab,
                              object::Archive::K_GNU, /*Deterministic=*/true,
                              /*Thin=*/false);
}
