//===- GpuTest.cpp - Tests of circuits on GPUs ----------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

/// \file
/// Runs a fake circuit (FakeCircuit.cpp) on the emulated GPU and on a fake CUDA
/// driver (FakeCuda.cpp), which must give the CPU's very files, and shows each
/// error that a user may meet.

#include "Support.h"
#include "runtime/CircuitABI.h"
#include "runtime/circuit/Circuit.h"
#include "runtime/device/gpu/GpuImages.h"
#include "runtime/io/Safetensors.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

using namespace dale::runtime;
using namespace dale::runtime::test;
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

bool contains(const std::string &text, const std::string &part) {
  return text.find(part) != std::string::npos;
}

/// A way to run the circuit.
struct Way {
  const char *name;
  const char *device;
  std::vector<std::string> environment;
  bool roomForImages = true;
  /// Whether kernels run only when the host waits for them.
  bool late = false;
};

void PrintTo(const Way &way, std::ostream *stream) { *stream << way.name; }

const std::string fakeCuda = "LD_LIBRARY_PATH=" FAKE_CUDA_FOLDER;

class Gpu : public testing::TestWithParam<Way> {
protected:
  Gpu() { writeCifar10(folder / "data", 32); }

  CommandResult run(std::vector<std::string> arguments,
                    const std::vector<std::string> &environment) const {
    arguments.insert(arguments.begin(), FAKE_CIRCUIT_GPU);
    return runCommand(arguments, environment);
  }

  /// Runs a command on the CPU and in this way, each in a folder of its own.
  void onBoth(std::vector<std::string> arguments,
              const std::vector<std::string> &environment = {},
              int exitCode = 0) {
    errors.clear();
    for (bool gpu : {false, true}) {
      std::vector<std::string> all = arguments, settings = environment;
      fs::path out = folder / (gpu ? "gpu" : "cpu");
      fs::create_directories(out);
      all.insert(all.end(), {"--out", (out / "run").string(), "--device",
                             gpu ? GetParam().device : "cpu"});
      if (gpu)
        settings.insert(settings.end(), GetParam().environment.begin(),
                        GetParam().environment.end());
      CommandResult result = run(all, settings);
      ASSERT_EQ(result.exitCode, exitCode) << result.err;
      output = result.out;
      errors.push_back(result.err);
    }
  }

  void expectSame(const std::string &file = "run") {
    EXPECT_TRUE(readFile(folder / "cpu" / file) ==
                readFile(folder / "gpu" / file))
        << file << " differs";
  }

  void expectSameRun() {
    expectSame("run/checkpoint.safetensors");
    expectSame("run/metrics.csv");
  }

  /// Images and labels, and the weights that a step of training leaves.
  void writeInputs() {
    std::vector<float> images(5 * 3072);
    for (size_t i = 0; i < images.size(); ++i)
      images[i] = static_cast<float>(i % 101) / 50 - 1;
    std::vector<int32_t> labels = {3, 1, 4, 1, 9};
    std::vector<uint8_t> raw(5 * 3072);
    for (size_t i = 0; i < raw.size(); ++i)
      raw[i] = static_cast<uint8_t>(i * i % 251);
    TensorWriter batch(folder / "batch",
                       {{"images", ElementType::F32, {5, 32, 32, 3}},
                        {"labels", ElementType::I32, {5}}});
    batch.write("images", images.data(), 5 * 3072 * 4);
    batch.write("labels", labels.data(), 5 * 4);
    batch.commit();
    TensorWriter file(folder / "raw",
                      {{"images", ElementType::U8, {5, 32, 32, 3}}});
    file.write("images", raw.data(), 5 * 3072);
    file.commit();
    ASSERT_EQ(
        run({"train", "--data", (folder / "data").string(), "--out",
             (folder / "weights").string(), "--epochs", "1", "--device", "cpu"},
            {})
            .exitCode,
        0);
  }

  std::string weights() const {
    return (folder / "weights" / "checkpoint.safetensors").string();
  }

  TemporaryFolder folder;
  /// Of the command that ran last.
  std::string output;
  /// Of the CPU's last command, and the GPU's.
  std::vector<std::string> errors;
};

INSTANTIATE_TEST_SUITE_P(
    Ways, Gpu,
    testing::Values(
        Way{"Emulated", "emulated", {}},
        Way{"EmulatedInReverse",
            "emulated",
            {"DALE_EMULATED_ORDER=reverse", "DALE_EMULATED_BLOCKS=1"}},
        Way{"Cuda", "cuda", {fakeCuda}},
        // Sees memory of the host that is changed before its copy is done.
        Way{"CudaAsLateAsMayBe",
            "cuda:0",
            {fakeCuda, "FAKE_CUDA=deferred"},
            true,
            true},
        Way{"EmulatedWithoutRoom",
            "emulated",
            {"DALE_EMULATED_MEMORY=700000"},
            false},
        Way{"CudaWithoutRoom",
            "cuda",
            {fakeCuda, "FAKE_CUDA=memory=700000,deferred"},
            false,
            true},
        // Room, but not in one place.
        Way{"CudaInPieces",
            "cuda",
            {fakeCuda, "FAKE_CUDA=piece=300000,deferred"},
            false,
            true}),
    [](const auto &info) { return std::string(info.param.name); });

//===----------------------------------------------------------------------===//
// The CPU's results
//===----------------------------------------------------------------------===//

TEST_P(Gpu, TrainsLikeTheCpu) {
  onBoth({"train", "--data", (folder / "data").string(), "--epochs", "3",
          "--batch", "12"});
  expectSameRun();
}

// The training images are 480 KiB, beside some 200 KiB for the rest.
TEST_P(Gpu, KeepsTheDataSetWhereThereIsRoom) {
  onBoth({"train", "--data", (folder / "data").string(), "--max-steps", "1"});
  EXPECT_EQ(contains(output, "the training images do not fit in the device's "
                             "memory: each batch is sent there"),
            !GetParam().roomForImages)
      << output;
}

TEST_P(Gpu, ResumesLikeTheCpu) {
  std::vector<std::string> train = {
      "train", "--data", (folder / "data").string(), "--epochs", "2"};
  auto with = [&](std::vector<std::string> options) {
    options.insert(options.begin(), train.begin(), train.end());
    return options;
  };
  onBoth(with({"--max-steps", "7"}));
  expectSameRun();
  onBoth(with({"--resume"}), {"DALE_FAKE_SIGNAL_AT=5"}, 130);
  // A signal out of a step that runs late finds the host some steps ahead.
  if (!GetParam().late)
    expectSameRun();
  onBoth(with({"--resume"}));
  expectSameRun();
}

// The last batch of the test set is smaller. How many networks there is room
// for is another number in each way.
TEST_P(Gpu, TrainsSeveralSeedsLikeTheCpu) {
  onBoth({"train", "--data", (folder / "data").string(), "--epochs", "2",
          "--batch", "12", "--seeds", "0..2,7", "--analyze-at", "1"});
  for (const char *seed : {"seed-0", "seed-1", "seed-2", "seed-7"}) {
    expectSame(fs::path("run") / seed / "analysis/epoch-1/analysis.csv");
    expectSame(fs::path("run") / seed / "checkpoint.safetensors");
    expectSame(fs::path("run") / seed / "metrics.csv");
  }
}

// However far ahead the host is, the step that is to blame is named.
TEST_P(Gpu, TellsWhereTheLossIsNotFinite) {
  onBoth({"train", "--data", (folder / "data").string(), "--lr", "1e25",
          "--batch", "5", "--epochs", "3"},
         {}, 1);
  ASSERT_EQ(errors.size(), 2u);
  for (std::string &error : errors)
    error = error.substr(0, error.find("the last checkpoint"));
  EXPECT_TRUE(contains(errors[0], " in epoch ")) << errors[0];
  EXPECT_EQ(errors[0], errors[1]);
}

TEST_P(Gpu, StepsLikeTheCpu) {
  writeInputs();
  for (const char *steps : {"1", "3"}) {
    onBoth({"step", "--weights", weights(), "--batch",
            (folder / "batch").string(), "--steps", steps});
    expectSame();
  }
}

TEST_P(Gpu, RespondsLikeTheCpu) {
  writeInputs();
  for (const char *images : {"batch", "raw"})
    for (const char *batch : {"16", "2"}) {
      onBoth({"respond", "--weights", weights(), "--images",
              (folder / images).string(), "--batch", batch});
      expectSame();
    }
}

TEST_P(Gpu, IsNamed) {
  CommandResult result =
      run({"bench", "--steps", "2", "--json", "--device", GetParam().device},
          GetParam().environment);
  ASSERT_EQ(result.exitCode, 0) << result.err;
  json line = json::parse(result.out);
  std::string device = GetParam().device;
  EXPECT_EQ(line["device"], device == "cuda" ? "cuda:0" : device);
  EXPECT_GT(line["peak_bytes"], 16 * 3072 * 4);
  result = run({"bench", "--steps", "2", "--device", GetParam().device},
               GetParam().environment);
  EXPECT_TRUE(contains(result.out, device == "emulated"
                                       ? "an emulated GPU with "
                                       : "Fake GPU 10 (cuda:0)"))
      << result.out;
}

//===----------------------------------------------------------------------===//
// Choosing a device
//===----------------------------------------------------------------------===//

class Device : public testing::Test {
protected:
  CommandResult bench(const std::string &device, const std::string &peculiar,
                      const char *library = FAKE_CUDA_FOLDER) {
    return runCommand(
        {FAKE_CIRCUIT_GPU, "bench", "--steps", "1", "--device", device},
        {std::string("LD_LIBRARY_PATH=") + library, "FAKE_CUDA=" + peculiar});
  }

  void expectRefused(const CommandResult &result,
                     const std::vector<std::string> &parts, int exitCode = 1) {
    EXPECT_EQ(result.exitCode, exitCode) << result.err;
    for (const std::string &part : parts)
      EXPECT_TRUE(contains(result.err, part))
          << "the message\n  " << result.err << "\nlacks\n  " << part;
  }

  /// Where the driver's library is a file that is none.
  CommandResult train(const std::vector<std::string> &environment) {
    writeCifar10(folder / "data", 32);
    return runCommand({FAKE_CIRCUIT_GPU, "train", "--data",
                       (folder / "data").string(), "--out",
                       (folder / "run").string(), "--epochs", "1"},
                      environment);
  }

  TemporaryFolder folder;
};

TEST_F(Device, AutoTakesTheGpu) {
  CommandResult result = train({fakeCuda});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "batch 16, Fake GPU 10 (cuda:0), in "))
      << result.out;
  EXPECT_EQ(json::parse(readFile(folder / "run" / "summary.json"))["device"],
            "cuda:0");
}

TEST_F(Device, AutoTakesTheCpuAndSaysWhy) {
  CommandResult result = train({fakeCuda, "FAKE_CUDA=nodevice"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_TRUE(contains(result.out, "on the CPU, since no GPU can be used: the "
                                   "NVIDIA driver finds no GPU"))
      << result.out;
}

TEST_F(Device, IsOneOfSeveral) {
  EXPECT_TRUE(contains(bench("cuda:1", "two").out, "Fake GPU 11 (cuda:1)"));
  expectRefused(bench("cuda:2", "two"),
                {"--device cuda:2: the NVIDIA driver finds 2 GPUs: expected "
                 "cuda:0 to cuda:1"});
  expectRefused(bench("cuda:1", ""), {"finds 1 GPU: expected cuda:0"});
  for (const char *device : {"gpu", "cuda:", "cuda:x", "cuda:-1", "cuda:1x"})
    expectRefused(bench(device, ""),
                  {std::string("--device ") + device +
                   ": expected auto, cpu, cuda, cuda:0"},
                  2);
}

TEST_F(Device, NeedsCode) {
  for (const char *device : {"cuda", "cuda:0"})
    expectRefused(runCommand({FAKE_CIRCUIT, "bench", "--device", device}),
                  {"this executable has no code for CUDA"});
  expectRefused(runCommand({FAKE_CIRCUIT, "bench", "--device", "emulated"}),
                {"this executable has no code for the emulated GPU"});
}

TEST_F(Device, InfoShowsTheCode) {
  std::string out = runCommand({FAKE_CIRCUIT_GPU, "info"}).out;
  for (const char *part :
       {"code for 8.0 (8 bytes), code for 9.0 (8 bytes), PTX for 8.0 (3 "
        "bytes), the emulated GPU; at most 4 blocks of 32 threads",
        "shared memory", "1.0 KiB to 2.0 KiB"})
    EXPECT_TRUE(contains(out, part)) << part << "\n" << out;
  EXPECT_FALSE(contains(runCommand({FAKE_CIRCUIT, "info"}).out, "GPU"));
}

//===----------------------------------------------------------------------===//
// Several networks side by side
//===----------------------------------------------------------------------===//

class SideBySide : public testing::Test {
protected:
  SideBySide() { writeCifar10(folder / "data", 32); }

  /// Seeds 0 to 2 on a GPU with room for all.
  CommandResult train(const std::string &out, std::vector<std::string> options,
                      const std::vector<std::string> &environment = {},
                      const std::string &peculiar = "each=3") const {
    std::vector<std::string> arguments = {
        FAKE_CIRCUIT_GPU, "train",   "--data",  (folder / "data").string(),
        "--out",          path(out), "--seeds", "0..2",
        "--device",       "cuda"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    std::vector<std::string> all = environment;
    all.insert(all.end(), {fakeCuda, "FAKE_CUDA=" + peculiar});
    return runCommand(arguments, all);
  }

  std::string path(const std::string &name) const {
    return (folder / name).string();
  }

  void expectTrained(const std::string &out, std::vector<std::string> options) {
    CommandResult result = train(out, std::move(options));
    ASSERT_EQ(result.exitCode, 0) << result.err;
  }

  void expectSame(const std::string &a, const std::string &b, int seed) {
    std::string name = fmt::format("seed-{}", seed);
    for (const char *file : {"checkpoint.safetensors", "metrics.csv"})
      EXPECT_TRUE(readFile(folder / a / name / file) ==
                  readFile(folder / b / name / file))
          << a << " and " << b << " differ in " << name << "/" << file;
  }

  void expectSame(const std::string &a, const std::string &b) {
    for (int seed : {0, 1, 2})
      expectSame(a, b, seed);
  }

  std::string metadata(const std::string &out, int seed, const char *key) {
    return TensorReader(folder / out / fmt::format("seed-{}", seed) /
                        "checkpoint.safetensors")
        .metadata()
        .at(key);
  }

  static void expectContains(const std::string &text,
                             const std::vector<std::string> &parts) {
    for (const std::string &part : parts)
      EXPECT_TRUE(contains(text, part)) << text << "\nlacks\n  " << part;
  }

  /// How many networks were trained together, seed by seed.
  std::vector<int> together(const std::string &out) {
    std::vector<int> numbers;
    for (const char *seed : {"seed-0", "seed-1", "seed-2"})
      numbers.push_back(json::parse(
          readFile(folder / out / seed / "summary.json"))["side_by_side"]);
    return numbers;
  }

  TemporaryFolder folder;
};

TEST_F(SideBySide, TellsOfAll) {
  CommandResult result = train("run", {"--epochs", "2"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  EXPECT_FALSE(contains(result.err, "side by side"));
  expectContains(result.out, {"parameters, seeds 0, 1, 2 side by side",
                              "epoch 2/2  seed 0  train loss ",
                              "epoch 2/2  seed 2  train loss ",
                              "test accuracy, the mean of 3 networks",
                              "seed 1: test accuracy ", path("run/seed-1")});
  EXPECT_EQ(together("run"), (std::vector<int>{3, 3, 3}));
}

TEST_F(SideBySide, AsManyAtATimeAsThereAreBlocks) {
  expectTrained("all", {"--epochs", "2"});
  CommandResult result = train("run", {"--epochs", "2"}, {}, "each=1");
  ASSERT_EQ(result.exitCode, 0) << result.err;
  expectContains(result.err,
                 {"note: 2 of 3 networks are trained side by side, since no "
                  "more fit: Fake GPU 10 (cuda:0) has room for 2 blocks of "
                  "'dale_"});
  EXPECT_EQ(together("run"), (std::vector<int>{2, 2, 1}));
  expectSame("all", "run");
}

TEST_F(SideBySide, AsManyAtATimeAsTheMemoryHolds) {
  expectTrained("all", {"--epochs", "2"});
  // A batch of 16 images takes a network 192 KiB, and raw ones 48 KiB.
  CommandResult result =
      train("run", {"--epochs", "2"}, {}, "each=3,memory=760000");
  ASSERT_EQ(result.exitCode, 0) << result.err;
  expectContains(result.err,
                 {"note: 2 of 3 networks are trained side by side, "
                  "since no more fit: not enough memory on Fake GPU "
                  "10 (cuda:0) for the "});
  EXPECT_EQ(together("run"), (std::vector<int>{2, 2, 1}));
  expectSame("all", "run");
  result = train("none", {"--epochs", "2"}, {}, "each=3,memory=100000");
  EXPECT_EQ(result.exitCode, 1);
  expectContains(result.err, {"error: not enough memory on Fake GPU"});
}

TEST_F(SideBySide, InterruptedAllGoOn) {
  expectTrained("straight", {"--epochs", "2"});
  CommandResult result =
      train("run", {"--epochs", "2"}, {"DALE_FAKE_SIGNAL_AT=4"});
  EXPECT_EQ(result.exitCode, 130);
  expectContains(result.err,
                 {"interrupted; the checkpoints are written:",
                  "seed 0, epoch 1, step 2: " + path("run/seed-0"),
                  "seed 2, epoch 1, step 2: ", "--seeds 0..2", "--resume"});
  result = train("run", {"--resume"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  expectContains(result.out, {"resuming", "\nfrom epoch 1, step 3\n"});
  expectSame("straight", "run");
}

TEST_F(SideBySide, ThoseBehindCatchUp) {
  expectTrained("straight", {"--epochs", "3"});
  expectTrained("run", {"--epochs", "3", "--max-steps", "3"});
  // One within the next epoch, one at the end of an epoch.
  for (auto [seed, steps] : {std::pair("1", "13"), {"2", "20"}}) {
    CommandResult result = runCommand(
        {FAKE_CIRCUIT_GPU, "train", "--data", path("data"), "--out",
         path("run/seed-") + seed, "--resume", "--max-steps", steps});
    ASSERT_EQ(result.exitCode, 0) << result.err;
  }
  CommandResult result = train("run", {"--resume"});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  expectContains(result.out,
                 {"seed 0 from epoch 1, step 4", "seed 1 from epoch 2, step 4",
                  "seed 2 from epoch 3, step 1"});
  expectSame("straight", "run");
  EXPECT_EQ(together("run"), (std::vector<int>{3, 3, 3}));
}

TEST_F(SideBySide, OneThatDivergesStopsAlone) {
  expectTrained("straight", {"--epochs", "2"});
  // The second network's second step.
  CommandResult result =
      train("run", {"--epochs", "2"}, {"DALE_FAKE_DIVERGE_AT=5"});
  EXPECT_EQ(result.exitCode, 1);
  expectContains(result.out, {"seed 1 ends here: the loss is nan",
                              "seed 0: test accuracy ", "the mean of 2 "});
  expectContains(result.err,
                 {"error: 1 network could not be trained to the end:\n  the "
                  "loss is nan in epoch 1, step 2",
                  path("run/seed-1/checkpoint.safetensors")});
  expectSame("straight", "run", 0);
  expectSame("straight", "run", 2);
  EXPECT_EQ(metadata("run", 1, "epoch"), "0");
  EXPECT_EQ(metadata("run", 1, "step"), "0");
  // It is as if it had been interrupted there.
  ASSERT_EQ(train("run", {"--resume"}).exitCode, 0);
  expectSame("straight", "run");
}

TEST_F(SideBySide, AllThatDivergeAreTold) {
  CommandResult result = train("run", {"--epochs", "2", "--lr", "1e38"});
  EXPECT_EQ(result.exitCode, 1);
  expectContains(result.err, {"3 networks could not be trained to the end:",
                              path("run/seed-0/checkpoint.safetensors"),
                              path("run/seed-2/checkpoint.safetensors")});
}

TEST_F(SideBySide, OtherSettingsTrainApart) {
  auto resume = [&](const char *out, const char *seeds,
                    std::vector<std::string> options) {
    options.insert(options.begin(),
                   {FAKE_CIRCUIT_GPU, "train", "--data", path("data"), "--out",
                    path(out), "--seeds", seeds, "--device", "cuda", "--epochs",
                    "2", "--resume"});
    return runCommand(options, {fakeCuda, "FAKE_CUDA=each=3"});
  };
  expectTrained("run", {"--epochs", "2", "--max-steps", "3"});
  expectTrained("straight", {"--epochs", "2"});
  // Two with batches of 16 come before two with smaller ones.
  for (const char *seed : {"seed-1", "seed-2"})
    fs::remove_all(folder / "run" / seed);
  std::vector<std::string> fresh = {
      FAKE_CIRCUIT_GPU, "train",   "--data",      path("data"), "--out",
      path("run"),      "--seeds", "1,3",         "--epochs",   "2",
      "--batch",        "8",       "--max-steps", "3"};
  CommandResult result = runCommand(fresh);
  ASSERT_EQ(result.exitCode, 0) << result.err;
  result = resume("run", "0..3", {});
  ASSERT_EQ(result.exitCode, 0) << result.err;
  expectContains(result.out, {"seeds 0, 2 side by side",
                              "seeds 1, 3 side by side", "batch 8"});
  expectSame("straight", "run", 0);
  expectSame("straight", "run", 2);
  fresh[5] = path("alone");
  fresh.resize(12);
  ASSERT_EQ(runCommand(fresh).exitCode, 0);
  expectSame("alone", "run", 1);
  expectSame("alone", "run", 3);
}

TEST_F(SideBySide, AreMeasured) {
  auto bench = [&](const char *device, const char *networks) {
    return runCommand({FAKE_CIRCUIT_GPU, "bench", "--steps", "2", "--json",
                       "--device", device, "--networks", networks},
                      {fakeCuda, "FAKE_CUDA=each=3"});
  };
  CommandResult result = bench("cuda", "3");
  ASSERT_EQ(result.exitCode, 0) << result.err;
  json line = json::parse(result.out);
  EXPECT_EQ(line["networks"], 3);
  EXPECT_NEAR(line["images_per_s"].get<double>() *
                  line["median_ms"].get<double>(),
              3 * 16e3, 1e-6);
  expectContains(bench("cuda", "9").err,
                 {"--networks 9: Fake GPU 10 (cuda:0) has room for 6 blocks of",
                  "expected at most 6"});
  expectContains(bench("cpu", "2").err,
                 {"--networks 2: cpu trains one network after the other: "
                  "expected at most 1"});
}

//===----------------------------------------------------------------------===//
// What goes wrong
//===----------------------------------------------------------------------===//

TEST_F(Device, NoDriver) {
  writeFile(folder / "libcuda.so.1", "");
  expectRefused(bench("cuda", "", folder.path().c_str()),
                {"the NVIDIA driver cannot be loaded (", "libcuda.so.1",
                 "expected a machine with an NVIDIA GPU and its driver",
                 "--device cpu"});
}

TEST_F(Device, DriverWithoutAFunction) {
  expectRefused(
      bench("cuda", "", FAKE_CUDA_LACKING_FOLDER),
      {"lacks 'cuLaunchCooperativeKernel'",
       "expected a driver for CUDA 12.0 or newer; update the driver"});
}

TEST_F(Device, DriverTooOld) {
  expectRefused(bench("cuda", "old"),
                {"is one for CUDA 11.4: expected 12.0 or newer; update"});
  // Told as such, whatever else it lacks.
  expectRefused(bench("cuda", "old", FAKE_CUDA_LACKING_FOLDER),
                {"is one for CUDA 11.4"});
}

TEST_F(Device, NoGpu) {
  expectRefused(bench("cuda", "nodevice"),
                {"the NVIDIA driver finds no GPU", "CUDA_VISIBLE_DEVICES"});
}

TEST_F(Device, GpuWithoutCode) {
  expectRefused(bench("cuda", "arch=75"),
                {"Fake GPU 10 (cuda:0) has compute capability 7.5, but this "
                 "executable has only code for 8.0, code for 9.0, PTX for 8.0",
                 "compile the circuit for this GPU"});
}

// The fake driver checks which of the images it is given.
TEST_F(Device, GpusGetTheirCode) {
  for (const char *arch : {"arch=80", "arch=90", "arch=100", "arch=120"})
    EXPECT_EQ(bench("cuda", arch).exitCode, 0) << arch;
}

TEST_F(Device, CodeThatTheDriverRefuses) {
  expectRefused(bench("cuda", "badimage"),
                {"does not take the code for 8.0: CUDA_ERROR_NO_BINARY_FOR_GPU",
                 "ptxas: line 3: no"});
}

TEST_F(Device, GpuThatCannotWait) {
  expectRefused(bench("cuda", "nocooperative"),
                {"Fake GPU 10 (cuda:0)", "cooperative launch"});
}

TEST_F(Device, TooLittleSharedMemory) {
  expectRefused(bench("cuda", "shared=512"),
                {"needs 1.0 KiB of shared memory a block, but Fake GPU 10 "
                 "(cuda:0) has 512 bytes"});
  expectRefused(bench("cuda", "noroom"), {"has no room for one block of"});
}

/// A GPU gives as much as it has and the circuit can use. What that is the fake
/// CUDA checks.
TEST_F(Device, MoreOrLessSharedMemory) {
  for (const char *option : {"shared=1024", "shared=2047", "shared=2048"})
    EXPECT_EQ(bench("cuda", option).exitCode, 0) << option;
}

TEST_F(Device, TooLittleMemory) {
  expectRefused(bench("cuda", "memory=100000"),
                {"not enough memory on Fake GPU 10 (cuda:0) for the images: "
                 "192.0 KiB are needed, ",
                 " of 97.7 KiB are free; choose a smaller --batch"});
}

TEST_F(Device, TooLittleEmulatedMemory) {
  expectRefused(
      runCommand({FAKE_CIRCUIT_GPU, "bench", "--device", "emulated"},
                 {"DALE_EMULATED_MEMORY=100000"}),
      {"not enough memory on an emulated GPU with 3 blocks of 32 threads for "
       "the images: 192.0 KiB are needed, ",
       " of 97.7 KiB are free"});
  // No batch is small enough for these.
  expectRefused(
      runCommand({FAKE_CIRCUIT_GPU, "bench", "--device", "emulated"},
                 {"DALE_EMULATED_MEMORY=1000"}),
      {"for the parameters: 2.2 KiB are needed, ",
       "; give the circuit fewer channels, or end what else runs there"});
}

TEST_F(Device, LaunchThatFails) {
  expectRefused(bench("cuda", "nolaunch"),
                {"starting 'dale_train_step' on Fake GPU 10 (cuda:0) failed: "
                 "CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE"});
}

TEST_F(Device, KernelThatFails) {
  for (const char *peculiar : {"crash=2", "crash=2,deferred"})
    expectRefused(bench("cuda", peculiar),
                  {"Fake GPU 10 (cuda:0) failed in or before "
                   "'dale_train_step': CUDA_ERROR_ILLEGAL_ADDRESS (an illegal "
                   "memory access was encountered)",
                   "--device emulated"});
}

TEST_F(Device, EmulatedKernelThatRaces) {
  expectRefused(
      runCommand({FAKE_CIRCUIT_GPU, "bench", "--device", "emulated"},
                 {"DALE_FAKE_RACE=1"}),
      {"dale_train_step on the emulated GPU: a data race: thread 1 of block 0 "
       "writes byte 0 of shared memory at the fake race, and thread 0 of block "
       "0 wrote it at the fake race"});
}

TEST_F(Device, EmulatedSettingsThatAreNone) {
  for (const char *setting :
       {"DALE_EMULATED_ORDER=sideways", "DALE_EMULATED_BLOCKS=0",
        "DALE_EMULATED_BLOCKS=many", "DALE_EMULATED_MEMORY=0",
        "DALE_EMULATED_SHARED=none"})
    expectRefused(
        runCommand({FAKE_CIRCUIT_GPU, "bench", "--device", "emulated"},
                   {setting}),
        {std::string(setting) + ": expected "});
}

//===----------------------------------------------------------------------===//
// The description
//===----------------------------------------------------------------------===//

GpuCode codeOf(std::vector<std::pair<GpuImage::Kind, int>> images) {
  GpuCode code;
  for (auto [kind, arch] : images)
    code.images.push_back({kind, arch, 0, 1});
  return code;
}

TEST(GpuImages, TheBestIsChosen) {
  constexpr auto cubin = GpuImage::Kind::Cubin, ptx = GpuImage::Kind::Ptx;
  GpuCode code =
      codeOf({{ptx, 80}, {cubin, 80}, {cubin, 86}, {cubin, 90}, {ptx, 90}});
  auto chosen = [&](int capability) {
    return toString(chooseImage(code, capability, "it"));
  };
  EXPECT_EQ(chosen(80), "code for 8.0");
  EXPECT_EQ(chosen(86), "code for 8.6");
  EXPECT_EQ(chosen(89), "code for 8.6");
  EXPECT_EQ(chosen(90), "code for 9.0");
  EXPECT_EQ(chosen(100), "PTX for 9.0");
  EXPECT_EQ(chosen(120), "PTX for 9.0");
  expectError([&] { chosen(75); }, {"it has compute capability 7.5"});
  code = codeOf({{cubin, 86}, {ptx, 90}});
  expectError([&] { chosen(80); }, {"has only code for 8.6, PTX for 9.0"});
}

TEST(GpuCode, IsChecked) {
  json description = json::parse(dale_circuit_description);
  EXPECT_FALSE(Circuit::parse(description.dump()).gpu.has_value());
  json sizes = {{"shared", {1000, 2000}},
                {"fixed", 2},
                {"per_image", 30},
                {"per_block", 400}};
  description["gpu"] = {
      {"images",
       {{{"kind", "ptx"}, {"arch", 80}, {"offset", 8}, {"size", 16}}}},
      {"block", 512},
      {"chunks", 128},
      {"emulated", false},
      {"precision", "f32"},
      {"functions",
       {{"prepare", sizes},
        {"train_step", sizes},
        {"evaluate", sizes},
        {"respond", sizes}}}};
  Circuit circuit = Circuit::parse(description.dump());
  ASSERT_TRUE(circuit.gpu.has_value());
  EXPECT_EQ(circuit.gpu->images[0].offset, 8);
  const GpuFunction &evaluate = circuit.gpu->functions.find("evaluate")->second;
  EXPECT_EQ(evaluate.bytes(3, 2), 2 + 90 + 800);
  EXPECT_EQ(evaluate.sharedWithin(999), 1000);
  EXPECT_EQ(evaluate.sharedWithin(1000), 1000);
  EXPECT_EQ(evaluate.sharedWithin(1999), 1000);
  EXPECT_EQ(evaluate.sharedWithin(5000), 2000);

  auto refused = [&](const char *place, json value, const char *message) {
    json other = description;
    other[json::json_pointer(place)] = std::move(value);
    expectError([&] { Circuit::parse(other.dump()); }, {message});
  };
  refused("/gpu/images/0/kind", "spirv", "unknown kind of GPU code 'spirv'");
  refused("/gpu/images/0/size", 0, "the GPU code for 80 at 8, 0 bytes");
  refused("/gpu/block", 0, "128 GPU blocks of 0 threads");
  refused("/gpu/functions", json::object(), "'prepare'");
  for (const json &shared : {json::array(), json({2000, 1000})})
    refused("/gpu/functions/evaluate/shared", shared,
            "the shared memory of 'evaluate'");
}

} // namespace
