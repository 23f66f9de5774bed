//===- CircuitCheck.cpp - What must hold for every circuit ----------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "CircuitCheck.h"
#include "StepVariables.h"
#include "compiler/Pipeline.h"
#include "compiler/Registration.h"
#include "frontend/Frontend.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/FormatVariadic.h"

#include <ctime>

using namespace mlir;
using namespace dale;
using namespace dale::test;

namespace {

/// Of a variable's largest gradient: what fused and unfused may differ by.
constexpr double unfusedTolerance = 1e-9;
/// Of the gradient in a direction: what differences may differ by.
constexpr double directionTolerance = 1e-6;
/// Roundings that a loss takes, as a multiple of the last of them.
constexpr double lossRoundings = 200 * 0x1p-52;

class Checker {
public:
  Checker(const std::string &text, uint64_t seed,
          const CircuitCheckOptions &options)
      : options(options), text(text), draw(seed ^ 0x9E3779B97F4A7C15) {}

  CircuitReport check();

private:
  OwningOpRef<ModuleOp> expand(bool doublePrecision);
  bool compile();
  bool drawStep();
  void compareUnfused(int64_t batch);
  void compareBuffers(const std::string &what, ArrayRef<double> unfused,
                      ArrayRef<double> fused, double floor);
  void compareDirections();
  void compareDirection(const std::string &what, ArrayRef<double> direction,
                        double scale);
  double objectiveAt(ArrayRef<double> direction, double shift);
  void drawBatch(int64_t size);
  void fail(const std::string &failure) { report.failures.push_back(failure); }

  const CircuitCheckOptions &options;
  const std::string &text;
  Draw draw;
  MLIRContext context{MLIRContext::Threading::DISABLED};
  CircuitReport report;

  std::unique_ptr<CompiledStep> fused, unfused;
  std::vector<StepVariable> variables;
  int64_t imageElements = 0, classes = 0, batch = 0;
  /// Before a step, and after it.
  StepBuffers start, stepped;
};

} // namespace

static double largest(ArrayRef<double> values) {
  double result = 0;
  for (double value : values)
    result = std::max(result, std::abs(value));
  return result;
}

//===----------------------------------------------------------------------===//
// Compilation
//===----------------------------------------------------------------------===//

/// The circuit as functions on tensors; null after an error.
OwningOpRef<ModuleOp> Checker::expand(bool doublePrecision) {
  llvm::SmallString<128> path;
  int descriptor;
  if (llvm::sys::fs::createTemporaryFile("dale-random", "toml", descriptor,
                                         path))
    return {};
  llvm::FileRemover remover(path);
  llvm::raw_fd_ostream(descriptor, /*shouldClose=*/true) << text;
  FailureOr<ParsedCircuit> circuit = parseCircuitFile(context, path);
  if (failed(circuit))
    return {};
  CircuitOp op = circuit->getCircuit();
  imageElements = llvm::product_of(op.getInput());
  for (auto readout : op.getBody().getOps<ReadoutOp>())
    classes = readout.getClasses();

  PassManager pm(&context);
  PipelineOptions pipeline;
  pipeline.level = EmitLevel::Tensor;
  pipeline.doublePrecision = doublePrecision;
  buildPipeline(pm, pipeline);
  if (failed(pm.run(*circuit->module)))
    return {};
  if (!options.allFunctions)
    for (auto function :
         llvm::make_early_inc_range(circuit->module->getOps<func::FuncOp>()))
      if (!function->hasAttr("dale.objective"))
        function.erase();
  return std::move(circuit->module);
}

bool Checker::compile() {
  DialectRegistry registry;
  registerDialects(registry);
  context.appendDialectRegistry(registry);
  context.loadAllAvailableDialects();
  OwningOpRef<ModuleOp> module = expand(/*doublePrecision=*/true);
  if (!module)
    return false;
  variables = collectVariables(*module);
  // With what lies between variables.
  auto sections = (*module)->getAttrOfType<DictionaryAttr>("dale.description");
  auto elements = [&](StringRef section) -> size_t {
    auto dictionary = sections.getAs<DictionaryAttr>(section);
    return dictionary.getAs<IntegerAttr>("elements").getInt();
  };
  start.parameters.assign(elements("parameters"), 0);
  start.momenta.assign(elements("parameters"), 0);
  start.averages.assign(elements("averages"), 0);
  OwningOpRef<ModuleOp> copy = module->clone();
  // LLVM's optimizations take ten times as long as all else, most of all for
  // the many stages that there are unfused.
  StepOptions step;
  step.optimize = options.optimize;
  step.verifyEach = options.verifyEach;
  fused = CompiledStep::compile(*module, step);
  step.fuse = false;
  unfused = CompiledStep::compile(*copy, step);
  if (!fused || !unfused)
    return false;
  if (!options.singlePrecision)
    return true;
  module = expand(/*doublePrecision=*/false);
  return module && CompiledStep::compile(*module, {});
}

//===----------------------------------------------------------------------===//
// Fused and unfused
//===----------------------------------------------------------------------===//

void Checker::drawBatch(int64_t size) {
  batch = size;
  start.images.clear();
  start.labels.clear();
  start.keys.clear();
  for (int64_t i = 0; i < size * imageElements; ++i)
    start.images.push_back(draw.normal());
  for (int64_t i = 0; i < size; ++i) {
    start.labels.push_back(static_cast<int32_t>(draw.index(classes)));
    start.keys.push_back(static_cast<int32_t>(draw.index(1 << 30)));
  }
  start.logits.assign(size * classes, 0);
}

/// Weights of which the circuit makes a loss that is a number. Time steps that
/// nothing saturates may each multiply what they get.
bool Checker::drawStep() {
  for (double scale = 1; scale > 0.01; scale /= 2) {
    drawWeights(draw, variables, scale, start);
    for (double &momentum : start.momenta)
      momentum = draw.normal();
    start.learningRate = 0.125;
    stepped = start;
    fused->run(stepped, batch);
    // A penalty does not count: it is never large.
    if (std::abs(stepped.objective) < 100)
      return true;
  }
  fail(llvm::formatv("no weights have a loss that is small: {0}",
                     stepped.objective));
  return false;
}

void Checker::compareBuffers(const std::string &what, ArrayRef<double> unfused,
                             ArrayRef<double> fused, double floor) {
  double allowed = unfusedTolerance * std::max(largest(fused), floor);
  for (size_t i = 0; i < fused.size(); ++i) {
    double error = std::abs(unfused[i] - fused[i]);
    report.worstUnfused = std::max(report.worstUnfused, error / allowed);
    if (error <= allowed)
      continue;
    fail(llvm::formatv("{0} at {1}: {2:e15} unfused, {3:e15} fused", what, i,
                       unfused[i], fused[i]));
    return;
  }
}

void Checker::compareUnfused(int64_t size) {
  drawBatch(size);
  StepBuffers one = start, other = start;
  fused->run(one, size);
  unfused->run(other, size);
  compareBuffers("the losses", {other.loss, other.objective},
                 {one.loss, one.objective}, 1);
  compareBuffers("the logits", other.logits, one.logits, 1);
  // What norms cancel is zero but for rounding.
  double floor = std::max(0.01 * largest(one.gradients), 1e-6);
  for (const StepVariable &variable : variables) {
    auto compare = [&](const char *what, ArrayRef<double> other,
                       ArrayRef<double> one, double floor) {
      compareBuffers(what + variable.name,
                     other.slice(variable.offset, variable.size),
                     one.slice(variable.offset, variable.size), floor);
    };
    if (variable.isAverage) {
      compare("the new ", other.averages, one.averages, 1);
      continue;
    }
    compare("the gradient of ", other.gradients, one.gradients, floor);
    compare("the momentum of ", other.momenta, one.momenta, floor);
    compare("the new ", other.parameters, one.parameters, floor);
  }
}

//===----------------------------------------------------------------------===//
// Finite differences
//===----------------------------------------------------------------------===//

double Checker::objectiveAt(ArrayRef<double> direction, double shift) {
  StepBuffers buffers = start;
  for (auto [parameter, step] : llvm::zip(buffers.parameters, direction))
    parameter += shift * step;
  fused->run(buffers, batch);
  return buffers.objective;
}

/// Differences of two step sizes. Where a ReLU, a maximum or an absolute value
/// has a kink between the points, they do not agree with each other, and say
/// nothing about the gradient; smaller steps meet fewer kinks.
void Checker::compareDirection(const std::string &what,
                               ArrayRef<double> direction, double scale) {
  ++report.directions;
  double gradient = 0;
  for (auto [slope, step] : llvm::zip(stepped.gradients, direction))
    gradient += slope * step;
  scale = std::max(scale, std::abs(gradient));
  double center = stepped.objective;
  for (double h : {1e-4, 1e-5, 1e-6}) {
    // Pairs of points, each twice as far as the one before.
    double ahead[3], behind[3];
    for (int i = 0; i < 3; ++i) {
      ahead[i] = objectiveAt(direction, std::ldexp(h, i - 1));
      behind[i] = objectiveAt(direction, -std::ldexp(h, i - 1));
    }
    auto slope = [&](int i) {
      return (8 * (ahead[i] - behind[i]) - (ahead[i + 1] - behind[i + 1])) /
             (12 * std::ldexp(h, i - 1));
    };
    // How much more the slope is ahead than behind: in proportion to the step
    // where the loss is smooth, and not where there is a kink in the middle.
    auto bend = [&](int i) {
      return std::abs(ahead[i] - 2 * center + behind[i]) / std::ldexp(h, i - 1);
    };
    double allowed = directionTolerance * scale +
                     lossRoundings * std::max(1.0, std::abs(center)) / h;
    if (!(std::abs(slope(0) - slope(1)) <= allowed / 4) ||
        !(bend(0) <= 0.75 * bend(1) + allowed / 4))
      continue;
    ++report.conclusive;
    double error = std::abs(gradient - slope(0)) / allowed;
    report.worstDirection = std::max(report.worstDirection, error);
    if (!(error <= 1))
      fail(llvm::formatv("{0}: the gradient is {1:e9}, differences say {2:e9}",
                         what, gradient, slope(0)));
    return;
  }
}

void Checker::compareDirections() {
  std::vector<double> direction(start.parameters.size());
  double everywhere = largest(stepped.gradients);
  for (int i = 0; i < 4; ++i) {
    for (double &step : direction)
      step = draw.normal() / std::sqrt(double(direction.size()));
    compareDirection("a direction", direction, 0.01 * everywhere);
  }
  for (const StepVariable &variable : variables) {
    if (variable.isAverage)
      continue;
    double scale =
        0.1 *
        largest(
            ArrayRef(stepped.gradients).slice(variable.offset, variable.size));
    llvm::fill(direction, 0.0);
    for (size_t i = 0; i < variable.size; ++i)
      direction[variable.offset + i] =
          draw.normal() / std::sqrt(double(variable.size));
    compareDirection("a direction of " + variable.name, direction, scale);
    llvm::fill(direction, 0.0);
    size_t element = draw.index(variable.size);
    direction[variable.offset + element] = 1;
    compareDirection(variable.name + " at " + std::to_string(element),
                     direction, scale);
  }
}

//===----------------------------------------------------------------------===//
// All of it
//===----------------------------------------------------------------------===//

CircuitReport Checker::check() {
  std::string errors;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    llvm::raw_string_ostream os(errors);
    os << diagnostic.getLocation() << ": " << diagnostic << "\n";
  });
  // Of the processor: what a wall clock says depends on who else is there.
  auto since = [](std::clock_t begin) {
    return double(std::clock() - begin) / CLOCKS_PER_SEC;
  };
  std::clock_t begin = std::clock();
  bool compiled = compile();
  report.compileSeconds = since(begin);
  if (!compiled) {
    fail("cannot be compiled\n" + errors);
    return report;
  }
  begin = std::clock();
  drawBatch(draw.integer(2, 5));
  if (!drawStep())
    return report;
  compareDirections();
  compareUnfused(batch);
  // More images than parts of a batch that are summed on their own.
  compareUnfused(37);
  report.runSeconds = since(begin);
  return report;
}

CircuitReport dale::test::checkCircuit(const std::string &text, uint64_t seed,
                                       const CircuitCheckOptions &options) {
  return Checker(text, seed, options).check();
}
