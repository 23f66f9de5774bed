//===- Passes.td - Lowering to the CPU -*- tablegen -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def PackProducts : Pass<"dale-pack-products", "::mlir::func::FuncOp"> {
  let summary = "rounds the factors of products to bf16, in pairs";
  let description = [{
    Products of matrices of f32 become products of bf16 with sums in f32, for
    processors with instructions for dot products. These take the terms of the
    sum in pairs, so the factors are laid out that way: [M, K] becomes
    [M, K / 2, 2], which is the same memory, and [K, N] becomes [K / 2, N, 2]. The
    same goes for convolutions, whose last terms are channels, and for the gradients
    of their kernels, whose last terms are pixels of a row.

    Maps are rounded where they are computed, and put in pairs from there; kernels are
    rounded and put in pairs once for all images. Products whose terms are odd in
    number, or whose columns do not fill vectors, stay as they are.
  }];
  let options = [
    Option<"lanes", "lanes", "int64_t", /*default=*/"16",
           "numbers of f32 in a vector register">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numProducts", "products", "Number of products packed">];
}

def PadFactors : Pass<"dale-pad-factors", "::mlir::func::FuncOp"> {
  let summary = "keeps the rows of large factors apart in the first cache";
  let description = [{
    The tiles of a product read a few columns of its right factor at a time, row by
    row. Rows that are a multiple of four lines long put these pieces into a few sets
    of the cache. So a factor that is the same for all images and as large as its
    share of the cache, two thirds, is copied once, before the loops over images, to
    rows that are one line longer.
  }];
  let options = [
    Option<"lineBytes", "line-bytes", "int64_t", /*default=*/"64",
           "bytes of a line of the cache">,
    Option<"cacheBytes", "cache-bytes", "int64_t",
           /*default=*/"::dale::usualCacheBytes",
           "bytes of the first-level cache">];
  let dependentDialects = ["::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numFactors", "factors", "Number of factors with longer rows">];
}

def ShareOut : Pass<"dale-share-out", "::mlir::func::FuncOp"> {
  let summary = "shares out among threads what is done once";
  let description = [{
    Threads share out the images of a batch. What has no images, as the optimizer, is
    done once, by one of them, and is little work for most circuits. Element-wise ops
    and copies that are large become loops over parts of their outermost loop, which
    threads take. What remains when parts have whole lines of the cache is done
    behind.
  }];
  let options = [
    Option<"parts", "parts", "int64_t", /*default=*/"16", "parts of an op">,
    Option<"elements", "elements", "int64_t", /*default=*/"262144",
           "how many elements an op has at least">];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect"];
  let statistics = [
    Statistic<"numShared", "shared", "Number of ops shared out">];
}

def LowerBF16 : Pass<"dale-lower-bf16"> {
  let summary = "lowers bf16 to instructions, or to integers where there are none";
  let description = [{
    Contractions of pairs of bf16 become dot products of AVX-512, a row of the left
    factor and a vector of columns of the right at a time (upstream's patterns);
    pairs are loaded and stored a vector at a time. Processors without such
    instructions get conversions made of integer arithmetic instead.
  }];
  let options = [
    Option<"instructions", "instructions", "bool", /*default=*/"true",
           "the processor has instructions for bf16">,
    Option<"lanes", "lanes", "int64_t", /*default=*/"16",
           "numbers of f32 in a vector register">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::memref::MemRefDialect",
    "::mlir::vector::VectorDialect", "::mlir::x86vector::X86VectorDialect"];
}

def HoistMargins : Pass<"dale-hoist-margins", "::mlir::func::FuncOp"> {
  let summary = "fills the margins of padded maps once for many images";
  let description = [{
    A padded map is filled, and then written inside of its margins. Where that
    happens for one image after the other, the margins stay as they are: the map
    gets a buffer outside of the loop over images, and its margins are filled
    before it.
    Maps of one image that have the same margins, and are not needed at the same
    time, share a buffer.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
  let statistics = [
    Statistic<"numMaps", "maps", "Number of padded maps">,
    Statistic<"numFills", "fills", "Number of buffers that they share">];
}

def PlanScratch : Pass<"dale-plan-scratch", "::mlir::ModuleOp"> {
  let summary = "gives one image's intermediate maps places in a thread's memory";
  let description = [{
    Replaces allocations of static size in stage functions by views of the
    thread's part of the workspace (the function's last argument), at offsets
    found by the buffers' lifetimes. Adds what a thread needs to `dale.workspace`
    of the entry points.

    `apart` bytes are left free behind each. Most maps are a power of two large, and
    one right behind another would be at the same place of a page. A pixel's numbers
    in both would lie in the same few sets of the first cache, and a processor that
    tells addresses apart by their places in a page takes what is read of one map
    for what was just written to the other, and waits for it.
  }];
  let options = [
    Option<"apart", "apart", "unsigned", /*default=*/"0",
           "bytes between one map and the next">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::memref::MemRefDialect"];
}

def KeepStages : Pass<"dale-keep-stages", "::mlir::ModuleOp"> {
  let summary = "keeps functions of stages that are done at many time steps";
  let description = [{
    Stages that do the same share a function. One that is called often is not
    inlined, so that code and compile time do not grow with the number of time
    steps. Instead of memrefs, of which there may be a hundred, its calls hand over
    the buffers that these are views of, and where they are:

    ```mlir
    %a = memref.view %workspace[%offset][%images] : memref<?xi8> to memref<?x16x16x64xf32>
    call @stage(%a) : (memref<?x16x16x64xf32>) -> ()
    ```

    becomes

    ```mlir
    call @stage(%workspace, %offset, %images) : (memref<?xi8>, index, index) -> ()
    ```
  }];
  let options = [
    Option<"maxInlined", "max-inlined", "unsigned", /*default=*/"2",
           "calls of a function that are inlined">];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
  let statistics = [
    Statistic<"numKept", "kept", "Number of functions kept">];
}

def PrefetchMaps : Pass<"dale-prefetch-maps", "::mlir::ModuleOp"> {
  let summary = "fetches maps from memory while products are computed";
  let description = [{
    What other stages computed comes from memory, and what uses it is element-wise
    mostly: it takes as long as memory takes. Products of matrices need little of
    memory. Their kernels get a few more arguments, bytes that are needed soon, and
    fetch a line of each before every few terms of their sums, whose loops are
    unrolled for that. Each map
    is fetched by the last products ahead of its first use that have time for it.
    What an image needs before its first product is fetched by those of the image
    before.

    A product that goes on with a sum in memory also fetches the part of it that its
    next tile goes on with, and rows of a factor that is large for the cache.
  }];
  let options = [
    Option<"lineBytes", "line-bytes", "int64_t", /*default=*/"64",
           "bytes of a line of the cache">,
    Option<"maxPieces", "pieces", "unsigned", /*default=*/"3",
           "parts of maps that a product fetches at most">,
    Option<"termsBetween", "terms-between", "int64_t", /*default=*/"4",
           "terms of a sum between fetching and fetching">,
    Option<"largeFactor", "large-factor", "int64_t", /*default=*/"262144",
           "bytes from which on rows of a factor are fetched">,
    Option<"termsAhead", "terms-ahead", "int64_t", /*default=*/"16",
           "terms of a sum between fetching a row and using it">];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::scf::SCFDialect"];
  let statistics = [
    Statistic<"numPieces", "pieces", "Number of parts of maps that are fetched">];
}

def ScheduleChunks : Pass<"dale-schedule-chunks"> {
  let summary = "hands out the chunks of a batch to threads as they get free";
  let description = [{
    Upstream's conversion to OpenMP gives every thread as many. Where a thread
    has to share its processor for a while, all others wait for it then, at the
    end of every stage. What is computed does not depend on it: a chunk's sums
    have their own place.
  }];
  let dependentDialects = ["::mlir::omp::OpenMPDialect"];
}
