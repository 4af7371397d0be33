#include <hourglass/core/error.hpp>
#include <hourglass/data/npy.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <vector>

namespace hourglass {
namespace {

constexpr std::size_t kMostHeader = 65536;

struct Header {
  DType dtype = DType::F32;
  bool boolean = false;
  bool big_endian = false;
  bool column_major = false;
  std::vector<std::uint64_t> extents;
};

/// Reads the header's Python dictionary, of which only one form is ever written:
/// {'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }
class HeaderParser {
 public:
  HeaderParser(std::string_view header, const std::string& name) : rest_(header), name_(name) {}

  Header parse() {
    Header header;
    expect('{');
    while (!accept('}')) {
      const std::string_view key = quoted();
      expect(':');
      if (key == "descr") {
        read_type(header);
      } else if (key == "fortran_order") {
        header.column_major = boolean();
      } else if (key == "shape") {
        header.extents = tuple();
      } else {
        fail(text("unknown key \"", key, "\""));
      }
      seen_ += 1;
      accept(',');
    }
    if (seen_ != 3) fail("expected the keys descr, fortran_order and shape");
    return header;
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    throw DataError(text(name_, ": damaged NPY header: ", what));
  }
  void skip_spaces() {
    const std::size_t at = rest_.find_first_not_of(" \t\n\r");
    rest_.remove_prefix(at == std::string_view::npos ? rest_.size() : at);
  }
  bool accept(char c) {
    skip_spaces();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail(text("expected '", c, "'"));
  }
  std::string_view quoted() {
    skip_spaces();
    const char quote = rest_.empty() ? '\0' : rest_.front();
    if (quote != '\'' && quote != '"') fail("expected a quoted word");
    const std::size_t end = rest_.find(quote, 1);
    if (end == std::string_view::npos) fail("a quote is not closed");
    const std::string_view word = rest_.substr(1, end - 1);
    rest_.remove_prefix(end + 1);
    return word;
  }
  bool boolean() {
    skip_spaces();
    for (const std::string_view word : {"True", "False"}) {
      if (rest_.starts_with(word)) {
        rest_.remove_prefix(word.size());
        return word == "True";
      }
    }
    fail("fortran_order must be True or False");
  }
  std::vector<std::uint64_t> tuple() {
    std::vector<std::uint64_t> extents;
    expect('(');
    while (!accept(')')) {
      skip_spaces();
      std::uint64_t extent = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), extent);
      if (error != std::errc{}) fail("an extent of the shape is not a number of at most 64 bits");
      rest_.remove_prefix(end - rest_.data());
      accept('L');  // Python 2 wrote long integers so
      extents.push_back(extent);
      if (extents.size() > 64) fail("the shape has too many axes");
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return extents;
  }
  void read_type(Header& header) {
    skip_spaces();
    if (!rest_.empty() && rest_.front() == '[') {
      throw DataError(text(name_, ": holds records with named fields, expected plain numbers"));
    }
    const std::string_view descr = quoted();
    const std::string_view code = descr.size() == 3 ? descr.substr(1) : std::string_view();
    const char order = descr.empty() ? '\0' : descr.front();
    const auto dtype = dtype_of_code(code);
    if (!dtype || (order != '<' && order != '>' && order != '|' && order != '=')) {
      throw DataError(text(name_, ": holds elements of NumPy type \"", descr,
                           "\", expected floats of 4 or 8 bytes, integers or booleans"));
    }
    header.dtype = *dtype;
    header.boolean = code == "b1";
    header.big_endian = order == '>';
  }
  static std::optional<DType> dtype_of_code(std::string_view code) {
    static constexpr std::pair<std::string_view, DType> kCodes[] = {
        {"f4", DType::F32}, {"f8", DType::F64}, {"b1", DType::U8},  {"u1", DType::U8},
        {"i1", DType::I8},  {"u2", DType::U16}, {"i2", DType::I16}, {"u4", DType::U32},
        {"i4", DType::I32}, {"u8", DType::U64}, {"i8", DType::I64}};
    for (const auto& [name, dtype] : kCodes) {
      if (name == code) return dtype;
    }
    return std::nullopt;
  }

  std::string_view rest_;
  const std::string& name_;
  int seen_ = 0;
};

Header read_header(ByteStream& stream) {
  std::array<std::byte, 8> magic;
  stream.read_exactly(magic, "header");
  if (std::memcmp(magic.data(), "\x93NUMPY", 6) != 0) {
    throw DataError(text(stream.name(), ": is not a NumPy array: expected it to begin with NUMPY"));
  }
  const int version = std::to_integer<int>(magic[6]);
  if (version < 1 || version > 3) {
    throw DataError(
        text(stream.name(), ": NPY version ", version, " is unknown, expected 1, 2 or 3"));
  }
  std::array<std::byte, 4> length_bytes{};
  stream.read_exactly(std::span(length_bytes).first(version == 1 ? 2 : 4), "header");
  std::uint32_t length = 0;
  for (int i = 3; i >= 0; --i) {
    length = length << 8 | std::to_integer<std::uint32_t>(length_bytes[i]);
  }
  if (length > kMostHeader) {
    throw DataError(text(stream.name(), ": damaged NPY header: it claims ", length,
                         " bytes, expected at most ", kMostHeader));
  }
  std::string header(length, '\0');
  stream.read_exactly(std::as_writable_bytes(std::span(header)), "header");
  return HeaderParser(header, stream.name()).parse();
}

// The array arrives with its first axis fastest: its elements, in file order, belong at strides
// that grow from the first axis. Walking rows of the result keeps the writes in sequence.
template <class T>
void to_row_major(std::span<const T> from, const Shape& shape, std::span<T> to) {
  const int rank = shape.rank();
  std::array<std::int64_t, Shape::kMaxRank> stride{};
  std::array<std::int64_t, Shape::kMaxRank> index{};
  std::int64_t elements = 1;
  for (int axis = 0; axis < rank; ++axis) {
    stride[axis] = elements;
    elements *= shape[axis];
  }
  std::int64_t source = 0;
  for (T& element : to) {
    element = from[source];
    for (int axis = rank - 1; axis >= 0; --axis) {
      source += stride[axis];
      if (++index[axis] < shape[axis]) break;
      source -= stride[axis] * shape[axis];
      index[axis] = 0;
    }
  }
}

Tensor row_major(const Tensor& column_major) {
  if (column_major.shape().rank() < 2 || column_major.size() == 0) return column_major;
  Tensor result(column_major.shape(), column_major.dtype(), allocate_aligned(column_major.bytes()));
  visit(column_major.dtype(), [&](auto zero) {
    using T = decltype(zero);
    to_row_major<T>(column_major.values<T>(), column_major.shape(), result.values<T>());
  });
  return result;
}

void check_booleans(std::span<const std::byte> values, const std::string& name) {
  for (const std::byte value : values) {
    if (value > std::byte{1}) {
      throw DataError(text(name, ": a boolean has the value ", std::to_integer<int>(value),
                           ", expected 0 or 1"));
    }
  }
}

}  // namespace

Tensor read_npy(ByteStream& stream) {
  const Header header = read_header(stream);
  const Shape shape = checked_shape(header.extents, header.dtype, stream.name());
  Tensor tensor = read_elements(stream, shape, header.dtype, header.big_endian);
  stream.expect_end();
  if (header.boolean) check_booleans({tensor.raw(), tensor.bytes()}, stream.name());
  return header.column_major ? row_major(tensor) : tensor;
}

NpyPlace find_npy(const std::string& path) {
  const auto stream = open_bytes(path);
  const Header header = read_header(*stream);
  NpyPlace place{checked_shape(header.extents, header.dtype, path), header.dtype, header.big_endian,
                 header.boolean};
  const auto bytes = static_cast<std::uint64_t>(place.shape.size()) * size_of(place.dtype);
  const std::uint64_t size = std::filesystem::file_size(path);
  const std::uint64_t left = stream->most();
  if (left > size) throw DataError(text(path, ": is compressed, and cannot be read in parts"));
  if (header.column_major && place.shape.rank() > 1) {
    throw DataError(text(path, ": is column-major, and cannot be read sample by sample"));
  }
  if (left != bytes) {
    throw DataError(text(path, ": the header promises ", place.shape.to_text(), " elements of ",
                         name_of(place.dtype), ", ", bytes, " bytes, but ", left, " follow it"));
  }
  place.offset = size - left;
  return place;
}

void read_npy_rows(const std::string& path, const NpyPlace& place, std::int64_t first,
                   std::int64_t count, std::byte* out) {
  const auto row = static_cast<std::uint64_t>(place.shape.without(0).size()) * size_of(place.dtype);
  const auto bytes = static_cast<std::uint64_t>(count) * row;
  const std::uint64_t from = place.offset + static_cast<std::uint64_t>(first) * row;
  const auto stream = open_part(path, path, from, bytes, false);
  read_elements(*stream, place.dtype, place.big_endian, {out, bytes});
  if (place.boolean) check_booleans({out, bytes}, path);
}

Tensor read_npy(const std::string& path) { return read_npy(*open_bytes(path)); }

}  // namespace hourglass
