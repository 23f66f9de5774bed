//===- VariableReader.cpp - Every variable read once -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/expand/VariableReader.h"
#include "compiler/expand/Arithmetic.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace dale;
using namespace dale::expand;

Value VariableReader::read(StringRef name, std::optional<int64_t> row) {
  VariableOp variable = variables.lookup(name);
  Value &value = values[{variable, row.value_or(-1)}];
  if (value)
    return value;
  auto type = cast<RankedTensorType>(variable.getType());
  IntegerAttr rowAttr;
  if (row) {
    rowAttr = builder.getI64IntegerAttr(*row);
    type = RankedTensorType::get(type.getShape().drop_front(),
                                 type.getElementType());
  }
  value = ReadOp::create(builder, variable.getLoc(), type,
                         buffers[static_cast<unsigned>(variable.getSection())],
                         FlatSymbolRefAttr::get(variable.getSymNameAttr()),
                         rowAttr);
  return value;
}

Value VariableReader::readKernel(StringRef name, Constraint constraint) {
  Value &kernel = kernels[name];
  if (kernel)
    return kernel;
  kernel = read(name);
  Location loc = kernel.getLoc();
  switch (constraint) {
  case Constraint::Abs:
    kernel = math::AbsFOp::create(builder, loc, kernel);
    break;
  case Constraint::Rectify:
    kernel = Arithmetic(builder, loc).activate(Activation::Relu, kernel);
    break;
  case Constraint::Free:
    break;
  }
  return kernel;
}
