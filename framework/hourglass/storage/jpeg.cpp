#include <hourglass/core/error.hpp>
#include <hourglass/storage/jpeg.hpp>

#include <csetjmp>
#include <cstdio>
#include <vector>

// jpeglib.h wants <cstdio> before it.
#include <jerror.h>
#include <jpeglib.h>

// libjpeg leaves a failed call by longjmp, which passes over destructors. So the functions below
// that call setjmp own nothing; what must be freed lives in their callers.

namespace hourglass::jpeg {
namespace {

constexpr int kMostScans = 200;  // a progressive picture has about ten
constexpr long kMostMemory = 1L << 30;

struct Fault {
  jpeg_error_mgr manager;
  std::jmp_buf place;
  char message[JMSG_LENGTH_MAX] = "";
};

[[noreturn]] void on_error(j_common_ptr info) {
  auto* fault = reinterpret_cast<Fault*>(info->err);
  info->err->format_message(info, fault->message);
  std::longjmp(fault->place, 1);
}

// Level -1 is a warning that data are corrupt: pixels would be made up. Bytes between markers and
// marks of unknown versions do no harm.
void on_message(j_common_ptr info, int level) {
  const int code = info->err->msg_code;
  const bool harmless =
      code == JWRN_EXTRANEOUS_DATA || code == JWRN_JFIF_MAJOR || code == JWRN_ADOBE_XFORM;
  if (level < 0 && !harmless) on_error(info);
}

// Scans can be repeated without end in few bytes, each costing a pass over all pixels.
void on_progress(j_common_ptr info) {
  auto* decoder = reinterpret_cast<j_decompress_ptr>(info);
  if (decoder->input_scan_number <= kMostScans) return;
  auto* fault = reinterpret_cast<Fault*>(info->err);
  std::snprintf(fault->message, sizeof fault->message, "more than %d scans", kMostScans);
  std::longjmp(fault->place, 1);
}

class Decoder {
 public:
  Decoder() {
    info.err = jpeg_std_error(&fault.manager);
    fault.manager.error_exit = on_error;
    fault.manager.emit_message = on_message;
    progress.progress_monitor = on_progress;
    alive = create();
  }
  ~Decoder() {
    if (alive) jpeg_destroy_decompress(&info);
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  bool create() {
    if (setjmp(fault.place) != 0) return false;
    jpeg_create_decompress(&info);
    info.mem->max_memory_to_use = kMostMemory;
    info.progress = &progress;
    return true;
  }

  bool read_header(std::span<const std::byte> content) {
    if (setjmp(fault.place) != 0) return false;
    jpeg_mem_src(&info, reinterpret_cast<const unsigned char*>(content.data()),
                 static_cast<unsigned long>(content.size()));
    jpeg_read_header(&info, TRUE);
    return true;
  }

  bool start() {
    if (setjmp(fault.place) != 0) return false;
    switch (info.jpeg_color_space) {
      case JCS_GRAYSCALE: info.out_color_space = JCS_GRAYSCALE; break;
      case JCS_CMYK:
      case JCS_YCCK: info.out_color_space = JCS_CMYK; break;
      default: info.out_color_space = JCS_RGB;
    }
    info.dct_method = JDCT_ISLOW;
    jpeg_start_decompress(&info);
    return true;
  }

  /// Reads the next row.
  bool read_row(JSAMPROW row) {
    if (setjmp(fault.place) != 0) return false;
    return jpeg_read_scanlines(&info, &row, 1) == 1;
  }

  bool finish() {
    if (setjmp(fault.place) != 0) return false;
    jpeg_finish_decompress(&info);
    return true;
  }

  jpeg_decompress_struct info{};
  jpeg_progress_mgr progress{};
  Fault fault{};
  bool alive = false;
};

/// `light`: more of it is brighter, as Adobe writes inks.
void inks_to_rgb(const std::vector<JSAMPLE>& inks, bool light, JSAMPROW rgb) {
  for (std::size_t at = 0; at < inks.size(); at += 4) {
    const int black = light ? inks[at + 3] : 255 - inks[at + 3];
    for (std::size_t c = 0; c < 3; ++c) {
      const int color = light ? inks[at + c] : 255 - inks[at + c];
      *rgb++ = static_cast<JSAMPLE>((color * black + 127) / 255);
    }
  }
}

[[noreturn]] void fail(const Decoder& decoder, const std::string& name) {
  throw DataError(text(name, ": is a damaged JPEG file: ", decoder.fault.message));
}

picture::Header header_of(Decoder& decoder, std::span<const std::byte> content,
                          const std::string& name, const picture::Limits& limits) {
  if (!decoder.alive) throw IoError("out of memory: libjpeg could not start");
  if (!decoder.read_header(content)) fail(decoder, name);
  const picture::Header header{decoder.info.image_height, decoder.info.image_width,
                               decoder.info.jpeg_color_space == JCS_GRAYSCALE ? 1 : 3};
  picture::check_limits(header, name, limits);
  // A block of 64 pixels has at least a bit, but where they are coded arithmetically.
  const auto blocks = header.width * header.height / 64;
  if (decoder.info.arith_code == 0 && blocks / 8 > static_cast<std::int64_t>(content.size())) {
    throw DataError(text(name, ": claims ", header.width, " x ", header.height,
                         " pixels, but the file has only ", content.size(), " bytes"));
  }
  return header;
}

}  // namespace

picture::Header decode_header(std::span<const std::byte> content, const std::string& name,
                              const picture::Limits& limits) {
  Decoder decoder;
  return header_of(decoder, content, name, limits);
}

Tensor decode(std::span<const std::byte> content, const std::string& name,
              const picture::Limits& limits) {
  Decoder decoder;
  const picture::Header header = header_of(decoder, content, name, limits);
  if (!decoder.start()) fail(decoder, name);
  Tensor image({header.height, header.width, header.channels}, DType::U8);
  const bool has_inks = decoder.info.out_color_space == JCS_CMYK;
  std::vector<JSAMPLE> inks(has_inks ? static_cast<std::size_t>(header.width) * 4 : 0);
  auto* to = reinterpret_cast<JSAMPROW>(image.raw());
  for (std::int64_t y = 0; y < header.height; ++y) {
    if (!decoder.read_row(has_inks ? inks.data() : to)) fail(decoder, name);
    if (has_inks) inks_to_rgb(inks, decoder.info.saw_Adobe_marker != 0, to);
    to += header.width * header.channels;
  }
  if (!decoder.finish()) fail(decoder, name);
  return image;
}

}  // namespace hourglass::jpeg
