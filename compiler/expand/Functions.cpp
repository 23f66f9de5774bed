//===- Functions.cpp - The functions of a compiled circuit -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "compiler/expand/Functions.h"
#include "compiler/expand/Network.h"
#include "dialect/Dialect.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace dale;
using namespace dale::expand;

namespace {

//===----------------------------------------------------------------------===//
// Signatures
//===----------------------------------------------------------------------===//

/// The name of an argument of runtime/CircuitABI.h, and a type.
struct Port {
  StringRef buffer;
  Type type;
};

/// A value that a function returns, and the attributes of that result.
struct Result {
  Value value;
  SmallVector<NamedAttribute> attributes;
};

/// Builds the functions of one circuit.
class FunctionBuilder {
public:
  FunctionBuilder(OpBuilder &builder, const CircuitPlan &plan,
                  const Variables &variables, FloatType element)
      : builder(builder), plan(plan), variables(variables), element(element),
        loc(CircuitOp(plan.op).getLoc()) {}

  void buildPrepare();
  void buildForward();
  void buildEvaluate();
  void buildRespond();

private:
  func::FuncOp open(StringRef name, ArrayRef<Port> arguments);
  void close(func::FuncOp function, ArrayRef<Result> results);

  Result result(StringRef buffer, Value value) {
    return {value, {named(bufferAttrName, builder.getStringAttr(buffer))}};
  }
  NamedAttribute named(StringRef name, Attribute value) {
    return builder.getNamedAttr(name, value);
  }

  RankedTensorType imagesType(Type type) {
    MapShape shape = plan.input();
    return RankedTensorType::get(
        {ShapedType::kDynamic, shape.height, shape.width, shape.channels},
        type);
  }
  Port parameters() {
    return {"parameters", variables.bufferType(Section::Parameter)};
  }
  Port averages() {
    return {"averages", variables.bufferType(Section::Average)};
  }
  Port images() { return {"images", imagesType(element)}; }

  Value normalize(Value raw);
  /// The mean of the images' cross-entropies.
  Value meanLoss(Value logits, Value labels, Value count);
  /// λ · ½‖θ‖² (models.md, "loss"); null where λ is 0.
  Value penalty(Value parameters, VariableReader &reader);

  OpBuilder &builder;
  const CircuitPlan &plan;
  const Variables &variables;
  FloatType element;
  Location loc;
};

} // namespace

/// Creates a function and sets the insertion point into it.
func::FuncOp FunctionBuilder::open(StringRef name, ArrayRef<Port> arguments) {
  SmallVector<Type> types;
  for (const Port &port : arguments)
    types.push_back(port.type);
  auto function = func::FuncOp::create(builder, loc, name,
                                       builder.getFunctionType(types, {}));
  for (auto [index, port] : llvm::enumerate(arguments))
    function.setArgAttr(index, bufferAttrName,
                        builder.getStringAttr(port.buffer));
  builder.setInsertionPointToStart(function.addEntryBlock());
  return function;
}

/// Returns from a function and sets the insertion point behind it.
void FunctionBuilder::close(func::FuncOp function, ArrayRef<Result> results) {
  SmallVector<Value> values;
  SmallVector<Attribute> attributes;
  for (const Result &result : results) {
    values.push_back(result.value);
    attributes.push_back(builder.getDictionaryAttr(result.attributes));
  }
  func::ReturnOp::create(builder, loc, values);
  function.setFunctionType(builder.getFunctionType(
      function.getArgumentTypes(), ValueRange(values).getTypes()));
  function.setResAttrsAttr(builder.getArrayAttr(attributes));
  builder.setInsertionPointAfter(function);
}

//===----------------------------------------------------------------------===//
// @prepare
//===----------------------------------------------------------------------===//

/// Per-image standardization, or what stands for it where the circuit gives the
/// means of its channels (models.md, "input").
Value FunctionBuilder::normalize(Value raw) {
  CircuitOp circuit = plan.op;
  std::optional<ArrayRef<double>> means = circuit.getMeans();
  if (!means)
    return StandardizeOp::create(builder, loc, raw.getType(), raw);
  SmallVector<Attribute> values;
  for (double mean : *means)
    values.push_back(builder.getFloatAttr(element, mean));
  auto type =
      RankedTensorType::get(static_cast<int64_t>(values.size()), element);
  Value constant = arith::ConstantOp::create(
      builder, loc, DenseElementsAttr::get(type, values));
  Arithmetic arithmetic(builder, loc);
  return arithmetic.subtract(raw, arithmetic.broadcast(constant, raw));
}

void FunctionBuilder::buildPrepare() {
  MapShape shape = plan.input();
  constexpr int64_t any = ShapedType::kDynamic;
  auto bytes = RankedTensorType::get(
      {1, any, shape.height, shape.width, shape.channels}, builder.getI8Type());
  auto picks = RankedTensorType::get({any}, builder.getI32Type());
  auto draws = RankedTensorType::get({any, 3}, builder.getI32Type());
  func::FuncOp function =
      open("prepare", {{"bytes", bytes}, {"picks", picks}, {"draws", draws}});
  TrainingOp training = plan.training;
  Value crop =
      CropOp::create(builder, loc, imagesType(element), function.getArgument(0),
                     function.getArgument(1), function.getArgument(2),
                     training ? training.getPad() : 0);
  close(function, {result("images", normalize(crop))});
}

//===----------------------------------------------------------------------===//
// @forward
//===----------------------------------------------------------------------===//

Value FunctionBuilder::meanLoss(Value logits, Value labels, Value count) {
  auto type = RankedTensorType::get({ShapedType::kDynamic}, element);
  Value losses =
      SoftmaxCrossEntropyOp::create(builder, loc, type, logits, labels);
  Value sum = Arithmetic(builder, loc).reduceAll(losses);
  return arith::DivFOp::create(builder, loc, sum, count);
}

Value FunctionBuilder::penalty(Value parameters, VariableReader &reader) {
  TrainingOp training = plan.training;
  if (!training || training.getL2().isZero())
    return Value();
  Arithmetic math(builder, loc);
  auto square = [&](Value x) { return math.reduceAll(math.multiply(x, x)); };
  Value sum;
  if (training.getL2Norms()) {
    // The gaps between variables are zero.
    sum = square(parameters);
  } else {
    for (VariableOp variable : variables.all())
      if (variable.getSection() == Section::Parameter &&
          !variables.isNorm(variable))
        sum = math.add(sum, square(reader.read(variable.getSymName())));
  }
  return math.scale(sum, training.getL2().convertToDouble() / 2.0);
}

static bool hasDropout(const CircuitPlan &plan) {
  return llvm::any_of(plan.areas, [](const AreaPlan &area) {
    return llvm::any_of(area.populations, [](const PopulationPlan &population) {
      return PopulationOp(population.op).getDropoutAttr() != DropoutAttr();
    });
  });
}

void FunctionBuilder::buildForward() {
  // Of labels and of keys.
  auto integers =
      RankedTensorType::get({ShapedType::kDynamic}, builder.getI32Type());
  SmallVector<Port> arguments{parameters(),
                              averages(),
                              images(),
                              {"labels", integers},
                              {"count", RankedTensorType::get({}, element)}};
  bool drops = hasDropout(plan);
  if (drops)
    arguments.push_back({"keys", integers});
  func::FuncOp function = open("forward", arguments);
  Value theta = function.getArgument(0), labels = function.getArgument(3),
        count = function.getArgument(4),
        keys = drops ? function.getArgument(5) : Value();
  Network network(
      builder, plan, variables, Mode::Training,
      {theta, function.getArgument(1), function.getArgument(2), count, keys});
  Value loss = meanLoss(network.getLogits(), labels, count);
  Value total =
      Arithmetic(builder, loc).add(loss, penalty(theta, network.getReader()));

  auto lossAt = [&](int64_t index, Value value) {
    Result loss = result("losses", value);
    int64_t offset = index * element.getWidth() / 8;
    loss.attributes.push_back(
        named(offsetAttrName, builder.getI64IntegerAttr(offset)));
    return loss;
  };
  close(function, {lossAt(0, loss), lossAt(1, total),
                   result("logits", network.getLogits()),
                   result("averages", network.packAverages())});

  TrainingOp training = plan.training;
  double momentum = training ? training.getMomentum().convertToDouble() : 0.0;
  function->setAttr(objectiveAttrName, builder.getI64IntegerAttr(1));
  function->setAttr(wrtAttrName, builder.getI64IntegerAttr(0));
  function->setAttr(momentumAttrName, builder.getF64FloatAttr(momentum));
}

//===----------------------------------------------------------------------===//
// @evaluate and @respond
//===----------------------------------------------------------------------===//

void FunctionBuilder::buildEvaluate() {
  func::FuncOp function =
      open("evaluate", {parameters(), averages(), images()});
  Network network(builder, plan, variables, Mode::Evaluation,
                  {function.getArgument(0), function.getArgument(1),
                   function.getArgument(2), /*count=*/Value(),
                   /*keys=*/Value()});
  close(function, {result("logits", network.getLogits())});
}

void FunctionBuilder::buildRespond() {
  func::FuncOp function = open("respond", {parameters(), averages(), images()});
  Network network(builder, plan, variables, Mode::Evaluation,
                  {function.getArgument(0), function.getArgument(1),
                   function.getArgument(2), /*count=*/Value(),
                   /*keys=*/Value()});
  SmallVector<Result> results{result("logits", network.getLogits())};
  for (auto [value, response] :
       llvm::zip(network.buildResponses(), listResponses(plan))) {
    results.push_back(result("responses", value));
    results.back().attributes.push_back(
        named(responseAttrName, builder.getStringAttr(response.first)));
  }
  close(function, results);
}

//===----------------------------------------------------------------------===//
// All of them
//===----------------------------------------------------------------------===//

void dale::expand::buildFunctions(OpBuilder &builder, const CircuitPlan &plan,
                                  const Variables &variables,
                                  FloatType element) {
  FunctionBuilder functions(builder, plan, variables, element);
  functions.buildPrepare();
  functions.buildForward();
  functions.buildEvaluate();
  functions.buildRespond();
}

SmallVector<std::pair<std::string, MapShape>>
dale::expand::listResponses(const CircuitPlan &plan) {
  SmallVector<std::pair<std::string, MapShape>> responses;
  for (const AreaPlan &area : plan.areas)
    for (const PopulationPlan &population : area.populations)
      responses.emplace_back(
          nameOf(area.op, PopulationOp(population.op).getSymName()),
          population.shape);
  return responses;
}
