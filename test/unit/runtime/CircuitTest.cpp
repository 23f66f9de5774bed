//===- CircuitTest.cpp - Tests of the circuit's description ---------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/circuit/Circuit.h"
#include "Support.h"
#include "runtime/CircuitABI.h"
#include "runtime/circuit/CpuFeatures.h"
#include "runtime/train/Schedule.h"

#include <nlohmann/json.hpp>

using namespace dale::runtime;
using namespace dale::runtime::test;
using nlohmann::json;

namespace {

json fakeDescription() { return json::parse(dale_circuit_description); }

TEST(Circuit, SaysWhatTheDescriptionSays) {
  Circuit circuit = Circuit::load(dale_circuit_magic, dale_circuit_abi_version,
                                  dale_circuit_description);
  EXPECT_EQ(circuit.name, "Fake");
  EXPECT_EQ(circuit.computationHash, "0123456789abcdef");
  EXPECT_EQ(circuit.element, ElementType::F32);
  EXPECT_EQ(circuit.imageElements(), 3072);
  EXPECT_EQ(circuit.classes, 10);
  ASSERT_EQ(circuit.parameters.variables.size(), 3u);
  EXPECT_EQ(circuit.parameters.elements, 514);
  // Without the gap of six.
  EXPECT_EQ(circuit.parameters.count(), 508);
  const Variable &idle = circuit.parameters.variables[2];
  EXPECT_EQ(idle.name, "idle.weight");
  EXPECT_EQ(idle.shape, (Shape{3, 3, 1, 2}));
  EXPECT_EQ(idle.offset, 496);
  EXPECT_EQ(idle.initializer.kind, Initializer::Kind::TruncatedNormal);
  EXPECT_EQ(idle.initializer.fanIn, 9);
  EXPECT_EQ(circuit.responses[0].shape, (Shape{4, 4, 3}));
  EXPECT_EQ(circuit.training.batch, 16);
  EXPECT_EQ(circuit.training.pad, 4);
  EXPECT_TRUE(circuit.training.flip);
  EXPECT_EQ(circuit.training.seed, 7u);
  EXPECT_EQ(circuit.workspace.find("respond")->second.bytes(10, 3),
            64 + 80 + 384);
}

TEST(Circuit, KnowsItsWiring) {
  Circuit circuit = Circuit::parse(dale_circuit_description);
  EXPECT_TRUE(circuit.means.empty());
  ASSERT_EQ(circuit.areas.size(), 1u);
  const Area &area = circuit.areas[0];
  ASSERT_EQ(area.populations.size(), 2u);
  EXPECT_TRUE(area.populations[0].principal);
  EXPECT_EQ(area.populations[0].sign, Sign::Excitatory);
  EXPECT_EQ(area.populations[0].response, 0u);
  EXPECT_FALSE(area.populations[1].principal);
  EXPECT_FALSE(area.populations[1].sign);
  ASSERT_EQ(area.projections.size(), 1u);
  const Projection &projection = area.projections[0];
  EXPECT_EQ(projection.population, 1u);
  EXPECT_EQ(projection.kernel, (std::vector<size_t>{2}));
  EXPECT_EQ(projection.nameIn("area"), "features_to_logits");
  EXPECT_EQ(projection.nameIn("other"), "area.features_to_logits");
}

TEST(Circuit, RefusesBrokenWiring) {
  auto expectRefused = [](const char *pointer, const json &value,
                          const char *message) {
    json broken = fakeDescription();
    broken[json::json_pointer(pointer)] = value;
    expectError([&] { Circuit::parse(broken.dump()); }, {message});
  };
  expectRefused("/areas/0/populations/0/name", "other",
                "no response [h, w, C] of 'area.other'");
  const std::string projection = "/areas/0/projections/0/";
  auto expectProjectionRefused = [&](const char *key, const char *message) {
    expectRefused((projection + key).c_str(), "other", message);
  };
  expectProjectionRefused("variable", "no kernel of 'other'");
  expectProjectionRefused("population", "'area' has no population 'other'");
  expectProjectionRefused("source", "no population 'area.other'");
  expectProjectionRefused("area", "no population 'other.features'");
  expectProjectionRefused("site", "unknown site 'other'");
  expectProjectionRefused("constraint", "unknown constraint 'other'");
  expectRefused("/input/means", {1, 2}, "2 means of 3 channels");
}

TEST(Circuit, RefusesOtherObjects) {
  expectError([] { Circuit::load(1, DALE_CIRCUIT_ABI_VERSION, ""); },
              {"no circuit compiled by dale", "magic number 0x1"});
  expectError([] { Circuit::load(DALE_CIRCUIT_MAGIC, 99, ""); },
              {"version 99", "compile the circuit again"});
}

TEST(Circuit, RefusesABrokenDescription) {
  expectError([] { Circuit::parse("{"); }, {"compile the circuit again"});
  json lacking = fakeDescription();
  lacking["training"].erase("momentum");
  expectError([&] { Circuit::parse(lacking.dump()); }, {"'momentum'"});
  json outside = fakeDescription();
  outside["parameters"]["variables"][0]["offset"] = 100;
  expectError([&] { Circuit::parse(outside.dump()); },
              {"'readout.weight' lies outside its buffer of 514 elements"});
  json element = fakeDescription();
  element["element"] = "f16";
  expectError([&] { Circuit::parse(element.dump()); },
              {"unknown element type 'f16'"});
  json initializer = fakeDescription();
  initializer["averages"]["variables"][0]["initializer"]["kind"] = "magic";
  expectError([&] { Circuit::parse(initializer.dump()); },
              {"unknown initializer 'magic'"});
  json workspace = fakeDescription();
  workspace["workspace"].erase("respond");
  expectError([&] { Circuit::parse(workspace.dump()); },
              {"no workspace for 'respond'"});
}

TEST(CpuFeatures, FindsThemInCpuinfo) {
  CpuInfo cpu = parseCpuInfo("processor\t: 0\n"
                             "model name\t: Some CPU @ 2 GHz\n"
                             "flags\t\t: fpu sse2 avx2\n"
                             "bugs\t\t: avx512f\n\n"
                             "processor\t: 1\n"
                             "model name\t: Another\n"
                             "flags\t\t: fpu\n");
  EXPECT_EQ(cpu.model, "Some CPU @ 2 GHz");
  EXPECT_EQ(cpu.features, (std::vector<std::string>{"fpu", "sse2", "avx2"}));
}

TEST(CpuFeatures, NamesWhatIsMissing) {
  CpuInfo cpu{"Some CPU", {"fpu", "avx2"}};
  EXPECT_NO_THROW(checkCpu(cpu, "znver4", {"avx2"}));
  expectError(
      [&] {
        checkCpu(cpu, "znver4", {"avx2", "avx512f", "avx512bw"});
      },
      {"'znver4'", "needs avx512f, avx512bw", "Some CPU"});
  EXPECT_EQ(missingFeatures(cpu, {"avx512bw", "avx2", "amx"}),
            (std::vector<std::string>{"avx512bw", "amx"}));
  EXPECT_EQ(missingFeatures({}, {"avx2"}), std::vector<std::string>());
  // Where nothing is known, nothing is refused.
  EXPECT_NO_THROW(checkCpu({}, "znver4", {"avx512f"}));
}

// A workspace that nothing can hold is told by whoever allocates it.
TEST(Sizes, StayTheLargestWhereTheyWouldOverflow) {
  constexpr int64_t half = int64_t(1) << 62;
  EXPECT_EQ(sizeProduct(half, 1), half);
  EXPECT_EQ(sizeProduct(half, 2), INT64_MAX);
  EXPECT_EQ(sizeSum(half, half), INT64_MAX);
  EXPECT_EQ(roundedUp(65, 64), 128);
  EXPECT_EQ(roundedUp(INT64_MAX, 64), INT64_MAX - 63);
  WorkspaceSize size{8, int64_t(1) << 40, 16};
  EXPECT_EQ(size.bytes(2, 4), 8 + (int64_t(2) << 40) + 64);
  EXPECT_EQ(size.bytes(INT32_MAX, 4), INT64_MAX);
  GpuFunction kernel{{0}, 8, int64_t(1) << 40, 16};
  EXPECT_EQ(kernel.bytes(INT32_MAX, 4), INT64_MAX);
  Circuit circuit;
  EXPECT_EQ(circuit.realBytes(half), INT64_MAX);
}

// models.md: 0.1, times 0.1 at epochs 100, 150 and 200.
TEST(Schedule, MultipliesFromItsEpochOn) {
  std::vector<ScheduleEntry> schedule = {{100, 0.1}, {150, 0.1}, {200, 0.5}};
  EXPECT_EQ(learningRateAt(0.1, schedule, 0), 0.1);
  EXPECT_EQ(learningRateAt(0.1, schedule, 99), 0.1);
  EXPECT_DOUBLE_EQ(learningRateAt(0.1, schedule, 100), 0.01);
  EXPECT_DOUBLE_EQ(learningRateAt(0.1, schedule, 149), 0.01);
  EXPECT_DOUBLE_EQ(learningRateAt(0.1, schedule, 150), 0.001);
  EXPECT_DOUBLE_EQ(learningRateAt(0.1, schedule, 249), 0.0005);
}

} // namespace
