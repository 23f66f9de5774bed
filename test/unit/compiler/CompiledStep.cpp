//===- CompiledStep.cpp - A training step compiled from text --------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CompiledStep.h"
#include "compiler/Pipeline.h"
#include "compiler/emit/Paths.h"
#include "compiler/emit/Target.h"
#include "dialect/TensorOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Pass/PassManager.h"
#include "runtime/CircuitABI.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/Program.h"

#include <dlfcn.h>
#include <thread>

using namespace mlir;
using namespace dale;
using namespace dale::test;

/// An archive of objects as a shared library.
static LogicalResult linkLibrary(ModuleOp module, StringRef objects,
                                 StringRef library) {
  auto linker = llvm::sys::findProgramByName("c++");
  if (!linker)
    return module.emitError("no C++ compiler to link with");
  StringRef arguments[] = {*linker,
                           "-shared",
                           "-Wl,--whole-archive",
                           objects,
                           "-Wl,--no-whole-archive",
                           "-o",
                           library,
                           DALE_OPENMP_LIBRARY,
                           "-Wl,-rpath," DALE_OPENMP_FOLDER,
                           "-lm"};
  if (llvm::sys::ExecuteAndWait(*linker, arguments))
    return module.emitError("cannot be linked");
  return success();
}

std::unique_ptr<CompiledStep>
CompiledStep::compile(ModuleOp module, const StepOptions &options) {
  FailureOr<Target> target = Target::create(module, options.cpu);
  if (failed(target))
    return nullptr;
  if (!options.optimize)
    target->skipOptimizations();
  PassManager pm(module.getContext());
  pm.enableVerifier(options.verifyEach);
  PipelineOptions pipeline;
  pipeline.fuse = options.fuse;
  pipeline.vectorBits = target->getVectorBits();
  pipeline.numRegisters = target->getNumVectorRegisters();
  buildPipelineFromTensors(pm, pipeline);
  if (failed(pm.run(module)))
    return nullptr;

  std::unique_ptr<CompiledStep> step(new CompiledStep);
  auto entry = module.lookupSymbol<LLVM::LLVMFuncOp>("dale_train_step");
  auto workspace =
      entry ? entry->getAttrOfType<DictionaryAttr>(workspaceAttrName) : nullptr;
  if (!workspace) {
    module.emitError("has no training step with a workspace");
    return nullptr;
  }
  auto bytes = [&](StringRef name) {
    auto value = workspace.getAs<IntegerAttr>(name);
    return value ? value.getInt() : 0;
  };
  step->fixedBytes = bytes("fixed");
  step->bytesPerImage = bytes("per_image");
  step->bytesPerThread = bytes("per_thread");
  for (auto variable : llvm::make_early_inc_range(module.getOps<VariableOp>()))
    variable.erase();

  llvm::SmallString<128> objects, library;
  int descriptor;
  if (llvm::sys::fs::createTemporaryFile("dale-step", "a", descriptor,
                                         objects) ||
      llvm::sys::fs::createTemporaryFile("dale-step", "so", library))
    return nullptr;
  llvm::FileRemover removeObjects(objects), removeLibrary(library);
  {
    llvm::raw_fd_ostream os(descriptor, /*shouldClose=*/true);
    if (failed(target->emit(module, EmitLevel::Object, os)))
      return nullptr;
  }
  if (failed(linkLibrary(module, objects, library)))
    return nullptr;
  step->library = dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (step->library)
    step->function = dlsym(step->library, "_mlir_ciface_dale_train_step");
  if (!step->function) {
    module.emitError() << dlerror();
    return nullptr;
  }
  return step;
}

CompiledStep::~CompiledStep() {
  if (library)
    dlclose(library);
}

namespace {
/// An aligned copy of a vector, with the descriptor that compiled code takes.
template <typename T>
class AlignedBuffer {
public:
  explicit AlignedBuffer(const std::vector<T> &values)
      : AlignedBuffer(values.size() * sizeof(T)) {
    std::copy(values.begin(), values.end(), data());
  }
  explicit AlignedBuffer(size_t bytes) {
    size_t size = std::max<size_t>(llvm::alignTo(bytes, DALE_BUFFER_ALIGNMENT),
                                   DALE_BUFFER_ALIGNMENT);
    void *memory = std::aligned_alloc(DALE_BUFFER_ALIGNMENT, size);
    // What is not written shows.
    std::memset(memory, 0xFF, size);
    descriptor = {memory, memory, 0, static_cast<int64_t>(bytes), 1};
  }
  AlignedBuffer(const AlignedBuffer &) = delete;
  AlignedBuffer &operator=(const AlignedBuffer &) = delete;
  ~AlignedBuffer() { std::free(descriptor.allocated); }

  T *data() { return static_cast<T *>(descriptor.aligned); }
  operator DaleBuffer *() { return &descriptor; }
  void copyTo(std::vector<T> &values) {
    std::copy_n(data(), values.size(), values.begin());
  }

private:
  DaleBuffer descriptor;
};
} // namespace

void CompiledStep::run(StepBuffers &buffers, int64_t batch) const {
  AlignedBuffer<double> parameters(buffers.parameters),
      momenta(buffers.momenta), averages(buffers.averages),
      images(buffers.images), logits(buffers.logits),
      rate(std::vector<double>{buffers.learningRate}),
      losses(2 * sizeof(double)),
      gradients(buffers.parameters.size() * sizeof(double));
  AlignedBuffer<int32_t> labels(buffers.labels), keys(buffers.keys);
  int64_t threads = std::max(1u, std::thread::hardware_concurrency());
  AlignedBuffer<char> workspace(
      size_t(fixedBytes + batch * bytesPerImage + threads * bytesPerThread));
  reinterpret_cast<decltype(&_mlir_ciface_dale_train_step)>(function)(
      parameters, momenta, averages, images, labels, keys, rate, logits, losses,
      gradients, batch, workspace);
  parameters.copyTo(buffers.parameters);
  momenta.copyTo(buffers.momenta);
  averages.copyTo(buffers.averages);
  logits.copyTo(buffers.logits);
  buffers.gradients.resize(buffers.parameters.size());
  gradients.copyTo(buffers.gradients);
  buffers.loss = losses.data()[0];
  buffers.objective = losses.data()[1];
}
