//===- StepQueueTest.cpp - Tests of steps that are begun ahead ------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/StepQueue.h"
#include "runtime/CircuitABI.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <stdexcept>
#include <thread>

using namespace dale::runtime;

namespace {

/// A device on which a step writes its number as the losses of two networks,
/// when the host waits for it and not before.
class LateExecutor final : public Executor {
public:
  LateExecutor(const Circuit &circuit, bool ahead,
               std::chrono::milliseconds eachStep = {})
      : Executor(circuit), ahead(ahead), eachStep(eachStep) {}

  std::string device() const override { return "late"; }
  std::string description() const override { return "a late device"; }
  Buffer hostBuffer(int64_t bytes, Purpose purpose) override {
    return Buffer::zeroed(bytes, purpose);
  }
  void reserve(std::string_view, int64_t) override {}
  bool makeResident(std::span<const uint8_t>) override { return true; }
  void setNetworks(int64_t) override {}
  int64_t networks() const override { return 2; }
  void load(std::span<Model *const>) override {}
  void store(std::span<Model *const>) override {}
  void setImages(const std::byte *, int64_t) override {}
  void prepare(Batches &, int64_t) override {}
  void trainStep(Batches &buffers, int64_t, double) override {
    EXPECT_EQ(std::count(underWay.begin(), underWay.end(), &buffers), 0)
        << "the buffers of a step that is under way are used anew";
    underWay.push_back(&buffers);
    mostUnderWay = std::max(mostUnderWay, underWay.size());
  }
  void evaluate(Batches &, int64_t) override {}
  void respond(Batches &, Buffer &, int64_t) override {}
  void fetch(std::span<Batches> batches, int mark) override {
    // All of them stand in a row, at the queue's end.
    ASSERT_LE(batches.size(), underWay.size());
    for (size_t i = 0; i < batches.size(); ++i)
      EXPECT_EQ(&batches[i], underWay[underWay.size() - batches.size() + i]);
    marked[mark] = done + static_cast<int64_t>(underWay.size());
  }
  bool runsAhead() const override { return ahead; }
  void waitFor(int mark) override {
    for (; done < marked[mark]; ++done) {
      std::this_thread::sleep_for(eachStep);
      for (BatchBuffers &network : *underWay.front())
        storeReal(network.losses.data(), circuit.element, 0,
                  static_cast<double>(done));
      underWay.erase(underWay.begin());
    }
  }
  void wait() override {}
  const Buffer &gradients() override { throw std::logic_error("none"); }
  double peakBytes() const override { return 0; }

  size_t mostUnderWay = 0;
  std::vector<Batches *> underWay;

protected:
  void reserveResults(int64_t) override {}

private:
  bool ahead;
  std::chrono::milliseconds eachStep;
  int64_t marked[2] = {0, 0};
  int64_t done = 0;
};

class Steps : public testing::Test {
protected:
  /// Begins `count` steps; expects them to be settled in their order.
  void run(LateExecutor &executor, StepQueue &queue, int64_t count) {
    auto settle = [&](const Batches &step) {
      for (const BatchBuffers &network : step)
        EXPECT_EQ(executor.losses(network).loss, static_cast<double>(settled));
      ++settled;
    };
    for (int64_t step = 0; step < count; ++step) {
      executor.trainStep(queue.next(), batch, 0.1);
      queue.begun(settle);
    }
    begun += count;
    EXPECT_LE(settled, begun);
    if (!executor.runsAhead()) {
      EXPECT_EQ(settled, begun);
    }
    queue.finish(settle);
    EXPECT_EQ(settled, begun);
    EXPECT_TRUE(executor.underWay.empty());
  }

  static constexpr int64_t batch = 2;
  Circuit circuit = Circuit::parse(dale_circuit_description);
  int64_t begun = 0, settled = 0;
};

TEST_F(Steps, AreAheadOfADeviceThatIsFast) {
  LateExecutor executor(circuit, /*ahead=*/true);
  StepQueue queue(executor, circuit, batch, /*gathered=*/false);
  for (int64_t count : {1000, 1, 0, 2, 777})
    run(executor, queue, count);
  EXPECT_GT(executor.mostUnderWay, 2u);
  EXPECT_LE(executor.mostUnderWay, 128u);
}

TEST_F(Steps, AreNotFarAheadOfASlowOne) {
  LateExecutor executor(circuit, /*ahead=*/true, std::chrono::milliseconds(60));
  StepQueue queue(executor, circuit, batch, /*gathered=*/false);
  run(executor, queue, 8);
  EXPECT_EQ(executor.mostUnderWay, 2u);
}

TEST_F(Steps, TakeTurnsWithTwoBatchesOfBytes) {
  LateExecutor executor(circuit, /*ahead=*/true);
  StepQueue queue(executor, circuit, batch, /*gathered=*/true);
  run(executor, queue, 100);
  EXPECT_EQ(executor.mostUnderWay, 2u);
}

TEST_F(Steps, AreSettledAtOnceOnTheCpu) {
  LateExecutor executor(circuit, /*ahead=*/false);
  for (bool gathered : {false, true}) {
    StepQueue queue(executor, circuit, batch, gathered);
    run(executor, queue, 100);
  }
  EXPECT_EQ(executor.mostUnderWay, 1u);
}

/// An error of a step ends the queue; what is behind it is not looked at.
TEST_F(Steps, MayFail) {
  LateExecutor executor(circuit, /*ahead=*/true);
  StepQueue queue(executor, circuit, batch, /*gathered=*/false);
  int64_t seen = 0;
  auto settle = [&](const Batches &) {
    if (seen++ == 10)
      throw std::runtime_error("not finite");
  };
  EXPECT_THROW(
      {
        for (int64_t step = 0; step < 100; ++step) {
          executor.trainStep(queue.next(), batch, 0.1);
          queue.begun(settle);
        }
        queue.finish(settle);
      },
      std::runtime_error);
  EXPECT_EQ(seen, 11);
}

} // namespace
