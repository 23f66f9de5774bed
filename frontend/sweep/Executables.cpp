//===- Executables.cpp - Circuits that are compiled once -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/sweep/Executables.h"
#include "compiler/TextHash.h"
#include "frontend/sweep/Progress.h"
#include "frontend/sweep/RunStarter.h"
#include "frontend/sweep/Settings.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/xxhash.h"

using namespace llvm;
using namespace dale;
using namespace dale::sweep;

std::string sweep::ownProgram() {
  static int anchor;
  return sys::fs::getMainExecutable("dale", &anchor);
}

//===----------------------------------------------------------------------===//
// Whether one is up to date
//===----------------------------------------------------------------------===//

/// Of a file's bytes; 0 where there is none.
static uint64_t hashFile(const Twine &path) {
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false,
                                      /*RequiresNullTerminator=*/false);
  return buffer ? xxh3_64bits((*buffer)->getBuffer()) : 0;
}

/// What stands for this dale and for the runtime that it links.
static const std::string &hashOfDale() {
  static const std::string hash = [] {
    std::string program = ownProgram();
    SmallString<256> runtime(sys::path::parent_path(program));
    sys::path::append(runtime, "..", "lib", "dale", "libdale_runtime.a");
    return std::to_string(hashFile(program)) + " " +
           std::to_string(hashFile(runtime));
  }();
  return hash;
}

static std::string fingerprint(const Plan &plan, const Executable &executable) {
  std::string text =
      executable.source + "\n" + DALE_VERSION + "\n" + hashOfDale() + "\n";
  for (const std::string &argument : argumentsOf(plan.experiment.compile))
    text += argument + " ";
  // What `dale compile` takes where no option says it.
  const char *gpu = std::getenv("DALE_GPU");
  if (gpu && !findSetting(plan.experiment.compile, "gpu"))
    text += gpu;
  return hashOf(text);
}

/// Beside the executable, what it was made of.
static std::string fingerprintFile(const SweepFolder &folder,
                                   const Executable &executable) {
  return folder.executable(executable.name) + ".fingerprint";
}

bool sweep::isCompiled(const SweepFolder &folder, const Plan &plan,
                       const Executable &executable) {
  if (!sys::fs::can_execute(folder.executable(executable.name)))
    return false;
  Expected<std::string> text = readText(fingerprintFile(folder, executable));
  if (!text) {
    consumeError(text.takeError());
    return false;
  }
  return *text == fingerprint(plan, executable) + "\n";
}

//===----------------------------------------------------------------------===//
// Compiling
//===----------------------------------------------------------------------===//

namespace {

class Compiler : public JobHandler {
public:
  Compiler(const SweepFolder &folder, const Plan &plan,
           std::vector<RunState> &states, Progress &progress)
      : folder(folder), plan(plan), states(states), progress(progress),
        outputs(plan.executables.size(), -1) {}

  Start start(size_t item, pid_t &process) override;
  void ended(const Job &job, const Ending &ending, bool stopping) override;
  void tick(const std::vector<Job> &running) override;

  size_t all = 0;

private:
  void fail(size_t item, const std::string &reason);

  const SweepFolder &folder;
  const Plan &plan;
  std::vector<RunState> &states;
  Progress &progress;
  /// What each prints.
  std::vector<int> outputs;
  size_t done = 0;
};

} // namespace

/// A circuit that cannot be compiled fails all runs that need it.
void Compiler::fail(size_t item, const std::string &reason) {
  for (auto [run, state] : llvm::zip(plan.runs, states)) {
    if (plan.conditions[run.condition].executable != item ||
        state.state == State::Done)
      continue;
    noteError(folder, run.folder, "cannot be compiled: " + reason);
    state = {State::Failed, "cannot be compiled: " + reason};
  }
  progress.line(plan.executables[item].name + " cannot be compiled: " + reason);
}

JobHandler::Start Compiler::start(size_t item, pid_t &process) {
  const Executable &executable = plan.executables[item];
  std::string output = folder.executable(executable.name);
  // The text says all: neither bases nor overrides are needed any more.
  std::string circuit = output + ".toml";
  sys::fs::remove(fingerprintFile(folder, executable));
  if (Error error = writeText(circuit, executable.source)) {
    fail(item, toString(std::move(error)));
    return Start::Nothing;
  }
  Command command{{ownProgram(), "compile", circuit, "-o", output}};
  llvm::append_range(command.arguments, argumentsOf(plan.experiment.compile));
  outputs[item] = command.output = openMemory();
  process = startProgram(command);
  if (process < 0) {
    fail(item, "no process for 'dale compile'");
    return Start::Nothing;
  }
  return Start::Started;
}

void Compiler::ended(const Job &job, const Ending &ending, bool stopping) {
  const Executable &executable = plan.executables[job.item];
  std::string text = takeMemory(outputs[job.item]);
  if (ending.exitCode == 0) {
    ++done;
    if (Error error = writeText(fingerprintFile(folder, executable),
                                fingerprint(plan, executable) + "\n"))
      fail(job.item, toString(std::move(error)));
    return;
  }
  if (stopping)
    return;
  // The first error is what the others come from.
  size_t place = StringRef(text).find("error: ");
  StringRef reason = StringRef(text)
                         .substr(place == StringRef::npos ? 0 : place + 7)
                         .split('\n')
                         .first;
  fail(job.item, reason.empty() ? "'dale compile' ended with exit code " +
                                      std::to_string(ending.exitCode)
                                : reason.str());
}

void Compiler::tick(const std::vector<Job> &running) {
  progress.show("compiling", done, all, running.size(), /*failed=*/0, -1);
}

std::set<size_t> sweep::executablesToUse(const Plan &plan,
                                         ArrayRef<RunState> states) {
  std::set<size_t> executables;
  for (auto [run, state] : llvm::zip(plan.runs, states))
    if (state.state != State::Done)
      executables.insert(plan.conditions[run.condition].executable);
  return executables;
}

bool sweep::compileExecutables(const SweepFolder &folder, const Plan &plan,
                               std::vector<RunState> &states, size_t jobs) {
  std::set<size_t> wanted = executablesToUse(plan, states);
  std::deque<size_t> items;
  for (size_t item : wanted)
    if (!isCompiled(folder, plan, plan.executables[item]))
      items.push_back(item);
  if (items.empty())
    return true;
  Progress progress;
  Compiler compiler(folder, plan, states, progress);
  compiler.all = items.size();
  progress.line("compiling " + counted(items.size(), "circuit"));
  return runJobs(std::move(items), jobs, compiler);
}
