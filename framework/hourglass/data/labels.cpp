#include <hourglass/data/labels.hpp>

#include <algorithm>

namespace hourglass {
namespace {

constexpr std::int64_t kMostClasses = std::int64_t{1} << 32;  // there are no more samples

template <class T>
Tensor chosen_rows(const Tensor& from, std::span<const std::uint32_t> rows) {
  const std::int64_t width = from.shape().size() / std::max<std::int64_t>(from.shape()[0], 1);
  Tensor result(from.shape().with(0, static_cast<std::int64_t>(rows.size())), dtype_of<T>());
  T* to = result.values<T>().data();
  for (const std::uint32_t row : rows) {
    to = std::copy_n(from.values<T>().data() + row * width, width, to);
  }
  return result;
}

}  // namespace

std::int64_t Labels::class_count() const {
  if (!has_classes()) return 0;
  const auto values = classes.values<std::int64_t>();
  if (values.empty()) return 0;
  const auto [least, greatest] = std::ranges::minmax(values);
  if (!class_names.empty()) return static_cast<std::int64_t>(class_names.size());
  if (least < -1 || greatest >= kMostClasses) return 0;
  if (least == -1 && std::ranges::find(values, 0) == values.end()) return 0;
  return greatest + 1;
}

std::vector<std::uint32_t> Labels::labelled(std::int64_t count) const {
  std::vector<std::uint32_t> rows;
  if (!has_classes()) return rows;
  std::uint32_t row = 0;
  for (const std::int64_t value : classes.values<std::int64_t>()) {
    if (value >= 0 && value < count) rows.push_back(row);
    ++row;
  }
  return rows;
}

Labels Labels::chosen(std::span<const std::uint32_t> rows) const {
  Labels result;
  result.class_names = class_names;
  result.factor_names = factor_names;
  if (has_classes()) result.classes = chosen_rows<std::int64_t>(classes, rows);
  if (has_factors()) result.factors = chosen_rows<float>(factors, rows);
  if (!factor_classes.empty()) {
    result.factor_classes = chosen_rows<std::int32_t>(factor_classes, rows);
  }
  if (has_anomalies()) result.anomalies = chosen_rows<std::uint8_t>(anomalies, rows);
  return result;
}

}  // namespace hourglass
