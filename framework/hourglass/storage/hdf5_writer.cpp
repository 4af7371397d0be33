#include <hourglass/core/error.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/storage/h5_file.hpp>
#include <hourglass/storage/hdf5_detail.hpp>
#include <hourglass/storage/seal.hpp>

#include <hdf5.h>
#include <map>

namespace hourglass::hdf5 {

using detail::Handle;
using detail::Id;
using detail::Lock;

struct Writer::State {
  AtomicFile output;
  Handle file;
  Handle link_properties;
  Handle group_properties;
  Handle dataset_properties;

  explicit State(const std::filesystem::path& path) : output(path) { open(); }

  [[noreturn]] void fail(std::string_view object, std::string_view action) const {
    throw IoError(text(output.target().string(), ": cannot ", action, " ", detail::quoted(object),
                       detail::library_message()));
  }

  // Times are kept by every object unless told otherwise, the root group included.
  static Handle untimed(Id property_class) {
    Handle properties(H5Pcreate(property_class), H5Pclose);
    H5Pset_obj_track_times(properties.get(), false);
    return properties;
  }

  void open() {
    const Handle creation = untimed(H5P_FILE_CREATE);
    const Handle access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
    // Format 1.8: attributes beyond 64 KiB, and files that any HDF5 of the last decade reads.
    H5Pset_libver_bounds(access.get(), H5F_LIBVER_V18, H5F_LIBVER_V18);
    H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG);
#if H5_VERSION_GE(1, 10, 7)
    H5Pset_file_locking(access.get(), false, true);
#endif
    file =
        Handle(H5Fcreate(output.temporary().c_str(), H5F_ACC_TRUNC, creation.get(), access.get()),
               H5Fclose);
    if (!file.is_open()) {
      throw IoError(
          text(output.target().string(), ": cannot be created", detail::library_message()));
    }
    link_properties = Handle(H5Pcreate(H5P_LINK_CREATE), H5Pclose);
    H5Pset_char_encoding(link_properties.get(), H5T_CSET_UTF8);
    group_properties = untimed(H5P_GROUP_CREATE);
    dataset_properties = untimed(H5P_DATASET_CREATE);
  }

  void check_open(std::string_view object) const {
    if (!file.is_open()) {
      throw IoError(text(output.target().string(), ": cannot write ", detail::quoted(object),
                         ": the file is complete already"));
    }
  }

  std::vector<std::string> parts_of(std::string_view path) const {
    check_open(path);
    auto parts = detail::split_path(path);
    if (!parts) {
      throw IoError(text(output.target().string(), ": cannot write ", detail::quoted(path),
                         ": a path is names joined by single slashes"));
    }
    return *std::move(parts);
  }

  // The group above the last part, made as needed.
  Handle parent_of(const std::vector<std::string>& parts, std::string_view path) const {
    Handle group(H5Gopen2(file.get(), "/", H5P_DEFAULT), H5Gclose);
    for (std::size_t i = 0; i + 1 < parts.size() && group.is_open(); ++i) {
      group = child_group(group, parts[i]);
    }
    if (!group.is_open()) fail(path, "make the groups above");
    return group;
  }

  Handle child_group(const Handle& group, const std::string& name) const {
    if (H5Lexists(group.get(), name.c_str(), H5P_DEFAULT) > 0) {
      Handle object(H5Oopen(group.get(), name.c_str(), H5P_DEFAULT), H5Oclose);
      return detail::is_group(object.get()) ? std::move(object) : Handle();
    }
    return {H5Gcreate2(group.get(), name.c_str(), link_properties.get(), group_properties.get(),
                       H5P_DEFAULT),
            H5Gclose};
  }

  Handle create_dataset(std::string_view path, const Shape& shape, DType dtype) const {
    const auto parts = parts_of(path);
    if (parts.empty()) fail(path, "write a dataset over");
    const Handle parent = parent_of(parts, path);
    const Handle space = detail::space_of(shape);
    Handle dataset(
        H5Dcreate2(parent.get(), parts.back().c_str(), detail::file_type(dtype), space.get(),
                   link_properties.get(), dataset_properties.get(), H5P_DEFAULT),
        H5Dclose);
    if (!dataset.is_open()) fail(path, "create dataset");
    return dataset;
  }

  Handle open_object(std::string_view path) const {
    const auto parts = parts_of(path);
    const std::string name = parts.empty() ? "/" : std::string(path);
    Handle object(H5Oopen(file.get(), name.c_str(), H5P_DEFAULT), H5Oclose);
    if (!object.is_open()) fail(path, "find");
    return object;
  }
};

namespace {

// An attribute to be: its type, its shape, and the bytes.
struct Content {
  Handle type;
  Handle space;
  const void* data = nullptr;
};

Content content_of(const std::string& value, const char*& pointer) {
  Handle type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type.get(), H5T_VARIABLE);
  H5Tset_cset(type.get(), H5T_CSET_UTF8);
  pointer = value.c_str();
  return {std::move(type), detail::space_of({}), static_cast<const void*>(&pointer)};
}

Content content_of(const Value& value, const char*& pointer) {
  const auto plain = [](Id type) { return Handle(H5Tcopy(type), H5Tclose); };
  if (const auto* string = std::get_if<std::string>(&value)) return content_of(*string, pointer);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) {
    return {plain(H5T_STD_I64LE), detail::space_of({}), integer};
  }
  if (const auto* number = std::get_if<double>(&value)) {
    return {plain(H5T_IEEE_F64LE), detail::space_of({}), number};
  }
  if (const auto* list = std::get_if<std::vector<double>>(&value)) {
    return {plain(H5T_IEEE_F64LE), detail::space_of(Shape{static_cast<std::int64_t>(list->size())}),
            list->data()};
  }
  const auto& list = std::get<std::vector<std::int64_t>>(value);
  return {plain(H5T_STD_I64LE), detail::space_of(Shape{static_cast<std::int64_t>(list.size())}),
          list.data()};
}

}  // namespace

Writer::Writer(const std::filesystem::path& path) {
  const Lock lock;
  state_ = std::make_unique<State>(path);
}

Writer::~Writer() {
  const Lock lock;
  state_.reset();
}

void Writer::create_group(std::string_view path) {
  const Lock lock;
  const auto parts = state_->parts_of(path);
  if (parts.empty()) return;
  const Handle parent = state_->parent_of(parts, path);
  if (!state_->child_group(parent, parts.back()).is_open()) state_->fail(path, "create group");
}

void Writer::write(std::string_view path, const Tensor& tensor) {
  const Lock lock;
  const Handle dataset = state_->create_dataset(path, tensor.shape(), tensor.dtype());
  if (tensor.size() == 0) return;
  if (H5Dwrite(dataset.get(), detail::memory_type(tensor.dtype()), H5S_ALL, H5S_ALL, H5P_DEFAULT,
               tensor.raw()) < 0) {
    state_->fail(path, "write dataset");
  }
}

void Writer::create(std::string_view path, const Shape& shape, DType dtype) {
  const Lock lock;
  state_->create_dataset(path, shape, dtype);
}

void Writer::write_rows(std::string_view path, std::int64_t first_row, const Tensor& rows) {
  const Lock lock;
  const Handle dataset = state_->open_object(path);
  if (!detail::is_dataset(dataset.get())) state_->fail(path, "write rows to");
  const Handle space(H5Dget_space(dataset.get()), H5Sclose);
  const Handle type(H5Dget_type(dataset.get()), H5Tclose);
  const Shape shape = detail::shape_of(space.get()).value_or(Shape{});
  const bool fits = shape.rank() > 0 && rows.shape().rank() == shape.rank() &&
                    rows.shape().with(0, shape[0]) == shape && first_row >= 0 &&
                    first_row <= shape[0] - rows.shape()[0] &&
                    H5Tequal(type.get(), detail::file_type(rows.dtype())) > 0;
  if (!fits) {
    throw ShapeError(text(state_->output.target().string(), ": rows from ", first_row,
                          " on do not fit dataset ", detail::quoted(path), " of shape ",
                          shape.to_text(), ": got ", name_of(rows.dtype()), " ",
                          rows.shape().to_text()));
  }
  if (rows.size() == 0) return;
  const Handle memory = detail::space_of(rows.shape());
  std::vector<hsize_t> start(static_cast<std::size_t>(shape.rank()), 0);
  start[0] = static_cast<hsize_t>(first_row);
  const std::vector<hsize_t> count(rows.shape().begin(), rows.shape().end());
  H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, count.data(), nullptr);
  if (H5Dwrite(dataset.get(), detail::memory_type(rows.dtype()), memory.get(), space.get(),
               H5P_DEFAULT, rows.raw()) < 0) {
    state_->fail(path, "write rows to");
  }
}

void Writer::set_attribute(std::string_view object, const std::string& name, const Value& value) {
  const Lock lock;
  const Handle target = state_->open_object(object);
  const char* pointer = nullptr;
  const Content content = content_of(value, pointer);
  const Handle properties(H5Pcreate(H5P_ATTRIBUTE_CREATE), H5Pclose);
  H5Pset_char_encoding(properties.get(), H5T_CSET_UTF8);
  if (H5Aexists(target.get(), name.c_str()) > 0) H5Adelete(target.get(), name.c_str());
  const Handle attribute(H5Acreate2(target.get(), name.c_str(), content.type.get(),
                                    content.space.get(), properties.get(), H5P_DEFAULT),
                         H5Aclose);
  const bool empty = content.data == nullptr;
  if (!attribute.is_open() ||
      (!empty && H5Awrite(attribute.get(), content.type.get(), content.data) < 0)) {
    state_->fail(object, text("set attribute \"", name, "\" of"));
  }
}

void Writer::commit() {
  const Lock lock;
  state_->check_open("");
  if (H5Fflush(state_->file.get(), H5F_SCOPE_GLOBAL) < 0 || !state_->file.reset()) {
    state_->fail("", "write");
  }
  hourglass::detail::seal(state_->output.temporary());
  state_->output.commit();
}

}  // namespace hourglass::hdf5
