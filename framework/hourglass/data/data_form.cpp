#include <hourglass/config/emit.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/data/data_form.hpp>

#include <algorithm>
#include <span>
#include <utility>
#include <vector>

namespace hourglass {
namespace {

constexpr std::size_t kMostAxes = Shape::kMaxRank - 1;  // a batch has one more
constexpr std::int64_t kMostFeatures = std::int64_t{1} << 28;

template <class T>
Tensor list_tensor(std::span<const T> values) {
  Tensor tensor({static_cast<std::int64_t>(values.size())}, dtype_of<T>());
  std::ranges::copy(values, tensor.values<T>().begin());
  return tensor;
}

Tensor bytes_tensor(const std::string& bytes) {
  return list_tensor(std::span(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()));
}

/// Texts one after another, each followed by a zero byte, which no text holds.
std::string terminated(const std::vector<std::string>& texts) {
  std::string all;
  for (const std::string& each : texts) all.append(each).push_back('\0');
  return all;
}

/// One group of a file, whose content is checked as it is read.
class Group {
 public:
  Group(const hdf5::Reader& file, std::string name) : file_(file), name_(std::move(name)) {}

  [[noreturn]] void fail(const std::string& what) const {
    throw DataError(text(file_.path().string(), ": ", name_, ": ", what));
  }
  bool has(const char* dataset) const { return file_.is_dataset(path(dataset)); }
  std::string word(const char* attribute) const { return file_.text_attribute(name_, attribute); }
  double number(const char* attribute) const { return file_.number_attribute(name_, attribute); }
  std::int64_t integer(const char* attribute) const {
    return file_.integer_attribute(name_, attribute);
  }

  /// What older files lack.
  std::int64_t integer_or(const char* attribute, std::int64_t standard) const {
    return file_.has_attribute(name_, attribute) ? integer(attribute) : standard;
  }

  template <class T>
  std::vector<T> list(const char* dataset) const {
    const Tensor tensor = file_.read(path(dataset));
    if (tensor.dtype() != dtype_of<T>() || tensor.shape().rank() != 1) {
      fail(text("\"", dataset, "\" should be a list of ", name_of(dtype_of<T>())));
    }
    return {tensor.values<T>().begin(), tensor.values<T>().end()};
  }
  std::string bytes(const char* dataset) const {
    const auto values = list<std::uint8_t>(dataset);
    return {values.begin(), values.end()};
  }
  std::vector<std::string> texts(const char* dataset) const {
    const std::string all = bytes(dataset);
    if (!all.empty() && all.back() != '\0') fail(text("\"", dataset, "\" ends within a text"));
    std::vector<std::string> result;
    for (std::size_t at = 0; at < all.size(); at += result.back().size() + 1) {
      result.emplace_back(all.c_str() + at);
      if (!config::is_utf8(result.back())) fail(text("\"", dataset, "\" is not text in UTF-8"));
    }
    return result;
  }

  Shape sample_shape() const {
    const auto extents = file_.integers_attribute(name_, "sample_shape");
    std::int64_t features = 1;
    for (const std::int64_t extent : extents) {
      const bool good = extent >= 1 && extent <= kMostFeatures / features;
      if (!good) fail(text("a sample has an extent of ", extent));
      features *= extent;
    }
    if (extents.empty() || extents.size() > kMostAxes) {
      fail(text("a sample has ", extents.size(), " axes"));
    }
    return Shape(extents);
  }

  FittedScaling scaling(const Shape& sample) const {
    auto scale = list<double>("scale");
    auto offset = list<double>("offset");
    if (scale.size() != 1 && static_cast<std::int64_t>(scale.size()) != sample.size()) {
      fail(text("has ", scale.size(), " scales for samples ", sample.to_text()));
    }
    const ValueRange range{static_cast<float>(number("least")),
                           static_cast<float>(number("greatest")), integer("sums_to_one") == 1,
                           integer_or("binary", 0) == 1};
    try {
      return {scaling_named(word("scaling")), std::move(scale), std::move(offset), range};
    } catch (const Error& error) {
      fail(error.what());
    }
  }

  Binarise binarise() const {
    if (!file_.has_attribute(name_, "binarise")) return Binarise::None;
    try {
      return binarise_named(word("binarise"));
    } catch (const ConfigError& error) {
      fail(error.what());
    }
  }

  Windows windows(const Shape& sample) const {
    const Windows windows{integer_or("window", 0), integer_or("stride", 1)};
    const bool whole = windows.size == 0 ||
                       (windows.size > 0 && sample.rank() == 1 && sample[0] % windows.size == 0);
    if (!whole || windows.stride < 1 || windows.stride > std::max<std::int64_t>(windows.size, 1)) {
      fail(text("windows of ", windows.size, " time steps, one every ", windows.stride,
                ", are not samples ", sample.to_text()));
    }
    return windows;
  }

  ReadOptions reading() const {
    try {
      config::Problems problems;
      const config::Node node = config::parse_text(bytes("reading"), name_ + "/reading", problems);
      ReadOptions options = schema_of<ReadOptions>().read(node, problems);
      problems.throw_if_any();
      return options;
    } catch (const ConfigError& error) {
      fail(error.what());
    }
  }

  TableEncoding encoding(const Shape& sample) const {
    const auto names = texts("columns");
    const auto counts = list<std::int64_t>("category_counts");
    const auto categories = texts("categories");
    if (counts.size() != names.size()) fail("its columns and category_counts do not agree");
    std::vector<TableEncoding::Feature> features;
    std::size_t used = 0;
    std::int64_t width = 0;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const bool is_text = counts[i] >= 0;
      const auto count = static_cast<std::size_t>(std::max<std::int64_t>(counts[i], 0));
      if (counts[i] < -1 || count > categories.size() - used) {
        fail("its categories and category_counts do not agree");
      }
      const auto first = categories.begin() + static_cast<std::ptrdiff_t>(used);
      features.push_back({names[i], is_text, {first, first + static_cast<std::ptrdiff_t>(count)}});
      used += count;
      width += is_text ? counts[i] : 1;
    }
    if (used != categories.size() || sample != Shape{width}) {
      fail(text("its columns do not make samples ", sample.to_text()));
    }
    try {
      return TableEncoding(std::move(features));
    } catch (const DataError& error) {
      fail(error.what());
    }
  }

 private:
  std::string path(const char* dataset) const { return text(name_, "/", dataset); }

  const hdf5::Reader& file_;
  std::string name_;
};

}  // namespace

ValueRange DataForm::range() const {
  if (binarise == Binarise::None) return scaling->range();
  return {.least = 0, .greatest = 1, .sums_to_one = false, .binary = true};
}

void write_data_form(hdf5::Writer& file, const std::string& group, const DataForm& form) {
  file.create_group(group);
  file.set_attribute(group, "name", form.name);
  file.set_attribute(group, "sample_shape",
                     std::vector<std::int64_t>(form.sample_shape.begin(), form.sample_shape.end()));
  const FittedScaling& scaling = *form.scaling;
  file.set_attribute(group, "scaling", std::string(name_of(scaling.kind())));
  file.set_attribute(group, "least", static_cast<double>(scaling.range().least));
  file.set_attribute(group, "greatest", static_cast<double>(scaling.range().greatest));
  file.set_attribute(group, "sums_to_one", std::int64_t{scaling.range().sums_to_one});
  file.set_attribute(group, "binary", std::int64_t{scaling.range().binary});
  file.set_attribute(group, "binarise", std::string(name_of(form.binarise)));
  file.set_attribute(group, "binarise_seed", static_cast<std::int64_t>(form.binarise_seed));
  file.set_attribute(group, "samples", form.samples);
  file.set_attribute(group, "classes", form.classes);
  if (form.windows) {
    file.set_attribute(group, "window", form.windows.size);
    file.set_attribute(group, "stride", form.windows.stride);
  }
  file.set_attribute(group, "checksum", std::int64_t{form.checksum});
  file.write(group + "/scale", list_tensor(std::span(scaling.scale())));
  file.write(group + "/offset", list_tensor(std::span(scaling.offset())));
  file.write(group + "/reading",
             bytes_tensor(config::emit(schema_of<ReadOptions>().write(form.read))));
  if (form.encoding == nullptr) return;

  std::vector<std::string> names, categories;
  std::vector<std::int64_t> counts;
  for (const TableEncoding::Feature& feature : form.encoding->features()) {
    names.push_back(feature.name);
    counts.push_back(feature.is_text ? static_cast<std::int64_t>(feature.categories.size()) : -1);
    categories.insert(categories.end(), feature.categories.begin(), feature.categories.end());
  }
  file.write(group + "/columns", bytes_tensor(terminated(names)));
  file.write(group + "/category_counts", list_tensor(std::span<const std::int64_t>(counts)));
  file.write(group + "/categories", bytes_tensor(terminated(categories)));
}

DataForm read_data_form(const hdf5::Reader& file, const std::string& group) {
  const Group stored(file, group);
  DataForm form;
  form.name = stored.word("name");
  form.sample_shape = stored.sample_shape();
  form.scaling = std::make_shared<FittedScaling>(stored.scaling(form.sample_shape));
  form.binarise = stored.binarise();
  form.binarise_seed = static_cast<std::uint64_t>(stored.integer_or("binarise_seed", 0));
  form.samples = stored.integer_or("samples", 0);
  if (form.samples < 0) stored.fail(text("it was trained on ", form.samples, " samples"));
  form.classes = stored.integer("classes");
  if (form.classes < 0 || form.classes > kMostFeatures) {
    stored.fail(text("there are ", form.classes, " classes"));
  }
  form.windows = stored.windows(form.sample_shape);
  form.read = stored.reading();
  form.checksum = static_cast<std::uint32_t>(stored.integer("checksum"));
  if (stored.has("columns")) {
    // A window has each column several times.
    const Shape row = form.windows ? Shape{form.columns()} : form.sample_shape;
    form.encoding = std::make_shared<TableEncoding>(stored.encoding(row));
  }
  return form;
}

std::string difference(const DataForm& before, const DataForm& now) {
  if (before.sample_shape != now.sample_shape) {
    return text("samples had shape ", before.sample_shape.to_text(), ", now they have ",
                now.sample_shape.to_text());
  }
  if (before.windows != now.windows) {
    return text("windows had ", before.windows.size, " time steps, one every ",
                before.windows.stride, ", now they have ", now.windows.size, ", one every ",
                now.windows.stride);
  }
  const bool tables = before.encoding && now.encoding;
  if (tables && before.encoding->features() != now.encoding->features()) {
    return "columns or their categories are others";
  }
  if (before.checksum != now.checksum) return "their content is another";
  return {};
}

}  // namespace hourglass
