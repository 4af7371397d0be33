#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/data/bytes.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace hourglass {

/// Reads a NumPy array file (.npy, versions 1 to 3): floats of 4 and 8 bytes, integers of 1 to 8
/// bytes and booleans (as u8), little- or big-endian, row- or column-major. The result is
/// row-major. Throws DataError when the file is missing, is no such array, or holds less or more
/// than it promises.
HOURGLASS_API Tensor read_npy(const std::string& path);
/// The same from a stream that stands at the array's first byte and ends with it.
HOURGLASS_API Tensor read_npy(ByteStream& stream);

/// Where a plain NPY file has its elements, row by row.
struct HOURGLASS_API NpyPlace {
  Shape shape;
  DType dtype = DType::F32;
  bool big_endian = false;
  bool boolean = false;
  std::uint64_t offset = 0;  ///< of the first element, in bytes
};
/// Finds it. Throws DataError as read_npy, and for files that are compressed, column-major, or hold
/// less or more than they promise.
HOURGLASS_API NpyPlace find_npy(const std::string& path);
/// Writes the rows [first, first + count) of the array to `out`. Throws DataError as read_npy.
HOURGLASS_API void read_npy_rows(const std::string& path, const NpyPlace& place, std::int64_t first,
                                 std::int64_t count, std::byte* out);

/// A NumPy archive (.npz): a ZIP file of .npy members, stored or deflated, with or without the
/// 64-bit extension. Opening reads the directory only.
///
///     NpzArchive archive("table.npz");
///     Tensor samples = archive.read("X");
class HOURGLASS_API NpzArchive {
 public:
  /// Throws DataError when the file is missing or its directory is damaged.
  explicit NpzArchive(const std::string& path);

  /// The arrays' names in the order of the file, without ".npy".
  std::vector<std::string> names() const;
  bool contains(std::string_view name) const;
  /// Throws DataError when there is no such array (naming those that there are), when it is
  /// encrypted or packed by another method, or when its checksum differs.
  Tensor read(std::string_view name) const;

 private:
  struct Member {
    std::string name;
    int method = 0;
    int flags = 0;
    std::uint32_t checksum = 0;
    std::uint64_t packed = 0;
    std::uint64_t unpacked = 0;
    std::uint64_t offset = 0;
  };
  const Member* find(std::string_view name) const;

  std::string path_;
  std::uint64_t size_ = 0;
  std::vector<Member> members_;
};

}  // namespace hourglass
