//===- Safetensors.cpp - Tensors in files ---------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/io/Safetensors.h"

#include "runtime/Error.h"
#include "runtime/NearestName.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <fcntl.h>
#include <set>
#include <sys/stat.h>
#include <unistd.h>

using namespace dale::runtime;
namespace fs = std::filesystem;
using nlohmann::json;
using nlohmann::ordered_json;

static_assert(std::endian::native == std::endian::little,
              "tensor files are little-endian and read as they are");

/// The format's own limit; what is longer is no safetensors header.
static constexpr uint64_t maxHeaderBytes = 100'000'000;

static constexpr std::string_view mendFile =
    "write or copy the file again (is it complete?)";

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

static void readAt(int descriptor, const fs::path &path, void *into,
                   size_t size, int64_t offset) {
  char *bytes = static_cast<char *>(into);
  while (size > 0) {
    ssize_t count = ::pread(descriptor, bytes, size, offset);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      fail("{}: cannot be read at byte {}: {}", path.string(), offset,
           systemError(errno));
    if (count == 0)
      fail("{}: ends at byte {}: expected {} more bytes; {}", path.string(),
           offset, size, mendFile);
    bytes += count;
    offset += count;
    size -= static_cast<size_t>(count);
  }
}

/// Parses the header's JSON. Names that come twice are an error: which one is
/// meant cannot be known.
static json parseHeader(const std::string &text, const fs::path &path) {
  std::set<std::string> names;
  std::string twice;
  auto noteNames = [&](int depth, json::parse_event_t event, json &parsed) {
    if (depth == 1 && event == json::parse_event_t::key &&
        !names.insert(parsed.get<std::string>()).second)
      twice = parsed.get<std::string>();
    return true;
  };
  json header;
  try {
    header = json::parse(text, noteNames);
  } catch (const json::parse_error &error) {
    fail("{}: the header is no JSON at byte {}: expected a safetensors "
         "header; {}",
         path.string(), 8 + (error.byte > 0 ? error.byte - 1 : 0), mendFile);
  } catch (const json::out_of_range &) {
    fail("{}: the header at byte 8 has a number that is too large: expected "
         "sizes and offsets; {}",
         path.string(), mendFile);
  }
  if (!header.is_object())
    fail("{}: the header at byte 8 is no JSON object: expected a safetensors "
         "header; {}",
         path.string(), mendFile);
  if (!twice.empty())
    fail("{}: the header at byte 8 names the tensor '{}' twice: expected each "
         "name once; write the file again",
         path.string(), twice);
  return header;
}

/// The entry of one tensor; offsets are still those of the header.
static TensorInfo parseTensor(const std::string &name, const json &entry,
                              const fs::path &path, int64_t dataStart,
                              int64_t dataBytes) {
  auto failEntry = [&](const std::string &what) {
    fail("{}: the header's entry for '{}' (from byte 8): {}; write the file "
         "again",
         path.string(), name, what);
  };
  if (!entry.is_object() || !entry.contains("dtype") ||
      !entry.contains("shape") || !entry.contains("data_offsets"))
    failEntry("expected dtype, shape and data_offsets");

  TensorInfo tensor;
  tensor.name = name;
  const json &dtype = entry["dtype"];
  std::optional<ElementType> type;
  if (dtype.is_string())
    type = elementTypeFromName(dtype.get<std::string>());
  if (!type)
    failEntry(fmt::format("the dtype {} is unknown: expected F64, F32, F16, "
                          "BF16, I64, I32, I16, I8, U8 or BOOL",
                          dtype.dump()));
  tensor.type = *type;

  const json &shape = entry["shape"];
  if (!shape.is_array())
    failEntry("expected shape to be a list of extents");
  for (const json &extent : shape) {
    if (!extent.is_number_unsigned() ||
        extent.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX))
      failEntry(
          fmt::format("the extent {} of the shape is no count", extent.dump()));
    tensor.shape.push_back(extent.get<int64_t>());
  }
  std::optional<int64_t> elements = elementsOf(tensor.shape);
  int64_t bytes = 0;
  if (!elements ||
      __builtin_mul_overflow(*elements,
                             static_cast<int64_t>(sizeOf(tensor.type)), &bytes))
    failEntry(fmt::format("the shape {} is too large", toString(tensor.shape)));

  const json &offsets = entry["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2 ||
      !offsets[0].is_number_unsigned() || !offsets[1].is_number_unsigned())
    failEntry("expected data_offsets to be two counts of bytes");
  uint64_t begin = offsets[0].get<uint64_t>(), end = offsets[1].get<uint64_t>();
  if (begin > end)
    failEntry(
        fmt::format("data_offsets [{}, {}] end before they begin", begin, end));
  if (end > static_cast<uint64_t>(dataBytes))
    fail("{}: the tensor '{}' ends at byte {}: expected at most {}, the size "
         "of the file; {}",
         path.string(), name, static_cast<uint64_t>(dataStart) + end,
         dataStart + dataBytes, mendFile);
  if (static_cast<int64_t>(end - begin) != bytes)
    failEntry(fmt::format("data_offsets [{}, {}] span {} bytes: expected {} "
                          "for {} {}",
                          begin, end, end - begin, bytes, nameOf(tensor.type),
                          toString(tensor.shape)));
  tensor.offset = dataStart + static_cast<int64_t>(begin);
  return tensor;
}

/// Every byte behind the header belongs to exactly one tensor.
static void checkLayout(const std::vector<TensorInfo> &infos,
                        const fs::path &path, int64_t dataStart,
                        int64_t fileBytes) {
  std::vector<const TensorInfo *> order;
  for (const TensorInfo &tensor : infos)
    order.push_back(&tensor);
  std::sort(order.begin(), order.end(),
            [](const TensorInfo *a, const TensorInfo *b) {
              return std::pair(a->offset, a->bytes()) <
                     std::pair(b->offset, b->bytes());
            });
  int64_t end = dataStart;
  const TensorInfo *previous = nullptr;
  for (const TensorInfo *tensor : order) {
    if (tensor->offset < end)
      fail("{}: the tensors '{}' and '{}' overlap at byte {}: expected '{}' "
           "from byte {}; write the file again",
           path.string(), previous->name, tensor->name, tensor->offset,
           tensor->name, end);
    if (tensor->offset > end)
      fail("{}: the bytes {} to {} before the tensor '{}' belong to no "
           "tensor; write the file again",
           path.string(), end, tensor->offset, tensor->name);
    end = tensor->offset + tensor->bytes();
    previous = tensor;
  }
  if (end != fileBytes)
    fail("{}: the last tensor ends at byte {}: expected the file's size, {}; "
         "{}",
         path.string(), end, fileBytes, mendFile);
}

TensorReader::TensorReader(fs::path path) : filePath(std::move(path)) {
  // O_NONBLOCK: a pipe is told as such, not waited for.
  descriptor = ::open(filePath.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor < 0)
    fail("{}: cannot be read: {}; expected a safetensors file",
         filePath.string(), systemError(errno));
  // A constructor that throws runs no destructor.
  struct CloseOnError {
    int &descriptor;
    bool armed = true;
    ~CloseOnError() {
      if (armed)
        ::close(descriptor);
    }
  } guard{descriptor};

  struct stat status;
  if (::fstat(descriptor, &status) != 0)
    fail("{}: cannot be read: {}", filePath.string(), systemError(errno));
  if (!S_ISREG(status.st_mode))
    fail("{}: is no regular file: expected a safetensors file",
         filePath.string());
  int64_t fileBytes = status.st_size;
  if (fileBytes < 8)
    fail("{}: ends at byte {}: expected the 8 bytes of a header's length; {}",
         filePath.string(), fileBytes, mendFile);

  uint64_t headerBytes = 0;
  readAt(descriptor, filePath, &headerBytes, 8, 0);
  if (headerBytes > maxHeaderBytes)
    fail("{}: the header's length at byte 0 is {}: expected at most {}; is "
         "this a safetensors file?",
         filePath.string(), headerBytes, maxHeaderBytes);
  if (8 + static_cast<int64_t>(headerBytes) > fileBytes)
    fail("{}: ends at byte {}, within the header: expected a header up to "
         "byte {}; {}",
         filePath.string(), fileBytes, 8 + headerBytes, mendFile);

  std::string text(headerBytes, '\0');
  readAt(descriptor, filePath, text.data(), headerBytes, 8);
  json header = parseHeader(text, filePath);
  int64_t dataStart = 8 + static_cast<int64_t>(headerBytes);
  for (const auto &[name, entry] : header.items()) {
    if (name == "__metadata__") {
      if (!entry.is_object())
        fail("{}: '__metadata__' in the header (from byte 8) is no object of "
             "strings; write the file again",
             filePath.string());
      for (const auto &[key, value] : entry.items()) {
        if (!value.is_string())
          fail("{}: the metadata '{}' in the header (from byte 8) is no "
               "string; write the file again",
               filePath.string(), key);
        meta[key] = value.get<std::string>();
      }
      continue;
    }
    infos.push_back(
        parseTensor(name, entry, filePath, dataStart, fileBytes - dataStart));
  }
  checkLayout(infos, filePath, dataStart, fileBytes);
  guard.armed = false;
}

TensorReader::~TensorReader() { ::close(descriptor); }

const TensorInfo *TensorReader::find(std::string_view name) const {
  for (const TensorInfo &tensor : infos)
    if (tensor.name == name)
      return &tensor;
  return nullptr;
}

const TensorInfo &TensorReader::get(std::string_view name) const {
  if (const TensorInfo *tensor = find(name))
    return *tensor;
  std::vector<std::string> names;
  for (const TensorInfo &tensor : infos)
    names.push_back(tensor.name);
  fail("{}: has no tensor '{}'{}", filePath.string(), name,
       didYouMean(name, names));
}

void TensorReader::readBytes(const TensorInfo &tensor, void *into) const {
  readAt(descriptor, filePath, into, static_cast<size_t>(tensor.bytes()),
         tensor.offset);
}

void TensorReader::readReal(const TensorInfo &tensor, ElementType type,
                            void *into) const {
  if (!isReal(tensor.type))
    fail("{}: the tensor '{}' is {}: expected {}; convert it",
         filePath.string(), tensor.name, nameOf(tensor.type), nameOf(type));
  if (tensor.type == type)
    return readBytes(tensor, into);
  std::vector<std::byte> raw(static_cast<size_t>(tensor.bytes()));
  readBytes(tensor, raw.data());
  for (int64_t i = 0, e = tensor.elements(); i < e; ++i)
    storeReal(into, type, i, loadReal(raw.data(), tensor.type, i));
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

TensorWriter::TensorWriter(fs::path path,
                           const std::vector<Declaration> &tensors,
                           const Metadata &metadata)
    : file(std::move(path)) {
  ordered_json header = ordered_json::object();
  if (!metadata.empty())
    header["__metadata__"] = metadata;

  // Wide elements first: then every tensor is aligned to its own elements.
  std::vector<const Declaration *> order;
  for (const Declaration &tensor : tensors)
    order.push_back(&tensor);
  std::stable_sort(order.begin(), order.end(),
                   [](const Declaration *a, const Declaration *b) {
                     return sizeOf(a->type) > sizeOf(b->type);
                   });
  int64_t offset = 0;
  for (const Declaration *tensor : order) {
    TensorInfo info{tensor->name, tensor->type, tensor->shape, offset};
    int64_t end = offset + info.bytes();
    header[tensor->name] = {{"dtype", nameOf(tensor->type)},
                            {"shape", tensor->shape},
                            {"data_offsets", {offset, end}}};
    infos.emplace(tensor->name, std::move(info));
    offset = end;
  }

  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');
  uint64_t headerBytes = text.size();
  file.write(&headerBytes, 8, 0);
  file.write(text.data(), text.size(), 8);
  file.resize(8 + static_cast<int64_t>(headerBytes) + offset);
  for (auto &entry : infos)
    entry.second.offset += 8 + static_cast<int64_t>(headerBytes);
}

void TensorWriter::write(std::string_view name, const void *data, int64_t size,
                         int64_t offset) {
  const TensorInfo &info = infos.find(name)->second;
  file.write(data, static_cast<size_t>(size), info.offset + offset);
}
