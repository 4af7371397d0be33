#include <hourglass/core/error.hpp>
#include <hourglass/storage/seal.hpp>

#include <zlib.h>
#include <algorithm>
#include <array>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

namespace hourglass::detail {
namespace {

constexpr std::string_view kBegin = "\nhourglass crc32 ";
constexpr std::size_t kDigits = 8;
constexpr std::size_t kLength = kBegin.size() + kDigits + 1;

std::string line_for(std::uint32_t checksum) {
  std::string line(kBegin);
  for (int shift = 28; shift >= 0; shift -= 4) line += "0123456789abcdef"[checksum >> shift & 15];
  return line + '\n';
}

std::uint32_t checksum_of(std::ifstream& file, std::uint64_t bytes) {
  std::vector<char> buffer(std::size_t{1} << 18);
  uLong checksum = crc32(0, nullptr, 0);
  while (bytes > 0 && file) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, buffer.size()));
    file.read(buffer.data(), static_cast<std::streamsize>(count));
    checksum = crc32(checksum, reinterpret_cast<const Bytef*>(buffer.data()),
                     static_cast<uInt>(file.gcount()));
    bytes -= count;
  }
  return static_cast<std::uint32_t>(checksum);
}

}  // namespace

void seal(const std::filesystem::path& path) {
  std::error_code error;
  const std::uint64_t bytes = std::filesystem::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  const std::uint32_t checksum = checksum_of(file, error ? 0 : bytes);
  std::ofstream out(path, std::ios::binary | std::ios::app);
  out << line_for(checksum) << std::flush;
  if (error || !file || !out) throw IoError(text(path.string(), ": cannot write its checksum"));
}

Seal check_seal(const std::filesystem::path& path) {
  std::error_code error;
  const std::uint64_t bytes = std::filesystem::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  if (error || !file) throw DataError(text(path.string(), ": cannot be read"));
  if (bytes < kLength) return Seal::None;
  std::array<char, kLength> line{};
  file.seekg(static_cast<std::streamoff>(bytes - kLength));
  file.read(line.data(), kLength);
  const std::string_view found(line.data(), kLength);
  if (!found.starts_with(kBegin)) return Seal::None;
  file.seekg(0);
  return found == line_for(checksum_of(file, bytes - kLength)) && file ? Seal::Whole : Seal::Broken;
}

}  // namespace hourglass::detail
