#pragma once

#include <cstdint>

// Built three times, once for each level of the instruction set: nothing here may be an inline
// function or template of the standard library, whose copies the linker would merge.

namespace hourglass {

/// What a group of values is normalised by: (x - centre - offset) over_deviation. The centre is the
/// mean as one float can tell it, the offset what it leaves: where the mean is large, much.
struct Moments {
  float centre, offset, over_deviation;
};

/// Rows [rows, lanes] of memory, with numbers for each lane.
struct LaneRows {
  std::int64_t rows, lanes;
};

/// Code for one level of the instruction set. Weights and gradients of weights may be null.
struct NormalizationKernels {
  /// The sums of x - centre and of its square.
  void (*sums)(const float* x, std::int64_t n, float centre, float* sum, float* squares);
  /// The same for each lane, with a centre for each.
  void (*lane_sums)(const float* x, LaneRows shape, const float* centre, float* sum,
                    float* squares);

  // A weight and a bias for each element.

  /// y = (x - centre - offset) over_deviation weight + bias.
  void (*scale)(float* y, const float* x, std::int64_t n, const Moments& moments,
                const float* weight, const float* bias);
  /// With z = (x - centre - offset) over_deviation: adds dy z to dweight and dy to dbias, and gives
  /// the sums of dy weight and of dy weight z.
  void (*gradient_sums)(const float* x, const float* dy, std::int64_t n, const Moments& moments,
                        const float* weight, float* dweight, float* dbias, float* sum,
                        float* products);
  /// dx = over_deviation (dy weight - mean - z product).
  void (*gradient)(float* dx, const float* x, const float* dy, std::int64_t n,
                   const Moments& moments, const float* weight, float mean, float product);

  // Numbers for each lane.

  /// y = (x - centre) factor + shift.
  void (*scale_lanes)(float* y, const float* x, LaneRows shape, const float* centre,
                      const float* factor, const float* shift);
  /// The sums of dy and of dy (x - centre).
  void (*gradient_lane_sums)(const float* x, const float* dy, LaneRows shape, const float* centre,
                             float* sum, float* products);
  /// dx = dy factor + (x - centre) slope + shift.
  void (*gradient_lanes)(float* dx, const float* x, const float* dy, LaneRows shape,
                         const float* centre, const float* factor, const float* slope,
                         const float* shift);
};

/// For this processor.
const NormalizationKernels& normalization_kernels();

}  // namespace hourglass
