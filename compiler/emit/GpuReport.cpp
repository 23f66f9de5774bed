//===- GpuReport.cpp - What GPU code needs of a GPU -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/emit/GpuReport.h"
#include "dialect/DeviceOps.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/Regex.h"

using namespace mlir;
using namespace dale;

static int64_t integerIn(DictionaryAttr dictionary, StringRef name) {
  auto value = dictionary ? dictionary.getAs<IntegerAttr>(name) : IntegerAttr();
  return value ? value.getInt() : 0;
}

GpuReport::GpuReport(ModuleOp device) {
  device.walk([&](gpu::GPUModuleOp module) {
    SymbolTable symbols(module);
    for (auto kernel : module.getOps<gpu::GPUFuncOp>()) {
      EntryPoint entry;
      entry.name = kernel.getName().str();
      auto workspace = kernel->getAttrOfType<DictionaryAttr>(workspaceAttrName);
      entry.perBlock = integerIn(workspace, "per_block");
      entry.perImage = integerIn(workspace, "per_image");
      auto moved = kernel->getAttrOfType<DictionaryAttr>(movedAttrName);
      entry.movedElsewhere = integerIn(moved, "elsewhere");
      for (auto [attribute, to] :
           {std::pair(kernel->getAttr(sharedAttrName), &entry.shared),
            std::pair(moved ? moved.get("shared") : Attribute(),
                      &entry.movedShared),
            std::pair(moved ? moved.get("scratch") : Attribute(),
                      &entry.movedScratch)})
        if (auto values = dyn_cast_or_null<DenseI64ArrayAttr>(attribute))
          llvm::append_range(*to, values.asArrayRef());
      SmallVector<Operation *> worklist{kernel};
      while (!worklist.empty())
        worklist.pop_back_val()->walk([&](Operation *op) {
          auto grid = dyn_cast<GridBarrierOp>(op);
          entry.gridBarriers += grid && !grid.getBlocks();
          entry.blockBarriers +=
              isa<gpu::BarrierOp>(op) || (grid && grid.getBlocks());
          auto call = dyn_cast<func::CallOp>(op);
          if (!call)
            return;
          auto callee = symbols.lookup<func::FuncOp>(call.getCallee());
          if (isKernel(callee))
            ++entry.kernelCalls;
          else
            worklist.push_back(callee);
        });
      entryPoints.push_back(entry);
    }
    for (auto function : module.getOps<func::FuncOp>())
      numKernels += isKernel(function);
  });
}

/// Bytes that ops read and write for an image, by where they lie.
void GpuReport::printTraffic(raw_ostream &os) const {
  os << "\n"
     << llvm::format("%-18s%16s%16s%16s%16s\n", "bytes moved for",
                     "with shared", "in shared", "in the block's", "")
     << llvm::format("%-18s%16s%16s%16s%16s\n", "an image", "memory", "memory",
                     "workspace", "elsewhere");
  for (const EntryPoint &entry : entryPoints)
    for (auto [shared, inShared, inScratch] :
         llvm::zip(entry.shared, entry.movedShared, entry.movedScratch))
      os << llvm::format("%-18s%16lld%16lld%16lld%16lld\n", entry.name.c_str(),
                         (long long)shared, (long long)inShared,
                         (long long)inScratch, (long long)entry.movedElsewhere);
}

void GpuReport::print(int architecture, StringRef log, raw_ostream &os) const {
  // nvlink:  Function properties for 'NAME':
  //          used 128 registers, used 1 barriers, 7904 stack, ...
  // ptxas:   Function properties for NAME
  //              16 bytes stack frame, 16 bytes spill stores, 8 bytes spill
  //              loads
  llvm::Regex name("Function properties for '?([A-Za-z0-9_]+)");
  llvm::Regex used("used ([0-9]+) registers.* ([0-9]+) stack");
  llvm::Regex spilled(
      "([0-9]+) bytes spill stores, ([0-9]+) bytes spill loads");
  struct Resources {
    StringRef registers = "?", stack = "?";
  };
  llvm::StringMap<Resources> resources;
  SmallVector<std::array<StringRef, 3>> spills;
  StringRef current, rest = log;
  while (!rest.empty()) {
    StringRef line;
    std::tie(line, rest) = rest.split('\n');
    SmallVector<StringRef> match;
    if (name.match(line, &match))
      current = match[1];
    else if (used.match(line, &match))
      resources[current] = {match[1], match[2]};
    else if (spilled.match(line, &match) &&
             (match[1] != "0" || match[2] != "0"))
      spills.push_back({current, match[1], match[2]});
  }

  os << "sm_" << architecture << ": " << entryPoints.size()
     << " entry points, one launch each, of " << numKernels << " kernels\n\n"
     << llvm::format("%-18s%10s%10s%12s%12s%10s%10s%10s\n", "", "registers",
                     "stack", "a block", "an image", "grid", "block", "kernel")
     << llvm::format("%-18s%10s%10s%12s%12s%10s%10s%10s\n", "", "a thread",
                     "bytes", "bytes", "bytes", "barriers", "barriers",
                     "calls");
  for (const EntryPoint &entry : entryPoints) {
    Resources found = resources.lookup(entry.name);
    os << llvm::format("%-18s%10s%10s%12lld%12lld%10lld%10lld%10lld\n",
                       entry.name.c_str(), found.registers.str().c_str(),
                       found.stack.str().c_str(), (long long)entry.perBlock,
                       (long long)entry.perImage, (long long)entry.gridBarriers,
                       (long long)entry.blockBarriers,
                       (long long)entry.kernelCalls);
  }
  printTraffic(os);
  os << "\n" << spills.size() << " functions spill registers";
  llvm::stable_sort(spills, [](const auto &a, const auto &b) {
    int64_t left = 0, right = 0;
    a[1].getAsInteger(10, left);
    b[1].getAsInteger(10, right);
    return left > right;
  });
  constexpr size_t most = 10;
  if (!spills.empty())
    os << "; the most:";
  os << "\n";
  for (const auto &[function, stores, loads] :
       ArrayRef(spills).take_front(most))
    os << llvm::format("  %-30s%8s bytes stored%8s bytes loaded\n",
                       function.str().c_str(), stores.str().c_str(),
                       loads.str().c_str());
}
