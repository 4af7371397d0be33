#pragma once

#include <hourglass/core/dtype.hpp>
#include <hourglass/core/shape.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What the HDF5 sources share, without HDF5's own header. All of it is called under a `Lock`.
namespace hourglass::hdf5::detail {

using Id = std::int64_t;  // hid_t

/// Entry to the library: one thread at a time, its own printing of errors switched off, and no
/// filter loaded from a shared library that a file names.
class Lock {
 public:
  Lock();

 private:
  std::scoped_lock<std::mutex> lock_;
};

/// An object of the library, closed with its owner.
class Handle {
 public:
  using Close = int (*)(Id);
  Handle() = default;
  Handle(Id id, Close close) : id_(id), close_(close) {}
  Handle(Handle&& other) noexcept;
  Handle& operator=(Handle&& other) noexcept;
  ~Handle() { reset(); }

  Id get() const { return id_; }
  bool is_open() const { return id_ >= 0; }
  /// False when the library could not close it properly.
  bool reset();

 private:
  Id id_ = -1;
  Close close_ = nullptr;
};

/// What the library says of its last failure, ": truncated file ...", or nothing.
std::string library_message();

/// Splits "a/b/c" and refuses, by an empty result, names that HDF5 reads otherwise ("", ".",
/// "a//b"). The root, "" or "/", is one empty vector inside of the optional.
std::optional<std::vector<std::string>> split_path(std::string_view path);

/// "dataset "x"", with `path` as people write it.
std::string quoted(std::string_view path);

/// The library's types for our element types, as they lie in memory and, little-endian, in files.
Id memory_type(DType dtype);
Id file_type(DType dtype);

/// What numbers of a file's type are read as.
struct NumberType {
  DType dtype = DType::F32;
  bool raw = false;  ///< one-byte truth values: read with the file's own type, unconverted
};
/// None for what is not numbers. `description` then says what it is: "text", "compound", ...
std::optional<NumberType> number_type(Id type, std::string& description);

/// A dataspace's extents; none for what has more axes than a Shape or more elements than 2^62.
std::optional<Shape> shape_of(Id space);
Handle space_of(const Shape& shape);

/// An attribute's value; none for a kind that is no `Value`, which `description` then names. Throws
/// DataError, beginning with `where`, for damage and for more than `max_bytes`.
std::optional<Value> read_attribute(Id object, const std::string& name, const std::string& where,
                                    std::uint64_t max_bytes, std::string& description);

/// Whether an attribute is text of variable length. To read one from a damaged file is dangerous:
/// the library trusts the lengths that it finds there.
bool is_variable_text(Id object, const std::string& name);

/// Names of all attributes, or links, of an object, sorted; none when it cannot be read or has more
/// than `most`.
std::optional<std::vector<std::string>> attribute_names(Id object, std::size_t most);
std::optional<std::vector<std::string>> link_names(Id group, std::size_t most);

/// A file opened for reading, after the checks that any stranger's file needs.
struct OpenFile {
  Handle handle;
  bool is_sealed = false;  ///< written by us and unchanged since
};
OpenFile open_file(const std::filesystem::path& path);

/// Opens the link `name` of `group` when it leads to an object of the same file; `is_link` is set
/// when it leads elsewhere.
Handle open_object(Id group, const std::string& name, bool& is_link);

/// The filters of a dataset's creation properties, in the order in which writing applies them.
std::vector<int> filters_of(Id properties);

/// Whether the stored chunks that hold rows [first, first + count) of a chunked dataset of `shape`,
/// which has no extent of 0 and at least one axis, unpack to the size that the dataset claims for
/// them. False as well for more than 2^22 chunks. Filters: shuffle, fletcher32, and deflate once,
/// with nothing but fletcher32 after it.
bool chunks_are_whole(Id dataset, const Shape& shape, std::int64_t first, std::int64_t count,
                      std::uint64_t file_bytes);

bool is_group(Id object);
bool is_dataset(Id object);

}  // namespace hourglass::hdf5::detail
