//===- Settings.h - Options of train and compile in experiments -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_SWEEP_SETTINGS_H
#define DALE_FRONTEND_SWEEP_SETTINGS_H

#include "frontend/sweep/Experiment.h"

namespace dale::sweep {

/// Reads a table of options of `train`: [training]. Reports what is no option,
/// or not one that an experiment can have.
Settings readTraining(const Node &table, const Experiment &experiment,
                      Reporter &reporter);

/// The same of `dale compile`: [compile].
Settings readCompile(const Node &table, const Experiment &experiment,
                     Reporter &reporter);

/// `base`, with what `over` says instead of it. Flags that are false have gone.
Settings merge(Settings base, const Settings &over);

/// The option of that name, or null.
const Setting *findSetting(const Settings &settings, llvm::StringRef name);

/// What a command line gets, all of it.
std::vector<std::string> argumentsOf(const Settings &settings);

} // namespace dale::sweep

#endif // DALE_FRONTEND_SWEEP_SETTINGS_H
