#include <hourglass/core/error.hpp>
#include <hourglass/core/forked.hpp>
#include <hourglass/storage/h5_file.hpp>
#include <hourglass/storage/hdf5_detail.hpp>

#include <hdf5.h>
#include <algorithm>
#include <array>
#include <chrono>
#include <fstream>
#include <sstream>

namespace hourglass::hdf5 {
namespace {

using detail::Handle;
using detail::Id;
using detail::Lock;

// What the system can still give; a guess of 8 GiB where it does not say.
std::uint64_t available_memory() {
  std::ifstream info("/proc/meminfo");
  std::string key, unit;
  std::uint64_t kibibytes = 0;
  while (info >> key >> kibibytes) {
    if (key == "MemAvailable:") return kibibytes << 10;
    std::getline(info, unit);
  }
  return std::uint64_t{8} << 30;
}

std::string name_of_filter(H5Z_filter_t filter) {
  switch (filter) {
    case H5Z_FILTER_DEFLATE: return "gzip";
    case H5Z_FILTER_SHUFFLE: return "shuffle";
    case H5Z_FILTER_FLETCHER32: return "fletcher32";
    case H5Z_FILTER_SZIP: return "szip";
    case H5Z_FILTER_NBIT: return "nbit";
    case H5Z_FILTER_SCALEOFFSET: return "scaleoffset";
    default: return text("filter ", static_cast<int>(filter));
  }
}

// What is wrong with a dataset's filters, which are named in the order of writing. Those are right
// whose output can be measured before the library trusts it: gzip at most once, and what comes
// after it, sums only, leaves the packed bytes as they are.
std::string fault_of(std::span<const H5Z_filter_t> filters) {
  bool packed = false;
  for (const H5Z_filter_t filter : filters) {
    const bool known = filter == H5Z_FILTER_DEFLATE || filter == H5Z_FILTER_SHUFFLE ||
                       filter == H5Z_FILTER_FLETCHER32;
    if (!known || H5Zfilter_avail(filter) <= 0) {
      return text("is compressed by ", name_of_filter(filter));
    }
    if (packed && filter != H5Z_FILTER_FLETCHER32) {
      return text("is passed through ", name_of_filter(filter), " after gzip");
    }
    packed = packed || filter == H5Z_FILTER_DEFLATE;
  }
  return {};
}

struct Dataset {
  Handle handle;
  Handle space;
  Handle type;
  Shape shape;
  detail::NumberType number = {};  // where it holds numbers
};

constexpr std::int64_t kMostTexts = 100'000;
constexpr std::size_t kLongestText = 4096;

// The texts of a dataset with one axis, each followed by a zero byte; nothing where they cannot be
// read, or one is too long.
std::string texts_in(const Dataset& dataset) {
  const auto count = static_cast<std::size_t>(dataset.shape.size());
  std::string out;
  const auto add = [&](std::string_view text) {
    if (text.size() > kLongestText) return false;
    out.append(text).push_back('\0');
    return true;
  };
  if (H5Tis_variable_str(dataset.type.get()) > 0) {
    const Handle memory(H5Tcopy(dataset.type.get()), H5Tclose);
    std::vector<const char*> texts(count, nullptr);
    if (H5Dread(dataset.handle.get(), memory.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data()) <
        0) {
      return {};
    }
    for (const char* each : texts) {
      if (!add(each == nullptr ? "" : std::string_view(each))) return {};
    }
    return out;  // the process that this runs in ends, and the library's copies with it
  }
  const std::size_t size = H5Tget_size(dataset.type.get());
  std::vector<char> bytes(count * size);
  if (H5Dread(dataset.handle.get(), dataset.type.get(), H5S_ALL, H5S_ALL, H5P_DEFAULT,
              bytes.data()) < 0) {
    return {};
  }
  const bool blanks = H5Tget_strpad(dataset.type.get()) == H5T_STR_SPACEPAD;
  for (std::size_t i = 0; i < count; ++i) {
    std::string_view each(bytes.data() + i * size, size);
    each = each.substr(0, each.find('\0'));
    if (blanks) each = each.substr(0, each.find_last_not_of(' ') + 1);
    if (!add(each)) return {};
  }
  return out;
}

}  // namespace

struct Reader::State {
  std::filesystem::path path;
  std::uint64_t file_bytes = 0;
  Handle file;

  explicit State(const std::filesystem::path& from)
      : path(from), file(detail::open_file(from).handle) {
    std::error_code error;
    file_bytes = std::filesystem::file_size(path, error);
  }

  [[noreturn]] void fail(std::string_view what) const {
    throw DataError(text(path.string(), ": ", what));
  }

  // The object at a path, by links inside of this file only; not open when there is none.
  Handle find(std::string_view object) const {
    const auto parts = detail::split_path(object);
    if (!parts) return {};
    Handle current(H5Gopen2(file.get(), "/", H5P_DEFAULT), H5Gclose);
    for (const std::string& part : *parts) {
      if (!current.is_open() || !detail::is_group(current.get())) return {};
      bool is_link = false;
      current = detail::open_object(current.get(), part, is_link);
      if (is_link) {
        fail(text(detail::quoted(object),
                  " is reached by a link to elsewhere, which is not followed"));
      }
    }
    return current;
  }

  Handle open(std::string_view object) const {
    Handle found = find(object);
    if (!found.is_open()) fail(text("has no object ", detail::quoted(object)));
    return found;
  }

  // One that need not hold numbers.
  Dataset open_any_dataset(std::string_view name) const {
    Dataset dataset;
    const std::string label = "dataset " + detail::quoted(name);
    dataset.handle = find(name);
    if (!dataset.handle.is_open()) fail("has no " + label);
    if (!detail::is_dataset(dataset.handle.get())) {
      fail(detail::quoted(name) + " is not a dataset");
    }
    // Even asking a virtual dataset for its extent may open other files.
    check_storage(dataset.handle.get(), label);
    dataset.space = Handle(H5Dget_space(dataset.handle.get()), H5Sclose);
    dataset.type = Handle(H5Dget_type(dataset.handle.get()), H5Tclose);
    const auto shape = detail::shape_of(dataset.space.get());
    if (!shape) fail(label + " has no shape that can be read: too many axes or elements, or none");
    dataset.shape = *shape;
    return dataset;
  }

  Dataset open_dataset(std::string_view name) const {
    Dataset dataset = open_any_dataset(name);
    std::string description;
    const auto number = detail::number_type(dataset.type.get(), description);
    if (!number) {
      fail(text("dataset ", detail::quoted(name), " must hold numbers, got ", description));
    }
    dataset.number = *number;
    return dataset;
  }

  void check_storage(Id dataset, const std::string& label) const {
    const Handle properties(H5Dget_create_plist(dataset), H5Pclose);
    const H5D_layout_t layout = H5Pget_layout(properties.get());
    if (layout == H5D_VIRTUAL) fail(label + " is virtual: its data lie in other files");
    if (layout != H5D_CHUNKED && H5Pget_external_count(properties.get()) != 0) {
      fail(label + " lies in other files");
    }
    if (layout != H5D_CHUNKED) return;
    const std::string fault = fault_of(detail::filters_of(properties.get()));
    if (!fault.empty()) {
      fail(text(label, " ", fault, ", which cannot be read here; write it with gzip"));
    }
    check_chunk(dataset, properties.get(), label);
  }

  // The library allocates a whole chunk, however few elements of it are asked for.
  void check_chunk(Id dataset, Id properties, const std::string& label) const {
    std::array<hsize_t, H5S_MAX_RANK> extents{};
    const int rank = H5Pget_chunk(properties, H5S_MAX_RANK, extents.data());
    const Handle type(H5Dget_type(dataset), H5Tclose);
    std::uint64_t bytes = H5Tget_size(type.get());
    for (int i = 0; i < rank; ++i) {
      if (__builtin_mul_overflow(bytes, extents[static_cast<std::size_t>(i)], &bytes))
        bytes = ~std::uint64_t{0};
    }
    if (rank < 1 || bytes > std::max(most_expanded(dataset), available_memory() / 2)) {
      fail(text(label, " has chunks of ", bytes, " bytes, more than can be read"));
    }
  }

  // Deflate shrinks at most by 1032; a chunk never written holds nothing at all.
  static std::uint64_t most_expanded(Id dataset) {
    constexpr std::uint64_t kRatio = 1100;
    const std::uint64_t stored = H5Dget_storage_size(dataset);
    return (std::uint64_t{64} << 20) + std::min(stored, ~std::uint64_t{0} / kRatio / 2) * kRatio;
  }

  void check_size(const Dataset& dataset, const Shape& wanted, const std::string& label) const {
    std::uint64_t bytes = 0;
    const std::uint64_t element = size_of(dataset.number.dtype);
    if (__builtin_mul_overflow(static_cast<std::uint64_t>(wanted.size()), element, &bytes)) {
      bytes = ~std::uint64_t{0};
    }
    const Handle properties(H5Dget_create_plist(dataset.handle.get()), H5Pclose);
    const bool chunked = H5Pget_layout(properties.get()) == H5D_CHUNKED;
    const std::uint64_t stored_element = H5Tget_size(dataset.type.get());
    const bool lies = chunked ? bytes > most_expanded(dataset.handle.get())
                              : bytes / element * stored_element > file_bytes;
    if (lies) {
      fail(text(label, " claims shape ", dataset.shape.to_text(), ", more than the file of ",
                file_bytes, " bytes can hold"));
    }
    if (bytes > available_memory()) {
      fail(text(label, " of shape ", wanted.to_text(), " needs ", bytes,
                " bytes, more than the free memory"));
    }
  }

  Tensor read(const Dataset& dataset, Id memory_space, Id file_space, std::int64_t first_row,
              const Shape& wanted, const std::string& label) const {
    check_size(dataset, wanted, label);
    Tensor result(wanted, dataset.number.dtype);
    if (result.size() == 0) return result;
    const Handle properties(H5Dget_create_plist(dataset.handle.get()), H5Pclose);
    if (H5Pget_layout(properties.get()) == H5D_CHUNKED &&
        !detail::chunks_are_whole(dataset.handle.get(), dataset.shape, first_row, wanted[0],
                                  file_bytes)) {
      fail(label + " cannot be read: its chunks are damaged, or there are too many");
    }
    const Id memory_type =
        dataset.number.raw ? dataset.type.get() : detail::memory_type(dataset.number.dtype);
    if (H5Dread(dataset.handle.get(), memory_type, memory_space, file_space, H5P_DEFAULT,
                result.raw()) < 0) {
      fail(text(label, " cannot be read", detail::library_message()));
    }
    return result;
  }

  std::string attribute_label(std::string_view object, const std::string& name) const {
    return text(path.string(), ": attribute \"", name, "\" of ", detail::quoted(object));
  }

  Value attribute(std::string_view object, const std::string& name) const {
    const Handle target = open(object);
    if (H5Aexists(target.get(), name.c_str()) <= 0) {
      fail(text(detail::quoted(object), " has no attribute \"", name, "\""));
    }
    const std::string label = attribute_label(object, name);
    std::string description;
    auto value = detail::read_attribute(target.get(), name, label, file_bytes, description);
    if (!value) throw DataError(text(label, " is of a kind that is not read: ", description));
    return *std::move(value);
  }

  [[noreturn]] void refuse_kind(std::string_view object, const std::string& name,
                                std::string_view wanted) const {
    throw DataError(text(attribute_label(object, name), " must be ", wanted));
  }
};

Reader::Reader(const std::filesystem::path& path) {
  const Lock lock;
  state_ = std::make_unique<State>(path);
}

Reader::~Reader() {
  const Lock lock;
  state_.reset();
}

const std::filesystem::path& Reader::path() const { return state_->path; }

bool Reader::exists(std::string_view path) const {
  const Lock lock;
  return state_->find(path).is_open();
}

bool Reader::is_group(std::string_view path) const {
  const Lock lock;
  const Handle object = state_->find(path);
  return object.is_open() && detail::is_group(object.get());
}

bool Reader::is_dataset(std::string_view path) const {
  const Lock lock;
  const Handle object = state_->find(path);
  return object.is_open() && detail::is_dataset(object.get());
}

std::vector<std::string> Reader::list(std::string_view group) const {
  const Lock lock;
  const Handle object = state_->open(group);
  if (!detail::is_group(object.get())) state_->fail(detail::quoted(group) + " is not a group");
  auto names = detail::link_names(object.get(), 100'000);
  if (!names) {
    state_->fail(
        text("group ", detail::quoted(group), " cannot be listed", detail::library_message()));
  }
  return *std::move(names);
}

Shape Reader::shape(std::string_view dataset) const {
  const Lock lock;
  return state_->open_dataset(dataset).shape;
}

DType Reader::dtype(std::string_view dataset) const {
  const Lock lock;
  return state_->open_dataset(dataset).number.dtype;
}

std::int64_t Reader::chunk_rows(std::string_view name) const {
  const Lock lock;
  const Dataset dataset = state_->open_dataset(name);
  const Handle properties(H5Dget_create_plist(dataset.handle.get()), H5Pclose);
  if (H5Pget_layout(properties.get()) != H5D_CHUNKED) return 1;
  std::array<hsize_t, H5S_MAX_RANK> extents{};
  if (H5Pget_chunk(properties.get(), H5S_MAX_RANK, extents.data()) < 1) return 1;
  const auto rows = static_cast<std::uint64_t>(std::max<std::int64_t>(dataset.shape[0], 1));
  return static_cast<std::int64_t>(std::clamp<std::uint64_t>(extents[0], 1, rows));
}

Tensor Reader::read(std::string_view name) const {
  const Lock lock;
  const Dataset dataset = state_->open_dataset(name);
  return state_->read(dataset, H5S_ALL, H5S_ALL, 0, dataset.shape,
                      "dataset " + detail::quoted(name));
}

Tensor Reader::read_rows(std::string_view name, std::int64_t first, std::int64_t count) const {
  const Lock lock;
  const Dataset dataset = state_->open_dataset(name);
  const Shape& shape = dataset.shape;
  const std::string label = "dataset " + detail::quoted(name);
  if (shape.rank() == 0 || first < 0 || count < 0 || count > shape[0] || first > shape[0] - count) {
    state_->fail(text(label, " of shape ", shape.to_text(), " has no rows ", first, " to ", first,
                      " + ", count));
  }
  const Shape wanted = shape.with(0, count);
  const Handle memory = detail::space_of(wanted);
  std::vector<hsize_t> start(static_cast<std::size_t>(shape.rank()), 0);
  start[0] = static_cast<hsize_t>(first);
  const std::vector<hsize_t> counts(wanted.begin(), wanted.end());
  if (wanted.size() > 0) {
    H5Sselect_hyperslab(dataset.space.get(), H5S_SELECT_SET, start.data(), nullptr, counts.data(),
                        nullptr);
  }
  return state_->read(dataset, memory.get(), dataset.space.get(), first, wanted, label);
}

std::vector<std::string> Reader::read_texts(std::string_view name) const {
  constexpr std::chrono::seconds kLimit(20);
  const Lock lock;
  const std::string label = "dataset " + detail::quoted(name);
  const Dataset dataset = state_->open_any_dataset(name);
  if (H5Tget_class(dataset.type.get()) != H5T_STRING || dataset.shape.rank() != 1) {
    state_->fail(label + " must hold texts, one after another");
  }
  if (dataset.shape.size() > kMostTexts || H5Tget_size(dataset.type.get()) > kLongestText) {
    state_->fail(text(label, " claims more than ", kMostTexts, " texts of ", kLongestText,
                      " bytes, the most that are read"));
  }
  if (dataset.shape.size() == 0) return {};
  const ForkedEnding ending = call_forked([&] { return texts_in(dataset); }, kLimit);
  std::istringstream told(ending.returned ? ending.message : "");
  std::vector<std::string> texts;
  for (std::string each; std::getline(told, each, '\0');) texts.push_back(each);
  if (std::ssize(texts) != dataset.shape.size()) {
    state_->fail(text(label, " cannot be read: it is damaged, or has a text of more than ",
                      kLongestText, " bytes"));
  }
  return texts;
}

bool Reader::has_attribute(std::string_view object, const std::string& name) const {
  const Lock lock;
  const Handle target = state_->find(object);
  return target.is_open() && H5Aexists(target.get(), name.c_str()) > 0;
}

Value Reader::attribute(std::string_view object, const std::string& name) const {
  const Lock lock;
  return state_->attribute(object, name);
}

std::string Reader::text_attribute(std::string_view object, const std::string& name) const {
  const Lock lock;
  Value value = state_->attribute(object, name);
  if (auto* string = std::get_if<std::string>(&value)) return std::move(*string);
  state_->refuse_kind(object, name, "text");
}

std::int64_t Reader::integer_attribute(std::string_view object, const std::string& name) const {
  const Lock lock;
  const Value value = state_->attribute(object, name);
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return *integer;
  state_->refuse_kind(object, name, "a whole number");
}

double Reader::number_attribute(std::string_view object, const std::string& name) const {
  const Lock lock;
  const Value value = state_->attribute(object, name);
  if (const auto* number = std::get_if<double>(&value)) return *number;
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return static_cast<double>(*integer);
  state_->refuse_kind(object, name, "a number");
}

std::vector<std::int64_t> Reader::integers_attribute(std::string_view object,
                                                     const std::string& name) const {
  const Lock lock;
  Value value = state_->attribute(object, name);
  if (auto* list = std::get_if<std::vector<std::int64_t>>(&value)) return std::move(*list);
  state_->refuse_kind(object, name, "a list of whole numbers");
}

}  // namespace hourglass::hdf5
