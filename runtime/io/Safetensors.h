//===- Safetensors.h - Tensors in files -------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reader and writer of safetensors files: 8 bytes little-endian length of the
/// header, the header (JSON: name -> dtype, shape, data_offsets; strings under
/// "__metadata__"), then the tensors' bytes without gaps.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_IO_SAFETENSORS_H
#define DALE_RUNTIME_IO_SAFETENSORS_H

#include "runtime/io/AtomicFile.h"
#include "runtime/io/ElementType.h"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace dale::runtime {

using Metadata = std::map<std::string, std::string>;

/// One tensor as a header declares it.
struct TensorInfo {
  std::string name;
  ElementType type;
  Shape shape;
  /// Of the tensor's first byte, from the start of the file.
  int64_t offset = 0;

  int64_t elements() const { return *elementsOf(shape); }
  int64_t bytes() const {
    return elements() * static_cast<int64_t>(sizeOf(type));
  }
};

/// A file opened for reading. The header is checked whole when it is opened:
/// truncation, JSON, types, shapes, ranges that overlap, leave gaps, or leave
/// the file. Errors name the file and the byte offset.
class TensorReader {
public:
  explicit TensorReader(std::filesystem::path path);
  TensorReader(const TensorReader &) = delete;
  TensorReader &operator=(const TensorReader &) = delete;
  ~TensorReader();

  const std::filesystem::path &path() const { return filePath; }
  const std::vector<TensorInfo> &tensors() const { return infos; }
  const Metadata &metadata() const { return meta; }

  /// The tensor of that name, or null.
  const TensorInfo *find(std::string_view name) const;

  /// The same, or an error that names the nearest tensor there is.
  const TensorInfo &get(std::string_view name) const;

  /// Reads a tensor's bytes as they are.
  void readBytes(const TensorInfo &tensor, void *into) const;

  /// Reads an F32 or F64 tensor as elements of type `type`.
  void readReal(const TensorInfo &tensor, ElementType type, void *into) const;

private:
  std::filesystem::path filePath;
  int descriptor = -1;
  std::vector<TensorInfo> infos;
  Metadata meta;
};

/// Writes a file tensor by tensor, in any order and in parts, so that a file
/// may be larger than memory. It appears at `path` when committed. What is not
/// written is 0.
class TensorWriter {
public:
  struct Declaration {
    std::string name;
    ElementType type;
    Shape shape;
  };

  TensorWriter(std::filesystem::path path,
               const std::vector<Declaration> &tensors,
               const Metadata &metadata = {});

  /// Writes `size` bytes of a tensor, from byte `offset` of that tensor.
  void write(std::string_view name, const void *data, int64_t size,
             int64_t offset = 0);

  void commit() { file.commit(); }

private:
  AtomicFile file;
  std::map<std::string, TensorInfo, std::less<>> infos;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_IO_SAFETENSORS_H
