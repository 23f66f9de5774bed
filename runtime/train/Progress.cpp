//===- Progress.cpp - What a reader sees of the training ------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/Progress.h"

#include "runtime/Terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>
#include <vector>

using namespace dale::runtime;
using Clock = std::chrono::steady_clock;

static bool localeIsUtf8() {
  for (const char *variable : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char *value = std::getenv(variable);
    if (!value || !*value)
      continue;
    std::string_view locale = value;
    return locale.find("UTF-8") != std::string_view::npos ||
           locale.find("utf8") != std::string_view::npos ||
           locale.find("UTF8") != std::string_view::npos ||
           locale.find("utf-8") != std::string_view::npos;
  }
  return false;
}

Progress::Style Progress::detect(FILE *stream) {
  Style style;
  style.terminal = isTerminal(::fileno(stream));
  style.unicode = localeIsUtf8();
  return style;
}

int Progress::columns() const {
  if (style.width > 0)
    return style.width;
  winsize size{};
  if (style.terminal && ::ioctl(::fileno(stream), TIOCGWINSZ, &size) == 0 &&
      size.ws_col > 0)
    return size.ws_col;
  return 80;
}

std::string dale::runtime::formatDuration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0)
    return "?";
  int64_t whole = std::llround(seconds);
  if (whole >= 3600)
    return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60,
                       whole % 60);
  return fmt::format("{}:{:02}", whole / 60, whole % 60);
}

/// A bar behind `head`, and of the parts as many as there is room for: they are
/// given up when the terminal is narrow, the last first.
static std::string layBarOut(std::string text, double fraction,
                             std::vector<std::string> parts, int width,
                             bool unicode) {
  parts.insert(parts.begin(),
               fmt::format(" {:3.0f} %", std::floor(100 * fraction)));
  constexpr size_t barWidth = 20;
  size_t room = static_cast<size_t>(std::max(width - 1, 0));
  bool bar = room >= text.size() + barWidth + parts[0].size();
  size_t used = text.size() + (bar ? barWidth : 0);
  if (bar) {
    static constexpr std::array<std::string_view, 8> eighths = {
        " ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    size_t filled = static_cast<size_t>(fraction * barWidth * 8);
    for (size_t i = 0; i < barWidth; ++i) {
      if (!unicode)
        text += filled >= 8 * (i + 1) ? "#" : ".";
      else if (filled >= 8 * (i + 1))
        text += "█";
      else if (filled > 8 * i)
        text += eighths[filled - 8 * i];
      else
        text += "░";
    }
  }
  for (const std::string &part : parts) {
    if (used + part.size() > room)
      break;
    text += part;
    used += part.size();
  }
  return text;
}

static double fractionOf(int64_t done, int64_t all) {
  return all > 0 ? static_cast<double>(done) / static_cast<double>(all) : 0;
}

std::string dale::runtime::formatBar(const StepReport &report, int width,
                                     bool unicode) {
  return layBarOut(
      fmt::format("epoch {}/{} ", report.epoch, report.epochs),
      fractionOf(report.step, report.steps),
      {
          fmt::format("  loss {:.4f}", report.loss),
          fmt::format("  accuracy {:.1f} %", 100 * report.accuracy),
          fmt::format("  {} left", formatDuration(report.secondsLeft)),
          fmt::format("  {:.0f} images/s", report.imagesPerSecond),
          fmt::format("  step {}/{}", report.step, report.steps),
      },
      width, unicode);
}

std::string dale::runtime::formatBar(const WorkReport &report, int width,
                                     bool unicode) {
  return layBarOut(
      report.what + " ", fractionOf(report.done, report.images),
      {
          fmt::format("  {} left", formatDuration(report.secondsLeft)),
          fmt::format("  {:.0f} images/s", report.imagesPerSecond),
          fmt::format("  image {}/{}", report.done, report.images),
      },
      width, unicode);
}

static bool due(const std::optional<Clock::time_point> &last, double seconds) {
  return !last ||
         Clock::now() - *last >= std::chrono::duration<double>(seconds);
}

void Progress::show(const std::function<std::string(int width)> &bar,
                    const std::function<std::string()> &text) {
  if (style.terminal) {
    if (!due(shownAt, 0.1))
      return;
    drawBar(bar(columns()));
  } else {
    // The first interval begins with the first moment.
    if (!shownAt)
      shownAt = Clock::now();
    if (!due(shownAt, style.intervalSeconds))
      return;
    line(text());
  }
  shownAt = Clock::now();
}

void Progress::step(const StepReport &report) {
  show([&](int width) { return formatBar(report, width, style.unicode); },
       [&] {
         return fmt::format(
             "epoch {}/{}  step {}/{}  loss {:.4f}  accuracy {:.2f} %  "
             "{:.0f} images/s  {} left",
             report.epoch, report.epochs, report.step, report.steps,
             report.loss, 100 * report.accuracy, report.imagesPerSecond,
             formatDuration(report.secondsLeft));
       });
}

void Progress::work(const WorkReport &report) {
  show([&](int width) { return formatBar(report, width, style.unicode); },
       [&] {
         return fmt::format("{}  image {}/{}  {:.0f} images/s  {} left",
                            report.what, report.done, report.images,
                            report.imagesPerSecond,
                            formatDuration(report.secondsLeft));
       });
}

void Progress::evaluating(int64_t epoch, int64_t epochs) {
  if (style.terminal)
    drawBar(fmt::format("epoch {}/{} testing", epoch, epochs));
}

void Progress::epoch(const EpochReport &report) {
  size_t digits = fmt::formatted_size("{}", report.epochs);
  std::string text = fmt::format(
      "epoch {:>{}}/{}  {}{}train loss {:.4f} {:6.2f} %  test loss "
      "{:.4f} {:6.2f} %",
      report.epoch, digits, report.epochs, report.network,
      report.network.empty() ? "" : "  ", report.trainLoss,
      100 * report.trainAccuracy, report.testLoss, 100 * report.testAccuracy);
  // What a narrow terminal has no room for is left out.
  for (const std::string &part :
       {fmt::format("  {}", formatDuration(report.seconds)),
        fmt::format("  lr {:g}", report.learningRate),
        fmt::format("  {:.0f} images/s", report.imagesPerSecond)})
    if (!style.terminal ||
        text.size() + part.size() < static_cast<size_t>(columns()))
      text += part;
  line(text);
  shownAt = Clock::now();
}

void Progress::line(const std::string &text) {
  clearBar();
  // Not fmt::print, which throws: training goes on where its reader went away.
  std::fputs((text + "\n").c_str(), stream);
  std::fflush(stream);
}

void Progress::drawBar(const std::string &text) {
  // Carriage return, the text, erase to the end of the line.
  std::fputs(("\r" + text + "\x1b[K").c_str(), stream);
  std::fflush(stream);
  barShown = true;
}

void Progress::clearBar() {
  if (!barShown)
    return;
  std::fputs("\r\x1b[K", stream);
  std::fflush(stream);
  barShown = false;
}
