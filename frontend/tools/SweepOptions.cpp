//===- SweepOptions.cpp - The command line of dale sweep -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/tools/SweepOptions.h"
#include <CLI/CLI.hpp>
#include <limits>

using namespace dale;

static const char *const footer = R"(
Exit codes: 0 all runs are done, 1 an error in the input or a run that failed,
2 an error in the command line, 130 interrupted (SIGINT or SIGTERM; runs write
their checkpoints, and the same command goes on with them).

Examples:
  dale sweep figure-6.toml --data cifar-10-batches-bin --dry-run
  dale sweep figure-6.toml --data cifar-10-batches-bin --out figure-6 --jobs 8
  dale sweep figure-6.toml --data /data/cifar10 --seeds 0..1
  dale sweep figure-6.toml --data /data/cifar10 --launcher slurm --jobs 40 \
      --launcher-option=--partition=long --launcher-option=--time=12:00:00
  dale sweep figure-6.toml --data /data/cifar10 --launcher mpi --jobs 32 \
      --launcher-option=--hostfile=hosts
)";

static void addThreads(CLI::App &command, SweepOptions &options) {
  command
      .add_option("--threads-per-job", options.threadsPerJob,
                  "threads of each run (default: 1); its results do not "
                  "depend on it")
      ->check(CLI::Range(1, 4096))
      ->type_name("N");
}

static CLI::App *addSweepCommand(CLI::App &app, SweepOptions &options) {
  CLI::App *sweep = app.add_subcommand(
      "sweep", "Train the circuits of an experiment file, with every seed");
  sweep->add_option("experiment", options.experiment, "the experiment file")
      ->required()
      ->type_name("FILE");
  sweep
      ->add_option("--out", options.out,
                   "folder of the sweep (default: runs/NAME, of the "
                   "experiment's name); where a part of the experiment is "
                   "there, it goes on from there")
      ->type_name("DIR");
  sweep
      ->add_option("--data", options.data,
                   "folder with the data set, as of 'train' (default: what "
                   "the file says)")
      ->type_name("DIR");
  sweep
      ->add_option("--seeds", options.seeds,
                   "instead of those of the file, as 0..4 or 0,3,7")
      ->check(CLI::Validator(
          [](const std::string &text) -> std::string {
            return text.empty() ? "expected numbers as 0..4 or 0,3,7" : "";
          },
          ""))
      ->type_name("LIST");
  sweep
      ->add_option("--jobs", options.jobs,
                   "runs at a time (default: one for each CPU that "
                   "--threads-per-job leaves)")
      ->check(CLI::Range(1, 100000))
      ->type_name("N");
  addThreads(*sweep, options);
  sweep
      ->add_option("--launcher", options.launcher,
                   "where to run: local (default), slurm (an array job) or "
                   "mpi (by mpirun)")
      ->check(CLI::IsMember({"local", "slurm", "mpi"}))
      ->type_name("HOW");
  sweep
      ->add_option("--launcher-option", options.launcherOptions,
                   "an option for sbatch or mpirun, as "
                   "--launcher-option=--partition=long; can be repeated")
      ->type_name("OPTION")
      ->allow_extra_args(false)
      ->take_all();
  sweep->add_flag("--no-wait", options.noWait,
                  "submit to Slurm, and do not wait; the same command tells "
                  "later how the runs stand");
  sweep->add_flag("--dry-run", options.dryRun,
                  "only say what would be run, and how long it takes");
  sweep->add_flag("--force", options.force,
                  "where DIR holds another experiment, remove the runs that "
                  "are not of this one");
  sweep->footer(footer);
  return sweep;
}

void dale::addSweep(CLI::App &app, SweepOptions &options,
                    std::function<void()> sweep, std::function<void()> worker) {
  addSweepCommand(app, options)->callback([&options, sweep] {
    if (options.noWait && options.launcher != "slurm")
      throw CLI::ValidationError("--no-wait: needs --launcher slurm");
    sweep();
  });
  CLI::App *command = app.add_subcommand(
      "sweep-worker", "Do a part of a sweep: what 'dale sweep' gives to Slurm "
                      "and MPI");
  command
      ->add_option("out", options.out,
                   "folder of the sweep, as 'dale sweep' "
                   "has prepared it")
      ->required()
      ->type_name("DIR");
  CLI::Option *run =
      command
          ->add_option("--run", options.run,
                       "become the run with this number in DIR/sweep.json, "
                       "from 0")
          ->check(CLI::Range(0, std::numeric_limits<int>::max()))
          ->type_name("I");
  command
      ->add_option("--runs", options.runs,
                   "as worker R of N, by the environment of MPI or Slurm, do "
                   "every N-th of these, as 0-3,7 (default: of all)")
      ->excludes(run)
      ->type_name("LIST");
  addThreads(*command, options);
  command->callback(std::move(worker));
}
