#include <hourglass/core/error.hpp>
#include <hourglass/data/tar.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace hourglass {
namespace {

constexpr std::size_t kBlock = 512;
constexpr std::uint64_t kLongestName = 1 << 16;

using Block = std::array<char, kBlock>;

std::string_view field(std::span<const char> block, std::size_t at, std::size_t length) {
  const std::string_view whole(block.data() + at, length);
  return whole.substr(0, whole.find('\0'));
}

// Octal digits among spaces.
std::optional<std::uint64_t> octal(std::string_view digits) {
  const std::size_t first = digits.find_first_not_of(' ');
  if (first == digits.npos) return 0;
  std::uint64_t value = 0;
  for (const char c : digits.substr(first)) {
    if (c == ' ') break;
    if (c < '0' || c > '7') return std::nullopt;
    value = value << 3 | static_cast<std::uint64_t>(c - '0');
  }
  return value;
}

// The sum of a header's bytes, its own field counted as spaces.
bool has_right_sum(std::span<const char> block) {
  constexpr std::size_t kFirst = 148, kEnd = 156;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < kBlock; ++i) {
    sum += i >= kFirst && i < kEnd ? ' ' : static_cast<unsigned char>(block[i]);
  }
  return octal(field(block, kFirst, kEnd - kFirst)) == sum;
}

// Sizes of 8 GiB and more are written in base 256 by GNU.
std::optional<std::uint64_t> size_field(std::span<const char> block) {
  constexpr std::size_t kFirst = 124, kLength = 12;
  if ((block[kFirst] & 0x80) == 0) return octal(field(block, kFirst, kLength));
  std::uint64_t value = static_cast<unsigned char>(block[kFirst]) & 0x3f;
  for (std::size_t i = 1; i < kLength; ++i) {
    if (value >> 54 != 0) return std::nullopt;
    value = value << 8 | static_cast<unsigned char>(block[kFirst + i]);
  }
  return value;
}

}  // namespace

class TarReader::MemberBytes final : public ByteStream {
 public:
  MemberBytes(TarReader& reader, std::string name) : reader_(reader), name_(std::move(name)) {}

  std::size_t read(std::span<std::byte> out) override {
    const auto wanted = std::min<std::uint64_t>(out.size(), reader_.left_);
    const std::size_t got = reader_.stream_.read(out.first(wanted));
    if (got < wanted) throw DataError(text(name_, ": is cut off; the archive is truncated"));
    reader_.left_ -= got;
    return got;
  }
  const std::string& name() const override { return name_; }
  std::uint64_t most() const override { return reader_.left_; }

 private:
  TarReader& reader_;
  std::string name_;
};

bool TarReader::is_tar(std::span<const char> head) {
  return head.size() >= kBlock && field(head, 257, 5) == "ustar" && has_right_sum(head);
}

void TarReader::skip(std::uint64_t bytes) {
  std::array<std::byte, 1 << 14> buffer;
  while (bytes > 0) {
    const auto some = std::min<std::uint64_t>(bytes, buffer.size());
    stream_.read_exactly(std::span(buffer).first(some), "archive");
    bytes -= some;
  }
}

std::optional<TarReader::Member> TarReader::next() {
  std::string long_name;
  while (true) {
    skip(left_ + padding_);
    left_ = padding_ = 0;
    Block block;
    const std::size_t got = stream_.read(std::as_writable_bytes(std::span(block)));
    if (got == 0 || std::ranges::all_of(block, [](char c) { return c == '\0'; })) return {};
    if (got < kBlock) {
      throw DataError(text(stream_.name(), ": ends inside a header; the archive is truncated"));
    }
    const auto size = size_field(block);
    if (!has_right_sum(block) || !size || *size > stream_.most()) {
      throw DataError(text(stream_.name(), ": a header of the archive is damaged"));
    }
    left_ = *size;
    padding_ = (kBlock - *size % kBlock) % kBlock;
    std::string name = std::exchange(long_name, {});
    if (name.empty()) {
      const std::string_view prefix = field(block, 345, 155);
      const bool posix = field(block, 257, 6) == "ustar" && block[263] == '0';
      if (posix && !prefix.empty()) name = std::string(prefix) + "/";
      name += field(block, 0, 100);
    }
    const char kind = block[156];
    if (kind == 'L') {  // GNU: the next member's name
      if (*size > kLongestName) {
        throw DataError(text(stream_.name(), ": the archive has a name of ", *size, " bytes"));
      }
      long_name.resize(*size);
      MemberBytes(*this, stream_.name())
          .read_exactly(std::as_writable_bytes(std::span(long_name)), "name");
      long_name.resize(long_name.find('\0') == long_name.npos ? long_name.size()
                                                              : long_name.find('\0'));
    } else if (kind == '0' || kind == '\0') {
      auto bytes = std::make_unique<MemberBytes>(*this, text(stream_.name(), ": ", name));
      return Member{std::move(name), *size, std::move(bytes)};
    }
  }
}

}  // namespace hourglass
