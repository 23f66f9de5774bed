//===- ModelFile.h - Weights from and to files ------------------*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The passage of a model's variables from and to files.
///
//===----------------------------------------------------------------------===//

#ifndef DALE_RUNTIME_TRAIN_MODELFILE_H
#define DALE_RUNTIME_TRAIN_MODELFILE_H

#include "runtime/device/Model.h"
#include "runtime/io/Safetensors.h"

#include <string>
#include <vector>

namespace dale::runtime {

/// Declares one tensor `prefix` + name for each variable of a table.
void declareVariables(std::vector<TensorWriter::Declaration> &declarations,
                      const Circuit &circuit, const VariableTable &table,
                      const std::string &prefix);

/// Writes what declareVariables declared, from a flat buffer.
void writeVariables(TensorWriter &writer, const Circuit &circuit,
                    const VariableTable &table, const std::string &prefix,
                    const Buffer &buffer);

/// Reads parameters and moving averages from a weights file. Throws, with all
/// that is wrong at once, if one is missing, has another shape, or belongs to
/// no parameter (the nearest name is told). `momentum.<parameter>` may be there
/// and is read if `withMomenta`, where it may not be missing. Throws, too, if a
/// value is not finite or a variance is negative.
void readModel(Model &model, const Circuit &circuit, const TensorReader &file,
               bool withMomenta);

/// The name of a variable that is NaN or infinite somewhere, or an empty
/// string.
std::string nonFiniteVariable(const Model &model, const Circuit &circuit);

} // namespace dale::runtime

#endif // DALE_RUNTIME_TRAIN_MODELFILE_H
