//===- ElementType.h - Types of a tensor's elements -------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The element types of safetensors files, and access to buffers of real
/// numbers whose type is known at run time only.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_IO_ELEMENTTYPE_H
#define DALE_RUNTIME_IO_ELEMENTTYPE_H

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dale::runtime {

enum class ElementType { F64, F32, F16, BF16, I64, I32, I16, I8, U8, Bool };

/// Bytes of one element.
size_t sizeOf(ElementType type);

/// The name that safetensors gives to a type, as "F32".
std::string_view nameOf(ElementType type);

/// The type of a safetensors name, or nothing.
std::optional<ElementType> elementTypeFromName(std::string_view name);

using Shape = std::vector<int64_t>;

/// "[3, 3, 64]"
std::string toString(const Shape &shape);

/// The product of a shape's extents (1 for a scalar), or nothing if an extent
/// is negative or the product overflows.
std::optional<int64_t> elementsOf(const Shape &shape);

inline bool isReal(ElementType type) {
  return type == ElementType::F32 || type == ElementType::F64;
}

/// Element `index` of a buffer of F32 or F64.
inline double loadReal(const void *data, ElementType type, int64_t index) {
  if (type == ElementType::F64)
    return static_cast<const double *>(data)[index];
  return static_cast<const float *>(data)[index];
}

/// Sets element `index` of a buffer of F32 or F64.
inline void storeReal(void *data, ElementType type, int64_t index,
                      double value) {
  if (type == ElementType::F64)
    static_cast<double *>(data)[index] = value;
  else
    static_cast<float *>(data)[index] = static_cast<float>(value);
}

} // namespace dale::runtime

#endif // DALE_RUNTIME_IO_ELEMENTTYPE_H
