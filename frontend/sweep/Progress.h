//===- Progress.h - What a reader sees of a sweep -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_FRONTEND_SWEEP_PROGRESS_H
#define DALE_FRONTEND_SWEEP_PROGRESS_H

#include <chrono>
#include <cstddef>
#include <string>

namespace dale::sweep {

/// Lines, and on a terminal a bar below them that is drawn anew. Elsewhere the
/// bar is a line every half minute.
class Progress {
public:
  Progress();
  ~Progress() { clear(); }
  Progress(const Progress &) = delete;

  /// Prints a line of its own.
  void line(const std::string &text);

  /// Shows how far it is: "runs 12/60 [bar] 2 at work, 1 failed, 1:20:00 left".
  /// Without an idea of the time that is left it is negative.
  void show(const std::string &what, size_t done, size_t all, size_t running,
            size_t failed, double secondsLeft);

private:
  void clear();

  bool terminal, shown = false;
  std::chrono::steady_clock::time_point shownAt;
};

/// "1 run", "2 runs"
std::string counted(size_t count, const std::string &what);

/// "0:41", "12:05", "3:10:00"
std::string formatDuration(double seconds);

} // namespace dale::sweep

#endif // DALE_FRONTEND_SWEEP_PROGRESS_H
