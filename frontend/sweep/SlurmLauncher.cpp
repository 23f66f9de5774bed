//===- SlurmLauncher.cpp - Runs by Slurm -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/sweep/Executables.h"
#include "frontend/sweep/Launchers.h"
#include "frontend/sweep/Process.h"
#include "frontend/sweep/RemoteRuns.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"

using namespace llvm;
using namespace dale;
using namespace dale::sweep;

namespace {

/// One array job.
class SlurmLauncher {
public:
  SlurmLauncher(const SweepFolder &folder, const Plan &plan,
                std::vector<RunState> &states, std::string job,
                const LaunchOptions &options)
      : folder(folder), plan(plan), states(states), options(options),
        job(std::move(job)), runs(folder, plan, states, progress) {}

  Expected<Launched> run();

private:
  Error submit();
  Expected<Launched> wait(SignalWatch &watch);

  const SweepFolder &folder;
  const Plan &plan;
  std::vector<RunState> &states;
  const LaunchOptions &options;
  /// Slurm's number, or empty.
  std::string job;
  Progress progress;
  RemoteRuns runs;
};

} // namespace

/// What a program of Slurm says; an error where it fails.
static Expected<std::string> ask(Command command) {
  std::string name = command.arguments.front();
  Answer answer = runBriefly(std::move(command));
  std::string text = StringRef(answer.text).trim().str();
  if (answer.exitCode == 0)
    return text;
  return makeError(
      name + ": " +
      (text.empty() ? "failed with exit code " + std::to_string(answer.exitCode)
                    : text));
}

/// A word of a shell script.
static std::string quote(StringRef text) {
  std::string quoted = "'";
  for (char c : text)
    quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return quoted + "'";
}

Error SlurmLauncher::submit() {
  SmallString<256> out(folder.path());
  sys::fs::make_absolute(out);
  std::string script = folder.at("slurm.sh");
  std::string text =
      "#!/bin/sh\n"
      "# Written by 'dale sweep': a task is the run of that number in "
      "sweep.json.\n"
      "exec " +
      quote(ownProgram()) + " sweep-worker " + quote(out) +
      " --run \"$SLURM_ARRAY_TASK_ID\" --threads-per-job " +
      std::to_string(options.threads) + "\n";
  if (Error error = writeText(script, text))
    return error;
  Command command{
      {"sbatch", "--parsable", "--job-name=dale-" + plan.experiment.name,
       "--array=" + listWaiting(states) + "%" + std::to_string(options.jobs),
       "--cpus-per-task=" + std::to_string(options.threads),
       "--open-mode=append", "--output=" + folder.at("slurm.log")}};
  llvm::append_range(command.arguments, options.options);
  command.arguments.push_back(script);
  Expected<std::string> answer = ask(std::move(command));
  if (!answer)
    return answer.takeError();
  // "12", or "12;cluster".
  job = StringRef(*answer).split('\n').first.split(';').first.str();
  return writeText(folder.at("slurm.job"), job + "\n");
}

/// Whether Slurm has still something to do for a job.
static Expected<bool> isQueued(const std::string &job) {
  Expected<std::string> answer =
      ask({{"squeue", "--noheader", "--jobs=" + job, "--format=%T"}});
  if (answer)
    return !answer->empty();
  // Slurm forgets jobs some minutes after their end.
  std::string text = toString(answer.takeError());
  if (StringRef(text).contains_insensitive("invalid job id"))
    return false;
  return makeError(text);
}

Expected<std::string> sweep::findSlurmJob(const SweepFolder &folder) {
  Expected<std::string> text = readText(folder.at("slurm.job"));
  if (!text) {
    consumeError(text.takeError());
    return "";
  }
  std::string job = StringRef(*text).trim().str();
  Expected<bool> queued = isQueued(job);
  if (!queued)
    return queued.takeError();
  return *queued ? job : "";
}

/// Waits until the job has left the queue. A signal cancels it: Slurm hands
/// SIGTERM down, and the runs write their checkpoints.
Expected<Launched> SlurmLauncher::wait(SignalWatch &watch) {
  bool stopping = false;
  while (true) {
    Expected<bool> queued = isQueued(job);
    if (!queued)
      return queued.takeError();
    runs.look();
    if (!*queued)
      return stopping ? Launched::Interrupted : Launched::Ended;
    runs.show();
    int signal;
    do // that squeue has ended is known
      signal = watch.wait(/*seconds=*/2);
    while (signal == SIGCHLD);
    if (signal == 0)
      continue;
    progress.line("cancelling Slurm's job " + job);
    stopping = true;
    Expected<std::string> cancelled = ask({{"scancel", job}});
    if (!cancelled)
      return cancelled.takeError();
  }
}

Expected<Launched> SlurmLauncher::run() {
  // From here on: a job whose number is not written down could not be
  // cancelled.
  SignalWatch watch;
  if (!job.empty()) {
    progress.line("Slurm's job " + job + " is at work on it");
  } else if (listWaiting(states).empty()) {
    return Launched::Ended;
  } else {
    if (Error error = submit())
      return error;
    progress.line("submitted to Slurm, as job " + job);
  }
  runs.look();
  return options.wait ? wait(watch) : Launched::Submitted;
}

Expected<Launched> sweep::launchWithSlurm(const SweepFolder &folder,
                                          const Plan &plan,
                                          std::vector<RunState> &states,
                                          std::string job,
                                          const LaunchOptions &options) {
  return SlurmLauncher(folder, plan, states, std::move(job), options).run();
}
