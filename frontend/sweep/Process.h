//===- Process.h - Programs that are run beside this one -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Starts programs and waits for them. POSIX only, and free of LLVM.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_SWEEP_PROCESS_H
#define DALE_FRONTEND_SWEEP_PROCESS_H

#include <csignal>
#include <string>
#include <sys/types.h>
#include <vector>

namespace dale::sweep {

/// A program to run.
struct Command {
  std::vector<std::string> arguments;
  /// NAME=VALUE, besides this process's own.
  std::vector<std::string> environment = {};
  /// Where it runs.
  std::string folder = {};
  /// A descriptor that its output goes to; it stays open until the program
  /// ends, even where this process ends before.
  int output = -1;
};

/// Starts a program, with nothing on its standard input, in a process group of
/// its own: Ctrl-C is for this process, which hands it down. It is asked to
/// stop (SIGTERM) when this process is killed. Returns -1 if there is no
/// process; what cannot be executed says so in its output, and ends with 127.
pid_t startProgram(const Command &command);

/// Becomes a program. Returns only where it cannot.
void becomeProgram(const Command &command);

/// How a program ended.
struct Ending {
  pid_t process = 0;
  /// 128 + N if a signal ended it.
  int exitCode = 0;
  int signal = 0;
};

/// Waits for SIGINT, SIGTERM, SIGUSR1 and the ends of programs. While it lives
/// these signals do nothing else. There is one at a time.
class SignalWatch {
public:
  SignalWatch();
  ~SignalWatch();
  SignalWatch(const SignalWatch &) = delete;

  /// Waits for a signal, at most so long. Returns it, or 0.
  int wait(double seconds);

private:
  sigset_t before;
};

/// A program that has ended, if one has.
bool nextEnding(Ending &ending);

/// What a program said, and how it ended.
struct Answer {
  /// 128 + N if a signal ended it; 127 where it could not be run.
  int exitCode = 127;
  /// Both outputs.
  std::string text;
};

/// Runs a program that ends soon, to its end. It is no watch: signals of
/// SignalWatch, where one lives, stay pending for its next `wait`.
Answer runBriefly(Command command);

/// A file in memory, for the output of a program: what is in it when the
/// program has ended. Taking it closes it.
int openMemory();
std::string takeMemory(int memory);

/// Opens a file to append to and locks it, for this process and for the
/// programs that get it as their output. Returns -1 where another one has it
/// (errno is EWOULDBLOCK) or where it cannot be opened.
int openLocked(const std::string &path);

/// Locks a folder until this process ends. False if another one has it.
bool lockFolder(const std::string &path);

/// Whether someone has locked the file.
bool isLocked(const std::string &path);

} // namespace dale::sweep

#endif // DALE_FRONTEND_SWEEP_PROCESS_H
