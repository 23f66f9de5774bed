//===- Compile.cpp - dale compile -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/Compile.h"
#include "compiler/Driver.h"
#include "frontend/tools/OutputFile.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Signals.h"

using namespace mlir;
using namespace dale;

static EmitLevel levelOf(StringRef name) {
  return llvm::StringSwitch<EmitLevel>(name)
      .Case("tensor", EmitLevel::Tensor)
      .Case("grad", EmitLevel::Grad)
      .Case("fused", EmitLevel::Fused)
      .Case("gpu", EmitLevel::Gpu)
      .Case("nvvm", EmitLevel::Nvvm)
      .Case("ptx", EmitLevel::Ptx)
      .Case("gpu-report", EmitLevel::GpuReport)
      .Case("loops", EmitLevel::Loops)
      .Case("vector", EmitLevel::Vector)
      .Case("llvm", EmitLevel::LLVM)
      .Case("asm", EmitLevel::Asm)
      .Default(EmitLevel::Object);
}

/// What --gpu asks for.
static FailureOr<GpuTargets> parseGpu(MLIRContext *context,
                                      const CommandLine &commandLine) {
  GpuTargets gpu;
  StringRef text = commandLine.gpu;
  if (text == "none" ||
      (commandLine.emit != "exe" && commandLine.emit != "gpu-report"))
    return gpu;
  if (text == "emulated") {
    gpu.mode = GpuMode::Emulated;
    return gpu;
  }
  gpu.mode = GpuMode::Code;
  if (text == "auto") {
    // Numbers that are to be checked are no work for a GPU.
    if (commandLine.element == "f64")
      gpu.mode = GpuMode::None;
    return gpu;
  }
  SmallVector<StringRef> names;
  text.split(names, ',');
  for (StringRef name : names) {
    int architecture;
    if (name == "ptx")
      continue;
    if (!name.consume_front("sm_") || name.getAsInteger(10, architecture) ||
        architecture < 80)
      return emitError(FileLineColLoc::get(context, "--gpu", 0, 0))
             << "'" << commandLine.gpu
             << "': expected auto, none, emulated, or architectures from sm_80 "
                "on, as in sm_80,sm_90";
    gpu.architectures.push_back(architecture);
  }
  return gpu;
}

/// What --precision asks for, where it means something.
static FailureOr<Precision> parsePrecision(MLIRContext *context,
                                           const CommandLine &commandLine,
                                           const GpuTargets &gpu) {
  auto precision = llvm::StringSwitch<Precision>(commandLine.precision)
                       .Case("tf32", Precision::TF32)
                       .Case("bf16", Precision::BF16)
                       .Default(Precision::F32);
  StringRef emit = commandLine.emit;
  bool forGpu = gpu.mode != GpuMode::None || emit == "gpu" || emit == "nvvm" ||
                emit == "ptx" || emit == "gpu-report";
  Location loc = FileLineColLoc::get(context, "--precision", 0, 0);
  if (precision != Precision::F32 && commandLine.element == "f64")
    return emitError(loc) << "'" << commandLine.precision
                          << "' is for code that computes in f32: leave it "
                             "out, or --element f64";
  if (precision == Precision::TF32 && !forGpu)
    return emitError(loc) << "'tf32' is for GPU code: expected f32 or bf16 "
                             "here; leave it out, or --gpu none";
  return precision;
}

/// Everything below the circuit ops.
static LogicalResult lower(ParsedCircuit &circuit,
                           const CommandLine &commandLine,
                           llvm::raw_pwrite_stream &os) {
  CompileOptions options;
  options.level = levelOf(commandLine.emit);
  options.fuse = commandLine.fuse;
  options.maxFlopsPerByte = commandLine.recompute;
  options.doublePrecision = commandLine.element == "f64";
  if (!commandLine.targetCpu.empty())
    options.targetCpu = commandLine.targetCpu;
  auto gpu = parseGpu(circuit.module->getContext(), commandLine);
  if (failed(gpu))
    return failure();
  options.gpu = *gpu;
  options.gpu.imageBlocks =
      llvm::StringSwitch<ImageBlocks>(commandLine.imageBlocks)
          .Case("one", ImageBlocks::One)
          .Case("several", ImageBlocks::Several)
          .Default(ImageBlocks::Auto);
  auto precision =
      parsePrecision(circuit.module->getContext(), commandLine, *gpu);
  if (failed(precision))
    return failure();
  options.precision = *precision;
  options.source = circuit.source;
  options.printTiming = commandLine.printTiming;
  return compileCircuit(*circuit.module, options, os);
}

/// Object code goes to a temporary file; the executable is linked from it.
static LogicalResult compileExecutable(ParsedCircuit &circuit,
                                       const CommandLine &commandLine,
                                       StringRef output) {
  MLIRContext *context = circuit.module->getContext();
  int descriptor;
  llvm::SmallString<128> objects;
  if (std::error_code error =
          llvm::sys::fs::createTemporaryFile("dale", "a", descriptor, objects))
    return emitError(FileLineColLoc::get(context, output, 0, 0))
           << "no temporary file: " << error.message();
  llvm::FileRemover remover(objects);
  llvm::sys::RemoveFileOnSignal(objects);
  {
    llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
    if (failed(lower(circuit, commandLine, os)))
      return failure();
    if (std::error_code error = takeError(os))
      return emitError(FileLineColLoc::get(context, objects, 0, 0))
             << "cannot be written: " << error.message();
  }
  return linkExecutable(*context, objects, output);
}

static std::string chooseOutput(const CommandLine &commandLine) {
  if (!commandLine.output.empty())
    return commandLine.output;
  if (commandLine.emit != "exe")
    return "-";
  return llvm::sys::path::stem(commandLine.files.front()).str();
}

LogicalResult dale::compile(ParsedCircuit &circuit,
                            const CommandLine &commandLine) {
  std::string output = chooseOutput(commandLine);
  MLIRContext &context = *circuit.module->getContext();
  if (llvm::sys::fs::equivalent(output, commandLine.files.front()))
    return emitError(FileLineColLoc::get(&context, output, 0, 0),
                     "this is the circuit file itself, choose another output");
  // Before the work: a name that cannot be written to is told at once.
  FailureOr<std::string> path =
      output == "-" ? output : resolveOutput(context, output);
  if (failed(path))
    return failure();
  if (commandLine.emit == "exe")
    return compileExecutable(circuit, commandLine, *path);
  llvm::SmallString<0> text;
  llvm::raw_svector_ostream os(text);
  if (commandLine.emit == "circuit")
    circuit.module->print(os);
  else if (failed(lower(circuit, commandLine, os)))
    return failure();
  return writeOutput(context, output, text);
}
