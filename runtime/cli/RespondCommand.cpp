//===- RespondCommand.cpp - The command 'respond' -------------------------===//
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
#include "runtime/train/ModelFile.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

using namespace dale::runtime;

namespace {
struct RespondOptions {
  std::string weights, images, out;
  int64_t batch = 0;
  DeviceOptions device;
};
} // namespace

/// Throws if what `count` images made of something, `size` numbers each, is not
/// finite: as `step` and `analyze` do, rather than write it.
static void checkFinite(const RespondOptions &options, const Circuit &circuit,
                        const std::byte *values, int64_t first, int64_t count,
                        int64_t size, const std::string &what) {
  for (int64_t i = 0; i < count * size; ++i) {
    double value = loadReal(values, circuit.element, i);
    if (!std::isfinite(value))
      fail("{}: image {} makes '{}' {}: expected finite numbers; give "
           "standardized images, or weights whose loss was finite",
           options.images, first + i / size, what, value);
  }
}

static void runRespond(const Circuit &circuit, const RespondOptions &options) {
  checkBatchSize(options.batch);
  checkNoInput(options.out, {options.weights, options.images});
  std::unique_ptr<Executor> executor =
      openDevice(options.device, circuit).executor;

  Model model(circuit);
  readModel(model, circuit, TensorReader(options.weights),
            /*withMomenta=*/false);
  ImageFile images(TensorReader(options.images), circuit);
  int64_t batch = std::min(options.batch, images.count());
  Batches batches = executor->batchBuffers(batch);

  std::vector<TensorWriter::Declaration> declarations = {
      {"logits", circuit.element, {images.count(), circuit.classes}}};
  for (const Response &response : circuit.responses) {
    Shape shape = response.shape;
    shape.insert(shape.begin(), images.count());
    declarations.push_back(
        {"response." + response.name, circuit.element, std::move(shape)});
  }
  TensorWriter writer(options.out, declarations);
  Buffer responses = executor->hostBuffer(
      circuit.realBytes(batch * circuit.responseElements()), "the responses");

  for (const char *function : {"prepare", "respond"})
    executor->reserve(function, batch);
  executor->load(std::array{&model});
  for (int64_t first = 0; first < images.count(); first += batch) {
    int64_t count = std::min(batch, images.count() - first);
    images.fill(*executor, batches, first, count);
    executor->respond(batches, responses, count);
    executor->finish(batches);
    auto write = [&](const std::string &name, const std::byte *values,
                     int64_t size) {
      checkFinite(options, circuit, values, first, count, size, name);
      int64_t bytes = circuit.realBytes(size);
      writer.write(name, values, count * bytes, first * bytes);
    };
    const std::byte *block = responses.data();
    for (const Response &response : circuit.responses) {
      int64_t size = *elementsOf(response.shape);
      write("response." + response.name, block, size);
      block += circuit.realBytes(count * size);
    }
    write("logits", batches.front().logits.data(), circuit.classes);
  }
  writer.commit();
  fmt::print("responses of {} populations to {} images; wrote {}\n",
             circuit.responses.size(), images.count(), options.out);
}

void dale::runtime::addRespondCommand(CLI::App &app, Context &context) {
  auto options = std::make_shared<RespondOptions>();
  options->batch = context.circuit.training.batch;
  CLI::App *command = app.add_subcommand(
      "respond", "Write what every population does for given images");
  command
      ->add_option("--weights", options->weights,
                   "Parameters and moving averages, as a checkpoint has them "
                   "(safetensors)")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("--images", options->images,
                   "'images', real [N, height, width, channels] and already "
                   "standardized, or U8, raw")
      ->type_name("FILE")
      ->required();
  command
      ->add_option("--out", options->out,
                   "Written: logits [N, classes] and "
                   "response.<area>.<population> [N, h, w, C], before pooling, "
                   "averaged over time")
      ->type_name("FILE")
      ->required();
  command
      ->add_option(
          "--batch", options->batch,
          fmt::format("Images at a time (default: {})", options->batch))
      ->type_name("N")
      ->check(WholeNumber());
  addDeviceOptions(*command, options->device);
  command->footer(
      fmt::format("\nExample:\n"
                  "  {} respond --weights run/checkpoint.safetensors --images "
                  "images.safetensors --out responses.safetensors",
                  context.program));
  command->callback(
      [options, &context] { runRespond(context.circuit, *options); });
}
