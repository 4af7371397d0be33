#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/lazy_samples.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace hourglass {

/// Samples of a file that is larger than memory should be: blocks of neighbouring samples are read
/// as they are needed, and the last few kept.
struct HOURGLASS_API BlockOptions {
  std::int64_t bytes = std::int64_t{2} << 20;  ///< of a block, about
  /// Blocks whose samples are shuffled together (block_order).
  std::int64_t window = 16;
  /// Blocks that are kept. Where a split has some rows of the file only, its blocks straddle the
  /// file's, so there are more of these than a window has.
  std::int64_t kept = 48;
};

/// The array of a row-major NPY file, not compressed. Throws DataError for others, and as read_npy.
HOURGLASS_API std::shared_ptr<const LazySamples> open_npy_blocks(const std::string& path,
                                                                 const BlockOptions& options = {});
/// A dataset of an HDF5 file. Chunks of the file that hold whole samples are read quickly, others
/// time and again. Throws as hdf5::Reader.
HOURGLASS_API std::shared_ptr<const LazySamples> open_hdf5_blocks(const std::string& path,
                                                                  const std::string& dataset,
                                                                  const BlockOptions& options = {});

}  // namespace hourglass
