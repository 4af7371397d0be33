#include <hourglass/core/error.hpp>
#include <hourglass/data/series.hpp>

#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <numeric>

namespace hourglass {
namespace {

/// The series column after column, so that a window is a piece of each.
class SeriesWindows final : public LazySamples {
 public:
  SeriesWindows(const Tensor& series, std::int64_t size)
      : steps_(series.shape()[0]),
        columns_(series.shape()[1]),
        element_(size_of(series.dtype())),
        size_(size),
        shape_({steps_ - size + 1, columns_ * size}),
        values_(Shape{columns_, steps_}, series.dtype()) {
    for (std::int64_t step = 0; step < steps_; ++step) {
      for (std::int64_t column = 0; column < columns_; ++column) {
        std::memcpy(at(column, step), series.raw() + bytes(step * columns_ + column), element_);
      }
    }
  }

  const Shape& shape() const override { return shape_; }
  DType dtype() const override { return values_.dtype(); }
  void read(std::span<const std::uint32_t> rows, std::byte* out) const override {
    for (const std::uint32_t start : rows) {
      for (std::int64_t column = 0; column < columns_; ++column) {
        out = std::copy_n(values_.raw() + bytes(column * steps_ + start), bytes(size_), out);
      }
    }
  }
  std::uint32_t checksum() const override {
    const auto* data = reinterpret_cast<const Bytef*>(values_.raw());
    return static_cast<std::uint32_t>(crc32_z(crc32(0, nullptr, 0), data, values_.bytes()));
  }

 private:
  std::size_t bytes(std::int64_t elements) const {
    return static_cast<std::size_t>(elements) * element_;
  }
  std::byte* at(std::int64_t column, std::int64_t step) {
    return values_.raw() + bytes(column * steps_ + step);
  }

  std::int64_t steps_, columns_;
  std::size_t element_;
  std::int64_t size_;
  Shape shape_;
  Tensor values_;
};

}  // namespace

Rows window_starts(std::uint32_t first, std::uint32_t end, const Windows& windows) {
  const auto size = static_cast<std::uint32_t>(windows.size);
  const auto stride = static_cast<std::uint32_t>(windows.stride);
  Rows starts;
  if (end < first || end - first < size) return starts;
  const std::uint32_t last = end - size;
  for (std::uint64_t start = first; start <= last; start += stride) {
    starts.push_back(static_cast<std::uint32_t>(start));
  }
  if (starts.back() != last) starts.push_back(last);
  return starts;
}

Rows steps_of_windows(const Rows& starts, std::int64_t size) {
  Rows steps;
  std::uint32_t next = 0;
  for (const std::uint32_t start : starts) {
    const auto end = start + static_cast<std::uint32_t>(size);
    for (next = std::max(next, start); next < end; ++next) steps.push_back(next);
  }
  return steps;
}

Rows normal_windows(const Rows& starts, const Tensor& anomalies, std::int64_t size,
                    const std::string& split) {
  const auto truth = anomalies.values<std::uint8_t>();
  Rows result;
  for (const std::uint32_t start : starts) {
    const auto window = truth.subspan(start, static_cast<std::size_t>(size));
    if (std::ranges::find(window, 1) == window.end()) result.push_back(start);
  }
  if (result.empty()) {
    throw OptionError("anomaly", text("leaves no window of ", size,
                                      " time steps without an anomaly in the split ", split,
                                      ", of ", starts.size(),
                                      "; choose a smaller window, or "
                                      "another part for training"));
  }
  return result;
}

std::shared_ptr<const LazySamples> windows_of(const Tensor& series, std::int64_t size) {
  return std::make_shared<SeriesWindows>(series, size);
}

Labels labels_of_windows(const Labels& labels, std::int64_t count, std::int64_t size) {
  Rows last(static_cast<std::size_t>(count - size + 1));
  std::iota(last.begin(), last.end(), static_cast<std::uint32_t>(size - 1));
  Labels result = labels.chosen(last);
  if (!labels.has_anomalies()) return result;
  const auto truth = labels.anomalies.values<std::uint8_t>();
  std::int64_t since = size;  // how many steps ago the last anomaly was
  for (std::int64_t step = 0; step < count; ++step) {
    since = truth[static_cast<std::size_t>(step)] != 0 ? 0 : since + 1;
    if (step < size - 1) continue;
    result.anomalies.values<std::uint8_t>()[static_cast<std::size_t>(step - size + 1)] =
        since < size ? 1 : 0;
  }
  return result;
}

FittedScaling scaling_of_windows(const FittedScaling& scaling, std::int64_t size) {
  ValueRange range = scaling.range();
  range.sums_to_one = range.sums_to_one && size == 1;
  const std::size_t columns = scaling.scale().size();
  const std::size_t times = columns == 1 ? 1 : static_cast<std::size_t>(size);  // one is for all
  std::vector<double> scale, offset;
  for (std::size_t column = 0; column < columns; ++column) {
    scale.insert(scale.end(), times, scaling.scale()[column]);
    offset.insert(offset.end(), times, scaling.offset()[column]);
  }
  return {scaling.kind(), std::move(scale), std::move(offset), range};
}

}  // namespace hourglass
