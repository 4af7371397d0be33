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
  /// Of a block, about: it has whole samples, and whole chunks of an HDF5 file as far as three fit
  /// in `memory`.
  std::int64_t bytes = std::int64_t{2} << 20;
  /// Of the blocks that are kept: as many as fit, but one in any case. A third of them make a
  /// window, whose samples are shuffled together (block_order): where a split has some rows of the
  /// file only, its blocks straddle the file's, and so does a window.
  std::int64_t memory = std::int64_t{96} << 20;
};

/// The array of a row-major NPY file, not compressed. Throws DataError for others, and as read_npy.
HOURGLASS_API std::shared_ptr<const LazySamples> open_npy_blocks(const std::string& path,
                                                                 const BlockOptions& options = {});
/// A dataset of an HDF5 file. Throws as hdf5::Reader.
HOURGLASS_API std::shared_ptr<const LazySamples> open_hdf5_blocks(const std::string& path,
                                                                  const std::string& dataset,
                                                                  const BlockOptions& options = {});

}  // namespace hourglass
