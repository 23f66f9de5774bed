//===- StepCommand.cpp - The command 'step' -------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Error.h"
#include "runtime/cli/Common.h"
#include "runtime/cli/Program.h"
#include "runtime/cli/WholeNumber.h"
#include "runtime/data/Batches.h"
#include "runtime/train/ModelFile.h"

#include <CLI/CLI.hpp>

#include <array>
#include <cmath>
#include <memory>

using namespace dale::runtime;

namespace {
struct StepOptions {
  std::string weights, batch, out;
  int64_t steps = 1;
  double learningRate = 0;
  DeviceOptions device;
};
} // namespace

static void runStep(const Circuit &circuit, const StepOptions &options) {
  checkPositive("--steps", options.steps);
  checkNoInput(options.out, {options.weights, options.batch});
  checkLearningRate(options.learningRate, circuit);
  std::unique_ptr<Executor> executor =
      openDevice(options.device, circuit).executor;

  Model model(circuit);
  readModel(model, circuit, TensorReader(options.weights),
            /*withMomenta=*/false);
  TensorReader batchFile(options.batch);
  ImageFile images(batchFile, circuit);
  int64_t count = images.count();
  Batches batches = executor->batchBuffers(count);
  BatchBuffers &buffers = batches.front();
  readLabels(batchFile, circuit, count, buffers);

  // The output is opened before the work: a name that cannot be written to is
  // told at once.
  ElementType element = circuit.element;
  std::vector<TensorWriter::Declaration> declarations = {
      {"logits", element, {count, circuit.classes}},
      {"logits_eval", element, {count, circuit.classes}},
      {"loss", element, {1}},
      {"loss_total", element, {1}},
  };
  declareVariables(declarations, circuit, circuit.parameters, "grad.");
  declareVariables(declarations, circuit, circuit.parameters, "next.");
  declareVariables(declarations, circuit, circuit.averages, "next.");
  TensorWriter writer(options.out, declarations);

  for (const char *function : {"prepare", "evaluate", "train_step"})
    executor->reserve(function, count);
  executor->load(std::array{&model});
  images.fill(*executor, batches, 0, count);
  StepLosses losses;
  for (int64_t step = 1; step <= options.steps; ++step) {
    if (step == options.steps) {
      // With the very weights that the last step's forward pass uses.
      executor->evaluate(batches, count);
      executor->finish(batches);
      writer.write("logits_eval", buffers.logits.data(), buffers.logits.size());
    }
    fillKeys(/*seed=*/0, step, 0, count, buffers);
    executor->trainStep(batches, count, options.learningRate);
    executor->finish(batches);
    losses = executor->losses(buffers);
    if (!std::isfinite(losses.total))
      fail("the loss is {} in step {}, at the learning rate {}: expected a "
           "finite number; choose a smaller --lr",
           losses.total, step, options.learningRate);
  }
  executor->store(std::array{&model});
  writer.write("logits", buffers.logits.data(), buffers.logits.size());
  std::byte scalar[8];
  storeReal(scalar, element, 0, losses.loss);
  writer.write("loss", scalar, circuit.realBytes(1));
  storeReal(scalar, element, 0, losses.total);
  writer.write("loss_total", scalar, circuit.realBytes(1));
  writeVariables(writer, circuit, circuit.parameters, "grad.",
                 executor->gradients());
  writeVariables(writer, circuit, circuit.parameters, "next.",
                 model.parameters);
  writeVariables(writer, circuit, circuit.averages, "next.", model.averages);
  writer.commit();
  fmt::print("loss {:.6g}, with L2 {:.6g}, after {} step{}; wrote {}\n",
             losses.loss, losses.total, options.steps - 1,
             options.steps == 2 ? "" : "s", options.out);
}

void dale::runtime::addStepCommand(CLI::App &app, Context &context) {
  auto options = std::make_shared<StepOptions>();
  options->learningRate = context.circuit.training.learningRate;
  CLI::App *command = app.add_subcommand(
      "step", "Train on one given batch; write logits, losses and gradients");
  command
      ->add_option("--weights", options->weights,
                   "Parameters and moving averages to start from (safetensors)")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("--batch", options->batch,
                   "'images', real [N, height, width, channels] and already "
                   "standardized (or U8, raw), and 'labels', I32 [N]")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("--out", options->out,
                   "Written: logits, logits_eval, loss, loss_total, "
                   "grad.<parameter>, next.<parameter>, of the last step")
      ->type_name("FILE")
      ->required();
  command->add_option("--steps", options->steps, "Steps (default: 1)")
      ->type_name("N")
      ->check(WholeNumber());
  command
      ->add_option("--lr", options->learningRate,
                   fmt::format("Learning rate (default: {})",
                               context.circuit.training.learningRate))
      ->type_name("RATE")
      ->check(RealNumber());
  addDeviceOptions(*command, options->device);
  command->footer(
      fmt::format("\nThe momentum starts at zero. logits_eval is computed with "
                  "the moving averages, before the last step.\n\n"
                  "Example:\n"
                  "  {} step --weights w.safetensors --batch b.safetensors "
                  "--out result.safetensors",
                  context.program));
  command->callback(
      [options, &context] { runStep(context.circuit, *options); });
}
