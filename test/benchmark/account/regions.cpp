//===- regions.cpp - When the stages of a training step run ---------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A tool of OpenMP's runtime (OMPT): every stage over a batch is one parallel
/// region, so that their times are known without a word of it in the generated
/// code. Loaded with OMP_TOOL_LIBRARIES; writes one line a region, "begin end"
/// in seconds of CLOCK_MONOTONIC, to the file that DALE_REGIONS names.
///
//===----------------------------------------------------------------------===//

#include <omp-tools.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

namespace {
struct Region {
  double begin, end;
};
} // namespace

static std::vector<Region> regions;

static double now() {
  timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) +
         1e-9 * static_cast<double>(time.tv_nsec);
}

// Regions are not nested, and all begin in one thread.
static void beginRegion(ompt_data_t *, const ompt_frame_t *, ompt_data_t *,
                        unsigned, int, const void *) {
  regions.push_back({now(), 0});
}

static void endRegion(ompt_data_t *, ompt_data_t *, int, const void *) {
  regions.back().end = now();
}

static int initialize(ompt_function_lookup_t lookUp, int, ompt_data_t *) {
  regions.reserve(1 << 16);
  auto set = reinterpret_cast<ompt_set_callback_t>(lookUp("ompt_set_callback"));
  set(ompt_callback_parallel_begin,
      reinterpret_cast<ompt_callback_t>(&beginRegion));
  set(ompt_callback_parallel_end,
      reinterpret_cast<ompt_callback_t>(&endRegion));
  return 1;
}

static void finalize(ompt_data_t *) {
  const char *name = std::getenv("DALE_REGIONS");
  FILE *file = name ? std::fopen(name, "w") : nullptr;
  if (!file) {
    std::fprintf(stderr, "regions: error: DALE_REGIONS names no file that can "
                         "be written\n");
    return;
  }
  for (const Region &region : regions)
    std::fprintf(file, "%.9f %.9f\n", region.begin, region.end);
  std::fclose(file);
}

extern "C" ompt_start_tool_result_t *ompt_start_tool(unsigned, const char *) {
  static ompt_start_tool_result_t result = {initialize, finalize, {0}};
  return &result;
}
