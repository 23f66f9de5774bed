//===- FiniteDifferencesTest.cpp - Derivatives of every op ----------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Every op that has a derivative, compiled as a circuit would be: gradients
/// against central differences of the compiled loss itself.
///
//===----------------------------------------------------------------------===//

#include "CompiledStep.h"
#include "DerivativeCases.h"
#include "compiler/Registration.h"
#include "dialect/TensorOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringSet.h"

#include <gtest/gtest.h>

#include <cmath>
#include <random>

using namespace mlir;
using namespace dale;
using namespace dale::test;

namespace dale::test {
static void PrintTo(const DerivativeCase &test, std::ostream *os) {
  *os << test.op;
}
} // namespace dale::test

namespace {

/// Numbers in ±[0.5, 1.5]: far from where derivatives jump, and from division
/// by zero.
class Draw {
public:
  double operator()() {
    double value = 0.5 + double(engine() >> 8) / double(1 << 24);
    return engine() & 1 ? value : -value;
  }
  int32_t label() { return static_cast<int32_t>(engine() % 4); }

private:
  std::mt19937 engine{12345};
};

MLIRContext &context() {
  static MLIRContext *const instance = [] {
    DialectRegistry registry;
    registerDialects(registry);
    auto *context = new MLIRContext(registry, MLIRContext::Threading::DISABLED);
    context->loadAllAvailableDialects();
    return context;
  }();
  return *instance;
}

/// A program, and the processor that it is compiled for.
class FiniteDifferences
    : public testing::TestWithParam<std::tuple<DerivativeCase, const char *>> {
};

TEST_P(FiniteDifferences, AgreeWithTheGradient) {
  const auto &[test, cpu] = GetParam();
  SCOPED_TRACE(test.module());
  OwningOpRef<ModuleOp> module =
      parseSourceString<ModuleOp>(test.module(), &context());
  ASSERT_TRUE(module);
  bool found = false;
  module->walk(
      [&](Operation *op) { found |= op->getName().getStringRef() == test.op; });
  EXPECT_TRUE(found) << "the case lacks its op";
  std::unique_ptr<CompiledStep> step = CompiledStep::compile(*module, {cpu});
  ASSERT_TRUE(step);

  Draw draw;
  int64_t count = test.numParameters();
  StepBuffers start;
  for (int64_t i = 0; i < count; ++i) {
    start.parameters.push_back(draw());
    start.momenta.push_back(draw());
  }
  for (int64_t i = 0; i < test.batch * test.imageElements(); ++i)
    start.images.push_back(draw());
  for (int64_t i = 0; i < test.batch; ++i) {
    start.labels.push_back(draw.label());
    start.keys.push_back(static_cast<int32_t>(i));
  }
  start.learningRate = 0.125;

  StepBuffers stepped = start;
  step->run(stepped, test.batch);
  ASSERT_TRUE(std::isfinite(stepped.loss));
  auto lossAt = [&](int64_t i, double shift) {
    StepBuffers buffers = start;
    buffers.parameters[i] += shift;
    step->run(buffers, test.batch);
    return buffers.loss;
  };
  // Fourth order: truncation and rounding both stay far below the tolerance.
  constexpr double h = 1e-4;
  double largest = 1, worst = 0;
  int64_t worstAt = 0;
  for (double value : stepped.gradients)
    largest = std::max(largest, std::abs(value));
  for (int64_t i = 0; i < count; ++i) {
    double near = lossAt(i, h) - lossAt(i, -h);
    double far = lossAt(i, 2 * h) - lossAt(i, -2 * h);
    double expected = (8 * near - far) / (12 * h);
    double error = std::abs(stepped.gradients[i] - expected) / largest;
    if (!(error <= worst)) {
      worst = error;
      worstAt = i;
    }
  }
  EXPECT_LE(worst, 1e-9) << "parameter " << worstAt << ": the gradient is "
                         << stepped.gradients[worstAt];
  std::cout << "worst relative difference of " << count
            << " parameters: " << worst << "\n";

  // The optimizer that stands behind each of them.
  double tolerance = 1e-14 * largest;
  for (int64_t i = 0; i < count; ++i) {
    double momentum = 0.9 * start.momenta[i] + stepped.gradients[i];
    EXPECT_NEAR(stepped.momenta[i], momentum, tolerance);
    EXPECT_NEAR(stepped.parameters[i], start.parameters[i] - 0.125 * momentum,
                tolerance);
  }
}

std::string
nameOf(const testing::TestParamInfo<FiniteDifferences::ParamType> &info) {
  return std::get<0>(info.param).name;
}

INSTANTIATE_TEST_SUITE_P(Native, FiniteDifferences,
                         testing::Combine(testing::ValuesIn(derivativeCases()),
                                          testing::Values("native")),
                         nameOf);
// Short vectors, few registers, and no fused multiply-add.
INSTANTIATE_TEST_SUITE_P(Baseline, FiniteDifferences,
                         testing::Combine(testing::ValuesIn(derivativeCases()),
                                          testing::Values("x86-64")),
                         nameOf);

// A new op with a derivative needs a case.
TEST(Derivatives, HaveACaseEach) {
  llvm::StringSet<> tested;
  for (const DerivativeCase &test : derivativeCases())
    tested.insert(test.op);
  size_t differentiable = 0;
  for (RegisteredOperationName name : context().getRegisteredOperations()) {
    if (!name.hasInterface<DifferentiableOpInterface>())
      continue;
    ++differentiable;
    EXPECT_TRUE(tested.contains(name.getStringRef()))
        << name.getStringRef().str() << " has no case in DerivativeCases.cpp";
  }
  EXPECT_EQ(differentiable, tested.size());
}

} // namespace
