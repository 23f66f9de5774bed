//===- SafetensorsTest.cpp - Tests of tensor files ------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/Safetensors.h"
#include "Support.h"
#include "runtime/random/Philox.h"

#include <sys/stat.h>

using namespace dale::runtime;
using namespace dale::runtime::test;

namespace {

class Safetensors : public testing::Test {
protected:
  /// Expects that opening these bytes fails, with the file's name and `parts`.
  void expectRefused(const std::string &bytes, std::vector<std::string> parts) {
    auto path = folder / "x.safetensors";
    writeFile(path, bytes);
    parts.push_back(path.string());
    expectError([&] { TensorReader reader(path); }, parts);
  }

  TemporaryFolder folder;
};

TEST_F(Safetensors, KeepsWhatWasWritten) {
  std::vector<float> a = {1, 2, 3, 4, 5, 6};
  std::vector<double> b = {0.1};
  std::vector<int32_t> c = {-7, 8};
  std::vector<uint8_t> d = {9, 10, 11};
  {
    TensorWriter writer(folder / "x",
                        {{"d", ElementType::U8, {3}},
                         {"a", ElementType::F32, {2, 3}},
                         {"c", ElementType::I32, {2}},
                         {"b", ElementType::F64, {}},
                         {"none", ElementType::F32, {0, 5}}},
                        {{"key", "a \"value\""}});
    // In two parts, the second first.
    writer.write("a", a.data() + 4, 8, 16);
    writer.write("a", a.data(), 16);
    writer.write("b", b.data(), 8);
    writer.write("c", c.data(), 8);
    writer.write("d", d.data(), 3);
    writer.commit();
  }
  TensorReader reader(folder / "x");
  EXPECT_EQ(reader.metadata(), (Metadata{{"key", "a \"value\""}}));
  EXPECT_EQ(reader.tensors().size(), 5u);

  const TensorInfo &info = reader.get("a");
  EXPECT_EQ(info.shape, (Shape{2, 3}));
  EXPECT_EQ(info.type, ElementType::F32);
  std::vector<float> readA(6);
  reader.readBytes(info, readA.data());
  EXPECT_EQ(readA, a);
  std::vector<double> wide(6);
  reader.readReal(info, ElementType::F64, wide.data());
  EXPECT_EQ(wide, std::vector<double>(a.begin(), a.end()));
  float narrow = 0;
  reader.readReal(reader.get("b"), ElementType::F32, &narrow);
  EXPECT_EQ(narrow, 0.1f);
  std::vector<int32_t> readC(2);
  reader.readBytes(reader.get("c"), readC.data());
  EXPECT_EQ(readC, c);
  std::vector<uint8_t> readD(3);
  reader.readBytes(reader.get("d"), readD.data());
  EXPECT_EQ(readD, d);
}

TEST_F(Safetensors, EveryTensorIsAligned) {
  {
    TensorWriter writer(folder / "x", {{"byte", ElementType::U8, {1}},
                                       {"wide", ElementType::F64, {1}},
                                       {"real", ElementType::F32, {3}}});
    writer.commit();
  }
  TensorReader reader(folder / "x");
  for (const TensorInfo &tensor : reader.tensors())
    EXPECT_EQ(tensor.offset % static_cast<int64_t>(sizeOf(tensor.type)), 0)
        << tensor.name;
}

TEST_F(Safetensors, SuggestsTheNearestName) {
  writeFile(folder / "x",
            rawTensors(
                R"({"images":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})",
                "a"));
  TensorReader reader(folder / "x");
  expectError([&] { reader.get("image"); },
              {"has no tensor 'image'", "did you mean 'images'?"});
  expectError(
      [&] { reader.readReal(reader.get("images"), ElementType::F32, nullptr); },
      {"'images' is U8: expected F32"});
}

TEST_F(Safetensors, RefusesAMissingFile) {
  expectError([&] { TensorReader reader(folder / "none"); },
              {(folder / "none").string(), "No such file or directory"});
  expectError([&] { TensorReader reader(folder.path()); },
              {"is no regular file"});
  // Nobody will ever write into it.
  std::filesystem::path pipe = folder / "pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  expectError([&] { TensorReader reader(pipe); }, {"is no regular file"});
}

TEST_F(Safetensors, RefusesTruncation) {
  expectRefused("", {"ends at byte 0", "8 bytes of a header's length"});
  expectRefused("abc", {"ends at byte 3"});
  std::string whole = rawTensors(
      R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", "12345678");
  int64_t size = static_cast<int64_t>(whole.size());
  expectRefused(whole.substr(0, 20),
                {"ends at byte 20, within the header",
                 fmt::format("expected a header up to byte {}", size - 8)});
  expectRefused(whole.substr(0, size - 3),
                {fmt::format("'a' ends at byte {}", size),
                 fmt::format("at most {}", size - 3)});
  // The whole file is fine.
  writeFile(folder / "whole", whole);
  EXPECT_NO_THROW(TensorReader reader(folder / "whole"));
}

TEST_F(Safetensors, RefusesAWildHeaderLength) {
  std::string bytes = rawTensors("{}", "");
  bytes[7] = '\x7f';
  expectRefused(bytes, {"header's length at byte 0", "at most 100000000"});
}

TEST_F(Safetensors, RefusesBadJson) {
  // The third letter of the header, at byte 8 + 2.
  expectRefused(rawTensors("{ x}", ""), {"no JSON at byte 10"});
  expectRefused(rawTensors("[]", ""), {"no JSON object"});
  expectRefused(rawTensors("", ""), {"no JSON at byte 8"});
  expectRefused(rawTensors("{\"a\": 1e999}", ""),
                {"a number that is too large"});
}

TEST_F(Safetensors, RefusesBadEntries) {
  auto entry = [](const std::string &text) {
    return rawTensors("{\"a\":" + text + "}", "12345678");
  };
  expectRefused(entry("1"), {"'a'", "expected dtype, shape and data_offsets"});
  expectRefused(entry(R"({"dtype":"F33","shape":[2],"data_offsets":[0,8]})"),
                {"dtype \"F33\" is unknown", "expected F64, F32"});
  expectRefused(entry(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})"),
                {"extent -2"});
  expectRefused(entry(R"({"dtype":"F32","shape":2,"data_offsets":[0,8]})"),
                {"list of extents"});
  expectRefused(
      entry(
          R"({"dtype":"F32","shape":[4294967296,4294967296,4],"data_offsets":[0,8]})"),
      {"too large"});
  expectRefused(entry(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})"),
                {"span 8 bytes: expected 12 for F32 [3]"});
  expectRefused(entry(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})"),
                {"end before they begin"});
  expectRefused(entry(R"({"dtype":"F32","shape":[2],"data_offsets":[0]})"),
                {"two counts of bytes"});
  expectRefused(rawTensors(R"({"__metadata__":{"a":1}})", ""),
                {"metadata 'a'", "no string"});
  expectRefused(rawTensors(R"({"__metadata__":[]})", ""), {"no object"});
}

TEST_F(Safetensors, RefusesTensorsOutsideTheFile) {
  std::string bytes = rawTensors(
      R"({"a":{"dtype":"U8","shape":[9],"data_offsets":[0,9]}})", "12345678");
  expectRefused(bytes, {fmt::format("'a' ends at byte {}: expected at most {}",
                                    bytes.size() + 1, bytes.size())});
  expectRefused(rawTensors(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[)"
                           R"(18446744073709551614,18446744073709551615]}})",
                           "12345678"),
                {"'a'"});
}

// Whatever a damaged file says, it is read or refused, and nothing worse.
TEST_F(Safetensors, SurvivesDamage) {
  const std::string whole =
      rawTensors(R"({"__metadata__":{"a":"b"},)"
                 R"("x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},)"
                 R"("y":{"dtype":"U8","shape":[4],"data_offsets":[8,12]}})",
                 "123456789012");
  RandomSequence random(1, RandomStream::Shuffle, 0);
  uint32_t size = static_cast<uint32_t>(whole.size());
  int refused = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = whole;
    for (uint32_t edits = 1 + random.below(3); edits > 0; --edits)
      bytes[random.below(size)] = static_cast<char>(random.below(256));
    if (random.below(4) == 0)
      bytes.resize(random.below(size));
    writeFile(folder / "x", bytes);
    try {
      TensorReader reader(folder / "x");
      for (const TensorInfo &tensor : reader.tensors()) {
        std::vector<std::byte> data(static_cast<size_t>(tensor.bytes()));
        reader.readBytes(tensor, data.data());
      }
    } catch (const Error &) {
      ++refused;
    }
  }
  // Damage to the data or to a name cannot be seen.
  EXPECT_GT(refused, 2000);
  EXPECT_LT(refused, 3000);
}

TEST_F(Safetensors, RefusesOverlapGapsAndTwins) {
  auto two = [](int begin, int end, const char *name) {
    return rawTensors(
        fmt::format(
            R"({{"a":{{"dtype":"U8","shape":[4],"data_offsets":[0,4]}},)"
            R"("{}":{{"dtype":"U8","shape":[{}],"data_offsets":[{},{}]}}}})",
            name, end - begin, begin, end),
        "12345678");
  };
  expectRefused(two(3, 8, "b"), {"'a' and 'b' overlap at byte"});
  expectRefused(two(5, 8, "b"), {"before the tensor 'b' belong to no tensor"});
  expectRefused(two(4, 7, "b"), {"the last tensor ends at byte"});
  expectRefused(two(4, 8, "a"), {"names the tensor 'a' twice"});
  writeFile(folder / "fine", two(4, 8, "b"));
  EXPECT_NO_THROW(TensorReader reader(folder / "fine"));
}

} // namespace
