#include <hourglass/config/emit.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/data/glyphs.hpp>
#include <hourglass/data/split.hpp>

#include <zlib.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>

namespace hourglass {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kGlyphSeed = 1;  // a data set stays the same whatever an experiment's seed

/// Splits by the names that files give them: "train" and perhaps "validation" and "test".
using RawSplits = std::map<std::string, RawSplit>;

bool is_path(const std::string& name) {
  std::error_code error;
  return name.find('/') != name.npos || name.find('.') != name.npos ||
         fs::is_regular_file(name, error);
}

template <class T>
void take_unless_told(T& told, const T& described) {
  if (told == T()) told = described;
}

ReadOptions merged(ReadOptions options, const Descriptor& descriptor) {
  const TableOptions& table = descriptor.table;
  take_unless_told(options.table.separator, table.separator);
  take_unless_told(options.table.header, table.header);
  take_unless_told(options.table.columns, table.columns);
  take_unless_told(options.table.label, table.label);
  take_unless_told(options.table.leave_out, table.leave_out);
  take_unless_told(options.table.categories, table.categories);
  take_unless_told(options.array, descriptor.array);
  take_unless_told(options.labels_array, descriptor.labels_array);
  return options;
}

std::string path_of(const DescribedFile& file, const Descriptor& descriptor, const fs::path& root) {
  const fs::path path = descriptor.folder_in(root) / file.name;
  std::error_code error;
  if (!fs::exists(path, error)) {
    const fs::path whole = fs::absolute(path, error);
    throw DataError(text("data set \"", descriptor.name, "\": the file ", file.name,
                         " is missing; looked for ", (error ? path : whole).string(),
                         "; to fetch it: hourglass datasets fetch ", descriptor.name,
                         root == data_root() ? "" : " --data-root " + shell_word(root.string())));
  }
  return path;
}

RawSplits draw_glyphs(std::optional<std::int64_t> limit) {
  RawSplits splits;
  const std::pair<const char*, std::int64_t> sizes[] = {{"train", glyphs::kTrainingSize},
                                                        {"test", glyphs::kTestSize}};
  for (const auto& [split, size] : sizes) {
    glyphs::GlyphSet set =
        glyphs::draw_all(kGlyphSeed, split, std::min(size, limit.value_or(size)));
    splits[split] = {.file = "glyphs",
                     .table = std::nullopt,
                     .samples = std::move(set.images),
                     .labels = std::move(set.labels)};
  }
  return splits;
}

RawSplits read_described(const Descriptor& descriptor, const ReadOptions& options,
                         const fs::path& root) {
  RawSplits splits;
  for (const auto& [split, files] : descriptor.files) {
    const std::string samples = path_of(files.samples, descriptor, root);
    if (files.labels) {
      splits[split] = read_pair(samples, path_of(*files.labels, descriptor, root), options);
      continue;
    }
    RawSplits inside = read_file(samples, options);
    const std::string key = inside.contains("") ? "" : split;
    if (!inside.contains(key)) throw DataError(text(samples, ": holds no split ", split));
    splits[split] = std::move(inside.at(key));
  }
  return splits;
}

void apply_shape(RawSplits& splits, const Descriptor& descriptor) {
  if (descriptor.shape.empty()) return;
  const Shape wanted(descriptor.shape);
  for (auto& [split, raw] : splits) {
    if (raw.table) continue;
    const Shape got = raw.samples.shape().without(0);
    if (got.size() != wanted.size()) {
      throw DataError(text(raw.file, ": the samples have shape ", got.to_text(), ", expected ",
                           wanted.to_text()));
    }
    std::vector<std::int64_t> extents = descriptor.shape;
    extents.insert(extents.begin(), raw.size());
    raw.samples = raw.samples.reshaped(Shape(extents));
  }
}

void apply_class_names(RawSplits& splits, const Descriptor& descriptor) {
  if (descriptor.class_names.empty()) return;
  const auto count = static_cast<std::int64_t>(descriptor.class_names.size());
  for (auto& [split, raw] : splits) {
    if (!raw.labels.has_classes()) continue;
    for (const std::int64_t label : raw.labels.classes.values<std::int64_t>()) {
      if (label >= -1 && label < count) continue;  // -1: without a label
      throw DataError(text(raw.file, ": has the label ", label, ", expected 0 to ", count - 1,
                           ", or -1 for none"));
    }
    raw.labels.class_names = descriptor.class_names;
  }
}

/// The rows of each split, and which of the files' splits they are rows of.
struct SplitRows {
  std::string name;
  std::string from;
  Rows rows;
};

std::vector<SplitRows> choose_rows(const RawSplits& raw, const DataOptions& options) {
  std::vector<SplitRows> splits;
  for (const auto& [name, split] : raw) {
    Rows rows(std::min(split.size(), options.limit.value_or(split.size())));
    std::iota(rows.begin(), rows.end(), 0u);
    splits.push_back({name, name, std::move(rows)});
  }
  const auto take = [&](const char* what, double part) {
    if (raw.contains(what) || part == 0) return;
    const auto train = std::ranges::find(splits, "train", &SplitRows::name);
    auto [taken, rest] = take_part(train->rows, part, options.seed, what);
    train->rows = std::move(rest);
    splits.push_back({what, "train", std::move(taken)});
  };
  take("test", options.test);
  take("validation", options.validation);
  return splits;
}

/// Texts that hardly repeat, such as names and identifiers, are no categories: they teach nothing,
/// and make the first layer as wide as there are rows.
void warn_of_distinct_texts(const Table& table, std::size_t rows, DataSet& set) {
  constexpr std::size_t kFew = 20;
  for (const TableEncoding::Feature& feature : set.encoding->features()) {
    const std::size_t count = feature.categories.size();
    if (count <= kFew || count * 2 <= rows) continue;
    set.warnings.push_back(text(table.file, ": column \"", feature.name, "\" has ", count,
                                " different texts in ", rows,
                                " training rows, and becomes as many features; if they are no "
                                "categories, name it in dataset.leave_out"));
  }
}

// Text columns become features as the training rows tell.
void encode_tables(RawSplits& raw, const Rows& training_rows, DataSet& set) {
  if (!raw.at("train").table) return;
  std::vector<const Table*> tables = {&*raw.at("train").table};
  for (const auto& [name, split] : raw) {
    if (!split.table) throw DataError(text(split.file, ": is no table, but the training data are"));
    if (name != "train") tables.push_back(&*split.table);
  }
  const auto labels = table_labels(tables);
  set.encoding = std::make_shared<TableEncoding>(*tables[0], training_rows);
  set.feature_names = set.encoding->feature_names();
  warn_of_distinct_texts(*tables[0], training_rows.size(), set);
  std::size_t next = 1;
  for (auto& [name, split] : raw) {
    split.samples = set.encoding->encode(*split.table, set.notes);
    split.labels = labels[name == "train" ? 0 : next++];
  }
  for (auto& [name, split] : raw) split.table.reset();
}

void check_shapes(const RawSplits& raw) {
  const RawSplit& train = raw.at("train");
  for (const auto& [name, split] : raw) {
    if (split.samples.shape().without(0) == train.samples.shape().without(0)) continue;
    throw DataError(text(split.file, ": samples of ", name, " have shape ",
                         split.samples.shape().without(0).to_text(), ", those of training ",
                         train.samples.shape().without(0).to_text()));
  }
}

std::uint32_t checksum_of(const RawSplits& raw) {
  uLong sum = crc32(0, nullptr, 0);
  for (const auto& [name, split] : raw) {
    for (const Tensor* part : {&split.samples, &split.labels.classes, &split.labels.factors}) {
      if (!part->empty()) {
        sum = crc32_z(sum, reinterpret_cast<const Bytef*>(part->raw()), part->bytes());
      }
    }
  }
  return static_cast<std::uint32_t>(sum);
}

/// Over all splits, of which one may lack a class. 0 where the labels are no classes counted from
/// 0: more than there are samples, such as years, or what Labels::class_count says.
std::int64_t class_count(const RawSplits& raw) {
  std::int64_t most = 0, samples = 0;
  for (const auto& [name, split] : raw) {
    samples += split.size();
    if (!split.labels.has_classes()) continue;
    const std::int64_t count = split.labels.class_count();
    if (count == 0) return 0;
    most = std::max(most, count);
  }
  return most <= samples ? most : 0;
}

DataSet build(RawSplits raw, const DataOptions& options) {
  DataSet set;
  if (raw.contains("")) {
    auto only = raw.extract("");
    only.key() = "train";
    raw.insert(std::move(only));
  }
  const auto splits = choose_rows(raw, options);
  const Rows& training = std::ranges::find(splits, "train", &SplitRows::name)->rows;
  encode_tables(raw, training, set);
  check_shapes(raw);
  set.checksum = checksum_of(raw);
  const Tensor& samples = raw.at("train").samples;
  set.scaling = std::make_shared<FittedScaling>(options.scaling, samples, training);
  set.sample_shape = samples.shape().without(0);
  for (const SplitRows& split : splits) {
    const RawSplit& from = raw.at(split.from);
    const bool whole = static_cast<std::int64_t>(split.rows.size()) == from.size();
    set.splits[split.name] =
        whole ? std::make_shared<MemorySource>(from.samples, from.labels, set.scaling)
              : std::make_shared<MemorySource>(from.samples, from.labels, set.scaling, split.rows);
  }
  set.classes = class_count(raw);
  set.labelled = choose_labelled(set.train().labels(), set.classes, options.labelled, options.seed);
  return set;
}

/// `options` are whole: what an experiment tells, and for the rest what the descriptor says.
RawSplits read_by_name(const Descriptor& descriptor, const ReadOptions& options,
                       const DataPlaces& places, std::optional<std::int64_t> limit) {
  RawSplits splits = descriptor.format == Descriptor::Format::Glyphs
                         ? draw_glyphs(limit)
                         : read_described(descriptor, options, places.root);
  apply_shape(splits, descriptor);
  apply_class_names(splits, descriptor);
  return splits;
}

void check(const DataOptions& options) {
  for (const auto& [name, part] :
       {std::pair{"validation", options.validation}, {"test", options.test}}) {
    if (!(part >= 0 && part < 1)) throw OptionError(name, text("must be in [0, 1), got ", part));
  }
  if (options.labelled && *options.labelled < 1) {
    throw OptionError("labelled", text("must be >= 1, got ", *options.labelled));
  }
  if (options.limit && *options.limit < 1) {
    throw OptionError("limit", text("must be >= 1, got ", *options.limit));
  }
}

/// How a further file is read: its columns hold what those of the training's tables did.
ReadOptions reading_of_input(const DataForm& form) {
  ReadOptions options = form.read;
  if (form.encoding == nullptr) return options;
  for (const TableEncoding::Feature& feature : form.encoding->features()) {
    options.table.features.push_back(feature.name);
    if (feature.is_text) options.table.categories.push_back(feature.name);
  }
  return options;
}

RawSplits read_input(const std::string& name_or_path, const DataForm& form,
                     const DataPlaces& places) {
  const ReadOptions options = reading_of_input(form);
  try {
    if (is_path(name_or_path)) return read_file(name_or_path, options);
    const Descriptor descriptor = find_descriptor(name_or_path, places.descriptors);
    const bool same = descriptor.name == form.name;
    return read_by_name(descriptor, merged(same ? options : ReadOptions(), descriptor), places,
                        std::nullopt);
  } catch (const OptionError& error) {
    throw DataError(text(name_or_path, ": is not like the training data: `", error.option(), "` ",
                         error.reason()));
  }
}

}  // namespace

const Source* DataSet::find(const std::string& split) const {
  const auto at = splits.find(split);
  return at == splits.end() ? nullptr : at->second.get();
}

bool DataSet::has_images() const {
  const Shape& shape = sample_shape;
  const auto channels = [](std::int64_t extent) { return extent == 1 || extent == 3; };
  return shape.rank() == 2 || (shape.rank() == 3 && (channels(shape[0]) || channels(shape[2])));
}

std::vector<OptionError> foreign_options(const std::string& name_or_path,
                                         const ReadOptions& options, const DataPlaces& places) {
  std::optional<FileFormat> format;
  std::string what;
  if (is_path(name_or_path)) {
    format = format_of(name_or_path);
    what = text(name_or_path, " is ", name_of(*format));
  } else {
    format = find_descriptor(name_or_path, places.descriptors).file_format();
    what = format ? text("the data set ", name_or_path, " is ", name_of(*format))
                  : text(name_or_path, " are drawn in memory");
  }
  std::vector<OptionError> errors;
  for (const ForeignOption& each : foreign_options(options, format)) {
    errors.emplace_back(each.name, text("is an option of ", each.owners, "; ", what));
  }
  return errors;
}

DataSet load_data_set(const std::string& name_or_path, const DataOptions& options,
                      const DataPlaces& places) {
  check(options);
  const auto foreign = foreign_options(name_or_path, options.read, places);
  if (!foreign.empty()) throw foreign.front();
  if (is_path(name_or_path)) {
    DataSet set = build(read_file(name_or_path, options.read), options);
    set.name = fs::path(name_or_path).stem();
    set.title = name_or_path;
    set.read = options.read;
    return set;
  }
  const Descriptor descriptor = find_descriptor(name_or_path, places.descriptors);
  DataOptions chosen = options;
  if (chosen.scaling == Scaling::Auto) chosen.scaling = descriptor.scaling;
  chosen.read = merged(options.read, descriptor);
  DataSet set = build(read_by_name(descriptor, chosen.read, places, options.limit), chosen);
  set.name = descriptor.name;
  set.title = descriptor.title;
  set.read = chosen.read;
  return set;
}

std::string fault_of_name(const std::string& name_or_path, const DataPlaces& places) {
  if (is_path(name_or_path)) return {};
  const auto names = descriptor_names(places.descriptors);
  if (std::ranges::find(names, name_or_path) != names.end()) return {};
  return text("unknown data set ", config::shown(name_or_path),
              config::suggestion(name_or_path, names));
}

bool is_other_size(const Shape& shape, const Shape& known) {
  const bool images = known.rank() == 2 || known.rank() == 3;
  return images && shape.rank() == known.rank() && shape != known &&
         (known.rank() == 2 || shape[0] == known[0]);
}

std::shared_ptr<Source> load_input(const std::string& name_or_path, const DataForm& form,
                                   const DataPlaces& places, std::vector<std::string>& notes) {
  RawSplits splits = read_input(name_or_path, form, places);
  const char* const wanted = splits.contains("") ? "" : splits.contains("test") ? "test" : "train";
  RawSplit& split = splits.at(wanted);
  if (split.table) {
    const Table* tables[] = {&*split.table};
    split.labels = table_labels(tables)[0];
    const auto own =
        form.encoding ? form.encoding : std::make_shared<const TableEncoding>(*split.table, Rows());
    split.samples = own->encode(*split.table, notes);
  }
  const Shape shape = split.samples.shape().without(0);
  if (shape.size() != form.sample_shape.size() && !is_other_size(shape, form.sample_shape)) {
    throw DataError(text(split.file, ": the samples have shape ", shape.to_text(),
                         ", the model was trained on ", form.sample_shape.to_text()));
  }
  if (is_other_size(shape, form.sample_shape) && form.scaling->scale().size() > 1) {
    throw DataError(text(split.file, ": the images have shape ", shape.to_text(),
                         ", but each pixel of the training's, ", form.sample_shape.to_text(),
                         ", is scaled by itself; images of any size need dataset.scaling unit, "
                         "symmetric or none in training"));
  }
  return std::make_shared<MemorySource>(split.samples, split.labels, form.scaling);
}

}  // namespace hourglass
