//===- Gnuplot.cpp - Runs gnuplot -----------------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/Gnuplot.h"

#include "runtime/Error.h"
#include "runtime/io/AtomicFile.h"

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <exception>
#include <memory>
#include <mutex>
#include <spawn.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char **environ;

using namespace dale::report;
using namespace dale::runtime;

namespace {
/// A file without a name.
class Scratch {
public:
  Scratch() : file(std::tmpfile()) {
    if (!file)
      fail("no temporary file: {}; free some space, or set TMPDIR",
           systemError(errno));
  }
  Scratch(const Scratch &) = delete;
  Scratch &operator=(const Scratch &) = delete;
  ~Scratch() { std::fclose(file); }

  int descriptor() const { return ::fileno(file); }

  void write(const std::string &text) {
    if (std::fwrite(text.data(), 1, text.size(), file) != text.size() ||
        std::fflush(file) != 0)
      fail("no temporary file: {}; free some space", systemError(errno));
    std::rewind(file);
  }

  std::string read() {
    std::rewind(file);
    std::string text;
    char part[4096];
    while (size_t count = std::fread(part, 1, sizeof(part), file))
      text.append(part, count);
    return text;
  }

private:
  std::FILE *file;
};
} // namespace

/// The shell is left out: the script comes by the standard input.
static std::string runOne(const std::string &script) {
  Scratch input, output, errors;
  input.write(script);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  int descriptors[] = {input.descriptor(), output.descriptor(),
                       errors.descriptor()};
  for (int i = 0; i < 3; ++i)
    posix_spawn_file_actions_adddup2(&actions, descriptors[i], i);
  // -d: not what a user's own settings make of it.
  const char *arguments[] = {"gnuplot", "-d", "-", nullptr};
  pid_t process = 0;
  int error = ::posix_spawnp(&process, "gnuplot", &actions, /*attrp=*/nullptr,
                             const_cast<char *const *>(arguments), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT)
    fail("figures need the command 'gnuplot', which is not there: install the "
         "package 'gnuplot-nox'");
  if (error != 0)
    fail("'gnuplot' cannot be run: {}; install the package 'gnuplot-nox'",
         systemError(error));
  int status = 0;
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR)
    ;
  std::string drawn = output.read();
  if (status == 0 && drawn.find("</svg>") != drawn.npos)
    return drawn;
  std::string message = errors.read();
  message.erase(0, message.find_first_not_of(" \t\r\n"));
  message.erase(message.find_last_not_of(" \t\r\n") + 1);
  fail("'gnuplot' could not draw a figure: {}; expected version 5.4 or later "
       "with the terminal svg, as in the package 'gnuplot-nox'",
       message.empty() ? "it wrote no SVG" : message);
}

std::vector<std::string>
dale::report::runGnuplot(const std::vector<std::string> &scripts) {
  std::vector<std::string> drawn(scripts.size());
  std::atomic<size_t> next = 0;
  std::exception_ptr failure;
  std::mutex mutex;
  auto work = [&] {
    try {
      for (size_t i; (i = next++) < scripts.size();)
        drawn[i] = runOne(scripts[i]);
    } catch (...) {
      std::lock_guard lock(mutex);
      failure = std::current_exception();
      next = scripts.size();
    }
  };
  size_t workers = std::min<size_t>(
      scripts.size(), std::max(1u, std::thread::hardware_concurrency()));
  std::vector<std::jthread> threads;
  for (size_t i = 0; i < workers; ++i)
    threads.emplace_back(work);
  threads.clear(); // joins them
  if (failure)
    std::rethrow_exception(failure);
  return drawn;
}
