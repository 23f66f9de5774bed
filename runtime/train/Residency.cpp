//===- Residency.cpp - Images that lie on the device ----------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/Residency.h"

using namespace dale::runtime;

Residency dale::runtime::makeResident(Executor &executor,
                                      const Circuit &circuit,
                                      const Dataset &dataset,
                                      const TrainSettings &settings) {
  auto take = [&](const ImageSet &set) {
    return !set.bytes().empty() && executor.makeResident(set.bytes());
  };
  // A batch's images are the set's own bytes, not cut out of them before.
  bool shownWhole = !dataset.train->bytes().empty() &&
                    !(settings.augment && circuit.training.crop);
  Residency residency;
  residency.train = shownWhole && take(*dataset.train);
  residency.test = take(*dataset.test);
  residency.lacksRoom = shownWhole && !residency.train;
  return residency;
}
