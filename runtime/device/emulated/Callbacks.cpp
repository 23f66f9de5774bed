//===- Callbacks.cpp - What emulated kernels call -------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// See CircuitABI.h, "Code for GPUs".
///
//===----------------------------------------------------------------------===//

#include "runtime/CircuitABI.h"
#include "runtime/device/emulated/Emulator.h"

using dale::runtime::Emulator;

int64_t dale_emulated_thread(void) { return Emulator::current()->thread(); }

int64_t dale_emulated_threads(void) { return Emulator::current()->threads(); }

int64_t dale_emulated_block(void) { return Emulator::current()->block(); }

int64_t dale_emulated_blocks(void) { return Emulator::current()->blocks(); }

int64_t dale_emulated_replica(void) { return Emulator::current()->replica(); }

void _mlir_ciface_dale_emulated_shared(DaleBuffer *memory) {
  Emulator *emulator = Emulator::current();
  void *begin = emulator->shared();
  *memory = {begin, begin, 0, emulator->sharedBytes(), 1};
}

int64_t dale_emulated_shared_bytes(void) {
  return Emulator::current()->sharedBytes();
}

void dale_emulated_barrier(const char *where) {
  Emulator::current()->barrier(where);
}

void dale_emulated_grid_barrier(const char *where) {
  Emulator::current()->gridBarrier(where);
}

void dale_emulated_team_barrier(const void *arrivals, int64_t blocks,
                                const char *where) {
  Emulator::current()->teamBarrier(arrivals, blocks, where);
}

void dale_emulated_multiply(float *registers, int64_t depth,
                            const char *where) {
  Emulator::current()->multiply(registers, depth, where);
}

void dale_emulated_read(const void *address, int64_t bytes, int64_t alignment,
                        const char *where) {
  Emulator::current()->read(address, bytes, alignment, where);
}

void dale_emulated_write(const void *address, int64_t bytes, int64_t alignment,
                         const char *where) {
  Emulator::current()->write(address, bytes, alignment, where);
}

void dale_emulated_fail(const char *message) {
  Emulator::current()->failThread(message);
}
