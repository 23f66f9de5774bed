//===- ProjectionsTest.cpp - Tests of projection keys -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Projections.h"
#include "mlir/IR/MLIRContext.h"
#include <gtest/gtest.h>

using namespace dale;

namespace {

class Projections : public testing::Test {
protected:
  Projections()
      : handler(&context, [this](mlir::Diagnostic &diagnostic) {
          errors.push_back(diagnostic.str());
        }) {}

  void add(llvm::StringRef key, unsigned layer, bool takeAway = false) {
    mlir::Location loc = mlir::FileLineColLoc::get(&context, "f.toml", 1, 1);
    Node value(takeAway ? Node::Kind::Boolean : Node::Kind::Table, loc);
    projections.entries.push_back({key.str(), loc, value, layer, false});
  }

  /// The edges in order, as "A>B".
  std::vector<std::string> resolve() {
    std::vector<std::string> names;
    for (const Edge &edge : resolveProjections(projections, reporter))
      names.push_back(edge.source + ">" + edge.target);
    return names;
  }

  using Names = std::vector<std::string>;

  mlir::MLIRContext context;
  std::vector<std::string> errors;
  mlir::ScopedDiagnosticHandler handler;
  Reporter reporter;
  Node projections{Node::Kind::Table, mlir::UnknownLoc::get(&context)};
};

} // namespace

TEST_F(Projections, AreAllPairs) {
  add("A, B->C,D", 0);
  EXPECT_EQ(resolve(), (Names{"A>C", "A>D", "B>C", "B>D"}));
}

TEST_F(Projections, RefineEarlierLayersInPlace) {
  add("A -> B, C", 0);
  add("A -> C, D", 1);
  EXPECT_EQ(resolve(), (Names{"A>B", "A>C", "A>D"}));
  EXPECT_TRUE(errors.empty());
}

TEST_F(Projections, AreTakenAway) {
  add("A -> B, C", 0);
  add("B -> C", 0);
  add("* -> C", 1, /*takeAway=*/true);
  EXPECT_EQ(resolve(), Names{"A>B"});
}

TEST_F(Projections, OccurOnceALayer) {
  add("A -> B, C", 0);
  add("A -> C", 0);
  EXPECT_EQ(resolve(), (Names{"A>B", "A>C"}));
  EXPECT_EQ(errors, Names{"A already projects to C"});
}

TEST_F(Projections, NeedNames) {
  add("A", 0);
  add("A -> ", 0);
  add("-> A", 0);
  add("A,, B -> C", 0);
  EXPECT_TRUE(resolve().empty());
  EXPECT_EQ(errors.size(), 4u);
}
