#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/shape.hpp>
#include <hourglass/data/binarise.hpp>
#include <hourglass/data/read_data.hpp>
#include <hourglass/data/scaling.hpp>
#include <hourglass/data/series.hpp>
#include <hourglass/data/table.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <cstdint>
#include <memory>
#include <string>

namespace hourglass {

/// The form in which samples reach a model, as the training data have shaped it. Whoever has it
/// brings further samples into the same form, without the training data.
struct HOURGLASS_API DataForm {
  /// Of the descriptor, the folder, or the file without its ending.
  std::string name;
  /// Of one sample, as the model sees it.
  Shape sample_shape;
  std::shared_ptr<const FittedScaling> scaling;
  /// How scaled values become 0 or 1, and the seed of what is drawn for it.
  Binarise binarise = Binarise::None;
  std::uint64_t binarise_seed = 0;
  /// How rows become samples, where they are the time steps of a series.
  Windows windows;
  /// The size of the training split.
  std::int64_t samples = 0;
  /// The number of classes of the labels, all splits considered; 0 where there are none.
  std::int64_t classes = 0;
  /// How a table's columns become features; null where the data are no table.
  std::shared_ptr<const TableEncoding> encoding;
  /// How the files were read.
  ReadOptions read;
  /// Sum (CRC-32) of all samples and labels of the files, before scaling: other data have another.
  std::uint32_t checksum = 0;

  /// How many columns a series has; 0 where there are no windows.
  std::int64_t columns() const { return windows ? sample_shape.size() / windows.size : 0; }
  /// Whether features are columns of a table, of which none is another's neighbour: unlike the
  /// values of one column one after another in time.
  bool is_table() const { return encoding != nullptr && columns() != 1; }
  /// Of the values that a model meets: of the training split, scaled and binarised.
  ValueRange range() const;
};

/// Writes a form as the group `group`, with
///  - attributes `name`, `sample_shape`, `scaling` (its name), `least` and `greatest` (the range of
///    training values after scaling), `sums_to_one` and `binary` (0 or 1), `binarise` (its name),
///    `binarise_seed`, `samples` (of the training split), `classes`, `checksum`, and of a series
///    `window` and `stride`;
///  - `scale` and `offset` f64, one number or one a feature: file = model * scale + offset;
///  - `reading` u8, YAML: how the files were read;
///  - of a table, `columns` u8, each name followed by a zero byte, `category_counts` i64, one a
///    column, -1 for columns of numbers, and `categories` u8, the texts of all columns likewise.
/// Throws IoError.
HOURGLASS_API void write_data_form(hdf5::Writer& file, const std::string& group,
                                   const DataForm& form);

/// Reads it back, equal in every bit. Throws DataError, naming the file, for whatever cannot be a
/// form: numbers that are not finite, counts that do not agree.
HOURGLASS_API DataForm read_data_form(const hdf5::Reader& file, const std::string& group);

/// What differs between the data that a training had and those that it goes on with, as a sentence;
/// empty when they are the same.
HOURGLASS_API std::string difference(const DataForm& before, const DataForm& now);

}  // namespace hourglass
