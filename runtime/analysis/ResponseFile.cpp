//===- ResponseFile.cpp - Responses of units as tensors -------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/analysis/ResponseFile.h"

#include "runtime/Error.h"
#include "runtime/analysis/Gratings.h"

using namespace dale::runtime;

/// "gratings.v1.P"
static std::string tensorName(const char *kind, const Circuit &circuit,
                              const Population &population) {
  return fmt::format("{}.{}", kind,
                     circuit.responses[population.response].name);
}

static std::vector<TensorWriter::Declaration> declare(const Circuit &circuit,
                                                      int64_t imageCount,
                                                      bool gratings,
                                                      bool images) {
  std::vector<TensorWriter::Declaration> tensors;
  for (const Area &area : circuit.areas)
    for (const Population &population : area.populations) {
      int64_t units = unitsOf(circuit, population);
      if (gratings)
        tensors.push_back(
            {tensorName("gratings", circuit, population),
             circuit.element,
             {units, Grating::orientations, std::ssize(Grating::frequencies),
              Grating::phases}});
      if (images)
        tensors.push_back({tensorName("images", circuit, population),
                           circuit.element,
                           {imageCount, units}});
    }
  return tensors;
}

ResponseFile::ResponseFile(const std::filesystem::path &path,
                           const Circuit &circuit, int64_t images,
                           SavedResponses saved)
    : circuit(circuit), gratings(saved == SavedResponses::Gratings ||
                                 saved == SavedResponses::All),
      images(saved == SavedResponses::Images || saved == SavedResponses::All),
      writer(path, declare(circuit, images, this->gratings, this->images)) {}

void ResponseFile::write(
    const std::string &tensor, int64_t first, int64_t rows, int64_t columns,
    const std::function<double(int64_t row, int64_t column)> &value) {
  Buffer values = Buffer::uninitialized(circuit.realBytes(rows * columns),
                                        "the responses to be written");
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t column = 0; column < columns; ++column)
      storeReal(values.data(), circuit.element, row * columns + column,
                value(row, column));
  writer.write(tensor, values.data(), values.size(), circuit.realBytes(first));
}

void ResponseFile::writeGratings(const std::vector<double> &curves) {
  if (!gratings)
    return;
  int64_t place = 0;
  for (const Area &area : circuit.areas)
    for (const Population &population : area.populations) {
      int64_t units = unitsOf(circuit, population);
      write(tensorName("gratings", circuit, population), 0, units,
            Grating::count, [&](int64_t unit, int64_t grating) {
              return curves[(place + unit) * Grating::count + grating];
            });
      place += units;
    }
}

void ResponseFile::writeImages(const UnitBlock &block) {
  if (!images)
    return;
  int64_t place = 0;
  for (const Area &area : circuit.areas)
    for (const Population &population : area.populations) {
      int64_t units = unitsOf(circuit, population);
      write(tensorName("images", circuit, population), block.first * units,
            block.images, units, [&](int64_t image, int64_t unit) {
              return block.at(image, place + unit);
            });
      place += units;
    }
}
