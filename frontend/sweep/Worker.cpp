//===- Worker.cpp - A part of a sweep, under Slurm or MPI -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/sweep/Launchers.h"
#include "frontend/sweep/RunStarter.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/raw_ostream.h"
#include <cstdlib>
#include <unistd.h>

using namespace llvm;
using namespace dale;
using namespace dale::sweep;

namespace {

/// Runs a share of the runs, one after the other.
class Worker : public JobHandler {
public:
  Worker(const SweepFolder &folder, ArrayRef<std::string> runs,
         unsigned threads)
      : folder(folder), runs(runs), threads(threads) {}

  Start start(size_t item, pid_t &process) override;
  void ended(const Job &job, const Ending &ending, bool stopping) override;
  void tick(const std::vector<Job> &) override {}

private:
  const SweepFolder &folder;
  ArrayRef<std::string> runs;
  unsigned threads;
};

/// Which worker this is, of how many.
struct Rank {
  size_t rank = 0, size = 1;
};

} // namespace

JobHandler::Start Worker::start(size_t item, pid_t &process) {
  Expected<ReadyRun> ready = prepareRun(folder, runs[item], threads);
  if (!ready) {
    noteError(folder, runs[item], toString(ready.takeError()));
    return Start::Nothing;
  }
  if (ready->what != Start::Started)
    return ready->what;
  process = startProgram(ready->command);
  close(ready->command.output);
  return process < 0 ? Start::Nothing : Start::Started;
}

void Worker::ended(const Job &job, const Ending &ending, bool stopping) {
  if (!stopping)
    noteEnding(folder, runs[job.item], ending);
}

/// Open MPI, then MPICH and others that are started by PMI, then srun.
static Expected<Rank> findRank() {
  const std::pair<const char *, const char *> variables[] = {
      {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE"},
      {"PMI_RANK", "PMI_SIZE"},
      {"SLURM_PROCID", "SLURM_NTASKS"}};
  for (auto [rankName, sizeName] : variables) {
    const char *rank = std::getenv(rankName), *size = std::getenv(sizeName);
    if (!rank || !size)
      continue;
    Rank result;
    if (StringRef(rank).getAsInteger(10, result.rank) ||
        StringRef(size).getAsInteger(10, result.size) ||
        result.rank >= result.size)
      return makeError(Twine(rankName) + " " + rank + " of " + sizeName + " " +
                       size + ": expected a number below another");
    return result;
  }
  return makeError("neither OMPI_COMM_WORLD_RANK, PMI_RANK nor SLURM_PROCID "
                   "is set: start it by mpirun or srun, or give --run");
}

/// "0-3,7" as numbers below `end`; all of them if there is no text.
static Expected<std::vector<size_t>> parseRuns(StringRef text, size_t end) {
  std::vector<size_t> numbers;
  if (text.empty()) {
    for (size_t number = 0; number < end; ++number)
      numbers.push_back(number);
    return numbers;
  }
  SmallVector<StringRef> parts;
  text.split(parts, ',');
  for (StringRef part : parts) {
    auto [from, to] = part.split('-');
    size_t first = 0, last = 0;
    if (from.getAsInteger(10, first) ||
        (to.empty() ? (last = first, false) : to.getAsInteger(10, last)) ||
        last < first || last >= end)
      return makeError("--runs " + text + ": expected numbers below " +
                       std::to_string(end) + ", as 0-3,7");
    for (size_t number = first; number <= last; ++number)
      numbers.push_back(number);
  }
  return numbers;
}

/// Becomes one run. Its signals, its end and its exit code are then this
/// process's own, as Slurm wants it.
static Expected<int> becomeRun(const SweepFolder &folder, StringRef run,
                               unsigned threads) {
  while (true) {
    Expected<ReadyRun> ready = prepareRun(folder, run, threads);
    if (!ready)
      return ready.takeError();
    if (ready->what == JobHandler::Start::Nothing)
      return 0;
    if (ready->what == JobHandler::Start::Started) {
      becomeProgram(ready->command);
      return 127;
    }
    sleep(1);
  }
}

std::string sweep::listWaiting(ArrayRef<RunState> states) {
  std::vector<std::string> parts;
  for (size_t i = 0; i < states.size(); ++i) {
    if (states[i].state != State::Waiting)
      continue;
    size_t first = i;
    while (i + 1 < states.size() && states[i + 1].state == State::Waiting)
      ++i;
    parts.push_back(first == i
                        ? std::to_string(i)
                        : std::to_string(first) + "-" + std::to_string(i));
  }
  return join(parts, ",");
}

Expected<int> sweep::work(const WorkerOptions &options) {
  SweepFolder folder(options.folder);
  Expected<std::vector<std::string>> runs = folder.runs();
  if (!runs)
    return runs.takeError();
  if (options.run) {
    if (*options.run >= runs->size())
      return makeError("--run " + std::to_string(*options.run) + ": " +
                       folder.at("sweep.json") + " has " +
                       std::to_string(runs->size()) + " runs");
    return becomeRun(folder, (*runs)[*options.run], options.threads);
  }
  Expected<Rank> rank = findRank();
  if (!rank)
    return rank.takeError();
  Expected<std::vector<size_t>> numbers = parseRuns(options.runs, runs->size());
  if (!numbers)
    return numbers.takeError();
  std::deque<size_t> items;
  for (size_t i = rank->rank; i < numbers->size(); i += rank->size)
    items.push_back((*numbers)[i]);
  Worker worker(folder, *runs, options.threads);
  // How runs ended is in their folders. At any other exit code mpirun would
  // kill the other workers, and what they are at.
  runJobs(std::move(items), /*jobs=*/1, worker);
  return 0;
}
