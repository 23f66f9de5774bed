//===- Interrupt.cpp - Stopping on request --------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/Interrupt.h"

#include <csignal>

static volatile std::sig_atomic_t signalled = 0;

static void handleSignal(int) { signalled = 1; }

void dale::runtime::installInterruptHandler() {
  struct sigaction action = {};
  action.sa_handler = handleSignal;
  sigemptyset(&action.sa_mask);
  // SA_RESETHAND: the second signal of a kind finds the default action.
  action.sa_flags = SA_RESTART | SA_RESETHAND;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}

bool dale::runtime::interrupted() { return signalled != 0; }
