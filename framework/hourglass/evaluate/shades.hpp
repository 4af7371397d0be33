#pragma once

#include <hourglass/data/scaling.hpp>
#include <hourglass/figure/image_grid.hpp>

#include <vector>

namespace hourglass {

/// Black and white of images in the scale of their file: where all features share a scale, the
/// least and greatest of training; else of `shown`.
figure::GridOptions shades(const FittedScaling& scaling, const std::vector<Tensor>& shown);

}  // namespace hourglass
