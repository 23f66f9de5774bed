//===- TileAndVectorize.cpp - Register tiles and vectors -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Epilogues.h"
#include "compiler/lower/ImageLoops.h"
#include "compiler/lower/Passes.h"
#include "compiler/lower/Products.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Transforms/TileUsingInterface.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/Dialect/Vector/Transforms/LoweringPatterns.h"
#include "mlir/Dialect/Vector/Transforms/VectorRewritePatterns.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/LoopInvariantCodeMotionUtils.h"

namespace dale {
#define GEN_PASS_DEF_TILEANDVECTORIZE
#include "compiler/lower/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

/// The largest divisor of `size` that is not larger than `limit`: tiles of one
/// size need neither masks nor remainder loops.
int64_t tileOf(int64_t size, int64_t limit) {
  for (int64_t tile = std::min(size, limit); tile > 1; --tile)
    if (size % tile == 0)
      return tile;
  return 1;
}

/// How one op is tiled: the parallel loops first, in `order` unless they are
/// distributed, then the reductions within a tile.
struct Tiling {
  SmallVector<int64_t> parallel;
  SmallVector<int64_t> order;
  SmallVector<int64_t> reduction;
};

/// The innermost tile of an op, and those of the products whose epilogue it is.
struct Tiled {
  linalg::LinalgOp op;
  SmallVector<linalg::LinalgOp> products;
};

struct TileAndVectorizePass
    : dale::impl::TileAndVectorizeBase<TileAndVectorizePass> {
  using TileAndVectorizeBase::TileAndVectorizeBase;

  void runOnOperation() override;

private:
  /// Whether threads share out the tiles.
  bool distribute() const { return threads > 0; }
  Tiling getTiling(linalg::LinalgOp op) const;
  Tiling getProductTiling(ArrayRef<int64_t> sizes, const ProductLoops &loops,
                          int64_t lanes) const;
  SmallVector<int64_t> getTermBlocks(linalg::LinalgOp op) const;
  FailureOr<Tiled> tile(IRRewriter &rewriter, linalg::LinalgOp op) const;
  FailureOr<Tiled> tileEpilogue(IRRewriter &rewriter,
                                linalg::LinalgOp op) const;
  FailureOr<linalg::LinalgOp> tileTerms(IRRewriter &rewriter,
                                        linalg::LinalgOp tile) const;
  FailureOr<linalg::LinalgOp> tileRest(IRRewriter &rewriter,
                                       linalg::LinalgOp tile,
                                       const Tiling &tiling) const;
  std::pair<ArrayRef<int64_t>, scf::SCFTilingOptions::LoopType>
  getLoops(const Tiling &tiling) const;
};

} // namespace

/// A product of pairs of bf16: the last loop goes over the two terms of a pair.
static bool isProductOfPairs(linalg::LinalgOp op) {
  std::optional<ProductLoops> loops = matchProductLoops(op);
  return loops && getElementTypeOrSelf(op->getOperand(0)).isBF16() &&
         op.getStaticLoopRanges()[loops->terms.back()] == 2;
}

/// The loops of a tile of a product: one of each kind, and that over a pair.
static SmallVector<unsigned> getTileLoops(linalg::LinalgOp op) {
  ProductLoops loops = *matchProductLoops(op);
  SmallVector<unsigned> kept = loops.getInnermost();
  if (isProductOfPairs(op))
    kept.push_back(*std::prev(loops.terms.end(), 2));
  return kept;
}

Tiling TileAndVectorizePass::getProductTiling(ArrayRef<int64_t> sizes,
                                              const ProductLoops &loops,
                                              int64_t lanes) const {
  // Rows × columns of accumulators, each of which takes a register; a few are
  // needed for a row of the right operand and an element of the left. Threads
  // beside each other have columns beside each other, of one vector: what they
  // load at a time has no gaps.
  int64_t numRows = sizes[loops.rows.back()];
  int64_t numColumns = sizes[loops.columns.back()];
  int64_t columns =
      numColumns % lanes
          ? tileOf(numColumns, 2 * lanes)
          : tileOf(numColumns / lanes, distribute() ? 1 : 2) * lanes;
  int64_t vectors = llvm::divideCeilSigned(columns, lanes);
  Tiling tiling{SmallVector<int64_t>(sizes.size(), 0),
                {},
                SmallVector<int64_t>(sizes.size(), 0)};
  for (ArrayRef<unsigned> kind :
       {ArrayRef(loops.products), ArrayRef(loops.columns),
        ArrayRef(loops.rows)})
    for (unsigned loop : kind) {
      tiling.parallel[loop] = 1;
      tiling.order.push_back(loop);
    }
  tiling.parallel[loops.columns.back()] = columns;
  tiling.parallel[loops.rows.back()] =
      tileOf(numRows, numRegisters / 2 / vectors);
  for (unsigned loop : loops.terms) {
    tiling.reduction[loop] = 1;
    tiling.order.push_back(loop);
  }
  // A thread on its own loads several terms at once.
  if (distribute())
    tiling.reduction[loops.terms.back()] =
        tileOf(sizes[loops.terms.back()], lanes);
  return tiling;
}

/// The loops from the innermost outwards: in the order in which a map that is
/// written in another order than it is read lies in memory.
static SmallVector<unsigned> getInnermostFirst(linalg::LinalgOp op) {
  SmallVector<unsigned> order;
  AffineMap map = op.getIndexingMapsArray().back();
  for (unsigned loop = 0; loop < op.getNumLoops(); ++loop)
    order.push_back(map.isPermutation() ? map.getDimPosition(loop) : loop);
  std::reverse(order.begin(), order.end());
  return order;
}

/// Operands with channels alone (a kernel, a bias), where there are other
/// loops.
static int64_t countPerChannel(linalg::LinalgOp op) {
  unsigned loops = op.getNumLoops();
  AffineExpr channel = getAffineDimExpr(loops - 1, op.getContext());
  return llvm::count_if(op.getIndexingMapsArray(), [&](AffineMap map) {
    return map.getNumResults() == 1 && loops > 1 && map.getResult(0) == channel;
  });
}

/// Of these, the ones that are sums.
static int64_t countSums(linalg::LinalgOp op) {
  return llvm::count_if(op.getDpsInitsMutable(), [&](OpOperand &init) {
    return op.getMatchingIndexingMap(&init).getNumResults() < op.getNumLoops();
  });
}

/// The maps that an op reads and writes: what it has an element of for each
/// turn. Windows of one map are counted once.
static int64_t countMaps(linalg::LinalgOp op) {
  SmallPtrSet<Value, 16> maps;
  for (OpOperand &operand : op->getOpOperands()) {
    if (op.getMatchingIndexingMap(&operand).getNumResults() < op.getNumLoops())
      continue;
    Value map = operand.get();
    while (auto window = map.getDefiningOp<tensor::ExtractSliceOp>())
      map = window.getSource();
    maps.insert(map);
  }
  return maps.size();
}

/// Whether an op reads at a sum of this loop and others, as one that lays out
/// overlapping pairs does.
static bool isTermOfIndex(linalg::LinalgOp op, unsigned loop) {
  return llvm::any_of(op.getIndexingMapsArray(), [&](AffineMap map) {
    return llvm::any_of(map.getResults(), [&](AffineExpr index) {
      return isa<AffineBinaryOpExpr>(index) && index.isFunctionOfDim(loop);
    });
  });
}

Tiling TileAndVectorizePass::getTiling(linalg::LinalgOp op) const {
  SmallVector<int64_t> sizes = op.getStaticLoopRanges();
  unsigned bits = 32;
  if (getElementTypeOrSelf(op.getDpsInits().front()).isF64())
    bits = 64;
  int64_t lanes = vectorBits / bits;
  if (std::optional<ProductLoops> loops = matchProductLoops(op)) {
    Tiling tiling = getProductTiling(sizes, *loops, lanes);
    if (isProductOfPairs(op))
      tiling.reduction[loops->terms.back()] = 0;
    return tiling;
  }

  unsigned loops = op.getNumLoops();
  SmallVector<utils::IteratorType> iterators = op.getIteratorTypesArray();
  Tiling tiling{
      SmallVector<int64_t>(loops, 0), {}, SmallVector<int64_t>(loops, 0)};
  // Innermost parallel loops fill a few vectors; the fewer, the more operands
  // share the registers. Where there are many maps, an op waits for these: it
  // reads long pieces of their rows, and factors of channels again each time,
  // if those are no more than the maps.
  bool sums = op.getNumReductionLoops() > 0;
  int64_t vectors = distribute() ? 1 : 4;
  int64_t maps = countMaps(op), numSums = countSums(op);
  int64_t factors = countPerChannel(op) - numSums;
  int64_t held = 1 + numSums;
  if (maps < manyMaps || factors > maps)
    held += factors;
  while (vectors > 1 && vectors * held > numRegisters)
    vectors /= 2;
  int64_t budget = lanes * vectors;
  bool innermost = true;
  for (unsigned loop : getInnermostFirst(op)) {
    // Of two loops that index a dimension together, a tile has one.
    if (!innermost && isTermOfIndex(op, loop))
      budget = 1;
    bool parallel = iterators[loop] == utils::IteratorType::parallel;
    if (sums && op.getNumParallelLoops() > 0 && !parallel) {
      // A thread on its own has several loads under way.
      bool first = llvm::all_of(tiling.reduction,
                                [](int64_t tile) { return tile == 0; });
      tiling.reduction[loop] =
          distribute() && first ? tileOf(sizes[loop], 8) : 1;
      continue;
    }
    int64_t tile = 1;
    if (innermost || budget > 1) {
      tile = innermost && sizes[loop] % lanes == 0
                 ? tileOf(sizes[loop] / lanes, budget / lanes) * lanes
                 : tileOf(sizes[loop], budget);
      // A tile that leaves a whole row in pieces of odd size is no vector.
      if (innermost && tile * 2 < lanes && sizes[loop] <= 4 * lanes)
        tile = sizes[loop];
    }
    innermost = false;
    budget /= tile;
    (parallel ? tiling.parallel : tiling.reduction)[loop] = tile;
  }
  // A thread uses what it has loaded of several depthwise kernels for a few
  // pixels of a row, if that leaves work for all threads.
  if (distribute() && factors > maps && loops > 1 &&
      iterators[loops - 2] == utils::IteratorType::parallel) {
    int64_t tiles = 1;
    for (auto [size, tile] : llvm::zip(sizes, tiling.parallel))
      tiles *= size / std::max<int64_t>(1, tile);
    constexpr int64_t mostPixels = 4;
    tiling.parallel[loops - 2] = tileOf(
        sizes[loops - 2], std::clamp<int64_t>(tiles / threads, 1, mostPixels));
  }
  // An operand with channels alone is loaded once where the loop over channels
  // is the outermost.
  for (unsigned loop = 0; loop < loops; ++loop)
    tiling.order.push_back(loop);
  if (countPerChannel(op) > 0)
    std::rotate(tiling.order.begin(), tiling.order.end() - 1,
                tiling.order.end());
  return tiling;
}

/// Whether an op is a start of others: a tensor filled for them, or a copy.
static bool isStart(Operation *op) {
  return isa_and_nonnull<linalg::FillOp, linalg::CopyOp>(op);
}

static bool hasStart(linalg::LinalgOp op) {
  return llvm::any_of(op.getDpsInits(),
                      [](Value init) { return isStart(init.getDefiningOp()); });
}

/// The products that go into an op in registers, in the order of the program.
static SmallVector<linalg::LinalgOp> getAllProducts(linalg::LinalgOp op) {
  SmallVector<linalg::LinalgOp> products;
  for (linalg::LinalgOp end : getEpilogueProducts(op))
    llvm::append_range(products, getChain(end));
  return products;
}

/// The same as upstream's tiling, and what a tile goes on with, its start or
/// products, is made just before it.
static FailureOr<Tiled> tileWithProducers(IRRewriter &rewriter,
                                          linalg::LinalgOp op,
                                          const scf::SCFTilingOptions &tiling) {
  scf::SCFTileAndFuseOptions options;
  options.setTilingOptions(tiling);
  SmallVector<linalg::LinalgOp> products = getAllProducts(op);
  options.setFusionControlFn(
      [&](tensor::ExtractSliceOp, OpResult result,
          bool) -> std::optional<scf::SCFTileAndFuseOptions::ControlFnResult> {
        Operation *producer = result.getOwner();
        if (isStart(producer) || llvm::is_contained(products, producer))
          return scf::SCFTileAndFuseOptions::ControlFnResult{};
        return std::nullopt;
      });
  auto tiled = scf::tileConsumerAndFuseProducersUsingSCF(
      rewriter, cast<TilingInterface>(op.getOperation()), options);
  if (failed(tiled))
    return failure();
  Tiled inner{cast<linalg::LinalgOp>(tiled->tiledAndFusedOps.front()), {}};
  for (Operation *fused : llvm::drop_begin(tiled->tiledAndFusedOps))
    if (!isStart(fused))
      inner.products.push_back(cast<linalg::LinalgOp>(fused));
  SmallVector<Value> replacements;
  for (Value result : op->getResults())
    replacements.push_back(tiled->replacements.lookup(result));
  SmallVector<Operation *> producers;
  for (Value init : op.getDpsInits())
    producers.push_back(init.getDefiningOp());
  for (linalg::LinalgOp product : llvm::reverse(products))
    llvm::append_values(producers, product,
                        product.getDpsInits().front().getDefiningOp());
  rewriter.replaceOp(op, replacements);
  SmallPtrSet<Operation *, 4> erased;
  for (Operation *producer : producers)
    if (producer && !erased.contains(producer) &&
        isa<linalg::LinalgOp>(producer) && producer->use_empty()) {
      erased.insert(producer);
      rewriter.eraseOp(producer);
    }
  return inner;
}

/// Tiles of `sizes`, without the loops that one tile covers; nothing if that is
/// all of them.
static std::optional<scf::SCFTilingOptions>
getTilingOptions(linalg::LinalgOp op, SmallVector<int64_t> sizes,
                 ArrayRef<int64_t> order,
                 scf::SCFTilingOptions::LoopType loopType) {
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  for (auto [size, range] : llvm::zip(sizes, ranges))
    if (size == range)
      size = 0;
  if (llvm::all_of(sizes, [](int64_t size) { return size == 0; }))
    return std::nullopt;
  scf::SCFTilingOptions options;
  options.setTileSizes(getAsIndexOpFoldResult(op.getContext(), sizes));
  options.setLoopType(loopType);
  if (!order.empty())
    options.setInterchange(order);
  return options;
}

static bool hasParallelTiles(linalg::LinalgOp op, ArrayRef<int64_t> sizes) {
  for (auto [size, range, iterator] :
       llvm::zip(sizes, op.getStaticLoopRanges(), op.getIteratorTypesArray()))
    if (size != 0 && size != range && iterator == utils::IteratorType::parallel)
      return true;
  return false;
}

static FailureOr<linalg::LinalgOp>
tileBy(IRRewriter &rewriter, linalg::LinalgOp op, SmallVector<int64_t> sizes,
       ArrayRef<int64_t> order,
       scf::SCFTilingOptions::LoopType loopType =
           scf::SCFTilingOptions::LoopType::ForOp) {
  auto options = getTilingOptions(op, sizes, order, loopType);
  if (!options)
    return op;
  rewriter.setInsertionPoint(op);
  if (hasStart(op) && hasParallelTiles(op, sizes)) {
    auto tiled = tileWithProducers(rewriter, op, *options);
    if (failed(tiled))
      return failure();
    return tiled->op;
  }
  auto tiled = scf::tileUsingSCF(
      rewriter, cast<TilingInterface>(op.getOperation()), *options);
  if (failed(tiled))
    return failure();
  if (op->getNumResults())
    rewriter.replaceOp(op, tiled->replacements);
  else
    rewriter.eraseOp(op);
  return cast<linalg::LinalgOp>(tiled->tiledOps.front());
}

/// Bytes of an operand of an op.
static int64_t getBytes(const OpOperand *operand) {
  auto type = cast<ShapedType>(operand->get().getType());
  return type.getNumElements() * type.getElementTypeBitWidth() / 8;
}

/// The sizes of blocks of terms that a product is cut into, as in Goto and van
/// de Geijn, "Anatomy of High-Performance Matrix Multiplication" (2008),
/// section 4; all zero where the whole product is one block. A block's rows of
/// the right factor stay in the first cache for all tiles: those are as many as
/// fit if whole rows took room, since the pieces of rows that a tile reads lie
/// in a part of the cache's sets.
SmallVector<int64_t>
TileAndVectorizePass::getTermBlocks(linalg::LinalgOp op) const {
  SmallVector<int64_t> blocks(op.getNumLoops(), 0);
  std::optional<ProductLoops> loops = matchProductLoops(op);
  // What starts from zeros has them in registers, for all of its terms.
  if (!loops || distribute() || hasStart(op))
    return blocks;
  int64_t rightBytes = getBytes(op.getDpsInputOperand(1));
  if (getBytes(op.getDpsInputOperand(0)) + rightBytes <= secondCacheBytes)
    return blocks;
  SmallVector<int64_t> ranges = op.getStaticLoopRanges();
  int64_t numTerms = 1;
  for (unsigned loop : loops->terms)
    numTerms *= ranges[loop];
  // Sums are read and written once a block.
  constexpr int64_t fewTerms = 64;
  int64_t terms =
      std::max(fewTerms, getFactorShare(cacheBytes) /
                             std::max<int64_t>(1, rightBytes / numTerms));
  for (unsigned loop : llvm::reverse(loops->terms)) {
    blocks[loop] = tileOf(ranges[loop], terms);
    terms = blocks[loop] == ranges[loop] ? terms / ranges[loop] : 1;
  }
  return blocks;
}

/// Tiles the sums of a tile of a product with many loops, and makes that a
/// product with the loops of a tile. What it starts from loses its unit
/// dimensions before the loops over terms, which carry it in registers.
FailureOr<linalg::LinalgOp>
TileAndVectorizePass::tileTerms(IRRewriter &rewriter,
                                linalg::LinalgOp tile) const {
  ProductLoops loops = *matchProductLoops(tile);
  SmallVector<unsigned> keep = loops.getInnermost();
  llvm::append_range(keep, loops.terms);
  linalg::LinalgOp narrow = dropUnitLoops(rewriter, tile, keep);
  auto inner = tileBy(rewriter, narrow, getTiling(narrow).reduction, {});
  if (failed(inner))
    return failure();
  return cast<linalg::LinalgOp>(
      dropUnitLoops(rewriter, *inner, getTileLoops(*inner)).getOperation());
}

/// Tiles what is left of an op's loops behind its parallel ones.
FailureOr<linalg::LinalgOp>
TileAndVectorizePass::tileRest(IRRewriter &rewriter, linalg::LinalgOp tile,
                               const Tiling &tiling) const {
  if (matchProductLoops(tile) && tile.getNumLoops() > getTileLoops(tile).size())
    return tileTerms(rewriter, tile);
  auto isTerm = [&](unsigned loop) { return isTermOfIndex(tile, loop); };
  if (llvm::any_of(llvm::seq(tile.getNumLoops()), isTerm))
    return cast<linalg::LinalgOp>(
        dropUnitLoops(rewriter, tile, {}).getOperation());
  return tileBy(rewriter, tile, tiling.reduction, {});
}

/// Distributed tiles are taken in the order of memory, so that threads beside
/// each other read and write beside each other.
std::pair<ArrayRef<int64_t>, scf::SCFTilingOptions::LoopType>
TileAndVectorizePass::getLoops(const Tiling &tiling) const {
  using LoopType = scf::SCFTilingOptions::LoopType;
  if (distribute())
    return {{}, LoopType::ForallOp};
  return {tiling.order, LoopType::ForOp};
}

FailureOr<Tiled> TileAndVectorizePass::tile(IRRewriter &rewriter,
                                            linalg::LinalgOp whole) const {
  if (!getEpilogueProducts(whole).empty())
    return tileEpilogue(rewriter, whole);
  auto block = tileBy(rewriter, whole, getTermBlocks(whole), {});
  if (failed(block))
    return failure();
  Tiling tiling = getTiling(*block);
  auto [order, loopType] = getLoops(tiling);
  auto tiled = tileBy(rewriter, *block, tiling.parallel, order, loopType);
  if (failed(tiled))
    return failure();
  auto rest = tileRest(rewriter, *tiled, tiling);
  if (failed(rest))
    return failure();
  return Tiled{*rest, {}};
}

/// Tiles an epilogue as its first product would be, and the products. A tile
/// has the rows and columns of the product's, and no other loops.
FailureOr<Tiled> TileAndVectorizePass::tileEpilogue(IRRewriter &rewriter,
                                                    linalg::LinalgOp op) const {
  linalg::LinalgOp product = getEpilogueProducts(op).front();
  DenseMap<unsigned, unsigned> loops = matchEpilogueLoops(op, product);
  SmallVector<unsigned> keep;
  for (unsigned loop : getTileLoops(product))
    if (loops.contains(loop))
      keep.push_back(loops[loop]);
  Tiling ofProduct = getTiling(product);
  Tiling tiling{SmallVector<int64_t>(op.getNumLoops(), 0), {}, {}};
  for (int64_t loop : ofProduct.order)
    if (loops.contains(loop)) {
      tiling.parallel[loops[loop]] = ofProduct.parallel[loop];
      tiling.order.push_back(loops[loop]);
    }

  Tiled tiled{op, getAllProducts(op)};
  auto [order, loopType] = getLoops(tiling);
  if (auto options = getTilingOptions(op, tiling.parallel, order, loopType)) {
    rewriter.setInsertionPoint(op);
    auto tiles = tileWithProducers(rewriter, op, *options);
    if (failed(tiles))
      return failure();
    tiled = *tiles;
  }
  for (linalg::LinalgOp &tile : tiled.products) {
    auto rest = tileRest(rewriter, tile, getTiling(tile));
    if (failed(rest))
      return failure();
    tile = *rest;
  }
  tiled.op = cast<linalg::LinalgOp>(
      dropUnitLoops(rewriter, tiled.op, keep).getOperation());
  return tiled;
}

/// Ops that read at computed places, or have nothing to vectorize.
static bool isScalarOp(linalg::LinalgOp op) {
  if (op.getNumLoops() == 0 || op.hasDynamicShape())
    return true;
  return op
      ->walk([](Operation *inner) {
        return isa<tensor::ExtractOp, memref::LoadOp, linalg::IndexOp>(inner)
                   ? WalkResult::interrupt()
                   : WalkResult::advance();
      })
      .wasInterrupted();
}

/// An element for each thread.
static LogicalResult distributeScalarOp(IRRewriter &rewriter,
                                        linalg::LinalgOp op) {
  if (op.getNumParallelLoops() == 0)
    return success();
  SmallVector<int64_t> sizes;
  for (utils::IteratorType iterator : op.getIteratorTypesArray())
    sizes.push_back(iterator == utils::IteratorType::parallel);
  if (failed(tileBy(rewriter, op, sizes, {},
                    scf::SCFTilingOptions::LoopType::ForallOp)))
    return op->emitOpError("cannot be tiled");
  return success();
}

/// The tiles that ops start from.
static LogicalResult vectorizeStarts(IRRewriter &rewriter,
                                     func::FuncOp function) {
  SmallVector<linalg::LinalgOp> starts;
  function.walk([&](linalg::LinalgOp op) {
    if (isStart(op) && op.hasPureTensorSemantics())
      starts.push_back(op);
  });
  for (linalg::LinalgOp op : starts) {
    rewriter.setInsertionPoint(op);
    auto result = linalg::vectorize(rewriter, op);
    if (failed(result))
      return op.emitOpError("cannot be vectorized");
    rewriter.replaceOp(op, result->replacements);
  }
  return success();
}

/// Whether a loop goes over tiles, and not over the images of a stage: what is
/// the same for all images stays where it is, close to where it is used.
static bool isTileLoop(LoopLikeOpInterface loop) {
  return isa<scf::ForOp>(loop) && !isImageLoop(loop);
}

/// Loads what does not change before a loop, and carries accumulators through
/// it in registers.
static void hoist(IRRewriter &rewriter, func::FuncOp function) {
  SmallVector<LoopLikeOpInterface> loops;
  function.walk([&](LoopLikeOpInterface loop) {
    if (isTileLoop(loop))
      loops.push_back(loop);
  });
  for (LoopLikeOpInterface loop : loops) // innermost first
    moveLoopInvariantCode(loop);
  for (LoopLikeOpInterface loop : loops)
    (void)hoistLoopInvariantSubsets(rewriter, loop);
}

void TileAndVectorizePass::runOnOperation() {
  func::FuncOp function = getOperation();
  if (vectorBits < 64 || numRegisters < 1) {
    function.emitError("vector-bits must be 64 at least, num-registers 1");
    return signalPassFailure();
  }
  IRRewriter rewriter(&getContext());
  SmallVector<linalg::LinalgOp> ops, scalars, products, others;
  auto startsOthers = [](linalg::LinalgOp op) {
    return isStart(op) && !op->use_empty() &&
           llvm::all_of(op->getUses(), [](OpOperand &use) {
             auto user = dyn_cast<linalg::LinalgOp>(use.getOwner());
             return user && user.isDpsInit(&use);
           });
  };
  WalkResult generalized = function.walk([&](linalg::Conv2DNhwcHwcfOp op) {
    rewriter.setInsertionPoint(op);
    return WalkResult(linalg::generalizeNamedOp(rewriter, op));
  });
  if (generalized.wasInterrupted())
    return signalPassFailure();
  function.walk([&](linalg::LinalgOp op) {
    // What an op starts from or goes on with is tiled with it.
    if (startsOthers(op) || getEpilogue(op))
      return;
    (isScalarOp(op) ? scalars : ops).push_back(op);
  });
  if (distribute())
    for (linalg::LinalgOp op : scalars)
      if (failed(distributeScalarOp(rewriter, op)))
        return signalPassFailure();

  for (linalg::LinalgOp op : ops) {
    auto tiled = tile(rewriter, op);
    if (failed(tiled)) {
      op->emitOpError("cannot be tiled");
      return signalPassFailure();
    }
    (matchProductLoops(tiled->op) ? products : others).push_back(tiled->op);
    llvm::append_range(products, tiled->products);
  }
  auto vectorize = [&](ArrayRef<linalg::LinalgOp> ops) -> LogicalResult {
    for (linalg::LinalgOp op : ops) {
      rewriter.setInsertionPoint(op);
      auto result = linalg::vectorize(rewriter, op);
      if (failed(result))
        return op->emitOpError("cannot be vectorized");
      if (op->getNumResults())
        rewriter.replaceOp(op, result->replacements);
      else
        rewriter.eraseOp(op);
    }
    return success();
  };

  // Products become contractions, which later become outer products with the
  // accumulators in registers.
  if (failed(vectorize(products)))
    return signalPassFailure();
  RewritePatternSet toContract(&getContext());
  vector::populateVectorReductionToContractPatterns(toContract);
  vector::populateFoldArithExtensionPatterns(toContract);
  // The broadcasts of transfers fold into the contraction's maps.
  vector::populateVectorTransferPermutationMapLoweringPatterns(toContract);
  if (failed(applyPatternsGreedily(function, std::move(toContract))))
    return signalPassFailure();

  if (failed(vectorize(others)) || failed(vectorizeStarts(rewriter, function)))
    return signalPassFailure();
  RewritePatternSet cleanup(&getContext());
  vector::populateVectorTransferPermutationMapLoweringPatterns(cleanup);
  vector::TransferReadOp::getCanonicalizationPatterns(cleanup, &getContext());
  vector::TransferWriteOp::getCanonicalizationPatterns(cleanup, &getContext());
  vector::MultiDimReductionOp::getCanonicalizationPatterns(cleanup,
                                                           &getContext());
  tensor::populateFoldTensorSubsetIntoVectorTransferPatterns(cleanup);
  if (failed(applyPatternsGreedily(function, std::move(cleanup))))
    return signalPassFailure();
  hoist(rewriter, function);
}
