#include <hourglass/core/error.hpp>
#include <hourglass/storage/pnm.hpp>

#include <algorithm>
#include <charconv>
#include <string_view>

namespace hourglass::pnm {
namespace {

constexpr bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

/// Walks through a file: numbers of text, and then bytes.
class Parser {
 public:
  Parser(std::span<const std::byte> content, const std::string& name)
      : rest_(reinterpret_cast<const char*>(content.data()), content.size()), name_(name) {}

  [[noreturn]] void fail(const std::string& what) const {
    throw DataError(text(name_, ": is a damaged PGM or PPM file: ", what));
  }

  char magic() {
    const bool good = rest_.size() > 2 && rest_[0] == 'P' &&
                      (rest_[1] == '2' || rest_[1] == '3' || rest_[1] == '5' || rest_[1] == '6');
    if (!good) throw DataError(text(name_, ": is no PGM or PPM file (P2, P3, P5 or P6)"));
    const char kind = rest_[1];
    rest_.remove_prefix(2);
    return kind;
  }

  std::int64_t number(const char* what) {
    skip_spaces();
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), value);
    if (rest_.empty()) fail(text("it ends before ", what));
    if (error != std::errc{} || value < 0) fail(text(what, " is no number"));
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return value;
  }

  // The one white space between the header and the bytes.
  void separator() {
    if (rest_.empty() || !is_space(rest_.front())) fail("the header has no end");
    rest_.remove_prefix(1);
  }

  std::string_view bytes(std::size_t count) {
    if (rest_.size() < count) {
      fail(text("it should have ", count, " bytes of pixels and has ", rest_.size()));
    }
    const std::string_view result = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return result;
  }

  void expect_end() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
    if (!rest_.empty()) fail("more follows its pixels; expected one picture a file");
  }
  std::size_t left() const { return rest_.size(); }

 private:
  // White space, and comments from # to the end of a line.
  void skip_spaces() {
    while (!rest_.empty() && (is_space(rest_.front()) || rest_.front() == '#')) {
      const bool comment = rest_.front() == '#';
      const std::size_t length = comment ? rest_.find_first_of("\r\n") : 1;
      rest_.remove_prefix(std::min(length, rest_.size()));
    }
  }

  std::string_view rest_;
  const std::string& name_;
};

struct Start {
  picture::Header header;
  std::int64_t greatest = 255;
  bool as_text = false;
};

Start read_start(Parser& parser, const std::string& name, const picture::Limits& limits) {
  Start start;
  const char kind = parser.magic();
  start.as_text = kind == '2' || kind == '3';
  start.header.channels = kind == '2' || kind == '5' ? 1 : 3;
  start.header.width = parser.number("its width");
  start.header.height = parser.number("its height");
  start.greatest = parser.number("its greatest number");
  if (start.greatest < 1 || start.greatest > 65535) {
    parser.fail(text("its greatest number is ", start.greatest, ", expected 1 to 65535"));
  }
  picture::check_limits(start.header, name, limits);
  return start;
}

std::uint8_t scaled(std::int64_t value, std::int64_t greatest) {
  return static_cast<std::uint8_t>((value * 255 + greatest / 2) / greatest);
}

}  // namespace

picture::Header decode_header(std::span<const std::byte> content, const std::string& name,
                              const picture::Limits& limits) {
  Parser parser(content, name);
  return read_start(parser, name, limits).header;
}

Tensor decode(std::span<const std::byte> content, const std::string& name,
              const picture::Limits& limits) {
  Parser parser(content, name);
  const auto [header, greatest, as_text] = read_start(parser, name, limits);
  const Shape shape{header.height, header.width, header.channels};
  const auto count = static_cast<std::size_t>(shape.size());
  const std::size_t width = as_text || greatest < 256 ? 1 : 2;  // bytes of a number, at least
  if (parser.left() / width < count) {
    parser.fail(text("it has ", header.width, " x ", header.height,
                     " pixels by its header, and only ", parser.left(), " bytes for them"));
  }
  Tensor image(shape, DType::U8);
  const auto pixels = image.values<std::uint8_t>();
  const auto put = [&](std::size_t i, std::int64_t value) {
    if (value > greatest) parser.fail(text("it has a ", value, ", above its greatest ", greatest));
    pixels[i] = scaled(value, greatest);
  };
  if (as_text) {
    for (std::size_t i = 0; i < count; ++i) put(i, parser.number("its last pixel"));
  } else {
    parser.separator();
    const std::string_view bytes = parser.bytes(count * width);
    const auto byte = [&](std::size_t at) {
      return std::int64_t{static_cast<unsigned char>(bytes[at])};
    };
    for (std::size_t i = 0; i < count; ++i) {
      put(i, width == 1 ? byte(i) : byte(2 * i) << 8 | byte(2 * i + 1));
    }
  }
  parser.expect_end();
  return image;
}

}  // namespace hourglass::pnm
