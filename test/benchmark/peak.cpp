//===- peak.cpp - What this machine can do at most ------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Measures two ceilings, with one thread and with all: multiply-adds in f32
/// out of registers, and copies of memory. Prints one line of JSON:
///
///   peak [SECONDS]
///
/// The best of many short runs counts: whatever else the machine does can only
/// make a run slower. Of the multiply-adds of all threads, `gflops_mean` is
/// what came of all runs: on a machine that is shared with others it is less
/// than the best, and a program that runs for long cannot do better.
///
//===----------------------------------------------------------------------===//

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

#if defined(__AVX512F__)
constexpr int vectorBytes = 64;
#elif defined(__AVX__)
constexpr int vectorBytes = 32;
#else
constexpr int vectorBytes = 16;
#endif

using Vector = float __attribute__((vector_size(vectorBytes)));
using Clock = std::chrono::steady_clock;

/// More than latency times throughput of any core so far (5 cycles, 2 a cycle),
/// and few enough for 16 registers.
constexpr int numChains = 12;

/// Keeps the compiler from knowing, and from leaving out, what a value is.
static void hide(Vector &value) { asm volatile("" : "+x"(value)); }

/// Returns the number of operations done.
static double multiplyAdd() {
  constexpr int64_t iterations = 200'000;
  Vector chains[numChains], factor = Vector() + 0.999f, term = Vector() + 1e-3f;
  for (int i = 0; i < numChains; ++i)
    chains[i] = Vector() + static_cast<float>(i);
  hide(factor);
  hide(term);
  for (int64_t n = 0; n < iterations; ++n)
#pragma GCC unroll 12
    for (int i = 0; i < numChains; ++i)
      chains[i] = chains[i] * factor + term;
  for (Vector &chain : chains)
    hide(chain);
  constexpr int lanes = vectorBytes / sizeof(float);
  return 2.0 * lanes * numChains * iterations;
}

/// Far larger than any cache.
constexpr size_t copyBytes = size_t(64) << 20;

/// Returns the number of bytes read and written.
static double copy(char *to, const char *from) {
  std::memcpy(to, from, copyBytes);
  asm volatile("" : : "r"(to) : "memory");
  return 2.0 * copyBytes;
}

struct Rate {
  double best = 0, mean = 0;
};

/// Runs `work` over and over in every thread, for `seconds`, and returns the
/// rate of all threads together: they begin each round at once.
static Rate measureRate(int threads, double seconds,
                        const std::function<double(int)> &work) {
  Rate rate;
  double allWork = 0, allTime = 0;
  auto end = Clock::now() + std::chrono::duration<double>(seconds);
  do {
    std::vector<std::thread> workers;
    std::atomic<int> ready = 0;
    std::vector<double> amount(threads);
    std::vector<Clock::time_point> begun(threads), ended(threads);
    for (int t = 0; t < threads; ++t)
      workers.emplace_back([&, t] {
        for (++ready; ready < threads;)
          std::this_thread::yield();
        begun[t] = Clock::now();
        for (int repeat = 0; repeat < 3; ++repeat)
          amount[t] += work(t);
        ended[t] = Clock::now();
      });
    double total = 0;
    for (int t = 0; t < threads; ++t) {
      workers[t].join();
      total += amount[t];
    }
    std::chrono::duration<double> taken =
        *std::max_element(ended.begin(), ended.end()) -
        *std::min_element(begun.begin(), begun.end());
    rate.best = std::max(rate.best, total / taken.count());
    allWork += total;
    allTime += taken.count();
  } while (Clock::now() < end);
  rate.mean = allWork / allTime;
  return rate;
}

int main(int argc, char **argv) {
  double seconds = argc > 1 ? std::atof(argv[1]) : 1;
  int threads = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::unique_ptr<char[]>> from, to;
  for (int t = 0; t < threads; ++t) {
    // Set to 0, so that every page is there before it is timed.
    from.push_back(std::make_unique<char[]>(copyBytes));
    to.push_back(std::make_unique<char[]>(copyBytes));
  }
  auto flops = [](int) { return multiplyAdd(); };
  auto bytes = [&](int t) { return copy(to[t].get(), from[t].get()); };
  std::printf("{\"threads\": %d, \"vector_bits\": %d, ", threads,
              8 * vectorBytes);
  std::printf("\"gflops_1\": %.1f, ",
              measureRate(1, seconds, flops).best / 1e9);
  Rate multiplyAdds = measureRate(threads, seconds, flops);
  std::printf("\"gflops\": %.1f, \"gflops_mean\": %.1f, ",
              multiplyAdds.best / 1e9, multiplyAdds.mean / 1e9);
  std::printf("\"copy_gb_per_s_1\": %.2f, ",
              measureRate(1, seconds, bytes).best / 1e9);
  std::printf("\"copy_gb_per_s\": %.2f}\n",
              measureRate(threads, seconds, bytes).best / 1e9);
}
