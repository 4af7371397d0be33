// Compiled once for each of x86-64-v2, v3 and v4, with HOURGLASS_LEVEL set to v2, v3 or v4.
#include <hourglass/ops/axis_map.hpp>

#define HOURGLASS_CONCAT_(a, b) a##b
#define HOURGLASS_CONCAT(a, b) HOURGLASS_CONCAT_(a, b)

namespace hourglass {
namespace {

/// y = the weighted sum of `count` vectors of x, `stride` floats apart.
inline void combine(const AxisMap::Term* terms, std::int64_t count, const float* x,
                    std::int64_t stride, float* y, std::int64_t n) {
  if (count == 0) {
    for (std::int64_t i = 0; i < n; ++i) y[i] = 0.0f;
    return;
  }
  const float* x0 = x + terms[0].input * stride;
  const float w0 = terms[0].weight;
  if (count == 1) {
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) y[i] = w0 * x0[i];
    return;
  }
  const float* x1 = x + terms[1].input * stride;
  const float w1 = terms[1].weight;
#pragma omp simd
  for (std::int64_t i = 0; i < n; ++i) y[i] = w0 * x0[i] + w1 * x1[i];
  for (std::int64_t t = 2; t < count; ++t) {
    const float* xt = x + terms[t].input * stride;
    const float w = terms[t].weight;
#pragma omp simd
    for (std::int64_t i = 0; i < n; ++i) y[i] += w * xt[i];
  }
}

/// All outputs of one row: y[j] = the weighted sum of a few x[i], each `kInner` floats, or `inner`
/// where that is 0. A known length spares a loop around every few elements.
template <int kInner>
void map_row(const AxisMap& columns, const float* x, float* y, std::int64_t inner) {
  const std::int64_t n = kInner > 0 ? kInner : inner;
  const std::int64_t outputs = columns.outputs();
  const AxisMap::Term* terms = columns.terms.data();
  for (std::int64_t j = 0; j < outputs; ++j) {
    const std::int32_t first = columns.first[j];
    combine(terms + first, columns.first[j + 1] - first, x, n, y + j * n, n);
  }
}

void run(const Resampling& map, const float* x, float* y, float* row, std::int64_t begin,
         std::int64_t end) {
  const AxisMap &rows = *map.rows, &columns = *map.columns;
  const std::int64_t inner = map.inner, height = rows.outputs();
  const std::int64_t from_width = columns.inputs * inner, to_width = columns.outputs() * inner;
  const auto along = inner == 1    ? map_row<1>
                     : inner == 8  ? map_row<8>
                     : inner == 16 ? map_row<16>
                                   : map_row<0>;
  for (std::int64_t o = begin; o < end; ++o) {
    const float* image = x + o * rows.inputs * from_width;
    for (std::int64_t i = 0; i < height; ++i) {
      const std::int32_t first = rows.first[i];
      const std::int64_t count = rows.first[i + 1] - first;
      const AxisMap::Term* terms = rows.terms.data() + first;
      float* to = y + (o * height + i) * to_width;
      if (count == 1 && terms->weight == 1.0f) {
        along(columns, image + terms->input * from_width, to, inner);
      } else {
        combine(terms, count, image, from_width, row, from_width);
        along(columns, row, to, inner);
      }
    }
  }
}

}  // namespace

extern const ResampleKernels HOURGLASS_CONCAT(kResampleKernels_, HOURGLASS_LEVEL);
const ResampleKernels HOURGLASS_CONCAT(kResampleKernels_, HOURGLASS_LEVEL) = {run};

}  // namespace hourglass
