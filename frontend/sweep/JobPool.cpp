//===- JobPool.cpp - Several programs at a time -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/sweep/JobPool.h"
#include "llvm/ADT/STLExtras.h"

using namespace dale::sweep;

namespace {

class JobPool {
public:
  JobPool(std::deque<size_t> items, size_t jobs, JobHandler &handler)
      : items(std::move(items)), jobs(jobs), handler(handler) {}

  bool run();

private:
  void startSome();
  void settleEndings();
  void handDown();

  std::deque<size_t> items;
  size_t jobs;
  JobHandler &handler;
  std::vector<Job> running;
  bool stopping = false;
};

} // namespace

void JobPool::startSome() {
  // Each is tried once: those that are busy go to the end.
  for (size_t tries = items.size(); tries > 0 && running.size() < jobs;
       --tries) {
    Job job{items.front(), -1, std::chrono::steady_clock::now()};
    items.pop_front();
    switch (handler.start(job.item, job.process)) {
    case JobHandler::Start::Started:
      running.push_back(job);
      break;
    case JobHandler::Start::Busy:
      items.push_back(job.item);
      break;
    case JobHandler::Start::Nothing:
      break;
    }
  }
}

void JobPool::settleEndings() {
  Ending ending;
  while (nextEnding(ending)) {
    auto it = llvm::find_if(
        running, [&](const Job &job) { return job.process == ending.process; });
    if (it == running.end())
      continue;
    Job job = *it;
    running.erase(it);
    handler.ended(job, ending, stopping);
  }
}

void JobPool::handDown() {
  int signal = stopping ? SIGTERM : handler.stopSignal();
  stopping = true;
  // With what it has started itself, as the linker.
  for (const Job &job : running)
    kill(-job.process, signal);
}

bool JobPool::run() {
  SignalWatch watch;
  while (true) {
    settleEndings();
    if (!stopping)
      startSome();
    if (running.empty() && (stopping || items.empty()))
      return !stopping;
    handler.tick(running);
    int signal = watch.wait(/*seconds=*/0.25);
    if (signal != 0 && signal != SIGCHLD)
      handDown();
  }
}

bool dale::sweep::runJobs(std::deque<size_t> items, size_t jobs,
                          JobHandler &handler) {
  return JobPool(std::move(items), jobs, handler).run();
}
