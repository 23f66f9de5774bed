//===- CompiledCircuit.h - An executable and its tensors --------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_TEST_GOLDEN_COMPILEDCIRCUIT_H
#define DALE_TEST_GOLDEN_COMPILEDCIRCUIT_H

#include "TensorFile.h"
#include "test/unit/runtime/Support.h"

#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <stdexcept>

namespace dale::test {

/// One executable, which is run in a folder of its own.
class CompiledCircuit {
public:
  explicit CompiledCircuit(const std::string &name)
      : program((std::filesystem::path(CIRCUITS_FOLDER) / name).string()) {}

  Tensors step(const std::filesystem::path &weights,
               const std::filesystem::path &batch,
               std::vector<std::string> options = {}) const {
    options.insert(options.begin(), {"step", "--weights", weights.string(),
                                     "--batch", batch.string()});
    return run(std::move(options));
  }

  /// All that the golden values tell of a first step. Logits of evaluation are
  /// computed twice, in functions that are fused differently: they may be
  /// `rounding` apart, of the largest.
  Tensors stepAndRespond(const std::filesystem::path &weights,
                         const std::filesystem::path &batch,
                         std::vector<std::string> options = {},
                         double rounding = 1e-5) const {
    Tensors all = step(weights, batch, options);
    options.insert(options.begin(), {"respond", "--weights", weights.string(),
                                     "--images", batch.string()});
    Tensors responses = run(std::move(options));
    const Tensor &logits = responses["logits"], &again = all["logits_eval"];
    EXPECT_EQ(logits.values.size(), again.values.size());
    for (size_t i = 0; i < std::min(logits.values.size(), again.values.size());
         ++i)
      EXPECT_NEAR(logits.values[i], again.values[i],
                  rounding * again.largest());
    responses.erase("logits");
    all.merge(responses);
    return all;
  }

  /// What the executable says of itself.
  nlohmann::json describe() const {
    return nlohmann::json::parse(
        runtime::test::runCommand({program, "info", "--json"}).out);
  }

  /// Of the CPU.
  int threads = 2;

private:
  Tensors run(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), program);
    std::string out = (folder / "out").string();
    arguments.insert(arguments.end(),
                     {"--out", out, "--threads", std::to_string(threads)});
    runtime::test::CommandResult result = runtime::test::runCommand(arguments);
    // Nothing could be compared: a test ends here.
    if (result.exitCode != 0)
      throw std::runtime_error(fmt::format("`{}` ended with {}: {}",
                                           fmt::join(arguments, " "),
                                           result.exitCode, result.err));
    return readTensors(out);
  }

  std::string program;
  runtime::test::TemporaryFolder folder;
};

} // namespace dale::test

#endif // DALE_TEST_GOLDEN_COMPILEDCIRCUIT_H
