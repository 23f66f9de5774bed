//===- BenchTest.cpp - Tests of 'bench' -----------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support.h"

#include <nlohmann/json.hpp>

using namespace dale::runtime::test;
using nlohmann::json;

namespace {

TEST(Bench, TheNumbersOfALineAgree) {
  CommandResult result =
      runCommand({FAKE_CIRCUIT, "bench", "--batch", "8", "--steps", "5",
                  "--warm-up", "0", "--threads", "1", "--json"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  json line = json::parse(result.out);
  EXPECT_EQ(line["circuit"], "Fake");
  EXPECT_EQ(line["batch"], 8);
  EXPECT_EQ(line["steps"], 5);
  EXPECT_EQ(line["threads"], 1);
  EXPECT_EQ(line["flops_per_image"], 2880);
  double milliseconds = line["median_ms"], rate = line["images_per_s"];
  EXPECT_GT(milliseconds, 0);
  EXPECT_LE(line["min_ms"], milliseconds);
  EXPECT_NEAR(rate * milliseconds, 8e3, 1e-6);
  EXPECT_NEAR(line["gflops"].get<double>() * 1e9, rate * 2880, 1e-3);
  EXPECT_GT(line["peak_bytes"], 1 << 20);
}

TEST(Bench, DoublePrecisionAndTheCircuitsOwnBatch) {
  CommandResult result = runCommand({FAKE_CIRCUIT_GRAY, "bench", "--json"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_EQ(json::parse(result.out)["batch"], 16);
}

TEST(Bench, TextForReaders) {
  CommandResult result =
      runCommand({FAKE_CIRCUIT, "bench", "--steps", "2", "--threads", "1"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  for (const char *part : {" images/s: ", "step of 16 images", "median of 2",
                           " GFLOP/s, ", "MiB at most, 1 thread\n"})
    EXPECT_NE(result.out.find(part), std::string::npos) << result.out;
}

TEST(Bench, RefusesUnusableOptions) {
  for (const char *option : {"--batch 0", "--steps 0", "--warm-up -1"}) {
    size_t space = std::string_view(option).find(' ');
    CommandResult result =
        runCommand({FAKE_CIRCUIT, "bench", std::string(option, space),
                    std::string(option + space + 1)});
    EXPECT_EQ(result.exitCode, 2);
    EXPECT_NE(result.err.find(std::string(option) + ": expected"),
              std::string::npos)
        << result.err;
  }
}

// More could not be told apart, and their bytes would overflow.
TEST(Bench, RefusesBatchesThatNothingCanHold) {
  for (std::vector<std::string> options :
       {std::vector<std::string>{"--batch", "2147483648"},
        {"--batch", "2305843009213693952"},
        {"--batch", "9223372036854775807"},
        {"--batch", "1073741824", "--networks", "2"}}) {
    std::vector<std::string> command = {FAKE_CIRCUIT, "bench"};
    command.insert(command.end(), options.begin(), options.end());
    CommandResult result = runCommand(command);
    EXPECT_EQ(result.exitCode, 2) << result.err;
    EXPECT_NE(result.err.find("--batch " + options[1] +
                              ": expected a positive number, at most "),
              std::string::npos)
        << result.err;
  }
}

} // namespace
