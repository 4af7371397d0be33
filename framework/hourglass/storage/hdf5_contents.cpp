#include <hourglass/core/error.hpp>
#include <hourglass/storage/h5_file.hpp>
#include <hourglass/storage/hdf5_detail.hpp>

#include <hdf5.h>

namespace hourglass::hdf5 {
namespace {

using detail::Handle;
using detail::Id;

constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxEntries = 100'000;

// Walks a file along its own links. Depth and count are bounded, since a group may hold itself.
class Walk {
 public:
  explicit Walk(const std::filesystem::path& path)
      : path_(path),
        file_(detail::open_file(path)),
        file_bytes_(std::filesystem::file_size(path)) {}

  std::vector<Entry> run() {
    const Handle root(H5Gopen2(file_.handle.get(), "/", H5P_DEFAULT), H5Gclose);
    if (!root.is_open()) fail("has no root group" + detail::library_message());
    visit(root.get(), "", 0);
    return std::move(entries_);
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw DataError(text(path_.string(), ": ", what));
  }

  Entry& add(Entry::Kind kind, const std::string& path) {
    if (entries_.size() == kMaxEntries) fail(text("has more than ", kMaxEntries, " objects"));
    entries_.push_back({});
    entries_.back().kind = kind;
    entries_.back().path = path;
    return entries_.back();
  }

  void visit(Id object, const std::string& path, int depth) {
    if (depth > kMaxDepth) {
      fail(text(detail::quoted(path), " is nested deeper than ", kMaxDepth, " groups"));
    }
    if (detail::is_dataset(object)) {
      Entry& entry = add(Entry::Kind::Dataset, path);
      describe(object, entry);
      entry.attributes = attributes_of(object, path);
    } else if (detail::is_group(object)) {
      add(Entry::Kind::Group, path).attributes = attributes_of(object, path);
      visit_children(object, path, depth);
    }
  }

  void visit_children(Id group, const std::string& path, int depth) {
    const auto names = detail::link_names(group, kMaxEntries);
    if (!names) {
      fail(text("group ", detail::quoted(path), " cannot be listed", detail::library_message()));
    }
    for (const std::string& name : *names) {
      const std::string child_path = path.empty() ? name : path + "/" + name;
      bool is_link = false;
      const Handle child = detail::open_object(group, name, is_link);
      if (is_link) {
        add(Entry::Kind::Link, child_path);
      } else if (child.is_open()) {
        visit(child.get(), child_path, depth + 1);
      } else {
        fail(text(detail::quoted(child_path), " cannot be opened", detail::library_message()));
      }
    }
  }

  void describe(Id dataset, Entry& entry) const {
    const Handle properties(H5Dget_create_plist(dataset), H5Pclose);
    if (H5Pget_layout(properties.get()) == H5D_VIRTUAL) {
      entry.type = "(virtual)";
      return;
    }
    const Handle space(H5Dget_space(dataset), H5Sclose);
    const Handle type(H5Dget_type(dataset), H5Tclose);
    entry.shape = detail::shape_of(space.get()).value_or(Shape{});
    entry.bytes = H5Dget_storage_size(dataset);
    std::string description;
    const auto number = detail::number_type(type.get(), description);
    entry.type = number ? std::string(name_of(number->dtype)) : "(" + description + ")";
  }

  std::vector<AttributeEntry> attributes_of(Id object, const std::string& path) const {
    const auto names = detail::attribute_names(object, kMaxEntries);
    if (!names) {
      fail(text("the attributes of ", detail::quoted(path), " cannot be listed",
                detail::library_message()));
    }
    std::vector<AttributeEntry> result;
    for (const std::string& name : *names) {
      const std::string where =
          text(path_.string(), ": attribute \"", name, "\" of ", detail::quoted(path));
      if (!file_.is_sealed && detail::is_variable_text(object, name)) {
        result.push_back({name, Value("(text)")});
        continue;
      }
      std::string description;
      auto value = detail::read_attribute(object, name, where, file_bytes_, description);
      result.push_back({name, value ? *std::move(value) : Value("(" + description + ")")});
    }
    return result;
  }

  std::filesystem::path path_;
  detail::OpenFile file_;
  std::uint64_t file_bytes_;
  std::vector<Entry> entries_;
};

}  // namespace

std::vector<Entry> contents(const std::filesystem::path& path) {
  const detail::Lock lock;
  return Walk(path).run();
}

std::string library_version() {
  const detail::Lock lock;
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  return text(major, ".", minor, ".", release);
}

}  // namespace hourglass::hdf5
