//===- Circuit.cpp - A compiled circuit's description ---------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/circuit/Circuit.h"

#include "runtime/CircuitABI.h"
#include "runtime/Error.h"
#include "runtime/circuit/Description.h"

#include <array>

using namespace dale::runtime;
using nlohmann::json;

std::string dale::runtime::toString(const Initializer &initializer) {
  switch (initializer.kind) {
  case Initializer::Kind::Constant:
    return fmt::format("constant {}", initializer.value);
  case Initializer::Kind::GlorotUniform:
    return fmt::format("Glorot uniform, fan {} + {}", initializer.fanIn,
                       initializer.fanOut);
  case Initializer::Kind::TruncatedNormal:
    return fmt::format("truncated normal, fan {}", initializer.fanIn);
  }
  return "";
}

std::string dale::runtime::toString(const GpuImage &image) {
  return fmt::format("{} for {}.{}",
                     image.kind == GpuImage::Kind::Ptx ? "PTX" : "code",
                     image.arch / 10, image.arch % 10);
}

int64_t VariableTable::count() const {
  int64_t count = 0;
  for (const Variable &variable : variables)
    count += variable.elements();
  return count;
}

int64_t Circuit::responseElements() const {
  int64_t elements = 0;
  for (const Response &response : responses)
    elements += *elementsOf(response.shape);
  return elements;
}

//===----------------------------------------------------------------------===//
// Parsing
//===----------------------------------------------------------------------===//

static constexpr std::array<const char *, 4> functionNames = {
    "prepare", "train_step", "evaluate", "respond"};

void dale::runtime::failDescription(const std::string &what) {
  fail("the description of the compiled circuit: {}; compile the circuit "
       "again with this version of dale",
       what);
}

static Initializer parseInitializer(const json &object) {
  Initializer initializer;
  std::string kind = object.at("kind");
  if (kind == "constant") {
    initializer.value = object.at("value");
  } else if (kind == "glorot_uniform") {
    initializer.kind = Initializer::Kind::GlorotUniform;
    initializer.fanIn = object.at("fan_in");
    initializer.fanOut = object.at("fan_out");
  } else if (kind == "truncated_normal") {
    initializer.kind = Initializer::Kind::TruncatedNormal;
    initializer.fanIn = object.at("fan_in");
  } else {
    failDescription(fmt::format("unknown initializer '{}'", kind));
  }
  return initializer;
}

static Shape parseShape(const json &object, const std::string &name) {
  Shape shape = object.at("shape").get<Shape>();
  if (!elementsOf(shape))
    failDescription(
        fmt::format("'{}' has the shape {}", name, toString(shape)));
  return shape;
}

static VariableTable parseVariables(const json &object) {
  VariableTable table;
  table.elements = object.at("elements");
  for (const json &entry : object.at("variables")) {
    Variable variable;
    variable.name = entry.at("name");
    variable.shape = parseShape(entry, variable.name);
    variable.offset = entry.at("offset");
    variable.initializer = parseInitializer(entry.at("initializer"));
    if (variable.offset < 0 ||
        variable.elements() > table.elements - variable.offset)
      failDescription(fmt::format("'{}' lies outside its buffer of {} elements",
                                  variable.name, table.elements));
    table.variables.push_back(std::move(variable));
  }
  return table;
}

static CropBounds parseCrop(const json &augment) {
  const json &area = augment.at("area"), &aspect = augment.at("aspect");
  return {area.at(0), area.at(1), aspect.at(0), aspect.at(1)};
}

static TrainingDefaults parseTraining(const json &object) {
  TrainingDefaults training;
  training.dataset = object.at("dataset");
  training.batch = object.at("batch");
  training.epochs = object.at("epochs");
  training.learningRate = object.at("learning_rate");
  for (const json &entry : object.at("schedule"))
    training.schedule.push_back({entry.at("epoch"), entry.at("factor")});
  training.momentum = object.at("momentum");
  training.l2 = object.at("l2");
  const json &augment = object.at("augment");
  training.pad = augment.at("pad");
  training.flip = augment.at("flip");
  if (augment.contains("area"))
    training.crop = parseCrop(augment);
  training.fraction = object.at("fraction");
  training.randomLabels = object.at("random_labels");
  training.seed = object.at("seed");
  return training;
}

static GpuImage parseGpuImage(const json &object) {
  GpuImage image;
  std::string kind = object.at("kind");
  if (kind != "cubin" && kind != "ptx")
    failDescription(fmt::format("unknown kind of GPU code '{}'", kind));
  image.kind = kind == "ptx" ? GpuImage::Kind::Ptx : GpuImage::Kind::Cubin;
  image.arch = object.at("arch");
  image.offset = object.at("offset");
  image.size = object.at("size");
  if (image.arch < 10 || image.offset < 0 || image.size < 1)
    failDescription(fmt::format("the GPU code for {} at {}, {} bytes",
                                image.arch, image.offset, image.size));
  return image;
}

int64_t GpuFunction::sharedWithin(int64_t most) const {
  auto tooMuch = std::upper_bound(shared.begin(), shared.end(), most);
  return tooMuch == shared.begin() ? shared.front() : *std::prev(tooMuch);
}

static GpuCode parseGpu(const json &object) {
  GpuCode gpu;
  for (const json &entry : object.at("images"))
    gpu.images.push_back(parseGpuImage(entry));
  gpu.block = object.at("block");
  gpu.chunks = object.at("chunks");
  gpu.emulated = object.at("emulated");
  gpu.precision = object.at("precision");
  if (gpu.block < 1 || gpu.chunks < 1)
    failDescription(
        fmt::format("{} GPU blocks of {} threads", gpu.chunks, gpu.block));
  for (const char *function : functionNames) {
    const json &entry = object.at("functions").at(function);
    GpuFunction needs = {entry.at("shared"), entry.at("fixed"),
                         entry.at("per_image"), entry.at("per_block")};
    if (needs.shared.empty() ||
        !std::is_sorted(needs.shared.begin(), needs.shared.end()))
      failDescription(fmt::format("the shared memory of '{}'", function));
    gpu.functions[function] = std::move(needs);
  }
  return gpu;
}

static Circuit parseCircuit(const json &object) {
  Circuit circuit;
  circuit.name = object.at("name");
  circuit.source = object.at("source");
  circuit.computationHash = object.at("computation_hash");
  std::string element = object.at("element");
  if (element != "f32" && element != "f64")
    failDescription(fmt::format("unknown element type '{}'", element));
  circuit.element = element == "f64" ? ElementType::F64 : ElementType::F32;
  circuit.steps = object.at("steps");
  const json &input = object.at("input");
  circuit.height = input.at("height");
  circuit.width = input.at("width");
  circuit.channels = input.at("channels");
  circuit.resize = input.at("resize");
  if (input.contains("means"))
    circuit.means = input.at("means").get<std::vector<double>>();
  circuit.classes = object.at("classes");
  if (circuit.height < 1 || circuit.width < 1 || circuit.channels < 1 ||
      circuit.resize < 1 || circuit.classes < 1)
    failDescription("the input or the classes are empty");
  if (!circuit.means.empty() && std::ssize(circuit.means) != circuit.channels)
    failDescription(fmt::format("{} means of {} channels", circuit.means.size(),
                                circuit.channels));
  circuit.parameters = parseVariables(object.at("parameters"));
  circuit.averages = parseVariables(object.at("averages"));
  for (const json &entry : object.at("responses")) {
    std::string name = entry.at("name");
    circuit.responses.push_back({name, parseShape(entry, name)});
  }
  circuit.areas = parseAreas(object.at("areas"), circuit);
  circuit.training = parseTraining(object.at("training"));
  for (const auto &[function, entry] : object.at("workspace").items())
    circuit.workspace[function] = {entry.at("fixed"), entry.at("per_image"),
                                   entry.at("per_thread")};
  for (const char *function : functionNames)
    if (!circuit.workspace.contains(function))
      failDescription(fmt::format("no workspace for '{}'", function));
  for (const auto &[function, entry] : object.at("cost").items())
    circuit.cost[function] = {entry.value("flops_per_image", 0.0),
                              entry.value("bytes_per_image", 0.0),
                              entry.value("stages", int64_t(0))};
  if (auto gpu = object.find("gpu"); gpu != object.end())
    circuit.gpu = parseGpu(*gpu);
  circuit.targetCpu = object.at("target").at("cpu");
  circuit.targetPrecision = object.at("target").at("precision");
  circuit.targetFeatures =
      object.at("target").at("features").get<std::vector<std::string>>();
  return circuit;
}

Circuit Circuit::parse(std::string_view description) {
  try {
    return parseCircuit(json::parse(description));
  } catch (const json::exception &error) {
    failDescription(error.what());
  }
}

Circuit Circuit::load(uint64_t magic, int32_t abiVersion,
                      const char *description) {
  if (magic != DALE_CIRCUIT_MAGIC)
    fail("the object code linked into this executable is no circuit compiled "
         "by dale (magic number {:#x}: expected {:#x}); link the object file "
         "that 'dale compile' writes",
         magic, DALE_CIRCUIT_MAGIC);
  if (abiVersion != DALE_CIRCUIT_ABI_VERSION)
    fail("the circuit was compiled for version {} of the interface to the "
         "runtime: expected {}; compile the circuit again with this version "
         "of dale",
         abiVersion, static_cast<int>(DALE_CIRCUIT_ABI_VERSION));
  return parse(description);
}
