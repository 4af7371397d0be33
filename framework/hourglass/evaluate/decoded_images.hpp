#pragma once

#include <hourglass/core/tensor.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/evaluate/code_figures.hpp>
#include <hourglass/evaluate/shades.hpp>
#include <hourglass/figure/image_grid.hpp>
#include <hourglass/plugin/model.hpp>

#include <cstdint>
#include <vector>

// What the pictures of codes have in common.
namespace hourglass {

/// They all decode in batches of this size, so that one program serves them all.
inline constexpr std::int64_t kDecodedBatch = 100;

/// Reconstructions of codes [count, code size], in the model's scale.
Tensor decoded(Model& model, const Tensor& codes);

/// Samples [count, ...] in the model's scale as images in that of their file.
std::vector<Tensor> shown_images(const Tensor& samples, const DataSet& data);

/// Throws DataError when there are none.
void check_any(const FiniteCodes& codes);

}  // namespace hourglass
