#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/evaluate/discrete_factors.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace hourglass {

/// Scores of how far the code that tells most of a factor is ahead of the second best: high where
/// each factor has one code to itself.

/// The mean over factors of the greatest less the second greatest of its scores, [factors, codes];
/// of a single code the second is 0.
HOURGLASS_API double mean_gap(const std::vector<std::vector<double>>& scores);

inline constexpr std::int32_t kMigBins = 20;

/// The mutual information gap of the first `samples` codes [any, codes]: each code is cut into 20
/// bins of equal width, and a code's score is its mutual information with the factor over the
/// factor's entropy. From 0 to 1.
/// R. T. Q. Chen et al., "Isolating sources of disentanglement in variational autoencoders", 2018.
HOURGLASS_API double mutual_information_gap(const Tensor& codes,
                                            std::span<const DiscreteFactor> factors,
                                            std::int64_t samples);

inline constexpr double kSapC = 0.01;

/// The separated attribute predictability: a code's score is the part of `tried` samples whose
/// class a LinearSvm of this code alone, with C = 0.01, finds; it is fitted to the first `fitted`
/// samples of codes [any, codes], and the tried ones are those behind. The second best finds what
/// chance does at least, so that even one code for each factor stays below 1.
/// A. Kumar, P. Sattigeri, A. Balakrishnan, "Variational inference of disentangled latent concepts
/// from unlabeled observations", 2018; of factors as classes, as F. Locatello et al., 2019.
HOURGLASS_API double separated_attribute_predictability(const Tensor& codes,
                                                        std::span<const DiscreteFactor> factors,
                                                        std::int64_t fitted, std::int64_t tried);

}  // namespace hourglass
