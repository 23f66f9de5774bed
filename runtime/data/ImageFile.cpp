//===- ImageFile.cpp - JPEG and PNG files ---------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/data/ImageFile.h"

#include "runtime/Error.h"
#include "runtime/io/AtomicFile.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>

using namespace dale::runtime;

void dale::runtime::checkImageFile(const std::filesystem::path &path) {
  checkRegularFile(path, "an image; take it away, or give it another name");
}

static std::string readBytes(const std::filesystem::path &path) {
  checkImageFile(path);
  std::ifstream stream(path, std::ios::binary | std::ios::ate);
  std::string bytes;
  if (stream) {
    bytes.resize(static_cast<size_t>(std::max<int64_t>(stream.tellg(), 0)));
    stream.seekg(0);
    stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }
  if (!stream)
    fail("{}: cannot be read: {}", path.string(), systemError(errno));
  return bytes;
}

EncodedImage::EncodedImage(std::filesystem::path given)
    : path(std::move(given)), bytes(readBytes(path)) {
  isJpeg = bytes.starts_with("\xFF\xD8\xFF");
  bool isPng = bytes.starts_with("\x89PNG\r\n\x1A\n");
  if (!isJpeg && !isPng) {
    std::string first;
    for (unsigned char byte : bytes.substr(0, 4))
      first += fmt::format("{}{:02x}", first.empty() ? "" : " ", byte);
    fail("{}: begins with {}: expected a JPEG (ff d8 ff) or PNG file (89 50 4e "
         "47); copy the file again, or take it away",
         path.string(), first.empty() ? "nothing" : first);
  }
  pixelSize = isJpeg ? readJpegSize(path, bytes) : readPngSize(path, bytes);
  // A wild header must not allocate.
  constexpr int64_t most = int64_t(1) << 28;
  if (pixelSize.height * pixelSize.width > most)
    fail("{}: the header says {} x {} pixels: expected at most {}; copy the "
         "file again, or make the image smaller",
         path.string(), pixelSize.height, pixelSize.width, most);
}

Picture EncodedImage::decode(int reduction) const {
  return isJpeg ? decodeJpeg(path, bytes, reduction) : decodePng(path, bytes);
}
