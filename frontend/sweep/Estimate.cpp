//===- Estimate.cpp - How long an experiment takes -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/sweep/Estimate.h"
#include "frontend/sweep/Executables.h"
#include "frontend/sweep/JobPool.h"
#include "frontend/sweep/Progress.h"
#include "frontend/sweep/Settings.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

using namespace llvm;
using namespace dale;
using namespace dale::sweep;

//===----------------------------------------------------------------------===//
// Images
//===----------------------------------------------------------------------===//

/// The size of a file, decompressed; 0 where there is none.
static int64_t sizeOf(StringRef folder, StringRef name) {
  SmallString<256> path(folder);
  sys::path::append(path, name);
  uint64_t size = 0;
  if (!sys::fs::file_size(path, size))
    return static_cast<int64_t>(size);
  path += ".gz";
  auto buffer = MemoryBuffer::getFile(path, /*IsText=*/false,
                                      /*RequiresNullTerminator=*/false);
  if (!buffer || (*buffer)->getBufferSize() < 4)
    return 0;
  // A gzip file ends with the size of what it holds.
  return support::endian::read32le((*buffer)->getBufferEnd() - 4);
}

static int64_t countFiles(StringRef folder, StringRef name) {
  SmallString<256> path(folder);
  sys::path::append(path, name);
  std::error_code error;
  int64_t count = 0;
  for (sys::fs::recursive_directory_iterator it(path, error), end;
       it != end && !error; it.increment(error))
    count += it->type() != sys::fs::file_type::directory_file;
  return count;
}

std::optional<ImageCounts> sweep::countImages(StringRef folder, int64_t height,
                                              int64_t width) {
  constexpr int64_t cifarRecord = 1 + 3 * 32 * 32, idxHeader = 16;
  ImageCounts counts;
  for (int batch = 1; batch <= 5; ++batch)
    counts.train +=
        sizeOf(folder, ("data_batch_" + Twine(batch) + ".bin").str()) /
        cifarRecord;
  counts.test = sizeOf(folder, "test_batch.bin") / cifarRecord;
  if (counts.train > 0)
    return counts;
  int64_t pixels = std::max<int64_t>(1, height * width);
  counts.train =
      (sizeOf(folder, "train-images-idx3-ubyte") - idxHeader) / pixels;
  counts.test = (sizeOf(folder, "t10k-images-idx3-ubyte") - idxHeader) / pixels;
  if (counts.train > 0)
    return counts;
  counts.train = countFiles(folder, "train");
  counts.test = countFiles(folder, "val");
  if (counts.test == 0)
    counts.test = countFiles(folder, "test");
  if (counts.train > 0)
    return counts;
  return std::nullopt;
}

static int64_t integerOf(const Settings &settings, StringRef name,
                         int64_t fallback) {
  const Setting *setting = findSetting(settings, name);
  return setting ? setting->value.integer : fallback;
}

/// The images of a run, an image that is only looked at as a third of one that
/// is trained on.
static double countWork(const Condition &condition, const Executable &circuit,
                        ImageCounts images) {
  constexpr int64_t gratings = 432;
  const Settings &training = condition.training;
  int64_t all = static_cast<int64_t>(images.train * circuit.fraction);
  int64_t train =
      std::min(images.train, integerOf(training, "limit_train", all));
  int64_t test =
      std::min(images.test, integerOf(training, "limit_test", images.test));
  int64_t epochs = integerOf(training, "epochs", circuit.epochs);
  const Setting *analyses = findSetting(training, "analyze_at");
  double work = static_cast<double>(epochs) * (train + test / 3.0);
  if (analyses)
    work += analyses->value.elements.size() * (test + gratings) / 3.0;
  return work;
}

//===----------------------------------------------------------------------===//
// Speed
//===----------------------------------------------------------------------===//

namespace {

/// Measures executables.
class Bench : public JobHandler {
public:
  Bench(const SweepFolder &folder, const Plan &plan, unsigned threads)
      : speeds(plan.executables.size()), folder(folder), plan(plan),
        threads(threads), outputs(plan.executables.size(), -1) {}

  Start start(size_t item, pid_t &process) override;
  void ended(const Job &job, const Ending &ending, bool stopping) override;
  void tick(const std::vector<Job> &running) override {
    progress.show("measuring", done, all, running.size(), /*failed=*/0, -1);
  }

  /// Images per second; 0 where it was not measured.
  std::vector<double> speeds;
  size_t all = 0;

private:
  const SweepFolder &folder;
  const Plan &plan;
  unsigned threads;
  std::vector<int> outputs;
  Progress progress;
  size_t done = 0;
};

} // namespace

JobHandler::Start Bench::start(size_t item, pid_t &process) {
  const Executable &executable = plan.executables[item];
  auto condition =
      llvm::find_if(plan.conditions, [&](const Condition &condition) {
        return condition.executable == item;
      });
  Command command{{folder.executable(executable.name), "bench", "--json",
                   "--warm-up", "1", "--steps", "3"},
                  {"OMP_NUM_THREADS=" + std::to_string(threads)}};
  for (StringRef option : {"batch", "device"})
    if (const Setting *setting = findSetting(condition->training, option))
      llvm::append_range(command.arguments, setting->arguments);
  outputs[item] = command.output = openMemory();
  process = startProgram(command);
  return process < 0 ? Start::Nothing : Start::Started;
}

void Bench::ended(const Job &job, const Ending &, bool) {
  ++done;
  std::string text = takeMemory(outputs[job.item]);
  Expected<json::Value> line = json::parse(StringRef(text).trim());
  if (!line) {
    consumeError(line.takeError());
    return;
  }
  if (const json::Object *object = line->getAsObject())
    speeds[job.item] = object->getNumber("images_per_s").value_or(0);
}

std::optional<Estimate> sweep::estimate(const SweepFolder &folder,
                                        const Plan &plan,
                                        ArrayRef<RunState> states,
                                        StringRef data, size_t jobs,
                                        unsigned threads) {
  std::set<size_t> wanted = executablesToUse(plan, states);
  std::deque<size_t> items;
  for (size_t item : wanted)
    if (isCompiled(folder, plan, plan.executables[item]))
      items.push_back(item);
  Bench bench(folder, plan, threads);
  bench.all = items.size();
  if (!runJobs(items, jobs, bench))
    return std::nullopt;

  // What one core of a current processor does of a circuit like the paper's.
  constexpr double guess = 60e9;
  double rate = 0;
  size_t measured = 0;
  for (size_t item : wanted)
    if (bench.speeds[item] > 0) {
      ++measured;
      rate += bench.speeds[item] * plan.executables[item].flopsPerImage;
    }
  rate = measured ? rate / measured : guess * threads;

  Estimate result;
  for (const Run &run : plan.runs) {
    const Condition &condition = plan.conditions[run.condition];
    const Executable &circuit = plan.executables[condition.executable];
    std::optional<ImageCounts> images =
        countImages(data, circuit.height, circuit.width);
    double speed = bench.speeds[condition.executable];
    if (speed <= 0)
      speed = rate / std::max(1.0, circuit.flopsPerImage);
    result.seconds.push_back(
        images ? countWork(condition, circuit, *images) / speed : 0);
  }
  std::string executables =
      measured == 1 ? "the executable" : counted(measured, "executable");
  if (measured == wanted.size())
    result.basis = "by training steps measured of " + executables;
  else if (measured > 0)
    result.basis = "by training steps measured of " + executables +
                   ", and by the operations of the others";
  else
    result.basis = "by the operations of the circuits, at a guess of " +
                   std::to_string(static_cast<int>(guess * threads / 1e9)) +
                   " GFLOP/s; it is measured when they are compiled";
  return result;
}
