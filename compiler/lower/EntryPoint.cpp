//===- EntryPoint.cpp - The functions that the runtime calls -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/lower/EntryPoint.h"
#include "compiler/lower/Lifetimes.h"
#include "compiler/lower/OffsetPlanner.h"
#include "compiler/lower/ReuseInputs.h"
#include "dialect/Dialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace dale;

/// The buffers of an entry point, in the order of CircuitABI.h.
static std::optional<ArrayRef<StringRef>> buffersOf(StringRef function) {
  static const StringRef prepare[] = {"bytes", "picks", "draws", "images"};
  static const StringRef trainStep[] = {
      "parameters", "momenta",      "averages", "images", "labels",
      "keys",       "learningRate", "logits",   "losses", "gradients"};
  static const StringRef evaluate[] = {"parameters", "averages", "images",
                                       "logits"};
  static const StringRef respond[] = {"parameters", "averages", "images",
                                      "logits", "responses"};
  return llvm::StringSwitch<std::optional<ArrayRef<StringRef>>>(function)
      .Case("prepare", ArrayRef<StringRef>(prepare))
      .Case("train_step", ArrayRef<StringRef>(trainStep))
      .Case("evaluate", ArrayRef<StringRef>(evaluate))
      .Case("respond", ArrayRef<StringRef>(respond))
      .Default(std::nullopt);
}

/// Whether all networks that a GPU trains side by side share a buffer.
static bool isCommon(StringRef buffer) {
  return buffer == "bytes" || buffer == "learningRate";
}

bool dale::isEntryPoint(func::FuncOp function) {
  return buffersOf(function.getSymName()).has_value();
}

namespace {

/// A place in one of the function's buffers: `fixed + N * perImage` bytes in.
struct Place {
  StringRef buffer;
  int64_t fixed = 0;
  int64_t perImage = 0;
};

class EntryPointLowering {
public:
  EntryPointLowering(func::FuncOp function,
                     const llvm::StringMap<StageFunction> &stages,
                     bool reusesInputs, int64_t apart)
      : old(function), stages(stages), reusesInputs(reusesInputs), apart(apart),
        builder(function) {}

  LogicalResult run();

private:
  Location loc() { return old.getLoc(); }
  MemRefType bytesType() {
    return MemRefType::get({ShapedType::kDynamic}, builder.getI8Type());
  }
  Value index(int64_t value) {
    return arith::ConstantIndexOp::create(builder, loc(), value);
  }

  FailureOr<StringRef> bufferName(Attribute attribute, const Twine &what);
  /// Finds a place for every value; false and a diagnostic where it cannot.
  LogicalResult placeArguments();
  LogicalResult placeResults();
  void placeTemporaries();
  void storeLast(OpResult result);
  std::optional<unsigned> findUpdatedOperand(Value value, StringRef buffer);
  bool storeInPlace(OpResult result, unsigned operand);
  DictionaryAttr describeCost();
  void createFunction();
  Value entriesOf(Value buffer, MemRefType type);
  Value view(const Place &place, MemRefType type);

  func::FuncOp old, created;
  const llvm::StringMap<StageFunction> &stages;
  bool reusesInputs;
  int64_t apart;
  OpBuilder builder;

  SmallVector<func::CallOp> calls;
  DenseMap<Value, Place> places;
  /// Partial sums of each call.
  DenseMap<Operation *, SmallVector<Place>> partialSums;
  /// Results of the function that are copied to their place at the end.
  SmallVector<std::pair<Value, Place>> copies;
  std::optional<Place> countPlace;
  int64_t fixedBytes = 0, bytesPerImage = 0;

  llvm::StringMap<Value> buffers;
  Value batch;
};

} // namespace

FailureOr<StringRef> EntryPointLowering::bufferName(Attribute attribute,
                                                    const Twine &what) {
  auto name = dyn_cast_or_null<StringAttr>(attribute);
  ArrayRef<StringRef> known = *buffersOf(old.getSymName());
  if (name && llvm::is_contained(known, name.getValue()))
    return name.getValue();
  return old.emitOpError() << what
                           << " needs the attribute 'dale.buffer' with "
                              "the name of one of the function's buffers";
}

LogicalResult EntryPointLowering::placeArguments() {
  for (BlockArgument argument : old.getArguments()) {
    unsigned i = argument.getArgNumber();
    Attribute buffer = old.getArgAttr(i, bufferAttrName);
    if (buffer == StringAttr::get(old.getContext(), "count")) {
      countPlace = places[argument] = Place{"workspace"};
      continue;
    }
    auto name = bufferName(buffer, "argument " + Twine(i));
    if (failed(name))
      return failure();
    places[argument] = Place{*name};
  }
  return success();
}

LogicalResult EntryPointLowering::placeResults() {
  Operation *terminator = old.getBody().front().getTerminator();
  // A buffer that is also read must not be written before the end.
  llvm::StringMap<bool> isInput;
  for (auto &[value, place] : places)
    isInput[place.buffer] = true;
  int64_t responses = 0;
  for (auto [i, value] : llvm::enumerate(terminator->getOperands())) {
    auto name =
        bufferName(old.getResultAttr(i, bufferAttrName), "result " + Twine(i));
    if (failed(name))
      return failure();
    Place place{*name};
    if (auto offset = old.getResultAttrOfType<IntegerAttr>(i, offsetAttrName)) {
      if (offset.getInt() < 0)
        return old.emitOpError("result ")
               << i << " needs an integer of at least 0 as its 'dale.offset'";
      place.fixed = offset.getInt();
    }
    // Responses stand behind each other.
    if (*name == "responses") {
      place.perImage = responses;
      responses += dale::bytesPerImage(value.getType());
    }
    std::optional<unsigned> updated = findUpdatedOperand(value, *name);
    if (updated && storeInPlace(cast<OpResult>(value), *updated))
      places[value] = place;
    else if (isInput.lookup(*name) || places.contains(value))
      copies.push_back({value, place});
    else
      places[value] = place;
  }
  return success();
}

/// The operand of a call that a result of it replaces in the whole of a buffer:
/// one that nobody reads behind the call. Parameters are updated so.
std::optional<unsigned>
EntryPointLowering::findUpdatedOperand(Value value, StringRef buffer) {
  auto call = value.getDefiningOp<func::CallOp>();
  if (!call || isBatched(value.getType()) || places.contains(value))
    return std::nullopt;
  std::optional<unsigned> found;
  for (BlockArgument argument : old.getArguments()) {
    if (places.lookup(argument).buffer != buffer)
      continue;
    if (found || argument.getType() != value.getType())
      return std::nullopt;
    for (OpOperand &use : argument.getUses()) {
      if (use.getOwner() == call)
        found = use.getOperandNumber();
      else if (!use.getOwner()->isBeforeInBlock(call))
        return std::nullopt;
    }
  }
  // Nothing else may be stored there.
  for (unsigned i = 0, end = old.getNumResults(); i < end; ++i)
    if (old.getBody().front().getTerminator()->getOperand(i) != value &&
        old.getResultAttrOfType<StringAttr>(i, bufferAttrName) == buffer)
      return std::nullopt;
  return found;
}

/// Lets a stage that runs once store a result where an operand is, behind all
/// others. Bufferization sees to it that what is read there is read before, and
/// that element-wise ops need no other memory.
bool EntryPointLowering::storeInPlace(OpResult result, unsigned operand) {
  auto call = cast<func::CallOp>(result.getOwner());
  func::FuncOp stage = stages.find(call.getCallee())->second.function;
  auto uses = SymbolTable::getSymbolUses(stage, stage->getParentOp());
  if (!uses || !llvm::hasSingleElement(*uses))
    return false;
  Value input = stage.getArgument(operand);
  Value output =
      stage.getArgument(call.getNumOperands() + result.getResultNumber());
  if (!input.hasOneUse() || !output.hasOneUse())
    return false;
  auto read = dyn_cast<bufferization::ToTensorOp>(*input.user_begin());
  auto store =
      dyn_cast<bufferization::MaterializeInDestinationOp>(*output.user_begin());
  if (!read || !store || read->getBlock() != store->getBlock())
    return false;
  // It must be no view of what is overwritten.
  Operation *source = store.getSource().getDefiningOp();
  if (!source || !isa_and_present<arith::ArithDialect>(source->getDialect()))
    return false;
  read.setWritable(true);
  store.getDestMutable().assign(input);
  store->moveBefore(store->getBlock()->getTerminator());
  return true;
}

/// Keeps a stage from storing a result before it has read all of its inputs.
void EntryPointLowering::storeLast(OpResult result) {
  auto call = cast<func::CallOp>(result.getOwner());
  func::FuncOp stage = stages.find(call.getCallee())->second.function;
  Value output =
      stage.getArgument(call.getNumOperands() + result.getResultNumber());
  stage.walk([&](bufferization::MaterializeInDestinationOp store) {
    auto image = store.getDest().getDefiningOp<memref::SubViewOp>();
    if (!image || image.getSource() != output)
      return;
    store->setAttr(storeLastAttrName, builder.getUnitAttr());
    store->moveBefore(store->getBlock()->getTerminator());
  });
}

void EntryPointLowering::placeTemporaries() {
  OffsetPlanner fixed, perImage;
  DenseMap<Operation *, int64_t> time;
  for (auto [i, call] : llvm::enumerate(calls))
    time[call] = i;
  int64_t end = calls.size();
  Operation *terminator = old.getBody().front().getTerminator();

  // Places are planned by value first: the map must not move under pointers.
  SmallVector<std::pair<Value, unsigned>> shared;
  SmallVector<Value> batched;
  SmallVector<StoredMap> maps;
  unsigned countNumber = 0;
  if (countPlace)
    countNumber = fixed.add(8, -1, end);
  for (func::CallOp call : calls) {
    for (Value value : call.getResults()) {
      if (places.contains(value))
        continue;
      int64_t last = time[call];
      for (Operation *user : value.getUsers())
        last = std::max(last, user == terminator ? end : time.lookup(user));
      int64_t bytes = dale::bytesPerImage(value.getType());
      if (isBatched(value.getType())) {
        batched.push_back(value);
        maps.push_back({bytes, time[call], last, std::nullopt});
      } else {
        shared.emplace_back(value, fixed.add(bytes, time[call], last));
      }
    }
  }
  if (reusesInputs)
    reuseInputs(maps);
  SmallVector<unsigned> numbers(maps.size(), 0);
  for (auto [map, number, placeEnd] :
       llvm::zip(maps, numbers, getPlaceEnds(maps)))
    if (placeEnd)
      number = perImage.add(map.bytes, map.begin, *placeEnd);
  // What a map replaces comes before it.
  for (auto [value, map, number] : llvm::zip(batched, maps, numbers))
    if (map.replaces) {
      number = numbers[*map.replaces];
      storeLast(cast<OpResult>(value));
    }

  SmallVector<std::pair<Operation *, unsigned>> partial;
  for (func::CallOp call : calls)
    for (MemRefType type : stages.lookup(call.getCallee()).partialSums)
      partial.push_back(
          {call, fixed.add(getBytes(type), time[call], time[call])});

  fixedBytes = fixed.plan();
  bytesPerImage = perImage.plan();
  // What is behind another is shifted by more, so that none overlap.
  SmallVector<int64_t> offsets;
  for (unsigned number : numbers)
    offsets.push_back(perImage.getOffset(number));
  llvm::sort(offsets);
  offsets.erase(llvm::unique(offsets), offsets.end());
  auto shift = [&](int64_t offset) {
    return apart * std::distance(offsets.begin(), llvm::find(offsets, offset));
  };
  for (auto [value, number] : shared)
    places[value] = Place{"workspace", fixed.getOffset(number), 0};
  for (auto [value, number] : llvm::zip(batched, numbers))
    places[value] =
        Place{"workspace", fixedBytes + shift(perImage.getOffset(number)),
              perImage.getOffset(number)};
  fixedBytes += apart * static_cast<int64_t>(offsets.size());
  for (auto [call, number] : partial)
    partialSums[call].push_back(Place{"workspace", fixed.getOffset(number), 0});
  if (countPlace) {
    countPlace->fixed = fixed.getOffset(countNumber);
    for (BlockArgument argument : old.getArguments())
      if (old.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                           bufferAttrName) == "count")
        places[argument] = *countPlace;
  }
}

/// How many entries there are along a type's one dynamic dimension, which is
/// not the batch's: as many as the buffer has room for.
Value EntryPointLowering::entriesOf(Value buffer, MemRefType type) {
  int64_t bytes = llvm::divideCeil(type.getElementTypeBitWidth(), 8);
  for (int64_t size : type.getShape())
    if (!ShapedType::isDynamic(size))
      bytes *= size;
  Value all = memref::DimOp::create(builder, loc(), buffer, 0);
  return arith::DivUIOp::create(builder, loc(), all, index(bytes));
}

Value EntryPointLowering::view(const Place &place, MemRefType type) {
  Value offset = index(place.fixed);
  if (place.perImage) {
    Value images =
        arith::MulIOp::create(builder, loc(), batch, index(place.perImage));
    offset = arith::AddIOp::create(builder, loc(), offset, images);
  }
  Value buffer = buffers.lookup(place.buffer);
  SmallVector<Value> sizes;
  bool batched = type.getRank() > 0 && type.isDynamicDim(0);
  if (batched)
    sizes.push_back(batch);
  else if (!type.hasStaticShape())
    sizes.push_back(entriesOf(buffer, type));
  return memref::ViewOp::create(builder, loc(), type, buffer, offset, sizes);
}

/// Stages over images, and the bytes that an image's entries between them are.
DictionaryAttr EntryPointLowering::describeCost() {
  int64_t stages = 0, bytes = 0;
  for (func::CallOp call : calls) {
    bool overImages = false;
    auto count = [&](TypeRange types) {
      for (Type type : types)
        if (isBatched(type)) {
          overImages = true;
          bytes += dale::bytesPerImage(type);
        }
    };
    count(call.getOperandTypes());
    count(call.getResultTypes());
    stages += overImages;
  }
  return builder.getDictionaryAttr(
      {builder.getNamedAttr("stages", builder.getI64IntegerAttr(stages)),
       builder.getNamedAttr("bytes_per_image",
                            builder.getI64IntegerAttr(bytes))});
}

void EntryPointLowering::createFunction() {
  ArrayRef<StringRef> names = *buffersOf(old.getSymName());
  SmallVector<Type> types(names.size(), bytesType());
  types.push_back(builder.getI64Type());
  types.push_back(bytesType());
  created =
      func::FuncOp::create(builder, loc(), ("dale_" + old.getSymName()).str(),
                           builder.getFunctionType(types, {}));
  created->setAttr(LLVM::LLVMDialect::getEmitCWrapperAttrName(),
                   builder.getUnitAttr());
  auto integer = [&](int64_t value) {
    return builder.getI64IntegerAttr(value);
  };
  created->setAttr(
      workspaceAttrName,
      builder.getDictionaryAttr(
          {builder.getNamedAttr("fixed", integer(fixedBytes)),
           builder.getNamedAttr("per_image", integer(bytesPerImage))}));

  created->setAttr(costAttrName, describeCost());
  SmallVector<int32_t> common;
  for (auto [i, name] : llvm::enumerate(names))
    if (isCommon(name))
      common.push_back(static_cast<int32_t>(i));
  if (!common.empty())
    created->setAttr(commonAttrName, builder.getDenseI32ArrayAttr(common));

  Block *body = created.addEntryBlock();
  builder.setInsertionPointToStart(body);
  for (auto [i, name] : llvm::enumerate(names))
    buffers[name] = body->getArgument(i);
  Value batchArgument = body->getArgument(names.size());
  batch = arith::IndexCastOp::create(builder, loc(), builder.getIndexType(),
                                     batchArgument);
  Value workspace = body->getArgument(names.size() + 1);
  buffers["workspace"] = workspace;

  if (countPlace) {
    auto type = cast<MemRefType>(getMemRefType(
        llvm::find_if(old.getArguments(), [&](BlockArgument argument) {
          return old.getArgAttrOfType<StringAttr>(argument.getArgNumber(),
                                                  bufferAttrName) == "count";
        })->getType()));
    Value count = arith::SIToFPOp::create(builder, loc(), type.getElementType(),
                                          batchArgument);
    memref::StoreOp::create(builder, loc(), count, view(*countPlace, type));
  }
  // Threads have their scratch memory behind all values.
  Place scratchPlace{"workspace", fixedBytes, bytesPerImage};
  Value scratchOffset = arith::AddIOp::create(
      builder, loc(), index(scratchPlace.fixed),
      arith::MulIOp::create(builder, loc(), batch,
                            index(scratchPlace.perImage)));
  Value size = memref::DimOp::create(builder, loc(), workspace, 0);
  Value rest = arith::SubIOp::create(builder, loc(), size, scratchOffset);
  Value scratch = memref::ViewOp::create(builder, loc(), bytesType(), workspace,
                                         scratchOffset, rest);

  for (func::CallOp call : calls) {
    const StageFunction &stage = stages.find(call.getCallee())->second;
    SmallVector<Value> operands;
    for (Value value : call.getOperands())
      operands.push_back(
          view(places.lookup(value), getMemRefType(value.getType())));
    for (Value value : call.getResults())
      operands.push_back(
          view(places.lookup(value), getMemRefType(value.getType())));
    for (auto [place, type] :
         llvm::zip(partialSums.lookup(call), stage.partialSums))
      operands.push_back(view(place, type));
    operands.push_back(scratch);
    func::CallOp::create(builder, call.getLoc(), stage.function, operands);
  }
  for (auto &[value, place] : copies) {
    MemRefType type = getMemRefType(value.getType());
    memref::CopyOp::create(builder, loc(), view(places.lookup(value), type),
                           view(place, type));
  }
  func::ReturnOp::create(builder, loc());
}

LogicalResult EntryPointLowering::run() {
  for (Operation &op : old.getBody().front().without_terminator()) {
    auto call = dyn_cast<func::CallOp>(op);
    if (!call || !stages.contains(call.getCallee()))
      return op.emitOpError("must be a call of a stage in an entry point");
    calls.push_back(call);
  }
  if (failed(placeArguments()) || failed(placeResults()))
    return failure();
  placeTemporaries();
  createFunction();
  old.erase();
  return success();
}

LogicalResult
dale::lowerEntryPoint(func::FuncOp function,
                      const llvm::StringMap<StageFunction> &stages,
                      bool reuseInputs, int64_t apart) {
  return EntryPointLowering(function, stages, reuseInputs, apart).run();
}
