#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

/// HDF5 files. Objects are named by paths from the root, "parameters/encoder.0.weight"; the root
/// itself is "". Every call takes one lock for the whole process, since libhdf5 as Debian builds it
/// is not safe to enter from two threads: calls from any thread are right, and wait for each other.
namespace hourglass::hdf5 {

/// What an attribute can hold: text in UTF-8, a whole number, a number, or a list of either kind of
/// number (of no more than 64 KiB).
using Value =
    std::variant<std::string, std::int64_t, double, std::vector<std::int64_t>, std::vector<double>>;

/// Writes a file aside and renames it on `commit`; without it, nothing remains. Equal calls give
/// equal bytes: no times are kept, and the format is that of HDF5 1.8, which everybody reads. A
/// line with a checksum follows the end of the HDF5 file; other programs do not see it. Every
/// function throws IoError, naming file and object, when the system or HDF5 refuses.
///
///     hdf5::Writer file("run/checkpoints/last.h5");
///     file.set_attribute("", "epoch", 5);
///     file.write("parameters/encoder.0.weight", weight);
///     file.commit();
class HOURGLASS_API Writer {
 public:
  explicit Writer(const std::filesystem::path& path);
  ~Writer();
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  /// Makes a group and those above it; one that is there already is fine.
  void create_group(std::string_view path);
  /// A new dataset with these elements; the groups above it are made as needed.
  void write(std::string_view path, const Tensor& tensor);
  /// A new dataset whose rows come later; rows that never come are zero.
  void create(std::string_view path, const Shape& shape, DType dtype);
  /// Rows [first_row, first_row + rows.shape()[0]) of a dataset that `create` made. Throws
  /// ShapeError when they do not fit it, or are of another type.
  void write_rows(std::string_view path, std::int64_t first_row, const Tensor& rows);
  /// Sets an attribute of a group or dataset that is there, in place of one of that name.
  void set_attribute(std::string_view object, const std::string& name, const Value& value);

  /// Flushes everything and renames the file to its path. Nothing can be written afterwards.
  void commit();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Reads a file that may come from a stranger. Only what lies in the file itself is read: links to
/// elsewhere, external and virtual storage, and filters that HDF5 would load from other libraries
/// are refused, and so is a file whose checksum, if it has one, does not match. Sizes are checked
/// against the file and the free memory before anything is allocated. Every function throws
/// DataError, naming file and object, for what is missing or damaged.
class HOURGLASS_API Reader {
 public:
  explicit Reader(const std::filesystem::path& path);
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  const std::filesystem::path& path() const;

  /// Whether there is a group or a dataset at `path`.
  bool exists(std::string_view path) const;
  bool is_group(std::string_view path) const;
  bool is_dataset(std::string_view path) const;
  /// The names in a group, sorted.
  std::vector<std::string> list(std::string_view group = "") const;

  Shape shape(std::string_view dataset) const;
  /// Of numbers in the file: 16-bit floats are read as f32, truth values as u8 or i8.
  DType dtype(std::string_view dataset) const;
  /// How many rows a chunk has along the first axis; 1 where the dataset is not stored in chunks.
  std::int64_t chunk_rows(std::string_view dataset) const;
  Tensor read(std::string_view dataset) const;
  /// Rows [first, first + count) along the first axis.
  Tensor read_rows(std::string_view dataset, std::int64_t first, std::int64_t count) const;

  /// The texts of a dataset with one axis, of fixed or of variable length: at most 100,000, each of
  /// at most 4096 bytes. They are read in a process of their own, since the library trusts the
  /// lengths that a damaged file claims.
  std::vector<std::string> read_texts(std::string_view dataset) const;

  bool has_attribute(std::string_view object, const std::string& name) const;
  Value attribute(std::string_view object, const std::string& name) const;
  /// These want the attribute to be of their kind; a whole number is a number, too.
  std::string text_attribute(std::string_view object, const std::string& name) const;
  std::int64_t integer_attribute(std::string_view object, const std::string& name) const;
  double number_attribute(std::string_view object, const std::string& name) const;
  std::vector<std::int64_t> integers_attribute(std::string_view object,
                                               const std::string& name) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// "1.10.8": the library that is loaded.
HOURGLASS_API std::string library_version();

/// An attribute as a listing shows it: of one that is not a `Value`, the value says of what kind it
/// is, in parentheses.
struct AttributeEntry {
  std::string name;
  Value value;
};

/// One object of a file, as a listing shows it.
struct Entry {
  enum class Kind { Group, Dataset, Link };
  Kind kind = Kind::Group;
  std::string path;  ///< from the root; "" is the root
  Shape shape;       ///< of a dataset; [] if that is not plain
  std::string
      type;  ///< of a dataset: "f32", or "(text)", "(compound)", ... for what is not numbers
  std::uint64_t bytes = 0;  ///< that a dataset takes in the file
  std::vector<AttributeEntry> attributes;
};

/// Everything in a file, depth first, groups before what they hold, names sorted. Links to
/// elsewhere are listed and not followed. Throws DataError for what is no HDF5 file, for groups
/// nested deeper than 32 and for more than 100,000 objects.
HOURGLASS_API std::vector<Entry> contents(const std::filesystem::path& path);

}  // namespace hourglass::hdf5
