//===- SavedTensors.cpp - Responses and kernels as tensors ----------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/analysis/SavedTensors.h"

#include "runtime/Error.h"
#include "runtime/analysis/Connections.h"
#include "runtime/analysis/Gratings.h"

using namespace dale::runtime;

/// "gratings.v1.P"
static std::string tensorName(const char *kind, const Circuit &circuit,
                              const Population &population) {
  return fmt::format("{}.{}", kind,
                     circuit.responses[population.response].name);
}

/// "kernels.v1.P_to_f"
static std::string tensorName(const Area &area, const Projection &projection) {
  return fmt::format("kernels.{}.{}", area.name, projection.nameIn(area.name));
}

/// [k, k, Cin, Cout]
static Shape kernelShape(const Circuit &circuit, const Projection &projection) {
  const std::vector<Variable> &variables = circuit.parameters.variables;
  Shape shape = variables[projection.kernel.front()].shape;
  if (projection.kernel.size() == 2)
    shape.push_back(variables[projection.kernel.back()].shape.back());
  else if (projection.feedback)
    std::swap(shape[2], shape[3]);
  return shape;
}

static std::vector<TensorWriter::Declaration>
declare(const Circuit &circuit, int64_t imageCount, SavedTensors saved) {
  std::vector<TensorWriter::Declaration> tensors;
  for (const Area &area : circuit.areas) {
    for (const Population &population : area.populations) {
      int64_t units = unitsOf(circuit, population);
      if (saved.gratings)
        tensors.push_back(
            {tensorName("gratings", circuit, population),
             circuit.element,
             {units, Grating::orientations, std::ssize(Grating::frequencies),
              Grating::phases}});
      if (saved.images)
        tensors.push_back({tensorName("images", circuit, population),
                           circuit.element,
                           {imageCount, units}});
    }
    if (saved.kernels)
      for (const Projection &projection : area.projections)
        tensors.push_back({tensorName(area, projection), circuit.element,
                           kernelShape(circuit, projection)});
  }
  return tensors;
}

SavedTensorsFile::SavedTensorsFile(const std::filesystem::path &path,
                                   const Circuit &circuit, int64_t images,
                                   SavedTensors saved)
    : circuit(circuit), saved(saved),
      writer(path, declare(circuit, images, saved)) {}

void SavedTensorsFile::write(
    const std::string &tensor, int64_t first, int64_t rows, int64_t columns,
    const std::function<double(int64_t row, int64_t column)> &value) {
  Buffer values = Buffer::uninitialized(circuit.realBytes(rows * columns),
                                        "the tensors to be written");
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column)
      storeReal(values.data(), circuit.element, row * columns + column,
                value(row, column));
  writer.write(tensor, values.data(), values.size(), circuit.realBytes(first));
}

/// Calls `use` with every population, its number of units, and how many units
/// the populations before it have.
static void eachPopulation(
    const Circuit &circuit,
    const std::function<void(const Population &, int64_t, int64_t)> &use) {
  int64_t place = 0;
  for (const Area &area : circuit.areas)
    for (const Population &population : area.populations) {
      int64_t units = unitsOf(circuit, population);
      use(population, units, place);
      place += units;
    }
}

void SavedTensorsFile::writeGratings(const std::vector<double> &curves) {
  if (!saved.gratings)
    return;
  eachPopulation(
      circuit, [&](const Population &population, int64_t units, int64_t place) {
        write(tensorName("gratings", circuit, population), 0, units,
              Grating::count, [&](int64_t unit, int64_t grating) {
                return curves[(place + unit) * Grating::count + grating];
              });
      });
}

void SavedTensorsFile::writeImages(const UnitBlock &block) {
  if (!saved.images)
    return;
  eachPopulation(
      circuit, [&](const Population &population, int64_t units, int64_t place) {
        write(tensorName("images", circuit, population), block.first * units,
              block.images, units, [&](int64_t image, int64_t unit) {
                return block.at(image, place + unit);
              });
      });
}

void SavedTensorsFile::writeKernels(const Buffer &parameters) {
  if (!saved.kernels)
    return;
  for (const Area &area : circuit.areas)
    for (const Projection &projection : area.projections) {
      std::vector<double> kernel =
          appliedKernel(circuit, parameters, projection);
      write(tensorName(area, projection), 0, 1, std::ssize(kernel),
            [&](int64_t, int64_t element) { return kernel[element]; });
    }
}
