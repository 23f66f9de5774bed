//===- SideBySide.cpp - Networks that catch up with each other ------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/SideBySide.h"

#include <algorithm>

using namespace dale::runtime;

bool dale::runtime::trainAlike(const TrainSettings &a, const TrainSettings &b) {
  TrainSettings other = b;
  other.seed = a.seed;
  return a == other;
}

TrainOutcome dale::runtime::trainSideBySide(const Circuit &circuit,
                                            Executor &executor,
                                            const Dataset &dataset,
                                            std::vector<Trainee *> networks,
                                            const TrainLimits &limits,
                                            Progress &progress) {
  TrainOutcome result = TrainOutcome::Failed;
  while (true) {
    std::erase_if(networks, [&](const Trainee *network) {
      if (network->failure.empty() && network->finished())
        result = TrainOutcome::Finished;
      return !network->failure.empty() || network->finished();
    });
    if (networks.empty())
      return result;
    auto place = [](const Trainee *network) { return network->place(); };
    TrainPlace last = place(*std::ranges::min_element(networks, {}, place));
    std::vector<Trainee *> behind;
    TrainLimits until = limits;
    for (Trainee *network : networks) {
      if (network->place() == last) {
        behind.push_back(network);
        continue;
      }
      int64_t stepsPerEpoch = dataset.train->count() / network->settings.batch;
      until.maxSteps =
          std::min(until.maxSteps,
                   network->state.epoch * stepsPerEpoch + network->state.step);
    }
    TrainOutcome outcome =
        Trainer(circuit, executor, dataset, behind, until, progress).run();
    if (outcome == TrainOutcome::Interrupted)
      return outcome;
    if (outcome == TrainOutcome::StepLimit &&
        until.maxSteps == limits.maxSteps) {
      result = outcome;
      std::erase_if(networks, [&](Trainee *network) {
        return std::ranges::find(behind, network) != behind.end();
      });
    }
  }
}
