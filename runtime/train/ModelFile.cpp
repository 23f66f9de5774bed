//===- ModelFile.cpp - Weights from and to files --------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/train/ModelFile.h"

#include "runtime/Error.h"
#include "runtime/NearestName.h"

#include <cmath>
#include <set>

using namespace dale::runtime;

void dale::runtime::declareVariables(
    std::vector<TensorWriter::Declaration> &declarations,
    const Circuit &circuit, const VariableTable &table,
    const std::string &prefix) {
  for (const Variable &variable : table.variables)
    declarations.push_back(
        {prefix + variable.name, circuit.element, variable.shape});
}

void dale::runtime::writeVariables(TensorWriter &writer, const Circuit &circuit,
                                   const VariableTable &table,
                                   const std::string &prefix,
                                   const Buffer &buffer) {
  for (const Variable &variable : table.variables)
    writer.write(prefix + variable.name,
                 buffer.data() + circuit.realBytes(variable.offset),
                 circuit.realBytes(variable.elements()));
}

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static constexpr std::string_view momentumPrefix = "momentum.";

namespace {
/// Collects what is wrong with a weights file before saying it.
class ModelReader {
public:
  ModelReader(const Circuit &circuit, const TensorReader &file)
      : circuit(circuit), file(file) {}

  void read(const VariableTable &table, const std::string &prefix,
            Buffer &buffer) {
    for (const Variable &variable : table.variables) {
      std::string name = prefix + variable.name;
      known.push_back(name);
      const TensorInfo *tensor = file.find(name);
      if (!tensor) {
        missing.push_back(name);
      } else if (tensor->shape != variable.shape) {
        problems.push_back(fmt::format("'{}' has the shape {}: expected {}",
                                       name, toString(tensor->shape),
                                       toString(variable.shape)));
      } else if (!isReal(tensor->type)) {
        problems.push_back(fmt::format("'{}' is {}: expected F32 or F64", name,
                                       nameOf(tensor->type)));
      } else {
        file.readReal(*tensor, circuit.element,
                      buffer.data() + circuit.realBytes(variable.offset));
      }
    }
  }

  /// Names that a file may have and that are not read.
  void allow(const VariableTable &table, std::string_view prefix) {
    for (const Variable &variable : table.variables)
      allowed.insert(std::string(prefix) + variable.name);
  }

  void finish() {
    std::vector<std::string> extra;
    std::set<std::string> wanted(known.begin(), known.end());
    for (const TensorInfo &tensor : file.tensors())
      if (!wanted.contains(tensor.name) && !allowed.contains(tensor.name))
        extra.push_back(tensor.name);
    for (const std::string &name : missing)
      problems.push_back(fmt::format(
          "'{}' is missing{}", name,
          didYouMean(name, extra).empty()
              ? ""
              : fmt::format(" (the file has '{}')", nearestName(name, extra))));
    for (const std::string &name : extra)
      problems.push_back(fmt::format("'{}' is no parameter of the circuit{}",
                                     name, didYouMean(name, known)));
    if (problems.empty())
      return;

    constexpr size_t shown = 12;
    std::string list;
    for (size_t i = 0; i < problems.size() && i < shown; ++i)
      list += "\n  " + problems[i];
    if (problems.size() > shown)
      list += fmt::format("\n  and {} more", problems.size() - shown);
    fail("{}: is no weights file of the circuit '{}':{}\n  expected the {} "
         "parameters and moving averages that the command 'info' lists; use "
         "the weights of this circuit, or the circuit of these weights",
         file.path().string(), circuit.name, list,
         circuit.parameters.variables.size() +
             circuit.averages.variables.size());
  }

private:
  const Circuit &circuit;
  const TensorReader &file;
  std::vector<std::string> known;
  std::vector<std::string> missing;
  std::vector<std::string> problems;
  std::set<std::string> allowed;
};
} // namespace

/// Its root is taken: of a negative one that is no number, or, where the sum
/// with the norm's epsilon is positive, a wrong one that nobody notices.
static void checkVariances(const Model &model, const Circuit &circuit,
                           const TensorReader &file) {
  for (const Variable &variable : circuit.averages.variables) {
    if (!variable.name.ends_with(".variance"))
      continue;
    for (int64_t i = 0, e = variable.elements(); i < e; ++i) {
      double value =
          loadReal(model.averages.data(), circuit.element, variable.offset + i);
      if (value < 0)
        fail("{}: element {} of '{}' is {}: expected a variance, which is not "
             "negative; use an earlier checkpoint",
             file.path().string(), i, variable.name, value);
    }
  }
}

void dale::runtime::readModel(Model &model, const Circuit &circuit,
                              const TensorReader &file, bool withMomenta) {
  ModelReader reader(circuit, file);
  reader.read(circuit.parameters, "", model.parameters);
  reader.read(circuit.averages, "", model.averages);
  if (withMomenta)
    reader.read(circuit.parameters, std::string(momentumPrefix), model.momenta);
  else
    reader.allow(circuit.parameters, momentumPrefix);
  reader.finish();
  std::string broken = nonFiniteVariable(model, circuit);
  if (!broken.empty())
    fail("{}: '{}' holds values that are not finite: expected numbers; use an "
         "earlier checkpoint",
         file.path().string(), broken);
  checkVariances(model, circuit, file);
}

std::string dale::runtime::nonFiniteVariable(const Model &model,
                                             const Circuit &circuit) {
  auto find = [&](const VariableTable &table, const Buffer &buffer,
                  std::string_view prefix) -> std::string {
    for (const Variable &variable : table.variables)
      for (int64_t i = 0, e = variable.elements(); i < e; ++i)
        if (!std::isfinite(
                loadReal(buffer.data(), circuit.element, variable.offset + i)))
          return std::string(prefix) + variable.name;
    return "";
  };
  std::string name = find(circuit.parameters, model.parameters, "");
  if (name.empty())
    name = find(circuit.averages, model.averages, "");
  if (name.empty())
    name = find(circuit.parameters, model.momenta, momentumPrefix);
  return name;
}
