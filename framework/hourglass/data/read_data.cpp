#include <hourglass/config/nearest.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/data/block_samples.hpp>
#include <hourglass/data/bytes.hpp>
#include <hourglass/data/cifar.hpp>
#include <hourglass/data/idx.hpp>
#include <hourglass/data/npy.hpp>
#include <hourglass/data/read_data.hpp>
#include <hourglass/data/scaling.hpp>
#include <hourglass/data/spans.hpp>
#include <hourglass/data/tar.hpp>
#include <hourglass/storage/h5_file.hpp>
#include <hourglass/storage/picture.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <memory>
#include <vector>

namespace hourglass {
namespace {

/// Named arrays, whichever format they are in.
class Archive {
 public:
  virtual ~Archive() = default;
  virtual bool contains(const std::string& name) const = 0;
  virtual Tensor read(const std::string& name) const = 0;
  virtual std::vector<std::string> texts(const std::string& name) const = 0;
  /// The same, but read when it is asked for; null where that cannot be.
  virtual std::shared_ptr<const LazySamples> open(const std::string&) const { return nullptr; }
  /// The arrays below `group` ("" for all), by their whole names.
  virtual std::vector<std::string> names(const std::string& group) const = 0;
};

class NpzArrays final : public Archive {
 public:
  explicit NpzArrays(const std::string& path) : archive_(path) {}
  bool contains(const std::string& name) const override { return archive_.contains(name); }
  Tensor read(const std::string& name) const override { return archive_.read(name); }
  std::vector<std::string> texts(const std::string&) const override { return {}; }
  std::vector<std::string> names(const std::string& group) const override {
    return group.empty() ? archive_.names() : std::vector<std::string>();
  }

 private:
  NpzArchive archive_;
};

class Hdf5Arrays final : public Archive {
 public:
  explicit Hdf5Arrays(const std::string& path) : path_(path), reader_(path) {}
  bool contains(const std::string& name) const override { return reader_.is_dataset(name); }
  Tensor read(const std::string& name) const override { return reader_.read(name); }
  std::vector<std::string> texts(const std::string& name) const override {
    return reader_.read_texts(name);
  }
  std::shared_ptr<const LazySamples> open(const std::string& name) const override {
    return open_hdf5_blocks(path_, name);
  }
  std::vector<std::string> names(const std::string& group) const override {
    std::vector<std::string> result;
    if (!group.empty() && !reader_.is_group(group)) return result;
    for (const std::string& name : reader_.list(group)) {
      std::string whole = group.empty() ? name : text(group, "/", name);
      if (reader_.is_dataset(whole)) result.push_back(std::move(whole));
    }
    return result;
  }

 private:
  std::string path_;
  hdf5::Reader reader_;
};

constexpr const char* kSampleNames[] = {"X", "samples", "data", "images", "imgs", "codes"};
constexpr const char* kLabelNames[] = {"y", "labels", "latents_values"};
constexpr const char* kFactorClassNames[] = {"latents_classes"};

std::string in_group(const std::string& group, const std::string& name) {
  return group.empty() ? name : text(group, "/", name);
}

template <std::size_t kCount>
std::string first_there(const Archive& archive, const std::string& group,
                        const char* const (&candidates)[kCount]) {
  for (const char* name : candidates) {
    if (archive.contains(in_group(group, name))) return in_group(group, name);
  }
  return "";
}

/// The array that the option `option` names.
std::string told_array(const Archive& archive, const std::string& group, const char* option,
                       const std::string& name, const std::string& path) {
  std::string whole = in_group(group, name);
  if (archive.contains(whole)) return whole;
  const auto names = archive.names(group);
  throw OptionError(option, text("names the array \"", whole, "\", which ", path, " does not have",
                                 config::suggestion(whole, names)));
}

std::string samples_array(const Archive& archive, const std::string& group,
                          const ReadOptions& options, const std::string& path) {
  if (!options.array.empty()) return told_array(archive, group, "array", options.array, path);
  const std::string known = first_there(archive, group, kSampleNames);
  if (!known.empty()) return known;
  const auto names = archive.names(group);
  if (names.size() == 1) return names[0];
  std::string there;
  for (const std::string& name : names) there += text(there.empty() ? "" : ", ", name);
  throw DataError(text(path,
                       ": it is not clear which array holds the samples; name it in `array` "
                       "(--array for init)",
                       there.empty() ? "" : ", one of: ", there));
}

void check_samples(Tensor& samples, const std::string& file) {
  if (samples.shape().rank() == 0) {
    throw DataError(text(file, ": holds a single number, expected an array of samples"));
  }
  const std::int64_t count = samples.shape()[0];
  if (samples.size() == 0) {
    throw DataError(
        text(file, ": the array of samples, ", samples.shape().to_text(), ", is empty"));
  }
  if (count > 0xFFFFFFFF) {
    throw DataError(text(file, ": has ", count, " samples, expected fewer than 2^32"));
  }
  if (samples.shape().rank() == 1) samples = samples.reshaped({count, 1});
  check_finite(samples, file);
}

void check_labels(const RawSplit& split, const std::string& labels_file) {
  const Labels& labels = split.labels;
  for (const Tensor* part : {&labels.classes, &labels.factors, &labels.factor_classes}) {
    if (!part->empty() && part->shape()[0] != split.size()) {
      throw DataError(text(labels_file, ": has ", part->shape()[0], " labels, but there are ",
                           split.size(), " samples in ", split.file));
    }
  }
}

void name_factors(Labels& labels, const ReadOptions& options, const std::string& path) {
  const auto& names = options.factor_names;
  if (names.empty() || !labels.has_factors()) return;
  const std::int64_t width = labels.factors.shape().back();
  if (std::ssize(names) != width) {
    throw OptionError("factor_names", text("has ", names.size(), " names, but the labels in ", path,
                                           " have ", width, " factors"));
  }
  labels.factor_names = names;
}

Tensor factor_classes_of(const Tensor& array, const Labels& labels, const std::string& name,
                         const std::string& path) {
  const bool real = array.dtype() == DType::F32 || array.dtype() == DType::F64;
  if (real || array.shape() != labels.factors.shape()) {
    throw DataError(text(path, ": the classes of factors \"", name, "\", ", name_of(array.dtype()),
                         " ", array.shape().to_text(),
                         ", do not go with the factors, expected whole numbers ",
                         labels.factors.shape().to_text()));
  }
  Tensor classes(array.shape(), DType::I32);
  visit(array.dtype(), [&](auto zero) {
    std::ranges::transform(array.values<decltype(zero)>(), classes.values<std::int32_t>().begin(),
                           [](auto value) { return static_cast<std::int32_t>(value); });
  });
  return classes;
}

/// The arrays of one split, by their whole names; empty where there is none.
struct SplitArrays {
  std::string samples;
  std::string labels;
  std::string factor_classes = {};
};

RawSplit read_arrays(const Archive& archive, const std::string& path, const SplitArrays& arrays,
                     const ReadOptions& options) {
  RawSplit split;
  split.file = path;
  if (!options.in_memory.value_or(true)) split.lazy = archive.open(arrays.samples);
  if (!split.lazy) {
    split.samples = archive.read(arrays.samples);
    check_samples(split.samples, text(path, ": ", arrays.samples));
  }
  if (arrays.labels.empty()) return split;
  split.labels = labels_of(archive.read(arrays.labels), arrays.labels, path);
  name_factors(split.labels, options, path);
  if (!arrays.factor_classes.empty() && split.labels.has_factors()) {
    split.labels.factor_classes = factor_classes_of(archive.read(arrays.factor_classes),
                                                    split.labels, arrays.factor_classes, path);
  }
  check_labels(split, path);
  return split;
}

std::string labels_array(const Archive& archive, const std::string& group,
                         const ReadOptions& options, const std::string& path) {
  if (!options.labels_array.empty()) {
    return told_array(archive, group, "labels_array", options.labels_array, path);
  }
  return first_there(archive, group, kLabelNames);
}

std::string factor_classes_array(const Archive& archive, const std::string& group,
                                 const ReadOptions& options, const std::string& path) {
  const std::string& told = options.factor_classes_array;
  if (!told.empty()) return told_array(archive, group, "factor_classes_array", told, path);
  return first_there(archive, group, kFactorClassNames);
}

// The same for every split, by a name from the root.
void name_features(std::map<std::string, RawSplit>& splits, const Archive& archive,
                   const std::string& told, const std::string& path) {
  if (told.empty()) return;
  const auto names = archive.texts(told_array(archive, "", "feature_names_array", told, path));
  for (auto& [name, split] : splits) {
    const std::int64_t features = split.shape().without(0).size();
    if (std::ssize(names) != features) {
      throw OptionError("feature_names_array",
                        text("names \"", told, "\", ", names.size(), " texts, but a sample in ",
                             path, " has ", features, " features"));
    }
    split.feature_names = names;
  }
}

SplitArrays arrays_of_group(const Archive& archive, const std::string& group,
                            const ReadOptions& options, const std::string& path) {
  return {samples_array(archive, group, options, path), labels_array(archive, group, options, path),
          factor_classes_array(archive, group, options, path)};
}

// Under any of the usual names; an empty name when there are none.
SplitArrays arrays_of_split(const Archive& archive, const std::string& split) {
  for (const std::string& samples : {split, "x_" + split, "X_" + split}) {
    if (!archive.contains(samples)) continue;
    for (const std::string& labels :
         {split + "_labels", "y_" + split, "labels_" + split, split + "_y"}) {
      if (archive.contains(labels)) return {samples, labels};
    }
    return {samples, ""};
  }
  return {};
}

std::map<std::string, RawSplit> read_archive(const Archive& archive, const std::string& path,
                                             const ReadOptions& options) {
  std::map<std::string, RawSplit> splits;
  const bool told = !options.array.empty() && archive.contains(options.array);
  for (const std::string split : {"train", "validation", "test"}) {
    if (told) break;
    const SplitArrays arrays = arrays_of_split(archive, split);
    if (!arrays.samples.empty()) {
      splits[split] = read_arrays(archive, path, arrays, options);
    } else if (!archive.names(split).empty()) {
      splits[split] =
          read_arrays(archive, path, arrays_of_group(archive, split, options, path), options);
    }
  }
  if (!splits.contains("train")) {
    splits.clear();
    splits[""] = read_arrays(archive, path, arrays_of_group(archive, "", options, path), options);
  }
  name_features(splits, archive, options.feature_names_array, path);
  return splits;
}

RawSplit read_array_file(const std::string& path, DataFormat format, const ReadOptions& options) {
  RawSplit split;
  split.file = path;
  if (format == DataFormat::Npy && !options.in_memory.value_or(true)) {
    split.lazy = open_npy_blocks(path);
    return split;
  }
  split.samples = format == DataFormat::Idx ? read_idx(path) : read_npy(path);
  check_samples(split.samples, path);
  return split;
}

bool is_text(std::span<const char> bytes) {
  return !bytes.empty() && std::ranges::none_of(bytes, [](char c) {
    const auto code = static_cast<unsigned char>(c);
    return code == 0x7f || (code < 0x20 && c != '\t' && c != '\n' && c != '\r');
  });
}

/// Labels 1 within the periods, and 0 elsewhere.
void mark_spans(Table& table, const Spans& spans) {
  if (!table.label_name.empty()) {
    throw OptionError("label", text("names a column of labels, but ", table.file,
                                    " has them in a file of their own"));
  }
  if (table.times.empty()) {
    throw OptionError("time", text("names no column, and the labels of ", table.file,
                                   " are times; name the one that tells them"));
  }
  table.label_kind = Table::LabelKind::Integers;
  table.label_name = "anomaly";
  for (const double time : table.times) {
    table.label_integers.push_back(std::ranges::any_of(
        spans, [&](const auto& span) { return span.first <= time && time <= span.second; }));
  }
}

/// Whether all are whole numbers, and exact as such, so that they can stand for classes.
template <class T>
bool all_whole(std::span<const T> values) {
  if constexpr (std::is_integral_v<T>) return true;
  return std::ranges::all_of(values, [](T value) {
    const auto number = static_cast<double>(value);
    return number == std::floor(number) && std::abs(number) < 0x1p53;
  });
}

}  // namespace

void ReadOptions::describe(Schema<ReadOptions>& schema) {
  schema.add("table", &ReadOptions::table, "how a table is read");
  schema.add("array", &ReadOptions::array, "of an NPZ or HDF5 file, with the samples");
  schema.add("labels_array", &ReadOptions::labels_array, "with the labels");
  schema.add("factor_classes_array", &ReadOptions::factor_classes_array,
             "with the classes of factors");
  schema.add("factor_names", &ReadOptions::factor_names, "what the factors are called");
  schema.add("feature_names_array", &ReadOptions::feature_names_array,
             "of an HDF5 file, with texts that name the features");
  schema.add("in_memory", &ReadOptions::in_memory, "whether samples are read as a whole");
  schema.add("images", &ReadOptions::images, "how pictures become samples");
  schema.add("sprites", &ReadOptions::sprites, "which sprites there are");
  schema.add("features", &ReadOptions::features, "what samples are sums of");
}

std::string_view name_of(DataFormat format) {
  switch (format) {
    case DataFormat::Idx: return "IDX";
    case DataFormat::Npy: return "NPY";
    case DataFormat::Npz: return "NPZ";
    case DataFormat::Hdf5: return "HDF5";
    case DataFormat::Table: return "a CSV table";
    case DataFormat::Cifar: return "CIFAR";
    case DataFormat::Images: return "a set of pictures";
    case DataFormat::Glyphs:
    case DataFormat::Sprites:
    case DataFormat::Features: return "drawn in memory";
  }
  return "";
}

std::vector<ForeignOption> foreign_options(const ReadOptions& options, DataFormat format) {
  std::vector<ForeignOption> foreign;
  const auto look_at = [&](const char* name, bool told, std::string_view owners) {
    if (told) foreign.push_back({name, owners});
  };
  if (format != DataFormat::Table) {
    constexpr std::string_view kTables = "CSV tables";
    const TableOptions& table = options.table;
    look_at("separator", !table.separator.empty(), kTables);
    look_at("header", table.header.has_value(), kTables);
    look_at("columns", !table.columns.empty(), kTables);
    look_at("label", !table.label.empty(), kTables);
    look_at("time", !table.time.empty(), kTables);
    look_at("leave_out", !table.leave_out.empty(), kTables);
    look_at("categories", !table.categories.empty(), kTables);
  }
  if (format != DataFormat::Npz && format != DataFormat::Hdf5) {
    constexpr std::string_view kArchives = "NPZ and HDF5 files";
    look_at("array", !options.array.empty(), kArchives);
    look_at("labels_array", !options.labels_array.empty() && format != DataFormat::Cifar,
            "NPZ, HDF5 and CIFAR files");
    look_at("factor_classes_array", !options.factor_classes_array.empty(), kArchives);
    look_at("factor_names", !options.factor_names.empty(), kArchives);
  }
  look_at("feature_names_array", !options.feature_names_array.empty() && format != DataFormat::Hdf5,
          "HDF5 files");
  look_at("in_memory",
          options.in_memory == false && format != DataFormat::Npy && format != DataFormat::Hdf5,
          "NPY and HDF5 files");
  look_at("images", options.images && format != DataFormat::Images, "pictures");
  look_at("sprites", options.sprites && format != DataFormat::Sprites, "data sets of sprites");
  look_at("features", options.features && format != DataFormat::Features, "data sets of features");
  return foreign;
}

DataFormat format_of(const std::string& path) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error)) {
    return is_cifar_folder(path) ? DataFormat::Cifar : DataFormat::Images;
  }
  const auto stream = open_bytes(path);
  std::array<char, 512> buffer;
  const std::size_t got = stream->read(std::as_writable_bytes(std::span(buffer)));
  const std::string_view head(buffer.data(), got);
  if (head.starts_with("\x93NUMPY")) return DataFormat::Npy;
  if (head.starts_with("PK\x03\x04") || head.starts_with("PK\x05\x06")) return DataFormat::Npz;
  if (head.starts_with("\x89HDF\r\n\x1a\n")) return DataFormat::Hdf5;
  if (has_cifar_size(path)) return DataFormat::Cifar;
  if (got >= 4 && head[0] == 0 && head[1] == 0 && head[2] >= 8 && head[2] <= 14) {
    return DataFormat::Idx;
  }
  if (picture::format_of(std::as_bytes(std::span(buffer).first(got)))) return DataFormat::Images;
  if (TarReader::is_tar(std::span(buffer).first(got))) return DataFormat::Cifar;
  if (is_text(std::span(buffer).first(got))) return DataFormat::Table;

  // The content is none of these: the reader that the ending asks for says best what is wrong.
  static constexpr std::pair<std::string_view, DataFormat> kEndings[] = {
      {".npy", DataFormat::Npy},   {".npz", DataFormat::Npz},   {".h5", DataFormat::Hdf5},
      {".hdf5", DataFormat::Hdf5}, {".h5ad", DataFormat::Hdf5}, {".csv", DataFormat::Table},
      {".tsv", DataFormat::Table}, {".txt", DataFormat::Table}, {"-ubyte", DataFormat::Idx},
      {".idx", DataFormat::Idx},   {".bin", DataFormat::Cifar}};
  for (const auto& [ending, format] : kEndings) {
    if (path.ends_with(ending) || path.ends_with(std::string(ending) + ".gz")) return format;
  }
  throw DataError(
      text(path,
           ": is no file of samples that is known, expected IDX, NPY, NPZ, HDF5, CIFAR, a picture "
           "or a table of text"));
}

Labels labels_of(const Tensor& array, const std::string& name, const std::string& file) {
  Labels labels;
  const Shape& shape = array.shape();
  if (shape.rank() < 1 || shape.rank() > 2) {
    throw DataError(text(file, ": the labels \"", name, "\" have shape ", shape.to_text(),
                         ", expected [samples] or [samples, factors]"));
  }
  const std::int64_t width = shape.rank() == 2 ? shape.back() : 1;
  const bool real = array.dtype() == DType::F32 || array.dtype() == DType::F64;
  if (real) check_finite(array, text(file, ": ", name));
  visit(array.dtype(), [&](auto zero) {
    const std::span<const decltype(zero)> values = array.values<decltype(zero)>();
    if (width > 1 || !all_whole(values)) return;
    labels.classes = Tensor({shape[0]}, DType::I64);
    std::ranges::transform(values, labels.classes.values<std::int64_t>().begin(),
                           [](auto value) { return static_cast<std::int64_t>(value); });
  });
  if (labels.has_classes()) return labels;
  labels.factors = array.to_f32().reshaped({shape[0], width});
  for (std::int64_t i = 0; i < width; ++i) {
    labels.factor_names.push_back(width == 1 ? name : text(name, ".", i));
  }
  return labels;
}

std::map<std::string, RawSplit> read_file(const std::string& path, const ReadOptions& options) {
  std::map<std::string, RawSplit> splits;
  switch (const DataFormat format = format_of(path)) {
    case DataFormat::Images: return read_images(path, options.images.value_or(ImageOptions()));
    case DataFormat::Cifar: return read_cifar(path, options);
    case DataFormat::Npz: return read_archive(NpzArrays(path), path, options);
    case DataFormat::Hdf5: return read_archive(Hdf5Arrays(path), path, options);
    case DataFormat::Table:
      splits[""].table = read_table(path, options.table);
      splits[""].file = path;
      break;
    default: splits[""] = read_array_file(path, format, options);
  }
  return splits;
}

RawSplit read_pair(const std::string& samples, const std::string& labels,
                   const ReadOptions& options) {
  auto splits = read_file(samples, options);
  if (!splits.contains("")) throw DataError(text(samples, ": holds several splits, expected one"));
  RawSplit split = std::move(splits.at(""));
  const DataFormat format = format_of(labels);
  if (split.table && format == DataFormat::Table) {
    mark_spans(*split.table, read_spans(labels, samples));
    return split;
  }
  if (format != DataFormat::Idx && format != DataFormat::Npy) {
    throw DataError(text(labels, ": labels in a file of their own must be IDX or NPY"));
  }
  if (split.table) {
    throw DataError(text(samples,
                         ": a table's labels must be one of its columns, or a JSON file "
                         "of the times when it is anomalous"));
  }
  split.labels =
      labels_of(format == DataFormat::Idx ? read_idx(labels) : read_npy(labels), "labels", labels);
  check_labels(split, labels);
  return split;
}

}  // namespace hourglass
