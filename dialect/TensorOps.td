//===- TensorOps.td - What a circuit computes --------------*- tablegen -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef DALE_DIALECT_TENSOROPS_TD
#define DALE_DIALECT_TENSOROPS_TD

include "Attributes.td"
include "Interfaces.td"
include "mlir/IR/RegionKindInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/InferTypeOpInterface.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

def Dale_RealTensor : RankedTensorOf<[F32, F64]>;

/// All real tensors of an op have one element type.
def Dale_OneRealType : NativeOpTrait<"OneRealType"> {
  let cppNamespace = "::dale";
}

class Dale_TensorOp<string mnemonic, list<Trait> traits = []>
    : Dale_Op<mnemonic, traits # [Dale_OneRealType, Pure]>;

class Dale_DifferentiableOp<string mnemonic, list<Trait> traits = []>
    : Dale_TensorOp<mnemonic, traits # [
        DeclareOpInterfaceMethods<DifferentiableOpInterface>,
        DeclareOpInterfaceMethods<CostOpInterface>]>;

//===----------------------------------------------------------------------===//
// Variables
//===----------------------------------------------------------------------===//

def VariableOp : Dale_Op<"variable", [Symbol]> {
  let summary = "a trained parameter or a moving average";
  let description = [{
    One entry of the layout of a flat buffer: the variable's elements start at
    element `offset` of its section. The symbol is the name in a weights file.

    Example:

    ```mlir
    dale.variable @"v1.P_to_f.depthwise" parameter at 5000
        : tensor<3x3x64xf32> init #dale.glorot_uniform<576, 9>
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, Dale_SectionAttr:$section,
                       I64Attr:$offset, AnyAttr:$initializer,
                       TypeAttrOf<Dale_RealTensor>:$type);
  let assemblyFormat = [{
    $sym_name custom<Keyword>($section) `at` $offset `:` $type
    `init` $initializer attr-dict
  }];
  let hasVerifier = 1;
}

def ReadOp : Dale_DifferentiableOp<"read", [
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "one variable, or one row of it, out of its flat buffer";
  let description = [{
    With `row`, the result is that entry along the variable's first dimension (a
    batch norm's parameters have one row a time step).

    ```mlir
    %w = dale.read @retina.weight of %theta : tensor<P> -> tensor<3x3x3x16xf32>
    %s = dale.read @v1.P.norm.scale[2] of %theta : tensor<P> -> tensor<64xf32>
    ```
  }];
  let arguments = (ins Dale_RealTensor:$buffer, FlatSymbolRefAttr:$variable,
                       OptionalAttr<I64Attr>:$row);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $variable (`[` $row^ `]`)? `of` $buffer attr-dict
    `:` type($buffer) `->` type($result)
  }];
}

def PackOp : Dale_DifferentiableOp<"pack", [
    DeclareOpInterfaceMethods<SymbolUserOpInterface>]> {
  let summary = "a flat buffer made of variables, zero where none is given";
  let description = [{
    The inverse of `dale.read`, and its derivative. `rows` has one entry for each
    value: the row it is, or −1 for a whole variable.
  }];
  let arguments = (ins Variadic<Dale_RealTensor>:$values,
                       TypedArrayAttrBase<FlatSymbolRefAttr, "names">:$variables,
                       DenseI64ArrayAttr:$rows);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    ($values^ `:` type($values) `as`)? $variables `rows` $rows attr-dict
    `->` type($result)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

def ConvOp : Dale_DifferentiableOp<"conv"> {
  let summary = "regular convolution (cross-correlation) with zero padding";
  let description = [{
    input `[N, H, W, Cin]`, kernel `[kh, kw, Cin, Cout]`, result
    `[N, H', W', Cout]` with H' = ⌊(H + top + bottom − kh) / stride⌋ + 1.
  }];
  let arguments = (ins Dale_RealTensor:$input, Dale_RealTensor:$kernel,
                       DenseI64ArrayAttr:$padding,
                       DefaultValuedAttr<I64Attr, "1">:$stride);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $input `,` $kernel `padding` $padding attr-dict
    `:` type($input) `,` type($kernel) `->` type($result)
  }];
  let hasVerifier = 1;
}

def ConvInputGradOp : Dale_DifferentiableOp<"conv_input_grad"> {
  let summary = "cotangent of a regular convolution's input";
  let arguments = (ins Dale_RealTensor:$cotangent, Dale_RealTensor:$kernel,
                       DenseI64ArrayAttr:$padding,
                       DefaultValuedAttr<I64Attr, "1">:$stride);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $cotangent `,` $kernel `padding` $padding attr-dict
    `:` type($cotangent) `,` type($kernel) `->` type($result)
  }];
  let hasVerifier = 1;
}

def ConvFilterGradOp : Dale_DifferentiableOp<"conv_filter_grad", [
    DeclareOpInterfaceMethods<AccumulatingOpInterface>]> {
  let summary = "cotangent of a regular convolution's kernel, summed over images";
  let arguments = (ins Dale_RealTensor:$input, Dale_RealTensor:$cotangent,
                       Optional<Dale_RealTensor>:$accumulator,
                       DenseI64ArrayAttr:$padding,
                       DefaultValuedAttr<I64Attr, "1">:$stride);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $input `,` $cotangent (`acc` $accumulator^)? `padding` $padding attr-dict
    `:` type($input) `,` type($cotangent) (`,` type($accumulator)^)?
    `->` type($result)
  }];
  let hasVerifier = 1;
}

def DepthwiseConvOp : Dale_DifferentiableOp<"depthwise_conv"> {
  let summary = "convolution of each channel with a kernel of its own, stride 1";
  let description = [{
    input `[N, H, W, C]`, kernel `[kh, kw, C]`, result `[N, H', W', C]`; with
    `same` padding H' = H and W' = W.
  }];
  let arguments = (ins Dale_RealTensor:$input, Dale_RealTensor:$kernel,
                       DenseI64ArrayAttr:$padding);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $input `,` $kernel `padding` $padding attr-dict
    `:` type($input) `,` type($kernel) `->` type($result)
  }];
  let hasVerifier = 1;
}

def DepthwiseFilterGradOp : Dale_DifferentiableOp<"depthwise_filter_grad", [
    DeclareOpInterfaceMethods<AccumulatingOpInterface>]> {
  let summary = "cotangent of a depthwise kernel, summed over images";
  let arguments = (ins Dale_RealTensor:$input, Dale_RealTensor:$cotangent,
                       Optional<Dale_RealTensor>:$accumulator,
                       DenseI64ArrayAttr:$padding);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $input `,` $cotangent (`acc` $accumulator^)? `padding` $padding attr-dict
    `:` type($input) `,` type($cotangent) (`,` type($accumulator)^)?
    `->` type($result)
  }];
  let hasVerifier = 1;
}

def PointwiseConvOp : Dale_DifferentiableOp<"pointwise_conv", [
    DeclareOpInterfaceMethods<AccumulatingOpInterface>]> {
  let summary = "product over channels: result[…, j] = Σᵢ input[…, i] kernel[i, j]";
  let description = [{
    input `[N, …, Cin]`, kernel `[Cin, Cout]`, result `[N, …, Cout]`. On a
    rank-2 input this is a dense layer.
  }];
  let arguments = (ins Dale_RealTensor:$input, Dale_RealTensor:$kernel,
                       Optional<Dale_RealTensor>:$accumulator);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $input `,` $kernel (`acc` $accumulator^)? attr-dict
    `:` type($input) `,` type($kernel) (`,` type($accumulator)^)?
    `->` type($result)
  }];
  let hasVerifier = 1;
}

def PointwiseFilterGradOp : Dale_DifferentiableOp<"pointwise_filter_grad", [
    DeclareOpInterfaceMethods<AccumulatingOpInterface>]> {
  let summary = "cotangent of a pointwise kernel, summed over pixels and images";
  let arguments = (ins Dale_RealTensor:$input, Dale_RealTensor:$cotangent,
                       Optional<Dale_RealTensor>:$accumulator);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $input `,` $cotangent (`acc` $accumulator^)? attr-dict
    `:` type($input) `,` type($cotangent) (`,` type($accumulator)^)?
    `->` type($result)
  }];
  let hasVerifier = 1;
}

def TransposeOp : Dale_DifferentiableOp<"transpose"> {
  let summary = "a pointwise kernel with its two dimensions exchanged";
  let arguments = (ins Dale_RealTensor:$input);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def TurnOp : Dale_DifferentiableOp<"turn"> {
  let summary = "the kernel of the transposed convolution";
  let description = [{
    A kernel turned by 180°: its first two dimensions reversed. A regular kernel
    `[kh, kw, Cin, Cout]` also has its channels exchanged, `[kh, kw, Cout, Cin]`;
    a depthwise kernel `[kh, kw, C]` has none to exchange.
  }];
  let arguments = (ins Dale_RealTensor:$input);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Pooling
//===----------------------------------------------------------------------===//

def MaxPoolOp : Dale_DifferentiableOp<"max_pool"> {
  let summary = "maximum over a window of pixels";
  let description = [{
    input `[N, H, W, C]`, result `[N, ⌈H/stride⌉, ⌈W/stride⌉, C]`. Padded as
    TensorFlow's `same` does, the smaller half first; padding never wins.
  }];
  let arguments = (ins Dale_RealTensor:$input, I64Attr:$size, I64Attr:$stride);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $input `size` $size `stride` $stride attr-dict
    `:` type($input) `->` type($result)
  }];
  let hasVerifier = 1;
}

def MaxPoolGradOp : Dale_TensorOp<"max_pool_grad", [
    DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "cotangent of a max pool's input";
  let description = [{
    The cotangent of a window goes to its largest element, the first one in
    row-major order where several are equal.
  }];
  let arguments = (ins Dale_RealTensor:$input, Dale_RealTensor:$cotangent,
                       I64Attr:$size, I64Attr:$stride);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $input `,` $cotangent `size` $size `stride` $stride attr-dict
    `:` type($input) `,` type($cotangent) `->` type($result)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Sums, broadcasts, point-wise functions
//===----------------------------------------------------------------------===//

def BroadcastOp : Dale_DifferentiableOp<"broadcast"> {
  let summary = "a tensor repeated along new dimensions";
  let description = [{
    `dimensions` lists those dimensions of the result that the input lacks. Where
    one of them is the batch, `like` is a tensor that has the batch's size.

    ```mlir
    %b = dale.broadcast %bias along [0, 1, 2] like %x
        : tensor<64xf32>, tensor<?x16x16x64xf32> -> tensor<?x16x16x64xf32>
    ```
  }];
  let arguments = (ins Dale_RealTensor:$input, Optional<AnyRankedTensor>:$like,
                       DenseI64ArrayAttr:$dimensions);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $input `along` $dimensions (`like` $like^)? attr-dict
    `:` type($input) (`,` type($like)^)? `->` type($result)
  }];
  let hasVerifier = 1;
  let hasFolder = 1;
  let hasCanonicalizer = 1;
}

def ReduceOp : Dale_DifferentiableOp<"reduce", [
    DeclareOpInterfaceMethods<AccumulatingOpInterface>]> {
  let summary = "a tensor summed over some of its dimensions";
  let arguments = (ins Dale_RealTensor:$input,
                       Optional<Dale_RealTensor>:$accumulator,
                       DenseI64ArrayAttr:$dimensions);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $input (`acc` $accumulator^)? `over` $dimensions attr-dict
    `:` type($input) (`,` type($accumulator)^)? `->` type($result)
  }];
  let hasVerifier = 1;
}

def WhereOp : Dale_TensorOp<"where", [SameOperandsAndResultType,
    DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "one value where lhs > rhs, another elsewhere";
  let description = [{
    What the derivatives of maxima and absolute values are made of. In one op, so
    that no tensor of booleans is ever in memory: vectors of them are packed bits
    there, and two ops with vectors of different sizes would not agree on where
    those are.
  }];
  let arguments = (ins Dale_RealTensor:$lhs, Dale_RealTensor:$rhs,
                       Dale_RealTensor:$greater, Dale_RealTensor:$otherwise);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $lhs `exceeds` $rhs `then` $greater `else` $otherwise attr-dict
    `:` type($lhs)
  }];
}

def SigmoidOp : Dale_DifferentiableOp<"sigmoid", [SameOperandsAndResultType]> {
  let summary = "1 / (1 + exp(−x)), element by element";
  let arguments = (ins Dale_RealTensor:$input);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

def SoftplusOp : Dale_DifferentiableOp<"softplus", [SameOperandsAndResultType]> {
  let summary = "log(1 + exp(x)), element by element, without overflow";
  let arguments = (ins Dale_RealTensor:$input);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

//===----------------------------------------------------------------------===//
// Pixels and channels in other places
//===----------------------------------------------------------------------===//

def SpreadOp : Dale_DifferentiableOp<"spread"> {
  let summary = "a map's pixels with zeros between and around them";
  let description = [{
    input `[N, H, W, C]`, result `[N, H', W', C]`: pixel (i, j) is found at
    (top + i · stride, left + j · stride), all else is zero. A transposed
    convolution is a convolution of that with the turned kernel.
  }];
  let arguments = (ins Dale_RealTensor:$input, I64Attr:$top, I64Attr:$left,
                       I64Attr:$stride);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $input `at` $top `,` $left `stride` $stride attr-dict
    `:` type($input) `->` type($result)
  }];
  let hasVerifier = 1;
}

def SampleOp : Dale_DifferentiableOp<"sample"> {
  let summary = "every stride-th pixel of a map: what spread spreads";
  let description = [{
    input `[N, H, W, C]`, result `[N, H', W', C]`: pixel (i, j) is the input's
    pixel (top + i · stride, left + j · stride).
  }];
  let arguments = (ins Dale_RealTensor:$input, I64Attr:$top, I64Attr:$left,
                       I64Attr:$stride);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $input `at` $top `,` $left `stride` $stride attr-dict
    `:` type($input) `->` type($result)
  }];
  let hasVerifier = 1;
}

def JoinOp : Dale_DifferentiableOp<"join"> {
  let summary = "maps side by side: their channels one after the other";
  let arguments = (ins Variadic<Dale_RealTensor>:$inputs);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $inputs attr-dict `:` type($inputs) `->` type($result)
  }];
  let hasVerifier = 1;
}

def ChannelsOp : Dale_TensorOp<"channels", [
    DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "some of a map's channels, from the given one on";
  let description = "The cotangent of one of the maps of a join.";
  let arguments = (ins Dale_RealTensor:$input, I64Attr:$first);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $input `from` $first attr-dict `:` type($input) `->` type($result)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Dropout
//===----------------------------------------------------------------------===//

def DropoutMaskOp : Dale_TensorOp<"dropout_mask", [
    DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "1 / keep with probability keep, and 0 otherwise";
  let description = [{
    keys `[N]` (i32), one random number an image; result `[N, H, W, C]`. An entry
    depends on the image's key, on `salt`, which tells the masks of one step
    apart, and on its place in the image only: neither on the batch nor on the
    order in which it is computed. So a mask can be computed again for the
    gradient, and need not be kept.
  }];
  let arguments = (ins RankedTensorOf<[I32]>:$keys, I64Attr:$salt,
                       F64Attr:$keep);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $keys `salt` $salt `keep` $keep attr-dict
    `:` type($keys) `->` type($result)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Batch norm
//===----------------------------------------------------------------------===//

def BatchNormOp : Dale_DifferentiableOp<"batch_norm", [
    AllTypesMatch<["input", "result"]>,
    AllTypesMatch<["scale", "offset", "mean", "variance"]>]> {
  let summary = "normalization with the batch's statistics";
  let description = [{
    input `[N, …, C]`, scale and offset `[C]`:
    result = (input − mean) / sqrt(variance + ε) ∘ scale + offset. `mean` and
    `variance` (the population's, Σ(x − mean)² / n) are `[C]`; no derivative flows
    through them. `count` is N as a real number.
  }];
  let arguments = (ins Dale_RealTensor:$input, Dale_RealTensor:$scale,
                       Dale_RealTensor:$offset, Dale_RealTensor:$count,
                       F64Attr:$epsilon);
  let results = (outs Dale_RealTensor:$result, Dale_RealTensor:$mean,
                      Dale_RealTensor:$variance);
  let assemblyFormat = [{
    $input `,` $scale `,` $offset `count` $count `epsilon` $epsilon attr-dict
    `:` type($input) `,` type($scale) `,` type($count)
  }];
  let hasVerifier = 1;
}

def BatchNormGradOp : Dale_TensorOp<"batch_norm_grad", [
    AllTypesMatch<["input", "cotangent", "input_grad"]>,
    AllTypesMatch<["scale", "mean", "variance", "scale_grad", "offset_grad"]>,
    DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "cotangents of a batch norm's input, scale and offset";
  let arguments = (ins Dale_RealTensor:$cotangent, Dale_RealTensor:$input,
                       Dale_RealTensor:$scale, Dale_RealTensor:$mean,
                       Dale_RealTensor:$variance, Dale_RealTensor:$count,
                       F64Attr:$epsilon);
  let results = (outs Dale_RealTensor:$input_grad, Dale_RealTensor:$scale_grad,
                      Dale_RealTensor:$offset_grad);
  let assemblyFormat = [{
    $cotangent `,` $input `,` $scale `,` $mean `,` $variance `count` $count
    `epsilon` $epsilon attr-dict
    `:` type($input) `,` type($scale) `,` type($count)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Loss
//===----------------------------------------------------------------------===//

def SoftmaxCrossEntropyOp : Dale_DifferentiableOp<"softmax_cross_entropy"> {
  let summary = "−log softmax(logits)[label], one value an image";
  let description = "logits `[N, K]`, labels `[N]` (i32), result `[N]`.";
  let arguments = (ins Dale_RealTensor:$logits,
                       RankedTensorOf<[I32]>:$labels);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $logits `,` $labels attr-dict
    `:` type($logits) `,` type($labels) `->` type($result)
  }];
  let hasVerifier = 1;
}

def SoftmaxCrossEntropyGradOp : Dale_TensorOp<"softmax_cross_entropy_grad", [
    DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "cotangent ∘ (softmax(logits) − onehot(label))";
  let arguments = (ins Dale_RealTensor:$cotangent, Dale_RealTensor:$logits,
                       RankedTensorOf<[I32]>:$labels);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $cotangent `,` $logits `,` $labels attr-dict
    `:` type($cotangent) `,` type($logits) `,` type($labels)
    `->` type($result)
  }];
  let hasVerifier = 1;
}

//===----------------------------------------------------------------------===//
// Images
//===----------------------------------------------------------------------===//

def CropOp : Dale_TensorOp<"crop", [
    DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "augmentation: a shifted crop of each image, or its mirror image";
  let description = [{
    bytes `[1, M, H, W, C]` (i8, unsigned): all images that there are to choose
    from, which are not a batch, whence the leading 1; picks `[N]` (i32): the
    places of the batch's images among them, each less than M; draws `[N, 3]`
    (i32: row and column of the crop's corner in the image zero-padded by `pad`
    pixels a side, and 1 for a horizontal flip of the crop), result
    `[N, H, W, C]` in raw pixel values.

    ```mlir
    %0 = dale.crop %bytes[%picks], %draws pad 4
        : tensor<1x?x32x32x3xi8>, tensor<?xi32>, tensor<?x3xi32>
        -> tensor<?x32x32x3xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[I8]>:$bytes, RankedTensorOf<[I32]>:$picks,
                       RankedTensorOf<[I32]>:$draws, I64Attr:$pad);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = [{
    $bytes `[` $picks `]` `,` $draws `pad` $pad attr-dict
    `:` type($bytes) `,` type($picks) `,` type($draws) `->` type($result)
  }];
  let hasVerifier = 1;
}

def StandardizeOp : Dale_TensorOp<"standardize", [SameOperandsAndResultType,
    DeclareOpInterfaceMethods<CostOpInterface>]> {
  let summary = "per-image standardization";
  let description = [{
    (x − mean) / max(std, 1/√n) over the n values of each image.
  }];
  let arguments = (ins Dale_RealTensor:$input);
  let results = (outs Dale_RealTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
}

//===----------------------------------------------------------------------===//
// Stages
//===----------------------------------------------------------------------===//

def StageOp : Dale_Op<"stage", [IsolatedFromAbove, RecursiveMemoryEffects,
    RecursivelySpeculatable, SingleBlockImplicitTerminator<"YieldOp">]> {
  let summary = "what one image can do alone, or what is done once a step";
  let description = [{
    The unit of fusion. A stage over images runs its body once for each image of
    the batch, with no order among images. A block argument of a batched operand
    (first dimension dynamic) is one image's slice of it, with 1 as its first
    dimension; other operands are the same for every image. A yielded value whose
    result is batched becomes that image's slice; one whose result has no batch
    dimension is summed over the images, in a fixed order.

    A stage marked `once` runs its body one time; its operands and results have
    no batch dimension.

    ```mlir
    %y, %sum = dale.stage ins(%x, %w : tensor<?x8x8x4xf32>, tensor<4x6xf32>) {
    ^bb0(%x1: tensor<1x8x8x4xf32>, %w1: tensor<4x6xf32>):
      %y1 = dale.pointwise_conv %x1, %w1
          : tensor<1x8x8x4xf32>, tensor<4x6xf32> -> tensor<1x8x8x6xf32>
      %s1 = dale.reduce %y1 over [0, 1, 2]
          : tensor<1x8x8x6xf32> -> tensor<6xf32>
      dale.yield %y1, %s1 : tensor<1x8x8x6xf32>, tensor<6xf32>
    } -> tensor<?x8x8x6xf32>, tensor<6xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$inputs, UnitAttr:$once);
  let results = (outs Variadic<AnyRankedTensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let assemblyFormat = [{
    (`once` $once^)? (`ins` `(` $inputs^ `:` type($inputs) `)`)? $body
    (`->` type($outputs)^)? attr-dict
  }];
  let hasRegionVerifier = 1;
  let hasCanonicalizer = 1;
}

def YieldOp : Dale_Op<"yield", [Pure, ReturnLike, Terminator,
    HasParent<"StageOp">]> {
  let summary = "what a stage's body gives back";
  let arguments = (ins Variadic<AnyRankedTensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
  let builders = [OpBuilder<(ins), [{ build($_builder, $_state, ::mlir::ValueRange()); }]>];
}

#endif // DALE_DIALECT_TENSOROPS_TD
