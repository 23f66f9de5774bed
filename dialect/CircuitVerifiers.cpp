//===- CircuitVerifiers.cpp - The language's type checker -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// These verifiers report all they find in an op, not just the first thing.
//
//===----------------------------------------------------------------------===//

#include "dialect/AreaChecker.h"
#include "dialect/CircuitOps.h"

#include <algorithm>
#include <cmath>
#include <limits>

using namespace mlir;
using namespace dale;

//===----------------------------------------------------------------------===//
// Circuit
//===----------------------------------------------------------------------===//

LogicalResult CircuitOp::verify() {
  if (getInput().size() != 3)
    return emitOpError("expects height, width and channels as input, got ")
           << getInput().size() << " numbers";
  for (int64_t size : getInput())
    if (size < 1)
      return emitOpError("expects positive input sizes, got ") << size;
  auto emitError = [&] { return this->emitError(); };
  bool ok = succeeded(checkResize(emitError, getInput(), getShorterSide()));
  if (getMeans())
    ok &= succeeded(checkMeans(emitError, getInput(), *getMeans()));
  return success(ok);
}

LogicalResult
CircuitOp::checkResize(function_ref<InFlightDiagnostic()> emitError,
                       ArrayRef<int64_t> input, int64_t resize) {
  int64_t larger = std::max(input[0], input[1]);
  if (resize >= larger)
    return success();
  return emitError() << "the input is " << input[0] << " x " << input[1]
                     << " pixels: expected a resize of at least " << larger
                     << ", got " << resize;
}

LogicalResult
CircuitOp::checkMeans(function_ref<InFlightDiagnostic()> emitError,
                      ArrayRef<int64_t> input, ArrayRef<double> means) {
  if (static_cast<int64_t>(means.size()) == input[2])
    return success();
  return emitError() << "the input has " << input[2]
                     << " channels: expected as many means, got "
                     << means.size();
}

int64_t CircuitOp::getShorterSide() {
  if (std::optional<uint64_t> resize = getResize())
    return static_cast<int64_t>(*resize);
  return std::max(getInput()[0], getInput()[1]);
}

/// Feed-forward areas first, then at least one recurrent area.
static LogicalResult verifyAreaOrder(CircuitOp circuit) {
  AreaOp firstRecurrent;
  LogicalResult result = success();
  for (AreaOp area : circuit.getBody().getOps<AreaOp>()) {
    if (!area.isFeedForward()) {
      if (!firstRecurrent)
        firstRecurrent = area;
      continue;
    }
    if (!firstRecurrent)
      continue;
    InFlightDiagnostic diag = area.emitError()
                              << "feed-forward area " << area.getSymNameAttr()
                              << " comes after a recurrent area: the "
                                 "feed-forward areas come first";
    diag.attachNote(firstRecurrent.getLoc())
        << "area " << firstRecurrent.getSymNameAttr() << " is recurrent";
    result = failure();
  }
  if (firstRecurrent)
    return result;
  return circuit.emitError("the circuit has no recurrent area: it needs at "
                           "least one with populations");
}

/// Dale's law across areas: what reads a recurrent area from above has the sign
/// of the populations that leave it.
static LogicalResult verifyLongRangeSigns(CircuitOp circuit) {
  LogicalResult result = success();
  AreaOp below;
  for (AreaOp area : circuit.getBody().getOps<AreaOp>()) {
    AreaOp source = std::exchange(below, area);
    if (!source || source.isFeedForward())
      continue;
    for (auto projection : area.getBody().getOps<ProjectionOp>()) {
      if (!projection.readsInput() ||
          projection.getConstraint() == Constraint::Free)
        continue;
      for (auto population : source.getBody().getOps<PopulationOp>()) {
        if (!population.getPrincipal() || !population.getSign() ||
            *population.getSign() == projection.getSign())
          continue;
        InFlightDiagnostic diag =
            projection.emitError()
            << "this projection is " << stringifySign(projection.getSign())
            << ", but the population that it carries up from area "
            << source.getSymNameAttr() << " is "
            << stringifySign(*population.getSign());
        diag.attachNote(population.getLoc())
            << population.getSymName() << " is declared here";
        result = failure();
      }
    }
  }
  return result;
}

template <typename OpT>
static LogicalResult verifyAtMostOne(CircuitOp circuit, StringRef what) {
  OpT first;
  for (OpT op : circuit.getBody().getOps<OpT>()) {
    if (!first) {
      first = op;
      continue;
    }
    InFlightDiagnostic diag = op.emitError()
                              << "a circuit has only one " << what;
    diag.attachNote(first.getLoc()) << "the first one is here";
    return diag;
  }
  return success();
}

LogicalResult CircuitOp::verifyRegions() {
  LogicalResult result = success();
  for (Operation &op : getBody().getOps())
    if (!isa<AreaOp, ReadoutOp, TrainingOp>(op)) {
      op.emitError("a circuit holds areas, a readout and training only");
      result = failure();
    }
  if (failed(verifyAreaOrder(*this)) | failed(verifyLongRangeSigns(*this)) |
      failed(verifyAtMostOne<ReadoutOp>(*this, "readout")) |
      failed(verifyAtMostOne<TrainingOp>(*this, "training")))
    result = failure();
  if (getBody().getOps<ReadoutOp>().empty()) {
    emitError("the circuit has no readout");
    result = failure();
  }
  return result;
}

//===----------------------------------------------------------------------===//
// Area
//===----------------------------------------------------------------------===//

LogicalResult AreaOp::verify() {
  if (getSymName() == "momentum")
    return emitError("an area cannot be named 'momentum': what checkpoints say "
                     "of the optimizer begins so");
  if (PoolAttr pool = getPoolAttr())
    if (pool.getSize() < 1 || pool.getStride() < 1)
      return emitError("a pool needs a positive size and stride");
  if (isFeedForward()) {
    if (static_cast<int64_t>(*getChannels()) < 1)
      return emitError("an area needs at least one channel");
    if (static_cast<int64_t>(getKernel()) < 1 ||
        static_cast<int64_t>(getStride()) < 1)
      return emitError(
          "a feed-forward area needs a positive kernel and stride");
    return success();
  }
  if (getKernel() != 3 || getStride() != 1 || getNorm() ||
      getActivation() != Activation::Relu || getExponent() != 2)
    return emitError("kernel, stride, norm and activation are a feed-forward "
                     "area's: a recurrent area's projections and populations "
                     "have their own");
  return success();
}

LogicalResult AreaOp::verifyRegions() {
  if (isFeedForward()) {
    if (getBody().front().empty())
      return success();
    return getBody().front().front().emitError(
        "a feed-forward area has no populations, gates or projections");
  }
  return AreaChecker(*this).check();
}

//===----------------------------------------------------------------------===//
// Readout and training
//===----------------------------------------------------------------------===//

using EmitErrorAt = function_ref<InFlightDiagnostic(StringRef)>;

/// Two numbers within the bounds, the smaller first.
static LogicalResult checkRange(EmitErrorAt emitError, StringRef name,
                                ArrayRef<double> range, double most) {
  if (range.size() == 2 && range[0] > 0 && range[0] <= range[1] &&
      range[1] <= most)
    return success();
  InFlightDiagnostic diag = emitError(name);
  diag << "expected two positive numbers for " << name << ", the smaller first";
  if (std::isfinite(most))
    diag << ", up to " << static_cast<int64_t>(most);
  return diag;
}

LogicalResult TrainingOp::checkCrop(EmitErrorAt emitError, int64_t pad,
                                    ArrayRef<double> area,
                                    ArrayRef<double> aspect) {
  if (pad > 0)
    return emitError("area")
           << "expected a crop of padded images (pad) or one of a random area "
              "(area, aspect), not both";
  constexpr double infinite = std::numeric_limits<double>::infinity();
  bool ok = succeeded(checkRange(emitError, "area", area, 1.0));
  ok &= succeeded(checkRange(emitError, "aspect", aspect, infinite));
  return success(ok);
}

LogicalResult TrainingOp::verify() {
  if (static_cast<int64_t>(getBatch()) < 1)
    return emitError("batch must be at least 1");
  if (static_cast<int64_t>(getEpochs()) < 1)
    return emitError("epochs must be at least 1");
  if (!(getLearningRate().convertToDouble() > 0))
    return emitError("the learning rate must be positive");
  double momentum = getMomentum().convertToDouble();
  if (!(momentum >= 0 && momentum < 1))
    return emitError("momentum must be at least 0 and less than 1");
  if (!(getL2().convertToDouble() >= 0))
    return emitError("l2 must not be negative");
  if (static_cast<int64_t>(getPad()) < 0)
    return emitError("pad must not be negative");
  double fraction = getFraction().convertToDouble();
  if (!(fraction > 0 && fraction <= 1))
    return emitError("fraction must be above 0 and at most 1");
  if (getArea().has_value() != getAspect().has_value())
    return emitError("area and aspect go together: a random crop has both");
  if (!getArea())
    return success();
  return checkCrop([&](StringRef) { return emitError(); }, getPad(), *getArea(),
                   *getAspect());
}
