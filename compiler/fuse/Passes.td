//===- Passes.td - Sharing and fusion -*- tablegen -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def DecomposeNorms : Pass<"dale-decompose-norms", "::mlir::func::FuncOp"> {
  let summary = "writes batch norms as sums over the batch and point-wise ops";
  let description = [{
    A batch norm needs the whole batch only for its statistics. Written out, the
    sums are all that is left of it between images; the rest is arithmetic on
    channels, done once, and one multiply-add a pixel:

    ```mlir
    %y, %mean, %variance = dale.batch_norm %x, %scale, %offset count %n ...
    ```

    becomes, with a = scale / sqrt(variance + ε) and b = offset − mean ∘ a,

    ```mlir
    %sum     = dale.reduce %x over [0, 1, 2]
    %squares = dale.reduce %xx over [0, 1, 2]
    %y = a ∘ %x + b
    ```

    Its gradient likewise becomes two sums, and A ∘ dy + B ∘ x + C.
  }];
  let dependentDialects = ["::dale::DaleDialect", "::mlir::arith::ArithDialect",
                           "::mlir::math::MathDialect"];
}

def FoldNorms : Pass<"dale-fold-norms", "::mlir::func::FuncOp"> {
  let summary = "takes factors of channels into the kernels before them";
  let description = [{
    In evaluation a norm is a factor and an offset for each channel. Where all that
    it is applied to is linear in kernels and biases, these take the factor, once
    for all images:

    ```mlir
    %y = dale.conv %x, %w
    %a = dale.broadcast %scale
    %z = arith.mulf %y, %a
    ```

    becomes

    ```mlir
    %a = dale.broadcast %scale
    %v = arith.mulf %w, %a
    %z = dale.conv %x, %v
    ```

    While a circuit is trained, its batch norms also need sums of what they are
    applied to, and nothing is folded.
  }];
  let dependentDialects = ["::dale::DaleDialect", "::mlir::arith::ArithDialect"];
}

def Share : Pass<"dale-share", "::mlir::func::FuncOp"> {
  let summary = "computes once what does not change, and sums in accumulators";
  let description = [{
    Orders every sum (a tree of `arith.addf` and `arith.subf`) by when its terms
    are known, the earliest first. Parts of a sum that are the same at every time
    step (the input's projections, biases) then become equal prefixes, and are
    computed once. A term that is the result of an accumulating op takes the sum
    so far as its accumulator, so that projections onto one target are added in
    registers and not in memory:

    ```mlir
    %a = dale.pointwise_conv %x, %v
    %b = dale.pointwise_conv %y, %w
    %s = arith.addf %b, %a
    %t = arith.addf %s, %bias
    ```

    becomes

    ```mlir
    %a = dale.pointwise_conv %x, %v acc %bias
    %t = dale.pointwise_conv %y, %w acc %a
    ```
  }];
  let dependentDialects = ["::dale::DaleDialect", "::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"numAccumulated", "additions-accumulated",
              "Number of additions that became an accumulator">,
    Statistic<"numShared", "ops-shared", "Number of ops found equal">];
}

def Fuse : Pass<"dale-fuse", "::mlir::func::FuncOp"> {
  let summary = "cuts a function into stages";
  let description = [{
    Between two sums over the batch, every image can be worked on alone. Each op
    goes to the earliest stage that has all it needs: ops on images to stages
    over images, ops on shared tensors (batch statistics, weights) to stages that
    run once. A value that a later stage needs is either stored for it, or
    computed again there: again where that takes at most
    `max-operations-per-byte` operations for each byte that is then neither written
    nor read, does not force more bytes of operands into memory, and reads fewer
    bytes that the stage would not read anyway. These are the operations where one
    stage needs the value; of several, each would do them, and a value is stored for
    all of them at once, so they are fewer. Operations are those of matrix products:
    of everything else, what a byte computed takes to go through the caches counts
    as two more. What is computed again stands just before its first use.

    With `fuse=false` every op is a stage of its own, for comparison.
  }];
  let options = [
    Option<"fuse", "fuse", "bool", /*default=*/"true",
           "cut only where the batch is summed over">,
    Option<"maxOperationsPerByte", "max-operations-per-byte", "double", /*default=*/"36.0",
           "compute a value again below this, store it above">];
  let dependentDialects = ["::dale::DaleDialect", "::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"numStages", "stages", "Number of stages over images">,
    Statistic<"numRecomputed", "ops-recomputed",
              "Number of ops done again to save memory traffic">];
}

def RoundMaps : Pass<"dale-round-maps"> {
  let summary = "keeps maps in bf16 from one stage to another";
  let description = [{
    What a stage computes for each image, and others read, is rounded where it is
    yielded and widened where it is read: half as many bytes go from stage to
    stage. Arithmetic stays in f32, and so do sums over the batch, which are taken
    before.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect"];
  let statistics = [
    Statistic<"numRounded", "rounded", "Number of maps rounded">];
}

def OutlineStages : Pass<"dale-outline-stages", "::mlir::ModuleOp"> {
  let summary = "makes a function of every stage, one for all equal stages";
  let description = [{
    Time steps differ only in their operands, so most stages of a long unrolled
    step are equal: what is left to compile grows with the number of different
    stages, not with time.
  }];
  let dependentDialects = ["::mlir::func::FuncDialect"];
  let statistics = [
    Statistic<"numStages", "stages", "Number of stages">,
    Statistic<"numDistinct", "distinct-stages", "Number of different stages">];
}
