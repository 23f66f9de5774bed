//===- CommandLineTest.cpp - Tests of the command line --------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support.h"

#include <nlohmann/json.hpp>

#include <array>

using namespace dale::runtime::test;
using nlohmann::json;

namespace {

bool contains(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

constexpr std::array commands = {"train",   "analyze", "step",
                                 "respond", "info",    "bench"};

TEST(CommandLine, HelpNamesTheCommands) {
  CommandResult result = runCommand({FAKE_CIRCUIT, "--help"});
  EXPECT_EQ(result.exitCode, 0);
  for (const char *command : commands)
    EXPECT_TRUE(contains(result.out, std::string("\n  ") + command + " "))
        << command;
  EXPECT_EQ(result.err, "");
}

TEST(CommandLine, EveryCommandHasHelpWithExamples) {
  for (const char *command : commands) {
    CommandResult result = runCommand({FAKE_CIRCUIT, command, "--help"});
    EXPECT_EQ(result.exitCode, 0) << command;
    EXPECT_TRUE(contains(result.out, "Example")) << result.out;
    EXPECT_TRUE(
        contains(result.out, std::string("dale_fake_circuit ") + command))
        << result.out;
  }
  // The circuit's own defaults.
  EXPECT_TRUE(contains(runCommand({FAKE_CIRCUIT, "train", "--help"}).out,
                       "(default: 16)"));
}

TEST(CommandLine, VersionNamesCircuitAndCompiler) {
  CommandResult result = runCommand({FAKE_CIRCUIT, "--version"});
  EXPECT_EQ(result.exitCode, 0);
  EXPECT_TRUE(contains(result.out, "Fake (dale ")) << result.out;
}

TEST(CommandLine, UsageErrorsReturnTwo) {
  for (const std::vector<std::string> &arguments :
       {std::vector<std::string>{FAKE_CIRCUIT},
        {FAKE_CIRCUIT, "dance"},
        {FAKE_CIRCUIT, "train", "--bogus"},
        {FAKE_CIRCUIT, "info", "--json", "--source"}}) {
    CommandResult result = runCommand(arguments);
    EXPECT_EQ(result.exitCode, 2);
    EXPECT_TRUE(result.err.starts_with("dale_fake_circuit: error: "))
        << result.err;
    EXPECT_TRUE(contains(result.err, "--help"));
    EXPECT_EQ(result.out, "");
  }
}

TEST(CommandLine, AMisspeltCommandIsRecognized) {
  EXPECT_TRUE(contains(
      runCommand({FAKE_CIRCUIT, "tran"}).err,
      "unknown command 'tran': expected train, analyze, step, respond, "
      "info, bench; did you mean 'train'?"));
}

TEST(CommandLine, OutputThatIsLostIsAnError) {
  CommandResult result =
      runCommand({"/bin/sh", "-c", "'" FAKE_CIRCUIT "' info > /dev/full"});
  EXPECT_EQ(result.exitCode, 1);
  EXPECT_TRUE(contains(result.err, "output cannot be written")) << result.err;
}

TEST(CommandLine, InfoListsParametersAndCosts) {
  CommandResult result = runCommand({FAKE_CIRCUIT, "info"});
  EXPECT_EQ(result.exitCode, 0);
  for (const char *part :
       {"Fake", "32 x 32 x 3", "readout.weight  [48, 10]",
        "Glorot uniform, fan 48 + 10", "norm.mean", "508 values", "2.88 kFLOP",
        "area.features  [4, 4, 3]", "generic"})
    EXPECT_TRUE(contains(result.out, part)) << part << "\n" << result.out;
}

TEST(CommandLine, InfoAsJson) {
  CommandResult result = runCommand({FAKE_CIRCUIT, "info", "--json"});
  EXPECT_EQ(result.exitCode, 0);
  json info = json::parse(result.out);
  EXPECT_EQ(info["name"], "Fake");
  EXPECT_EQ(info["parameters"]["count"], 508);
  EXPECT_EQ(info["cost"]["train_step"]["stages"], 2);
}

TEST(CommandLine, InfoPrintsTheSource) {
  EXPECT_EQ(runCommand({FAKE_CIRCUIT, "info", "--source"}).out,
            "[circuit]\nname = \"Fake\"\n");
}

/// A page of shared memory, without which the kernel would end the process.
TEST(CommandLine, TellsThatSharedMemoryIsFull) {
  const std::string fill =
      "mount -t tmpfs -o size=4k none /dev/shm && "
      "head -c 4096 /dev/zero > /dev/shm/full || exit 99; exec \"$0\" bench";
  CommandResult result = runCommand(
      {"/usr/bin/unshare", "-Urm", "/bin/sh", "-c", fill, FAKE_CIRCUIT});
  if (result.exitCode == 99 || contains(result.err, "unshare"))
    GTEST_SKIP() << "no file system may be mounted here: " << result.err;
  EXPECT_EQ(result.exitCode, 1);
  EXPECT_TRUE(contains(result.err, "error: /dev/shm is full")) << result.err;
}

TEST(CommandLine, TellsThatALimitLeavesNoSharedMemory) {
  // To a pipe: a file could not be written either.
  CommandResult result = runCommand(
      {"/bin/bash", "-c",
       "set -o pipefail; (ulimit -f 0; exec \"$0\" bench) 2>&1 | cat",
       FAKE_CIRCUIT});
  EXPECT_EQ(result.exitCode, 1);
  EXPECT_TRUE(contains(result.out, "raise it (ulimit -f)")) << result.out;
}

} // namespace
