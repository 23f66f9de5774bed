//===- MapToTensorCores.cpp - Products as warps compute them -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/Epilogues.h"
#include "compiler/lower/gpu/Passes.h"
#include "compiler/lower/gpu/WarpProduct.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Bufferization/IR/Bufferization.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/GPU/IR/GPUDialect.h"
#include "mlir/Dialect/Linalg/IR/Linalg.h"
#include "mlir/Dialect/Linalg/Transforms/Transforms.h"
#include "mlir/Dialect/NVGPU/IR/NVGPUDialect.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"

namespace dale {
#define GEN_PASS_DEF_MAPTOTENSORCORES
#include "compiler/lower/gpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

/// Products that are summed in the same registers.
using Chain = std::vector<Product>;

/// Products that a warp computes together. The epilogue, if there is one, goes
/// on with the sums of all chains.
struct Products {
  std::vector<Chain> chains;
  linalg::LinalgOp epilogue;

  /// The op whose result is stored.
  linalg::LinalgOp getLast() const {
    linalg::LinalgOp product = chains.front().back().op;
    return epilogue ? epilogue : product;
  }
};

struct MapToTensorCoresPass
    : dale::impl::MapToTensorCoresBase<MapToTensorCoresPass> {
  using MapToTensorCoresBase::MapToTensorCoresBase;

  void runOnOperation() override;
};

} // namespace

//===----------------------------------------------------------------------===//
// What can be mapped
//===----------------------------------------------------------------------===//

/// The memory that a tensor is a view of.
static TypedValue<MemRefType> getMemory(Value tensor) {
  auto view = tensor.getDefiningOp<bufferization::ToTensorOp>();
  if (!view)
    return {};
  return dyn_cast<TypedValue<MemRefType>>(view.getBuffer());
}

/// Whether a matrix has elements that the instructions take: what is narrower
/// than f32 is the precision of the factors already.
static bool hasRightElements(const Matrix &matrix, bool isFactor,
                             Precision precision) {
  Type element = matrix.memory.getType().getElementType();
  return element.isF32() ||
         (isFactor && element.isBF16() && precision == Precision::BF16);
}

/// The memory that an op's only result is stored in, or one of its results, if
/// nothing else reads that.
static TypedValue<MemRefType> getDestination(Value result) {
  auto store = result.hasOneUse()
                   ? dyn_cast<bufferization::MaterializeInDestinationOp>(
                         *result.user_begin())
                   : nullptr;
  return store ? dyn_cast<TypedValue<MemRefType>>(store.getDest())
               : TypedValue<MemRefType>();
}

static bool isContiguous(TypedValue<MemRefType> memory) {
  return memory.getType().getStridesAndOffset().first.back() == 1;
}

/// Whether what goes on with a product can do so with runs of columns.
static bool canGoOn(linalg::LinalgOp epilogue, const Product &product) {
  AffineExpr along = getAffineDimExpr(
      matchEpilogueLoops(epilogue, product.op)[product.loops.columns.back()],
      epilogue.getContext());
  return llvm::all_of(epilogue.getDpsInitsMutable(), [&](OpOperand &init) {
    TypedValue<MemRefType> memory =
        getDestination(epilogue.getTiedOpResult(&init));
    AffineMap map = epilogue.getMatchingIndexingMap(&init);
    return memory && isContiguous(memory) && map.isPermutation() &&
           map.getResults().back() == along;
  });
}

/// Sets a matrix, if instructions take what is there.
static bool setMatrix(Matrix &matrix, Value tensor, AffineMap map,
                      Precision precision, bool isFactor = false) {
  matrix = {getMemory(tensor), map};
  return matrix.memory && isContiguous(matrix.memory) &&
         hasRightElements(matrix, isFactor, precision);
}

/// A product of matrices in memory, whose columns lie beside each other.
static std::optional<Product> matchFactors(linalg::LinalgOp op,
                                           Precision precision) {
  if (!op.hasPureTensorSemantics())
    return std::nullopt;
  std::optional<MatrixProduct> matched = matchMatrixProduct(op, precision);
  if (!matched)
    return std::nullopt;
  Product product{*matched, op, op.getStaticLoopRanges(), {}, {}, {}, {}, {}};
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  if (!setMatrix(product.a, op->getOperand(0), maps[0], precision, true) ||
      !setMatrix(product.b, op->getOperand(1), maps[1], precision, true))
    return std::nullopt;
  return product;
}

/// Finds out what a product's result is before.
static bool matchStart(Product &product, Precision precision) {
  Value init = product.op.getDpsInits()[0];
  if (auto fill = init.getDefiningOp<linalg::FillOp>()) {
    APFloat value(0.0f);
    if (!matchPattern(fill.getInputs().front(), m_ConstantFloat(&value)))
      return false;
    product.start = value;
    return true;
  }
  if (auto copy = init.getDefiningOp<linalg::CopyOp>())
    init = copy.getInputs().front();
  return setMatrix(product.startMatrix, init,
                   product.op.getIndexingMapsArray()[2], precision);
}

/// Finds out where a product's result is stored.
static bool matchDestination(Product &product, Precision precision) {
  Value init = product.op.getDpsInits()[0];
  while (auto before = init.getDefiningOp<linalg::LinalgOp>())
    init = before.getDpsInits()[0];
  return setMatrix(product.c, init, product.op.getIndexingMapsArray()[2],
                   precision) &&
         getDestination(product.op->getResult(0)) == product.c.memory;
}

/// Whether a lane has the same rows and columns of the results of two products
/// of one kernel.
static bool haveSameLanes(const Product &a, const Product &b) {
  auto inOrder = [](linalg::LinalgOp op, ArrayRef<unsigned> rows) {
    AffineMap result = op.getIndexingMapsArray()[2];
    if (!result.isProjectedPermutation())
      return false;
    for (auto [dimension, loop] : llvm::enumerate(rows))
      if (result.getDimPosition(dimension) != loop)
        return false;
    return true;
  };
  return a.rows == b.rows && a.columns == b.columns &&
         a.rowsAreContiguous == b.rowsAreContiguous &&
         inOrder(a.op, a.loops.rows) && inOrder(b.op, b.loops.rows);
}

/// A product, and all that belongs to it, if all of it can be mapped.
static std::optional<Products> match(linalg::LinalgOp op, Precision precision) {
  Products products{{}, getEpilogue(op)};
  SmallVector<linalg::LinalgOp> ends{op};
  if (products.epilogue)
    ends = getEpilogueProducts(products.epilogue);
  for (linalg::LinalgOp end : ends) {
    Chain &chain = products.chains.emplace_back();
    for (linalg::LinalgOp link : getChain(end)) {
      std::optional<Product> product = matchFactors(link, precision);
      if (!product || (chain.empty() && !matchStart(*product, precision)))
        return std::nullopt;
      chain.push_back(std::move(*product));
    }
    if (products.epilogue ? !canGoOn(products.epilogue, chain.back())
                          : !matchDestination(chain.back(), precision))
      return std::nullopt;
  }
  const Product &first = products.chains.front().front();
  for (const Chain &chain : products.chains)
    for (const Product &product : chain)
      if (&product != &first && !haveSameLanes(first, product))
        return std::nullopt;
  return products;
}

/// The largest tile that leaves work for all warps of a block, and whose sums
/// are no more than a lane has registers for, or the smallest.
static WarpTile chooseTile(const Products &products, int64_t warps) {
  const Product &product = products.chains.front().front();
  constexpr int64_t mostSums = 32 * 32;
  WarpTile best{16, 8};
  for (WarpTile tile :
       {WarpTile{32, 32}, {16, 32}, {32, 16}, {16, 16}, {16, 8}}) {
    int64_t sums = tile.rows * tile.columns * products.chains.size();
    if (product.rows % tile.rows || product.columns % tile.columns ||
        sums > mostSums)
      continue;
    // Rows that are loaded together lie beside each other.
    if (product.rowsAreContiguous &&
        product.sizes[product.loops.rows.back()] % tile.rows)
      continue;
    best = tile;
    if (product.rows / tile.rows * (product.columns / tile.columns) >= warps)
      break;
  }
  return best;
}

//===----------------------------------------------------------------------===//
// What goes on with products
//===----------------------------------------------------------------------===//

/// Elements beside each other, as a tensor of one row.
static Value toTensor(OpBuilder &builder, Location loc, Value run,
                      RankedTensorType type) {
  int64_t size = cast<VectorType>(run.getType()).getNumElements();
  Value row =
      tensor::EmptyOp::create(builder, loc, {size}, type.getElementType());
  Value zero = arith::ConstantIndexOp::create(builder, loc, 0);
  row = vector::TransferWriteOp::create(builder, loc, run, row, zero,
                                        ArrayRef<bool>{true})
            .getResult();
  SmallVector<OpFoldResult> zeros(type.getRank(), builder.getIndexAttr(0)),
      ones(type.getRank(), builder.getIndexAttr(1));
  Value whole = tensor::EmptyOp::create(builder, loc, type, ValueRange());
  return tensor::InsertSliceOp::create(
      builder, loc, row, whole, zeros,
      getAsIndexOpFoldResult(builder.getContext(), type.getShape()), ones);
}

/// Goes on with runs of columns of the products' results: the epilogue, of
/// these alone, in vectors. The runs begin at `turns` of the first product.
static LogicalResult goOn(OpBuilder &builder, const Products &products,
                          ArrayRef<Value> runs, ArrayRef<Value> turns) {
  linalg::LinalgOp epilogue = products.epilogue;
  const Product &first = products.chains.front().back();
  Location loc = epilogue.getLoc();
  SmallVector<Value> place(epilogue.getNumLoops());
  SmallVector<OpFoldResult> sizes(place.size(), builder.getIndexAttr(1));
  unsigned column = 0;
  for (auto [ofProduct, loop] : matchEpilogueLoops(epilogue, first.op)) {
    place[loop] = turns[ofProduct];
    if (ofProduct == first.loops.columns.back())
      column = loop;
  }
  sizes[column] = builder.getIndexAttr(
      cast<VectorType>(runs.front().getType()).getNumElements());

  IRRewriter rewriter(builder);
  auto tiled =
      cast<TilingInterface>(epilogue.getOperation())
          .getTiledImplementation(rewriter, getAsOpFoldResult(place), sizes);
  if (failed(tiled))
    return epilogue->emitOpError("cannot be tiled");
  auto part = cast<linalg::LinalgOp>(tiled->tiledOps.front());
  for (auto [chain, run] : llvm::zip(products.chains, runs))
    for (auto [whole, tile] :
         llvm::zip(epilogue->getOpOperands(), part->getOpOperands())) {
      linalg::LinalgOp end = chain.back().op;
      if (whole.get() != end->getResult(0))
        continue;
      OpBuilder::InsertionGuard guard(builder);
      builder.setInsertionPoint(part);
      Value slice = tile.get();
      tile.set(
          toTensor(builder, loc, run, cast<RankedTensorType>(slice.getType())));
      slice.getDefiningOp()->erase();
    }
  linalg::GenericOp row = dropUnitLoops(rewriter, part, {column});
  rewriter.setInsertionPoint(row);
  auto vectors = linalg::vectorize(rewriter, row);
  if (failed(vectors))
    return epilogue->emitOpError("cannot be vectorized");
  for (auto [result, init, tensor] :
       llvm::zip(epilogue->getResults(), epilogue.getDpsInitsMutable(),
                 vectors->replacements)) {
    SmallVector<Value> indices;
    for (AffineExpr index : epilogue.getMatchingIndexingMap(&init).getResults())
      indices.push_back(place[cast<AffineDimExpr>(index).getPosition()]);
    auto write = tensor.getDefiningOp<vector::TransferWriteOp>();
    vector::StoreOp::create(builder, loc, write.getVector(),
                            getDestination(result), indices);
  }
  rewriter.replaceOp(row, vectors->replacements);
  return success();
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

/// A loop over the tiles of a product's result, each of which one warp
/// computes. The builder goes on in it.
static LanePlace loopOverTiles(OpBuilder &builder, Location loc,
                               const Product &product, WarpTile tile) {
  MLIRContext *context = builder.getContext();
  auto warp = gpu::GPUWarpMappingAttr::get(context, gpu::MappingId::LinearDim0);
  auto inner =
      gpu::GPUWarpMappingAttr::get(context, gpu::MappingId::LinearDim1);
  auto indices = [&](int64_t row, int64_t column) {
    return SmallVector<OpFoldResult>{builder.getIndexAttr(row),
                                     builder.getIndexAttr(column)};
  };
  auto tiles = scf::ForallOp::create(
      builder, loc, indices(0, 0), indices(product.rows, product.columns),
      indices(tile.rows, tile.columns), ValueRange(),
      builder.getArrayAttr({inner, warp}));
  builder.setInsertionPointToStart(tiles.getBody());
  Value lane = gpu::LaneIdOp::create(builder, loc, /*upper_bound=*/nullptr);
  Value four = arith::ConstantIndexOp::create(builder, loc, 4);
  return {tiles.getInductionVar(0), tiles.getInductionVar(1),
          arith::DivUIOp::create(builder, loc, lane, four),
          arith::RemUIOp::create(builder, loc, lane, four)};
}

static LogicalResult map(const Products &products, WarpTile tile,
                         Precision precision) {
  linalg::LinalgOp last = products.getLast();
  OpBuilder builder(last);
  LanePlace lane = loopOverTiles(builder, last.getLoc(),
                                 products.chains.front().front(), tile);
  std::vector<WarpProduct> ends;
  SmallVector<WarpProduct::Accumulators> results;
  for (const Chain &chain : products.chains) {
    WarpProduct::Accumulators sums;
    std::optional<WarpProduct> product;
    for (const Product &link : chain) {
      bool isFirst = !product;
      product.emplace(builder, link, tile, precision, lane);
      if (isFirst)
        sums = product->loadStart();
      sums = product->accumulate(sums);
    }
    ends.push_back(std::move(*product));
    results.push_back(sums);
  }
  for (int64_t row = 0; row < ends.front().getNumRows(); ++row) {
    SmallVector<Value> runs;
    for (auto [end, sums] : llvm::zip(ends, results))
      runs.push_back(end.getRun(sums, row));
    if (!products.epilogue)
      ends.front().store(runs.front(), row);
    else if (failed(goOn(builder, products, runs, ends.front().getPlace(row))))
      return failure();
  }
  return success();
}

/// Erases ops whose results are in memory already.
static void erase(const Products &products) {
  linalg::LinalgOp last = products.getLast();
  for (Operation *store : llvm::make_early_inc_range(last->getUsers()))
    store->erase();
  if (products.epilogue)
    last->erase();
  for (const Chain &chain : products.chains)
    for (const Product &product : llvm::reverse(chain)) {
      linalg::LinalgOp op = product.op;
      auto start = op.getDpsInits()[0].getDefiningOp<linalg::LinalgOp>();
      op->erase();
      if (start && start->use_empty() && !matchProductLoops(start))
        start->erase();
    }
}

void MapToTensorCoresPass::runOnOperation() {
  if (precision == Precision::F32)
    return;
  SmallVector<linalg::LinalgOp> ops;
  getOperation().walk([&](linalg::LinalgOp op) {
    if (matchProductLoops(op))
      ops.push_back(op);
  });
  DenseSet<Operation *> done;
  for (linalg::LinalgOp op : ops) {
    if (done.contains(op))
      continue;
    std::optional<Products> products = match(op, precision);
    if (!products)
      continue;
    for (const Chain &chain : products->chains)
      for (const Product &product : chain)
        done.insert(product.op);
    if (failed(map(*products, chooseTile(*products, warps), precision)))
      return signalPassFailure();
    erase(*products);
    numProducts += llvm::sum_of(llvm::map_range(
        products->chains, [](const Chain &chain) { return chain.size(); }));
  }
}
