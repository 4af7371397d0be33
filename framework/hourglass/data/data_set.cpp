#include <hourglass/config/emit.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/data/features.hpp>
#include <hourglass/data/glyphs.hpp>
#include <hourglass/data/split.hpp>

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <functional>
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

/// What the data at a path are called: a file without its ending, a folder wholly.
std::string name_of_path(const std::string& path) {
  std::error_code error;
  const fs::path whole = fs::absolute(path, error).lexically_normal();
  if (fs::is_directory(path, error)) {
    return whole.has_filename() ? whole.filename() : whole.parent_path().filename();
  }
  return whole.stem();
}

template <class T>
void take_unless_told(T& told, const T& described) {
  if (told == T()) told = described;
}

ReadOptions merged(ReadOptions options, const Descriptor& descriptor) {
  const ReadOptions described = descriptor.read_options();
  const TableOptions& table = described.table;
  take_unless_told(options.table.separator, table.separator);
  take_unless_told(options.table.header, table.header);
  take_unless_told(options.table.columns, table.columns);
  take_unless_told(options.table.label, table.label);
  take_unless_told(options.table.time, table.time);
  take_unless_told(options.table.leave_out, table.leave_out);
  take_unless_told(options.table.categories, table.categories);
  take_unless_told(options.array, described.array);
  take_unless_told(options.labels_array, described.labels_array);
  take_unless_told(options.factor_classes_array, described.factor_classes_array);
  take_unless_told(options.factor_names, described.factor_names);
  take_unless_told(options.feature_names_array, described.feature_names_array);
  take_unless_told(options.in_memory, described.in_memory);
  take_unless_told(options.images, described.images);
  take_unless_told(options.sprites, described.sprites);
  take_unless_told(options.features, described.features);
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
    RawSplit& drawn = splits[split];
    drawn.file = "glyphs";
    drawn.samples = std::move(set.images);
    drawn.labels = std::move(set.labels);
  }
  return splits;
}

RawSplits draw_sprites(const ReadOptions& options) {
  sprites::SpriteSet set = sprites::make_set(options.sprites.value_or(sprites::Options()));
  RawSplits splits;
  RawSplit& drawn = splits[""];
  drawn.file = "sprites";
  drawn.lazy = std::move(set.images);
  drawn.labels = std::move(set.labels);
  return splits;
}

RawSplits draw_features(const ReadOptions& options) {
  const auto drawn =
      std::make_shared<const features::Features>(options.features.value_or(features::Options()));
  RawSplits splits;
  for (const auto& [split, count] :
       {std::pair{"train", drawn->options().train}, std::pair{"test", drawn->options().test}}) {
    splits[split].file = "features";
    splits[split].lazy = features::samples_of(drawn, split, count);
    splits[split].directions = drawn->directions();
  }
  return splits;
}

/// The rows of all arrays, one after another. All are empty, or none.
Tensor joined(const std::vector<const Tensor*>& arrays) {
  const Tensor& first = *arrays.front();
  if (first.empty()) return {};
  std::int64_t rows = 0;
  for (const Tensor* each : arrays) rows += each->shape()[0];
  const Shape shape = first.shape().with(0, rows);
  Tensor all(shape, first.dtype(),
             allocate_aligned(static_cast<std::size_t>(shape.size()) * size_of(first.dtype())));
  std::byte* to = all.raw();
  for (const Tensor* each : arrays) to = std::copy_n(each->raw(), each->bytes(), to);
  return all;
}

/// Several files of a kind as one split.
RawSplit joined(const std::vector<RawSplit>& parts) {
  const RawSplit& first = parts.front();
  const auto alike = [](const Tensor& a, const Tensor& b) {
    return a.empty() == b.empty() &&
           (a.empty() || (a.dtype() == b.dtype() && a.shape().with(0, 0) == b.shape().with(0, 0)));
  };
  for (const RawSplit& part : parts) {
    if (part.table || part.lazy) {
      throw DataError(text(part.file,
                           ": several files make one split only where they are arrays "
                           "in memory"));
    }
    if (alike(part.samples, first.samples) && alike(part.labels.classes, first.labels.classes) &&
        alike(part.labels.factors, first.labels.factors) &&
        alike(part.labels.factor_classes, first.labels.factor_classes)) {
      continue;
    }
    throw DataError(
        text(part.file, ": its samples or labels are of another form than those of ", first.file));
  }
  const auto all = [&](auto&& member) {
    std::vector<const Tensor*> arrays;
    for (const RawSplit& part : parts) arrays.push_back(&member(part));
    return joined(arrays);
  };
  RawSplit whole;
  whole.file = first.file;
  whole.labels = first.labels;
  whole.feature_names = first.feature_names;
  whole.samples = all([](const RawSplit& part) -> const Tensor& { return part.samples; });
  whole.labels.classes =
      all([](const RawSplit& part) -> const Tensor& { return part.labels.classes; });
  whole.labels.factors =
      all([](const RawSplit& part) -> const Tensor& { return part.labels.factors; });
  whole.labels.factor_classes =
      all([](const RawSplit& part) -> const Tensor& { return part.labels.factor_classes; });
  return whole;
}

RawSplits read_described(const Descriptor& descriptor, const ReadOptions& options,
                         const fs::path& root) {
  RawSplits splits;
  std::map<std::string, RawSplits> read;  // a file may hold several splits
  const auto part_of = [&](const DescribedFile& file, const std::string& split) {
    const std::string path = path_of(file, descriptor, root);
    if (!read.contains(path)) read[path] = read_file(path, options);
    RawSplits& inside = read.at(path);
    auto found = inside.extract(inside.contains("") ? "" : split);
    if (found.empty()) throw DataError(text(path, ": holds no split ", split));
    return std::move(found.mapped());
  };
  for (const auto& [split, files] : descriptor.files) {
    if (files.labels) {
      const std::string samples = path_of(files.samples, descriptor, root);
      splits[split] = read_pair(samples, path_of(*files.labels, descriptor, root), options);
      continue;
    }
    splits[split] = part_of(files.samples, split);
    if (files.further.empty()) continue;
    std::vector<RawSplit> parts = {std::move(splits[split])};
    for (const DescribedFile& file : files.further) parts.push_back(part_of(file, split));
    splits[split] = joined(parts);
  }
  return splits;
}

void apply_shape(RawSplits& splits, const Descriptor& descriptor) {
  if (descriptor.shape.empty()) return;
  const Shape wanted(descriptor.shape);
  for (auto& [split, raw] : splits) {
    if (raw.table) continue;
    const Shape got = raw.shape().without(0);
    if (got.size() != wanted.size()) {
      throw DataError(text(raw.file, ": the samples have shape ", got.to_text(), ", expected ",
                           wanted.to_text()));
    }
    std::vector<std::int64_t> extents = descriptor.shape;
    extents.insert(extents.begin(), raw.size());
    if (raw.lazy) {
      raw.lazy = reshaped(std::move(raw.lazy), Shape(extents));
    } else {
      raw.samples = raw.samples.reshaped(Shape(extents));
    }
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
    auto [taken, rest] = take_groups(train->rows, raw.at("train").groups, part, options.seed, what);
    train->rows = std::move(rest);
    splits.push_back({what, "train", std::move(taken)});
  };
  if (options.anomaly && !raw.contains("test")) {
    Rows& train = std::ranges::find(splits, "train", &SplitRows::name)->rows;
    const RawSplit& from = raw.at("train");
    auto [kept, scored] =
        divide_stratified(train, from.groups, from.labels, *options.anomaly, options.seed);
    train = std::move(kept);
    splits.push_back({"test", "train", std::move(scored)});
  } else {
    take("test", options.test);
  }
  if (options.anomaly && !options.anomaly->contaminated) {
    for (SplitRows& split : splits) {
      if (split.name == "test") continue;
      split.rows = normal_rows(split.rows, raw.at(split.from).labels, split.name);
    }
  }
  take("validation", options.validation);
  return splits;
}

// The time steps [first, end) of a split, and where they are.
struct SplitSteps {
  std::string name;
  std::string from;
  std::uint32_t first = 0;
  std::uint32_t end = 0;

  std::uint32_t size() const { return end - first; }
};

// Divided by time: what comes later is never trained on.
std::vector<SplitSteps> divide_by_time(const RawSplits& raw, const DataOptions& options) {
  std::vector<SplitSteps> splits;
  for (const auto& [name, split] : raw) {
    const std::int64_t steps = std::min(split.size(), options.limit.value_or(split.size()));
    splits.push_back({name, name, 0, static_cast<std::uint32_t>(steps)});
  }
  const auto take_end = [&](const char* what, double part) {
    if (raw.contains(what) || part == 0) return;
    SplitSteps& train = *std::ranges::find(splits, "train", &SplitSteps::name);
    const auto taken = static_cast<std::uint32_t>(std::lround(train.size() * part));
    train.end -= taken;
    splits.push_back({what, "train", train.end, train.end + taken});
  };
  const double test = options.anomaly
                          ? 1 - options.anomaly->train.value_or(AnomalyOptions::kSeriesTrain)
                          : options.test;
  take_end("test", test);
  take_end("validation", options.validation);
  return splits;
}

// The windows of each split, by their first time steps.
std::vector<SplitRows> choose_windows(const RawSplits& raw, const DataOptions& options) {
  const Windows windows{*options.window, options.stride};
  std::vector<SplitRows> splits;
  for (const SplitSteps& steps : divide_by_time(raw, options)) {
    Rows starts = window_starts(steps.first, steps.end, windows);
    if (starts.empty()) {
      throw OptionError(
          "window", text("has ", windows.size, " time steps, and the split ", steps.name, " has ",
                         steps.size(), "; choose a smaller window, or other parts"));
    }
    if (options.anomaly && !options.anomaly->contaminated && steps.name != "test") {
      starts =
          normal_windows(starts, raw.at(steps.from).labels.anomalies, windows.size, steps.name);
    }
    splits.push_back({steps.name, steps.from, std::move(starts)});
  }
  return splits;
}

void check_is_series(const RawSplits& raw) {
  for (const auto& [name, split] : raw) {
    if (split.table) continue;
    if (split.lazy) {
      throw OptionError("window", "needs time steps in memory; leave out in_memory: false");
    }
    if (split.shape().rank() == 2) continue;
    throw OptionError("window", text("needs rows of numbers, one a time step, and ", split.file,
                                     " has samples ", split.shape().without(0).to_text()));
  }
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

// Of tables; files of other formats come with theirs.
void label_tables(RawSplits& raw) {
  if (!raw.at("train").table) return;
  std::vector<const Table*> tables = {&*raw.at("train").table};
  for (const auto& [name, split] : raw) {
    if (!split.table) throw DataError(text(split.file, ": is no table, but the training data are"));
    if (name != "train") tables.push_back(&*split.table);
  }
  const auto labels = table_labels(tables);
  std::size_t next = 1;
  for (auto& [name, split] : raw) split.labels = labels[name == "train" ? 0 : next++];
}

void mark_anomalies(RawSplits& raw, const AnomalyOptions& options) {
  if (raw.contains("test") && options.train) {
    throw OptionError("anomaly.train",
                      "is for data without a test split of their own, and these have one");
  }
  std::vector<Labels*> all;
  for (auto& [name, split] : raw) all.push_back(&split.labels);
  mark_anomalies(all, options);
}

void note_times(const Table& table, DataSet& set) {
  const auto back = std::ranges::adjacent_find(table.times, std::ranges::greater());
  if (back == table.times.end()) return;
  set.notes.push_back(text(table.file, ": the time goes back after row ",
                           back - table.times.begin() + 1,
                           "; rows are taken in the order of the file"));
}

// Text columns become features as the training rows tell.
void encode_tables(RawSplits& raw, const Rows& training_rows, DataSet& set) {
  if (!raw.at("train").table) return;
  const Table& train = *raw.at("train").table;
  set.encoding = std::make_shared<TableEncoding>(train, training_rows);
  set.feature_names = set.encoding->feature_names();
  warn_of_distinct_texts(train, training_rows.size(), set);
  for (auto& [name, split] : raw) {
    split.samples = set.encoding->encode(*split.table, set.notes);
    if (set.windows) note_times(*split.table, set);
  }
  for (auto& [name, split] : raw) split.table.reset();
}

void check_shapes(const RawSplits& raw) {
  const RawSplit& train = raw.at("train");
  for (const auto& [name, split] : raw) {
    const Shape shape = split.shape().without(0), wanted = train.shape().without(0);
    if (shape == wanted) continue;
    throw DataError(text(split.file, ": samples of ", name, " have shape ", shape.to_text(),
                         ", those of training ", wanted.to_text()));
  }
}

std::uint32_t checksum_of(const RawSplits& raw) {
  uLong sum = crc32(0, nullptr, 0);
  for (const auto& [name, split] : raw) {
    if (split.lazy) {
      const std::uint32_t own = split.lazy->checksum();
      sum = crc32(sum, reinterpret_cast<const Bytef*>(&own), sizeof own);
    }
    for (const Tensor* part : {&split.samples, &split.labels.classes, &split.labels.factors,
                               &split.labels.factor_classes}) {
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

/// `rows` of what a split of the files holds; no copy where these are all.
std::shared_ptr<Source> source_of(const RawSplit& raw, const Rows& rows,
                                  std::shared_ptr<const FittedScaling> scaling) {
  const bool whole = std::ssize(rows) == raw.size();
  if (raw.lazy) {
    return whole ? std::make_shared<LazySource>(raw.lazy, raw.labels, std::move(scaling))
                 : std::make_shared<LazySource>(raw.lazy, raw.labels, std::move(scaling), rows);
  }
  return whole ? std::make_shared<MemorySource>(raw.samples, raw.labels, std::move(scaling))
               : std::make_shared<MemorySource>(raw.samples, raw.labels, std::move(scaling), rows);
}

void check_binarise(Binarise binarise, const ValueRange& range) {
  if (binarise == Binarise::None || range.within(0, 1)) return;
  throw OptionError("binarise", text("cannot be ", name_of(binarise), ": the data lie in [",
                                     range.least, ", ", range.greatest,
                                     "], it needs [0, 1]; set dataset.scaling to unit or minmax"));
}

// Rows become windows of rows, known by the first of them.
void make_windows(RawSplits& raw, const std::vector<SplitRows>& splits, DataSet& set) {
  const std::int64_t size = set.windows.size;
  std::map<std::string, std::shared_ptr<const Series>> series;
  for (auto& [name, split] : raw) {
    const std::int64_t steps = split.size();
    series[name] = std::make_shared<Series>(
        Series{std::move(split.samples), set.feature_names, split.labels.anomalies});
    split.labels = labels_of_windows(split.labels, steps, size);
    if (steps >= size) split.lazy = windows_of(series[name]->values, size);
  }
  for (const SplitRows& split : splits) set.series[split.name] = series.at(split.from);
  set.scaling = std::make_shared<FittedScaling>(scaling_of_windows(*set.scaling, size));
}

DataSet build(RawSplits raw, const DataOptions& options) {
  DataSet set;
  if (options.window) set.windows = {*options.window, options.stride};
  if (raw.contains("")) {
    auto only = raw.extract("");
    only.key() = "train";
    raw.insert(std::move(only));
  }
  label_tables(raw);
  if (options.anomaly) mark_anomalies(raw, *options.anomaly);
  if (set.windows) check_is_series(raw);
  const auto splits = set.windows ? choose_windows(raw, options) : choose_rows(raw, options);
  const Rows& samples = std::ranges::find(splits, "train", &SplitRows::name)->rows;
  const Rows training = set.windows ? steps_of_windows(samples, set.windows.size) : samples;
  encode_tables(raw, training, set);
  check_shapes(raw);
  if (set.feature_names.empty()) set.feature_names = raw.at("train").feature_names;
  set.checksum = checksum_of(raw);
  const RawSplit& train = raw.at("train");
  set.scaling = train.lazy
                    ? std::make_shared<FittedScaling>(options.scaling, *train.lazy, training)
                    : std::make_shared<FittedScaling>(options.scaling, train.samples, training);
  set.classes = class_count(raw);
  if (set.windows) make_windows(raw, splits, set);
  set.sample_shape = train.shape().without(0);
  set.directions = train.directions;
  check_binarise(options.binarise, set.scaling->range());
  set.binarise = options.binarise;
  set.binarise_seed = options.seed;
  set.samples = std::ssize(samples);
  for (const SplitRows& split : splits) {
    const RawSplit& from = raw.at(split.from);
    auto source = source_of(from, split.rows, set.scaling);
    // What is drawn afresh in each step of training is drawn there, from values as they are.
    const bool drawn_later = options.binarise == Binarise::Dynamic && split.name == "train";
    set.splits[split.name] =
        drawn_later ? source : binarised(source, options.binarise, options.seed, split.from);
  }
  set.labelled = choose_labelled(set.train().labels(), set.classes, options.labelled, options.seed);
  return set;
}

/// `options` are whole: what an experiment tells, and for the rest what the descriptor says.
RawSplits read_by_name(const Descriptor& descriptor, const ReadOptions& options,
                       const DataPlaces& places, std::optional<std::int64_t> limit) {
  RawSplits splits = descriptor.format == DataFormat::Glyphs    ? draw_glyphs(limit)
                     : descriptor.format == DataFormat::Sprites ? draw_sprites(options)
                     : descriptor.format == DataFormat::Features
                         ? draw_features(options)
                         : read_described(descriptor, options, places.root);
  // How large sprites are is an option of theirs.
  if (descriptor.format != DataFormat::Sprites) apply_shape(splits, descriptor);
  apply_class_names(splits, descriptor);
  return splits;
}

/// What is known of data that have been read before, or what `read` brings. How they are read, and
/// how many are drawn, is part of what they are.
RawSplits kept_or_read(const std::string& name, const ReadOptions& options,
                       std::optional<std::int64_t> limit, const DataPlaces& places,
                       const std::function<RawSplits()>& read) {
  if (places.kept == nullptr) return read();
  const std::string reading = config::emit_in_line(schema_of<ReadOptions>().write(options));
  return places.kept->get(text(name, " ", reading, " ", limit.value_or(0)), read);
}

/// What a name or a path stands for, as it is read.
struct NamedData {
  RawSplits splits;
  DataOptions options;  ///< whole: what is told, and for the rest what the descriptor says
  std::string name;
  std::string title;
};

NamedData read_named(const std::string& name_or_path, const DataOptions& options,
                     const DataPlaces& places) {
  if (is_path(name_or_path)) {
    RawSplits splits = kept_or_read(name_or_path, options.read, {}, places,
                                    [&] { return read_file(name_or_path, options.read); });
    return {std::move(splits), options, name_of_path(name_or_path), name_or_path};
  }
  const Descriptor descriptor = find_descriptor(name_or_path, places.descriptors);
  DataOptions chosen = options;
  if (chosen.scaling == Scaling::Auto) chosen.scaling = descriptor.scaling;
  chosen.read = merged(options.read, descriptor);
  RawSplits splits = kept_or_read(name_or_path, chosen.read, options.limit, places, [&] {
    return read_by_name(descriptor, chosen.read, places, options.limit);
  });
  return {std::move(splits), std::move(chosen), descriptor.name, descriptor.title};
}

void check(const DataOptions& options) {
  for (const auto& [name, part] :
       {std::pair{"validation", options.validation}, {"test", options.test}}) {
    if (!(part >= 0 && part < 1)) throw OptionError(name, text("must be in [0, 1), got ", part));
  }
  if (options.labelled && *options.labelled < 1) {
    throw OptionError("labelled", text("must be >= 1, got ", *options.labelled));
  }
  if (options.anomaly && options.test != DataOptions().test) {
    throw OptionError("test", "cannot be given beside anomaly, whose train says what is scored");
  }
  const std::int64_t window = options.window.value_or(1);
  if (window < 1) throw OptionError("window", text("must be >= 1, got ", window));
  if (options.stride < 1) throw OptionError("stride", text("must be >= 1, got ", options.stride));
  if (options.stride > window) {
    throw OptionError("stride", options.window
                                    ? text("is ", options.stride, ", and a window has ", window,
                                           " time steps, so that some would be in no window and "
                                           "have no score; choose at most ",
                                           window)
                                    : "is from one window to the next; give window as well");
  }
  if (options.limit && *options.limit < 1) {
    throw OptionError("limit", text("must be >= 1, got ", *options.limit));
  }
}

/// How a further file is read: its columns hold what those of the training's tables did, and its
/// pictures are whole and as colourful as the training's, or their patches, were.
ReadOptions reading_of_input(const DataForm& form) {
  ReadOptions options = form.read;
  options.feature_names_array.clear();
  if (const int rank = form.sample_shape.rank(); rank == 2 || rank == 3) {
    if (!options.images) options.images.emplace();
    options.images->color = rank == 2 ? ImageOptions::Color::Grey : ImageOptions::Color::Rgb;
    options.images->patches.reset();
  }
  if (form.encoding == nullptr) return options;
  for (const TableEncoding::Feature& feature : form.encoding->features()) {
    options.table.features.push_back(feature.name);
    if (feature.is_text) options.table.categories.push_back(feature.name);
  }
  return options;
}

RawSplits read_input(const std::string& name_or_path, const DataForm& form,
                     const DataPlaces& places) {
  ReadOptions options = reading_of_input(form);
  try {
    if (is_path(name_or_path)) {
      try {
        return read_file(name_or_path, options);
      } catch (const OptionError& error) {
        if (error.option() != "labels_array") throw;
        options.labels_array.clear();  // it need not have any
        return read_file(name_or_path, options);
      }
    }
    const Descriptor descriptor = find_descriptor(name_or_path, places.descriptors);
    const bool same = descriptor.name == form.name;
    return read_by_name(descriptor, merged(same ? options : ReadOptions(), descriptor), places,
                        std::nullopt);
  } catch (const OptionError& error) {
    throw DataError(text(name_or_path, ": is not like the training data: `", error.option(), "` ",
                         error.reason()));
  }
}

/// All of a series, in windows.
std::shared_ptr<Source> series_input(const RawSplit& split, const DataForm& form,
                                     const char* called) {
  const std::int64_t size = form.windows.size, steps = split.size();
  if (split.lazy || split.shape().rank() != 2 || split.shape()[1] != form.columns()) {
    throw DataError(text(split.file, ": the samples have shape ",
                         split.shape().without(0).to_text(),
                         ", the model was trained on windows of time steps with ", form.columns(),
                         form.columns() == 1 ? " column" : " columns"));
  }
  if (steps < size) {
    throw DataError(text(split.file, ": has ", steps,
                         " time steps, the model was trained on windows of ", size));
  }
  auto source = std::make_shared<LazySource>(
      windows_of(split.samples, size), labels_of_windows(split.labels, steps, size), form.scaling,
      window_starts(0, static_cast<std::uint32_t>(steps), form.windows));
  return binarised(std::move(source), form.binarise, form.binarise_seed, called);
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
  const bool path = is_path(name_or_path);
  const DataFormat format =
      path ? format_of(name_or_path) : find_descriptor(name_or_path, places.descriptors).format;
  const std::string what = path               ? name_or_path + " is "
                           : is_drawn(format) ? name_or_path + " are "
                                              : text("the data set ", name_or_path, " is ");
  std::vector<OptionError> errors;
  for (const ForeignOption& each : foreign_options(options, format)) {
    errors.emplace_back(each.name,
                        text("is an option of ", each.owners, "; ", what, name_of(format)));
  }
  return errors;
}

void read_ahead(const std::string& name_or_path, const DataOptions& options,
                const DataPlaces& places) {
  read_named(name_or_path, options, places);
}

DataSet load_data_set(const std::string& name_or_path, const DataOptions& options,
                      const DataPlaces& places) {
  check(options);
  const auto foreign = foreign_options(name_or_path, options.read, places);
  if (!foreign.empty()) throw foreign.front();
  NamedData data = read_named(name_or_path, options, places);
  DataSet set = build(std::move(data.splits), data.options);
  set.name = std::move(data.name);
  set.title = std::move(data.title);
  set.read = std::move(data.options.read);
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
  if (form.windows) return series_input(split, form, *wanted == '\0' ? "input" : wanted);
  const Shape shape = split.shape().without(0);
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
  std::shared_ptr<Source> source;
  if (split.lazy) {
    source = std::make_shared<LazySource>(split.lazy, split.labels, form.scaling);
  } else {
    source = std::make_shared<MemorySource>(split.samples, split.labels, form.scaling);
  }
  return binarised(std::move(source), form.binarise, form.binarise_seed,
                   *wanted == '\0' ? "input" : wanted);
}

}  // namespace hourglass
