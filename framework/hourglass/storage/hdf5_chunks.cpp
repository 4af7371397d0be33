#include <hourglass/core/error.hpp>
#include <hourglass/storage/hdf5_detail.hpp>

#include <hdf5.h>
#include <zlib.h>
#include <algorithm>
#include <array>
#include <cstddef>

// libhdf5 1.10 believes that a chunk holds as many bytes as its dataset says, and reads beyond its
// memory where a damaged one holds fewer. So chunks are measured first, unpacked but not kept.

namespace hourglass::hdf5::detail {
namespace {

// How many bytes a deflated block unpacks to, counted up to `most` + 1; 0 for a damaged one.
std::uint64_t inflated_size(std::span<std::byte> packed, std::uint64_t most) {
  z_stream stream{};
  if (inflateInit(&stream) != Z_OK) return 0;
  std::array<Bytef, 1 << 15> scratch;
  stream.next_in = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_in = static_cast<uInt>(packed.size());
  int status = Z_OK;
  while (status == Z_OK && stream.total_out <= most) {
    stream.next_out = scratch.data();
    stream.avail_out = scratch.size();
    status = inflate(&stream, Z_NO_FLUSH);
  }
  const std::uint64_t size = stream.total_out;
  inflateEnd(&stream);
  return status == Z_STREAM_END ? size : 0;
}

// Whether a stored chunk unpacks to `expected` bytes. Bit i of `skipped`: filter i was left out.
bool is_whole(std::span<std::byte> stored, const std::vector<int>& filters, std::uint32_t skipped,
              std::uint64_t expected) {
  constexpr std::uint64_t kChecksum = 4;
  std::uint64_t size = stored.size();
  for (std::size_t i = filters.size(); i-- > 0;) {
    if (skipped >> i & 1) continue;
    if (filters[i] == H5Z_FILTER_FLETCHER32) {
      if (size < kChecksum) return false;
      size -= kChecksum;
      stored = stored.first(std::min<std::size_t>(stored.size(), size));
    } else if (filters[i] == H5Z_FILTER_DEFLATE) {
      size = inflated_size(stored, expected + kChecksum);
    }
  }
  return size == expected;
}

}  // namespace

std::vector<int> filters_of(Id properties) {
  std::vector<int> filters;
  const int count = H5Pget_nfilters(properties);
  for (int i = 0; i < count; ++i) {
    unsigned flags = 0, config = 0;
    std::size_t values = 0;
    filters.push_back(H5Pget_filter2(properties, static_cast<unsigned>(i), &flags, &values, nullptr,
                                     0, nullptr, &config));
  }
  return filters;
}

bool chunks_are_whole(Id dataset, const Shape& shape, std::int64_t first, std::int64_t count,
                      std::uint64_t file_bytes) {
  const Handle properties(H5Dget_create_plist(dataset), H5Pclose);
  const Handle type(H5Dget_type(dataset), H5Tclose);
  const std::vector<int> filters = filters_of(properties.get());
  std::array<hsize_t, H5S_MAX_RANK> chunk{};
  const int rank = shape.rank();
  if (H5Pget_chunk(properties.get(), H5S_MAX_RANK, chunk.data()) != rank) return false;
  std::uint64_t expected = H5Tget_size(type.get());
  std::uint64_t chunks = 1;
  for (int i = 0; i < rank; ++i) {
    const hsize_t extent = chunk[static_cast<std::size_t>(i)];
    if (extent == 0 || __builtin_mul_overflow(expected, extent, &expected)) return false;
    const auto along = static_cast<std::uint64_t>(i == 0 ? count : shape[i]);
    if (__builtin_mul_overflow(chunks, along / extent + 2, &chunks)) return false;
  }
  constexpr std::uint64_t kMostChunks = std::uint64_t{1} << 22;
  if (chunks > kMostChunks) return false;

  // Chunks in order, counted like an odometer: the last axis turns fastest.
  std::array<hsize_t, H5S_MAX_RANK> place{};
  const hsize_t begin = static_cast<hsize_t>(first) / chunk[0] * chunk[0];
  place[0] = begin;
  std::vector<std::byte> stored;
  while (place[0] < static_cast<hsize_t>(first + count)) {
    hsize_t bytes = 0;
    if (H5Dget_chunk_storage_size(dataset, place.data(), &bytes) >= 0 && bytes > 0) {
      if (bytes > file_bytes) return false;
      stored.resize(bytes);
      std::uint32_t skipped = 0;
      if (H5Dread_chunk(dataset, H5P_DEFAULT, place.data(), &skipped, stored.data()) < 0 ||
          !is_whole(stored, filters, skipped, expected)) {
        return false;
      }
    }
    int axis = rank - 1;
    for (; axis >= 0; --axis) {
      const auto at = static_cast<std::size_t>(axis);
      place[at] += chunk[at];
      if (axis == 0 || place[at] < static_cast<hsize_t>(shape[axis])) break;
      place[at] = 0;
    }
  }
  return true;
}

}  // namespace hourglass::hdf5::detail
