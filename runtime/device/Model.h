//===- Model.h - A circuit's trained state ----------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The three flat buffers that training changes.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_MODEL_H
#define DALE_RUNTIME_DEVICE_MODEL_H

#include "runtime/circuit/Circuit.h"
#include "runtime/device/Buffer.h"

namespace dale::runtime {

struct Model {
  /// All zeros.
  explicit Model(const Circuit &circuit);

  Buffer parameters; ///< real [P]
  Buffer averages;   ///< real [S]
  Buffer momenta;    ///< real [P]
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_MODEL_H
