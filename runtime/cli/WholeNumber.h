//===- WholeNumber.h - Options that are numbers -----------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_CLI_WHOLENUMBER_H
#define DALE_RUNTIME_CLI_WHOLENUMBER_H

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <string>
#include <type_traits>

namespace dale::runtime {

/// Checks that an option's text is a number of type `Number`, for CLI11 makes
/// -1 a large number, and a number that is too large the largest there is.
template <typename Number = int64_t>
struct WholeNumber : CLI::Validator {
  WholeNumber() {
    func_ = [](std::string &text) -> std::string {
      Number number;
      auto [end, error] =
          std::from_chars(text.data(), text.data() + text.size(), number);
      if (error == std::errc() && end == text.data() + text.size())
        return {};
      return fmt::format("expected a whole number{} up to {}, got '{}'",
                         std::is_signed_v<Number> ? "" : " from 0",
                         std::numeric_limits<Number>::max(), text);
    };
  }
};

/// Checks that an option's text is a number, for CLI11 does not say what it
/// expected.
struct RealNumber : CLI::Validator {
  RealNumber() {
    func_ = [](std::string &text) -> std::string {
      char *end = nullptr;
      std::strtod(text.c_str(), &end);
      if (!text.empty() && *end == '\0')
        return {};
      return fmt::format("expected a number, got '{}'", text);
    };
  }
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_CLI_WHOLENUMBER_H
