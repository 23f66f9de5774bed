//===- CpuFeatures.cpp - What this machine's CPU can do -------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/circuit/CpuFeatures.h"

#include "runtime/Error.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sstream>

using namespace dale::runtime;

CpuInfo dale::runtime::parseCpuInfo(std::string_view text) {
  CpuInfo cpu;
  std::istringstream lines{std::string(text)};
  for (std::string line; std::getline(lines, line);) {
    size_t colon = line.find(':');
    if (colon == std::string::npos)
      continue;
    std::string key =
        line.substr(0, line.find_last_not_of(" \t", colon - 1) + 1);
    std::istringstream value(line.substr(colon + 1));
    if (key == "model name" && cpu.model.empty()) {
      std::getline(value >> std::ws, cpu.model);
    } else if (key == "flags" && cpu.features.empty()) {
      cpu.features = {std::istream_iterator<std::string>(value), {}};
    }
  }
  return cpu;
}

CpuInfo dale::runtime::thisCpu() {
  std::ifstream stream("/proc/cpuinfo");
  std::string text{std::istreambuf_iterator<char>(stream), {}};
  return parseCpuInfo(text);
}

std::vector<std::string>
dale::runtime::missingFeatures(const CpuInfo &cpu,
                               const std::vector<std::string> &features) {
  if (cpu.features.empty())
    return {};
  std::vector<std::string> missing;
  for (const std::string &feature : features)
    if (std::find(cpu.features.begin(), cpu.features.end(), feature) ==
        cpu.features.end())
      missing.push_back(feature);
  return missing;
}

void dale::runtime::checkCpu(const CpuInfo &cpu, const std::string &targetCpu,
                             const std::vector<std::string> &features) {
  std::vector<std::string> missing = missingFeatures(cpu, features);
  if (missing.empty())
    return;
  fail("this executable was compiled for the CPU '{}' and needs {}, which this "
       "machine's CPU ({}) lacks; compile the circuit again on this machine, "
       "or for an older CPU",
       targetCpu, fmt::join(missing, ", "),
       cpu.model.empty() ? "unknown" : cpu.model);
}

void dale::runtime::checkThisCpu(const std::string &targetCpu,
                                 const std::vector<std::string> &features) {
  checkCpu(thisCpu(), targetCpu, features);
}
