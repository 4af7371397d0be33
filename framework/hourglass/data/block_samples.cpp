#include <hourglass/core/error.hpp>
#include <hourglass/data/block_samples.hpp>
#include <hourglass/data/npy.hpp>
#include <hourglass/data/scaling.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <zlib.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <list>
#include <mutex>
#include <utility>

namespace hourglass {
namespace {

// That are summed up: rows where the file has them one by one, or else pieces, such as chunks.
constexpr std::int64_t kSummedRows = 1000;
constexpr std::int64_t kSummedPieces = 16;

/// Writes rows of a file, from `first` on, to `out`.
using RowReader = std::function<void(std::int64_t first, std::int64_t count, std::byte* out)>;

class BlockSamples final : public LazySamples {
 public:
  /// `unit`: rows that the file has in one piece, and that are best read together.
  BlockSamples(std::string name, const Shape& shape, DType dtype, RowReader reader,
               std::int64_t unit, const BlockOptions& options)
      : name_(std::move(name)),
        shape_(shape),
        dtype_(dtype),
        reader_(std::move(reader)),
        piece_(unit) {
    const std::int64_t bytes = sample_bytes();
    if (unit > options.memory / 3 / bytes) unit = 1;
    block_ = std::max(options.bytes / bytes / unit * unit, unit);
    block_ = std::min(block_, size());
    most_kept_ = std::max<std::int64_t>(options.memory / (block_ * bytes), 1);
  }

  const Shape& shape() const override { return shape_; }
  DType dtype() const override { return dtype_; }
  bool at_hand() const override { return false; }
  Blocks blocks() const override { return {block_, std::max<std::int64_t>(most_kept_ / 3, 1)}; }

  void read(std::span<const std::uint32_t> rows, std::byte* out) const override {
    const std::lock_guard lock(mutex_);
    const std::int64_t bytes = sample_bytes();
    for (const std::uint32_t row : rows) {
      const Tensor& block = kept_block(row / block_);
      out = std::copy_n(block.raw() + row % block_ * bytes, bytes, out);
    }
  }

  // Of pieces spread over the file: to sum up all of them, all would have to be read. Where a piece
  // is larger than a block, its first rows stand for it.
  std::uint32_t checksum() const override {
    uLong sum = crc32(0, nullptr, 0);
    const std::int64_t pieces = (size() + piece_ - 1) / piece_, rows = std::min(piece_, block_);
    const std::int64_t count = std::min(pieces, std::max(kSummedRows / piece_, kSummedPieces));
    Tensor samples(shape_.with(0, rows), dtype_);
    for (std::int64_t i = 0; i < count; ++i) {
      const std::int64_t first = piece_ * (count == 1 ? 0 : i * (pieces - 1) / (count - 1));
      const std::int64_t some = std::min(rows, size() - first);
      reader_(first, some, samples.raw());
      sum = crc32_z(sum, reinterpret_cast<const Bytef*>(samples.raw()),
                    static_cast<std::size_t>(some * sample_bytes()));
    }
    const std::int64_t size = shape_.size();
    return static_cast<std::uint32_t>(
        crc32(sum, reinterpret_cast<const Bytef*>(&size), sizeof size));
  }

 private:
  // A block's memory serves the next one: freed and allocated anew, it would lie in pieces.
  const Tensor& kept_block(std::int64_t number) const {
    auto at = std::ranges::find(kept_, number, &Kept::number);
    if (at == kept_.end()) {
      if (std::ssize(kept_) < most_kept_) {
        kept_.push_back({-1, Tensor(shape_.with(0, block_), dtype_)});
      }
      at = std::prev(kept_.end());
      at->number = -1;  // until it is read
      read_block(number, at->samples);
      at->number = number;
    }
    kept_.splice(kept_.begin(), kept_, at);
    return kept_.front().samples;
  }

  void read_block(std::int64_t number, Tensor& samples) const {
    const std::int64_t first = number * block_;
    const std::int64_t count = std::min(block_, size() - first);
    reader_(first, count, samples.raw());
    std::fill(samples.raw() + count * sample_bytes(), samples.raw() + samples.bytes(),
              std::byte{0});
    check_finite(samples, name_, first);
  }

  struct Kept {
    std::int64_t number;
    Tensor samples;
  };

  std::string name_;
  Shape shape_;
  DType dtype_;
  RowReader reader_;
  std::int64_t piece_ = 1;  // rows that the file has in one
  std::int64_t block_ = 1;  // rows
  std::int64_t most_kept_ = 1;
  mutable std::mutex mutex_;
  mutable std::list<Kept> kept_;  // the last one used first
};

void check(const Shape& shape, const std::string& name) {
  if (shape.rank() == 0 || shape.size() == 0) {
    throw DataError(text(name, ": the array of samples, ", shape.to_text(), ", is empty"));
  }
  if (shape[0] > 0xFFFFFFFF) {
    throw DataError(text(name, ": has ", shape[0], " samples, expected fewer than 2^32"));
  }
}

std::shared_ptr<const LazySamples> as_rows(std::shared_ptr<const LazySamples> samples) {
  if (samples->shape().rank() > 1) return samples;
  const Shape shape = samples->shape().appended(1);
  return reshaped(std::move(samples), shape);
}

}  // namespace

std::shared_ptr<const LazySamples> open_npy_blocks(const std::string& path,
                                                   const BlockOptions& options) {
  const NpyPlace place = find_npy(path);
  check(place.shape, path);
  const auto reader = [path, place](std::int64_t first, std::int64_t count, std::byte* out) {
    read_npy_rows(path, place, first, count, out);
  };
  return as_rows(
      std::make_shared<BlockSamples>(path, place.shape, place.dtype, reader, 1, options));
}

std::shared_ptr<const LazySamples> open_hdf5_blocks(const std::string& path,
                                                    const std::string& dataset,
                                                    const BlockOptions& options) {
  const auto file = std::make_shared<hdf5::Reader>(path);
  const Shape shape = file->shape(dataset);
  const std::string name = text(path, ": ", dataset);
  check(shape, name);
  const auto reader = [file, dataset](std::int64_t first, std::int64_t count, std::byte* out) {
    const Tensor rows = file->read_rows(dataset, first, count);
    std::copy_n(rows.raw(), rows.bytes(), out);
  };
  return as_rows(std::make_shared<BlockSamples>(name, shape, file->dtype(dataset), reader,
                                                file->chunk_rows(dataset), options));
}

}  // namespace hourglass
