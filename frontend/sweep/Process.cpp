//===- Process.cpp - Programs that are run beside this one -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/sweep/Process.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace dale::sweep;

extern "C" char **environ;

namespace {

/// The arguments and the environment of a program as the system takes them,
/// made before the process is split: behind fork no memory may be asked for.
class Vectors {
public:
  explicit Vectors(const Command &command) : command(command) {
    for (const std::string &argument : command.arguments)
      arguments.push_back(const_cast<char *>(argument.c_str()));
    arguments.push_back(nullptr);
    for (const std::string &variable : command.environment)
      environment.push_back(const_cast<char *>(variable.c_str()));
    for (char **variable = environ; *variable; ++variable)
      if (!isReplaced(*variable))
        environment.push_back(*variable);
    environment.push_back(nullptr);
  }

  /// Never returns, if all is well.
  void execute() const {
    execvpe(arguments[0], arguments.data(), environment.data());
  }

private:
  bool isReplaced(const char *variable) const {
    for (const std::string &own : command.environment)
      if (std::strncmp(variable, own.c_str(), own.find('=') + 1) == 0)
        return true;
    return false;
  }

  const Command &command;
  std::vector<char *> arguments, environment;
};

} // namespace

static void say(const char *text) {
  [[maybe_unused]] ssize_t ignored = write(STDERR_FILENO, text, strlen(text));
}

/// What stands between a process that was just split off and its program.
static bool prepare(const Command &command) {
  int input = open("/dev/null", O_RDONLY);
  if (input >= 0)
    dup2(input, STDIN_FILENO);
  if (command.output >= 0) {
    dup2(command.output, STDOUT_FILENO);
    dup2(command.output, STDERR_FILENO);
  }
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  return command.folder.empty() || chdir(command.folder.c_str()) == 0;
}

static void sayWhyNot(const Command &command) {
  int error = errno;
  say("dale: error: ");
  say(command.arguments.front().c_str());
  say(": cannot be run: ");
  say(std::strerror(error));
  say("\n");
}

pid_t dale::sweep::startProgram(const Command &command) {
  Vectors vectors(command);
  pid_t parent = getpid();
  pid_t process = fork();
  // On both sides: whoever comes first.
  if (process != 0) {
    if (process > 0)
      setpgid(process, process);
    return process;
  }
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  // It may have been killed before.
  if (getppid() == parent && prepare(command))
    vectors.execute();
  sayWhyNot(command);
  _exit(127);
}

void dale::sweep::becomeProgram(const Command &command) {
  Vectors vectors(command);
  if (prepare(command))
    vectors.execute();
  sayWhyNot(command);
}

//===----------------------------------------------------------------------===//
// Signals
//===----------------------------------------------------------------------===//

static sigset_t watched() {
  sigset_t set;
  sigemptyset(&set);
  for (int signal : {SIGINT, SIGTERM, SIGUSR1, SIGCHLD})
    sigaddset(&set, signal);
  return set;
}

SignalWatch::SignalWatch() {
  sigset_t set = watched();
  sigprocmask(SIG_BLOCK, &set, &before);
}

SignalWatch::~SignalWatch() { sigprocmask(SIG_SETMASK, &before, nullptr); }

int SignalWatch::wait(double seconds) {
  sigset_t set = watched();
  timespec time;
  time.tv_sec = static_cast<time_t>(seconds);
  time.tv_nsec =
      static_cast<long>((seconds - static_cast<double>(time.tv_sec)) * 1e9);
  int signal = sigtimedwait(&set, nullptr, &time);
  return signal > 0 ? signal : 0;
}

/// As shells have it.
static int exitCodeOf(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool dale::sweep::nextEnding(Ending &ending) {
  int status = 0;
  pid_t process = waitpid(-1, &status, WNOHANG);
  if (process <= 0)
    return false;
  ending.process = process;
  ending.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  ending.exitCode = exitCodeOf(status);
  return true;
}

int dale::sweep::openMemory() { return memfd_create("output", MFD_CLOEXEC); }

std::string dale::sweep::takeMemory(int memory) {
  std::string text;
  char buffer[4096];
  off_t offset = 0;
  for (ssize_t size; (size = pread(memory, buffer, sizeof(buffer), offset)) > 0;
       offset += size)
    text.append(buffer, static_cast<size_t>(size));
  if (memory >= 0)
    close(memory);
  return text;
}

Answer dale::sweep::runBriefly(Command command) {
  Answer answer;
  command.output = openMemory();
  pid_t process = startProgram(command);
  int status = 0;
  if (process > 0) {
    while (waitpid(process, &status, 0) < 0 && errno == EINTR)
      ;
    answer.exitCode = exitCodeOf(status);
  }
  answer.text = takeMemory(command.output);
  return answer;
}

//===----------------------------------------------------------------------===//
// Locks
//===----------------------------------------------------------------------===//

int dale::sweep::openLocked(const std::string &path) {
  int file =
      open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
  // Some file systems have no locks: that is no reason not to work there.
  if (file < 0 || flock(file, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK)
    return file;
  close(file);
  errno = EWOULDBLOCK;
  return -1;
}

bool dale::sweep::lockFolder(const std::string &path) {
  int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  return folder < 0 || flock(folder, LOCK_EX | LOCK_NB) == 0 ||
         errno != EWOULDBLOCK;
}

bool dale::sweep::isLocked(const std::string &path) {
  int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return false;
  bool locked = flock(file, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  close(file);
  return locked;
}
