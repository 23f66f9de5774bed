//===- Mutator.cpp - Circuit files with mistakes --------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "Mutator.h"

#include <algorithm>
#include <cctype>

using namespace dale::test;

namespace {

/// Words of circuit files, of TOML, and what has its own meaning somewhere.
const char *const words[] = {"circuit",
                             "readout",
                             "training",
                             "area1",
                             "area3",
                             "area4",
                             "base",
                             "like",
                             "scale",
                             "name",
                             "steps",
                             "input",
                             "height",
                             "width",
                             "channels",
                             "constraint",
                             "kernel",
                             "norm",
                             "pool",
                             "size",
                             "stride",
                             "populations",
                             "gates",
                             "projections",
                             "sign",
                             "principal",
                             "activation",
                             "exponent",
                             "silent",
                             "dropout",
                             "keep",
                             "on",
                             "acts",
                             "kind",
                             "effect",
                             "offset",
                             "range",
                             "delay",
                             "classes",
                             "time",
                             "dataset",
                             "batch",
                             "epochs",
                             "learning_rate",
                             "schedule",
                             "factor",
                             "momentum",
                             "l2",
                             "l2_norms",
                             "augment",
                             "pad",
                             "flip",
                             "area",
                             "aspect",
                             "resize",
                             "means",
                             "fraction",
                             "random_labels",
                             "seed",
                             "decay",
                             "epsilon",
                             "shared",
                             "\"batch\"",
                             "\"layer\"",
                             "\"none\"",
                             "\"memory\"",
                             "\"current\"",
                             "\"output\"",
                             "\"multiply\"",
                             "\"subtract\"",
                             "\"leak\"",
                             "\"excitatory\"",
                             "\"inhibitory\"",
                             "\"abs\"",
                             "\"rectify\"",
                             "\"free\"",
                             "\"separable\"",
                             "\"regular\"",
                             "\"local\"",
                             "\"long-range\"",
                             "\"relu\"",
                             "\"identity\"",
                             "\"sigmoid\"",
                             "\"tanh\"",
                             "\"elu\"",
                             "\"softplus\"",
                             "\"power\"",
                             "\"last\"",
                             "\"sum\"",
                             "\"cifar10\"",
                             "\"mnist\"",
                             "\"imagenet\"",
                             "\"standard.toml\"",
                             "\"input.toml\"",
                             "\"area3\"",
                             "\"area4\"",
                             "\"\"",
                             "\"* -> *\"",
                             "\"* -> PN\"",
                             "\"PN -> *\"",
                             "\"PN -> PN, IG\"",
                             "\"input -> PN\"",
                             "\"PN->\"",
                             "\" -> \"",
                             "\"PN, -> PN\"",
                             "\"area4.PN -> PN\"",
                             "PN",
                             "IG",
                             "OG",
                             "E",
                             "I",
                             "f",
                             "i",
                             "o",
                             "*",
                             "->",
                             "true",
                             "false",
                             "{",
                             "}",
                             "[",
                             "]",
                             "[[",
                             "]]",
                             "[]",
                             "{}",
                             "=",
                             ".",
                             ",",
                             "#",
                             "\"\"\"",
                             "'''",
                             "\\",
                             "\"\\u0000\"",
                             "\"\\uD800\"",
                             "\n",
                             "\r\n",
                             "\r",
                             "\t",
                             "1979-05-27T07:32:00Z",
                             "07:32:00",
                             "inf",
                             "nan",
                             "[area3]\n",
                             "[circuit]\n",
                             "[area4.gates]\n",
                             "[area9]\nchannels = 2\n",
                             "\xEF\xBB\xBF"};

const char *const numbers[] = {"0",
                               "-0",
                               "1",
                               "-1",
                               "2",
                               "3",
                               "7",
                               "1000",
                               "1001",
                               "1024",
                               "16384",
                               "16385",
                               "1048576",
                               "1048577",
                               "2147483647",
                               "2147483648",
                               "-2147483649",
                               "4294967296",
                               "9223372036854775807",
                               "-9223372036854775808",
                               "9223372036854775808",
                               "1e308",
                               "1e309",
                               "-1e309",
                               "1e-320",
                               "5e-324",
                               "0.0",
                               "-0.0",
                               "0.5",
                               "0.999999999999999999",
                               "1.5",
                               "nan",
                               "-inf",
                               "0x7f",
                               "0b1",
                               "0o7",
                               "1_000",
                               "1__0",
                               "01",
                               "1.",
                               ".5",
                               "1e",
                               "0x"};

// Not UTF-8: alone, too long, a surrogate, beyond the last letter, cut short.
const char *const brokenLetters[] = {
    "\x80", "\xC0\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82", "\xFF"};

class Mutation {
public:
  Mutation(std::string &text, const std::vector<std::string> &others,
           Draw &draw)
      : text(text), others(others), draw(draw) {}

  void apply();

private:
  size_t place() { return draw.index(text.size() + 1); }
  /// A run of characters that `belongs` accepts, at or after a random place.
  template <typename Predicate>
  void replaceRun(Predicate belongs, const std::string &by);
  std::string anyLine(const std::string &of);
  void changeLines();
  void nest();

  std::string &text;
  const std::vector<std::string> &others;
  Draw &draw;
};

} // namespace

template <typename Predicate>
void Mutation::replaceRun(Predicate belongs, const std::string &by) {
  auto begin = std::find_if(text.begin() + place(), text.end(), belongs);
  while (begin != text.begin() && begin != text.end() && belongs(begin[-1]))
    --begin;
  auto end = std::find_if_not(begin, text.end(), belongs);
  text.replace(begin, end, by);
}

std::string Mutation::anyLine(const std::string &of) {
  size_t at = draw.index(of.size() + 1);
  size_t begin = at == 0 ? 0 : of.rfind('\n', at - 1) + 1;
  size_t end = of.find('\n', begin);
  return of.substr(begin, end == of.npos ? end : end - begin + 1);
}

void Mutation::changeLines() {
  std::vector<std::string> lines;
  for (size_t begin = 0; begin < text.size();) {
    size_t end = std::min(text.find('\n', begin), text.size() - 1);
    lines.push_back(text.substr(begin, end + 1 - begin));
    begin = end + 1;
  }
  if (lines.empty())
    return;
  size_t one = draw.index(lines.size()), other = draw.index(lines.size());
  switch (draw.index(5)) {
  case 0:
    lines.insert(lines.begin() + one, lines[other]);
    break;
  case 1:
    lines.erase(lines.begin() + one);
    break;
  case 2:
    std::swap(lines[one], lines[other]);
    break;
  case 3:
    lines.insert(lines.begin() + one, anyLine(draw.oneOf(others)));
    break;
  case 4:
    lines[one] = "#" + lines[one];
    break;
  }
  text.clear();
  for (const std::string &line : lines)
    text += line;
}

/// A value or a key far deeper than any that is meant.
void Mutation::nest() {
  size_t depth =
      draw.chance(0.9) ? draw.integer(2, 40) : draw.integer(40, 100000);
  std::string deep;
  auto repeat = [&](const char *what) {
    for (size_t i = 0; i < depth; ++i)
      deep += what;
  };
  switch (draw.index(4)) {
  case 0:
    repeat("[");
    deep += "1";
    repeat("]");
    break;
  case 1:
    repeat("{ a = ");
    deep += "1";
    repeat(" }");
    break;
  case 2:
    deep = "a";
    repeat(".a");
    break;
  case 3:
    deep = "\n[a";
    repeat(".a");
    deep += "]\n";
    break;
  }
  if (draw.chance(0.5))
    replaceRun([](unsigned char c) { return std::isalnum(c); }, deep);
  else
    text.insert(place(), deep);
}

void Mutation::apply() {
  auto isDigit = [](unsigned char c) { return std::isdigit(c); };
  auto isWord = [](unsigned char c) {
    return std::isalnum(c) || c == '_' || c == '-' || c == '"';
  };
  switch (draw.index(14)) {
  case 0: // a bit
    if (!text.empty())
      text[draw.index(text.size())] ^= char(1 << draw.index(8));
    break;
  case 1: // a byte
    if (!text.empty())
      text[draw.index(text.size())] = char(draw.index(256));
    break;
  case 2:
    text.insert(place(), 1, char(draw.integer(1, 127)));
    break;
  case 3:
    text.erase(place(), draw.integer(1, draw.chance(0.8) ? 4 : 60));
    break;
  case 4:
    text.insert(place(), draw.oneOf(words));
    break;
  case 5:
  case 6:
    replaceRun(isWord, draw.oneOf(words));
    break;
  case 7:
  case 8:
    replaceRun(isDigit, draw.oneOf(numbers));
    break;
  case 9:
  case 10:
  case 11:
    changeLines();
    break;
  case 12:
    if (draw.chance(0.5))
      nest();
    else
      text.insert(place(), draw.oneOf(brokenLetters));
    break;
  case 13:
    if (draw.chance(0.3))
      text.resize(draw.index(text.size() + 1));
    else // What stands there may well be a word, quotes and all.
      replaceRun(isWord, anyLine(draw.oneOf(others)));
    break;
  }
}

std::string dale::test::mutate(std::string text,
                               const std::vector<std::string> &others,
                               Draw &draw) {
  int64_t count = draw.chance(0.5) ? 1 : draw.integer(2, 6);
  for (int64_t i = 0; i < count; ++i)
    Mutation(text, others, draw).apply();
  return text;
}
