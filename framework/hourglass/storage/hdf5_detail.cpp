#include <hourglass/core/error.hpp>
#include <hourglass/storage/hdf5_detail.hpp>
#include <hourglass/storage/seal.hpp>

#include <hdf5.h>
#include <algorithm>
#include <cstring>
#include <limits>
#include <utility>

namespace hourglass::hdf5::detail {
namespace {

static_assert(std::is_same_v<Id, std::int64_t> && sizeof(hid_t) == sizeof(Id));

// A file that could not be closed, on a full disk, would crash the library's clean-up at exit. We
// close all that we open, so that clean-up has nothing to do, and is left out.
std::mutex& library_mutex() {
  static std::mutex mutex;
  [[maybe_unused]] static const herr_t without_clean_up = H5dont_atexit();
  return mutex;
}

// Called with the innermost failure first, which is the one that says something.
herr_t keep_first(unsigned, const H5E_error2_t* error, void* target) {
  auto* message = static_cast<std::string*>(target);
  if (message->empty() && error->desc != nullptr) *message = error->desc;
  return 0;
}

struct Names {
  std::vector<std::string> names;
  std::size_t most = 0;
  bool failed = false;

  // No exception may pass through the library.
  herr_t add(const char* name) noexcept {
    try {
      if (names.size() < most) {
        names.emplace_back(name);
        return 0;
      }
    } catch (...) {
    }
    failed = true;
    return 1;
  }
};

herr_t add_attribute(hid_t, const char* name, const H5A_info_t*, void* names) {
  return static_cast<Names*>(names)->add(name);
}

herr_t add_link(hid_t, const char* name, const H5L_info_t*, void* names) {
  return static_cast<Names*>(names)->add(name);
}

std::optional<std::vector<std::string>> sorted(Names& names, herr_t status) {
  if (status < 0 || names.failed) return std::nullopt;
  std::ranges::sort(names.names);
  return std::move(names.names);
}

std::optional<DType> integer_type(std::size_t bytes, bool is_signed) {
  switch (bytes) {
    case 1: return is_signed ? DType::I8 : DType::U8;
    case 2: return is_signed ? DType::I16 : DType::U16;
    case 4: return is_signed ? DType::I32 : DType::U32;
    case 8: return is_signed ? DType::I64 : DType::U64;
    default: return std::nullopt;
  }
}

std::string name_of_class(H5T_class_t type_class) {
  switch (type_class) {
    case H5T_STRING: return "text";
    case H5T_COMPOUND: return "compound";
    case H5T_ENUM: return "enumeration";
    case H5T_ARRAY: return "array";
    case H5T_VLEN: return "variable length";
    case H5T_REFERENCE: return "reference";
    case H5T_BITFIELD: return "bit field";
    case H5T_OPAQUE: return "opaque";
    default: return "unknown type";
  }
}

std::string read_text(Id attribute, Id type, std::size_t size, const std::string& where) {
  const bool variable = H5Tis_variable_str(type) > 0;
  if (!variable) {
    std::string value(size, '\0');
    if (H5Aread(attribute, type, value.data()) < 0) {
      throw DataError(where + " cannot be read" + library_message());
    }
    const bool spaces = H5Tget_strpad(type) == H5T_STR_SPACEPAD;
    value.resize(std::min(value.size(), value.find('\0')));
    if (spaces) value.resize(value.find_last_not_of(' ') + 1);
    return value;
  }
  const Handle memory(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(memory.get(), H5T_VARIABLE);
  H5Tset_cset(memory.get(), H5Tget_cset(type));
  char* characters = nullptr;
  if (H5Aread(attribute, memory.get(), &characters) < 0) {
    throw DataError(where + " cannot be read" + library_message());
  }
  std::string value = characters != nullptr ? characters : "";
  H5free_memory(characters);
  return value;
}

}  // namespace

Lock::Lock() : lock_(library_mutex()) {
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  H5PLset_loading_state(0);
}

Handle::Handle(Handle&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}

Handle& Handle::operator=(Handle&& other) noexcept {
  if (this != &other) {
    reset();
    id_ = std::exchange(other.id_, -1);
    close_ = other.close_;
  }
  return *this;
}

bool Handle::reset() {
  const Id id = std::exchange(id_, -1);
  return id < 0 || close_(id) >= 0;
}

std::string library_message() {
  std::string message;
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_first, &message);
  // Of a failed system call the library reports a dozen particulars; people need the reason.
  constexpr std::string_view kReason = "error message = '";
  if (const std::size_t found = message.find(kReason); found != message.npos) {
    message.erase(0, found + kReason.size());
    message.resize(std::min(message.size(), message.find('\'')));
  }
  return message.empty() ? message : ": " + message;
}

std::optional<std::vector<std::string>> split_path(std::string_view path) {
  std::vector<std::string> parts;
  if (path.starts_with('/')) path.remove_prefix(1);
  while (!path.empty()) {
    const std::size_t slash = path.find('/');
    const std::string_view part = path.substr(0, slash);
    const bool last = slash == std::string_view::npos;
    if (part.empty() || part == "." || part.find('\0') != part.npos ||
        (!last && slash + 1 == path.size())) {
      return std::nullopt;
    }
    parts.emplace_back(part);
    path = last ? std::string_view() : path.substr(slash + 1);
  }
  return parts;
}

std::string quoted(std::string_view path) { return text('"', path.empty() ? "/" : path, '"'); }

Id memory_type(DType dtype) {
  switch (dtype) {
    case DType::F32: return H5T_NATIVE_FLOAT;
    case DType::F64: return H5T_NATIVE_DOUBLE;
    case DType::U8: return H5T_NATIVE_UINT8;
    case DType::I8: return H5T_NATIVE_INT8;
    case DType::U16: return H5T_NATIVE_UINT16;
    case DType::I16: return H5T_NATIVE_INT16;
    case DType::U32: return H5T_NATIVE_UINT32;
    case DType::I32: return H5T_NATIVE_INT32;
    case DType::U64: return H5T_NATIVE_UINT64;
    case DType::I64: break;
  }
  return H5T_NATIVE_INT64;
}

Id file_type(DType dtype) {
  switch (dtype) {
    case DType::F32: return H5T_IEEE_F32LE;
    case DType::F64: return H5T_IEEE_F64LE;
    case DType::U8: return H5T_STD_U8LE;
    case DType::I8: return H5T_STD_I8LE;
    case DType::U16: return H5T_STD_U16LE;
    case DType::I16: return H5T_STD_I16LE;
    case DType::U32: return H5T_STD_U32LE;
    case DType::I32: return H5T_STD_I32LE;
    case DType::U64: return H5T_STD_U64LE;
    case DType::I64: break;
  }
  return H5T_STD_I64LE;
}

std::optional<NumberType> number_type(Id type, std::string& description) {
  const H5T_class_t type_class = H5Tget_class(type);
  const std::size_t bytes = H5Tget_size(type);
  if (type_class == H5T_FLOAT) {
    if (bytes == 2 || bytes == 4) return NumberType{DType::F32};
    if (bytes == 8) return NumberType{DType::F64};
    description = text(8 * bytes, "-bit float");
    return std::nullopt;
  }
  if (type_class == H5T_INTEGER) {
    if (const auto dtype = integer_type(bytes, H5Tget_sign(type) != H5T_SGN_NONE)) {
      return NumberType{*dtype};
    }
    description = text(8 * bytes, "-bit integer");
    return std::nullopt;
  }
  if (type_class == H5T_ENUM && bytes == 1) {
    const Handle base(H5Tget_super(type), H5Tclose);
    if (base.is_open()) {
      return NumberType{H5Tget_sign(base.get()) == H5T_SGN_NONE ? DType::U8 : DType::I8, true};
    }
  }
  description = name_of_class(type_class);
  return std::nullopt;
}

std::optional<Shape> shape_of(Id space) {
  if (H5Sget_simple_extent_type(space) == H5S_NULL) return std::nullopt;
  const int rank = H5Sget_simple_extent_ndims(space);
  if (rank < 0 || rank > Shape::kMaxRank) return std::nullopt;
  std::array<hsize_t, H5S_MAX_RANK> extents{};
  if (H5Sget_simple_extent_dims(space, extents.data(), nullptr) < 0) return std::nullopt;
  std::array<std::int64_t, Shape::kMaxRank> result{};
  std::int64_t product = 1;
  for (int i = 0; i < rank; ++i) {
    // Extents are bounded one by one as well: a zero among them hides the others from the product.
    constexpr auto kMost = hsize_t{1} << 62;
    if (extents[i] > kMost) return std::nullopt;
    result[i] = static_cast<std::int64_t>(extents[i]);
    if (__builtin_mul_overflow(product, std::max<std::int64_t>(result[i], 1), &product) ||
        product > static_cast<std::int64_t>(kMost)) {
      return std::nullopt;
    }
  }
  return Shape(std::span<const std::int64_t>(result.data(), static_cast<std::size_t>(rank)));
}

Handle space_of(const Shape& shape) {
  if (shape.rank() == 0) return {H5Screate(H5S_SCALAR), H5Sclose};
  const std::vector<hsize_t> extents(shape.begin(), shape.end());
  return {H5Screate_simple(shape.rank(), extents.data(), nullptr), H5Sclose};
}

std::optional<Value> read_attribute(Id object, const std::string& name, const std::string& where,
                                    std::uint64_t max_bytes, std::string& description) {
  const Handle attribute(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose);
  if (!attribute.is_open()) throw DataError(where + " cannot be opened" + library_message());
  const Handle type(H5Aget_type(attribute.get()), H5Tclose);
  const Handle space(H5Aget_space(attribute.get()), H5Sclose);
  const std::optional<Shape> shape = shape_of(space.get());
  if (!type.is_open() || !shape) {
    description = "empty";
    return std::nullopt;
  }
  const std::size_t size = H5Tget_size(type.get());
  if (size == 0 || static_cast<std::uint64_t>(shape->size()) > max_bytes / size) {
    throw DataError(text(where, " claims more bytes than the file holds"));
  }
  // h5py writes lists of one, too, where people think of a number.
  const bool single = shape->rank() == 0;
  if (H5Tget_class(type.get()) == H5T_STRING && single) {
    return Value(read_text(attribute.get(), type.get(), size, where));
  }
  const auto number = number_type(type.get(), description);
  if (!number || (!single && shape->rank() != 1)) {
    if (number) description = "array";
    return std::nullopt;
  }
  const bool is_float = number->dtype == DType::F32 || number->dtype == DType::F64;
  const auto read_into = [&](Id memory, void* target) {
    if (H5Aread(attribute.get(), memory, target) < 0) {
      throw DataError(where + " cannot be read" + library_message());
    }
  };
  if (is_float) {
    std::vector<double> values(static_cast<std::size_t>(shape->size()));
    if (!values.empty()) read_into(H5T_NATIVE_DOUBLE, values.data());
    if (single) return Value(values[0]);
    return Value(std::move(values));
  }
  if (number->raw) {
    std::vector<std::int8_t> values(static_cast<std::size_t>(shape->size()));
    if (!values.empty()) read_into(type.get(), values.data());
    if (single) return Value(std::int64_t{values[0]});
    return Value(std::vector<std::int64_t>(values.begin(), values.end()));
  }
  std::vector<std::int64_t> values(static_cast<std::size_t>(shape->size()));
  if (!values.empty()) read_into(H5T_NATIVE_INT64, values.data());
  if (single) return Value(values[0]);
  return Value(std::move(values));
}

bool is_variable_text(Id object, const std::string& name) {
  const Handle attribute(H5Aopen(object, name.c_str(), H5P_DEFAULT), H5Aclose);
  if (!attribute.is_open()) return false;
  const Handle type(H5Aget_type(attribute.get()), H5Tclose);
  return type.is_open() && H5Tis_variable_str(type.get()) > 0;
}

std::optional<std::vector<std::string>> attribute_names(Id object, std::size_t most) {
  Names names{{}, most};
  hsize_t position = 0;
  return sorted(
      names, H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_NATIVE, &position, add_attribute, &names));
}

std::optional<std::vector<std::string>> link_names(Id group, std::size_t most) {
  Names names{{}, most};
  hsize_t position = 0;
  return sorted(names,
                H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, &position, add_link, &names));
}

OpenFile open_file(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found) {
    throw DataError(text(path.string(), ": there is no such file"));
  }
  if (error) throw DataError(text(path.string(), ": cannot read: ", error.message()));
  if (!fs::is_regular_file(status)) {
    throw DataError(text(path.string(), ": is not a regular file"));
  }
  if (fs::file_size(path, error) == 0) throw DataError(text(path.string(), ": is empty"));
  using hourglass::detail::Seal;
  const Seal seal = hourglass::detail::check_seal(path);
  if (seal == Seal::Broken) {
    throw DataError(text(path.string(), ": is damaged: its checksum does not match its content"));
  }
  if (H5Fis_hdf5(path.c_str()) <= 0) {
    throw DataError(text(path.string(), ": is not an HDF5 file, or its beginning is damaged"));
  }
  const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG);
#if H5_VERSION_GE(1, 10, 7)
  // Files appear whole, by renaming; and some network file systems cannot lock.
  H5Pset_file_locking(access.get(), false, true);
#endif
  Handle file(H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get()), H5Fclose);
  if (!file.is_open()) {
    throw DataError(text(path.string(), ": is damaged or cut short", library_message()));
  }
  return {std::move(file), seal == Seal::Whole};
}

Handle open_object(Id group, const std::string& name, bool& is_link) {
  is_link = false;
  H5L_info_t info;
  if (H5Lget_info(group, name.c_str(), &info, H5P_DEFAULT) < 0) return {};
  if (info.type != H5L_TYPE_HARD) {
    is_link = true;
    return {};
  }
  return {H5Oopen(group, name.c_str(), H5P_DEFAULT), H5Oclose};
}

bool is_group(Id object) {
  const H5I_type_t type = H5Iget_type(object);
  return type == H5I_GROUP || type == H5I_FILE;
}

bool is_dataset(Id object) { return H5Iget_type(object) == H5I_DATASET; }

}  // namespace hourglass::hdf5::detail
