#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/data/labels.hpp>
#include <hourglass/data/lazy_samples.hpp>
#include <hourglass/data/scaling.hpp>
#include <hourglass/data/split.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hourglass {

/// How rows that follow one another in time become samples: windows of `size` consecutive rows,
/// called time steps, one window every `stride` of them.
///
///     dataset: {name: nab-machine-temperature, window: 64, stride: 1}
///
/// A window is a sample [columns * size]: the `size` values of the first column, then those of the
/// second. It is known by its first time step, and made from the series whenever it is asked for.
struct HOURGLASS_API Windows {
  std::int64_t size = 0;  ///< 0: rows are samples, each by itself
  std::int64_t stride = 1;

  explicit operator bool() const { return size > 0; }
  bool operator==(const Windows&) const = default;
};

/// A series as its file has it, behind windows of it.
struct HOURGLASS_API Series {
  Tensor values;                     ///< [steps, columns], before scaling
  std::vector<std::string> columns;  ///< their names; empty where the file has none
  Tensor anomalies;                  ///< [steps] u8; empty when nothing says which they are

  std::int64_t steps() const { return values.shape()[0]; }
};

/// The first steps of the windows within the time steps [first, end): every `stride`-th and, where
/// these would leave out the end, one more that reaches it. None where the steps are fewer than a
/// window has.
HOURGLASS_API Rows window_starts(std::uint32_t first, std::uint32_t end, const Windows& windows);

/// The time steps that the windows at `starts`, in rising order, hold, each once.
HOURGLASS_API Rows steps_of_windows(const Rows& starts, std::int64_t size);

/// Those of `starts` whose windows hold no anomaly. Throws OptionError for `anomaly` where there
/// are none.
HOURGLASS_API Rows normal_windows(const Rows& starts, const Tensor& anomalies, std::int64_t size,
                                  const std::string& split);

/// All windows of `series` [steps, columns], [steps - size + 1, columns * size], a window at each
/// step that can begin one. Holds the series once.
HOURGLASS_API std::shared_ptr<const LazySamples> windows_of(const Tensor& series,
                                                            std::int64_t size);

/// The labels of these windows, from those of all `count` steps: classes and factors are those of
/// the last step; a window is an anomaly when one of its steps is.
HOURGLASS_API Labels labels_of_windows(const Labels& labels, std::int64_t count, std::int64_t size);

/// The scaling of windows that one fitted to time steps makes.
HOURGLASS_API FittedScaling scaling_of_windows(const FittedScaling& scaling, std::int64_t size);

}  // namespace hourglass
