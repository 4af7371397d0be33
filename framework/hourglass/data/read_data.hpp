#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/features.hpp>
#include <hourglass/data/images.hpp>
#include <hourglass/data/labels.hpp>
#include <hourglass/data/lazy_samples.hpp>
#include <hourglass/data/split.hpp>
#include <hourglass/data/sprites.hpp>
#include <hourglass/data/table.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass {

/// What data come from: a kind of file or folder that is read, or what is drawn.
enum class DataFormat { Idx, Npy, Npz, Hdf5, Table, Cifar, Images, Glyphs, Sprites, Features };

/// Finds the format of a file by its first bytes (within gzip, too), and only where these could be
/// anything, by its ending; a folder is CIFAR or pictures. Throws DataError for a missing file and
/// for one that is none of these.
HOURGLASS_API DataFormat format_of(const std::string& path);

/// Whether data are drawn, and come from no files.
inline bool is_drawn(DataFormat format) {
  return format == DataFormat::Glyphs || format == DataFormat::Sprites ||
         format == DataFormat::Features;
}

/// "IDX", "a CSV table", "a set of pictures", "drawn in memory", ...
HOURGLASS_API std::string_view name_of(DataFormat format);

/// What must be told of files that could be read in several ways.
struct HOURGLASS_API ReadOptions {
  TableOptions table;
  /// The array of an NPZ or HDF5 file that holds the samples; empty: the only one, or `X`,
  /// `samples`, `data`, `images`, `imgs` or `codes`.
  std::string array;
  /// The one that holds the labels; empty: `y`, `labels` or `latents_values`, if it is there. Of
  /// CIFAR-100, `fine` or `coarse`.
  std::string labels_array;
  /// The one that holds the classes of factors; empty: `latents_classes`, if it is there.
  std::string factor_classes_array;
  /// What the factors in an array of labels are called.
  std::vector<std::string> factor_names;
  /// Of an HDF5 file, the array of texts that name the features, in their order.
  std::string feature_names_array;
  /// Whether samples are read into memory as a whole, the default. If not, NPY and HDF5 files are
  /// read in blocks (block_samples.hpp).
  std::optional<bool> in_memory;
  std::optional<ImageOptions> images;
  std::optional<sprites::Options> sprites;
  std::optional<features::Options> features;

  static void describe(Schema<ReadOptions>& schema);
};

/// An option that was told of data whose format has none such.
struct ForeignOption {
  std::string name;         ///< "separator"
  std::string_view owners;  ///< "CSV tables"
};
/// Those of `options` that data of `format` do not have.
HOURGLASS_API std::vector<ForeignOption> foreign_options(const ReadOptions& options,
                                                         DataFormat format);

/// Samples as a file holds them, before text columns and scaling: `table`, `samples` or `lazy`.
struct HOURGLASS_API RawSplit {
  std::string file;
  std::optional<Table> table;
  Tensor samples;  ///< [n, shape...]
  std::shared_ptr<const LazySamples> lazy;
  Labels labels;                           ///< of `samples`, or `lazy`
  Tensor directions;                       ///< see DataSet
  std::vector<std::string> feature_names;  ///< of `samples`, or `lazy`, where the file has them
  /// How many samples each group has that stays in one split, such as a picture's patches; empty:
  /// each goes its own way.
  Rows groups;

  /// [n, shape...], not of a table.
  const Shape& shape() const { return lazy ? lazy->shape() : samples.shape(); }
  std::int64_t size() const { return table ? table->rows : shape()[0]; }
};

/// Reads a file, or a folder of pictures or of CIFAR's files. The result has one entry, "", unless
/// an archive names its splits: arrays `train` and `test`, or `x_train` and `x_test` (labels:
/// `train_labels`, `y_train`, ...), or groups `train` and `test` with arrays inside. Throws
/// DataError for what is wrong with the file, OptionError for options that do not go with it.
HOURGLASS_API std::map<std::string, RawSplit> read_file(const std::string& path,
                                                        const ReadOptions& options = {});
/// Reads samples from one file and their labels from another: an array, or for a table whose time
/// is known a JSON file of the periods in which it is anomalous (read_spans), label 1.
HOURGLASS_API RawSplit read_pair(const std::string& samples, const std::string& labels,
                                 const ReadOptions& options = {});

/// Labels of a file's array: whole numbers [n] are classes; numbers with a fraction, and [n, k],
/// are factors. Throws DataError for other shapes.
HOURGLASS_API Labels labels_of(const Tensor& array, const std::string& name,
                               const std::string& file);

}  // namespace hourglass
