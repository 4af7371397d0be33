#include <hourglass/core/cpu.hpp>
#include <hourglass/ops/axis_map.hpp>

#include <algorithm>
#include <cmath>

namespace hourglass {

AxisMap AxisMap::identity(std::int64_t size) { return shifted(size, 0, size); }

AxisMap AxisMap::nearest(std::int64_t size, std::int64_t outputs) {
  AxisMap map{size, {}, {0}};
  for (std::int64_t i = 0; i < outputs; ++i) {
    map.terms.push_back({static_cast<std::int32_t>(i * size / outputs), 1.0f});
    map.add_output();
  }
  return map;
}

AxisMap AxisMap::bilinear(std::int64_t size, std::int64_t outputs) {
  AxisMap map{size, {}, {0}};
  const double step = static_cast<double>(size) / static_cast<double>(outputs);
  for (std::int64_t i = 0; i < outputs; ++i) {
    const double at = std::max((static_cast<double>(i) + 0.5) * step - 0.5, 0.0);
    const auto low = static_cast<std::int32_t>(at);
    const auto weight = static_cast<float>(at - low);
    if (low + 1 < size && weight > 0) {
      map.terms.push_back({low, 1.0f - weight});
      map.terms.push_back({low + 1, weight});
    } else {
      map.terms.push_back({std::min(low, static_cast<std::int32_t>(size - 1)), 1.0f});
    }
    map.add_output();
  }
  return map;
}

AxisMap AxisMap::shifted(std::int64_t size, std::int64_t before, std::int64_t outputs) {
  AxisMap map{size, {}, {0}};
  for (std::int64_t i = 0; i < outputs; ++i) {
    const std::int64_t from = i - before;
    if (from >= 0 && from < size) map.terms.push_back({static_cast<std::int32_t>(from), 1.0f});
    map.add_output();
  }
  return map;
}

AxisMap AxisMap::transposed() const {
  AxisMap map{outputs(), {}, {0}};
  for (std::int32_t input = 0; input < inputs; ++input) {
    for (std::int32_t output = 0; output < outputs(); ++output) {
      for (std::int32_t t = first[output]; t < first[output + 1]; ++t) {
        if (terms[t].input == input) map.terms.push_back({output, terms[t].weight});
      }
    }
    map.add_output();
  }
  return map;
}

extern const ResampleKernels kResampleKernels_v2;
extern const ResampleKernels kResampleKernels_v3;
extern const ResampleKernels kResampleKernels_v4;

const ResampleKernels& resample_kernels() {
  switch (isa()) {
    case Isa::V4: return kResampleKernels_v4;
    case Isa::V3: return kResampleKernels_v3;
    case Isa::V2: break;
  }
  return kResampleKernels_v2;
}

}  // namespace hourglass
