//===- Description.cpp - What an executable knows of its circuit -*- C++
//-*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/emit/Description.h"
#include "compiler/TextHash.h"
#include "dialect/TensorOps.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "runtime/CircuitABI.h"
#include "llvm/Support/Alignment.h"
#include "llvm/Support/JSON.h"

using namespace mlir;
using namespace dale;

namespace json = llvm::json;

/// An attribute as the JSON that says the same.
static json::Value toJson(Attribute attribute) {
  if (auto dictionary = dyn_cast<DictionaryAttr>(attribute)) {
    json::Object object;
    for (NamedAttribute entry : dictionary)
      object[entry.getName().getValue()] = toJson(entry.getValue());
    return object;
  }
  if (auto array = dyn_cast<ArrayAttr>(attribute)) {
    json::Array values;
    for (Attribute value : array)
      values.push_back(toJson(value));
    return values;
  }
  if (auto array = dyn_cast<DenseI64ArrayAttr>(attribute))
    return json::Array(array.asArrayRef());
  if (auto boolean = dyn_cast<BoolAttr>(attribute))
    return boolean.getValue();
  if (auto integer = dyn_cast<IntegerAttr>(attribute))
    return integer.getInt();
  if (auto real = dyn_cast<FloatAttr>(attribute))
    return real.getValueAsDouble();
  return cast<StringAttr>(attribute).getValue();
}

static json::Value initializerOf(VariableOp variable) {
  Attribute initializer = variable.getInitializer();
  if (auto constant = dyn_cast<ConstantInitAttr>(initializer))
    return json::Object{{"kind", "constant"},
                        {"value", constant.getValue().getValueAsDouble()}};
  if (auto glorot = dyn_cast<GlorotUniformAttr>(initializer))
    return json::Object{{"kind", "glorot_uniform"},
                        {"fan_in", glorot.getFanIn()},
                        {"fan_out", glorot.getFanOut()}};
  return json::Object{
      {"kind", "truncated_normal"},
      {"fan_in", cast<TruncatedNormalAttr>(initializer).getFanIn()}};
}

/// Adds the variables of a section to what the description says of it.
static void addVariables(ModuleOp module, Section section, json::Object &to) {
  json::Array variables;
  for (auto variable : module.getOps<VariableOp>()) {
    if (variable.getSection() != section)
      continue;
    auto type = cast<RankedTensorType>(variable.getType());
    variables.push_back(
        json::Object{{"name", variable.getSymName()},
                     {"shape", json::Array(type.getShape())},
                     {"offset", static_cast<int64_t>(variable.getOffset())},
                     {"initializer", initializerOf(variable)}});
  }
  to["variables"] = std::move(variables);
}

/// What entry points say of themselves, by their names without prefix.
static json::Object fromEntryPoints(ModuleOp module, StringRef attribute) {
  json::Object object;
  for (auto function : module.getOps<LLVM::LLVMFuncOp>()) {
    StringRef name = function.getSymName();
    if (Attribute value = function->getAttr(attribute);
        value && name.consume_front("dale_"))
      object[name] = toJson(value);
  }
  return object;
}

static void addConstant(OpBuilder &builder, Location loc, Type type,
                        StringRef name, Attribute value) {
  LLVM::GlobalOp::create(builder, loc, type, /*isConstant=*/true,
                         LLVM::Linkage::External, name, value);
}

static StringRef nameOf(Precision precision) {
  switch (precision) {
  case Precision::F32:
    return "f32";
  case Precision::TF32:
    return "tf32";
  case Precision::BF16:
    return "bf16";
  }
  llvm_unreachable("not a precision");
}

/// What is said of GPU code, and the code itself behind it.
static json::Object describeGpu(const GpuCode &gpu, std::string &code) {
  json::Array images;
  for (const GpuImage &image : gpu.images) {
    images.push_back(
        json::Object{{"kind", image.isPtx ? "ptx" : "cubin"},
                     {"arch", image.architecture},
                     {"offset", static_cast<int64_t>(code.size())},
                     {"size", static_cast<int64_t>(image.bytes.size())}});
    code += image.bytes;
    // PTX is a C string; machine code is aligned.
    code.append(1 + llvm::offsetToAlignment(code.size() + 1, llvm::Align(64)),
                '\0');
  }
  return json::Object{{"images", std::move(images)},
                      {"block", gpu.block},
                      {"chunks", gpu.chunks},
                      {"emulated", gpu.emulated},
                      {"precision", nameOf(gpu.precision)},
                      {"functions", toJson(gpu.functions)}};
}

LogicalResult dale::addDescription(ModuleOp module, const Target &target,
                                   Precision precision, const GpuCode &gpu,
                                   StringRef source, StringRef computation) {
  auto name = module->getAttrOfType<StringAttr>(nameAttrName);
  auto known = module->getAttrOfType<DictionaryAttr>(descriptionAttrName);
  if (!name || !known)
    return module.emitError("a circuit's module needs the attributes "
                            "'dale.name' and 'dale.description'");
  json::Value value = toJson(known);
  json::Object &description = *value.getAsObject();
  description["abi"] = static_cast<int64_t>(DALE_CIRCUIT_ABI_VERSION);
  description["name"] = name.getValue();
  description["source"] = source;
  description["computation_hash"] = hashOf(computation);
  addVariables(module, Section::Parameter,
               *description.getObject("parameters"));
  addVariables(module, Section::Average, *description.getObject("averages"));
  description["workspace"] = fromEntryPoints(module, workspaceAttrName);
  json::Object cost = fromEntryPoints(module, costAttrName);
  if (const json::Object *flops = description.getObject("flops_per_image"))
    for (auto &[function, count] : *flops)
      if (json::Object *entry = cost.getObject(function))
        (*entry)["flops_per_image"] = count;
  description.erase("flops_per_image");
  description["cost"] = std::move(cost);
  json::Array features;
  for (StringRef feature : target.getRequiredFeatures())
    features.push_back(feature);
  if (precision == Precision::BF16 && target.hasBF16())
    features.push_back("avx512_bf16");
  description["target"] = json::Object{{"cpu", target.getCpu()},
                                       {"features", std::move(features)},
                                       {"precision", nameOf(precision)}};

  std::string code;
  if (gpu.functions)
    description["gpu"] = describeGpu(gpu, code);

  std::string text;
  llvm::raw_string_ostream(text) << value;
  text.push_back('\0');

  OpBuilder builder = OpBuilder::atBlockEnd(module.getBody());
  Location loc = module.getLoc();
  addConstant(builder, loc, builder.getI64Type(), "dale_circuit_magic",
              builder.getI64IntegerAttr(DALE_CIRCUIT_MAGIC));
  addConstant(builder, loc, builder.getI32Type(), "dale_circuit_abi_version",
              builder.getI32IntegerAttr(DALE_CIRCUIT_ABI_VERSION));
  addConstant(builder, loc,
              LLVM::LLVMArrayType::get(builder.getI8Type(), text.size()),
              "dale_circuit_description", builder.getStringAttr(text));
  if (!code.empty())
    addConstant(builder, loc,
                LLVM::LLVMArrayType::get(builder.getI8Type(), code.size()),
                "dale_gpu_code", builder.getStringAttr(code));
  for (auto variable : llvm::make_early_inc_range(module.getOps<VariableOp>()))
    variable.erase();
  return success();
}
