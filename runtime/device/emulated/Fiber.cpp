//===- Fiber.cpp - Threads that take turns --------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// `setcontext` begins a fiber on its stack. From then on `_longjmp` switches:
/// unlike `swapcontext` it asks nothing of the kernel, and so is some twenty
/// times faster.
///
//===----------------------------------------------------------------------===//

// The checked longjmp of fortified builds refuses to go to another stack.
#undef _FORTIFY_SOURCE
#define _FORTIFY_SOURCE 0

#include "runtime/device/emulated/Fiber.h"

#include "runtime/Error.h"

#include <cerrno>
#include <cstring>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

using namespace dale::runtime;

/// Who runs, and where to go when it suspends itself.
static Fiber *running = nullptr;
static std::jmp_buf resumer;

static size_t guardBytes() {
  return static_cast<size_t>(::sysconf(_SC_PAGESIZE));
}

Fiber::Fiber() {
  void *memory =
      ::mmap(nullptr, guardBytes() + stackBytes, PROT_NONE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
  if (memory != MAP_FAILED) {
    mapping = static_cast<std::byte *>(memory);
    stack = mapping + guardBytes();
    if (::mprotect(stack, stackBytes, PROT_READ | PROT_WRITE) == 0)
      return;
    ::munmap(mapping, guardBytes() + stackBytes);
  }
  fail("the emulated GPU has no memory for another thread's stack ({}): "
       "choose fewer blocks (DALE_EMULATED_BLOCKS)",
       std::strerror(errno));
}

Fiber::~Fiber() { ::munmap(mapping, guardBytes() + stackBytes); }

void Fiber::start(void (*newBody)(void *), void *newArgument) {
  body = newBody;
  argument = newArgument;
  state = State::Fresh;
}

void Fiber::enter() {
  Fiber &fiber = *running;
  fiber.body(fiber.argument);
  fiber.state = State::Ended;
  _longjmp(resumer, 1);
}

void Fiber::resume() {
  running = this;
  if (_setjmp(resumer))
    return;
  if (state == State::Started)
    _longjmp(place, 1);
  state = State::Started;
  ucontext_t context;
  ::getcontext(&context);
  context.uc_stack.ss_sp = stack;
  context.uc_stack.ss_size = stackBytes;
  context.uc_link = nullptr;
  ::makecontext(&context, &Fiber::enter, 0);
  ::setcontext(&context);
}

void Fiber::suspend() {
  if (!_setjmp(place))
    _longjmp(resumer, 1);
}
