//===- Keyword.h - Enums in the assembly -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// `custom<Keyword>` in an assembly format: an enum attribute without the blank
// that it prints first by itself.
//
//===----------------------------------------------------------------------===//

#ifndef DALE_DIALECT_KEYWORD_H
#define DALE_DIALECT_KEYWORD_H

#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"

namespace dale {

template <typename EnumAttrT>
mlir::ParseResult parseKeyword(mlir::OpAsmParser &parser, EnumAttrT &attr) {
  using EnumT = decltype(attr.getValue());
  mlir::FailureOr<EnumT> value = mlir::FieldParser<EnumT>::parse(parser);
  if (failed(value))
    return mlir::failure();
  attr = EnumAttrT::get(parser.getContext(), *value);
  return mlir::success();
}

template <typename EnumAttrT>
void printKeyword(mlir::OpAsmPrinter &printer, mlir::Operation *,
                  EnumAttrT attr) {
  printer << stringifyEnum(attr.getValue());
}

} // namespace dale

#endif // DALE_DIALECT_KEYWORD_H
