//===- GpuCode.cpp - PTX and machine code for GPUs -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/emit/GpuCode.h"
#include "compiler/TextFile.h"
#include "dialect/Dialect.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/GPU/Transforms/Passes.h"
#include "mlir/Dialect/LLVMIR/NVVMDialect.h"
#include "mlir/IR/Builders.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Program.h"

using namespace mlir;
using namespace dale;

DictionaryAttr dale::describeEntryPoints(ModuleOp device) {
  Builder builder(device.getContext());
  NamedAttrList functions;
  device.walk([&](gpu::GPUFuncOp kernel) {
    auto workspace = kernel->getAttrOfType<DictionaryAttr>(workspaceAttrName);
    Attribute shared = kernel->getAttr(sharedAttrName);
    StringRef name = kernel.getName();
    if (!workspace || !shared || !name.consume_front("dale_"))
      return;
    NamedAttrList needs(workspace);
    needs.set("shared", shared);
    functions.set(name, needs.getDictionary(builder.getContext()));
  });
  return functions.getDictionary(builder.getContext());
}

FailureOr<std::string> dale::emitPtx(ModuleOp device, int oldest) {
  PassManager pm(device.getContext());
  GpuNVVMAttachTargetOptions target;
  target.chip = "sm_" + std::to_string(oldest);
  // The instructions that are used, and no driver's newest ones.
  target.features = "+ptx80";
  target.optLevel = 3;
  pm.addPass(createGpuNVVMAttachTarget(target));
  GpuModuleToBinaryPassOptions binary;
  binary.compilationTarget = "isa";
  pm.addPass(createGpuModuleToBinaryPass(binary));
  if (failed(pm.run(device)))
    return failure();
  auto binaries = device.getOps<gpu::BinaryOp>();
  if (binaries.empty())
    return device.emitError("no PTX was made");
  auto object =
      cast<gpu::ObjectAttr>((*binaries.begin()).getObjects().getValue()[0]);
  std::string ptx = object.getObject().getValue().str();
  // A function that is not there would be found by the driver, too late.
  if (StringRef(ptx).contains(".extern .func"))
    return device.emitError(
        "the GPU code calls a function that only CUDA's toolkit has");
  while (!ptx.empty() && ptx.back() == '\0')
    ptx.pop_back();
  return ptx;
}

/// A program of CUDA's toolkit, in PATH or where the toolkit is installed.
static llvm::ErrorOr<std::string> findCudaProgram(StringRef name) {
  if (auto found = llvm::sys::findProgramByName(name))
    return found;
  return llvm::sys::findProgramByName(name, {"/usr/local/cuda/bin"});
}

bool dale::hasPtxAssembler() {
  return findCudaProgram("ptxas") && findCudaProgram("nvlink");
}

namespace {
/// A file that is there as long as this is.
class TemporaryFile {
public:
  static FailureOr<TemporaryFile> create(ModuleOp device, StringRef suffix) {
    TemporaryFile file;
    if (std::error_code error =
            llvm::sys::fs::createTemporaryFile("dale", suffix, file.path))
      return device.emitError("no temporary file: ") << error.message();
    file.remover.setFile(file.path);
    return file;
  }

  StringRef getPath() const { return path; }

private:
  llvm::SmallString<128> path;
  llvm::FileRemover remover;
};
} // namespace

/// Runs a program; what it says is in the error where it fails, and appended to
/// `said` where somebody wants to know.
static LogicalResult runProgram(ModuleOp device, StringRef program,
                                ArrayRef<StringRef> arguments,
                                std::string *said) {
  auto log = TemporaryFile::create(device, "log");
  if (failed(log))
    return failure();
  SmallVector<StringRef> all{program};
  all.append(arguments.begin(), arguments.end());
  std::optional<StringRef> redirects[] = {std::nullopt, log->getPath(),
                                          log->getPath()};
  int code = llvm::sys::ExecuteAndWait(program, all, std::nullopt, redirects);
  auto text = llvm::MemoryBuffer::getFile(log->getPath());
  if (code == 0) {
    if (said && text)
      *said += (*text)->getBuffer();
    return success();
  }
  return device.emitError("GPU code cannot be assembled by ")
         << program << ":\n"
         << (text ? (*text)->getBuffer() : StringRef());
}

FailureOr<SmallVector<GpuImage>>
dale::assemblePtx(ModuleOp device, StringRef ptx, ArrayRef<int> architectures,
                  int64_t threads, std::string *log) {
  auto assembler = findCudaProgram("ptxas"), linker = findCudaProgram("nvlink");
  if (!assembler || !linker)
    return device.emitError("code for a GPU's architecture needs ptxas and "
                            "nvlink of CUDA's toolkit, in PATH or in "
                            "/usr/local/cuda/bin; install it, or leave the "
                            "architecture out: PTX runs on all");
  auto source = TemporaryFile::create(device, "ptx");
  if (failed(source))
    return failure();
  if (llvm::Error error = writeTextFile(source->getPath(), ptx))
    return device.emitError("cannot write ")
           << source->getPath()
           << " for ptxas: " << llvm::toString(std::move(error));
  // All threads of a block must find registers.
  constexpr int64_t registers = 65536;
  std::string limit =
      "-maxrregcount=" +
      std::to_string(std::min<int64_t>(255, registers / threads));
  SmallVector<GpuImage> images;
  for (int architecture : architectures) {
    auto object = TemporaryFile::create(device, "o");
    auto cubin = TemporaryFile::create(device, "cubin");
    if (failed(object) || failed(cubin))
      return failure();
    std::string arch = "-arch=sm_" + std::to_string(architecture);
    // Function by function: as a whole program it takes ten times as long.
    if (failed(runProgram(device, *assembler,
                          {"-c", "-v", arch, limit, source->getPath(), "-o",
                           object->getPath()},
                          log)) ||
        failed(runProgram(
            device, *linker,
            {"-v", arch, object->getPath(), "-o", cubin->getPath()}, log)))
      return failure();
    auto bytes = llvm::MemoryBuffer::getFile(cubin->getPath());
    if (!bytes)
      return device.emitError("no GPU code was written");
    images.push_back(
        {architecture, /*isPtx=*/false, (*bytes)->getBuffer().str()});
  }
  return images;
}
