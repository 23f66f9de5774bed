//===- dale-random-circuits.cpp - Checks circuits from seeds --------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// dale-random-circuits [--first SEED] [--count N] [--print] [FILE...]
///
/// Checks circuits from seeds, or those of files. Prints the circuit of every
/// seed that fails, and exits with 1 if any did.
///
//===----------------------------------------------------------------------===//

#include "CircuitCheck.h"
#include "RandomCircuit.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace dale::test;

static llvm::cl::opt<uint64_t> first("first", llvm::cl::init(0),
                                     llvm::cl::desc("the first seed"));
static llvm::cl::opt<unsigned> count("count", llvm::cl::init(10),
                                     llvm::cl::desc("how many seeds"));
static llvm::cl::opt<bool> print("print",
                                 llvm::cl::desc("print the circuits only"));
static llvm::cl::opt<bool> verbose("verbose",
                                   llvm::cl::desc("a line for each circuit"));
static llvm::cl::list<std::string> files(llvm::cl::Positional,
                                         llvm::cl::desc("[circuit files]"));

namespace {
/// All circuits of a run together.
struct Totals {
  int circuits = 0, failed = 0, directions = 0, conclusive = 0;
  double worstDirection = 0, worstUnfused = 0, compileSeconds = 0,
         runSeconds = 0;
};
} // namespace

static void check(const std::string &name, const std::string &text,
                  uint64_t seed, Totals &totals) {
  CircuitCheckOptions options;
  // What takes time and seldom finds more than the rest is for a few of them.
  options.allFunctions = seed % 16 == 0;
  options.singlePrecision = seed % 16 == 4;
  options.verifyEach = seed % 16 == 8;
  options.optimize = seed % 16 == 12;
  CircuitReport report = checkCircuit(text, seed, options);
  // What nobody can judge is no success.
  if (report.failures.empty() && 2 * report.conclusive < report.directions)
    report.failures.push_back("most differences say nothing");
  ++totals.circuits;
  totals.failed += !report.failures.empty();
  totals.directions += report.directions;
  totals.conclusive += report.conclusive;
  totals.worstDirection =
      std::max(totals.worstDirection, report.worstDirection);
  totals.worstUnfused = std::max(totals.worstUnfused, report.worstUnfused);
  totals.compileSeconds += report.compileSeconds;
  totals.runSeconds += report.runSeconds;
  if (verbose)
    llvm::outs() << name
                 << llvm::format(": compiled %.1f s, ran %.1f s, %d of %d "
                                 "directions, worst %.1e, unfused %.1e\n",
                                 report.compileSeconds, report.runSeconds,
                                 report.conclusive, report.directions,
                                 report.worstDirection, report.worstUnfused);
  if (!report.failures.empty()) {
    llvm::outs() << "\n" << name << " FAILED\n";
    for (const std::string &failure : report.failures)
      llvm::outs() << "  " << failure << "\n";
    llvm::outs() << "----\n" << text << "----\n\n";
  }
  llvm::outs().flush();
}

int main(int argc, char **argv) {
  llvm::cl::ParseCommandLineOptions(argc, argv, "checks random circuits\n");
  Totals totals;
  for (const std::string &file : files) {
    auto buffer = llvm::MemoryBuffer::getFile(file);
    if (!buffer) {
      llvm::errs() << file << ": " << buffer.getError().message() << "\n";
      return 2;
    }
    check(file, (*buffer)->getBuffer().str(), first, totals);
  }
  if (files.empty())
    for (uint64_t seed = first; seed < first + count; ++seed) {
      std::string text = randomCircuit(seed);
      if (print)
        llvm::outs() << text << "\n";
      else
        check("seed " + std::to_string(seed), text, seed, totals);
    }
  if (print)
    return 0;
  llvm::outs() << llvm::format(
      "%d circuits, %d failed; %d of %d directions conclusive; of what is "
      "allowed, worst %.1e, unfused %.1e; compiled %.0f s, ran %.0f s\n",
      totals.circuits, totals.failed, totals.conclusive, totals.directions,
      totals.worstDirection, totals.worstUnfused, totals.compileSeconds,
      totals.runSeconds);
  // The test can fail only where differences say something.
  if (totals.conclusive < 0.9 * totals.directions) {
    llvm::outs() << "too few directions are conclusive\n";
    return 1;
  }
  return totals.failed != 0;
}
