//===- CommandLineNames.h - Names of the command line -----------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What executables take on their command lines and others must know as well:
/// a sweep checks it before it starts any. The standard library only.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_COMMANDLINENAMES_H
#define DALE_RUNTIME_COMMANDLINENAMES_H

#include <array>
#include <charconv>
#include <optional>
#include <string_view>

namespace dale::runtime {

/// Of --dataset. The first is a circuit's where it says none.
inline constexpr std::array<std::string_view, 4> datasetNames{
    "cifar10", "fashion-mnist", "imagenet", "mnist"};
/// The same for a reader.
inline constexpr const char *datasetNamesText =
    "cifar10, fashion-mnist, imagenet or mnist";

/// Of --device.
struct DeviceName {
  enum class Kind { Auto, Cpu, Cuda, Emulated };
  Kind kind = Kind::Auto;
  /// Of several GPUs; the first if nothing is said.
  std::optional<int> index;
};
inline constexpr const char *deviceNamesText =
    "auto, cpu, cuda, cuda:0 (or another number) or emulated";

/// Nothing if `text` names no device.
inline std::optional<DeviceName> parseDeviceName(std::string_view text) {
  using Kind = DeviceName::Kind;
  if (text == "auto")
    return DeviceName{};
  if (text == "cpu")
    return DeviceName{Kind::Cpu, {}};
  if (text == "cuda")
    return DeviceName{Kind::Cuda, {}};
  if (text == "emulated")
    return DeviceName{Kind::Emulated, {}};
  constexpr std::string_view prefix = "cuda:";
  if (!text.starts_with(prefix))
    return std::nullopt;
  int index = 0;
  const char *end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data() + prefix.size(), end, index);
  if (error != std::errc() || stop != end || index < 0)
    return std::nullopt;
  return DeviceName{Kind::Cuda, index};
}

} // namespace dale::runtime

#endif // DALE_RUNTIME_COMMANDLINENAMES_H
