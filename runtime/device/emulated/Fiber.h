//===- Fiber.h - Threads that take turns ---------------------- -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A fiber runs on a stack of its own until it suspends itself; all share one
/// thread of the machine, so that nothing ever happens at the same time.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_DEVICE_EMULATED_FIBER_H
#define DALE_RUNTIME_DEVICE_EMULATED_FIBER_H

#include <csetjmp>
#include <cstddef>

namespace dale::runtime {

class Fiber {
public:
  /// Maps a stack, with a page below it that may not be touched. Throws if the
  /// machine has none left.
  Fiber();
  ~Fiber();
  Fiber(const Fiber &) = delete;
  Fiber &operator=(const Fiber &) = delete;

  /// The next resume() begins `body`. What ran before is abandoned where it
  /// stood, without unwinding. `body` must not throw.
  void start(void (*body)(void *), void *argument);

  /// Lets the fiber run until it suspends itself or its body returns.
  void resume();

  /// Called on the fiber: returns when it is resumed again.
  void suspend();

  /// Whether the body has returned.
  bool ended() const { return state == State::Ended; }

  bool owns(const void *address) const {
    const std::byte *place = static_cast<const std::byte *>(address);
    return place >= stack && place < stack + stackBytes;
  }

  /// Of each fiber; a page that is never touched takes no memory.
  static constexpr size_t stackBytes = size_t(256) << 10;

private:
  enum class State { Fresh, Started, Ended };

  static void enter();

  std::byte *mapping = nullptr;
  std::byte *stack = nullptr;
  void (*body)(void *) = nullptr;
  void *argument = nullptr;
  State state = State::Ended;
  std::jmp_buf place;
};

} // namespace dale::runtime

#endif // DALE_RUNTIME_DEVICE_EMULATED_FIBER_H
