//===- DerivativeCases.cpp - Programs to differentiate --------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "DerivativeCases.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Sequence.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <numeric>
#include <regex>

using namespace dale::test;
using llvm::formatv;
using llvm::StringRef;

//===----------------------------------------------------------------------===//
// From a case to a module
//===----------------------------------------------------------------------===//

std::vector<int64_t> Operand::extents() const {
  std::vector<int64_t> extents;
  for (StringRef part : llvm::split(shape, 'x'))
    if (!part.empty() && part != "?")
      extents.push_back(std::stoll(part.str()));
  return extents;
}

int64_t Operand::elements() const {
  std::vector<int64_t> all = extents();
  return std::accumulate(all.begin(), all.end(), int64_t(1),
                         std::multiplies<>());
}

/// A shape without the batch.
static std::string imageShape(StringRef shape) {
  shape.consume_front("?");
  shape.consume_front("x");
  return shape.str();
}

std::vector<Operand> DerivativeCase::variables() const {
  std::vector<Operand> all;
  for (const Operand &operand : batched)
    all.push_back({operand.name + "_factor", operand.shape});
  all.insert(all.end(), shared.begin(), shared.end());
  all.push_back({"weight", imageShape(result)});
  return all;
}

int64_t DerivativeCase::numParameters() const {
  int64_t sum = 0;
  for (const Operand &variable : variables())
    sum += variable.elements();
  return sum;
}

int64_t DerivativeCase::imageElements() const {
  int64_t most = 1;
  for (const Operand &operand : batched)
    most = std::max(most, operand.elements());
  return most;
}

static std::string dimensions(int64_t first, int64_t end) {
  return llvm::join(
      llvm::map_range(llvm::seq(first, end),
                      [](int64_t i) { return std::to_string(i); }),
      ", ");
}

std::string DerivativeCase::module() const {
  std::string text;
  int64_t offset = 0;
  for (const Operand &variable : variables()) {
    text += formatv("dale.variable @{0} parameter at {1} : t<{2}> "
                    "init #dale.constant<0.0>\n",
                    variable.name, offset, variable.shape);
    offset += variable.elements();
  }
  text += "func.func @forward(%theta: t<P> {dale.buffer = \"parameters\"}, ";
  for (const Operand &operand : batched)
    text += formatv("%{0}_images: t<?x{1}> {{dale.buffer = \"images\"}, ",
                    operand.name, operand.shape);
  text += "%labels: tensor<?xi32> {dale.buffer = \"labels\"}, "
          "%count: t<> {dale.buffer = \"count\"})\n"
          "    -> (t<> {dale.buffer = \"losses\", dale.offset = 0 : i64})\n"
          "    attributes {dale.objective = 0 : i64, dale.wrt = 0 : i64, "
          "dale.momentum = 0.9 : f64} {\n";
  for (const Operand &variable : variables())
    text += formatv("  %{0} = dale.read @{0} of %theta : t<P> -> t<{1}>\n",
                    variable.name, variable.shape);
  for (const Operand &operand : batched)
    text +=
        formatv("  %{0}_factors = dale.broadcast %{0}_factor along [0] like "
                "%{0}_images : t<{1}>, t<?x{1}> -> t<?x{1}>\n"
                "  %{0} = arith.mulf %{0}_images, %{0}_factors : t<?x{1}>\n",
                operand.name, operand.shape);
  text += body;
  StringRef weights = "weight";
  if (StringRef(result).starts_with("?")) {
    text += formatv("  %weights = dale.broadcast %weight along [0] like %r : "
                    "t<{0}>, t<{1}> -> t<{1}>\n",
                    imageShape(result), result);
    weights = "weights";
  }
  int64_t rank = result.empty() ? 0 : llvm::count(result, 'x') + 1;
  text += formatv(R"(  %square = arith.mulf %r, %r : t<{0}>
  %weighted = arith.mulf %square, %{1} : t<{0}>
  %loss = dale.reduce %weighted over [{2}] : t<{0}> -> t<>
  return %loss : t<>
}
)",
                  result, weights, dimensions(0, rank));
  text = std::regex_replace(text, std::regex("t<P>"),
                            formatv("t<{0}>", offset).str());
  text = std::regex_replace(text, std::regex("\\bt<>"), "tensor<f64>");
  return std::regex_replace(text, std::regex("\\bt<([^>]*)>"),
                            "tensor<$1xf64>");
}

//===----------------------------------------------------------------------===//
// Convolutions
//===----------------------------------------------------------------------===//

/// A regular convolution of [N, 6, 5, 3] to two channels.
static DerivativeCase conv(StringRef name, StringRef kernel, StringRef padding,
                           int stride, StringRef map) {
  return {("Conv" + name).str(),
          "dale.conv",
          {{"x", "6x5x3"}},
          {{"k", (kernel + "x3x2").str()}},
          formatv("  %r = dale.conv %x, %k padding [{0}] {{stride = {1} : i64} "
                  ": t<?x6x5x3>, t<{2}x3x2> -> t<?x{3}x2>\n",
                  padding, stride, kernel, map),
          ("?x" + map + "x2").str()};
}

/// The derivative of such a convolution with respect to its input.
static DerivativeCase convInputGrad(StringRef name, StringRef kernel,
                                    StringRef padding, int stride,
                                    StringRef map) {
  return {("ConvInputGrad" + name).str(),
          "dale.conv_input_grad",
          {{"y", (map + "x2").str()}},
          {{"k", (kernel + "x3x2").str()}},
          formatv("  %r = dale.conv_input_grad %y, %k padding [{0}] "
                  "{{stride = {1} : i64} "
                  ": t<?x{3}x2>, t<{2}x3x2> -> t<?x6x5x3>\n",
                  padding, stride, kernel, map),
          "?x6x5x3"};
}

/// And with respect to its kernel.
static DerivativeCase convFilterGrad(StringRef name, StringRef kernel,
                                     StringRef padding, int stride,
                                     StringRef map, bool accumulator = false) {
  DerivativeCase test{
      ("ConvFilterGrad" + name).str(),
      "dale.conv_filter_grad",
      {{"x", "6x5x3"}, {"y", (map + "x2").str()}},
      {},
      formatv("  %r = dale.conv_filter_grad %x, %y {4} padding [{0}] "
              "{{stride = {1} : i64} "
              ": t<?x6x5x3>, t<?x{3}x2>{5} -> t<{2}x3x2>\n",
              padding, stride, kernel, map, accumulator ? "acc %a" : "",
              accumulator ? formatv(", t<{0}x3x2>", kernel).str() : ""),
      (kernel + "x3x2").str()};
  if (accumulator)
    test.shared.push_back({"a", test.result});
  return test;
}

static DerivativeCase depthwise(StringRef name, StringRef kernel,
                                StringRef padding, StringRef map) {
  return {("DepthwiseConv" + name).str(),
          "dale.depthwise_conv",
          {{"x", "6x5x3"}},
          {{"k", (kernel + "x3").str()}},
          formatv("  %r = dale.depthwise_conv %x, %k padding [{0}] "
                  ": t<?x6x5x3>, t<{1}x3> -> t<?x{2}x3>\n",
                  padding, kernel, map),
          ("?x" + map + "x3").str()};
}

static DerivativeCase depthwiseFilterGrad(StringRef name, StringRef kernel,
                                          StringRef padding, StringRef map,
                                          bool accumulator = false) {
  DerivativeCase test{
      ("DepthwiseFilterGrad" + name).str(),
      "dale.depthwise_filter_grad",
      {{"x", "6x5x3"}, {"y", (map + "x3").str()}},
      {},
      formatv("  %r = dale.depthwise_filter_grad %x, %y {3} padding [{0}] "
              ": t<?x6x5x3>, t<?x{2}x3>{4} -> t<{1}x3>\n",
              padding, kernel, map, accumulator ? "acc %a" : "",
              accumulator ? formatv(", t<{0}x3>", kernel).str() : ""),
      (kernel + "x3").str()};
  if (accumulator)
    test.shared.push_back({"a", test.result});
  return test;
}

/// Products over 5 channels to 3, on maps of a shape such as "4x3x" or "".
static DerivativeCase pointwise(StringRef name, StringRef map,
                                bool accumulator = false) {
  DerivativeCase test{
      ("PointwiseConv" + name).str(),
      "dale.pointwise_conv",
      {{"x", (map + "5").str()}},
      {{"k", "5x3"}},
      formatv("  %r = dale.pointwise_conv %x, %k {1} "
              ": t<?x{0}5>, t<5x3>{2} -> t<?x{0}3>\n",
              map, accumulator ? "acc %a" : "",
              accumulator ? formatv(", t<?x{0}3>", map).str() : ""),
      ("?x" + map + "3").str()};
  if (accumulator)
    test.batched.push_back({"a", (map + "3").str()});
  return test;
}

static DerivativeCase pointwiseFilterGrad(StringRef name, StringRef map,
                                          bool accumulator = false) {
  DerivativeCase test{("PointwiseFilterGrad" + name).str(),
                      "dale.pointwise_filter_grad",
                      {{"x", (map + "5").str()}, {"y", (map + "3").str()}},
                      {},
                      formatv("  %r = dale.pointwise_filter_grad %x, %y {1} "
                              ": t<?x{0}5>, t<?x{0}3>{2} -> t<5x3>\n",
                              map, accumulator ? "acc %a" : "",
                              accumulator ? ", t<5x3>" : ""),
                      "5x3"};
  if (accumulator)
    test.shared.push_back({"a", "5x3"});
  return test;
}

static void addConvolutions(std::vector<DerivativeCase> &cases) {
  const DerivativeCase all[] = {
      conv("Same", "3x3", "1, 1, 1, 1", 1, "6x5"),
      conv("One", "1x1", "0, 0, 0, 0", 1, "6x5"),
      conv("Even", "2x4", "0, 1, 1, 2", 1, "6x5"),
      conv("Valid", "3x2", "0, 0, 0, 0", 1, "4x4"),
      conv("Wide", "5x5", "2, 2, 2, 2", 1, "6x5"),
      conv("Stride", "3x3", "0, 1, 1, 1", 2, "3x3"),
      conv("StrideEven", "4x2", "1, 1, 0, 1", 2, "3x3"),
      conv("StrideWide", "7x7", "2, 3, 3, 3", 2, "3x3"),
      conv("StrideOne", "1x1", "0, 0, 0, 0", 2, "3x3"),
      convInputGrad("Same", "3x3", "1, 1, 1, 1", 1, "6x5"),
      convInputGrad("Stride", "3x3", "0, 1, 1, 1", 2, "3x3"),
      convInputGrad("StrideEven", "4x2", "1, 1, 0, 1", 2, "3x3"),
      convFilterGrad("Same", "3x3", "1, 1, 1, 1", 1, "6x5"),
      convFilterGrad("Even", "2x4", "0, 1, 1, 2", 1, "6x5"),
      convFilterGrad("Stride", "3x3", "0, 1, 1, 1", 2, "3x3"),
      convFilterGrad("StrideEvenAcc", "4x2", "1, 1, 0, 1", 2, "3x3", true),
      depthwise("Same", "3x3", "1, 1, 1, 1", "6x5"),
      depthwise("Even", "2x4", "0, 1, 1, 2", "6x5"),
      depthwise("Wide", "5x7", "2, 2, 3, 3", "6x5"),
      depthwise("Large", "10x9", "4, 5, 4, 4", "6x5"),
      depthwise("Valid", "3x2", "0, 0, 0, 0", "4x4"),
      depthwiseFilterGrad("Same", "3x3", "1, 1, 1, 1", "6x5"),
      depthwiseFilterGrad("EvenAcc", "2x4", "0, 1, 1, 2", "6x5", true),
      pointwise("", "4x3x"),
      pointwise("Acc", "4x3x", true),
      pointwise("Dense", ""),
      pointwise("DenseAcc", "", true),
      pointwiseFilterGrad("", "4x3x"),
      pointwiseFilterGrad("Acc", "4x3x", true),
      pointwiseFilterGrad("Dense", ""),
      {"Transpose",
       "dale.transpose",
       {},
       {{"k", "3x5"}},
       "  %r = dale.transpose %k : t<3x5> -> t<5x3>\n",
       "5x3"},
      {"TurnRegular",
       "dale.turn",
       {},
       {{"k", "3x2x4x5"}},
       "  %r = dale.turn %k : t<3x2x4x5> -> t<3x2x5x4>\n",
       "3x2x5x4"},
      {"TurnDepthwise",
       "dale.turn",
       {},
       {{"k", "3x4x5"}},
       "  %r = dale.turn %k : t<3x4x5> -> t<3x4x5>\n",
       "3x4x5"},
  };
  llvm::append_range(cases, all);
}

//===----------------------------------------------------------------------===//
// Pools, sums, broadcasts
//===----------------------------------------------------------------------===//

static DerivativeCase maxPool(int size, int stride, StringRef map) {
  return {formatv("MaxPool{0}Stride{1}", size, stride),
          "dale.max_pool",
          {{"x", "6x5x3"}},
          {},
          formatv("  %r = dale.max_pool %x size {0} stride {1} "
                  ": t<?x6x5x3> -> t<?x{2}x3>\n",
                  size, stride, map),
          ("?x" + map + "x3").str()};
}

static void addSums(std::vector<DerivativeCase> &cases) {
  const DerivativeCase all[] = {
      maxPool(3, 1, "6x5"),
      maxPool(3, 2, "3x3"),
      maxPool(2, 1, "6x5"),
      maxPool(2, 2, "3x3"),
      maxPool(4, 3, "2x2"),
      maxPool(1, 2, "3x3"),
      {"BroadcastToImages",
       "dale.broadcast",
       {{"x", "4x3x5"}},
       {{"b", "5"}},
       "  %r = dale.broadcast %b along [0, 1, 2] like %x "
       ": t<5>, t<?x4x3x5> -> t<?x4x3x5>\n",
       "?x4x3x5"},
      {"BroadcastToPixels",
       "dale.broadcast",
       {{"x", "5"}},
       {},
       "  %r = dale.broadcast %x along [1, 2] : t<?x5> -> t<?x4x3x5>\n",
       "?x4x3x5"},
      {"BroadcastToRows",
       "dale.broadcast",
       {},
       {{"b", "3"}},
       "  %r = dale.broadcast %b along [0] : t<3> -> t<2x3>\n",
       "2x3"},
      {"ReducePixels",
       "dale.reduce",
       {{"x", "4x3x5"}},
       {},
       "  %r = dale.reduce %x over [1, 2] : t<?x4x3x5> -> t<?x5>\n",
       "?x5"},
      {"ReducePixelsAcc",
       "dale.reduce",
       {{"x", "4x3x5"}, {"a", "5"}},
       {},
       "  %r = dale.reduce %x acc %a over [1, 2] "
       ": t<?x4x3x5>, t<?x5> -> t<?x5>\n",
       "?x5"},
      {"ReduceImages",
       "dale.reduce",
       {{"x", "4x3x5"}},
       {},
       "  %r = dale.reduce %x over [0, 1, 2] : t<?x4x3x5> -> t<5>\n",
       "5"},
      // More images than parts of the batch that are summed on their own.
      {"ReduceImagesAcc",
       "dale.reduce",
       {{"x", "4x3x5"}},
       {{"a", "5"}},
       "  %r = dale.reduce %x acc %a over [0, 1, 2] "
       ": t<?x4x3x5>, t<5> -> t<5>\n",
       "5",
       37},
      {"ReduceChannels",
       "dale.reduce",
       {{"x", "4x3x5"}},
       {},
       "  %r = dale.reduce %x over [3] : t<?x4x3x5> -> t<?x4x3>\n",
       "?x4x3"},
      {"ReduceShared",
       "dale.reduce",
       {},
       {{"a", "3x4"}},
       "  %r = dale.reduce %a over [0] : t<3x4> -> t<4>\n",
       "4"},
  };
  llvm::append_range(cases, all);
}

//===----------------------------------------------------------------------===//
// Norms, loss, variables
//===----------------------------------------------------------------------===//

static DerivativeCase batchNorm(StringRef name, StringRef map, int64_t batch) {
  return {
      ("BatchNorm" + name).str(),
      "dale.batch_norm",
      {{"x", (map + "4").str()}},
      {{"scale", "4"}, {"offset", "4"}},
      formatv("  %r, %mean, %variance = dale.batch_norm %x, %scale, %offset "
              "count %count epsilon 1.0e-3 : t<?x{0}4>, t<4>, t<>\n",
              map),
      ("?x" + map + "4").str(),
      batch};
}

static void addOthers(std::vector<DerivativeCase> &cases) {
  const DerivativeCase all[] = {
      batchNorm("", "3x2x", 3),
      batchNorm("ManyImages", "3x2x", 37),
      batchNorm("Dense", "", 5),
      {"SoftmaxCrossEntropy",
       "dale.softmax_cross_entropy",
       {{"x", "4"}},
       {},
       "  %r = dale.softmax_cross_entropy %x, %labels "
       ": t<?x4>, tensor<?xi32> -> t<?>\n",
       "?",
       5},
      {"Read",
       "dale.read",
       {},
       {{"a", "2x3"}},
       "  %r = dale.read @a of %theta : t<P> -> t<2x3>\n",
       "2x3"},
      {"ReadRow",
       "dale.read",
       {},
       {{"a", "3x4"}},
       "  %r = dale.read @a[1] of %theta : t<P> -> t<4>\n",
       "4"},
      // Both rows, of which one is also read as part of the whole.
      {"ReadRows",
       "dale.read",
       {{"x", "4"}},
       {{"a", "2x4"}},
       "  %first = dale.read @a[0] of %theta : t<P> -> t<4>\n"
       "  %second = dale.read @a[1] of %theta : t<P> -> t<4>\n"
       "  %sum = dale.reduce %a over [0] : t<2x4> -> t<4>\n"
       "  %product = arith.mulf %first, %second : t<4>\n"
       "  %both = arith.addf %product, %sum : t<4>\n"
       "  %spread = dale.broadcast %both along [0] like %x "
       ": t<4>, t<?x4> -> t<?x4>\n"
       "  %r = arith.mulf %spread, %x : t<?x4>\n",
       "?x4"},
      {"Pack",
       "dale.pack",
       {},
       {{"a", "2x3"}, {"b", "4"}},
       "  %flat = dale.pack %a, %b : t<2x3>, t<4> as [@a, @b] rows [-1, -1] "
       "-> t<P>\n"
       "  %r = dale.read @a of %flat : t<P> -> t<2x3>\n",
       "2x3"},
      {"Rsqrt",
       "math.rsqrt",
       {{"x", "3x2x5"}},
       {},
       "  %own = arith.mulf %x, %x : t<?x3x2x5>\n"
       "  %exp = math.exp %own : t<?x3x2x5>\n"
       "  %r = math.rsqrt %exp : t<?x3x2x5>\n",
       "?x3x2x5"},
      {"Spread",
       "dale.spread",
       {{"x", "2x3x4"}},
       {},
       "  %r = dale.spread %x at 1, 0 stride 2 : t<?x2x3x4> -> t<?x5x6x4>\n",
       "?x5x6x4"},
      {"Sample",
       "dale.sample",
       {{"x", "5x6x4"}},
       {},
       "  %r = dale.sample %x at 1, 0 stride 2 : t<?x5x6x4> -> t<?x2x3x4>\n",
       "?x2x3x4"},
      {"Join",
       "dale.join",
       {{"x", "2x3x4"}, {"y", "2x3x1"}, {"z", "2x3x7"}},
       {},
       "  %r = dale.join %x, %y, %z : t<?x2x3x4>, t<?x2x3x1>, t<?x2x3x7> "
       "-> t<?x2x3x12>\n",
       "?x2x3x12"},
      {"PackRow",
       "dale.pack",
       {},
       {{"a", "3x4"}, {"b", "4"}},
       "  %flat = dale.pack %b : t<4> as [@a] rows [1] -> t<P>\n"
       "  %r = dale.read @a of %flat : t<P> -> t<3x4>\n",
       "3x4"},
  };
  llvm::append_range(cases, all);
}

//===----------------------------------------------------------------------===//
// Element-wise ops
//===----------------------------------------------------------------------===//

/// A function of one value, of every pixel and of shared values.
static void addUnary(std::vector<DerivativeCase> &cases, StringRef name,
                     StringRef op) {
  cases.push_back({name.str(),
                   op.str(),
                   {{"x", "3x2x5"}},
                   {},
                   formatv("  %r = {0} %x : t<?x3x2x5>\n", op),
                   "?x3x2x5"});
  cases.push_back({(name + "Shared").str(),
                   op.str(),
                   {},
                   {{"a", "7"}},
                   formatv("  %r = {0} %a : t<7>\n", op),
                   "7"});
}

/// A function of two values, of every pixel and of shared ones.
static void addBinary(std::vector<DerivativeCase> &cases, StringRef name,
                      StringRef op) {
  cases.push_back({name.str(),
                   op.str(),
                   {{"x", "3x2x5"}, {"y", "3x2x5"}},
                   {},
                   formatv("  %r = {0} %x, %y : t<?x3x2x5>\n", op),
                   "?x3x2x5"});
  cases.push_back({(name + "Shared").str(),
                   op.str(),
                   {},
                   {{"a", "7"}, {"b", "7"}},
                   formatv("  %r = {0} %a, %b : t<7>\n", op),
                   "7"});
}

const std::vector<DerivativeCase> &dale::test::derivativeCases() {
  static const std::vector<DerivativeCase> cases = [] {
    std::vector<DerivativeCase> all;
    addConvolutions(all);
    addSums(all);
    addOthers(all);
    addUnary(all, "Sigmoid", "dale.sigmoid");
    addUnary(all, "Softplus", "dale.softplus");
    addUnary(all, "Neg", "arith.negf");
    addUnary(all, "Abs", "math.absf");
    addUnary(all, "Exp", "math.exp");
    addUnary(all, "Tanh", "math.tanh");
    addBinary(all, "Add", "arith.addf");
    addBinary(all, "Sub", "arith.subf");
    addBinary(all, "Mul", "arith.mulf");
    addBinary(all, "Div", "arith.divf");
    addBinary(all, "Maximum", "arith.maximumf");
    addBinary(all, "Minimum", "arith.minimumf");
    return all;
  }();
  return cases;
}
