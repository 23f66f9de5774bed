//===- TensorCosts.cpp - Arithmetic that the tensor ops take -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Floating-point operations for one image; a multiply-add counts as two, an
// exponential or a division as one. Data movement (transposes, packs) is free.
//
//===----------------------------------------------------------------------===//

#include "dialect/TensorOps.h"

using namespace mlir;
using namespace dale;

static int64_t elements(Value value) {
  return elementsPerImage(value.getType());
}

static int64_t dim(Value value, int64_t index) {
  return cast<RankedTensorType>(value.getType()).getDimSize(index);
}

int64_t ReadOp::getFlops() { return 0; }
int64_t PackOp::getFlops() { return 0; }
int64_t TransposeOp::getFlops() { return 0; }
int64_t TurnOp::getFlops() { return 0; }
int64_t BroadcastOp::getFlops() { return 0; }
int64_t SpreadOp::getFlops() { return 0; }
int64_t SampleOp::getFlops() { return 0; }
int64_t JoinOp::getFlops() { return 0; }
int64_t ChannelsOp::getFlops() { return 0; }

int64_t ConvOp::getFlops() {
  return 2 * elements(getKernel()) * elements(getResult()) /
         dim(getResult(), 3);
}
int64_t ConvInputGradOp::getFlops() {
  return 2 * elements(getKernel()) * elements(getCotangent()) /
         dim(getCotangent(), 3);
}
int64_t ConvFilterGradOp::getFlops() {
  return 2 * elements(getResult()) * elements(getCotangent()) /
         dim(getCotangent(), 3);
}
int64_t DepthwiseConvOp::getFlops() {
  return 2 * dim(getKernel(), 0) * dim(getKernel(), 1) * elements(getResult());
}
int64_t DepthwiseFilterGradOp::getFlops() {
  return 2 * dim(getResult(), 0) * dim(getResult(), 1) *
         elements(getCotangent());
}
int64_t PointwiseConvOp::getFlops() {
  return 2 * dim(getKernel(), 0) * elements(getResult());
}
int64_t PointwiseFilterGradOp::getFlops() {
  return 2 * dim(getResult(), 0) * elements(getCotangent());
}
int64_t MaxPoolOp::getFlops() {
  return getSize() * getSize() * elements(getResult());
}
int64_t MaxPoolGradOp::getFlops() {
  return 2 * getSize() * getSize() * elements(getCotangent());
}
int64_t ReduceOp::getFlops() { return elements(getInput()); }
int64_t WhereOp::getFlops() { return elements(getLhs()); }
int64_t SigmoidOp::getFlops() {
  return isa<RankedTensorType>(getInput().getType()) ? 3 * elements(getInput())
                                                     : 3;
}
int64_t SoftplusOp::getFlops() { return 4 * elements(getInput()); }
int64_t DropoutMaskOp::getFlops() { return elements(getResult()); }
int64_t BatchNormOp::getFlops() { return 5 * elements(getInput()); }
int64_t BatchNormGradOp::getFlops() { return 9 * elements(getInput()); }
int64_t SoftmaxCrossEntropyOp::getFlops() { return 3 * elements(getLogits()); }
int64_t SoftmaxCrossEntropyGradOp::getFlops() {
  return 5 * elements(getLogits());
}
int64_t CropOp::getFlops() { return 0; }
int64_t StandardizeOp::getFlops() { return 5 * elements(getInput()); }
