//===- TrainMessages.cpp - What training says at its end ------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cli/TrainMessages.h"

#include "runtime/train/Curve.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cstdio>

using namespace dale::runtime;

std::string dale::runtime::counted(int64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// "epoch 3, step 5: run/checkpoint.safetensors"
static std::string whereIs(const Trainee &trainee) {
  return fmt::format("epoch {}, step {}: {}", trainee.state.epoch + 1,
                     trainee.state.step, trainee.folder.checkpoint().string());
}

/// Since the beginning of training.
static int64_t stepsOf(const Trainee &trainee) {
  const TrainSettings &settings = trainee.settings;
  return trainee.state.epoch * (settings.trainImages / settings.batch) +
         trainee.state.step;
}

void dale::runtime::tellEnd(Progress &progress, const Trainee &trainee,
                            const TrainLimits &limits) {
  std::string name = trainee.name.empty() ? "" : trainee.name + ": ";
  auto accuracy = trainee.metrics.series("test_accuracy");
  if (trainee.finished())
    progress.line(fmt::format(
        "{}test accuracy {:.2f} % after {}; wrote {}", name,
        accuracy.empty() ? 0 : 100 * accuracy.back().second,
        counted(trainee.state.epoch, "epoch"), trainee.folder.path().string()));
  else if (stepsOf(trainee) > limits.maxSteps)
    progress.line(fmt::format(
        "{}trained no step: the run has {} already, and --max-steps is {}; it "
        "is in {}",
        name, counted(stepsOf(trainee), "step"), limits.maxSteps,
        whereIs(trainee)));
  else
    progress.line(fmt::format("{}stopped after {}, in {}; go on with --resume",
                              name, counted(limits.maxSteps, "step"),
                              whereIs(trainee)));
}

void dale::runtime::drawAccuracy(Progress &progress,
                                 const std::vector<Trainee> &trainees) {
  std::vector<std::pair<int64_t, double>> mean;
  int64_t networks = 0;
  for (const Trainee &trainee : trainees) {
    if (!trainee.failure.empty() || !trainee.finished())
      continue;
    auto accuracy = trainee.metrics.series("test_accuracy");
    if (networks++ == 0)
      mean.resize(accuracy.size());
    // One may lack rows, where its metrics were removed.
    mean.resize(std::min(mean.size(), accuracy.size()));
    for (size_t i = 0; i < mean.size(); ++i)
      mean[i] = {accuracy[i].first, mean[i].second + accuracy[i].second};
  }
  if (mean.size() < 2)
    return;
  for (auto &[epoch, value] : mean)
    value /= static_cast<double>(networks);
  progress.line(fmt::format(
      "\ntest accuracy{}\n{}",
      networks > 1 ? fmt::format(", the mean of {} networks", networks) : "",
      drawCurve(mean, std::min(progress.columns() - 20, 60),
                progress.unicode())));
}

/// The command line as it was, with --resume.
static std::string resumeCommand(const Context &context) {
  std::string text = context.invocation;
  for (const std::string &argument : context.arguments) {
    // What began the run is known to its checkpoint.
    if (argument == "--force" || argument == "--resume")
      continue;
    bool plain = !argument.empty() &&
                 std::all_of(argument.begin(), argument.end(), [](char c) {
                   return std::isalnum(static_cast<unsigned char>(c)) ||
                          std::string_view("-_./=,:+@%").find(c) !=
                              std::string_view::npos;
                 });
    if (plain) {
      text += " " + argument;
      continue;
    }
    text += " '";
    for (char c : argument)
      text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    text += "'";
  }
  return text + " --resume";
}

void dale::runtime::tellInterrupted(const Context &context,
                                    const std::vector<Trainee> &trainees) {
  std::string text = context.program + ": interrupted; ";
  if (trainees.size() == 1) {
    text += fmt::format("the checkpoint is written, {}; ",
                        whereIs(trainees.front()));
  } else {
    text += "the checkpoints are written:\n";
    for (const Trainee &trainee : trainees)
      if (trainee.failure.empty())
        text += fmt::format("  {}, {}\n", trainee.name, whereIs(trainee));
  }
  text += fmt::format("go on with:\n  {}\n", resumeCommand(context));
  // Not fmt::print, which throws where nobody reads.
  std::fputs(text.c_str(), stderr);
}
