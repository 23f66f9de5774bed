//===- Progress.cpp - What a reader sees of a sweep -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/sweep/Progress.h"
#include "runtime/Terminal.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include <algorithm>
#include <cmath>
#include <sys/ioctl.h>
#include <unistd.h>

using namespace dale::sweep;
using Clock = std::chrono::steady_clock;

Progress::Progress()
    : terminal(runtime::isTerminal(STDOUT_FILENO)), shownAt(Clock::now()) {}

void Progress::clear() {
  if (shown)
    llvm::outs() << "\r\x1b[K";
  shown = false;
}

void Progress::line(const std::string &text) {
  clear();
  llvm::outs() << text << "\n";
  llvm::outs().flush();
}

/// Of the terminal.
static size_t columns() {
  winsize size{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    return size.ws_col;
  return 80;
}

static std::string drawBar(size_t done, size_t all) {
  constexpr size_t width = 20;
  size_t filled = all ? width * done / all : 0;
  return " [" + std::string(filled, '#') + std::string(width - filled, '.') +
         "]";
}

void Progress::show(const std::string &what, size_t done, size_t all,
                    size_t running, size_t failed, double secondsLeft) {
  std::chrono::duration<double> since = Clock::now() - shownAt;
  if (since.count() < (terminal ? 0.2 : 30) && (shown || !terminal))
    return;
  shownAt = Clock::now();
  std::string text =
      what + " " + std::to_string(done) + "/" + std::to_string(all);
  if (terminal)
    text += drawBar(done, all);
  text += "  " + std::to_string(running) + " at work";
  if (failed)
    text += ", " + std::to_string(failed) + " failed";
  if (secondsLeft >= 0)
    text += ", " + formatDuration(secondsLeft) + " left";
  if (!terminal) {
    line(text);
    return;
  }
  llvm::outs() << "\r" << llvm::StringRef(text).take_front(columns() - 1)
               << "\x1b[K";
  llvm::outs().flush();
  shown = true;
}

std::string dale::sweep::counted(size_t count, const std::string &what) {
  return std::to_string(count) + " " + what + (count == 1 ? "" : "s");
}

std::string dale::sweep::formatDuration(double seconds) {
  int64_t whole = std::llround(std::max(0.0, seconds));
  std::string text;
  llvm::raw_string_ostream os(text);
  if (whole >= 3600)
    os << whole / 3600 << ":" << llvm::format("%02d", int(whole / 60 % 60));
  else
    os << whole / 60;
  os << ":" << llvm::format("%02d", int(whole % 60));
  return text;
}
