#include <hourglass/core/parallel.hpp>
#include <hourglass/evaluate/code_gaps.hpp>
#include <hourglass/statistics/equal_width_bins.hpp>
#include <hourglass/statistics/linear_svm.hpp>
#include <hourglass/statistics/mutual_information.hpp>

#include <algorithm>

namespace hourglass {
namespace {

std::vector<float> column_of(const Tensor& codes, std::int64_t column, std::int64_t first,
                             std::int64_t samples) {
  const auto width = static_cast<std::size_t>(codes.shape()[1]);
  std::vector<float> values(static_cast<std::size_t>(samples));
  const float* from = codes.floats().data() + first * codes.shape()[1] + column;
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = from[i * width];
  return values;
}

/// `score(factor, code)` for each pair, [factors, codes].
template <class Score>
std::vector<std::vector<double>> scores_of_pairs(std::size_t factors, std::int64_t codes,
                                                 Score&& score) {
  std::vector<std::vector<double>> scores(factors,
                                          std::vector<double>(static_cast<std::size_t>(codes)));
  parallel_for(codes, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t code = begin; code < end; ++code) {
      for (std::size_t k = 0; k < factors; ++k) {
        scores[k][static_cast<std::size_t>(code)] = score(k, code);
      }
    }
  });
  return scores;
}

}  // namespace

double mean_gap(const std::vector<std::vector<double>>& scores) {
  double sum = 0;
  for (std::vector<double> of_factor : scores) {
    of_factor.push_back(0);  // where there is no second
    std::ranges::partial_sort(of_factor, of_factor.begin() + 2, std::ranges::greater());
    sum += of_factor[0] - of_factor[1];
  }
  return sum / static_cast<double>(scores.size());
}

double mutual_information_gap(const Tensor& codes, std::span<const DiscreteFactor> factors,
                              std::int64_t samples) {
  std::vector<std::vector<std::int32_t>> classes;
  std::vector<double> entropies;
  for (const DiscreteFactor& factor : factors) {
    classes.push_back(factor.part(0, samples));
    entropies.push_back(entropy(classes.back()));
  }
  return mean_gap(
      scores_of_pairs(factors.size(), codes.shape()[1], [&](std::size_t k, std::int64_t code) {
        if (entropies[k] == 0) return 0.0;
        const auto bins = equal_width_bins(column_of(codes, code, 0, samples), kMigBins);
        return mutual_information(bins, classes[k]) / entropies[k];
      }));
}

double separated_attribute_predictability(const Tensor& codes,
                                          std::span<const DiscreteFactor> factors,
                                          std::int64_t fitted, std::int64_t tried) {
  return mean_gap(
      scores_of_pairs(factors.size(), codes.shape()[1], [&](std::size_t k, std::int64_t code) {
        const DiscreteFactor& factor = factors[k];
        const LinearSvm svm(column_of(codes, code, 0, fitted), factor.part(0, fitted), factor.count,
                            kSapC);
        const std::vector<float> x = column_of(codes, code, fitted, tried);
        std::int64_t found = 0;
        for (std::size_t i = 0; i < x.size(); ++i) {
          found += svm.classify(x[i]) == factor.classes[static_cast<std::size_t>(fitted) + i];
        }
        return static_cast<double>(found) / static_cast<double>(tried);
      }));
}

}  // namespace hourglass
