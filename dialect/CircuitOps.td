//===- CircuitOps.td - Ops that mirror a circuit file ------*- tablegen -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_DIALECT_CIRCUITOPS_TD
#define DALE_DIALECT_CIRCUITOPS_TD

include "Attributes.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"

class Dale_CircuitOp<string mnemonic, list<Trait> traits = []>
    : Dale_Op<mnemonic, traits>;

def CircuitOp : Dale_CircuitOp<"circuit", [
    IsolatedFromAbove, NoTerminator, SingleBlock, Symbol, SymbolTable]> {
  let summary = "a whole circuit";
  let description = [{
    Areas in order from the input to the read-out: first the feed-forward areas,
    then the recurrent ones. `input` is height, width and channels of an image;
    the recurrent areas run for `steps` time steps. Images are standardized, each
    by itself, unless `means` has a number for each channel to subtract. The
    shorter side of an image of another size is resized to `resize` pixels, which
    is the larger of height and width unless it is said.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
                       ConfinedAttr<I64Attr, [IntPositive]>:$steps,
                       DenseI64ArrayAttr:$input,
                       OptionalAttr<I64Attr>:$resize,
                       OptionalAttr<DenseF64ArrayAttr>:$means);
  let extraClassDeclaration = [{
    /// What the shorter side of an image of another size is resized to.
    int64_t getShorterSide();

    /// \name What the verifier says, for who knows a better place to say it.
    /// @{
    static ::mlir::LogicalResult
    checkResize(::llvm::function_ref<::mlir::InFlightDiagnostic()> emitError,
                ::llvm::ArrayRef<int64_t> input, int64_t resize);
    static ::mlir::LogicalResult
    checkMeans(::llvm::function_ref<::mlir::InFlightDiagnostic()> emitError,
               ::llvm::ArrayRef<int64_t> input, ::llvm::ArrayRef<double> means);
    /// @}
  }];
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name `steps` `(` $steps `)` `input` `(` $input `)`
    attr-dict-with-keyword $body
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def AreaOp : Dale_CircuitOp<"area", [
    HasParent<"CircuitOp">, NoTerminator, SingleBlock, Symbol, SymbolTable]> {
  let summary = "one area of the circuit";
  let description = [{
    A feed-forward area has `channels`: a regular convolution of `kernel` ×
    `kernel` pixels and stride `stride`, without a sign and without bias, then
    `norm`, `activation` (with an `exponent`, that of `power`) and `pool`; it runs
    once. An area without `channels` is recurrent: its region holds populations, gates and projections, and it runs
    at every time step. The next area reads what `pool` leaves of the principal
    populations.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
                       OptionalAttr<I64Attr>:$channels,
                       DefaultValuedAttr<I64Attr, "3">:$kernel,
                       DefaultValuedAttr<I64Attr, "1">:$stride,
                       OptionalAttr<Dale_NormAttr>:$norm,
                       DefaultValuedAttr<Dale_ActivationAttr,
                         "::dale::Activation::Relu">:$activation,
                       DefaultValuedAttr<ConfinedAttr<I64Attr, [IntPositive]>,
                         "2">:$exponent,
                       OptionalAttr<Dale_PoolAttr>:$pool);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    $sym_name (`channels` `(` $channels^ `)`)? (`norm` `(` $norm^ `)`)?
    (`pool` `(` $pool^ `)`)? attr-dict-with-keyword $body
  }];
  let extraClassDeclaration = [{
    bool isFeedForward() { return getChannels().has_value(); }
  }];
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def PopulationOp : Dale_CircuitOp<"population", [HasParent<"AreaOp">, Symbol]> {
  let summary = "a population of neurons, one unit a channel and pixel";
  let description = [{
    Its current is the sum of its projections and a bias. The candidate is the
    `activation` of the current; gates say what becomes of it. `sign` is what its
    projections do unless they say otherwise; only a `principal` population
    projects out of its area (long-range), the others are interneurons. A `silent`
    population computes as the others do, but all read zeros of it: a lesion.
    `exponent` is that of the activation `power`.

    A population with a gate on its memory has a state of its own, and is read by
    projections as it was at the previous time step; a population without memory
    is read within the step (`delay` on a projection overrides this).
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
                       ConfinedAttr<I64Attr, [IntPositive]>:$channels,
                       OptionalAttr<Dale_SignAttr>:$sign,
                       UnitAttr:$principal,
                       DefaultValuedAttr<Dale_ActivationAttr,
                         "::dale::Activation::Relu">:$activation,
                       OptionalAttr<Dale_NormAttr>:$norm,
                       DefaultValuedAttr<Dale_NormSiteAttr,
                         "::dale::NormSite::Current">:$norm_site,
                       OptionalAttr<Dale_DropoutAttr>:$dropout,
                       DefaultValuedAttr<ConfinedAttr<I64Attr, [IntPositive]>,
                         "2">:$exponent,
                       UnitAttr:$silent);
  let assemblyFormat = [{
    $sym_name `channels` `(` $channels `)` (`sign` `(` custom<Keyword>($sign)^ `)`)?
    (`principal` $principal^)? (`silent` $silent^)? attr-dict
  }];
}

def GateOp : Dale_CircuitOp<"gate", [HasParent<"AreaOp">, Symbol]> {
  let summary = "a gate on a population's memory, input or output";
  let description = [{
    A `multiply` or `subtract` gate has a current of its own (projections and a
    bias, plus the constant `offset`) and an activation; it has as many channels
    as the population it acts `on`. With g its value, and C the population's
    state:

    | kind | effect | on memory | on input or output x |
    |---|---|---|---|
    | multiply | excitatory | g ∘ C | g ∘ x |
    | multiply | inhibitory | (1 − g) ∘ C | (1 − g) ∘ x |
    | subtract | inhibitory | – | x − g, before the activation |
    | subtract | excitatory | – | x + g − 1, before the activation |
    | leak | – | f ∘ C, and (1 − f) ∘ x on the input | – |

    A `leak` gate has no current: f = σ(f̃ + offset), one trainable value f̃ a
    channel. Without `effect`, a gate on the memory is excitatory, and a gate on
    input or output has the sign of the projections that drive it. A projection
    into a gate adds to its current where its sign is the gate's effect, and
    subtracts from it otherwise.
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
                       FlatSymbolRefAttr:$on,
                       Dale_GateSiteAttr:$site,
                       Dale_GateKindAttr:$kind,
                       OptionalAttr<Dale_SignAttr>:$effect,
                       OptionalAttr<Dale_ActivationAttr>:$activation,
                       DefaultValuedAttr<F64Attr, "0.0">:$offset,
                       DefaultValuedAttr<ConfinedAttr<I64Attr, [IntPositive]>,
                         "2">:$exponent);
  let assemblyFormat = [{
    $sym_name `on` $on custom<Keyword>($site) custom<Keyword>($kind)
    (`effect` `(` custom<Keyword>($effect)^ `)`)? attr-dict
  }];
  let extraClassDeclaration = [{
    /// The declared activation, or the kind's own: sigmoid for a gate that
    /// multiplies, relu for one that subtracts.
    Activation getEffectiveActivation();

    /// The declared effect; or excitatory on the memory; or the sign of the
    /// local projections that drive the gate (of all of them where none is
    /// local). Nothing where these disagree, which the verifier rejects.
    std::optional<Sign> getEffectiveEffect();
  }];
}

def ProjectionOp : Dale_CircuitOp<"projection", [HasParent<"AreaOp">]> {
  let summary = "a projection from a source to a population or a gate";
  let description = [{
    `source` is a population of this area, or `@input`: what the area below
    leaves after pooling at this time step. With `of`, it is a population of that
    area, which lies above: feedback, as it was before pooling at an earlier time
    step, and brought to this area's size by a transposed convolution with the
    stride of the pools between. A separable projection is a depthwise
    `[k, k, Cin]` and a pointwise `[Cin, Cout]` kernel, a regular one
    `[k, k, Cin, Cout]` (of feedback `[k, k, Cout, Cin]`, as TensorFlow has it for
    a transposed convolution); `constraint` acts on every kernel. `delay` is the number
    of time steps after which the target sees the source.
  }];
  let arguments = (ins FlatSymbolRefAttr:$source,
                       OptionalAttr<FlatSymbolRefAttr>:$area,
                       FlatSymbolRefAttr:$target,
                       Dale_RangeAttr:$range,
                       Dale_SignAttr:$sign,
                       DefaultValuedAttr<Dale_ConstraintAttr,
                         "::dale::Constraint::Abs">:$constraint,
                       DefaultValuedAttr<Dale_KernelAttr,
                         "::dale::Kernel::Separable">:$kernel,
                       DefaultValuedAttr<ConfinedAttr<I64Attr, [IntPositive]>,
                         "3">:$size,
                       OptionalAttr<ConfinedAttr<I64Attr, [IntNonNegative]>>:$delay);
  let assemblyFormat = [{
    $source (`of` $area^)? `to` $target custom<Keyword>($range)
    custom<Keyword>($sign) attr-dict
  }];
  let extraClassDeclaration = [{
    /// Whether the source is what the area reads from below.
    bool readsInput() { return !isFeedback() && getSource() == "input"; }
    /// Whether the source is in an area above.
    bool isFeedback() { return getArea().has_value(); }
    /// The source as a circuit file writes it: "P", or "v2.P" for feedback.
    std::string getSourceName();

    /// The declared delay; or one step for feedback and from a population with
    /// a gate on its memory, and none from others and from the input.
    int64_t getEffectiveDelay();
  }];
}

def ReadoutOp : Dale_CircuitOp<"readout", [HasParent<"CircuitOp">]> {
  let summary = "the dense layer that reads the last area out";
  let description = [{
    Reads the last area's principal populations, pooled and averaged over space,
    at the last time step or summed over all of them.
  }];
  let arguments = (ins ConfinedAttr<I64Attr, [IntPositive]>:$classes,
                       Dale_ReadoutTimeAttr:$time);
  let assemblyFormat = [{
    `classes` `(` $classes `)` `time` `(` custom<Keyword>($time) `)` attr-dict
  }];
}

def TrainingOp : Dale_CircuitOp<"training", [HasParent<"CircuitOp">]> {
  let summary = "how the circuit is trained unless the command line says otherwise";
  let description = [{
    `milestones` are epochs at whose start the learning rate is multiplied by
    `factor`. `l2` is λ of the loss (models.md, "loss"); `l2_norms` whether batch
    norm parameters count in it. `pad` and `flip` are the augmentation, and so are
    `area` and `aspect`: the smallest and the largest share of an image's area and
    aspect (width through height) of a random crop. `fraction` is the part of the
    training set that is used; `random_labels` gives its images random labels.
  }];
  let arguments = (ins StrAttr:$dataset, I64Attr:$batch, I64Attr:$epochs,
                       F64Attr:$learning_rate, DenseI64ArrayAttr:$milestones,
                       F64Attr:$factor, F64Attr:$momentum, F64Attr:$l2,
                       DefaultValuedAttr<BoolAttr, "true">:$l2_norms,
                       I64Attr:$pad, BoolAttr:$flip,
                       OptionalAttr<DenseF64ArrayAttr>:$area,
                       OptionalAttr<DenseF64ArrayAttr>:$aspect,
                       DefaultValuedAttr<F64Attr, "1.0">:$fraction,
                       UnitAttr:$random_labels, I64Attr:$seed);
  let extraClassDeclaration = [{
    /// What the verifier says of a random crop, for who knows a better place to
    /// say it: that of the key which is wrong.
    static ::mlir::LogicalResult
    checkCrop(::llvm::function_ref<
                  ::mlir::InFlightDiagnostic(::llvm::StringRef)> emitError,
              int64_t pad, ::llvm::ArrayRef<double> area,
              ::llvm::ArrayRef<double> aspect);
  }];
  let assemblyFormat = "$dataset attr-dict";
  let hasVerifier = 1;
}

#endif // DALE_DIALECT_CIRCUITOPS_TD
