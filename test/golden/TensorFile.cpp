//===- TensorFile.cpp - Tensors to compare with one another ---------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "TensorFile.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

using namespace dale::runtime;
using namespace dale::test;

double Tensor::largest() const {
  double largest = 0;
  for (double value : values)
    largest = std::max(largest, std::abs(value));
  return largest;
}

Tensors dale::test::readTensors(const std::filesystem::path &path) {
  TensorReader reader(path);
  Tensors tensors;
  for (const TensorInfo &info : reader.tensors()) {
    if (!isReal(info.type))
      continue;
    Tensor &tensor = tensors[info.name];
    tensor.shape = info.shape;
    tensor.values.resize(static_cast<size_t>(info.elements()));
    reader.readReal(info, ElementType::F64, tensor.values.data());
  }
  return tensors;
}

void dale::test::writeTensors(const std::filesystem::path &path,
                              const Tensors &tensors) {
  std::vector<TensorWriter::Declaration> declarations;
  for (const auto &[name, tensor] : tensors)
    declarations.push_back({name, ElementType::F64, tensor.shape});
  TensorWriter writer(path, declarations);
  for (const auto &[name, tensor] : tensors)
    writer.write(name, tensor.values.data(),
                 static_cast<int64_t>(tensor.values.size() * sizeof(double)));
  writer.commit();
}

void dale::test::writeBatch(const std::filesystem::path &path,
                            const Shape &shape,
                            const std::vector<float> &images,
                            const std::vector<int32_t> &labels) {
  TensorWriter writer(path, {{"images", ElementType::F32, shape},
                             {"labels", ElementType::I32, {shape[0]}}});
  writer.write("images", images.data(), images.size() * sizeof(float));
  writer.write("labels", labels.data(), labels.size() * sizeof(int32_t));
  writer.commit();
}

Kind dale::test::kindOf(const std::string &name) {
  if (name.starts_with("response."))
    return Kind::Responses;
  if (name.starts_with("grad."))
    return Kind::Gradients;
  if (name.starts_with("loss"))
    return Kind::Loss;
  if (name.ends_with(".norm.mean") || name.ends_with(".norm.variance"))
    return Kind::Averages;
  return name.starts_with("next.") ? Kind::Next : Kind::Logits;
}

static const char *nameOf(Kind kind) {
  switch (kind) {
  case Kind::Logits:
    return "logits";
  case Kind::Responses:
    return "responses";
  case Kind::Averages:
    return "averages";
  case Kind::Loss:
    return "loss";
  case Kind::Next:
    return "next";
  case Kind::Gradients:
    return "gradients";
  }
  return "";
}

double Tolerances::of(Kind kind) const {
  switch (kind) {
  case Kind::Logits:
    return logits;
  case Kind::Responses:
    return responses;
  case Kind::Averages:
    return averages;
  case Kind::Loss:
    return loss;
  case Kind::Next:
    return next;
  case Kind::Gradients:
    return gradients;
  }
  return 0;
}

void dale::test::expectTensors(const Tensors &actual, const Tensors &expected,
                               const Tolerances &tolerances) {
  struct Worst {
    double difference = -1;
    std::string name;
  };
  std::map<Kind, Worst> worst;
  for (const auto &[name, tensor] : expected) {
    auto found = actual.find(name);
    if (found == actual.end()) {
      ADD_FAILURE() << name << " is missing";
      continue;
    }
    if (found->second.shape != tensor.shape) {
      ADD_FAILURE() << name << " has the shape "
                    << toString(found->second.shape) << ", not "
                    << toString(tensor.shape);
      continue;
    }
    double scale = std::max(tensor.largest(), 0.01), difference = 0;
    for (size_t i = 0; i < tensor.values.size(); ++i) {
      double delta = std::abs(found->second.values[i] - tensor.values[i]);
      // NaN is never less.
      if (!(delta / scale <= difference))
        difference = delta / scale;
    }
    Kind kind = kindOf(name);
    EXPECT_LE(difference, tolerances.of(kind)) << name;
    if (!(difference <= worst[kind].difference))
      worst[kind] = {difference, name};
  }
  EXPECT_FALSE(worst.empty()) << "nothing was compared";
  for (const auto &[kind, entry] : worst)
    fmt::print("  {:<10} {:.1e} (of {:.0e})  {}\n", nameOf(kind),
               entry.difference, tolerances.of(kind), entry.name);
  std::fflush(stdout);
}
