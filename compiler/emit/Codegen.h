//===- Codegen.h - From LLVM IR to machine code ----------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_COMPILER_EMIT_CODEGEN_H
#define DALE_COMPILER_EMIT_CODEGEN_H

#include "llvm/IR/Module.h"
#include "llvm/Target/TargetMachine.h"

namespace dale {

/// Runs LLVM's optimizations on a module.
void optimize(llvm::Module &module, llvm::TargetMachine &machine);

/// Writes a module as an object file or assembly.
llvm::Error writeCode(llvm::Module &module, llvm::TargetMachine &machine,
                      llvm::CodeGenFileType type, llvm::raw_pwrite_stream &os);

/// Writes a module as an archive of objects. Its functions are shared out among
/// a fixed number of them, which are optimized, if `optimizes`, and compiled
/// side by side: what comes out does not depend on the number of processors.
llvm::Error emitObjects(llvm::Module &module, llvm::TargetMachine &machine,
                        bool optimizes, llvm::raw_ostream &os);

} // namespace dale

#endif // DALE_COMPILER_EMIT_CODEGEN_H
