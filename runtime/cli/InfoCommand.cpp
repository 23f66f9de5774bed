//===- InfoCommand.cpp - The command 'info' -------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/CircuitABI.h"
#include "runtime/Error.h"
#include "runtime/cli/Program.h"
#include "runtime/device/Buffer.h"

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <memory>

using namespace dale::runtime;
using nlohmann::ordered_json;

/// "12.3 MFLOP"
static std::string formatFlops(double flops) {
  const char *units[] = {"", "k", "M", "G", "T"};
  size_t unit = 0;
  while (flops >= 1000 && unit + 1 < std::size(units)) {
    flops /= 1000;
    ++unit;
  }
  return fmt::format("{:.3g} {}FLOP", flops, units[unit]);
}

/// "pad 4 and crop, flip"
static std::string describeAugmentation(const TrainingDefaults &training) {
  std::vector<std::string> parts;
  if (training.pad > 0)
    parts.push_back(fmt::format("pad {} and crop", training.pad));
  if (const std::optional<CropBounds> &crop = training.crop)
    parts.push_back(fmt::format(
        "crop of area {:.4g} to {:.4g}, aspect {:.4g} to {:.4g}", crop->minArea,
        crop->maxArea, crop->minAspect, crop->maxAspect));
  if (training.flip)
    parts.push_back("flip");
  return parts.empty() ? "none" : fmt::format("{}", fmt::join(parts, ", "));
}

static void printVariables(const char *title, const VariableTable &table) {
  size_t nameWidth = 0, shapeWidth = 0;
  for (const Variable &variable : table.variables) {
    nameWidth = std::max(nameWidth, variable.name.size());
    shapeWidth = std::max(shapeWidth, toString(variable.shape).size());
  }
  fmt::print("\n{} ({} tensors, {} values)\n", title, table.variables.size(),
             table.count());
  for (const Variable &variable : table.variables)
    fmt::print("  {:<{}}  {:<{}}  {}\n", variable.name, nameWidth,
               toString(variable.shape), shapeWidth,
               toString(variable.initializer));
}

/// Which GPUs there is code for, and what its kernels need.
static void printGpu(const GpuCode &gpu) {
  std::vector<std::string> images;
  for (const GpuImage &image : gpu.images)
    images.push_back(fmt::format("{} ({})", toString(image),
                                 formatBytes(static_cast<double>(image.size))));
  if (gpu.emulated)
    images.push_back("the emulated GPU");
  fmt::print("\nGPU         {}; at most {} blocks of {} threads; products in "
             "{}\n",
             fmt::join(images, ", "), gpu.chunks, gpu.block, gpu.precision);
  fmt::print("{:<12}{:>24}{:>18}{:>20}{:>20}\n", "function", "shared memory",
             "workspace", "for each image", "for each block");
  for (const auto &[function, size] : gpu.functions) {
    std::string shared = formatBytes(static_cast<double>(size.shared.front()));
    if (size.shared.size() > 1)
      shared += fmt::format(
          " to {}", formatBytes(static_cast<double>(size.shared.back())));
    fmt::print("{:<12}{:>24}{:>18}{:>20}{:>20}\n", function, shared,
               formatBytes(static_cast<double>(size.fixed)),
               formatBytes(static_cast<double>(size.perImage)),
               formatBytes(static_cast<double>(size.perBlock)));
  }
}

static void printText(const Circuit &circuit) {
  const TrainingDefaults &training = circuit.training;
  fmt::print("circuit    {}\n", circuit.name);
  fmt::print("input      {} x {} x {} (height, width, channels)\n",
             circuit.height, circuit.width, circuit.channels);
  fmt::print("classes    {}\n", circuit.classes);
  fmt::print("time steps {}\n", circuit.steps);
  fmt::print("element    {}{}\n",
             circuit.element == ElementType::F64 ? "f64" : "f32",
             circuit.targetPrecision == "bf16"
                 ? "; maps between stages and factors of products in bf16"
                 : "");
  fmt::print(
      "target     {}{}\n", circuit.targetCpu,
      circuit.targetFeatures.empty()
          ? ""
          : fmt::format(", needs {}", fmt::join(circuit.targetFeatures, " ")));
  fmt::print("training   {}, {} epochs, batch {}, learning rate {}",
             training.dataset, training.epochs, training.batch,
             training.learningRate);
  for (const ScheduleEntry &entry : training.schedule)
    fmt::print(", x{} at epoch {}", entry.factor, entry.epoch);
  fmt::print(", momentum {}, L2 {}\n", training.momentum, training.l2);
  fmt::print("augment    {}\n", describeAugmentation(training));
  if (training.fraction < 1)
    fmt::print("images     {} of the training set\n", training.fraction);
  if (training.randomLabels)
    fmt::print("labels     random\n");

  fmt::print("\n{:<12}{:>18}{:>18}{:>8}{:>20}{:>20}\n", "function",
             "compute an image", "memory an image", "stages", "workspace",
             "for each image");
  for (const auto &[function, cost] : circuit.cost) {
    auto workspace = circuit.workspace.find(function);
    WorkspaceSize size = workspace == circuit.workspace.end()
                             ? WorkspaceSize()
                             : workspace->second;
    fmt::print("{:<12}{:>18}{:>18}{:>8}{:>20}{:>20}\n", function,
               formatFlops(cost.flopsPerImage), formatBytes(cost.bytesPerImage),
               cost.stages, formatBytes(static_cast<double>(size.fixed)),
               formatBytes(static_cast<double>(size.perImage)));
  }
  if (circuit.gpu)
    printGpu(*circuit.gpu);
  printVariables("parameters", circuit.parameters);
  printVariables("moving averages", circuit.averages);
  fmt::print("\nresponses ({})\n", circuit.responses.size());
  for (const Response &response : circuit.responses)
    fmt::print("  {}  {}\n", response.name, toString(response.shape));
}

/// The description itself, which is JSON already, with counts for convenience.
static void printJson(const Circuit &circuit) {
  ordered_json description = ordered_json::parse(dale_circuit_description);
  description["parameters"]["count"] = circuit.parameters.count();
  description["averages"]["count"] = circuit.averages.count();
  fmt::print("{}\n", description.dump(2));
}

void dale::runtime::addInfoCommand(CLI::App &app, Context &context) {
  struct Options {
    bool json = false, source = false;
  };
  auto options = std::make_shared<Options>();
  CLI::App *command = app.add_subcommand(
      "info", "Describe the circuit: parameters, costs, how it is trained");
  command->add_flag("--json", options->json, "Print JSON");
  command
      ->add_flag("--source", options->source,
                 "Print the circuit's own source, as TOML")
      ->excludes("--json");
  command->footer(fmt::format("\nExamples:\n"
                              "  {0} info\n"
                              "  {0} info --source > circuit.toml",
                              context.program));
  command->callback([options, &context] {
    if (options->json)
      printJson(context.circuit);
    else if (options->source)
      fmt::print("{}{}", context.circuit.source,
                 context.circuit.source.ends_with('\n') ? "" : "\n");
    else
      printText(context.circuit);
  });
}
