//===- PrefetchMaps.cpp - Maps from memory, ahead of use -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// A stage's own maps stay in the cache; those that it shares with other stages
// lie in memory, since the other images of the batch were worked on in between.
// A core waits for them in element-wise ops, and memory waits for the core in
// products. Here products fetch what comes after them.
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/ImageLoops.h"
#include "compiler/lower/KernelOps.h"
#include "compiler/lower/Lifetimes.h"
#include "compiler/lower/Views.h"
#include "compiler/lower/cpu/Passes.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/SCF/Utils/Utils.h"
#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/MapVector.h"

namespace dale {
#define GEN_PASS_DEF_PREFETCHMAPS
#include "compiler/lower/cpu/Passes.h.inc"
} // namespace dale

using namespace mlir;
using namespace dale;

namespace {

/// A kernel that is a product of matrices.
struct Product {
  /// The loops around its contraction, the outermost first: over tiles, then
  /// over the terms of the sum.
  SmallVector<scf::ForOp> loops;
  int64_t turns = 0; // of the innermost of them, in a call
};

/// A map of a stage's interface, of which every image has a part of its own.
struct Map {
  memref::ViewOp batch; // [images, …], a view of a buffer's bytes
  int64_t bytes;        // of one image
  unsigned firstUse;    // the number of the call
};

/// What a call fetches: bytes of one image's map.
struct Piece {
  Map map;
  int64_t begin, bytes;
  bool nextImage;
};

using Pieces = DenseMap<unsigned, SmallVector<Piece>>;

struct PrefetchMapsPass : dale::impl::PrefetchMapsBase<PrefetchMapsPass> {
  using PrefetchMapsBase::PrefetchMapsBase;

  void runOnOperation() override;

private:
  void prefetchStart(scf::ForOp sum) const;
  void prefetchFactors(scf::ForOp sum) const;
  void unrollSum(Product &product) const;
  void addArguments(func::FuncOp kernel, Product &product);
  LogicalResult addOperands(func::CallOp call);
  Pieces plan(MutableArrayRef<func::CallOp> calls, scf::ForOp images) const;
  void prefetch(scf::ForOp images);

  DenseMap<StringRef, Product> products;
};

} // namespace

/// How many turns a loop makes: kernels have constant bounds.
static std::optional<int64_t> getTurns(scf::ForOp loop) {
  std::optional<APInt> turns = loop.getStaticTripCount();
  if (!turns)
    return std::nullopt;
  return turns->getSExtValue();
}

/// A product has one contraction, within loops over tiles.
static std::optional<Product> findProduct(func::FuncOp kernel) {
  SmallVector<vector::ContractionOp> contractions;
  kernel.walk([&](vector::ContractionOp op) { contractions.push_back(op); });
  if (contractions.size() != 1)
    return std::nullopt;
  Product product;
  for (auto loop = contractions.front()->getParentOfType<scf::ForOp>(); loop;
       loop = loop->getParentOfType<scf::ForOp>()) {
    if (!getTurns(loop))
      return std::nullopt;
    product.loops.insert(product.loops.begin(), loop);
  }
  return product;
}

/// Where a loop will be some turns later, or in its last turn: behind that
/// there may be no memory.
static Value getLater(OpBuilder &builder, scf::ForOp loop, Value ahead) {
  Location loc = loop.getLoc();
  Value later =
      arith::AddIOp::create(builder, loc, loop.getInductionVar(), ahead);
  Value last =
      arith::SubIOp::create(builder, loc, loop.getUpperBound(), loop.getStep());
  return arith::MinUIOp::create(builder, loc, later, last);
}

/// Fetches the line that an element is in into the first cache.
static void prefetchLine(OpBuilder &builder, Location loc, Value memref,
                         ValueRange indices) {
  memref::PrefetchOp::create(builder, loc, memref, indices, /*isWrite=*/false,
                             /*localityHint=*/3, /*isDataCache=*/true);
}

/// The outermost loop that carries a sum.
static scf::ForOp getWholeSum(scf::ForOp sum) {
  while (auto carried = dyn_cast<BlockArgument>(sum.getInitArgs().front())) {
    auto outer = dyn_cast<scf::ForOp>(carried.getOwner()->getParentOp());
    if (!outer || outer != sum->getParentOp())
      break;
    sum = outer;
  }
  return sum;
}

/// While a tile is computed, fetches what the next one starts from, if that is
/// in memory: sums over images go on where the image before has left them.
void PrefetchMapsPass::prefetchStart(scf::ForOp sum) const {
  if (sum.getNumRegionIterArgs() != 1)
    return;
  sum = getWholeSum(sum);
  auto tiles = dyn_cast<scf::ForOp>(sum->getParentOp());
  auto start =
      sum.getInitArgs().front().getDefiningOp<vector::TransferReadOp>();
  if (!tiles || !start)
    return;
  SmallVector<Operation *> views; // the tile's, the outermost first
  Value base = start.getBase();
  for (auto view = base.getDefiningOp<memref::SubViewOp>();
       view && view->getParentOp() == tiles;
       view = view.getSource().getDefiningOp<memref::SubViewOp>())
    views.insert(views.begin(), view);
  if (views.empty())
    return;

  OpBuilder builder(sum);
  Location loc = sum.getLoc();
  IRMapping toNext;
  toNext.map(tiles.getInductionVar(),
             getLater(builder, tiles, tiles.getStep()));
  for (Operation *view : views)
    builder.clone(*view, toNext);
  Value tile = toNext.lookup(base);
  auto type = cast<MemRefType>(tile.getType());
  int64_t perLine = lineBytes * 8 / type.getElementTypeBitWidth();
  SmallVector<int64_t> row(type.getRank(), 1);
  row.back() = type.getShape().back();
  for (SmallVector<int64_t> place : StaticTileOffsetRange(type.getShape(), row))
    for (; place.back() < row.back(); place.back() += perLine) {
      SmallVector<Value> indices;
      for (int64_t index : place)
        indices.push_back(arith::ConstantIndexOp::create(builder, loc, index));
      prefetchLine(builder, loc, tile, indices);
    }
}

/// Fetches rows of a factor that is large for the cache some terms before they
/// are needed: they are too far apart for the core to foresee.
void PrefetchMapsPass::prefetchFactors(scf::ForOp sum) const {
  auto reads = llvm::to_vector(sum.getBody()->getOps<vector::TransferReadOp>());
  OpBuilder builder = OpBuilder::atBlockBegin(sum.getBody());
  Location loc = sum.getLoc();
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  for (vector::TransferReadOp read : reads) {
    auto type = dyn_cast<MemRefType>(read.getBase().getType());
    if (!type || !type.hasStaticShape() || dale::getBytes(type) < largeFactor ||
        !read.getPermutationMap().isMinorIdentity() ||
        read.getIndices().front() != sum.getInductionVar())
      continue;
    SmallVector<Value> row(read.getIndices());
    row.front() = getLater(builder, sum, constant(termsAhead));
    ArrayRef<int64_t> shape = read.getVectorType().getShape();
    int64_t perLine = lineBytes * 8 / type.getElementTypeBitWidth();
    for (int64_t element = 0; element < llvm::product_of(shape);
         element += perLine) {
      SmallVector<Value> place(row);
      SmallVector<int64_t> offsets =
          delinearize(element, computeStrides(shape));
      for (auto [index, offset] :
           llvm::zip(MutableArrayRef(place).take_back(shape.size()), offsets))
        if (offset != 0)
          index = arith::AddIOp::create(builder, loc, index, constant(offset));
      prefetchLine(builder, loc, read.getBase(), place);
    }
  }
}

/// Unrolls the loop over a sum, so that a few lines can be fetched before every
/// few terms: many at once would fill the buffers of loads that the core has.
void PrefetchMapsPass::unrollSum(Product &product) const {
  scf::ForOp sum = product.loops.back();
  int64_t turns = *getTurns(sum);
  if (sum.getNumRegionIterArgs() == 0)
    return;
  if (turns % termsBetween != 0 || turns == termsBetween) {
    // The whole sum of a tile has no place to fetch in.
    product.loops.pop_back();
    return;
  }
  (void)loopUnrollByFactor(sum, termsBetween);
}

/// Gives a kernel `maxPieces` more arguments, bytes to fetch. Each turn of the
/// innermost loop fetches a line of each, behind their ends the last one again:
/// that takes less time than a branch that is not foreseen.
void PrefetchMapsPass::addArguments(func::FuncOp kernel, Product &product) {
  Location loc = kernel.getLoc();
  auto layout = StridedLayoutAttr::get(&getContext(), ShapedType::kDynamic, 1);
  auto type = MemRefType::get(ShapedType::kDynamic,
                              IntegerType::get(&getContext(), 8), layout);
  OpBuilder builder(&getContext());
  auto constant = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(builder, loc, value);
  };
  builder.setInsertionPointToStart(product.loops.back().getBody());
  Value turn = constant(0);
  product.turns = 1;
  for (scf::ForOp loop : product.loops) {
    Value own = arith::SubIOp::create(builder, loc, loop.getInductionVar(),
                                      loop.getLowerBound());
    own = arith::DivUIOp::create(builder, loc, own, loop.getStep());
    turn = arith::MulIOp::create(builder, loc, turn, constant(*getTurns(loop)));
    turn = arith::AddIOp::create(builder, loc, turn, own);
    product.turns *= *getTurns(loop);
  }
  Value offset = arith::MulIOp::create(builder, loc, turn, constant(lineBytes));
  for (unsigned piece = 0; piece < maxPieces; ++piece) {
    (void)kernel.insertArgument(kernel.getNumArguments(), type, {}, loc);
    Value bytes = kernel.getArguments().back();
    Value last = arith::SubIOp::create(
        builder, loc, memref::DimOp::create(builder, loc, bytes, 0),
        constant(1));
    Value place = arith::MinUIOp::create(builder, loc, offset, last);
    // Into the second cache: the first is the product's.
    memref::PrefetchOp::create(builder, loc, bytes, place, /*isWrite=*/false,
                               /*localityHint=*/2, /*isDataCache=*/true);
  }
}

static Value makeBytes(OpBuilder &builder, Location loc, Value buffer,
                       OpFoldResult begin, int64_t size, Type type) {
  Value bytes = memref::SubViewOp::create(
      builder, loc, buffer, SmallVector<OpFoldResult>{begin},
      SmallVector<OpFoldResult>{builder.getIndexAttr(size)},
      SmallVector<OpFoldResult>{builder.getIndexAttr(1)});
  return memref::CastOp::create(builder, loc, cast<MemRefType>(type), bytes);
}

/// Gives a call of a product a byte to fetch, for each part of a map that it
/// could.
LogicalResult PrefetchMapsPass::addOperands(func::CallOp call) {
  OpBuilder builder(call);
  auto kernel = SymbolTable::lookupNearestSymbolFrom<func::FuncOp>(
      call, call.getCalleeAttr());
  auto function = call->getParentOfType<func::FuncOp>();
  // Any buffer will do.
  auto *buffer = llvm::find_if(function.getArguments(), [](Value argument) {
    auto type = dyn_cast<MemRefType>(argument.getType());
    return type && type.getRank() == 1 && type.getElementType().isInteger(8);
  });
  if (buffer == function.getArguments().end())
    return call.emitOpError("of a product needs a buffer of bytes among the "
                            "arguments of its function");
  for (Type type : kernel.getArgumentTypes().take_back(maxPieces))
    call->insertOperands(call->getNumOperands(),
                         makeBytes(builder, call.getLoc(), *buffer,
                                   builder.getIndexAttr(0), 1, type));
  return success();
}

/// The map of the stage's interface that a memref within the loop over images
/// is a part of.
static std::optional<Map> getMap(Value memref, scf::ForOp images,
                                 unsigned call) {
  while (auto view = memref.getDefiningOp<ViewLikeOpInterface>()) {
    memref = view.getViewSource();
    auto image = dyn_cast<memref::SubViewOp>(*view);
    if (!image || image.getMixedOffsets().front() !=
                      OpFoldResult(images.getInductionVar()))
      continue;
    auto batch = memref.getDefiningOp<memref::ViewOp>();
    ArrayRef<int64_t> shape = image.getSourceType().getShape().drop_front();
    if (!batch || ShapedType::isDynamicShape(shape))
      return std::nullopt;
    unsigned bits = image.getSourceType().getElementTypeBitWidth();
    return Map{batch, llvm::product_of(shape) * bits / 8, call};
  }
  return std::nullopt;
}

/// Chooses what each call of a product fetches. Maps choose, the latest first,
/// and each the latest products ahead of it: what is fetched earlier than it
/// need be pushes other things out of the cache. What comes before all products
/// is fetched in those of the image before.
Pieces PrefetchMapsPass::plan(MutableArrayRef<func::CallOp> calls,
                              scf::ForOp images) const {
  llvm::MapVector<Value, Map> maps;
  SmallVector<unsigned> latestFirst; // the products
  for (auto [number, call] : llvm::enumerate(calls)) {
    for (Value operand : call.getOperands())
      if (std::optional<Map> map = getMap(operand, images, number))
        maps.try_emplace(map->batch, *map);
    auto product = products.find(call.getCallee());
    if (product == products.end())
      continue;
    latestFirst.insert(latestFirst.begin(), number);
  }

  Pieces pieces;
  for (const auto &[batch, map] : llvm::reverse(maps)) {
    int64_t rest = map.bytes;
    for (bool nextImage : {false, true})
      for (unsigned product : latestFirst) {
        if ((product < map.firstUse) == nextImage)
          continue;
        int64_t room =
            lineBytes * products.at(calls[product].getCallee()).turns;
        while (rest > 0 && pieces[product].size() < maxPieces) {
          int64_t bytes = std::min(rest, room);
          rest -= bytes;
          pieces[product].push_back({map, rest, bytes, nextImage});
        }
      }
  }
  return pieces;
}

void PrefetchMapsPass::prefetch(scf::ForOp images) {
  auto calls = llvm::to_vector(images.getOps<func::CallOp>());
  for (auto &[number, pieces] : plan(calls, images)) {
    func::CallOp call = calls[number];
    Location loc = call.getLoc();
    OpBuilder builder(call);
    auto constant = [&](int64_t value) -> Value {
      return arith::ConstantIndexOp::create(builder, loc, value);
    };
    unsigned operand = call.getNumOperands() - maxPieces;
    for (Piece piece : pieces) {
      Value image = images.getInductionVar();
      if (piece.nextImage) {
        // Behind the last image of the batch there may be no memory.
        Value next = arith::AddIOp::create(builder, loc, image, constant(1));
        Value count = memref::DimOp::create(builder, loc, piece.map.batch, 0);
        Value last = arith::SubIOp::create(builder, loc, count, constant(1));
        image = arith::MinUIOp::create(builder, loc, next, last);
      }
      Value begin =
          arith::MulIOp::create(builder, loc, image, constant(piece.map.bytes));
      begin = arith::AddIOp::create(builder, loc, begin, constant(piece.begin));
      begin = arith::AddIOp::create(builder, loc, begin,
                                    piece.map.batch.getByteShift());
      call->setOperand(
          operand, makeBytes(builder, loc, piece.map.batch.getSource(), begin,
                             piece.bytes, call.getOperand(operand).getType()));
      ++operand;
      ++numPieces;
    }
  }
}

void PrefetchMapsPass::runOnOperation() {
  ModuleOp module = getOperation();
  if (lineBytes < 8 || termsBetween < 1) {
    module.emitError("line-bytes must be 8 at least, terms-between 1");
    return signalPassFailure();
  }
  products.clear();
  for (auto function : module.getOps<func::FuncOp>()) {
    if (!isKernel(function))
      continue;
    std::optional<Product> product = findProduct(function);
    if (!product || product->loops.empty())
      continue;
    prefetchStart(product->loops.back());
    prefetchFactors(product->loops.back());
    unrollSum(*product);
    if (product->loops.empty())
      continue;
    addArguments(function, *product);
    products.try_emplace(function.getSymName(), std::move(*product));
  }
  SetVector<Operation *> stages;
  auto done = module.walk([&](func::CallOp call) {
    if (!products.contains(call.getCallee()))
      return WalkResult::advance();
    if (failed(addOperands(call)))
      return WalkResult::interrupt();
    Operation *loop = call->getParentOp();
    if (isImageLoop(loop))
      stages.insert(loop);
    return WalkResult::advance();
  });
  if (done.wasInterrupted())
    return signalPassFailure();
  for (Operation *stage : stages)
    prefetch(cast<scf::ForOp>(stage));
}
