#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/labels.hpp>
#include <hourglass/data/table.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass {

/// The kinds of file that are read.
enum class FileFormat { Idx, Npy, Npz, Hdf5, Table };

/// Finds a file's format by its first bytes (within gzip, too), and only where these could be
/// anything, by its ending. Throws DataError for a missing file and for one that is none of these.
HOURGLASS_API FileFormat format_of(const std::string& path);

/// "IDX", "NPY", "NPZ", "HDF5", "a CSV table".
HOURGLASS_API std::string_view name_of(FileFormat format);

/// What must be told of files that could be read in several ways.
struct HOURGLASS_API ReadOptions {
  TableOptions table;
  /// The array of an NPZ or HDF5 file that holds the samples; empty: the only one, or `X`,
  /// `samples`, `data`, `images`, `imgs` or `codes`.
  std::string array;
  /// The one that holds the labels; empty: `y`, `labels` or `latents_values`, if it is there.
  std::string labels_array;

  static void describe(Schema<ReadOptions>& schema);
};

/// An option that was told of data whose format has none such.
struct ForeignOption {
  std::string name;         ///< "separator"
  std::string_view owners;  ///< "CSV tables"
};
/// Those of `options` that files of `format` do not have; without a format, data that are in no
/// file, every one.
HOURGLASS_API std::vector<ForeignOption> foreign_options(const ReadOptions& options,
                                                         std::optional<FileFormat> format);

/// Samples as a file holds them, before text columns and scaling. Either `table` or `samples`.
struct HOURGLASS_API RawSplit {
  std::string file;
  std::optional<Table> table;
  Tensor samples;  ///< [n, shape...]
  Labels labels;   ///< of `samples`

  std::int64_t size() const { return table ? table->rows : samples.shape()[0]; }
};

/// Reads a file. The result has one entry, "", unless an archive names its splits: arrays `train`
/// and `test`, or `x_train` and `x_test` (labels: `train_labels`, `y_train`, ...), or groups
/// `train` and `test` with arrays inside. Throws DataError for what is wrong with the file,
/// OptionError for options that do not go with it.
HOURGLASS_API std::map<std::string, RawSplit> read_file(const std::string& path,
                                                        const ReadOptions& options = {});
/// Reads samples from one file and their labels from another.
HOURGLASS_API RawSplit read_pair(const std::string& samples, const std::string& labels,
                                 const ReadOptions& options = {});

/// Labels of a file's array: whole numbers [n] are classes; numbers with a fraction, and [n, k],
/// are factors. Throws DataError for other shapes.
HOURGLASS_API Labels labels_of(const Tensor& array, const std::string& name,
                               const std::string& file);

}  // namespace hourglass
