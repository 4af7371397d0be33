#include <hourglass/core/error.hpp>
#include <hourglass/core/room.hpp>
#include <hourglass/evaluate/latents.hpp>
#include <hourglass/plugin/metric.hpp>
#include <hourglass/storage/csv.hpp>

#include <algorithm>

namespace hourglass {
namespace {

constexpr std::int64_t kMostBytes = 256'000'000;
// HDF5 keeps attributes of up to 64 KiB.
constexpr std::size_t kLongestNames = 60'000;

// Which sample of its file each sample is: a split of a file has rows of its own.
Tensor index_of(const Source& source) {
  Tensor index(Shape{source.size()}, DType::U32);
  std::uint32_t next = 0;
  for (std::uint32_t& place : index.values<std::uint32_t>()) {
    place = source.row(next++);
  }
  return index;
}

void write_names(hdf5::Writer& file, const std::string& path,
                 const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) {
    if (!joined.empty()) joined += ',';
    joined += csv::field(std::string_view(name));
  }
  if (!names.empty() && joined.size() <= kLongestNames) {
    file.set_attribute(path, "names", joined);
  }
}

void write_labels(hdf5::Writer& file, const std::string& split, const Labels& labels) {
  if (labels.has_classes()) {
    file.write(split + "/labels", labels.classes);
    write_names(file, split + "/labels", labels.class_names);
  }
  if (labels.has_factors()) {
    file.write(split + "/factors", labels.factors);
    write_names(file, split + "/factors", labels.factor_names);
  }
  if (!labels.factor_classes.empty()) {
    file.write(split + "/factor_classes", labels.factor_classes);
    write_names(file, split + "/factor_classes", labels.factor_names);
  }
}

void write_sparse_codes(hdf5::Writer& file, const std::string& group, Model& model,
                        const Source& source, std::uint32_t split) {
  const Shape& shape = model.code_shape();
  std::vector<float> data;
  std::vector<std::uint32_t> columns;
  std::vector<std::int64_t> starts{0};
  model.encode(source, split,
               [&](std::span<const std::uint32_t> indices, const float*, const float* codes) {
                 for (std::size_t row = 0; row < indices.size(); ++row, codes += shape.size()) {
                   for (std::int64_t i = 0; i < shape.size(); ++i) {
                     if (codes[i] == 0) continue;
                     data.push_back(codes[i]);
                     columns.push_back(static_cast<std::uint32_t>(i));
                   }
                   starts.push_back(std::ssize(data));
                 }
               });
  const auto write = [&]<class T>(const char* name, const std::vector<T>& values) {
    Tensor tensor(Shape{std::ssize(values)}, dtype_of<T>());
    std::ranges::copy(values, tensor.values<T>().begin());
    file.write(group + name, tensor);
  };
  write("/data", data);
  write("/indices", columns);
  write("/indptr", starts);
  file.set_attribute(group + "/data", "shape",
                     std::vector<std::int64_t>(shape.begin(), shape.end()));
}

const Source& split_of(const DataSet& data, const std::string& split) {
  if (const Source* source = data.find(split)) return *source;
  throw ConfigError(text("the data set ", data.name, " has no split \"", split,
                         "\" to write codes of; it has: ", split_names(data)));
}

}  // namespace

void write_codes(hdf5::Writer& file, const std::string& path, Model& model, const Source& source,
                 std::uint32_t split) {
  const Shape& shape = model.code_shape();
  const std::int64_t size = shape.size();
  file.create(path, Shape{source.size(), size}, DType::F32);
  file.set_attribute(path, "shape", std::vector<std::int64_t>(shape.begin(), shape.end()));
  std::int64_t first = 0;
  model.encode(source, split,
               [&](std::span<const std::uint32_t> indices, const float*, const float* codes) {
                 Tensor rows(Shape{static_cast<std::int64_t>(indices.size()), size});
                 std::copy_n(codes, rows.size(), rows.floats().begin());
                 file.write_rows(path, first, rows);
                 first += rows.shape()[0];
               });
}

std::optional<Tensor> read_codes(const hdf5::Reader& file, const std::string& group) {
  if (file.is_dataset(group + "/codes")) return file.read(group + "/codes");
  if (!file.is_dataset(group + "/data")) return std::nullopt;
  const auto fail = [&](const char* what) {
    throw DataError(text(file.path().string(), ": ", group, ": ", what,
                         ", so data, indices and indptr are no sparse rows"));
  };
  const Tensor data = file.read(group + "/data").to_f32();
  const Tensor indices = file.read(group + "/indices"), starts = file.read(group + "/indptr");
  if (indices.dtype() != DType::U32 || starts.dtype() != DType::I64 || starts.size() < 1) {
    fail("a dataset is of another type");
  }
  std::int64_t size = 1;
  for (const std::int64_t extent : file.integers_attribute(group + "/data", "shape")) {
    if (extent < 1 || extent > (std::int64_t{1} << 32) / size) fail("the shape is none of a code");
    size *= extent;
  }
  const auto columns = indices.values<std::uint32_t>();
  const auto begins = starts.values<std::int64_t>();
  if (std::ssize(columns) != data.size() || begins.front() != 0 || begins.back() != data.size() ||
      !std::ranges::is_sorted(begins)) {
    fail("the numbers of pairs differ");
  }
  if (std::ranges::any_of(columns, [&](auto column) { return column >= size; })) {
    fail("a column is outside of the code");
  }
  const Shape shape{std::ssize(begins) - 1, size};
  if (const std::string lack = lack_of_room(shape); !lack.empty()) {
    throw DataError(
        text(file.path().string(), ": ", group, ": codes ", shape.to_text(), " ", lack));
  }
  Tensor codes(shape);
  for (std::int64_t row = 0; row < shape[0]; ++row) {
    for (std::int64_t i = begins[row]; i < begins[row + 1]; ++i) {
      codes.floats()[row * size + columns[i]] = data.floats()[i];
    }
  }
  return codes;
}

std::vector<std::string> default_latent_splits(Model& model, const DataSet& data) {
  const Source* test = data.find("test");
  if (test == nullptr) return {"train"};
  const std::int64_t bytes = 4 * model.code_shape().size();
  if (data.train().size() + test->size() > kMostBytes / bytes) return {"test"};
  return {"train", "test"};
}

void write_latents(const std::filesystem::path& path, Model& model, const DataSet& data,
                   const std::vector<std::string>& splits, const LatentColumns& more) {
  for (const std::string& split : splits) split_of(data, split);
  hdf5::Writer file(path);
  file.set_attribute("", "format", std::string("hourglass-latents"));
  file.set_attribute("", "format_version", std::int64_t{1});
  for (const std::string& split : splits) {
    const Source& source = split_of(data, split);
    if (model.traits().sparse_code) {
      write_sparse_codes(file, split, model, source, split_number(split));
    } else {
      write_codes(file, split + "/codes", model, source, split_number(split));
    }
    file.write(split + "/index", index_of(source));
    write_labels(file, split, source.labels());
    if (!more) continue;
    for (const auto& [name, column] : more(split)) file.write(split + "/" + name, column);
  }
  file.commit();
}

}  // namespace hourglass
