#include <hourglass/evaluate/metric_direction.hpp>

#include <algorithm>
#include <array>

namespace hourglass {

namespace {

constexpr std::array<std::string_view, 25> kHigher = {"accuracy",
                                                      "ari",
                                                      "auroc",
                                                      "average_precision",
                                                      "best_cosine",
                                                      "compression_ratio",
                                                      "dci_completeness",
                                                      "dci_disentanglement",
                                                      "dci_informativeness",
                                                      "f1",
                                                      "factor_vae_score",
                                                      "knn_accuracy",
                                                      "linear_accuracy",
                                                      "majority_accuracy",
                                                      "matched_cosine",
                                                      "mig",
                                                      "nmi",
                                                      "precision",
                                                      "psnr",
                                                      "recall",
                                                      "recovered",
                                                      "samples_per_second",
                                                      "sap",
                                                      "ssim",
                                                      "variance_explained"};

constexpr std::array<std::string_view, 14> kLower = {"bits_per_dimension",
                                                     "cross_entropy_per_feature",
                                                     "dead_fraction",
                                                     "false_positive_rate",
                                                     "frechet_distance",
                                                     "loss",
                                                     "mmd",
                                                     "negative_elbo",
                                                     "negative_importance_bound",
                                                     "negative_log_likelihood",
                                                     "parameters",
                                                     "peak_memory_mib",
                                                     "seconds",
                                                     "squared_error_per_feature"};

}  // namespace

Direction direction_of(std::string_view metric) {
  const std::string_view last = metric.substr(metric.rfind('/') + 1);
  // `robustness` puts the corruption behind a name: "psnr_gaussian_0.2".
  const bool corrupted = metric.find("/robustness/") != metric.npos;
  const auto named = [&](std::string_view known) {
    return last == known ||
           (corrupted && last.starts_with(known) && last.substr(known.size()).starts_with('_'));
  };
  if (std::ranges::any_of(kHigher, named)) return Direction::Higher;
  if (std::ranges::any_of(kLower, named)) return Direction::Lower;
  return Direction::Unknown;
}

}  // namespace hourglass
