//===- functions.cpp - A compiled circuit's functions, timed --------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Measures the functions of CircuitABI.h as library calls, without a runtime
/// around them. Linked with the circuit that it measures.
///
//===----------------------------------------------------------------------===//

#include "runtime/CircuitABI.h"

#include <benchmark/benchmark.h>
#include <nlohmann/json.hpp>
#include <omp.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace {

/// The circuit's description.
const nlohmann::json &description() {
  static const auto json = nlohmann::json::parse(dale_circuit_description);
  return json;
}

/// Memory that a function is given.
class Memory {
public:
  explicit Memory(int64_t size)
      : data(std::aligned_alloc(DALE_BUFFER_ALIGNMENT, roundUp(size)),
             &std::free),
        buffer{data.get(), data.get(), 0, size, 1} {
    std::fill_n(static_cast<char *>(data.get()), size, 0);
  }

  operator DaleBuffer *() { return &buffer; }
  template <typename T>
  T *as() {
    return static_cast<T *>(data.get());
  }

private:
  static size_t roundUp(int64_t size) {
    return static_cast<size_t>((size / DALE_BUFFER_ALIGNMENT + 1) *
                               DALE_BUFFER_ALIGNMENT);
  }

  std::unique_ptr<void, decltype(&std::free)> data;
  DaleBuffer buffer;
};

/// What all functions together need, for one batch.
struct Call {
  Call(const char *function, int64_t batch, int threads)
      : batch(batch), parameters(4 * elements("parameters")),
        momenta(4 * elements("parameters")), averages(4 * elements("averages")),
        gradients(4 * elements("parameters")), bytes(batch * pixels()),
        picks(4 * batch), draws(12 * batch), images(4 * batch * pixels()),
        labels(4 * batch), keys(4 * batch), rate(4),
        logits(4 * batch * description()["classes"].get<int64_t>()), losses(8),
        responses(4 * batch * responseElements()),
        workspace(workspaceBytes(function, batch, threads)) {
    std::mt19937 generator(0);
    std::normal_distribution<float> normal;
    for (int64_t i = 0; i < elements("parameters"); ++i)
      parameters.as<float>()[i] = 0.05f * normal(generator);
    // Variances too: at least they are not negative.
    std::fill_n(averages.as<float>(), elements("averages"), 1.f);
    for (int64_t i = 0; i < batch * pixels(); ++i) {
      images.as<float>()[i] = normal(generator);
      bytes.as<uint8_t>()[i] = static_cast<uint8_t>(generator());
    }
    for (int64_t i = 0; i < batch; ++i)
      picks.as<int32_t>()[i] = static_cast<int32_t>(i);
    // Weights stay as they are, however often a step is taken.
    rate.as<float>()[0] = 0;
  }

  void prepare() {
    _mlir_ciface_dale_prepare(bytes, picks, draws, images, batch, workspace);
  }
  void trainStep() {
    _mlir_ciface_dale_train_step(parameters, momenta, averages, images, labels,
                                 keys, rate, logits, losses, gradients, batch,
                                 workspace);
  }
  void evaluate() {
    _mlir_ciface_dale_evaluate(parameters, averages, images, logits, batch,
                               workspace);
  }
  void respond() {
    _mlir_ciface_dale_respond(parameters, averages, images, logits, responses,
                              batch, workspace);
  }

private:
  static int64_t elements(const char *table) {
    return description()[table]["elements"];
  }
  static int64_t pixels() {
    const nlohmann::json &input = description()["input"];
    return input["height"].get<int64_t>() * input["width"].get<int64_t>() *
           input["channels"].get<int64_t>();
  }
  static int64_t responseElements() {
    int64_t total = 0;
    for (const nlohmann::json &response : description()["responses"]) {
      int64_t product = 1;
      for (int64_t size : response["shape"])
        product *= size;
      total += product;
    }
    return total;
  }
  static int64_t workspaceBytes(const char *function, int64_t batch,
                                int threads) {
    const nlohmann::json &size = description()["workspace"][function];
    return size["fixed"].get<int64_t>() +
           batch * size["per_image"].get<int64_t>() +
           threads * size["per_thread"].get<int64_t>();
  }

  int64_t batch;
  Memory parameters, momenta, averages, gradients, bytes, picks, draws, images,
      labels, keys, rate, logits, losses, responses, workspace;
};

} // namespace

/// Times a function for each number of threads and several batches.
static void add(const char *function, void (Call::*call)()) {
  auto measure = [=](benchmark::State &state) {
    int64_t batch = state.range(0);
    int threads = static_cast<int>(state.range(1));
    omp_set_num_threads(threads);
    Call arguments(function, batch, threads);
    for ([[maybe_unused]] auto _ : state)
      (arguments.*call)();
    const nlohmann::json &cost = description()["cost"][function];
    auto images = static_cast<double>(state.iterations() * batch);
    // Copies have no operations.
    auto rate = [&](const char *key) {
      return benchmark::Counter(images * cost.value(key, 0.0),
                                benchmark::Counter::kIsRate);
    };
    state.SetItemsProcessed(state.iterations() * batch);
    state.counters["flops"] = rate("flops_per_image");
    state.counters["bytes"] = rate("bytes_per_image");
  };
  benchmark::RegisterBenchmark(function, measure)
      ->ArgNames({"batch", "threads"})
      ->ArgsProduct({{1, 32, 128}, {1, omp_get_num_procs()}})
      ->UseRealTime()
      ->Unit(benchmark::kMillisecond);
}

int main(int argc, char **argv) {
  add("prepare", &Call::prepare);
  add("train_step", &Call::trainStep);
  add("evaluate", &Call::evaluate);
  add("respond", &Call::respond);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv))
    return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
