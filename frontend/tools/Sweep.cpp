//===- Sweep.cpp - dale sweep -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/Sweep.h"
#include "frontend/DiagnosticPrinter.h"
#include "frontend/sweep/Executables.h"
#include "frontend/sweep/Launchers.h"
#include "frontend/sweep/Overview.h"
#include "frontend/sweep/Process.h"
#include "frontend/sweep/Progress.h"
#include "frontend/tools/CommandLine.h"
#include "report/Report.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Threading.h"

using namespace mlir;
using namespace dale;
using namespace dale::sweep;

namespace {

/// One `dale sweep`.
class Sweep {
public:
  Sweep(MLIRContext &context, const SweepOptions &options, const Plan &plan)
      : context(context), options(options), plan(plan),
        folder(chooseFolder(options, plan)) {
    launch.threads = options.threadsPerJob;
    size_t cpus = llvm::hardware_concurrency().compute_thread_count();
    launch.jobs = options.jobs ? options.jobs
                               : std::max<size_t>(1, cpus / launch.threads);
    launch.options = options.launcherOptions;
    launch.wait = !options.noWait;
  }

  int run();

private:
  static SweepFolder chooseFolder(const SweepOptions &options,
                                  const Plan &plan) {
    return SweepFolder(options.out.empty() ? "runs/" + plan.experiment.name
                                           : options.out);
  }

  LogicalResult fail(StringRef place, const Twine &message) {
    return emitError(FileLineColLoc::get(&context, place, 0, 0)) << message;
  }
  LogicalResult check(llvm::Error error);
  LogicalResult findData();
  LogicalResult checkOut();
  LogicalResult checkFolder();
  LogicalResult checkSlurm();
  LogicalResult prepareFolder();
  llvm::Expected<Launched> launchRuns(const Estimate &estimate);
  int finish(Launched launched);

  /// Programs that are run only here measure nothing of other machines.
  size_t jobsHere() const {
    size_t cpus = llvm::hardware_concurrency().compute_thread_count();
    return options.launcher == "local" ? launch.jobs
                                       : std::max<size_t>(1, cpus);
  }

  MLIRContext &context;
  const SweepOptions &options;
  const Plan &plan;
  SweepFolder folder;
  LaunchOptions launch;
  /// The folder with the images, absolute; empty where nothing says it.
  std::string data;
  std::vector<RunState> states;
  /// The job of an earlier `dale sweep` that Slurm has still, or empty.
  std::string slurmJob;
};

} // namespace

/// Reports an error, if it is one.
LogicalResult Sweep::check(llvm::Error error) {
  if (!error)
    return success();
  std::string text = toString(std::move(error));
  auto [place, message] = StringRef(text).split(": ");
  return fail(place, message);
}

LogicalResult Sweep::findData() {
  data = options.data.empty() ? plan.experiment.data : options.data;
  if (data.empty() && options.dryRun)
    return success();
  if (data.empty())
    return fail(options.experiment,
                "no images: expected --data DIR, or 'data' in [training]");
  if (!llvm::sys::fs::is_directory(data))
    return fail(data, "is no folder: expected one with a data set");
  llvm::SmallString<256> absolute;
  if (std::error_code error = llvm::sys::fs::real_path(data, absolute))
    return fail(data, error.message());
  data = absolute.str().str();
  return success();
}

/// Whether the folder is one, or can be made.
LogicalResult Sweep::checkOut() {
  StringRef path = folder.path();
  while (!path.empty() && !llvm::sys::fs::exists(path))
    path = llvm::sys::path::parent_path(path);
  if (path.empty() || llvm::sys::fs::is_directory(path))
    return success();
  return fail(path, "is no folder: expected one for the sweep, or none there "
                    "yet; choose another --out");
}

/// Whether the folder can hold this experiment.
LogicalResult Sweep::checkFolder() {
  llvm::Expected<std::vector<std::string>> differences =
      folder.differences(plan);
  if (!differences)
    return check(differences.takeError());
  if (differences->empty() || options.force)
    return success();
  InFlightDiagnostic error =
      emitError(FileLineColLoc::get(&context, folder.path(), 0, 0))
      << "holds another experiment: choose another --out, or replace it by "
         "--force, which removes the runs that are not of this one";
  for (const std::string &difference : *differences)
    error.attachNote() << difference;
  return failure();
}

/// Whether a job of Slurm is at work in the folder, and may be.
LogicalResult Sweep::checkSlurm() {
  llvm::Expected<std::string> job = findSlurmJob(folder);
  if (!job)
    return check(job.takeError());
  slurmJob = *job;
  if (slurmJob.empty())
    return success();
  if (options.launcher != "slurm")
    return fail(folder.path(), "Slurm's job " + slurmJob +
                                   " is at work here: wait for it by "
                                   "--launcher slurm, or end it by 'scancel " +
                                   slurmJob + "'");
  // Its tasks are numbers of runs.
  llvm::Expected<std::vector<std::string>> runs = folder.runs();
  if (!runs)
    return check(runs.takeError());
  bool same = llvm::equal(*runs, plan.runs,
                          [](const std::string &there, const Run &here) {
                            return there == here.folder;
                          });
  if (!same)
    return fail(folder.path(), "Slurm's job " + slurmJob +
                                   " is at work here on other runs: wait for "
                                   "its end, or end it by 'scancel " +
                                   slurmJob + "'");
  return success();
}

/// Makes the folder this experiment's.
LogicalResult Sweep::prepareFolder() {
  if (std::error_code error = llvm::sys::fs::create_directories(folder.path()))
    return fail(folder.path(), "cannot be made a folder: " +
                                   StringRef(error.message()).lower() +
                                   "; choose another --out");
  if (!lockFolder(folder.path()))
    return fail(folder.path(),
                "another 'dale sweep' is at work here: wait for its end, or "
                "choose another --out");
  if (failed(checkFolder()) || failed(checkSlurm()))
    return failure();
  folder.removeLeftovers();
  if (options.force && failed(check(folder.removeOthers(plan))))
    return failure();
  if (failed(check(folder.write(plan, data))))
    return failure();
  states = folder.states(plan);
  for (auto [run, state] : llvm::zip(plan.runs, states))
    if (state.state == State::Failed && slurmJob.empty()) {
      folder.forgetFailure(run.folder);
      state = RunState();
    }
  return check(folder.writeStates(plan, states));
}

llvm::Expected<Launched> Sweep::launchRuns(const Estimate &estimate) {
  if (options.launcher == "slurm")
    return launchWithSlurm(folder, plan, states, slurmJob, launch);
  if (options.launcher == "mpi")
    return launchWithMpi(folder, plan, states, launch);
  return launchLocally(folder, plan, states, estimate, launch);
}

/// Says how it ended.
int Sweep::finish(Launched launched) {
  if (failed(check(folder.writeStates(plan, states))))
    return exitError;
  printSummary(folder, plan, states);
  if (launched == Launched::Interrupted)
    return exitInterrupted;
  if (launched == Launched::Submitted)
    return exitOk;
  bool done = llvm::all_of(
      states, [](const RunState &state) { return state.state == State::Done; });
  return done ? exitOk : exitError;
}

int Sweep::run() {
  if (failed(checkOut()) || failed(findData()))
    return exitError;
  if (options.dryRun) {
    if (failed(checkFolder()))
      return exitError;
    states = folder.states(plan);
    for (auto [run, state] : llvm::zip(plan.runs, states))
      if (state.state != State::Done && isLocked(folder.log(run.folder)))
        state.state = State::Running;
    std::optional<Estimate> expected =
        estimate(folder, plan, states, data, jobsHere(), launch.threads);
    if (!expected)
      return exitInterrupted;
    printOverview(folder, plan, states, *expected, launch.jobs);
    return exitOk;
  }
  if (failed(prepareFolder()))
    return exitError;
  if (!compileExecutables(folder, plan, states, jobsHere()))
    return finish(Launched::Interrupted);
  std::optional<Estimate> expected =
      estimate(folder, plan, states, data, jobsHere(), launch.threads);
  if (!expected)
    return finish(Launched::Interrupted);
  printOverview(folder, plan, states, *expected, launch.jobs);
  llvm::Expected<Launched> launched = launchRuns(*expected);
  if (!launched) {
    (void)check(launched.takeError());
    return exitError;
  }
  return finish(*launched);
}

int dale::sweepExperiment(MLIRContext &context, const SweepOptions &options) {
  std::string problem;
  std::optional<std::vector<uint64_t>> seeds;
  if (!options.seeds.empty() && !(seeds = parseSeeds(options.seeds, problem))) {
    llvm::errs() << "--seeds: '" << options.seeds << "': " << problem << "\n";
    return exitUsage;
  }
  DiagnosticPrinter diagnostics(&context, llvm::errs());
  auto plan =
      makePlan(context, options.experiment, seeds, report::figureNames());
  if (failed(plan))
    return exitError;
  diagnostics.flush();
  return Sweep(context, options, **plan).run();
}

int dale::sweepWorker(const SweepOptions &options) {
  llvm::Expected<int> exitCode =
      work({options.out, options.run, options.runs, options.threadsPerJob});
  if (exitCode)
    return *exitCode;
  llvm::errs() << "dale: error: " << toString(exitCode.takeError()) << "\n";
  return exitError;
}
