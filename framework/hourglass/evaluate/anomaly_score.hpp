#pragma once

#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/plugin/model.hpp>

#include <cstdint>
#include <functional>
#include <span>
#include <string_view>
#include <vector>

namespace hourglass {

/// What tells how unlike the training's a sample is; larger is more anomalous.
enum class AnomalyScore {
  Auto,          ///< the negative ELBO where the variant has one, else the squared error, which
                 ///< alone tells one time step of a window from another
  SquaredError,  ///< sum over features of (x - reconstruction)^2, in the model's scale
  NegativeElbo,  ///< negative log-likelihood and KL, in nats, with one counted draw of the code
};

HOURGLASS_API Names<AnomalyScore> anomaly_score_names();
/// "auto", "squared_error", "negative_elbo".
HOURGLASS_API std::string_view name_of(AnomalyScore score);
/// One sentence: what the score is, with its unit.
HOURGLASS_API std::string_view meaning_of(AnomalyScore score);

/// What `score` means for a model of samples, or of windows: never Auto.
HOURGLASS_API AnomalyScore score_of(AnomalyScore score, Model& model, bool windows);

/// The program that scores are computed by; `score` is not Auto.
HOURGLASS_API Purpose purpose_of(AnomalyScore score);

/// The score of one sample: the sum of squared differences in double, rounded once. What is not a
/// number is infinite, so that it ranks first.
HOURGLASS_API float squared_error_score(const float* x, const float* y, std::int64_t features);

/// Gives the scores of all samples in their order, batch after batch. `score` is not Auto; throws
/// Error for NegativeElbo where the variant has none.
using ScoreBatch = std::function<void(std::span<const float> scores)>;
HOURGLASS_API void score_samples(Model& model, const Source& source, std::uint32_t split,
                                 AnomalyScore score, const ScoreBatch& result);
HOURGLASS_API std::vector<float> anomaly_scores(Model& model, const Source& source,
                                                std::uint32_t split, AnomalyScore score);

}  // namespace hourglass
