//===- ModelTest.cpp - Tests of weights files and checkpoints -------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Support.h"
#include "runtime/CircuitABI.h"
#include "runtime/device/Buffer.h"
#include "runtime/train/Checkpoint.h"
#include "runtime/train/InitialWeights.h"
#include "runtime/train/ModelFile.h"

#include <cmath>
#include <limits>

using namespace dale::runtime;
using namespace dale::runtime::test;

namespace {

class ModelFile : public testing::Test {
protected:
  ModelFile()
      : circuit(Circuit::parse(dale_circuit_description)), model(circuit) {
    initializeModel(model, circuit, 1);
  }

  /// Writes a weights file, changed by `change`.
  void write(const std::function<void(std::vector<TensorWriter::Declaration> &)>
                 &change) {
    std::vector<TensorWriter::Declaration> declarations;
    declareVariables(declarations, circuit, circuit.parameters, "");
    declareVariables(declarations, circuit, circuit.averages, "");
    change(declarations);
    TensorWriter writer(folder / "w", declarations);
    writer.commit();
  }

  void expectRefused(const std::vector<std::string> &parts) {
    expectError(
        [&] { readModel(model, circuit, TensorReader(folder / "w"), false); },
        parts);
  }

  TemporaryFolder folder;
  Circuit circuit;
  Model model;
};

TEST_F(ModelFile, ACheckpointKeepsEverything) {
  for (float &value : model.momenta.as<float>())
    value = 0.25f;
  model.averages.as<float>()[3] = 0.125f;
  TrainSettings settings{"cifar10", 50000, 12, 64, 0.1, true, 1ull << 63};
  TrainState state{3, 17, 1.0 / 3, 2.0 / 3, 99};
  writeCheckpoint(folder / "c", model, circuit, settings, state);

  Model read(circuit);
  Checkpoint checkpoint = readCheckpoint(folder / "c", read, circuit);
  EXPECT_EQ(checkpoint.settings.dataset, "cifar10");
  EXPECT_EQ(checkpoint.settings.trainImages, 50000);
  EXPECT_EQ(checkpoint.settings.epochs, 12);
  EXPECT_EQ(checkpoint.settings.batch, 64);
  EXPECT_EQ(checkpoint.settings.learningRate, 0.1);
  EXPECT_TRUE(checkpoint.settings.augment);
  EXPECT_EQ(checkpoint.settings.seed, 1ull << 63);
  EXPECT_EQ(checkpoint.state.epoch, 3);
  EXPECT_EQ(checkpoint.state.step, 17);
  EXPECT_EQ(checkpoint.state.lossSum, 1.0 / 3);
  EXPECT_EQ(checkpoint.state.totalSum, 2.0 / 3);
  EXPECT_EQ(checkpoint.state.correct, 99);
  EXPECT_TRUE(checkpoint.sameSource);
  EXPECT_EQ(checkpoint.sameComputation, true);
  for (const Variable &variable : circuit.parameters.variables)
    for (int64_t i = 0; i < variable.elements(); ++i) {
      EXPECT_EQ(read.parameters.as<float>()[variable.offset + i],
                model.parameters.as<float>()[variable.offset + i]);
      EXPECT_EQ(read.momenta.as<float>()[variable.offset + i], 0.25f);
    }
  EXPECT_EQ(read.averages.as<float>()[3], 0.125f);

  // It is a weights file too.
  EXPECT_NO_THROW(readModel(read, circuit, TensorReader(folder / "c"), false));
  circuit.source += "# changed";
  checkpoint = readCheckpoint(folder / "c", read, circuit);
  EXPECT_FALSE(checkpoint.sameSource);
  EXPECT_TRUE(checkpoint.sameCircuit());
  circuit.computationHash = "another";
  checkpoint = readCheckpoint(folder / "c", read, circuit);
  EXPECT_EQ(checkpoint.sameComputation, false);
  EXPECT_FALSE(checkpoint.sameCircuit());
  circuit.name = "Other";
  expectError([&] { readCheckpoint(folder / "c", read, circuit); },
              {"checkpoint of the circuit 'Fake': expected 'Other'"});
}

TEST_F(ModelFile, AWeightsFileIsNoCheckpoint) {
  write([](auto &) {});
  expectError([&] { readCheckpoint(folder / "w", model, circuit); },
              {"metadata lacks 'format'", "--weights"});
}

// What nothing that dale has written can say.
TEST_F(ModelFile, RefusesACheckpointOfImpossibleValues) {
  auto refuses = [&](const std::vector<std::string> &parts) {
    expectError([&] { readCheckpoint(folder / "c", model, circuit); }, parts);
  };
  auto replace = [&](std::string_view text, std::string_view by) {
    std::string bytes = readFile(folder / "c");
    size_t at = bytes.find(text);
    ASSERT_NE(at, bytes.npos) << text;
    writeFile(folder / "c", bytes.replace(at, text.size(), by));
  };
  TrainSettings settings{"cifar10", 50000, 12, 64, -1, true, 1};
  writeCheckpoint(folder / "c", model, circuit, settings, {});
  refuses({"the metadata 'learning_rate' is '-0x1p+0': expected a positive"});
  settings.learningRate = 0.1;
  for (auto [key, value] :
       {std::pair("augment", '1'), std::pair("random_labels", '0')}) {
    writeCheckpoint(folder / "c", model, circuit, settings, {});
    replace(fmt::format("\"{}\":\"{}\"", key, value),
            fmt::format("\"{}\":\"?\"", key));
    refuses({fmt::format("the metadata '{}' is '?': expected 0 or 1", key)});
  }
  circuit.averages.variables[0].name = "norm.variance";
  model.averages.as<float>()[1] = -5;
  writeCheckpoint(folder / "c", model, circuit, settings, {});
  refuses({"element 1 of 'norm.variance' is -5: expected a variance"});
}

TEST_F(ModelFile, NothingIsLostWhenAValueIsNotFinite) {
  writeFile(folder / "c", "the last one");
  model.momenta.as<float>()[circuit.parameters.variables[1].offset] =
      std::numeric_limits<float>::infinity();
  expectError([&] { writeCheckpoint(folder / "c", model, circuit, {}, {}); },
              {"'momentum.readout.bias' is not finite"});
  EXPECT_EQ(readFile(folder / "c"), "the last one");
}

TEST_F(ModelFile, NamesAWrongShape) {
  write([](auto &tensors) { tensors[0].shape = {48, 7}; });
  expectRefused({(folder / "w").string(), "'Fake'",
                 "'readout.weight' has the shape [48, 7]: expected [48, 10]"});
}

TEST_F(ModelFile, NamesAWrongType) {
  write([](auto &tensors) { tensors[0].type = ElementType::I32; });
  expectRefused({"'readout.weight' is I32: expected F32 or F64"});
}

TEST_F(ModelFile, NamesMissingAndExtraWithTheNearest) {
  write([](auto &tensors) {
    tensors[1].name = "readout.bais";
    tensors.push_back({"strange", ElementType::F32, {1}});
  });
  expectRefused({"'readout.bias' is missing (the file has 'readout.bais')",
                 "'readout.bais' is no parameter of the circuit; did you mean "
                 "'readout.bias'?",
                 "'strange' is no parameter of the circuit"});
}

TEST_F(ModelFile, NamesAMissingAverage) {
  write([](auto &tensors) { tensors.pop_back(); });
  expectRefused({"'norm.mean' is missing"});
}

TEST_F(ModelFile, RefusesValuesThatAreNotFinite) {
  std::vector<TensorWriter::Declaration> declarations;
  declareVariables(declarations, circuit, circuit.parameters, "");
  declareVariables(declarations, circuit, circuit.averages, "");
  {
    TensorWriter writer(folder / "w", declarations);
    float broken = std::nanf("");
    writer.write("readout.weight", &broken, 4, 400);
    writer.commit();
  }
  expectRefused({"'readout.weight' holds values that are not finite"});
}

TEST_F(ModelFile, DoublePrecisionIsConverted) {
  std::vector<double> mean(48, 0.1);
  write([](auto &tensors) { tensors.back().type = ElementType::F64; });
  EXPECT_NO_THROW(readModel(model, circuit, TensorReader(folder / "w"), false));
}

TEST(Buffer, IsAlignedAndZero) {
  for (int64_t bytes :
       {int64_t(0), int64_t(1), int64_t(1000), int64_t(5) << 20}) {
    Buffer buffer = Buffer::zeroed(bytes, "a test");
    ASSERT_NE(buffer.data(), nullptr);
    EXPECT_EQ(
        reinterpret_cast<uintptr_t>(buffer.data()) % DALE_BUFFER_ALIGNMENT, 0u);
    EXPECT_EQ(buffer.view().size, bytes);
    for (uint8_t byte : buffer.as<uint8_t>())
      ASSERT_EQ(byte, 0);
  }
}

TEST(Buffer, SaysWhatNeedsTooMuchMemory) {
  expectError(
      [] { Buffer::uninitialized(int64_t(1) << 60, "the workspace"); },
      {"not enough memory for the workspace", "1048576.0 TiB", "--batch"});
  // No batch is small enough for these.
  auto model = [](int64_t parameters, int64_t averages) {
    Circuit circuit;
    circuit.parameters.elements = parameters;
    circuit.averages.elements = averages;
    Model model(circuit);
  };
  expectError([&] { model(int64_t(1) << 58, 1); },
              {"not enough memory for the parameters", "this machine has",
               "; give the circuit fewer channels"});
  expectError([&] { model(1, int64_t(1) << 58); },
              {"not enough memory for the moving averages",
               "; give the circuit fewer channels"});
}

} // namespace
