#include <hourglass/core/parallel.hpp>
#include <hourglass/evaluate/anomaly_score.hpp>

#include <cmath>
#include <limits>

namespace hourglass {
namespace {

float ranked(double score) {
  return std::isnan(score) ? std::numeric_limits<float>::infinity() : static_cast<float>(score);
}

}  // namespace

Names<AnomalyScore> anomaly_score_names() {
  return {{"auto", AnomalyScore::Auto},
          {"squared_error", AnomalyScore::SquaredError},
          {"negative_elbo", AnomalyScore::NegativeElbo}};
}

std::string_view name_of(AnomalyScore score) {
  switch (score) {
    case AnomalyScore::SquaredError: return "squared_error";
    case AnomalyScore::NegativeElbo: return "negative_elbo";
    default: return "auto";
  }
}

std::string_view meaning_of(AnomalyScore score) {
  return score == AnomalyScore::NegativeElbo
             ? "negative ELBO in nats, one draw of the code for each sample"
             : "sum over features of (x - y)^2, clean input, model's scale";
}

AnomalyScore score_of(AnomalyScore score, Model& model, bool windows) {
  if (score != AnomalyScore::Auto) return score;
  return model.traits().has_elbo && !windows ? AnomalyScore::NegativeElbo
                                             : AnomalyScore::SquaredError;
}

Purpose purpose_of(AnomalyScore score) {
  return score == AnomalyScore::NegativeElbo ? Purpose::Elbo : Purpose::Reconstruct;
}

float squared_error_score(const float* x, const float* y, std::int64_t features) {
  double sum = 0;
  for (std::int64_t i = 0; i < features; ++i) {
    const double difference = static_cast<double>(x[i]) - static_cast<double>(y[i]);
    sum += difference * difference;
  }
  return ranked(sum);
}

void score_samples(Model& model, const Source& source, std::uint32_t split, AnomalyScore score,
                   const ScoreBatch& result) {
  std::vector<float> scores;
  if (score == AnomalyScore::NegativeElbo) {
    model.elbo(source, split,
               [&](std::span<const std::uint32_t> indices, const float* nll, const float* kl) {
                 scores.resize(indices.size());
                 for (std::size_t i = 0; i < scores.size(); ++i) {
                   scores[i] = ranked(static_cast<double>(nll[i]) + static_cast<double>(kl[i]));
                 }
                 result(scores);
               });
    return;
  }
  const std::int64_t features = source.sample_shape().size();
  model.reconstruct(
      source, split, [&](std::span<const std::uint32_t> indices, const float* x, const float* y) {
        scores.resize(indices.size());
        parallel_for(std::ssize(scores), 16, [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t i = begin; i < end; ++i) {
            const std::int64_t at = i * features;
            scores[static_cast<std::size_t>(i)] = squared_error_score(x + at, y + at, features);
          }
        });
        result(scores);
      });
}

std::vector<float> anomaly_scores(Model& model, const Source& source, std::uint32_t split,
                                  AnomalyScore score) {
  std::vector<float> all;
  score_samples(model, source, split, score, [&](std::span<const float> scores) {
    all.insert(all.end(), scores.begin(), scores.end());
  });
  return all;
}

}  // namespace hourglass
