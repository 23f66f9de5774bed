//===- BenchCommand.cpp - The command 'bench' -----------------------------===//
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
#include "runtime/device/Threads.h"
#include "runtime/train/InitialWeights.h"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <memory>
#include <random>

using namespace dale::runtime;

namespace {
struct BenchOptions {
  int64_t batch = 0;
  int64_t steps = 10;
  int64_t warmUp = 2;
  int64_t networks = 1;
  bool json = false;
  DeviceOptions device;
};
} // namespace

/// Standardized images are about normal; labels go round. Speed does not depend
/// on more than that.
static void fillWithNoise(const Circuit &circuit, Executor &executor,
                          Batches &batches) {
  int64_t batch = batches.front().batch;
  std::mt19937_64 generator(0);
  std::normal_distribution<double> normal;
  int64_t values = batch * circuit.imageElements();
  Buffer images =
      Buffer::uninitialized(circuit.realBytes(values), "a batch of images");
  for (int64_t i = 0; i < values; ++i)
    storeReal(images.data(), circuit.element, i, normal(generator));
  executor.setImages(images.data(), batch);
  for (BatchBuffers &buffers : batches) {
    std::span<int32_t> labels = buffers.labels.as<int32_t>();
    for (int64_t i = 0; i < batch; ++i)
      labels[i] = static_cast<int32_t>(i % circuit.classes);
    fillKeys(/*seed=*/0, /*place=*/0, 0, batch, buffers);
  }
}

/// Wall-clock seconds of each step, sorted.
static std::vector<double> timeSteps(const Circuit &circuit,
                                     const BenchOptions &options,
                                     Executor &executor) {
  executor.setNetworks(options.networks);
  Model model(circuit);
  initializeModel(model, circuit, /*seed=*/0);
  Batches batches = executor.batchBuffers(options.batch);
  executor.reserve("train_step", options.batch);
  executor.load(
      std::vector<Model *>(static_cast<size_t>(options.networks), &model));
  fillWithNoise(circuit, executor, batches);

  // Small, so that no number of steps makes noise diverge.
  constexpr double learningRate = 1e-3;
  std::vector<double> seconds;
  for (int64_t step = -options.warmUp; step < options.steps; ++step) {
    auto begin = std::chrono::steady_clock::now();
    executor.trainStep(batches, options.batch, learningRate);
    executor.wait();
    std::chrono::duration<double> taken =
        std::chrono::steady_clock::now() - begin;
    if (step >= 0)
      seconds.push_back(taken.count());
  }
  std::sort(seconds.begin(), seconds.end());
  return seconds;
}

static double medianOf(const std::vector<double> &sorted) {
  size_t half = sorted.size() / 2;
  return sorted.size() % 2 ? sorted[half]
                           : (sorted[half - 1] + sorted[half]) / 2;
}

/// Throws if the device cannot train so many networks side by side.
static void checkNetworks(const BenchOptions &options, Executor &executor) {
  if (options.networks == 1)
    return;
  NetworkFit fit = executor.fitNetworks(options.networks, options.batch);
  if (fit.networks < options.networks)
    fail("--networks {}: {}: expected at most {}", options.networks,
         fit.limit.empty()
             ? fmt::format("{} trains one network after the other",
                           executor.device())
             : fit.limit,
         fit.networks);
}

static void runBench(const Circuit &circuit, const BenchOptions &options) {
  checkPositive("--steps", options.steps);
  if (options.warmUp < 0)
    failUsage("--warm-up {}: expected 0 or more", options.warmUp);
  checkPositive("--networks", options.networks);
  checkBatchSize(options.batch, options.networks);
  std::unique_ptr<Executor> executor =
      openDevice(options.device, circuit).executor;
  checkNetworks(options, *executor);

  std::vector<double> seconds = timeSteps(circuit, options, *executor);
  double median = medianOf(seconds);
  double imagesPerSecond =
      static_cast<double>(options.batch * options.networks) / median;
  auto cost = circuit.cost.find("train_step");
  double flopsPerImage =
      cost == circuit.cost.end() ? 0 : cost->second.flopsPerImage;
  double gflops = imagesPerSecond * flopsPerImage / 1e9;

  if (options.json) {
    nlohmann::ordered_json line = {
        {"circuit", circuit.name},
        {"device", executor->device()},
        {"threads", threadCount()},
        {"batch", options.batch},
        {"networks", options.networks},
        {"steps", options.steps},
        {"median_ms", 1e3 * median},
        {"min_ms", 1e3 * seconds.front()},
        {"images_per_s", imagesPerSecond},
        {"flops_per_image", flopsPerImage},
        {"gflops", gflops},
        {"peak_bytes", executor->peakBytes()},
    };
    fmt::print("{}\n", line.dump());
    return;
  }
  fmt::print("{:.4g} images/s: {:.4g} ms a training step of {} images{} (the "
             "median of {}, the fastest {:.4g} ms)\n"
             "{:.4g} GFLOP/s, {} at most, {}\n",
             imagesPerSecond, 1e3 * median, options.batch,
             options.networks == 1
                 ? ""
                 : fmt::format(" for each of {} networks", options.networks),
             options.steps, 1e3 * seconds.front(), gflops,
             formatBytes(executor->peakBytes()), executor->description());
}

void dale::runtime::addBenchCommand(CLI::App &app, Context &context) {
  auto options = std::make_shared<BenchOptions>();
  options->batch = context.circuit.training.batch;
  CLI::App *command = app.add_subcommand(
      "bench", "Measure how fast training steps are, without any data");
  command
      ->add_option("--batch", options->batch,
                   fmt::format("Images a step (default: {})", options->batch))
      ->type_name("N")
      ->check(WholeNumber());
  command
      ->add_option(
          "--steps", options->steps,
          fmt::format("Steps to measure (default: {})", options->steps))
      ->type_name("N")
      ->check(WholeNumber());
  command
      ->add_option(
          "--warm-up", options->warmUp,
          fmt::format("Steps before them (default: {})", options->warmUp))
      ->type_name("N")
      ->check(WholeNumber());
  command
      ->add_option("--networks", options->networks,
                   "Networks that are trained side by side, as train --seeds "
                   "does on a GPU (default: 1)")
      ->type_name("N")
      ->check(WholeNumber());
  command->add_flag("--json", options->json, "Print one line of JSON");
  addDeviceOptions(*command, options->device);
  command->footer(fmt::format(
      "\nA step is forward pass, loss, gradients and optimizer, on images of "
      "noise. Operations are counted as 'info' tells them.\n\n"
      "Example:\n"
      "  {} bench --batch 128 --steps 20 --json",
      context.program));
  command->callback(
      [options, &context] { runBench(context.circuit, *options); });
}
