//===- Error.h - The runtime's one exception type ---------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Every error that a user can cause or mend is an `Error`. Its message is one
/// readable sentence, "WHERE: what is wrong: expected ...; how to mend",
/// without the program's name, which main puts in front. Nothing else is thrown
/// on purpose. Main catches what nobody else knows how to go on after: another
/// device may do, fewer networks may fit, the others may be trained to the end.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_ERROR_H
#define DALE_RUNTIME_ERROR_H

#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace dale::runtime {

/// What the executable returns to the shell.
enum ExitCode : int {
  ExitSuccess = 0,
  /// Something is wrong with a file, the data, or the machine.
  ExitFailure = 1,
  /// Something is wrong with the command line.
  ExitUsage = 2,
  /// Stopped by SIGINT or SIGTERM, after a checkpoint was written.
  ExitInterrupted = 130,
};

class Error : public std::runtime_error {
public:
  explicit Error(const std::string &message, ExitCode exitCode = ExitFailure)
      : std::runtime_error(message), code(exitCode) {}

  ExitCode exitCode() const { return code; }

private:
  ExitCode code;
};

/// A model, or what it does, has values that are NaN or infinite.
class NotFinite : public Error {
public:
  using Error::Error;
};

/// Throws an Error with a formatted message.
template <typename... Args>
[[noreturn]] void fail(fmt::format_string<Args...> format, Args &&...args) {
  throw Error(fmt::format(format, std::forward<Args>(args)...));
}

/// Throws an Error that blames the command line.
template <typename... Args>
[[noreturn]] void failUsage(fmt::format_string<Args...> format,
                            Args &&...args) {
  throw Error(fmt::format(format, std::forward<Args>(args)...), ExitUsage);
}

} // namespace dale::runtime

#endif // DALE_RUNTIME_ERROR_H
