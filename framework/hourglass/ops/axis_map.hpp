#pragma once

#include <cstdint>
#include <vector>

namespace hourglass {

/// A linear map along one axis: each output is a weighted sum of a few inputs.
struct AxisMap {
  struct Term {
    std::int32_t input;
    float weight;
    friend bool operator==(const Term&, const Term&) = default;
  };
  std::int64_t inputs = 0;
  std::vector<Term> terms;                // of all outputs, one after another
  std::vector<std::int32_t> first = {0};  // of each output; then the number of terms

  std::int64_t outputs() const { return static_cast<std::int64_t>(first.size()) - 1; }
  void add_output() { first.push_back(static_cast<std::int32_t>(terms.size())); }

  static AxisMap identity(std::int64_t size);
  static AxisMap nearest(std::int64_t size, std::int64_t outputs);
  static AxisMap bilinear(std::int64_t size, std::int64_t outputs);
  /// Input i becomes output i + before of `outputs`, if there is one; other outputs are zero.
  static AxisMap shifted(std::int64_t size, std::int64_t before, std::int64_t outputs);
  AxisMap transposed() const;
};

/// Maps x, [outer, height, width, inner], along height and width.
struct Resampling {
  const AxisMap* rows;
  const AxisMap* columns;
  std::int64_t inner;
};

/// Code for one level of the instruction set.
struct ResampleKernels {
  /// Writes the outer indices [begin, end) of y. `row` holds width times inner floats.
  void (*run)(const Resampling& map, const float* x, float* y, float* row, std::int64_t begin,
              std::int64_t end);
};

/// For this processor.
const ResampleKernels& resample_kernels();

}  // namespace hourglass
