//===- RunStarter.cpp - Begins a run, or goes on with it -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/sweep/RunStarter.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include <cerrno>
#include <cstring>
#include <unistd.h>

using namespace llvm;
using namespace dale;
using namespace dale::sweep;

/// Appends to a log, in one piece.
static void append(int log, const std::string &text) {
  [[maybe_unused]] ssize_t ignored = write(log, text.data(), text.size());
}

Expected<ReadyRun> sweep::prepareRun(const SweepFolder &folder, StringRef run,
                                     unsigned threads) {
  std::string log = folder.log(run);
  int output = openLocked(log);
  if (output < 0 && errno == EWOULDBLOCK)
    return ReadyRun{JobHandler::Start::Busy, {}};
  if (output < 0)
    return makeError(log + ": cannot be written: " +
                     StringRef(std::strerror(errno)).lower());
  // Whoever had it until now may have completed it.
  if (folder.state(run).state == State::Done) {
    close(output);
    return ReadyRun();
  }
  Expected<std::vector<std::string>> command = folder.command(run);
  if (!command) {
    close(output);
    return command.takeError();
  }
  folder.removeLeftovers(run);
  // Without a checkpoint there may be the first files of a run all the same,
  // which `train` does not remove unless it is told to.
  bool begun =
      sys::fs::exists(folder.at(run.str() + "/checkpoint.safetensors"));
  command->push_back(begun ? "--resume" : "--force");
  append(output, "$ " + join(*command, " ") + "\n");
  return ReadyRun{JobHandler::Start::Started,
                  {*command,
                   {"OMP_NUM_THREADS=" + std::to_string(threads)},
                   folder.path(),
                   output}};
}

void sweep::noteError(const SweepFolder &folder, StringRef run,
                      StringRef reason) {
  int log = openLocked(folder.log(run));
  if (log < 0)
    return;
  append(log, "dale: error: " + reason.str() + "\n");
  close(log);
}

void sweep::noteEnding(const SweepFolder &folder, StringRef run,
                       const Ending &ending) {
  if (folder.state(run).state != State::Waiting)
    return;
  std::string reason;
  if (ending.signal)
    reason = "ended by signal " + std::to_string(ending.signal) + " (" +
             strsignal(ending.signal) + ")";
  else if (ending.exitCode)
    reason = "ended with exit code " + std::to_string(ending.exitCode);
  else
    reason = "ended before its training was complete";
  noteError(folder, run, reason);
}
