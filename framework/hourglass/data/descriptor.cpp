#include <hourglass/config/nearest.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/data/descriptor.hpp>

#include <algorithm>
#include <cstdlib>
#include <set>

namespace hourglass {

namespace fs = std::filesystem;

namespace {

Names<DataFormat> format_names() {
  return {{"idx", DataFormat::Idx},         {"npy", DataFormat::Npy},
          {"npz", DataFormat::Npz},         {"csv", DataFormat::Table},
          {"hdf5", DataFormat::Hdf5},       {"cifar", DataFormat::Cifar},
          {"images", DataFormat::Images},   {"glyphs", DataFormat::Glyphs},
          {"sprites", DataFormat::Sprites}, {"features", DataFormat::Features}};
}

/// Reports options that belong to other formats than the descriptor's, each where it is written.
void check_options(const Descriptor& descriptor, const config::Node& node,
                   config::Problems& problems) {
  for (const auto& [name, format] : format_names()) {
    const config::Node* written = node.find("format");
    if (format != descriptor.format || (written != nullptr && written->text() != name)) continue;
    for (const ForeignOption& each : foreign_options(descriptor.read_options(), format)) {
      const config::Node* table = node.find("table");
      const config::Node* inside = table == nullptr ? nullptr : table->find(each.name);
      const config::Node& place = inside != nullptr ? *inside : *node.find(each.name);
      problems.add(place.place(),
                   text(inside != nullptr ? "table." : "", each.name, " is an option of ",
                        each.owners, "; the data set's format is ", name));
    }
  }
}

}  // namespace

RemoteFile DescribedFile::remote() const {
  return {name, addresses, sha256, static_cast<std::uint64_t>(bytes)};
}

void DescribedFile::describe(Schema<DescribedFile>& schema) {
  Rule below;
  below.range = "a path below the data set's folder";
  below.text = [](std::string_view text) {
    const fs::path path(text);
    return !path.empty() && !path.is_absolute() &&
           std::ranges::none_of(path, [](const fs::path& part) { return part == ".."; });
  };
  Rule digits;
  digits.range = "64 hexadecimal digits in lower case";
  digits.text = [](std::string_view text) {
    return (text.empty() || text.size() == 64) &&
           text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
  };
  schema.require("name", &DescribedFile::name, "the file, below the data set's folder", below);
  schema.add("addresses", &DescribedFile::addresses, "where it can be had, tried in this order");
  schema.add("sha256", &DescribedFile::sha256, "its sum; empty: not known", digits);
  schema.add("bytes", &DescribedFile::bytes, "its size; 0: not known, or a folder", at_least(0));
  schema.check([](const DescribedFile& file) -> std::string {
    return !file.addresses.empty() && file.bytes == 0 ? "needs bytes, to be fetched" : "";
  });
}

void DescribedSplit::describe(Schema<DescribedSplit>& schema) {
  schema.require("samples", &DescribedSplit::samples, "the file with the samples");
  schema.add("further", &DescribedSplit::further, "files whose samples follow those");
  schema.add("labels", &DescribedSplit::labels, "the file with their labels, if that is another");
  schema.check([](const DescribedSplit& split) -> std::string {
    return split.labels && !split.further.empty() ? "has labels in a file of their own, so needs "
                                                    "samples in one file"
                                                  : "";
  });
}

void Descriptor::describe(Schema<Descriptor>& schema) {
  using Self = Descriptor;
  schema.require("name", &Self::name, "as experiments call it", file_name());
  schema.require("title", &Self::title, "what it is");
  schema.add("format", &Self::format, "of its files", format_names());
  schema.add("folder", &Self::folder, "of its files, below the data root; empty: its name");
  schema.add("shape", &Self::shape, "of one sample; empty: as the files say", at_least(1));
  schema.add("scaling", &Self::scaling, "that experiments get by default", scaling_choices());
  schema.add("files", &Self::files, "of each split");
  schema.add("table", &Self::table, "how a table is read");
  schema.add("array", &Self::array, "of an NPZ or HDF5 file, with the samples");
  schema.add("labels_array", &Self::labels_array, "with the labels");
  schema.add("factor_classes_array", &Self::factor_classes_array, "with the classes of factors");
  schema.add("factor_names", &Self::factor_names, "what the factors are called");
  schema.add("feature_names_array", &Self::feature_names_array, "with the names of the features");
  schema.add("in_memory", &Self::in_memory, "whether samples are read as a whole");
  schema.add("images", &Self::images, "how pictures become samples");
  schema.add("sprites", &Self::sprites, "which sprites there are");
  schema.add("features", &Self::features, "what samples are sums of");
  schema.add("class_names", &Self::class_names, "names of the classes 0, 1, ...");
  schema.add("licence", &Self::licence, "under which the files may be used");
  schema.add("citation", &Self::citation, "of the work that made them");
  schema.check([](const Descriptor& descriptor) -> std::string {
    for (const auto& [split, files] : descriptor.files) {
      if (split != "train" && split != "test") return "has files of an unknown split " + split;
    }
    const bool needs_files = !is_drawn(descriptor.format);
    if (needs_files != descriptor.files.contains("train")) {
      return needs_files ? "needs files of the split train"
                         : "has files, but its samples are drawn";
    }
    return "";
  });
}

fs::path Descriptor::folder_in(const fs::path& root) const {
  return root / (folder.empty() ? name : folder);
}

std::vector<DescribedFile> Descriptor::all_files() const {
  std::vector<DescribedFile> all;
  // Archives may hold several splits in one file.
  const auto add = [&](const DescribedFile& file) {
    if (std::ranges::find(all, file.name, &DescribedFile::name) == all.end()) all.push_back(file);
  };
  for (const auto& [split, parts] : files) {
    add(parts.samples);
    for (const DescribedFile& file : parts.further) add(file);
    if (parts.labels) add(*parts.labels);
  }
  return all;
}

ReadOptions Descriptor::read_options() const {
  return {.table = table,
          .array = array,
          .labels_array = labels_array,
          .factor_classes_array = factor_classes_array,
          .factor_names = factor_names,
          .feature_names_array = feature_names_array,
          .in_memory = in_memory,
          .images = images,
          .sprites = sprites,
          .features = features};
}

Descriptor read_descriptor(const fs::path& path) {
  config::Problems problems;
  const config::Node node = config::parse_file(path, problems);
  Descriptor descriptor = schema_of<Descriptor>().read(node, problems);
  check_options(descriptor, node, problems);
  if (problems.empty() && descriptor.name != path.stem()) {
    problems.add(node.place(), text("the data set is named \"", descriptor.name,
                                    "\", but the file \"", path.stem().string(), "\""));
  }
  problems.throw_if_any();
  return descriptor;
}

std::vector<std::string> descriptor_names(std::span<const fs::path> folders) {
  std::set<std::string> names;
  for (const fs::path& folder : folders) {
    std::error_code error;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
      if (at->path().extension() == ".yaml") names.insert(at->path().stem());
    }
  }
  return {names.begin(), names.end()};
}

Descriptor find_descriptor(const std::string& name, std::span<const fs::path> folders) {
  const auto names = descriptor_names(folders);
  if (std::ranges::find(names, name) == names.end()) {
    throw ConfigError(text("unknown data set \"", name, "\"", config::suggestion(name, names)));
  }
  for (const fs::path& folder : folders) {
    const fs::path path = folder / (name + ".yaml");
    std::error_code error;
    if (fs::exists(path, error)) return read_descriptor(path);
  }
  throw ConfigError(text("unknown data set \"", name, "\""));
}

fs::path data_root(const std::string& told) {
  if (!told.empty()) return told;
  const char* variable = std::getenv("HOURGLASS_DATA");
  if (variable != nullptr && *variable != '\0') return variable;
  return fs::path("datasets") / "cache";
}

Names<Scaling> scaling_choices() {
  Names<Scaling> names;
  for (const Scaling scaling : {Scaling::Auto, Scaling::None, Scaling::Unit, Scaling::Symmetric,
                                Scaling::Standardise, Scaling::MinMax}) {
    names.emplace_back(name_of(scaling), scaling);
  }
  return names;
}

}  // namespace hourglass
