//===- ElementType.cpp - Types of a tensor's elements ---------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/ElementType.h"

#include <fmt/ranges.h>

#include <array>

using namespace dale::runtime;

namespace {
struct TypeRow {
  ElementType type;
  std::string_view name;
  size_t size;
};

/// In the order of the enumeration.
constexpr std::array<TypeRow, 10> typeTable = {{
    {ElementType::F64, "F64", 8},
    {ElementType::F32, "F32", 4},
    {ElementType::F16, "F16", 2},
    {ElementType::BF16, "BF16", 2},
    {ElementType::I64, "I64", 8},
    {ElementType::I32, "I32", 4},
    {ElementType::I16, "I16", 2},
    {ElementType::I8, "I8", 1},
    {ElementType::U8, "U8", 1},
    {ElementType::Bool, "BOOL", 1},
}};
} // namespace

size_t dale::runtime::sizeOf(ElementType type) {
  return typeTable[static_cast<size_t>(type)].size;
}

std::string_view dale::runtime::nameOf(ElementType type) {
  return typeTable[static_cast<size_t>(type)].name;
}

std::optional<ElementType>
dale::runtime::elementTypeFromName(std::string_view name) {
  for (const TypeRow &row : typeTable)
    if (row.name == name)
      return row.type;
  return std::nullopt;
}

std::string dale::runtime::toString(const Shape &shape) {
  return fmt::format("[{}]", fmt::join(shape, ", "));
}

std::optional<int64_t> dale::runtime::elementsOf(const Shape &shape) {
  int64_t elements = 1;
  for (int64_t extent : shape)
    if (extent < 0 || __builtin_mul_overflow(elements, extent, &elements))
      return std::nullopt;
  return elements;
}
