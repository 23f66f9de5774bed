//===- Dialect.cpp - The dale dialect -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialect/Dialect.h"
#include "dialect/CircuitOps.h"
#include "dialect/DeviceOps.h"
#include "dialect/TensorOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "mlir/Transforms/InliningUtils.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace dale;

#include "dialect/Dialect.cpp.inc"
#include "dialect/Enums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialect/Attributes.cpp.inc"

#include "dialect/Interfaces.cpp.inc"

#define GET_OP_CLASSES
#include "dialect/DeviceOps.cpp.inc"

Type dale::imageType(Type type) {
  if (!isBatched(type))
    return type;
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  shape.front() = 1;
  return tensor.clone(shape);
}

int64_t dale::elementsPerImage(Type type) {
  int64_t elements = 1;
  for (int64_t size : cast<RankedTensorType>(type).getShape())
    if (!ShapedType::isDynamic(size))
      elements *= size;
  return elements;
}

int64_t dale::bytesPerImage(Type type) {
  unsigned bits = cast<RankedTensorType>(type).getElementTypeBitWidth();
  return elementsPerImage(type) * llvm::divideCeil(bits, 8);
}

/// Checks the type of an attribute of the dialect, whatever it stands at.
static LogicalResult verifyAttribute(Operation *op, NamedAttribute attribute) {
  StringRef name = attribute.getName();
  auto check = [&](bool holds, StringRef expected) -> LogicalResult {
    if (holds)
      return success();
    return op->emitOpError()
           << "attribute '" << name << "' must be " << expected;
  };
  Attribute value = attribute.getValue();
  if (name == objectiveAttrName || name == wrtAttrName ||
      name == offsetAttrName)
    return check(isa<IntegerAttr>(value), "an integer");
  if (name == momentumAttrName)
    return check(isa<FloatAttr>(value), "a float");
  if (name == bufferAttrName || name == responseAttrName ||
      name == nameAttrName)
    return check(isa<StringAttr>(value), "a string");
  if (name == workspaceAttrName || name == costAttrName ||
      name == movedAttrName || name == descriptionAttrName)
    return check(isa<DictionaryAttr>(value), "a dictionary");
  if (name == commonAttrName)
    return check(isa<DenseI32ArrayAttr>(value), "an array<i32>");
  if (name == sharedAttrName)
    return check(isa<DenseI64ArrayAttr>(value), "an array<i64>");
  if (name == teamsAttrName || name == kernelAttrName)
    return check(isa<UnitAttr>(value), "a unit");
  return success();
}

LogicalResult DaleDialect::verifyOperationAttribute(Operation *op,
                                                    NamedAttribute attribute) {
  return verifyAttribute(op, attribute);
}

LogicalResult DaleDialect::verifyRegionArgAttribute(Operation *op, unsigned,
                                                    unsigned,
                                                    NamedAttribute attribute) {
  return verifyAttribute(op, attribute);
}

LogicalResult
DaleDialect::verifyRegionResultAttribute(Operation *op, unsigned, unsigned,
                                         NamedAttribute attribute) {
  return verifyAttribute(op, attribute);
}

namespace {
/// What an op does is the same in whoever calls its function.
struct InlineOps : DialectInlinerInterface {
  using DialectInlinerInterface::DialectInlinerInterface;

  bool isLegalToInline(Operation *, Region *, bool, IRMapping &) const final {
    return true;
  }
};
} // namespace

void DaleDialect::initialize() {
  addInterfaces<InlineOps>();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialect/Attributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialect/CircuitOps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialect/TensorOps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "dialect/DeviceOps.cpp.inc"
      >();
}

/// What an op folds to is a constant of `arith`.
Operation *DaleDialect::materializeConstant(OpBuilder &builder, Attribute value,
                                            Type type, Location loc) {
  return arith::ConstantOp::materialize(builder, value, type, loc);
}
