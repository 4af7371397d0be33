#include <hourglass/core/error.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/storage/png.hpp>

#include <png.h>
#include <zlib.h>
#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <fstream>

// libpng leaves a failed call by longjmp, which passes over destructors. So the functions below
// that call setjmp own nothing; what must be freed lives in their callers.

namespace hourglass::png {
namespace {

constexpr const char* kSoftware = "Software";

struct Fault {
  char message[160] = "";
};

void on_error(png_structp handle, png_const_charp message) {
  auto* fault = static_cast<Fault*>(png_get_error_ptr(handle));
  std::snprintf(fault->message, sizeof fault->message, "%s", message);
  png_longjmp(handle, 1);
}

void on_warning(png_structp, png_const_charp) {}

struct Output {
  std::vector<std::byte> bytes;
};

void append_bytes(png_structp handle, png_bytep data, std::size_t size) {
  auto* output = static_cast<Output*>(png_get_io_ptr(handle));
  bool stored = true;
  try {
    const auto* begin = reinterpret_cast<const std::byte*>(data);
    output->bytes.insert(output->bytes.end(), begin, begin + size);
  } catch (...) {
    stored = false;
  }
  if (!stored) png_error(handle, "out of memory");
}

void flush_nothing(png_structp) {}

struct Input {
  std::span<const std::byte> rest;
};

void take_bytes(png_structp handle, png_bytep data, std::size_t size) {
  auto* input = static_cast<Input*>(png_get_io_ptr(handle));
  if (size > input->rest.size()) png_error(handle, "the file ends too early");
  std::memcpy(data, input->rest.data(), size);
  input->rest = input->rest.subspan(size);
}

struct WriteHandle {
  png_structp png = nullptr;
  png_infop info = nullptr;
  explicit WriteHandle(Fault& fault)
      : png(png_create_write_struct(PNG_LIBPNG_VER_STRING, &fault, on_error, on_warning)),
        info(png != nullptr ? png_create_info_struct(png) : nullptr) {}
  ~WriteHandle() { png_destroy_write_struct(&png, &info); }
};

struct ReadHandle {
  png_structp png = nullptr;
  png_infop info = nullptr;
  explicit ReadHandle(Fault& fault)
      : png(png_create_read_struct(PNG_LIBPNG_VER_STRING, &fault, on_error, on_warning)),
        info(png != nullptr ? png_create_info_struct(png) : nullptr) {}
  ~ReadHandle() { png_destroy_read_struct(&png, &info, nullptr); }
};

bool write_picture(const WriteHandle& handle, Output* output, png_uint_32 width, png_uint_32 height,
                   bool color, png_bytepp rows, png_textp software) {
  if (setjmp(png_jmpbuf(handle.png)) != 0) return false;
  png_set_write_fn(handle.png, output, append_bytes, flush_nothing);
  // Charts and sheets repeat the row above, and colours along a row. Measured on a run's figures,
  // this pair is four to eight times faster than what libpng chooses, for 15% less to 30% more
  // bytes.
  png_set_filter(handle.png, PNG_FILTER_TYPE_BASE, PNG_FILTER_UP);
  png_set_compression_strategy(handle.png, Z_RLE);
  png_set_compression_level(handle.png, 6);
  png_set_IHDR(handle.png, handle.info, width, height, 8,
               color ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  if (software != nullptr) png_set_text(handle.png, handle.info, software, 1);
  png_write_info(handle.png, handle.info);
  png_write_image(handle.png, rows);
  png_write_end(handle.png, nullptr);
  return true;
}

struct Header {
  std::int64_t width = 0;
  std::int64_t height = 0;
  int channels = 0;
  int passes = 1;
  std::size_t row_bytes = 0;
};

/// Sizes alone: nothing is made for rows yet, whatever their length.
bool read_sizes(const ReadHandle& handle, Input* input, Header* header) {
  if (setjmp(png_jmpbuf(handle.png)) != 0) return false;
  png_set_read_fn(handle.png, input, take_bytes);
  png_set_user_limits(handle.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_chunk_cache_max(handle.png, 128);
  png_set_chunk_malloc_max(handle.png, 8u << 20);
  png_read_info(handle.png, handle.info);
  header->width = png_get_image_width(handle.png, handle.info);
  header->height = png_get_image_height(handle.png, handle.info);
  return true;
}

/// Asks for rows of one or three bytes a pixel.
bool choose_form(const ReadHandle& handle, Header* header) {
  if (setjmp(png_jmpbuf(handle.png)) != 0) return false;
  png_set_expand(handle.png);
  png_set_strip_16(handle.png);
  png_set_strip_alpha(handle.png);
  header->passes = png_set_interlace_handling(handle.png);
  png_read_update_info(handle.png, handle.info);
  header->channels = png_get_channels(handle.png, handle.info);
  header->row_bytes = png_get_rowbytes(handle.png, handle.info);
  return true;
}

bool read_rows(const ReadHandle& handle, png_bytepp rows) {
  if (setjmp(png_jmpbuf(handle.png)) != 0) return false;
  png_read_image(handle.png, rows);
  png_read_end(handle.png, nullptr);
  return true;
}

std::vector<png_bytep> row_pointers(std::byte* pixels, std::int64_t height, std::size_t bytes) {
  std::vector<png_bytep> rows(static_cast<std::size_t>(height));
  for (std::size_t y = 0; y < rows.size(); ++y) {
    rows[y] = reinterpret_cast<png_bytep>(pixels) + y * bytes;
  }
  return rows;
}

void check_claim(const Header& header, std::size_t file_bytes, const std::string& name) {
  // Deflate shrinks at most by 1032, and an interlaced or one-bit picture holds 24 times less than
  // the pixels it expands to: beyond that the header lies, and nothing is allocated for it.
  const std::size_t expanded = header.row_bytes * static_cast<std::size_t>(header.height);
  if (expanded / 1032 / 24 > file_bytes) {
    throw DataError(text(name, ": claims ", header.width, " x ", header.height,
                         " pixels, but the file has only ", file_bytes, " bytes"));
  }
}

}  // namespace

std::vector<std::byte> encode(const Tensor& image, const std::string& software) {
  const Shape& shape = image.shape();
  const bool grey = shape.rank() == 2 || (shape.rank() == 3 && shape[2] == 1);
  const bool color = shape.rank() == 3 && shape[2] == 3;
  if (image.dtype() != DType::U8 || (!grey && !color) || image.size() == 0 ||
      shape[0] > PNG_UINT_31_MAX || shape[1] > PNG_UINT_31_MAX) {
    throw ShapeError(
        text("[png] a picture must be u8 [height, width], [height, width, 1] or "
             "[height, width, 3], got ",
             name_of(image.dtype()), " ", shape.to_text()));
  }
  Fault fault;
  Output output;
  const WriteHandle handle(fault);
  if (handle.info == nullptr) throw IoError("out of memory: libpng could not start");
  const std::size_t row_bytes = static_cast<std::size_t>(shape[1]) * (color ? 3 : 1);
  // libpng only reads through these pointers.
  auto rows = row_pointers(const_cast<std::byte*>(image.raw()), shape[0], row_bytes);
  std::string keyword = kSoftware, value = software;
  png_text note{};
  note.compression = PNG_TEXT_COMPRESSION_NONE;
  note.key = keyword.data();
  note.text = value.data();
  note.text_length = value.size();
  if (!write_picture(handle, &output, static_cast<png_uint_32>(shape[1]),
                     static_cast<png_uint_32>(shape[0]), color, rows.data(),
                     software.empty() ? nullptr : &note)) {
    throw IoError(text("cannot encode a PNG: ", fault.message));
  }
  return std::move(output.bytes);
}

void write(const std::filesystem::path& path, const Tensor& image, const std::string& software) {
  write_file_atomically(path, encode(image, software));
}

bool is_made_by(const std::filesystem::path& path, const std::string& software) {
  // Where `encode` puts it: after the signature and the header, 33 bytes. Its length comes first,
  // of which the upper bytes are 0.
  const std::string content = text(kSoftware, '\0', software);
  const std::string wanted = text('\0', static_cast<char>(content.size()), "tEXt", content);
  std::string begin(35 + wanted.size(), '\0');
  std::ifstream file(path, std::ios::binary);
  file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  return file && begin.starts_with("\x89PNG") && begin.ends_with(wanted);
}

namespace {

Header checked_header(std::span<const std::byte> content, const std::string& name,
                      const Limits& limits, const ReadHandle& handle, Input& input,
                      const Fault& fault) {
  constexpr std::size_t kSignature = 8;
  if (content.size() < kSignature ||
      png_sig_cmp(reinterpret_cast<png_const_bytep>(content.data()), 0, kSignature) != 0) {
    throw DataError(text(name, ": is not a PNG file"));
  }
  if (handle.info == nullptr) throw IoError("out of memory: libpng could not start");
  const auto fail = [&] {
    throw DataError(text(name, ": is a damaged PNG file: ", fault.message));
  };
  Header header;
  if (!read_sizes(handle, &input, &header)) fail();
  picture::check_limits({header.height, header.width, header.channels}, name, limits);
  if (!choose_form(handle, &header)) fail();
  check_claim(header, content.size(), name);
  return header;
}

}  // namespace

Tensor decode(std::span<const std::byte> content, const std::string& name, const Limits& limits) {
  Fault fault;
  Input input{content};
  const ReadHandle handle(fault);
  const Header header = checked_header(content, name, limits, handle, input, fault);
  Tensor image({header.height, header.width, header.channels}, DType::U8);
  if (header.row_bytes != static_cast<std::size_t>(header.width * header.channels)) {
    throw DataError(text(name, ": has pixels of an unknown form"));
  }
  auto rows = row_pointers(image.raw(), header.height, header.row_bytes);
  if (!read_rows(handle, rows.data())) {
    throw DataError(text(name, ": is a damaged PNG file: ", fault.message));
  }
  return image;
}

picture::Header decode_header(std::span<const std::byte> content, const std::string& name,
                              const Limits& limits) {
  Fault fault;
  Input input{content};
  const ReadHandle handle(fault);
  const Header header = checked_header(content, name, limits, handle, input, fault);
  return {header.height, header.width, header.channels};
}

Tensor read(const std::filesystem::path& path, const Limits& limits) {
  const std::string content = read_text_file(path, std::uint64_t{1} << 30);
  return decode(std::as_bytes(std::span(content)), path.string(), limits);
}

}  // namespace hourglass::png
