//===- FilesTest.cpp - Tests of what reads runs' files --------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "report/Csv.h"
#include "report/Json.h"
#include "report/Run.h"
#include "report/Units.h"
#include "report/figures/Dashboard.h"
#include "test/unit/runtime/Support.h"

#include <cmath>

using namespace dale::report;
using dale::runtime::test::expectError;
using dale::runtime::test::TemporaryFolder;
using dale::runtime::test::writeFile;

static const std::string header =
    "run,seed,epoch,area,population,unit,metric,value\n";

namespace {
class Files : public testing::Test {
protected:
  std::filesystem::path write(const std::string &text) {
    writeFile(folder / "file", text);
    return folder / "file";
  }

  void expectNoTable(const std::string &text,
                     const std::vector<std::string> &parts) {
    auto file = write(text);
    expectError([&] { readMeasurements(file, "do it again"); }, parts);
  }

  TemporaryFolder folder;
};
} // namespace

TEST_F(Files, MeasurementsAreRead) {
  auto rows = readMeasurements(
      write(header +
            "\"a, \"\"b\"\"\",0,3,v1,P,7,gosi,0.5\nr,0,4,,,,loss,nan\n"),
      "");
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].epoch, 3);
  EXPECT_EQ(rows[0].area, "v1");
  EXPECT_EQ(rows[0].population, "P");
  EXPECT_EQ(rows[0].unit, "7");
  EXPECT_EQ(rows[0].metric, "gosi");
  EXPECT_EQ(rows[0].value, 0.5);
  EXPECT_TRUE(std::isnan(rows[1].value));
}

TEST_F(Files, BrokenTablesAreNamed) {
  expectNoTable("", {"file:1: the file is empty", "do it again"});
  expectNoTable("a,b\n", {"file:1: expected the header run,seed,epoch"});
  expectNoTable(header + "r,0,1,,,,loss,1\nr,0,2,,,,loss",
                {"file:3: the file ends within a line"});
  expectNoTable(header + "r,0,1,,,,\"loss,1\n",
                {"file:2: the file ends within quotes"});
  expectNoTable(header + "r,0,1,,,loss,1\n",
                {"file:2: the line has 7 fields: expected 8"});
  expectNoTable(header + "r,0,1,,,,loss,much\n",
                {"file:2: the value is 'much': expected a number"});
  expectNoTable(header + "r,0,x,,,,loss,1\n",
                {"file:2: the epoch is 'x': expected a number"});
}

TEST_F(Files, TablesAreQuoted) {
  Table table{{"a", "b"}, {{"x, y", "\"z\""}, {"", "2"}}};
  EXPECT_EQ(table.csv(), "a,b\n\"x, y\",\"\"\"z\"\"\"\n,2\n");
  EXPECT_EQ(cell(0.1), "0.1");
  EXPECT_EQ(cell(NAN), "");
}

TEST_F(Files, BrokenJsonIsNamedByLineAndColumn) {
  auto file = write("{\n  \"a\": 1,\n  \"b\": [1, 2");
  expectError([&] { JsonValue::read(file, "do it again"); },
              {"file:3:13: the file ends here: expected JSON", "do it again"});
  file = write("{\n  \"a\": 1,\n  'b'}");
  expectError([&] { JsonValue::read(file, ""); },
              {"file:3:3: this is no JSON"});
}

TEST_F(Files, NumbersThatAreTooLargeAreNamedByLineAndColumn) {
  auto file = write("{\n  \"a\": [1e999, 2]}");
  expectError([&] { JsonValue::read(file, "do it again"); },
              {"file:2:9: 1e999 is too large: expected a number that 64 bits "
               "hold; do it again"});
  file = write("{\n  \"a\": -1e400}");
  expectError([&] { JsonValue::read(file, ""); }, {"file:2:8: -1e400 is too"});
  file = write("1e999");
  expectError([&] { JsonValue::read(file, ""); }, {"file:1:1: 1e999 is too"});
}

TEST_F(Files, FoldersAreNoFiles) {
  for (const char *name : {"summary.json", "metrics.csv"})
    std::filesystem::create_directory(folder / name);
  expectError([&] { JsonValue::read(folder / "summary.json", ""); },
              {"summary.json: is a folder: expected a text file"});
  expectError([&] { readMeasurements(folder / "metrics.csv", ""); },
              {"metrics.csv: is a folder: expected a text file"});
}

TEST_F(Files, JsonValuesAreNamedByPath) {
  JsonValue root = JsonValue::read(
      write("{\"a\": [{\"b\": \"x\"}, {\"b\": null}], \"c\": 0.5}"), "mend it");
  EXPECT_EQ(root.at("a").items()[0].at("b").text(), "x");
  EXPECT_EQ(root.at("a").items()[0].at("b").scalar(), "x");
  EXPECT_EQ(root.at("c").scalar(), "0.5");
  EXPECT_FALSE(root.at("a").items()[1].find("b"));
  EXPECT_FALSE(root.find("d"));
  expectError([&] { root.at("a").items()[0].at("b").number(); },
              {"/a/0/b is \"x\": expected a number; mend it"});
  expectError([&] { root.at("c").integer(); },
              {"/c is 0.5: expected a whole number"});
  expectError([&] { root.at("d"); }, {"the whole has no 'd'"});
  expectError([&] { root.at("c").at("d"); }, {"/c is 0.5: expected an object"});
}

TEST_F(Files, CountsAreNotNegative) {
  JsonValue root = JsonValue::read(write("{\"a\": 3, \"b\": -1, \"c\": 0.5, "
                                         "\"d\": 18446744073709551615}"),
                                   "mend it");
  EXPECT_EQ(root.at("a").count(), 3);
  for (const char *key : {"b", "c", "d"})
    expectError([&] { root.at(key).count(); },
                {std::string("/") + key,
                 "expected a whole number of at least 0", "mend it"});
}

TEST_F(Files, UnitsAreThoseThatTheAnalysisCounts) {
  Analysis analysis;
  analysis.folder = folder.path();
  Population &population = analysis.populations.emplace_back();
  population.area = "v1";
  population.name = "P";
  population.units = 2;
  auto read = [&](const std::string &unit, const std::string &area = "v1") {
    writeFile(folder / "analysis.csv", header + "r,0,3,,,,loss,1\nr,0,3," +
                                           area + ",P," + unit + ",gosi,0.5\n");
    return readUnits(analysis);
  };
  EXPECT_EQ(read("1").front().units[1].get("gosi"), 0.5);
  for (const char *unit : {"x7", "1x", "2", "-1", "99999999999999999999"})
    expectError([&] { read(unit); },
                {"analysis.csv:3: unit '" + std::string(unit) + "' of v1.P"});
  expectError([&] { read("0", "v2"); }, {"analysis.csv:3: unit '0' of v2.P"});
}

TEST_F(Files, UnitsHaveNumbersOfAnySize) {
  Runs runs;
  runs.runs.emplace_back().analyses[0].folder = folder.path();
  UnitTable table{"v1", "P", {{{{"gosi", 1e-310}}}, {{{"gosi", 0.123456}}}}};
  std::string units = describeUnits(Sources(runs), runs.runs[0], {table});
  EXPECT_NE(units.find("[[1e-310],"), std::string::npos) << units;
  EXPECT_NE(units.find("[[0.1235],"), std::string::npos) << units;
}

TEST(Names, AreOrderedAsReadersCount) {
  EXPECT_TRUE(naturalLess("PN=8", "PN=16"));
  EXPECT_FALSE(naturalLess("PN=16", "PN=8"));
  EXPECT_TRUE(naturalLess("PN=2,IG=16", "PN=4,IG=2"));
  EXPECT_TRUE(naturalLess("a", "b"));
  EXPECT_TRUE(naturalLess("a", "a1"));
  EXPECT_FALSE(naturalLess("a", "a"));
  EXPECT_TRUE(naturalLess("a2b1", "a02b2"));
}
