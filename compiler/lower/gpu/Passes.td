//===- Passes.td - Lowering to GPUs -*- tablegen -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

include "mlir/Pass/PassBase.td"

defvar imageBlocksValues = [{::llvm::cl::values(
  clEnumValN(::dale::ImageBlocks::Auto, "auto", "by the size of maps"),
  clEnumValN(::dale::ImageBlocks::One, "one", "one alone"),
  clEnumValN(::dale::ImageBlocks::Several, "several",
             "as many as there are for each image"))}];

defvar precisionValues = [{::llvm::cl::values(
  clEnumValN(::dale::Precision::F32, "f32", "not rounded"),
  clEnumValN(::dale::Precision::TF32, "tf32", "10 bits of mantissa"),
  clEnumValN(::dale::Precision::BF16, "bf16", "7 bits of mantissa"))}];

def RoundWeights : Pass<"dale-round-weights"> {
  let summary = "weights of products are rounded to bf16 once";
  let description = [{
    Weights that a stage which runs once gives to products on tensor cores
    (`dale-map-to-tensor-cores`), which would round them wherever they read them, are
    rounded by that stage: results are the same, of half the bytes. They are
    transposed, too, since of the right factor a thread needs terms of a sum in pairs:
    these lie beside each other then.
  }];
  let dependentDialects = ["::dale::DaleDialect", "::mlir::arith::ArithDialect"];
  let statistics = [Statistic<"numRounded", "rounded", "Number of rounded weights">];
}

def RoundFactors : Pass<"dale-round-factors", "::mlir::func::FuncOp"> {
  let summary = "what products read is kept in bf16";
  let description = [{
    Tensor cores multiply numbers of bf16 (`dale-map-to-tensor-cores`). A map that
    products which they compute read, and an element-wise op of the same function
    computes, is kept in bf16 for them, rounded by an op of its own
    (`dale-fuse-elementwise` and `dale-fuse-multi-output` make it one with what computes
    the map): results are the same, for half the bytes, and products read a map several
    times. Where others read it as well, it is in memory in f32, too.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numFactors", "factors", "Number of rounded maps">];
}

def ExpandProducts : Pass<"dale-expand-products", "::mlir::func::FuncOp"> {
  let summary = "products have the loops of the op that goes on with them";
  let description = [{
    A product of matrices whose rows are a map's pixels, and whose result one
    element-wise op alone reads, gets a loop over rows of pixels and one over the
    pixels of a row, as that op has: the two can be one kernel then
    (`dale-fuse-epilogues`).
  }];
  let dependentDialects = [
    "::mlir::linalg::LinalgDialect", "::mlir::tensor::TensorDialect"];
  let statistics = [
    Statistic<"numExpanded", "expanded", "Number of products with more loops">];
}

def SplitSums : Pass<"dale-split-sums", "::mlir::func::FuncOp"> {
  let summary = "sums with few results get more of them, and a sum of these";
  let description = [{
    A sum over an image with a result for each channel, such as a batch norm's or a
    kernel's gradient, keeps as many threads busy as it has results, four to a
    thread. Where those are fewer than a block has threads, each row of the image
    gets a sum of its own, and a second op adds these up. So does a part of what is
    summed to one number, as the squares of all parameters. The order in which
    numbers are added is fixed still.
  }];
  let options = [
    Option<"threads", "threads", "int64_t", /*default=*/"512",
           "threads of a block, all of which shall have work">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::linalg::LinalgDialect",
    "::mlir::tensor::TensorDialect"];
  let statistics = [Statistic<"numSplit", "split", "Number of ops that were split">];
}

def DropMargins : Pass<"dale-drop-margins", "::mlir::func::FuncOp"> {
  let summary = "maps have no margins in memory where their readers can look";
  let description = [{
    A convolution reads a map with a margin of zeros: a buffer that is filled, and
    then written to in its inside. It becomes the inside alone, and a `dale.padded`
    of it, which element-wise ops and depthwise convolutions read: their kernels look
    where the map ends (`dale-guard-margins`). Memory shrinks, and nothing is filled.
    Where a product reads into the margin, all stays as it is.

    What is then only a copy of another stage's map, and read by `copied-reads` ops
    at most, is no more: they read that map. With more of them it is worth to have a
    copy in shared memory.
  }];
  let options = [
    Option<"copiedReads", "copied-reads", "int64_t", /*default=*/"2",
           "ops up to which what would be copied is read where it is">];
  let dependentDialects = ["::dale::DaleDialect", "::mlir::memref::MemRefDialect"];
  let statistics = [
    Statistic<"numMaps", "maps", "Number of maps without margins">,
    Statistic<"numCopies", "copies", "Number of copies less">];
}

def GuardMargins : Pass<"dale-guard-margins", "::mlir::func::FuncOp"> {
  let summary = "reads of padded tensors look where the tensor ends";
  let description = [{
    A vector read from a `tensor.pad` is read from what is padded, at the closest
    position that there is, and a `select` takes the padding where that is another
    one. No thread branches. Every vector must lie either inside or in the margin; of
    one that goes over several positions each is looked at alone.
  }];
  let dependentDialects = [
    "::mlir::affine::AffineDialect", "::mlir::arith::ArithDialect",
    "::mlir::vector::VectorDialect"];
}

def FuseEpilogues : Pass<"dale-fuse-epilogues", "::mlir::func::FuncOp"> {
  let summary = "an element-wise op goes on with products in registers";
  let description = [{
    What products compute for one element-wise op alone needs no memory, and no
    barrier: a thread that has computed a tile of it goes on with that. The products
    are moved to the op, and their sums become a `memref.alloca`, which stands for
    registers: who uses one is one kernel (`dale-schedule-levels`,
    `dale-outline-kernels`). An op goes on with as many sums as registers allow.

    This needs loops that agree (`dale-expand-products`), and an op that does not
    write to what the products read: other threads still do.

    ```mlir
    %registers = memref.alloca() : memref<1x16x16x64xf32>
    linalg.fill ins(%zero : f32) outs(%registers : memref<1x16x16x64xf32>)
    linalg.generic ... ins(%map, %weights : ...) outs(%registers : ...)
    linalg.generic ... ins(%registers, %gate : ...) outs(%result : ...)
    ```
  }];
  let options = [
    Option<"sums", "sums", "unsigned", /*default=*/"2",
           "sums of products that an op goes on with at most">];
  let dependentDialects = [
    "::mlir::linalg::LinalgDialect", "::mlir::memref::MemRefDialect"];
  let statistics = [
    Statistic<"numFused", "fused", "Number of products in other ops' kernels">];
}

def ScheduleLevels : Pass<"dale-schedule-levels", "::mlir::func::FuncOp"> {
  let summary = "orders what a block does for an image into few levels";
  let description = [{
    All threads of a block work on an op together, and wait for each other between
    two ops of which one reads or writes what the other writes. What needs no such
    barrier is a *level*. A level begins what its predecessors allow, as long as the
    maps that are needed at the time take no more than `bytes`: the more of them, the
    fewer levels, and the more maps have no place in shared memory. An op that could
    be in several levels is where the memory that it uses is needed for the shortest
    time. A `gpu.barrier` stands between two levels. Where several blocks work on an
    image (`dale-plan-block-memory`), nothing has to wait for memory.

    This comes before memory is planned: a place that is used again within a level
    would make two of it. Loops over images that do more than call linalg ops on
    buffers are left alone.
  }];
  let options = [
    Option<"bytes", "bytes", "int64_t", /*default=*/"786432",
           "bytes that the maps of a block take before an op has to wait">,
    Option<"sharedBytes", "shared-bytes", "int64_t", /*default=*/"232448",
           "bytes of shared memory that a block may use">,
    Option<"imageBlocks", "image-blocks", "::dale::ImageBlocks",
           /*default=*/"::dale::ImageBlocks::Auto",
           "how many blocks work on an image", imageBlocksValues>];
  let dependentDialects = [
    "::mlir::gpu::GPUDialect", "::mlir::linalg::LinalgDialect"];
  let statistics = [Statistic<"numLevels", "levels", "Number of levels">];
}

def PadRows : Pass<"dale-pad-rows", "::mlir::func::FuncOp"> {
  let summary = "rows of factors begin at different banks of shared memory";
  let description = [{
    For a product of matrices on tensor cores (`dale-map-to-tensor-cores`) a warp reads
    several rows of a map at a time. Rows that are a multiple of 128 bytes long all begin
    at the same of the 32 banks of shared memory, which then takes turns. Maps that such
    products read get rows that are 32 bytes longer, as much as is read of one at a time.
  }];
  let options = [
    Option<"precision", "precision", "::dale::Precision",
           /*default=*/"::dale::Precision::TF32",
           "what factors are rounded to", precisionValues>,
    Option<"sharedBytes", "shared-bytes", "int64_t", /*default=*/"232448",
           "bytes of shared memory that a block may use">,
    Option<"imageBlocks", "image-blocks", "::dale::ImageBlocks",
           /*default=*/"::dale::ImageBlocks::Auto",
           "how many blocks work on an image", imageBlocksValues>];
  let dependentDialects = ["::mlir::memref::MemRefDialect"];
  let statistics = [Statistic<"numPadded", "padded", "Number of maps with longer rows">];
}

def PlanBlockMemory : Pass<"dale-plan-block-memory", "::mlir::ModuleOp"> {
  let summary = "gives a stage's intermediate maps places in a block's memory";
  let description = [{
    A block of threads works on one image at a time, alone or with others
    (`image-blocks`). Where it is alone, allocations in the loop over
    images become views of the block's shared memory, at offsets found by their
    lifetimes: first those that move most bytes for the room and the time that they
    take. The others go to the block's part of the workspace. Allocations outside of
    that loop, of stages that run once, go to the workspace's scratch memory, for all
    blocks to see.

    GPUs have different amounts of shared memory: `shared-bytes` has several, in
    ascending order. All have the first. What lies behind it is in shared memory where
    a block has been given so much (`dale.shared_bytes`), and in its part of the
    workspace otherwise.

    Several blocks have no shared memory in common: all maps of their image are in
    their part of the workspace, and the entry point has `dale.teams`. Unless it is
    said, that is so where a map is larger than the shared memory of a block. Images are
    large then, there are few in a batch, and most blocks would have none.

    Of every entry point `dale.workspace` gets `per_block` (bytes, times the
    number of blocks), and its `fixed` grows by what stages that run once need.
    `dale.shared` says how many bytes of shared memory a block must have at least, and
    with how many more it has more of its maps there; `dale.moved`, for each of these,
    how many bytes its ops move for an image in `shared` memory, in the `scratch`
    memory of the workspace, and `elsewhere`: maps of other stages, and parameters.
  }];
  let options = [
    ListOption<"sharedBytes", "shared-bytes", "int64_t",
               "bytes of shared memory that a block may use, ascending">,
    Option<"imageBlocks", "image-blocks", "::dale::ImageBlocks",
           /*default=*/"::dale::ImageBlocks::Auto",
           "how many blocks work on an image", imageBlocksValues>];
  let dependentDialects = [
    "::dale::DaleDialect", "::mlir::arith::ArithDialect",
    "::mlir::func::FuncDialect", "::mlir::gpu::GPUDialect",
    "::mlir::memref::MemRefDialect"];
}

def MapToTensorCores
    : Pass<"dale-map-to-tensor-cores", "::mlir::func::FuncOp"> {
  let summary = "products of matrices become instructions of warps";
  let description = [{
    A product of matrices of f32 becomes an `scf.forall` over tiles that a warp
    computes each, out of `nvgpu.mma.sync`: its factors are rounded to TF32 or
    BF16, if they are not in bf16 already, its sums are f32. A matrix whose rows
    are no multiple of 16, or columns of 8, or whose sum has no multiple of 8 terms
    (16 for BF16), is left alone, as is everything where the precision is `f32`.

    What goes on with a product in registers (`dale-fuse-epilogues`) does so with
    the runs of columns that a lane has.
  }];
  let options = [
    Option<"precision", "precision", "::dale::Precision",
           /*default=*/"::dale::Precision::TF32",
           "what factors are rounded to",
           precisionValues>,
    Option<"warps", "warps", "int64_t", /*default=*/"16",
           "warps of a block, all of which shall have a tile">];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::gpu::GPUDialect",
    "::mlir::nvgpu::NVGPUDialect", "::mlir::scf::SCFDialect",
    "::mlir::tensor::TensorDialect", "::mlir::vector::VectorDialect"];
  let statistics = [
    Statistic<"numProducts", "products", "Number of products on tensor cores">];
}

def UnrollEpilogues : Pass<"dale-unroll-epilogues", "::mlir::func::FuncOp"> {
  let summary = "goes on with a product row by row";
  let description = [{
    What goes on with the tile of a product does so with one row of it after the
    other: each value is computed just before it is used, and few are in registers at
    a time.
  }];
  let dependentDialects = ["::mlir::vector::VectorDialect"];
}

def MapToGpu : Pass<"dale-map-to-gpu", "::mlir::ModuleOp"> {
  let summary = "entry points become GPU kernels, one launch each";
  let description = [{
    Every entry point becomes a `gpu.func` in one `gpu.module`; kernels of linalg
    ops become functions beside it that many threads run together. Each takes two
    more arguments, a thread's number and how many threads there are: a kernel
    within a stage over images is run by the threads of a team, any other by
    all threads of the grid. Its `scf.forall` becomes a loop over this thread's
    iterations, one after another in steps of the number of threads.

    The parallel loop of a stage goes over the teams of the grid: over its blocks, or
    where the entry point has `dale.teams`, over as many teams as the batch has images,
    which share the blocks out among them. A team of several blocks waits by a
    `dale.grid_barrier` of its own. Chunks go to teams in runs such that few images leave
    no team without one.

    Where a kernel reads or writes what another one may still write or read, a
    `gpu.barrier` (within a stage) or a `dale.grid_barrier` (between stages) stands
    between them; accesses to different places, known by base and offset, need none.
    Kernels that need none between them are a level: a function of its own, which
    computes their addresses anew. Those of a whole stage would fill the registers.
    A kernel of a block's level begins with the warps that have least to do in it: their
    first thread is its thread 0.
    Levels between stages that have work for one block at most are done by the
    first block, with barriers of its own in between.

    The `y` of a block says which *replica* it works for: one of several networks
    that are trained side by side. A buffer of the `gpu.func` holds a part for each,
    of as many bytes as the argument's size says, one behind the other; `arrivals`
    too. The `gpu.func` takes its replica's part of each, except of those that
    `dale.common` lists, and all else knows of no other:

    ```mlir
    %replica = gpu.block_id y
    %bytes = memref.dim %parameters, %c0 : memref<?xi8>
    %begin = arith.muli %replica, %bytes : index
    %part = memref.view %parameters[%begin][%bytes] : memref<?xi8> to memref<?xi8>
    ```
  }];
  let options = [
    Option<"threads", "threads", "int64_t", /*default=*/"512",
           "the most threads of a block">];
  let dependentDialects = [
    "::dale::DaleDialect", "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::gpu::GPUDialect", "::mlir::memref::MemRefDialect",
    "::mlir::NVVM::NVVMDialect", "::mlir::scf::SCFDialect"];
  let statistics = [
    Statistic<"numBarriers", "barriers", "Number of barriers of a block">,
    Statistic<"numGridBarriers", "grid-barriers", "Number of barriers of the grid">];
}

def AlignAccesses : Pass<"dale-align-accesses", "::mlir::gpu::GPUModuleOp"> {
  let summary = "finds out which vectors begin at multiples of their size";
  let description = [{
    A GPU moves 16 bytes at once only to and from addresses that are multiples of
    16. Buffers, and places in them, are aligned to more; what a kernel may assume
    of an argument is what the addresses in all calls of it have in common.
    `vector.load` and `vector.store` get the alignment that follows.
  }];
  let dependentDialects = ["::mlir::vector::VectorDialect"];
  let statistics = [
    Statistic<"numAligned", "aligned", "Number of aligned accesses">];
}

def LowerGridBarrier
    : Pass<"dale-lower-grid-barrier", "::mlir::gpu::GPUModuleOp"> {
  let summary = "lowers barriers of the grid to a count in global memory";
  let description = [{
    The first thread of every block adds one to `arrivals` and waits until all
    blocks of its replica have, or of its team: the count only grows, so that it needs
    no reset between two barriers. Fences on both sides make what was written before
    visible behind it. A block that is alone only waits for its own threads.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::gpu::GPUDialect", "::mlir::LLVM::LLVMDialect",
    "::mlir::memref::MemRefDialect", "::mlir::scf::SCFDialect"];
}

def ConvertToNvvm : Pass<"dale-convert-to-nvvm", "::mlir::gpu::GPUModuleOp"> {
  let summary = "converts GPU kernels to the LLVM dialect";
  let description = [{
    Upstream's patterns for all dialects in one conversion. Upstream's own pass,
    `convert-gpu-to-nvvm`, calls CUDA's libdevice for square roots and absolute
    values, and so needs CUDA's toolkit where circuits are compiled; LLVM has
    instructions for them.

    Functions stay functions, for which LLVM is told: each stage's levels
    compute their addresses anew, or they would not fit into registers, and a
    kernel is compiled once, for all who call it. A kernel with few calls is
    inlined into them: a function saves the registers that it needs for its
    caller, in memory.
  }];
  let options = [
    Option<"inlineCalls", "inline-calls", "unsigned", /*default=*/"3",
           "kernels with as many calls at most are inlined">];
  let dependentDialects = [
    "::mlir::LLVM::LLVMDialect", "::mlir::NVVM::NVVMDialect",
    "::mlir::vector::VectorDialect"];
}

def EmulateGpu : Pass<"dale-emulate-gpu", "::mlir::ModuleOp"> {
  let summary = "makes GPU kernels functions that the host can run";
  let description = [{
    The functions of a `gpu.module`, as they are before NVVM, become functions of
    the host that one thread of the emulated device runs (runtime/device/emulated):
    the thread's number, barriers and shared memory are the emulator's, and it is
    told of every access to memory before that happens. An index outside of its
    memref is found here.
  }];
  let dependentDialects = [
    "::mlir::arith::ArithDialect", "::mlir::func::FuncDialect",
    "::mlir::LLVM::LLVMDialect", "::mlir::memref::MemRefDialect",
    "::mlir::scf::SCFDialect", "::mlir::vector::VectorDialect"];
}
