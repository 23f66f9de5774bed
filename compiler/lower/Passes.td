//===- Passes.td - Lowering for every device -*- tablegen -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

def LowerStages : Pass<"dale-lower-stages", "::mlir::ModuleOp"> {
  let summary = "stages become loops over images, functions become entry points";
  let description = [{
    Every outlined stage becomes a function on memrefs with loops over images: a
    parallel loop over `chunks` parts of the batch, and in each a sequential loop
    over its images. What a stage sums over images is summed in each chunk, and
    then over the chunks, always in the same order: results do not depend on the
    number of threads. Large sums over the chunks are another parallel loop, over
    parts of what is summed, and leave out chunks without images, as there are in
    small batches. Where a stage's sums have more elements than half of the maps of an
    image, and threads share sums out, chunks of small batches have two images at least:
    sums that begin and end for one image would take as long as it does. Still larger
    sums are filled with zeros where a chunk's first image adds to them: the caches
    would not keep zeros until then. Inside of the loops one image is worked on with
    tensors.

    Every function that calls stages becomes an entry point of the executable
    (runtime/CircuitABI.h): arguments are flat buffers, and what lives between
    stages has a place in one workspace, found by the lifetimes of all values.
    `dale.workspace` on the entry point says how large that is. With `reuse-inputs`
    a map that a stage stores may take the place of one that nobody needs behind it:
    where most is stored at a time, and where the stage reads an image's inputs
    before it stores that map. Such stores are marked `dale.last`.

    With powers of two for channels, pixels and images, maps would begin whole pages
    from one another. `apart` shifts each against the next (`dale-plan-scratch`
    says why).
  }];
  let options = [
    Option<"chunks", "chunks", "int64_t", /*default=*/"32",
           "parts of a batch that are summed on their own">,
    Option<"sumParts", "sum-parts", "int64_t", /*default=*/"1",
           "parts of a large sum over chunks that threads share out">,
    Option<"reuseInputs", "reuse-inputs", "bool", /*default=*/"false",
           "store results where inputs were, where most is stored">,
    Option<"apart", "apart", "unsigned", /*default=*/"0",
           "bytes by which a map between stages is shifted against the next">];
  let dependentDialects = [
    "::dale::DaleDialect", "::mlir::arith::ArithDialect",
    "::mlir::bufferization::BufferizationDialect", "::mlir::func::FuncDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::tensor::TensorDialect"];
}

def TensorToLinalg : Pass<"dale-tensor-to-linalg"> {
  let summary = "lowers the tensor ops of one image to linalg";
  let description = [{
    Convolutions, pools and their derivatives become arithmetic on shifted views
    of a padded map, or matrix products; everything else is element-wise or a
    sum. Upstream's fusion, tiling and vectorization do the rest. Constants whose
    elements differ are chosen by index, since GPUs cannot reach arrays of the
    program.

    A regular convolution with stride 1 reads the padded map itself. Others are
    products of patches, which hold all pixels under the kernel for each pixel of
    the result.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect",
    "::mlir::bufferization::BufferizationDialect",
    "::mlir::linalg::LinalgDialect", "::mlir::math::MathDialect",
    "::mlir::memref::MemRefDialect", "::mlir::tensor::TensorDialect"];
}

def CanonicalizeImages : Pass<"dale-canonicalize-images", "::mlir::func::FuncOp"> {
  let summary = "canonicalizes the bodies of loops over images";
  let description = [{
    What upstream's pass does, limited to what is within such a loop. That pass
    also looks at the loop, and for that at all that is in it, as often as
    anything in it changes: with many time steps in a stage it takes most of the
    time that there is nothing but the loop to look at.
  }];
}

def FuseElementwise : Pass<"dale-fuse-elementwise"> {
  let summary = "fuses element-wise ops of one image into their consumers";
  let description = [{
    Upstream's element-wise fusion, wherever the producer is then computed once
    for each of its elements: not into a product, which would compute it again
    for every channel. What only reads, as a broadcast does, is fused into all of
    its consumers.
  }];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
}

def PlaceParts : Pass<"dale-place-parts"> {
  let summary = "computes a part of a tensor where it is inserted";
  let description = [{
    An element-wise op whose result is inserted into another tensor, as the inside
    of a padded map is, computes it there, and who else reads the result reads it
    there. If something needs it elsewhere, the op gets one more result, the same
    in that place. Nothing is left to be copied.

    So does a product of matrices whose rows are a map's pixels, and what reads a
    map as such a matrix becomes a product that reads it where it is. Such a
    product gets a loop over rows of pixels, and one over the pixels of a row,
    since these do not lie side by side any more.
  }];
  let options = [
    Option<"minColumns", "min-columns", "int64_t", /*default=*/"8",
           "pixels of a row from which on a product computes row by row">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numPlaced", "placed", "Number of copies avoided">];
}

def FuseWidening : Pass<"dale-fuse-widening", "::mlir::func::FuncOp"> {
  let summary = "narrow numbers become wide where they are used";
  let description = [{
    A map in bf16 (`dale-round-maps`) is widened to f32 before anything is computed
    of it, by an op that would write all of it to memory once more. Instead each op
    that reads it widens the numbers that it loads, and views and margins are those
    of the map in bf16.

    Tensor cores multiply bf16. A CPU that multiplies f32 would widen a factor once
    for each tile of the other one: there, with `products=false`, products read a
    widened map as before.
  }];
  let options = [
    Option<"products", "products", "bool", /*default=*/"true",
           "products widen what they read, too">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numFused", "fused", "Number of operands that are widened where they are read">];
}

def FuseMultiOutput : Pass<"dale-fuse-multi-output"> {
  let summary = "fuses ops that share maps into ones with several results";
  let description = [{
    Ops that go over the same loops and read the same maps, as the depthwise
    convolutions of one source for each of its targets do, or the gradients of
    their kernels, become one op that has the results of both: what they share is
    loaded once. So does an op that reads what another computes: it need not be
    loaded at all.

    The fused op is where the first of them was, if all else that the second needs
    is there already, or else where the second was, if nothing needs the first
    before. Results that nobody needs any more are dropped.

    With `fuse-sums`, sums over a map become one with what computes it, or with what
    reads it too: elements of maps and sums are then results of one op, whose loops
    over pixels sum. That is for one thread: what sums is not shared out.
  }];
  let options = [
    Option<"maxOperands", "max-operands", "unsigned", /*default=*/"40",
           "operands that an op with the results of two may have at most">,
    Option<"fuseSums", "fuse-sums", "bool", /*default=*/"false",
           "fuse sums over a map with what computes it">];
  let dependentDialects = ["::mlir::linalg::LinalgDialect"];
  let statistics = [
    Statistic<"numFused", "fused", "Number of ops fused">];
}

def OutlineKernels : Pass<"dale-outline-kernels", "::mlir::ModuleOp"> {
  let summary = "makes a function of every linalg op, one for all equal ops";
  let description = [{
    A step is made of few different ops, done over and over: each becomes a
    kernel, a function on memrefs that holds the op on tensors, to be tiled and
    vectorized once. Code size and compile time then grow with the number of
    different ops, and not with projections or time steps. What an op's output is
    filled with just before goes into its kernel: it starts from a number then. So
    does what is copied to its output: it starts from what would be copied.
    Where inputs are several views of one memref, as the windows of a
    convolution, the kernel takes that one and views it itself.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::func::FuncDialect",
                           "::mlir::linalg::LinalgDialect",
                           "::mlir::memref::MemRefDialect",
                           "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numOps", "ops", "Number of linalg ops">,
    Statistic<"numKernels", "kernels", "Number of different ones">];
}

def PlaceResults : Pass<"dale-place-results", "::mlir::ModuleOp"> {
  let summary = "computes what a stage stores in the place where it is stored";
  let description = [{
    Where the op that computes a stored value starts from an empty or a filled
    tensor, that tensor becomes the destination itself, and no copy is left to
    make. Unlike upstream's elimination of empty tensors this never lets two
    results start in one place.
  }];
  let dependentDialects = ["::mlir::arith::ArithDialect",
                           "::mlir::bufferization::BufferizationDialect",
                           "::mlir::linalg::LinalgDialect"];
  let statistics = [
    Statistic<"numPlaced", "results-placed", "Number of copies avoided">];
}

def Bufferize : Pass<"dale-bufferize", "::mlir::func::FuncOp"> {
  let summary = "upstream's one-shot bufferization, one function at a time";
  let description = [{
    No tensor crosses a function's boundary here, so functions need no analysis
    together, and are bufferized in parallel. Ops that start from equal initial
    values, such as a tensor of zeros, get one each, which is filled and not copied.
  }];
  let dependentDialects = ["::mlir::bufferization::BufferizationDialect",
                           "::mlir::memref::MemRefDialect"];
}

def ElideCopies : Pass<"dale-elide-copies", "::mlir::func::FuncOp"> {
  let summary = "works where a copy would be taken from and brought back to";
  let description = [{
    An op that updates several parts of one tensor, such as the entries of a
    kernel's gradient, works on copies of all but one of them after bufferization,
    which sees that they are of one buffer, but not that they are apart. Where
    nothing else reads or writes a part between the copies, there is no need of
    them; nor is there of a copy of what nobody reads or writes afterwards.
  }];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
  let statistics = [
    Statistic<"numElided", "elided", "Number of allocations without which it goes">];
}

def TileAndVectorize : Pass<"dale-tile-and-vectorize", "::mlir::func::FuncOp"> {
  let summary = "tiles linalg ops to registers and vectorizes them";
  let description = [{
    Tiles every linalg op, while it still works on tensors, so that one tile's
    operands fit the vector registers, and vectorizes the tiles. Reductions are
    tiled by one: their accumulators are then loop-carried values, and stay in
    registers. Tile sizes follow from the width and the number of the target's
    vector registers. What an op starts from, if it was filled, is a constant.
    An op of many maps waits for these and not for its registers: its tiles are
    long pieces of rows, unless it has still more factors of channels, as
    several depthwise convolutions have.

    A product that adds to what is there, and whose factors do not fit the
    second-level cache, takes its terms in blocks: as many as its share of the
    first-level cache has room for rows of the right factor. All tiles then find
    them there.

    With `threads` the tiles are iterations of one `scf.forall`, in the order of
    memory and small enough that there are many: a GPU has a thread for each, and
    each takes several terms of a sum at once, to have loads under way. Where there
    are more tiles than threads, and an op has more factors of channels than maps,
    a tile is up to four pixels of a row, for which these are loaded once.
  }];
  let options = [
    Option<"vectorBits", "vector-bits", "int64_t", /*default=*/"512",
           "width of a vector register in bits">,
    Option<"numRegisters", "num-registers", "int64_t", /*default=*/"32",
           "number of vector registers">,
    Option<"manyMaps", "many-maps", "int64_t", /*default=*/"7",
           "maps from which on an op waits for them">,
    Option<"cacheBytes", "cache-bytes", "int64_t",
           /*default=*/"::dale::usualCacheBytes",
           "bytes of the first-level cache">,
    Option<"secondCacheBytes", "second-cache-bytes", "int64_t",
           /*default=*/"::dale::usualSecondCacheBytes",
           "bytes of the second-level cache">,
    Option<"threads", "threads", "int64_t", /*default=*/"0",
           "threads that share out the tiles; 0: they come one after the other">];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}

def LowerVectors : Pass<"dale-lower-vectors"> {
  let summary = "lowers vectors to what the target's registers hold";
  let description = [{
    Contractions become outer products, vectors of higher rank rows of one
    register's width; exp, tanh and log become polynomials (upstream's). Multiplies
    and adds may be contracted to fused multiply-adds.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::math::MathDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}
