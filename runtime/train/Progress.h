//===- Progress.h - What a reader sees of the training ----------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Progress: on a terminal one bar that is redrawn, elsewhere plain lines at
/// intervals; and in both a line for every epoch.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_TRAIN_PROGRESS_H
#define DALE_RUNTIME_TRAIN_PROGRESS_H

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <functional>
#include <optional>
#include <string>

namespace dale::runtime {

/// A moment within an epoch. Epochs and steps count from 1.
struct StepReport {
  int64_t epoch = 0, epochs = 0;
  int64_t step = 0, steps = 0;
  /// Of all networks together.
  double imagesPerSecond = 0;
  /// Means over the epoch so far, and over the networks.
  double loss = 0, accuracy = 0;
  double secondsLeft = 0;
};

struct EpochReport {
  int64_t epoch = 0, epochs = 0;
  double trainLoss = 0, trainAccuracy = 0;
  double testLoss = 0, testAccuracy = 0;
  double learningRate = 0;
  /// Of all networks together.
  double imagesPerSecond = 0;
  double seconds = 0;
  /// Of several that are trained side by side: "seed 3".
  std::string network = {};
};

/// A moment within work that goes through images once.
struct WorkReport {
  /// "analyzing"
  std::string what;
  int64_t done = 0, images = 0;
  double imagesPerSecond = 0;
  double secondsLeft = 0;
};

class Progress {
public:
  struct Style {
    /// Whether lines can be redrawn.
    bool terminal = false;
    /// Whether it can show block characters.
    bool unicode = false;
    /// Between plain lines within an epoch.
    double intervalSeconds = 10;
    /// Columns; 0 asks the terminal each time.
    int width = 0;
  };

  /// What suits a stream and the environment (TERM, LC_ALL, LC_CTYPE, LANG).
  static Style detect(FILE *stream);

  Progress(FILE *stream, Style style) : stream(stream), style(style) {}
  ~Progress() { clearBar(); }
  Progress(const Progress &) = delete;
  Progress &operator=(const Progress &) = delete;

  /// Shows a step, or not, if the last one was shown just now.
  void step(const StepReport &report);

  /// The same of other work.
  void work(const WorkReport &report);

  /// Says on the bar that the test set is being gone through.
  void evaluating(int64_t epoch, int64_t epochs);

  void epoch(const EpochReport &report);

  /// Prints a line of its own.
  void line(const std::string &text);

  bool unicode() const { return style.unicode; }

  /// Columns for a plot.
  int columns() const;

private:
  /// Shows a moment as a bar of that text, or as that line, unless one was
  /// shown just now.
  void show(const std::function<std::string(int width)> &bar,
            const std::function<std::string()> &text);
  void drawBar(const std::string &text);
  void clearBar();

  FILE *stream;
  Style style;
  bool barShown = false;
  std::optional<std::chrono::steady_clock::time_point> shownAt;
};

/// "0:41", "12:05", "3:10:00"
std::string formatDuration(double seconds);

/// The bar of a step, at most `width` columns wide.
std::string formatBar(const StepReport &report, int width, bool unicode);

/// The same of other work.
std::string formatBar(const WorkReport &report, int width, bool unicode);

} // namespace dale::runtime

#endif // DALE_RUNTIME_TRAIN_PROGRESS_H
