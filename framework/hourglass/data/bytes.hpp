#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass {

/// The bytes of a file, or of a part of one, from first to last. Files come from strangers: readers
/// ask for what a header promises, and learn here when there is less, or more.
class HOURGLASS_API ByteStream {
 public:
  virtual ~ByteStream();

  /// Fills `out`; returns fewer bytes only at the end. Throws DataError when the file is damaged.
  virtual std::size_t read(std::span<std::byte> out) = 0;
  /// The file that messages name; a member of an archive is "file.npz: X.npy".
  virtual const std::string& name() const = 0;
  /// The most bytes that can come from what is left in the file: its size or, compressed, 1032
  /// times that, the bound of deflate. What promises more lies, before anything is allocated.
  virtual std::uint64_t most() const = 0;

  /// Fills `out` wholly. Throws DataError "file: ends inside `what`, ...".
  void read_exactly(std::span<std::byte> out, std::string_view what);
  /// Throws DataError when there is a byte after what the header promised.
  void expect_end();
};

/// A whole file; one that begins as gzip does is unpacked on the way, whatever its name.
/// Throws DataError when there is no such file.
HOURGLASS_API std::unique_ptr<ByteStream> open_bytes(const std::string& path);
/// `length` bytes of the file from `offset`, as they are or deflated (without a header).
HOURGLASS_API std::unique_ptr<ByteStream> open_part(const std::string& path, std::string name,
                                                    std::uint64_t offset, std::uint64_t length,
                                                    bool deflated);

/// What a folder holds, in the order of names. Throws DataError.
HOURGLASS_API std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder);

/// Bytes of memory that the machine has.
HOURGLASS_API std::uint64_t memory_of_machine();

/// An array of `shape` whose elements are the next bytes of `stream`, turned from big-endian order
/// if need be. Throws DataError when the file cannot hold that many, or the machine.
HOURGLASS_API Tensor read_elements(ByteStream& stream, const Shape& shape, DType dtype,
                                   bool big_endian);
/// The next bytes of `stream` as elements, turned likewise, to `out`. Throws DataError when there
/// are fewer.
HOURGLASS_API void read_elements(ByteStream& stream, DType dtype, bool big_endian,
                                 std::span<std::byte> out);
/// The shape of `extents` from a file's header. Throws DataError for more than Shape::kMaxRank
/// extents and for a product that 2^62 bytes would not hold.
HOURGLASS_API Shape checked_shape(std::span<const std::uint64_t> extents, DType dtype,
                                  const std::string& name);

}  // namespace hourglass
