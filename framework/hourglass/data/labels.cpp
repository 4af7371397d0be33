#include <hourglass/data/labels.hpp>

#include <algorithm>

namespace hourglass {

Labels Labels::chosen(std::span<const std::uint32_t> rows) const {
  Labels result;
  result.class_names = class_names;
  result.factor_names = factor_names;
  const auto count = static_cast<std::int64_t>(rows.size());
  if (has_classes()) {
    result.classes = Tensor({count}, DType::I64);
    const auto from = classes.values<std::int64_t>();
    std::ranges::transform(rows, result.classes.values<std::int64_t>().begin(),
                           [&](std::uint32_t row) { return from[row]; });
  }
  if (has_factors()) {
    const std::int64_t width = factors.shape().back();
    result.factors = Tensor({count, width});
    float* to = result.factors.floats().data();
    for (const std::uint32_t row : rows) {
      to = std::copy_n(factors.floats().data() + row * width, width, to);
    }
  }
  return result;
}

}  // namespace hourglass
