//===- Attributes.td - Enums and attributes of the dialect -*- tablegen -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_DIALECT_ATTRIBUTES_TD
#define DALE_DIALECT_ATTRIBUTES_TD

include "Dialect.td"
include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/EnumAttr.td"

class Dale_Enum<string name, string summary, list<I32EnumAttrCase> cases>
    : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::dale";
  let genSpecializedAttr = 0;
}

class Dale_EnumAttr<Dale_Enum enum, string mnemonic>
    : EnumAttr<Dale_Dialect, enum, mnemonic>;

//===----------------------------------------------------------------------===//
// The circuit's vocabulary
//===----------------------------------------------------------------------===//

def Dale_Sign : Dale_Enum<"Sign", "what a projection does to its target", [
  I32EnumAttrCase<"Excitatory", 0, "excitatory">,
  I32EnumAttrCase<"Inhibitory", 1, "inhibitory">]>;
def Dale_SignAttr : Dale_EnumAttr<Dale_Sign, "sign">;

def Dale_Range : Dale_Enum<"Range", "where a projection comes from", [
  I32EnumAttrCase<"Local", 0, "local">,
  I32EnumAttrCase<"LongRange", 1, "long_range">]>;
def Dale_RangeAttr : Dale_EnumAttr<Dale_Range, "range">;

def Dale_Constraint : Dale_Enum<"Constraint",
    "how a stored kernel becomes the kernel that is applied", [
  I32EnumAttrCase<"Abs", 0, "abs">,
  I32EnumAttrCase<"Rectify", 1, "rectify">,
  I32EnumAttrCase<"Free", 2, "free">]>;
def Dale_ConstraintAttr : Dale_EnumAttr<Dale_Constraint, "constraint">;

def Dale_Kernel : Dale_Enum<"Kernel", "the form of a projection's convolution", [
  I32EnumAttrCase<"Separable", 0, "separable">,
  I32EnumAttrCase<"Regular", 1, "regular">]>;
def Dale_KernelAttr : Dale_EnumAttr<Dale_Kernel, "kernel">;

def Dale_Activation : Dale_Enum<"Activation", "a point-wise non-linearity", [
  I32EnumAttrCase<"Identity", 0, "identity">,
  I32EnumAttrCase<"Relu", 1, "relu">,
  I32EnumAttrCase<"Sigmoid", 2, "sigmoid">,
  I32EnumAttrCase<"Tanh", 3, "tanh">,
  I32EnumAttrCase<"RectifiedTanh", 4, "rectified_tanh">,
  I32EnumAttrCase<"Elu", 5, "elu">,
  I32EnumAttrCase<"Softplus", 6, "softplus">,
  I32EnumAttrCase<"Power", 7, "power">]>;
def Dale_ActivationAttr : Dale_EnumAttr<Dale_Activation, "activation">;

def Dale_NormSite : Dale_Enum<"NormSite", "what a norm or a dropout acts on", [
  I32EnumAttrCase<"Current", 0, "current">,
  I32EnumAttrCase<"Memory", 1, "memory">]>;
def Dale_NormSiteAttr : Dale_EnumAttr<Dale_NormSite, "norm_site">;

def Dale_NormKind : Dale_Enum<"NormKind", "over what a norm takes its statistics", [
  I32EnumAttrCase<"Batch", 0, "batch">,
  I32EnumAttrCase<"Layer", 1, "layer">]>;

def Dale_GateSite : Dale_Enum<"GateSite", "what of its population a gate acts on", [
  I32EnumAttrCase<"Memory", 0, "memory">,
  I32EnumAttrCase<"Input", 1, "input">,
  I32EnumAttrCase<"Output", 2, "output">]>;
def Dale_GateSiteAttr : Dale_EnumAttr<Dale_GateSite, "gate_site">;

def Dale_GateKind : Dale_Enum<"GateKind", "how a gate acts", [
  I32EnumAttrCase<"Multiply", 0, "multiply">,
  I32EnumAttrCase<"Subtract", 1, "subtract">,
  I32EnumAttrCase<"Leak", 2, "leak">]>;
def Dale_GateKindAttr : Dale_EnumAttr<Dale_GateKind, "gate_kind">;

def Dale_ReadoutTime : Dale_Enum<"ReadoutTime", "which time steps are read out", [
  I32EnumAttrCase<"Last", 0, "last">,
  I32EnumAttrCase<"Sum", 1, "sum">]>;
def Dale_ReadoutTimeAttr : Dale_EnumAttr<Dale_ReadoutTime, "readout_time">;

class Dale_Attr<string name, string attrMnemonic> : AttrDef<Dale_Dialect, name> {
  let mnemonic = attrMnemonic;
}

def Dale_PoolAttr : Dale_Attr<"Pool", "pool"> {
  let summary = "max pooling: window and stride in pixels, `same` padding";
  let parameters = (ins "int64_t":$size, "int64_t":$stride);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Dale_NormAttr : Dale_Attr<"Norm", "norm"> {
  let summary = "normalization of one map (models.md, \"batch norm\")";
  let description = [{
    Of kind `batch`, each channel with its mean and variance over the batch; of
    kind `layer`, each image with those of all its pixels and channels. `shared`
    keeps one set of parameters and moving averages for all time steps; otherwise
    each time step has its own. `decay` is that of the moving averages, which
    only a batch norm has.
  }];
  let parameters = (ins DefaultValuedParameter<"::dale::NormKind",
                          "::dale::NormKind::Batch">:$kind,
                        DefaultValuedParameter<"bool", "false">:$shared,
                        "::mlir::FloatAttr":$decay,
                        "::mlir::FloatAttr":$epsilon);
  let assemblyFormat = "`<` struct(params) `>`";
}

def Dale_DropoutAttr : Dale_Attr<"Dropout", "dropout"> {
  let summary = "training sets each unit to zero with probability 1 - keep";
  let description = [{
    What is kept is multiplied by 1 / keep. Every time step has a new mask; in
    evaluation nothing happens.
  }];
  let parameters = (ins "::mlir::FloatAttr":$keep, "::dale::NormSite":$on);
  let assemblyFormat = "`<` struct(params) `>`";
}

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

def Dale_Section : Dale_Enum<"Section", "which flat buffer a variable lives in", [
  I32EnumAttrCase<"Parameter", 0, "parameter">,
  I32EnumAttrCase<"Average", 1, "average">]>;
def Dale_SectionAttr : Dale_EnumAttr<Dale_Section, "section">;

def Dale_ConstantInitAttr : Dale_Attr<"ConstantInit", "constant"> {
  let summary = "every element starts at one value";
  let parameters = (ins "::mlir::FloatAttr":$value);
  let assemblyFormat = "`<` $value `>`";
}

def Dale_GlorotUniformAttr : Dale_Attr<"GlorotUniform", "glorot_uniform"> {
  let summary = "uniform in ±sqrt(6 / (fan_in + fan_out))";
  let parameters = (ins "int64_t":$fanIn, "int64_t":$fanOut);
  let assemblyFormat = "`<` $fanIn `,` $fanOut `>`";
}

def Dale_TruncatedNormalAttr : Dale_Attr<"TruncatedNormal", "truncated_normal"> {
  let summary = "normal truncated at 2σ, with variance 1 / fan_in after truncation";
  let parameters = (ins "int64_t":$fanIn);
  let assemblyFormat = "`<` $fanIn `>`";
}

#endif // DALE_DIALECT_ATTRIBUTES_TD
