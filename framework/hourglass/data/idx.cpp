#include <hourglass/core/error.hpp>
#include <hourglass/data/bytes.hpp>
#include <hourglass/data/idx.hpp>

#include <array>
#include <optional>
#include <vector>

namespace hourglass {
namespace {

std::optional<DType> dtype_of_code(std::byte code) {
  switch (std::to_integer<int>(code)) {
    case 0x08: return DType::U8;
    case 0x09: return DType::I8;
    case 0x0B: return DType::I16;
    case 0x0C: return DType::I32;
    case 0x0D: return DType::F32;
    case 0x0E: return DType::F64;
    default: return std::nullopt;
  }
}

std::uint64_t read_extent(ByteStream& stream) {
  std::array<std::byte, 4> bytes;
  stream.read_exactly(bytes, "header");
  std::uint64_t extent = 0;
  for (const std::byte byte : bytes) extent = extent << 8 | std::to_integer<std::uint64_t>(byte);
  return extent;
}

}  // namespace

Tensor read_idx(const std::string& path) {
  const auto stream = open_bytes(path);
  std::array<std::byte, 4> magic;
  stream->read_exactly(magic, "header");
  if (magic[0] != std::byte{0} || magic[1] != std::byte{0}) {
    throw DataError(text(path, ": is not an IDX file: expected it to begin with two zero bytes"));
  }
  const auto dtype = dtype_of_code(magic[2]);
  if (!dtype) {
    throw DataError(text(path, ": unknown IDX element type ", std::to_integer<int>(magic[2]),
                         ", expected 8 (u8), 9 (i8), 11 (i16), 12 (i32), 13 (f32) or 14 (f64)"));
  }
  const int rank = std::to_integer<int>(magic[3]);
  if (rank < 1 || rank > Shape::kMaxRank) {
    throw DataError(
        text(path, ": the IDX array has ", rank, " axes, expected 1 to ", Shape::kMaxRank));
  }
  std::vector<std::uint64_t> extents;
  for (int axis = 0; axis < rank; ++axis) extents.push_back(read_extent(*stream));
  Tensor tensor = read_elements(*stream, checked_shape(extents, *dtype, path), *dtype, true);
  stream->expect_end();
  return tensor;
}

}  // namespace hourglass
