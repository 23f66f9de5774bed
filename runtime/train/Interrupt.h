//===- Interrupt.h - Stopping on request ------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// SIGINT and SIGTERM ask the training to stop after the current step, with a
/// checkpoint. A second signal ends the process at once. One that was ignored
/// when the process began stays ignored.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_TRAIN_INTERRUPT_H
#define DALE_RUNTIME_TRAIN_INTERRUPT_H

namespace dale::runtime {

/// From now on the signals set a flag.
void installInterruptHandler();

/// From now on a pipe that nobody reads ends no process: hours of work are not
/// thrown away for a reader that went away. That its text did not arrive is
/// told at the end.
void ignoreClosedPipes();

/// Whether a signal came.
bool interrupted();

} // namespace dale::runtime

#endif // DALE_RUNTIME_TRAIN_INTERRUPT_H
