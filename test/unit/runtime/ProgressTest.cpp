//===- ProgressTest.cpp - Tests of what a reader sees ---------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/Progress.h"
#include "Support.h"
#include "runtime/train/Curve.h"

using namespace dale::runtime;
using namespace dale::runtime::test;

namespace {

const StepReport sample = {2, 10, 30, 40, 1234.4, 0.51234, 0.8125, 3725};

/// Characters, of which the first byte in UTF-8 is no continuation.
int columnsOf(std::string_view text) {
  return static_cast<int>(std::count_if(
      text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

TEST(Progress, ABarSaysEverythingWhereThereIsRoom) {
  EXPECT_EQ(formatBar(sample, 120, false),
            "epoch 2/10 ###############.....  75 %  loss 0.5123  accuracy "
            "81.2 %  1:02:05 left  1234 images/s  step 30/40");
  EXPECT_EQ(formatBar(sample, 120, true),
            "epoch 2/10 ███████████████░░░░░  75 %  loss 0.5123  accuracy "
            "81.2 %  1:02:05 left  1234 images/s  step 30/40");
}

TEST(Progress, ABarOfOtherWorkIsTheSameBar) {
  WorkReport report{"analyzing", 250, 1000, 500, 61};
  EXPECT_EQ(formatBar(report, 120, false),
            "analyzing #####...............  25 %  1:01 left  500 images/s  "
            "image 250/1000");
  EXPECT_EQ(formatBar(report, 45, false),
            "analyzing #####...............  25 %");
}

TEST(Progress, ABarNeverWraps) {
  for (int width = 1; width < 130; ++width)
    for (bool unicode : {false, true})
      EXPECT_LT(columnsOf(formatBar(sample, std::max(width, 13), unicode)),
                std::max(width, 13));
}

TEST(Progress, PlainOutputHasNoControlCharacters) {
  TemporaryFolder folder;
  FILE *file = std::fopen((folder / "out").c_str(), "w");
  {
    Progress::Style style = Progress::detect(file);
    EXPECT_FALSE(style.terminal);
    style.intervalSeconds = 0;
    Progress progress(file, style);
    progress.step(sample);
    progress.evaluating(2, 10);
    progress.epoch({2, 10, 0.5, 0.75, 0.6, 0.7, 0.01, 1000, 61});
    progress.epoch({2, 10, 0.5, 0.75, 0.6, 0.7, 0.01, 1000, 61, "seed 3"});
  }
  std::fclose(file);
  EXPECT_EQ(
      readFile(folder / "out"),
      "epoch 2/10  step 30/40  loss 0.5123  accuracy 81.25 %  1234 "
      "images/s  1:02:05 left\n"
      "epoch  2/10  train loss 0.5000  75.00 %  test loss 0.6000  70.00 %  "
      "1:01  lr 0.01  1000 images/s\n"
      "epoch  2/10  seed 3  train loss 0.5000  75.00 %  test loss 0.6000  "
      "70.00 %  1:01  lr 0.01  1000 images/s\n");
}

TEST(Progress, PlainLinesComeAtIntervals) {
  TemporaryFolder folder;
  FILE *file = std::fopen((folder / "out").c_str(), "w");
  {
    Progress progress(file, {/*terminal=*/false, /*unicode=*/false,
                             /*intervalSeconds=*/1000, /*width=*/80});
    for (int i = 0; i < 100; ++i)
      progress.step(sample);
  }
  std::fclose(file);
  EXPECT_EQ(readFile(folder / "out"), "");
}

TEST(Progress, ATerminalsBarIsErasedBeforeALine) {
  TemporaryFolder folder;
  FILE *file = std::fopen((folder / "out").c_str(), "w");
  {
    Progress progress(file, {/*terminal=*/true, /*unicode=*/false,
                             /*intervalSeconds=*/1, /*width=*/30});
    progress.step(sample);
    progress.step(sample); // Too soon to draw again.
    progress.line("a line");
  }
  std::fclose(file);
  EXPECT_EQ(readFile(folder / "out"),
            "\repoch 2/10   75 %\x1b[K\r\x1b[Ka line\n");
}

TEST(Progress, DurationsAreReadable) {
  EXPECT_EQ(formatDuration(0.4), "0:00");
  EXPECT_EQ(formatDuration(59.6), "1:00");
  EXPECT_EQ(formatDuration(3599), "59:59");
  EXPECT_EQ(formatDuration(36000 + 61), "10:01:01");
  EXPECT_EQ(formatDuration(-1), "?");
  EXPECT_EQ(formatDuration(1.0 / 0.0), "?");
}

TEST(Curve, RisesFromTheLeastToTheMost) {
  EXPECT_EQ(drawCurve({{1, 0.1}, {2, 0.18}, {3, 0.26}}, 3, false),
            "   26 % |  #\n"
            "        |  #\n"
            "        |  #\n"
            "        |  #\n"
            "        | ##\n"
            "        | ##\n"
            "        | ##\n"
            "   10 % |.##\n"
            "        +---\n"
            "         1 3  epoch\n");
}

// On a terminal that is too narrow for it.
TEST(Curve, IsNoWiderWithoutRoom) {
  std::vector<std::pair<int64_t, double>> points = {{1, 0.1}, {2, 0.2}};
  EXPECT_EQ(drawCurve(points, -7, true), drawCurve(points, 2, true));
}

TEST(Curve, NeedsTwoPoints) {
  EXPECT_EQ(drawCurve({}, 60, true), "");
  EXPECT_EQ(drawCurve({{1, 0.5}}, 60, true), "");
}

TEST(Curve, FitsTheWidth) {
  std::vector<std::pair<int64_t, double>> points;
  for (int64_t epoch = 1; epoch <= 250; ++epoch)
    points.push_back({epoch, 0.5});
  std::string text = drawCurve(points, 60, true);
  size_t lines = 0;
  for (size_t start = 0; start < text.size(); ++lines) {
    size_t end = text.find('\n', start);
    EXPECT_LE(columnsOf(std::string_view(text).substr(start, end - start)), 76);
    start = end + 1;
  }
  EXPECT_EQ(lines, 10u);
}

} // namespace
