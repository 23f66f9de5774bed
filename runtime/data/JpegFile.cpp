//===- JpegFile.cpp - JPEG files ------------------------------------------===//
//
// Part of the dale project, under the Apache License v2.0 with LLVM Exceptions.
// See LICENSE for license information.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Error.h"
#include "runtime/data/ImageFile.h"

// jpeglib.h needs FILE and size_t from before it.
#include <cstdio>

#include <jpeglib.h>
// The codes of messages.
#include <jerror.h>

#include <csetjmp>

using namespace dale::runtime;
namespace fs = std::filesystem;

namespace {
/// libjpeg reports errors by a call that must not return. It is C: what leaves
/// it leaves by longjmp, to `call`, and becomes an exception there.
class JpegReader {
public:
  JpegReader(const fs::path &path, const std::string &bytes)
      : path(path), bytes(bytes) {
    info.err = jpeg_std_error(&handler);
    info.client_data = this;
    handler.error_exit = [](j_common_ptr info) { leave(info); };
    handler.emit_message = [](j_common_ptr info, int level) {
      if (level < 0 && losesData(info->err->msg_code))
        leave(info);
    };
    call([&] {
      jpeg_create_decompress(&info);
      jpeg_mem_src(&info, reinterpret_cast<const unsigned char *>(bytes.data()),
                   static_cast<unsigned long>(bytes.size()));
      jpeg_read_header(&info, /*require_image=*/TRUE);
    });
  }
  JpegReader(const JpegReader &) = delete;
  JpegReader &operator=(const JpegReader &) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&info); }

  PixelSize size() const { return {info.image_height, info.image_width}; }

  Picture decode(int reduction);

private:
  [[noreturn]] static void leave(j_common_ptr info) {
    auto *self = static_cast<JpegReader *>(info->client_data);
    std::longjmp(self->jump, 1);
  }

  /// Warnings after which pixels are made up. Others are about what no pixel
  /// depends on, such as bytes between segments, which some of ImageNet's files
  /// have.
  static bool losesData(int code) {
    switch (code) {
    case JWRN_JPEG_EOF:
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_MUST_RESYNC:
    case JWRN_BOGUS_PROGRESSION:
    case JWRN_ARITH_BAD_CODE:
      return true;
    default:
      return false;
    }
  }

  /// Calls into libjpeg. Nothing that needs a destructor may be made in there.
  template <typename Calls>
  void call(Calls calls) {
    if (setjmp(jump) == 0)
      calls();
    else
      failDecoding();
  }

  [[noreturn]] void failDecoding();

  const fs::path &path;
  const std::string &bytes;
  jpeg_decompress_struct info{};
  jpeg_error_mgr handler{};
  std::jmp_buf jump;
};
} // namespace

void JpegReader::failDecoding() {
  char message[JMSG_LENGTH_MAX];
  handler.format_message(reinterpret_cast<j_common_ptr>(&info), message);
  bool ends = handler.msg_code == JWRN_JPEG_EOF ||
              handler.msg_code == JERR_INPUT_EOF ||
              handler.msg_code == JERR_INPUT_EMPTY;
  size_t left = info.src ? info.src->bytes_in_buffer : 0;
  size_t at = ends || left > bytes.size() ? bytes.size() : bytes.size() - left;
  // The last row that is complete, of those that are decoded.
  std::string row =
      info.output_height > 0 && info.output_scanline > 0
          ? fmt::format(", after row {} of {}",
                        int64_t(info.output_scanline) * info.image_height /
                            info.output_height,
                        info.image_height)
          : "";
  // The constructor may be what fails, and then no destructor is called.
  jpeg_destroy_decompress(&info);
  if (ends)
    fail("{}: ends at byte {}{}: expected a whole JPEG file; copy the file "
         "again",
         path.string(), at, row);
  fail("{}: is a broken JPEG file, at about byte {} of {}{}: {}; copy the file "
       "again",
       path.string(), at, bytes.size(), row, message);
}

/// Printers' colours of four bytes to RGB in their first three. Adobe's files,
/// which say so in a marker, have them inverted: 255 is no ink.
static void convertCmyk(const uint8_t *inks, int64_t count, bool inverted,
                        uint8_t *pixels) {
  for (int64_t i = 0; i < count; ++i)
    for (int64_t c = 0; c < 3; ++c) {
      int ink = inks[4 * i + c], black = inks[4 * i + 3];
      int product = inverted ? ink * black : (255 - ink) * (255 - black);
      pixels[3 * i + c] = static_cast<uint8_t>((product + 127) / 255);
    }
}

Picture JpegReader::decode(int reduction) {
  bool isCmyk =
      info.jpeg_color_space == JCS_CMYK || info.jpeg_color_space == JCS_YCCK;
  info.out_color_space = isCmyk ? JCS_CMYK : JCS_RGB;
  info.scale_num = 1;
  info.scale_denom = static_cast<unsigned>(reduction);
  call([&] { jpeg_start_decompress(&info); });

  Picture picture;
  picture.size = {info.output_height, info.output_width};
  int64_t width = picture.size.width;
  picture.pixels.resize(static_cast<size_t>(picture.size.height * width * 3));
  std::vector<uint8_t> inks(static_cast<size_t>(isCmyk ? width * 4 : 0));
  while (info.output_scanline < info.output_height) {
    uint8_t *pixels = picture.pixels.data() + info.output_scanline * width * 3;
    uint8_t *row = isCmyk ? inks.data() : pixels;
    call([&] { jpeg_read_scanlines(&info, &row, 1); });
    if (isCmyk)
      convertCmyk(row, width, info.saw_Adobe_marker, pixels);
  }
  // What may follow is not looked at.
  return picture;
}

PixelSize dale::runtime::readJpegSize(const fs::path &path,
                                      const std::string &bytes) {
  return JpegReader(path, bytes).size();
}

Picture dale::runtime::decodeJpeg(const fs::path &path,
                                  const std::string &bytes, int reduction) {
  return JpegReader(path, bytes).decode(reduction);
}
