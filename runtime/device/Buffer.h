//===- Buffer.h - Aligned memory --------------------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Flat memory that generated code works on.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_BUFFER_H
#define DALE_RUNTIME_DEVICE_BUFFER_H

#include "runtime/CircuitABI.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace dale::runtime {

/// What memory is for, as a message tells it where the machine has none.
struct Purpose {
  /// "the workspace": of a batch, so that a smaller one needs less.
  Purpose(const char *name) : name(name) {}

  /// "the parameters": what a network has of its own is as large in any batch.
  static Purpose ofNetwork(const char *name) {
    Purpose purpose(name);
    purpose.mend = "give the circuit fewer channels";
    return purpose;
  }

  const char *name;
  const char *mend = "choose a smaller --batch";
};

/// A block of memory aligned to DALE_BUFFER_ALIGNMENT. Large ones ask for huge
/// pages, which saves most of the misses in the table of pages.
class Buffer {
public:
  Buffer() = default;

  /// Allocates `bytes` and sets them to 0.
  static Buffer zeroed(int64_t bytes, Purpose purpose);

  /// Allocates without touching the memory, so that a page comes to lie near
  /// the thread that uses it first.
  static Buffer uninitialized(int64_t bytes, Purpose purpose);

  /// Memory that came from elsewhere and is given back by `release`.
  static Buffer adopt(std::byte *memory, int64_t bytes,
                      std::function<void(std::byte *)> release);

  int64_t size() const { return bytes; }
  std::byte *data() { return memory.get(); }
  const std::byte *data() const { return memory.get(); }

  template <typename T>
  std::span<T> as() {
    return {reinterpret_cast<T *>(data()), size() / sizeof(T)};
  }
  template <typename T>
  std::span<const T> as() const {
    return {reinterpret_cast<const T *>(data()), size() / sizeof(T)};
  }

  /// The descriptor of the first `size` bytes, as generated code takes it.
  DaleBuffer view(int64_t size);
  DaleBuffer view() { return view(bytes); }

private:
  struct Free {
    void operator()(std::byte *pointer) const;
    /// Empty: it is of this program's heap.
    std::function<void(std::byte *)> release;
  };
  std::unique_ptr<std::byte, Free> memory;
  int64_t bytes = 0;
};

/// "1.5 GiB"
std::string formatBytes(double bytes);

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_BUFFER_H
