#include <hourglass/core/error.hpp>
#include <hourglass/data/scaling.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace hourglass {
namespace {

constexpr std::pair<Scaling, std::string_view> kScalingNames[] = {
    {Scaling::Auto, "auto"},
    {Scaling::None, "none"},
    {Scaling::Unit, "unit"},
    {Scaling::Symmetric, "symmetric"},
    {Scaling::Standardise, "standardise"},
    {Scaling::MinMax, "minmax"}};

constexpr std::int64_t kBlockBytes = 1 << 20;

bool has_one_scale(Scaling scaling, const Shape& shape) {
  if (scaling == Scaling::Auto) return shape.rank() > 2;
  return scaling != Scaling::Standardise && scaling != Scaling::MinMax;
}

struct Line {
  double scale = 1;
  double offset = 0;
};

Line unit_line(double least, double greatest, DType dtype) {
  if (least >= 0 && greatest <= 1) return {};
  if (dtype == DType::U8) return {255, 0};
  if (dtype == DType::U16) return {65535, 0};
  return {greatest > least ? greatest - least : 1, least};
}

template <class T, class Wide>
void scale_row(const T* __restrict in, std::int64_t width, std::span<const Wide> factor,
               std::span<const Wide> offset, float* __restrict out) {
  // The pragmas: -O2 by itself makes no vector code of loops of any length.
  if (factor.size() == 1) {
    const Wide f = factor[0];
    const Wide o = offset[0];
#pragma omp simd
    for (std::int64_t i = 0; i < width; ++i) {
      out[i] = static_cast<float>((static_cast<Wide>(in[i]) - o) * f);
    }
  } else {
    const Wide* f = factor.data();
    const Wide* o = offset.data();
#pragma omp simd
    for (std::int64_t i = 0; i < width; ++i) {
      out[i] = static_cast<float>((static_cast<Wide>(in[i]) - o[i]) * f[i]);
    }
  }
}

}  // namespace

/// The rows that a scaling is fitted to, and what it asks of them.
class FittedScaling::Training {
 public:
  Training(const Tensor& samples, std::span<const std::uint32_t> rows)
      : Training(samples.shape(), samples.dtype(), rows) {
    samples_ = &samples;
    find_extremes();
  }
  Training(Scaling scaling, const LazySamples& samples, std::span<const std::uint32_t> rows)
      : Training(samples.shape(), samples.dtype(), rows) {
    lazy_ = &samples;
    const auto bounds = samples.bounds();
    if (bounds && has_one_scale(scaling, shape_)) {
      least_.assign(least_.size(), bounds->least);
      greatest_.assign(greatest_.size(), bounds->greatest);
    } else {
      find_extremes();
    }
  }

  const Shape& shape() const { return shape_; }
  DType dtype() const { return dtype_; }
  std::int64_t width() const { return width_; }
  bool any() const { return count_ > 0 && width_ > 0; }
  const std::vector<double>& least() const { return least_; }
  const std::vector<double>& greatest() const { return greatest_; }
  double least_of_all() const { return *std::ranges::min_element(least_); }
  double greatest_of_all() const { return *std::ranges::max_element(greatest_); }
  bool constant(std::int64_t feature) const { return least_[feature] == greatest_[feature]; }

  std::vector<double> means() const {
    std::vector<double> mean(width_);
    each_value([&](std::int64_t feature, double value) { mean[feature] += value; });
    for (double& sum : mean) sum /= static_cast<double>(count_);
    return mean;
  }
  std::vector<double> deviations(const std::vector<double>& mean) const {
    std::vector<double> result(width_);
    each_value([&](std::int64_t feature, double value) {
      result[feature] += (value - mean[feature]) * (value - mean[feature]);
    });
    for (double& sum : result) sum = std::sqrt(sum / static_cast<double>(count_));
    return result;
  }
  /// test(sample)
  template <class Test>
  bool every_sample(Test&& test) const {
    const std::int64_t bytes = width_ * static_cast<std::int64_t>(size_of(dtype_));
    return every_block([&](const std::byte* samples, std::int64_t count) {
      for (std::int64_t i = 0; i < count; ++i) {
        if (!test(samples + i * bytes)) return false;
      }
      return true;
    });
  }

 private:
  Training(const Shape& shape, DType dtype, std::span<const std::uint32_t> rows)
      : shape_(shape), dtype_(dtype), rows_(rows) {
    const std::int64_t all = shape[0];
    count_ = rows.empty() ? all : static_cast<std::int64_t>(rows.size());
    width_ = all == 0 ? 0 : shape.size() / all;
    least_.assign(width_, std::numeric_limits<double>::infinity());
    greatest_.assign(width_, -std::numeric_limits<double>::infinity());
  }

  // body(samples one after another, how many): whether to go on. Of an array these are all rows or
  // single ones, as they stand; others are read.
  template <class Body>
  bool every_block(Body&& body) const {
    const std::int64_t bytes = width_ * static_cast<std::int64_t>(size_of(dtype_));
    if (samples_ != nullptr) {
      if (rows_.empty()) return body(samples_->raw(), count_);
      return std::ranges::all_of(
          rows_, [&](std::uint32_t row) { return body(samples_->raw() + row * bytes, 1); });
    }
    const std::int64_t most =
        std::clamp<std::int64_t>(kBlockBytes / std::max<std::int64_t>(bytes, 1), 1, count_);
    std::vector<std::byte> block(static_cast<std::size_t>(most * bytes));
    std::vector<std::uint32_t> rows;
    for (std::int64_t first = 0; first < count_; first += most) {
      rows.resize(static_cast<std::size_t>(std::min(most, count_ - first)));
      for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto at = static_cast<std::size_t>(first) + i;
        rows[i] = rows_.empty() ? static_cast<std::uint32_t>(at) : rows_[at];
      }
      lazy_->read(rows, block.data());
      if (!body(block.data(), static_cast<std::int64_t>(rows.size()))) return false;
    }
    return true;
  }

  void find_extremes() {
    visit(dtype_, [&](auto zero) { find_extremes_as<decltype(zero)>(); });
  }

  // In the data's own type: for bytes that is several times faster than in double.
  template <class T>
  void find_extremes_as() {
    std::vector<T> low(width_, std::numeric_limits<T>::max());
    std::vector<T> high(width_, std::numeric_limits<T>::lowest());
    every_block([&](const std::byte* samples, std::int64_t count) {
      const T* values = reinterpret_cast<const T*>(samples);
      for (std::int64_t i = 0; i < count; ++i, values += width_) {
        for (std::int64_t k = 0; k < width_; ++k) low[k] = std::min(low[k], values[k]);
        for (std::int64_t k = 0; k < width_; ++k) high[k] = std::max(high[k], values[k]);
      }
      return true;
    });
    std::ranges::copy(low, least_.begin());
    std::ranges::copy(high, greatest_.begin());
  }

  template <class Body>
  void each_value(Body&& body) const {
    visit(dtype_, [&](auto zero) {
      using T = decltype(zero);
      every_block([&](const std::byte* samples, std::int64_t count) {
        const T* values = reinterpret_cast<const T*>(samples);
        for (std::int64_t i = 0; i < count; ++i, values += width_) {
          for (std::int64_t k = 0; k < width_; ++k) body(k, static_cast<double>(values[k]));
        }
        return true;
      });
    });
  }

  const Tensor* samples_ = nullptr;
  const LazySamples* lazy_ = nullptr;
  Shape shape_;
  DType dtype_;
  std::span<const std::uint32_t> rows_;
  std::int64_t count_ = 0;
  std::int64_t width_ = 0;
  std::vector<double> least_;
  std::vector<double> greatest_;
};

std::string_view name_of(Scaling scaling) {
  for (const auto& [value, name] : kScalingNames) {
    if (value == scaling) return name;
  }
  return "none";
}

Scaling scaling_named(std::string_view name) {
  for (const auto& [value, known] : kScalingNames) {
    if (known == name) return value;
  }
  throw ConfigError(text("unknown scaling \"", name,
                         "\"; valid: auto, none, unit, symmetric, standardise, minmax"));
}

FittedScaling::FittedScaling(Scaling scaling, const Tensor& samples,
                             std::span<const std::uint32_t> rows) {
  fit(scaling, Training(samples, rows));
}

FittedScaling::FittedScaling(Scaling scaling, const LazySamples& samples,
                             std::span<const std::uint32_t> rows) {
  fit(scaling, Training(scaling, samples, rows));
}

void FittedScaling::fit(Scaling scaling, const Training& training) {
  kind_ = scaling == Scaling::Auto ? Scaling::None : scaling;
  if (!training.any()) return;
  const double least = training.least_of_all(), greatest = training.greatest_of_all();
  if (scaling == Scaling::Auto && !(least >= 0 && greatest <= 1)) {
    kind_ = training.shape().rank() > 2 ? Scaling::Unit : Scaling::Standardise;
  }
  const auto width = static_cast<std::size_t>(training.width());
  if (kind_ == Scaling::Unit || kind_ == Scaling::Symmetric) {
    Line line = unit_line(least, greatest, training.dtype());
    if (kind_ == Scaling::Symmetric) line = {line.scale / 2, line.offset + line.scale / 2};
    set({line.scale}, {line.offset});
  } else if (kind_ == Scaling::Standardise) {
    std::vector<double> offset = training.means();
    std::vector<double> scale = training.deviations(offset);
    for (std::size_t i = 0; i < width; ++i) {
      if (!training.constant(static_cast<std::int64_t>(i))) continue;
      scale[i] = 1;
      offset[i] = training.least()[i];  // the mean of equal numbers may be off by rounding
    }
    set(std::move(scale), std::move(offset));
  } else if (kind_ == Scaling::MinMax) {
    std::vector<double> scale(width, 1);
    for (std::size_t i = 0; i < width; ++i) {
      if (training.constant(static_cast<std::int64_t>(i))) continue;
      scale[i] = training.greatest()[i] - training.least()[i];
    }
    set(std::move(scale), training.least());
  }

  const auto scaled = [&](double value, std::size_t i) {
    const std::size_t k = scale_.size() == 1 ? 0 : i;
    return static_cast<float>((value - offset_[k]) * factor_[k]);
  };
  range_ = {std::numeric_limits<float>::infinity(), -std::numeric_limits<float>::infinity()};
  for (std::size_t i = 0; i < width; ++i) {
    range_.least = std::min(range_.least, scaled(training.least()[i], i));
    range_.greatest = std::max(range_.greatest, scaled(training.greatest()[i], i));
  }
  std::vector<float> sample(width);
  range_.sums_to_one = range_.within(0, 1) && training.every_sample([&](const std::byte* from) {
    apply(training.dtype(), from, training.width(), sample.data());
    double sum = 0;
    for (const float value : sample) sum += value;
    return std::abs(sum - 1) < 1e-4;
  });
  // Whole numbers of which there are only two need no further look.
  const bool whole = training.dtype() != DType::F32 && training.dtype() != DType::F64;
  range_.binary =
      range_.least == 0 && range_.greatest == 1 &&
      ((whole && greatest - least <= 1) || training.every_sample([&](const std::byte* from) {
        apply(training.dtype(), from, training.width(), sample.data());
        return std::ranges::all_of(sample, [](float value) { return value == 0 || value == 1; });
      }));
}

FittedScaling::FittedScaling(Scaling kind, std::vector<double> scale, std::vector<double> offset,
                             const ValueRange& range)
    : kind_(kind), range_(range) {
  if (scale.empty() || scale.size() != offset.size()) {
    throw DataError(text("a scaling has ", scale.size(), " scales and ", offset.size(),
                         " offsets, expected as many of both"));
  }
  for (std::size_t i = 0; i < scale.size(); ++i) {
    const bool good = scale[i] > 0 && std::isfinite(scale[i]) && std::isfinite(1 / scale[i]) &&
                      std::isfinite(offset[i]);
    if (good) continue;
    throw DataError(
        text("a scaling's scale must be a finite number > 0 and its offset finite, got ", scale[i],
             " and ", offset[i], " for feature ", i));
  }
  if (!std::isfinite(range.least) || !std::isfinite(range.greatest) ||
      range.least > range.greatest) {
    throw DataError(text("a scaling's range must be finite and in order, got ", range.least, " to ",
                         range.greatest));
  }
  set(std::move(scale), std::move(offset));
}

void FittedScaling::set(std::vector<double> scale, std::vector<double> offset) {
  scale_ = std::move(scale);
  offset_ = std::move(offset);
  factor_.clear();
  for (const double value : scale_) factor_.push_back(1 / value);
  narrow_factor_.assign(factor_.begin(), factor_.end());
  narrow_offset_.assign(offset_.begin(), offset_.end());
}

void FittedScaling::apply(const Tensor& samples, std::int64_t row, float* out) const {
  const std::int64_t width = samples.size() / samples.shape()[0];
  const auto bytes = static_cast<std::int64_t>(size_of(samples.dtype()));
  apply(samples.dtype(), samples.raw() + row * width * bytes, width, out);
}

void FittedScaling::apply(DType dtype, const std::byte* sample, std::int64_t width,
                          float* out) const {
  visit(dtype, [&](auto zero) {
    using T = decltype(zero);
    const T* in = reinterpret_cast<const T*>(sample);
    // Numbers that 24 bits may not hold are scaled in double, the others in float.
    if constexpr (sizeof(T) <= 2 || std::is_same_v<T, float>) {
      scale_row<T, float>(in, width, narrow_factor_, narrow_offset_, out);
    } else {
      scale_row<T, double>(in, width, factor_, offset_, out);
    }
  });
}

bool FittedScaling::keeps_values() const {
  return std::ranges::all_of(scale_, [](double each) { return each == 1; }) &&
         std::ranges::all_of(offset_, [](double each) { return each == 0; });
}

void FittedScaling::undo(std::span<float> values) const {
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t k = i % scale_.size();
    values[i] = static_cast<float>(values[i] * scale_[k] + offset_[k]);
  }
}

void check_finite(const Tensor& samples, const std::string& file, std::int64_t first) {
  const auto check = [&](auto values) {
    constexpr auto kMost = std::numeric_limits<float>::max();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (std::abs(values[i]) <= kMost) continue;  // false for NaN
      const std::int64_t width = samples.size() / samples.shape()[0];
      const auto at = static_cast<std::int64_t>(i);
      throw DataError(text(file, ": sample ", first + at / width, ", feature ", at % width, ": ",
                           values[i], " is not a finite number of 32 bits"));
    }
  };
  if (samples.dtype() == DType::F32) check(samples.values<float>());
  if (samples.dtype() == DType::F64) check(samples.values<double>());
}

}  // namespace hourglass
