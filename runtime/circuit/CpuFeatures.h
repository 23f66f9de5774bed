//===- CpuFeatures.h - What this machine's CPU can do -----------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Tells a user in words that the executable was compiled for another CPU,
/// where running it would end in an illegal instruction.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_CIRCUIT_CPUFEATURES_H
#define DALE_RUNTIME_CIRCUIT_CPUFEATURES_H

#include <string>
#include <string_view>
#include <vector>

namespace dale::runtime {

/// What /proc/cpuinfo says of the first CPU.
struct CpuInfo {
  std::string model;
  std::vector<std::string> features;
};

CpuInfo parseCpuInfo(std::string_view text);

/// Of the machine that runs this; empty where it cannot be known.
CpuInfo thisCpu();

/// Those of `features` (names of /proc/cpuinfo) that a CPU lacks; none where
/// its own cannot be known.
std::vector<std::string>
missingFeatures(const CpuInfo &cpu, const std::vector<std::string> &features);

/// Throws if a CPU lacks one of `features`. Where its own cannot be known,
/// nothing is thrown.
void checkCpu(const CpuInfo &cpu, const std::string &targetCpu,
              const std::vector<std::string> &features);

/// The same for the machine that runs this.
void checkThisCpu(const std::string &targetCpu,
                  const std::vector<std::string> &features);

} // namespace dale::runtime

#endif // DALE_RUNTIME_CIRCUIT_CPUFEATURES_H
