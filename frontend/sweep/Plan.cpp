//===- Plan.cpp - The conditions and runs of an experiment -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/sweep/Plan.h"
#include "compiler/expand/Cost.h"
#include "frontend/Frontend.h"
#include "frontend/Override.h"
#include "frontend/sweep/Settings.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;
using namespace dale;
using namespace dale::sweep;

namespace {

/// Holds back what is reported while it lives, to report it elsewhere.
class Collector : public ScopedDiagnosticHandler {
public:
  explicit Collector(MLIRContext *context) : ScopedDiagnosticHandler(context) {
    setHandler([this](Diagnostic &diagnostic) {
      diagnostics.push_back(std::move(diagnostic));
      return success();
    });
  }
  std::vector<Diagnostic> diagnostics;
};

} // namespace

/// The place in the experiment file that a place in an override is.
static Location placeOf(Location loc, ArrayRef<Override> overrides) {
  auto place = loc->findInstanceOf<FileLineColLoc>();
  StringRef text = place ? place.getFilename().getValue() : StringRef();
  if (!text.consume_front(overridePrefix))
    return loc;
  for (const Override &override : llvm::reverse(overrides)) {
    if (override.text() != text)
      continue;
    if (place.getColumn() > override.path.size() + 1)
      return override.value.loc;
    return override.loc;
  }
  return loc;
}

/// Reports what was held back, each at the place that the user wrote.
static void report(ArrayRef<Diagnostic> diagnostics, const Condition &condition,
                   Reporter &reporter) {
  for (const Diagnostic &diagnostic : diagnostics) {
    Location loc = placeOf(diagnostic.getLocation(), condition.overrides);
    if (diagnostic.getSeverity() != DiagnosticSeverity::Error) {
      InFlightDiagnostic(emitWarning(loc)) << diagnostic.str();
      continue;
    }
    InFlightDiagnostic error = reporter.error(loc);
    error << diagnostic.str();
    for (const Diagnostic &note : diagnostic.getNotes())
      error.attachNote(placeOf(note.getLocation(), condition.overrides))
          << note.str();
    error.attachNote(condition.circuit->loc)
        << "in the condition " << condition.name;
  }
}

/// Counts what training it costs.
static double countFlops(const expand::CircuitPlan &plan) {
  // A multiply-add is two, and a training step three forward passes.
  return 6.0 * static_cast<double>(expand::countMultiplyAdds(plan));
}

/// A circuit to compile, and what estimates need to know of it.
static Executable describe(const Condition &condition, CircuitOp circuit) {
  expand::CircuitPlan plan = expand::planCircuit(circuit);
  Executable executable;
  executable.name = condition.name;
  executable.source = condition.source;
  executable.flopsPerImage = countFlops(plan);
  executable.height = plan.input().height;
  executable.width = plan.input().width;
  if (plan.training) {
    executable.epochs = plan.training.getEpochs();
    executable.batch = plan.training.getBatch();
    executable.fraction = plan.training.getFraction().convertToDouble();
  }
  return executable;
}

/// Reports a batch that is larger than the training set; the same of several
/// conditions is shown once.
static void checkBatch(const Condition &condition, const Executable &executable,
                       Reporter &reporter) {
  const Setting *limit = findSetting(condition.training, "limit_train");
  const Setting *setting = findSetting(condition.training, "batch");
  int64_t batch = setting ? setting->value.integer : executable.batch;
  if (!limit || batch <= limit->value.integer)
    return;
  InFlightDiagnostic error =
      reporter.error(setting ? setting->value.loc : limit->value.loc);
  if (setting)
    error << "'batch' is " << batch;
  else
    error << "the circuit '" << condition.circuit->name << "' has a batch of "
          << batch << " images";
  error << ", but 'limit_train' is " << limit->value.integer
        << ": expected at most as many; choose a smaller 'batch' or a larger "
           "'limit_train'";
}

/// Reads the circuit of a condition, and finds or adds its executable.
static void readCircuit(MLIRContext &context, Plan &plan, Condition &condition,
                        Reporter &reporter) {
  std::vector<std::string> overrides;
  for (const Override &override : condition.overrides)
    overrides.push_back(override.text());
  std::string file = plan.experiment.resolve(condition.circuit->file);
  std::vector<Diagnostic> problems;
  FailureOr<ParsedCircuit> circuit = failure();
  if (!llvm::sys::fs::exists(file)) {
    reporter.error(condition.circuit->fileLoc)
        << "there is no file '" << file << "'";
    return;
  }
  {
    Collector collector(&context);
    circuit = parseCircuitFile(context, file, overrides);
    problems = std::move(collector.diagnostics);
  }
  report(problems, condition, reporter);
  if (failed(circuit))
    return;
  condition.source = circuit->source;
  auto same =
      llvm::find_if(plan.executables, [&](const Executable &executable) {
        return executable.source == condition.source;
      });
  condition.executable = same - plan.executables.begin();
  if (same == plan.executables.end())
    plan.executables.push_back(describe(condition, circuit->getCircuit()));
  checkBatch(condition, plan.executables[condition.executable], reporter);
}

static void checkRuns(const Plan &plan, MLIRContext &context,
                      Reporter &reporter) {
  size_t seeds = plan.experiment.seeds.size();
  size_t runs = plan.conditions.size() * seeds;
  if (runs > mostRuns)
    reporter.error(FileLineColLoc::get(&context, plan.experiment.path, 0, 0))
        << plan.conditions.size() << " conditions with " << seeds
        << " seeds are " << runs << " runs: expected at most " << mostRuns
        << "; give fewer seeds, or the grid fewer values";
}

FailureOr<std::unique_ptr<Plan>>
sweep::makePlan(MLIRContext &context, StringRef file,
                const std::optional<std::vector<uint64_t>> &seeds,
                ArrayRef<std::string> figures) {
  Reporter reporter;
  std::optional<Experiment> experiment =
      readExperiment(&context, file, figures, reporter);
  if (!experiment)
    return failure();
  // In its place from now on: conditions refer to what is in it.
  auto plan = std::make_unique<Plan>();
  plan->experiment = std::move(*experiment);
  if (seeds)
    plan->experiment.seeds = *seeds;
  plan->conditions = expandConditions(plan->experiment, reporter);
  checkRuns(*plan, context, reporter);
  for (Condition &condition : plan->conditions)
    readCircuit(context, *plan, condition, reporter);
  if (reporter.failed())
    return failure();
  for (size_t i = 0; i < plan->conditions.size(); ++i)
    for (uint64_t seed : plan->experiment.seeds)
      plan->runs.push_back({i, seed,
                            "runs/" + plan->conditions[i].name + "/seed-" +
                                std::to_string(seed)});
  return plan;
}
