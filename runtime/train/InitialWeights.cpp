//===- InitialWeights.cpp - Where training begins -------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/InitialWeights.h"

#include "runtime/random/Hash.h"
#include "runtime/random/Philox.h"

#include <cmath>
#include <cstring>

using namespace dale::runtime;

static void initialize(const Variable &variable, Buffer &buffer,
                       ElementType element, uint64_t seed) {
  RandomSequence random(seed, RandomStream::Weights, hashOf(variable.name));
  const Initializer &how = variable.initializer;
  for (int64_t i = 0, e = variable.elements(); i < e; ++i) {
    double value = 0;
    switch (how.kind) {
    case Initializer::Kind::Constant:
      value = how.value;
      break;
    case Initializer::Kind::GlorotUniform:
      value =
          (2 * random.uniform() - 1) * std::sqrt(6 / (how.fanIn + how.fanOut));
      break;
    case Initializer::Kind::TruncatedNormal: {
      // The deviation of a standard normal that is cut at +-2 is 0.8796.
      double normal;
      do
        normal = random.normal();
      while (std::abs(normal) > 2);
      value = normal * std::sqrt(1 / how.fanIn) / 0.8796;
      break;
    }
    }
    storeReal(buffer.data(), element, variable.offset + i, value);
  }
}

void dale::runtime::initializeModel(Model &model, const Circuit &circuit,
                                    uint64_t seed) {
  for (const Variable &variable : circuit.parameters.variables)
    initialize(variable, model.parameters, circuit.element, seed);
  for (const Variable &variable : circuit.averages.variables)
    initialize(variable, model.averages, circuit.element, seed);
  std::memset(model.momenta.data(), 0,
              static_cast<size_t>(model.momenta.size()));
}
