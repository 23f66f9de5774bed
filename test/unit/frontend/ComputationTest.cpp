//===- ComputationTest.cpp - What a circuit computes -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Frontend.h"
#include "frontend/Vocabulary.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include <gtest/gtest.h>

using namespace dale;

namespace {

const char *const text = R"(
[circuit]
name  = "Small"
input = { height = 8, width = 8, channels = 1 }
steps = 2

[first]
channels = 2

[area.populations]
P = { channels = 2, sign = "excitatory", principal = true }
I = { channels = 2, sign = "inhibitory" }

[area.gates]
f = { on = "P", acts = "memory", kind = "multiply", offset = 1.0 }

[area.projections]
"input -> P, I, f" = { range = "long-range" }
"P -> P, I"        = { range = "local" }
"I -> P"           = { range = "local" }

[readout]
classes = 10

[training]
dataset = "mnist"
)";

class Computation : public testing::Test {
protected:
  Computation() {
    int descriptor;
    EXPECT_FALSE(
        llvm::sys::fs::createTemporaryFile("dale", "toml", descriptor, path));
    llvm::raw_fd_ostream(descriptor, /*shouldClose=*/true) << text;
    remover.setFile(path);
  }

  /// Of the circuit with this override.
  std::string with(const std::string &override) {
    auto circuit = parseCircuitFile(context, path, {override});
    EXPECT_TRUE(succeeded(circuit)) << override;
    EXPECT_NE(circuit->source, whole) << override;
    return circuit->computation;
  }

  mlir::MLIRContext context;
  llvm::SmallString<128> path;
  llvm::FileRemover remover;
  std::string whole;
};

/// What options of `train` say instead, and what they cannot.
const std::pair<const char *, const char *> ofTrain[] = {
    {"dataset", "\"fashion-mnist\""},
    {"batch", "7"},
    {"epochs", "7"},
    {"learning_rate", "0.7"},
    {"fraction", "0.7"},
    {"random_labels", "true"},
    {"seed", "7"}};
const std::pair<const char *, const char *> ofCircuit[] = {
    {"schedule", "{ epochs = [7], factor = 0.1 }"},
    {"momentum", "0.7"},
    {"l2", "0.7"},
    {"l2_norms", "false"},
    {"augment", "{ pad = 1, flip = true }"}};

} // namespace

TEST_F(Computation, IsWithoutWhatTrainIsTold) {
  auto circuit = parseCircuitFile(context, path);
  ASSERT_TRUE(succeeded(circuit));
  whole = circuit->source;
  EXPECT_EQ(with("circuit.name=\"Other\""), circuit->computation);
  for (auto [key, value] : ofTrain)
    EXPECT_EQ(with(std::string("training.") + key + "=" + value),
              circuit->computation)
        << key;
}

TEST_F(Computation, HasAllElse) {
  auto circuit = parseCircuitFile(context, path);
  ASSERT_TRUE(succeeded(circuit));
  whole = circuit->source;
  for (const char *override :
       {"circuit.steps=3", "circuit.input.height=9",
        "first.activation=\"sigmoid\"", "area.pool={ size = 2, stride = 1 }",
        "area.populations.P.activation=\"tanh\"",
        "area.populations.I.silent=true", "area.gates.f.offset=2.0",
        "area.projections.\"I -> P\".constraint=\"rectify\"",
        "readout.time=\"sum\""})
    EXPECT_NE(with(override), circuit->computation) << override;
  for (auto [key, value] : ofCircuit)
    EXPECT_NE(with(std::string("training.") + key + "=" + value),
              circuit->computation)
        << key;
}

/// A new key must be one or the other.
TEST_F(Computation, KnowsEveryKeyOfTraining) {
  for (const Key &key : kindOf(TableId::Training).keys) {
    auto is = [&](auto &entry) { return entry.first == key.name; };
    EXPECT_TRUE(llvm::any_of(ofTrain, is) || llvm::any_of(ofCircuit, is))
        << key.name;
  }
}
