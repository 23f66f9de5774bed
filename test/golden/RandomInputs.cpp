//===- RandomInputs.cpp - Weights and batches for golden circuits ---------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "RandomInputs.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <random>

using namespace dale::runtime;
namespace fs = std::filesystem;

namespace dale::test {

fs::path golden(const std::string &circuit, const char *what) {
  return fs::path(GOLDEN_FOLDER) / (circuit + "." + what + ".safetensors");
}

std::vector<std::string> allCircuits() {
  std::vector<std::string> names;
  for (const fs::directory_entry &file : fs::directory_iterator(GOLDEN_FOLDER))
    if (file.path().extension() == ".toml")
      names.push_back(file.path().stem().string());
  std::sort(names.begin(), names.end());
  return names;
}

void writeRandomBatch(const fs::path &file, int64_t count, int64_t height,
                      int64_t width) {
  std::mt19937 engine(7);
  std::vector<float> images(count * height * width * 3);
  for (float &value : images)
    value = static_cast<float>(engine() >> 8) / float(1 << 22) - 2;
  std::vector<int32_t> labels(count);
  for (int32_t &label : labels)
    label = static_cast<int32_t>(engine() % 10);
  writeBatch(file, {count, height, width, 3}, images, labels);
}

Tensors randomWeights(const nlohmann::json &circuit) {
  std::mt19937 engine(3);
  std::normal_distribution<double> normal(0.0, 0.2);
  Tensors weights;
  for (const char *section : {"parameters", "averages"})
    for (const auto &variable : circuit.at(section).at("variables")) {
      std::string name = variable.at("name");
      Tensor &tensor = weights[name];
      tensor.shape = variable.at("shape").get<Shape>();
      // Scales and variances are about one, everything else about zero.
      double center = name.ends_with("scale") || name.ends_with("variance");
      int64_t count = std::accumulate(tensor.shape.begin(), tensor.shape.end(),
                                      int64_t{1}, std::multiplies<>());
      for (int64_t i = 0; i < count; ++i)
        tensor.values.push_back(center + normal(engine));
    }
  return weights;
}

} // namespace dale::test
