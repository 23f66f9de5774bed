//===- Dale.td - All of the dialect, for the documentation -*- tablegen -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "CircuitOps.td"
include "DeviceOps.td"
include "TensorOps.td"
