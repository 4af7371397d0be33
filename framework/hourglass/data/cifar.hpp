#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/read_data.hpp>

#include <map>
#include <string>

namespace hourglass {

/// Reads the binary form of CIFAR-10 and CIFAR-100: records of one label byte (CIFAR-100: two, the
/// coarse one and the fine one) and 3072 bytes of a picture, 32 x 32, in planes of red, green and
/// blue. Which of the two it is shows in the file's size. The samples are u8 [n, 3, 32, 32].
///
/// `path` is a file of records, plain or gzip-compressed, and gives the entry ""; or the whole set
/// as it is handed out, a tar archive or a folder, and gives `train`, the files data_batch_*.bin or
/// train.bin in their order, and `test`, test_batch.bin or test.bin, if it is there.
/// `options.labels_array` chooses the labels of CIFAR-100: `fine`, the default, or `coarse`.
/// Throws DataError for missing, cut off and damaged files, OptionError for other labels.
/// A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
HOURGLASS_API std::map<std::string, RawSplit> read_cifar(const std::string& path,
                                                         const ReadOptions& options = {});

/// Whether a folder holds such files.
HOURGLASS_API bool is_cifar_folder(const std::string& path);
/// Whether a file's name and size are those of records, which begin with any bytes.
HOURGLASS_API bool has_cifar_size(const std::string& path);

}  // namespace hourglass
