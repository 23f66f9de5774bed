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

/// Asks to stop, unless whoever started the process has the signal ignored:
/// nohup, or a shell that runs it in the background.
static void handle(int signal, const struct sigaction &action) {
  struct sigaction before = {};
  if (sigaction(signal, nullptr, &before) == 0 && before.sa_handler == SIG_IGN)
    return;
  sigaction(signal, &action, nullptr);
}

void dale::runtime::installInterruptHandler() {
  struct sigaction action = {};
  action.sa_handler = handleSignal;
  sigemptyset(&action.sa_mask);
  // SA_RESETHAND: the second signal of a kind finds the default action.
  action.sa_flags = SA_RESTART | SA_RESETHAND;
  handle(SIGINT, action);
  handle(SIGTERM, action);
}

void dale::runtime::ignoreClosedPipes() { std::signal(SIGPIPE, SIG_IGN); }

bool dale::runtime::interrupted() { return signalled != 0; }
