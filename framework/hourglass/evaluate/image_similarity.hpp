#pragma once

#include <hourglass/core/api.hpp>

#include <cstdint>
#include <vector>

namespace hourglass {

/// How an image lies in a sample: element [channel, row, column] stands at
/// channel * channel_step + row * row_step + column * column_step.
struct ImageForm {
  std::int64_t channels = 1, height = 0, width = 0;
  std::int64_t channel_step = 0, row_step = 0, column_step = 1;
};

/// The structural similarity of two images, as ops/structural_similarity.hpp defines it, in double.
/// The image is at least as large as the window. Keeps what it works on between calls, so each
/// thread has its own.
class HOURGLASS_API ImageSimilarity {
 public:
  explicit ImageSimilarity(const ImageForm& form);
  double operator()(const float* x, const float* y);

 private:
  double of_channel(const float* x, const float* y);

  ImageForm form_;
  std::vector<double> weights_;  // of the window along one axis
  std::vector<double> moments_;  // of each row's places, see of_channel
};

}  // namespace hourglass
