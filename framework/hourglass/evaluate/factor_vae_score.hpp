#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/evaluate/discrete_factors.hpp>

#include <cstdint>
#include <optional>
#include <span>

namespace hourglass {

struct FactorVaeOptions {
  std::int64_t variance_samples = 10'000;  ///< the first codes, for the variance of each
  double least_variance = 0.05;            ///< codes that vary less have no vote
  std::int64_t group = 64;                 ///< samples of a vote
  std::int64_t training_votes = 10'000;
  std::int64_t evaluation_votes = 5'000;
  std::uint64_t seed = 1;
};

struct FactorVaeScore {
  double accuracy = 0;            ///< part of evaluation votes whose factor is found, 0 to 1
  std::int64_t active_codes = 0;  ///< how many codes vote
};

/// The FactorVAE score of codes [samples, codes]. For a vote, a factor is drawn, and `group`
/// samples that share its value in a sample drawn at random; drawn with replacement from all that
/// there are. The code votes whose variance among them, over its variance among all, is least. It
/// stands for the factor that most of its training votes were of; the score is the part of
/// evaluation votes whose factor that is. 0 where no code varies enough; nothing where no two
/// samples share a value of any factor. Votes are counted draws: the same for any number of
/// threads. H. Kim, A. Mnih, "Disentangling by factorising", 2018.
HOURGLASS_API std::optional<FactorVaeScore> factor_vae_score(
    const Tensor& codes, std::span<const DiscreteFactor> factors,
    const FactorVaeOptions& options = {});

}  // namespace hourglass
