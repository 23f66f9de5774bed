//===- Vocabulary.cpp - The keys of circuit files -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The readers, the JSON Schema and the reference page all take what they say
// from here.
//
//===----------------------------------------------------------------------===//

#include "frontend/Vocabulary.h"
#include "dialect/CircuitOps.h"
#include "runtime/CommandLineNames.h"
#include "llvm/ADT/STLExtras.h"

using namespace dale;

/// Far more than any circuit has, and little enough for products of sizes.
static constexpr int64_t maxChannels = 1 << 20;
static constexpr int64_t maxPixels = 1 << 14;
/// What can be unrolled in a reasonable time.
static constexpr int64_t maxSteps = 1000;
static constexpr int64_t maxDelay = 1024;
static constexpr int64_t maxExponent = 8;

//===----------------------------------------------------------------------===//
// How keys are written
//===----------------------------------------------------------------------===//

Key Key::means(llvm::StringRef text) const {
  Key key = *this;
  key.meaning = text.str();
  return key;
}

Key Key::required() const {
  Key key = *this;
  key.isRequired = true;
  return key;
}

Key Key::requiredUnless(llvm::StringRef other, llvm::StringRef value) const {
  Key key = required();
  key.unlessKey = other.str();
  key.unlessValue = value.str();
  return key;
}

Key Key::unlessSaidInWords(llvm::StringRef words) const {
  Key key = *this;
  key.fallbackInWords = words.str();
  return key;
}

Key Key::orNothing() const {
  Key key = *this;
  key.orFalse = true;
  return key;
}

Key Key::orOneOf(std::vector<std::string> names) const {
  Key key = *this;
  key.orChoice = true;
  key.choices = std::move(names);
  return key;
}

static Key make(llvm::StringRef name, ValueType type) {
  Key key;
  key.name = name.str();
  key.type = type;
  return key;
}

static Key integer(llvm::StringRef name, int64_t minimum, int64_t maximum) {
  Key key = make(name, ValueType::Integer);
  key.minimum = minimum;
  key.maximum = maximum;
  return key;
}

static Key integer(llvm::StringRef name, int64_t minimum) {
  return integer(name, minimum, std::numeric_limits<int32_t>::max());
}

static Key number(llvm::StringRef name, Bound bound) {
  Key key = make(name, ValueType::Number);
  key.bound = bound;
  return key;
}

/// An array of them; of any length where it is 0.
static Key numbers(llvm::StringRef name, Bound bound, size_t length) {
  Key key = make(name, ValueType::Numbers);
  key.bound = bound;
  key.length = length;
  return key;
}

static Key boolean(llvm::StringRef name) {
  return make(name, ValueType::Boolean);
}

static Key choice(llvm::StringRef name, std::vector<std::string> names) {
  Key key = make(name, ValueType::Choice);
  key.choices = std::move(names);
  return key;
}

template <typename EnumT>
static Key keyword(llvm::StringRef name) {
  return choice(name, keywordNames<EnumT>());
}

template <typename EnumT>
static std::string spell(EnumT value) {
  return keywordNames<EnumT>()[static_cast<unsigned>(value)];
}

static Key table(llvm::StringRef name, TableId id) {
  Key key = make(name, ValueType::Table);
  key.table = id;
  return key;
}

static Key tables(llvm::StringRef name, TableId id) {
  Key key = make(name, ValueType::Tables);
  key.table = id;
  return key;
}

//===----------------------------------------------------------------------===//
// Keys that several kinds of tables have
//===----------------------------------------------------------------------===//

static const std::vector<std::string> &normKinds() {
  static const std::vector<std::string> kinds = [] {
    std::vector<std::string> names = keywordNames<NormKind>();
    names.push_back("none");
    return names;
  }();
  return kinds;
}

static Key normKind() {
  return choice("kind", normKinds())
      .unlessSaid(normKinds().front())
      .means(
          "over what it takes mean and variance: each channel's batch, or an "
          "image's whole layer; or none");
}

static Key normShared() {
  return boolean("shared").means(
      "one set of parameters and moving averages for all time steps, in place "
      "of one a step");
}

static Key normDecay() {
  return number("decay", Bound::Fraction)
      .means("of a batch norm's moving averages");
}

static Key normEpsilon() {
  return number("epsilon", Bound::Positive).means("added to the variance");
}

static Key exponent() {
  return integer("exponent", 1, maxExponent)
      .unlessSaid(int64_t(2))
      .means("of the activation `\"power\"`: max(x, 0) to the power of it");
}

static Key pool() {
  return table("pool", TableId::Pool).orNothing().unlessSaid(false);
}

static constexpr const char *ofTheCircuit = "the circuit's";

//===----------------------------------------------------------------------===//
// The tables
//===----------------------------------------------------------------------===//

static TableKind circuit() {
  return {
      TableId::Circuit,
      "circuit",
      "[circuit]",
      "`[circuit]`",
      "What holds for the whole circuit.",
      {make("name", ValueType::String).required().means("the circuit's name"),
       integer("steps", 1, maxSteps)
           .required()
           .means("T, the time steps that the recurrent areas run for"),
       table("input", TableId::Input).required().means("an image, in pixels"),
       keyword<Constraint>("constraint")
           .unlessSaid(spell(Constraint::Abs))
           .means("how a stored kernel W̃ becomes the one that is applied, for "
                  "every projection that does not say: |W̃|, max(W̃, 0), or "
                  "W̃ itself"),
       keyword<Kernel>("kernel")
           .unlessSaid(spell(Kernel::Separable))
           .means("the form of the convolution of every projection that does "
                  "not say"),
       table("norm", TableId::CircuitNorm)
           .unlessSaidInWords("its own defaults")
           .means("what every norm of the circuit inherits; it gives nothing a "
                  "norm that has none")}};
}

static TableKind input() {
  return {TableId::Input,
          "input",
          "the input",
          "The input",
          "`[circuit] input`: the size of an image, and what becomes of its "
          "values.",
          {integer("height", 1, maxPixels).required().means("in pixels"),
           integer("width", 1, maxPixels).required().means("in pixels"),
           integer("channels", 1, maxPixels)
               .required()
               .means("3 for colours, 1 for shades of grey"),
           integer("resize", 1, maxPixels)
               .unlessSaidInWords("the larger of height and width")
               .means("of images of another size, the shorter side becomes so "
                      "many pixels before the centre is cut out; other data "
                      "sets have no use for it"),
           numbers("means", Bound::Any, 0)
               .unlessSaidInWords("none")
               .means("one number for each channel, which is subtracted from "
                      "its values of 0 to 255; without them each image is "
                      "standardized by its own mean and deviation")}};
}

static TableKind circuitNorm() {
  return {TableId::CircuitNorm,
          "circuit-norm",
          "a circuit's norm",
          "A circuit's norm",
          "`[circuit] norm`: what every norm inherits.",
          {normShared().unlessSaid(false), normDecay().unlessSaid(0.997),
           normEpsilon().unlessSaid(1e-5)}};
}

static TableKind feedForward() {
  return {
      TableId::FeedForward,
      "feed-forward-area",
      "a feed-forward area",
      "A feed-forward area",
      "A convolution without sign and bias, then norm, activation and pool; it "
      "runs once.",
      {integer("channels", 1, maxChannels)
           .required()
           .means("channels of its output"),
       integer("kernel", 1, maxPixels)
           .unlessSaid(int64_t(3))
           .means("width and height of the convolution, in pixels"),
       integer("stride", 1, maxPixels)
           .unlessSaid(int64_t(1))
           .means("stride of the convolution, in pixels"),
       table("norm", TableId::FeedForwardNorm)
           .orOneOf(normKinds())
           .orNothing()
           .unlessSaid(normKinds().front())
           .means("what normalizes the convolution before its activation"),
       keyword<Activation>("activation")
           .unlessSaid(spell(Activation::Relu))
           .means("what is made of the normalized convolution"),
       exponent(), pool().means("max pooling of its output, with `same` padding")}};
}

static TableKind feedForwardNorm() {
  return {TableId::FeedForwardNorm,
          "feed-forward-norm",
          "a norm",
          "The norm of a feed-forward area",
          "The area runs once: there is nothing to share over time.",
          {normKind(), normDecay().unlessSaidInWords(ofTheCircuit),
           normEpsilon().unlessSaidInWords(ofTheCircuit)}};
}

static TableKind recurrent() {
  return {
      TableId::Recurrent,
      "recurrent-area",
      "a recurrent area",
      "A recurrent area",
      "Populations that project to each other, run at every time step.",
      {pool().means("max pooling of what the principal populations send on, "
                    "with `same` padding"),
       tables("populations", TableId::Population)
           .required()
           .means("its populations, by name"),
       tables("gates", TableId::Gate)
           .orNothing()
           .unlessSaidInWords("none")
           .means("its gates, by name"),
       tables("projections", TableId::Projection)
           .orNothing()
           .unlessSaidInWords("none")
           .means("who projects to whom, by \"SOURCES -> TARGETS\"")}};
}

static TableKind like() {
  return {TableId::Like,
          "like",
          "an area",
          "An area like another",
          "Beside the keys of its kind, an area can have these.",
          {make("like", ValueType::Area)
               .unlessSaidInWords("none")
               .means("this area is a copy of that one, after bases and "
                      "overrides; what stands beside it is laid over the copy"),
           number("scale", Bound::Positive)
               .unlessSaid(1.0)
               .means("times the channels of the area that `like` names")}};
}

static TableKind poolTable() {
  return {TableId::Pool,
          "pool",
          "a pool",
          "A pool",
          "Max pooling with `same` padding, or `false` for none.",
          {integer("size", 1, maxPixels)
               .required()
               .means("width and height of its window, in pixels"),
           integer("stride", 1, maxPixels)
               .unlessSaid(int64_t(1))
               .means("from one window to the next, in pixels")}};
}

static TableKind population() {
  return {TableId::Population,
          "population",
          "a population",
          "A population",
          "One unit a channel and pixel.",
          {integer("channels", 1, maxChannels)
               .required()
               .means("units at every pixel"),
           keyword<Sign>("sign").unlessSaidInWords("none").means(
               "what its projections do unless they say otherwise"),
           boolean("principal")
               .unlessSaid(false)
               .means("whether it leaves the area; the others are "
                      "interneurons"),
           keyword<Activation>("activation")
               .unlessSaid(spell(Activation::Relu))
               .means("what is made of its current"),
           exponent(),
           table("norm", TableId::PopulationNorm)
               .orOneOf(normKinds())
               .orNothing()
               .unlessSaid(normKinds().back())
               .means("what normalizes its current or its state"),
           table("dropout", TableId::Dropout)
               .orNothing()
               .unlessSaid(false)
               .means("what of it is left out at random while training"),
           boolean("silent").unlessSaid(false).means(
               "a lesion: it computes as ever, but all that reads it "
               "reads zeros"),
           keyword<Constraint>("constraint")
               .unlessSaidInWords(ofTheCircuit)
               .means("how a stored kernel W̃ becomes the one that is applied, "
                      "for its projections within the area that do not say")}};
}

static TableKind populationNorm() {
  return {TableId::PopulationNorm,
          "norm",
          "a norm",
          "The norm of a population",
          "`\"batch\"` for short, where its other keys need not be said.",
          {normKind(),
           keyword<NormSite>("on")
               .unlessSaid(spell(NormSite::Current))
               .means("what is normalized: the current before its activation, "
                      "or the new state, which the next step then reads "
                      "normalized; that needs a gate on the memory"),
           normShared().unlessSaidInWords(ofTheCircuit),
           normDecay().unlessSaidInWords(ofTheCircuit),
           normEpsilon().unlessSaidInWords(ofTheCircuit)}};
}

static TableKind dropout() {
  return {TableId::Dropout,
          "dropout",
          "a dropout",
          "A dropout",
          "At every time step of training, another choice of units is zero.",
          {number("keep", Bound::Share)
               .required()
               .means("the share of units that is kept, times 1 / keep"),
           keyword<NormSite>("on")
               .unlessSaid(spell(NormSite::Current))
               .means("the current before its activation, or the new state; "
                      "after a norm there")}};
}

static TableKind gate() {
  return {
      TableId::Gate,
      "gate",
      "a gate",
      "A gate",
      "It acts on one population, and has as many channels.",
      {make("on", ValueType::Population)
           .required()
           .means("the population that it acts on"),
       keyword<GateSite>("acts")
           .requiredUnless("kind", spell(GateKind::Leak))
           .unlessSaidInWords("of a leak `\"memory\"`")
           .means("what of the population it acts on"),
       keyword<GateKind>("kind").required().means("how it acts"),
       keyword<Sign>("effect")
           .unlessSaidInWords("on the memory `\"excitatory\"`, otherwise the "
                              "sign of the local projections that drive it")
           .means("whether the gate lets through (g) or holds back (1 − g)"),
       keyword<Activation>("activation")
           .unlessSaidInWords("`\"sigmoid\"`, to subtract `\"relu\"`")
           .means("what is made of its current"),
       exponent(),
       number("offset", Bound::Any)
           .unlessSaid(0.0)
           .means("a constant that is added to its current")}};
}

static TableKind projection() {
  return {
      TableId::Projection,
      "projection",
      "a projection",
      "A projection",
      "Under a key \"A, B -> C, D\": each source's projection to each target. "
      "A source \"AREA.A\" is a population of an area above: feedback.",
      {keyword<Range>("range")
           .unlessSaidInWords("from `input` or an area above "
                              "`\"long-range\"`, from a population "
                              "`\"local\"`")
           .means("where it comes from"),
       keyword<Sign>("sign")
           .unlessSaidInWords("the source's; from `input` `\"excitatory\"`")
           .means("whether it adds to its target's current or subtracts"),
       keyword<Constraint>("constraint")
           .unlessSaidInWords("the source's, or the circuit's")
           .means("how a stored kernel W̃ becomes the one that is applied: "
                  "|W̃|, max(W̃, 0), or W̃ itself; on every factor of the "
                  "kernel"),
       keyword<Kernel>("kernel")
           .unlessSaidInWords(ofTheCircuit)
           .means("a depthwise `[k, k, Cin]` and a pointwise `[Cin, Cout]` "
                  "kernel, or one `[k, k, Cin, Cout]`"),
       integer("size", 1, maxPixels)
           .unlessSaid(int64_t(3))
           .means("k, in pixels"),
       integer("delay", 0, maxDelay)
           .unlessSaidInWords("from a population with a gate on its memory or "
                              "of an area above 1, otherwise 0")
           .means("time steps until the target sees the source")}};
}

static TableKind readout() {
  return {TableId::Readout,
          "readout",
          "[readout]",
          "`[readout]`",
          "A dense layer that reads the last area's principal populations, "
          "pooled and averaged over space.",
          {integer("classes", 1, maxChannels)
               .required()
               .means("that it tells apart"),
           keyword<ReadoutTime>("time")
               .unlessSaid(spell(ReadoutTime::Last))
               .means("the last time step, or the sum of all")}};
}

static TableKind training() {
  const std::vector<std::string> datasets(runtime::datasetNames.begin(),
                                          runtime::datasetNames.end());
  return {
      TableId::Training,
      "training",
      "[training]",
      "`[training]`",
      "What the executable does unless its command line says otherwise. The "
      "table can be left out.",
      {choice("dataset", datasets)
           .unlessSaid(datasets.front())
           .means("the images to train on"),
       integer("batch", 1).unlessSaid(int64_t(128)).means("images a step"),
       integer("epochs", 1)
           .unlessSaid(int64_t(250))
           .means("times through the training set"),
       number("learning_rate", Bound::Positive)
           .unlessSaid(0.1)
           .means("at the start"),
       table("schedule", TableId::Schedule)
           .orNothing()
           .unlessSaid(false)
           .means("how the learning rate falls"),
       number("momentum", Bound::Fraction)
           .unlessSaid(0.9)
           .means("of gradient descent: m ← momentum · m + g"),
       number("l2", Bound::NonNegative)
           .unlessSaid(0.0)
           .means("λ of λ · ½‖θ‖², which is added to the loss"),
       boolean("l2_norms")
           .unlessSaid(true)
           .means("whether batch-norm parameters count in it"),
       table("augment", TableId::Augment)
           .orNothing()
           .unlessSaid(false)
           .means("what is done to the images of training at random"),
       number("fraction", Bound::Share)
           .unlessSaid(1.0)
           .means("of the training set: its first images"),
       boolean("random_labels")
           .unlessSaid(false)
           .means("each training image gets a label at random, once, by the "
                  "seed; those of the test stay"),
       integer("seed", 0, std::numeric_limits<int64_t>::max())
           .unlessSaid(int64_t(0))
           .means("of all that is random")}};
}

static TableKind schedule() {
  Key epochs = make("epochs", ValueType::Integers);
  epochs.minimum = 1;
  return {TableId::Schedule,
          "schedule",
          "a schedule",
          "A schedule",
          "`[training] schedule`: when the learning rate falls.",
          {epochs.unlessSaidInWords("none").means(
               "epochs, in order, at whose start it is multiplied"),
           number("factor", Bound::Positive)
               .unlessSaid(0.1)
               .means("what it is multiplied by")}};
}

static TableKind augment() {
  return {
      TableId::Augment,
      "augment",
      "an augmentation",
      "An augmentation",
      "`[training] augment`: what is done to the images of training.",
      {integer("pad", 0, maxPixels)
           .unlessSaid(int64_t(0))
           .means("zero-pad by so many pixels a side, and crop at random"),
       numbers("area", Bound::Share, 2)
           .unlessSaidInWords("with `aspect` [0.08, 1.0], otherwise none")
           .means("a random crop with the smallest and the largest share of "
                  "the image's area, resized to the input; not with `pad`"),
       numbers("aspect", Bound::Positive, 2)
           .unlessSaidInWords("with `area` [3/4, 4/3], otherwise none")
           .means("the smallest and the largest aspect, width through height, "
                  "of that crop"),
       boolean("flip").unlessSaid(false).means("left to right, at random")}};
}

//===----------------------------------------------------------------------===//
// Access
//===----------------------------------------------------------------------===//

llvm::ArrayRef<TableKind> dale::vocabulary() {
  static const std::vector<TableKind> kinds = {
      circuit(),   input(),  circuitNorm(), feedForward(), feedForwardNorm(),
      recurrent(), like(),   poolTable(),   population(),  populationNorm(),
      dropout(),   gate(),   projection(),  readout(),     training(),
      schedule(),  augment()};
  return kinds;
}

const TableKind &dale::kindOf(TableId id) {
  const TableKind &kind = vocabulary()[static_cast<size_t>(id)];
  assert(kind.id == id && "the kinds are not in the order of TableId");
  return kind;
}

llvm::ArrayRef<llvm::StringRef> dale::sectionNames() {
  static const llvm::StringRef names[] = {"circuit", "readout", "training"};
  return names;
}

const Key *TableKind::find(llvm::StringRef key) const {
  auto it = llvm::find_if(keys, [&](const Key &k) { return k.name == key; });
  return it == keys.end() ? nullptr : &*it;
}

llvm::SmallVector<llvm::StringRef> TableKind::keyNames() const {
  llvm::SmallVector<llvm::StringRef> names;
  for (const Key &key : keys)
    names.push_back(key.name);
  return names;
}
