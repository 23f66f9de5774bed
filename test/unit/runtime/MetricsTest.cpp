//===- MetricsTest.cpp - Tests of measurements ----------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/Metrics.h"
#include "Support.h"

#include <cmath>

using namespace dale::runtime;
using namespace dale::runtime::test;

namespace {

template <typename T>
Buffer bufferOf(const std::vector<T> &values) {
  Buffer buffer =
      Buffer::zeroed(static_cast<int64_t>(values.size() * sizeof(T)), "a test");
  std::copy(values.begin(), values.end(), buffer.as<T>().begin());
  return buffer;
}

TEST(Score, IsCrossEntropyAndCorrectAnswers) {
  Buffer logits = bufferOf<float>({0, 0, std::log(2.0f), //
                                   1, 1, 0});
  Buffer labels = bufferOf<int32_t>({2, 1});
  Score result = score(logits, labels, ElementType::F32, 2, 3);
  // The probabilities are 1/4, 1/4, 1/2 and e, e, 1 over 2e + 1.
  EXPECT_NEAR(result.lossSum, std::log(2.0) - std::log(M_E / (2 * M_E + 1)),
              1e-6);
  // Of the second image's two equal logits the first is the answer.
  EXPECT_EQ(result.correct, 1);
  EXPECT_EQ(score(logits, labels, ElementType::F32, 1, 3).correct, 1);
}

TEST(Score, DoesNotOverflow) {
  Buffer logits = bufferOf<double>({10000, -10000});
  Buffer labels = bufferOf<int32_t>({1});
  EXPECT_DOUBLE_EQ(score(logits, labels, ElementType::F64, 1, 2).lossSum,
                   20000);
}

TEST(MetricsTable, IsTidy) {
  TemporaryFolder folder;
  MetricsTable table("a, \"b\"", 3);
  table.add(1, "test_loss", 0.1);
  table.add(2, "test_loss", 1e-9);
  table.write(folder / "m.csv");
  EXPECT_EQ(readFile(folder / "m.csv"),
            "run,seed,epoch,area,population,unit,metric,value\n"
            "\"a, \"\"b\"\"\",3,1,,,,test_loss,0.1\n"
            "\"a, \"\"b\"\"\",3,2,,,,test_loss,1e-09\n");
}

TEST(MetricsTable, DropsEpochsAfterTheCheckpoint) {
  TemporaryFolder folder;
  MetricsTable table("a, \"b\"", 3);
  for (int epoch = 1; epoch <= 4; ++epoch)
    table.add(epoch, "test_accuracy", 0.1 * epoch);
  table.write(folder / "m.csv");
  MetricsTable resumed("a, \"b\"", 3);
  resumed.readUpTo(folder / "m.csv", 2);
  auto series = resumed.series("test_accuracy");
  ASSERT_EQ(series.size(), 2u);
  EXPECT_EQ(series[1].first, 2);
  EXPECT_EQ(series[1].second, 0.2);
  EXPECT_TRUE(resumed.series("other").empty());
  // What is written and read again is the same text.
  for (int epoch = 3; epoch <= 4; ++epoch)
    resumed.add(epoch, "test_accuracy", 0.1 * epoch);
  resumed.write(folder / "n.csv");
  EXPECT_EQ(readFile(folder / "n.csv"), readFile(folder / "m.csv"));
}

TEST(MetricsTable, RefusesAnotherTable) {
  TemporaryFolder folder;
  writeFile(folder / "m.csv", "a,b\n1,2\n");
  MetricsTable table("a", 1);
  expectError([&] { table.readUpTo(folder / "m.csv", 1); },
              {(folder / "m.csv").string() + ":1: expected the header run,seed",
               "remove the file"});
  writeFile(folder / "m.csv",
            "run,seed,epoch,area,population,unit,metric,value\n"
            "\"a\nb\",1,1,,,,test_loss,1\na,1,x,,,,test_loss,1\n");
  // A row of two lines is before it.
  expectError([&] { table.readUpTo(folder / "m.csv", 1); }, {"m.csv:4: "});
  // Of a number that was cut off, a part would pass for it.
  writeFile(folder / "m.csv",
            "run,seed,epoch,area,population,unit,metric,value\n"
            "a,1,1,,,,test_loss,0.1");
  expectError([&] { table.readUpTo(folder / "m.csv", 1); },
              {"m.csv:2: the file ends within a line"});
}

} // namespace
