//===- SweepFolder.h - The folder of a sweep -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_SWEEP_SWEEPFOLDER_H
#define DALE_FRONTEND_SWEEP_SWEEPFOLDER_H

#include "frontend/sweep/Plan.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace dale::sweep {

enum class State { Waiting, Running, Done, Failed };

/// How a run stands, by the files that it left.
struct RunState {
  State state = State::Waiting;
  /// Why it failed.
  std::string reason;
};

/// The files of a sweep, which outlast it: a later `dale sweep` goes on from
/// them. All are replaced as a whole or not at all.
class SweepFolder {
public:
  explicit SweepFolder(std::string path) : root(std::move(path)) {}

  const std::string &path() const { return root; }
  std::string at(llvm::StringRef name) const;
  std::string executable(llvm::StringRef name) const {
    return at("executables/" + name.str());
  }
  std::string log(llvm::StringRef run) const {
    return at(run.str() + "/log.txt");
  }

  /// What another experiment that the folder holds has otherwise, a line each:
  /// nothing where it holds none, this one, or a part of this one. An error
  /// where that cannot be known.
  llvm::Expected<std::vector<std::string>> differences(const Plan &plan) const;

  /// Removes the runs that are not of this experiment, or not as it has them.
  llvm::Error removeOthers(const Plan &plan) const;

  /// Forgets why a run failed: it is tried again.
  void forgetFailure(llvm::StringRef run) const;

  /// Removes what writers left that were killed.
  void removeLeftovers() const;
  void removeLeftovers(llvm::StringRef run) const;

  /// Makes the folders, and writes experiment.toml, experiment.json and the
  /// run.json of every run that is not done. `data` is an absolute path, or
  /// empty where `train` is not told.
  llvm::Error write(const Plan &plan, const std::string &data) const;

  /// sweep.json. A run that is at work counts as waiting there.
  llvm::Error writeStates(const Plan &plan,
                          llvm::ArrayRef<RunState> states) const;

  RunState state(llvm::StringRef run) const;
  std::vector<RunState> states(const Plan &plan) const;

  /// The folders of the runs by their numbers, as sweep.json has them.
  llvm::Expected<std::vector<std::string>> runs() const;

  /// The command of a run, without what says where it begins.
  llvm::Expected<std::vector<std::string>> command(llvm::StringRef run) const;

private:
  std::string root;
};

/// The executable that a run needs.
const Executable &executableOf(const Plan &plan, const Run &run);

/// A text file, whole; an error that names it.
llvm::Expected<std::string> readText(llvm::StringRef path);
llvm::Error writeText(llvm::StringRef path, llvm::StringRef text);

/// A JSON file's object; an error that names it.
llvm::Expected<llvm::json::Object> readJson(llvm::StringRef path);

/// An error with that text.
llvm::Error makeError(const llvm::Twine &text);

} // namespace dale::sweep

#endif // DALE_FRONTEND_SWEEP_SWEEPFOLDER_H
