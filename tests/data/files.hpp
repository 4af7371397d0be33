#pragma once

#include <hourglass/core/tensor.hpp>

#include <zlib.h>

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <string>
#include <vector>

/// Files for the readers' tests, made byte by byte.
namespace hourglass::testing {

inline std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// `value` in `width` bytes.
inline std::string little(std::uint64_t value, int width) {
  std::string bytes;
  for (int i = 0; i < width; ++i) bytes += static_cast<char>(i < 8 ? value >> (8 * i) : 0);
  return bytes;
}
inline std::string big(std::uint64_t value, int width) {
  std::string bytes = little(value, width);
  std::ranges::reverse(bytes);
  return bytes;
}
template <class T>
std::string raw(const std::vector<T>& values) {
  return {reinterpret_cast<const char*>(values.data()), values.size() * sizeof(T)};
}

/// `window` as zlib counts: 31 for gzip, -15 for bare deflate.
inline std::string packed(const std::string& bytes, int window) {
  z_stream zlib{};
  deflateInit2(&zlib, 9, Z_DEFLATED, window, 9, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&zlib, bytes.size()), '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
  zlib.avail_in = static_cast<uInt>(bytes.size());
  zlib.next_out = reinterpret_cast<Bytef*>(out.data());
  zlib.avail_out = static_cast<uInt>(out.size());
  deflate(&zlib, Z_FINISH);
  out.resize(zlib.total_out);
  deflateEnd(&zlib);
  return out;
}
inline std::string gzip(const std::string& bytes) { return packed(bytes, 31); }

inline std::string idx(int type, const std::vector<std::uint32_t>& extents,
                       const std::string& data) {
  std::string bytes = big(0, 2) + big(type, 1) + big(extents.size(), 1);
  for (const std::uint32_t extent : extents) bytes += big(extent, 4);
  return bytes + data;
}

/// `shape` as Python writes it: "(2, 3)".
inline std::string npy(const std::string& descr, const std::string& shape, const std::string& data,
                       const std::string& fortran = "False") {
  std::string header =
      "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }";
  header.resize((header.size() + 10 + 64) / 64 * 64 - 10, ' ');
  header.back() = '\n';
  return std::string("\x93NUMPY\x01\x00", 8) + little(header.size(), 2) + header + data;
}

struct ZipMember {
  std::string name;
  std::string bytes;
  bool deflated = false;
  bool wide = false;  // sizes and place in a 64-bit extra field
};
inline std::string zip(const std::vector<ZipMember>& members) {
  std::string file;
  std::string directory;
  for (const ZipMember& member : members) {
    const std::string data = member.deflated ? packed(member.bytes, -15) : member.bytes;
    const auto sum =
        crc32_z(0, reinterpret_cast<const Bytef*>(member.bytes.data()), member.bytes.size());
    const std::string kind =
        little(0, 2) + little(member.deflated ? 8 : 0, 2) + little(0, 4) + little(sum, 4);
    const std::uint64_t none = 0xFFFFFFFF;
    const std::string extra = member.wide
                                  ? little(1, 2) + little(24, 2) + little(member.bytes.size(), 8) +
                                        little(data.size(), 8) + little(file.size(), 8)
                                  : "";
    directory += little(0x02014b50, 4) + little(20, 2) + little(20, 2) + kind +
                 little(member.wide ? none : data.size(), 4) +
                 little(member.wide ? none : member.bytes.size(), 4) +
                 little(member.name.size(), 2) + little(extra.size(), 2) + little(0, 10) +
                 little(0, 0) + little(member.wide ? none : file.size(), 4) + member.name + extra;
    file += little(0x04034b50, 4) + little(20, 2) + kind + little(data.size(), 4) +
            little(member.bytes.size(), 4) + little(member.name.size(), 2) + little(0, 2) +
            member.name + data;
  }
  return file + directory + little(0x06054b50, 4) + little(0, 4) + little(members.size(), 2) +
         little(members.size(), 2) + little(directory.size(), 4) + little(file.size(), 4) +
         little(0, 2);
}

/// A tar archive's header of 512 bytes; `kind` is '0' for a file.
inline std::string tar_header(const std::string& name, std::uint64_t size, char kind) {
  const auto octal = [](std::uint64_t value, int digits) {
    std::string text(static_cast<std::size_t>(digits), '0');
    for (int i = digits - 1; i >= 0; --i, value /= 8) text[i] = static_cast<char>('0' + value % 8);
    return text;
  };
  std::string header(512, '\0');
  header.replace(0, name.size(), name);
  header.replace(124, 11, octal(size, 11));
  header.replace(148, 8, "        ");
  header[156] = kind;
  header.replace(257, 8,
                 std::string("ustar\0"
                             "00",
                             8));
  std::uint64_t sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  return header.replace(148, 7, octal(sum, 6) + '\0');
}
inline std::string tar_member(const std::string& name, const std::string& bytes, char kind = '0') {
  return tar_header(name, bytes.size(), kind) + bytes +
         std::string((512 - bytes.size() % 512) % 512, '\0');
}

template <class T>
std::vector<T> values_of(const Tensor& tensor) {
  const auto values = tensor.values<T>();
  return {values.begin(), values.end()};
}

}  // namespace hourglass::testing
