//===- VocabularyTest.cpp - The keys of circuit files -*- C++ -*-===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "frontend/Vocabulary.h"
#include "frontend/Reference.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringSet.h"
#include <gtest/gtest.h>

using namespace dale;

/// Calls `check` with every key of every kind of table.
static void
forEachKey(llvm::function_ref<void(const TableKind &, const Key &)> check) {
  for (const TableKind &kind : vocabulary())
    for (const Key &key : kind.keys) {
      SCOPED_TRACE(kind.name + " " + key.name);
      check(kind, key);
    }
}

TEST(Vocabulary, KindsStandWhereTheirIdSays) {
  llvm::StringSet<> names;
  for (auto [index, kind] : llvm::enumerate(vocabulary())) {
    EXPECT_EQ(static_cast<size_t>(kind.id), index) << kind.name;
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
  }
}

TEST(Vocabulary, EveryKeyIsExplainedOnce) {
  for (const TableKind &kind : vocabulary()) {
    llvm::StringSet<> names;
    for (const Key &key : kind.keys) {
      EXPECT_TRUE(names.insert(key.name).second) << kind.name << key.name;
      EXPECT_FALSE(key.meaning.empty()) << kind.name << key.name;
    }
  }
}

/// A key is required, or something is known of it where it is not said.
TEST(Vocabulary, WhatIsNotSaidIsKnown) {
  forEachKey([](const TableKind &, const Key &key) {
    bool hasValue = !std::holds_alternative<std::monostate>(key.fallback);
    EXPECT_NE(key.isRequired && key.unlessKey.empty(),
              hasValue || !key.fallbackInWords.empty());
  });
}

TEST(Vocabulary, ThePageTellsBothBounds) {
  std::string page = printReference();
  for (const char *bounds : {"`classes` | whole number, 1 to 1048576 |",
                             "`delay` | whole number, 0 to 1024 |",
                             "`batch` | whole number, 1 to 2147483647 |",
                             "`seed` | whole number ≥ 0 |"})
    EXPECT_NE(page.find(bounds), std::string::npos) << bounds;
}

/// The readers take a default without a look at its type.
TEST(Vocabulary, DefaultsHaveTheTypeOfTheirKey) {
  forEachKey([](const TableKind &, const Key &key) {
    if (std::holds_alternative<std::monostate>(key.fallback))
      return;
    if (const auto *name = std::get_if<std::string>(&key.fallback)) {
      EXPECT_TRUE(llvm::is_contained(key.choices, *name));
      return;
    }
    if (const auto *number = std::get_if<int64_t>(&key.fallback)) {
      EXPECT_EQ(key.type, ValueType::Integer);
      EXPECT_GE(*number, key.minimum);
      EXPECT_LE(*number, key.maximum);
      return;
    }
    if (std::holds_alternative<double>(key.fallback)) {
      EXPECT_EQ(key.type, ValueType::Number);
      return;
    }
    EXPECT_TRUE(key.type == ValueType::Boolean ||
                (key.orFalse && !std::get<bool>(key.fallback)));
  });
}
