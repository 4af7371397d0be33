#include <hourglass/core/parallel.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/evaluate/factor_vae_score.hpp>

#include <algorithm>
#include <utility>
#include <vector>

namespace hourglass {
namespace {

// Samples by the value of one factor.
struct SharedValues {
  std::size_t factor;
  std::vector<std::vector<std::uint32_t>> with_value;
  std::vector<std::uint32_t> sharing;  // samples whose value some other has, too
};

std::vector<SharedValues> shared_values(std::span<const DiscreteFactor> factors) {
  std::vector<SharedValues> all;
  for (std::size_t k = 0; k < factors.size(); ++k) {
    const std::vector<std::int32_t>& classes = factors[k].classes;
    SharedValues shared{k, {}, {}};
    shared.with_value.resize(static_cast<std::size_t>(factors[k].count));
    for (std::uint32_t i = 0; i < classes.size(); ++i) {
      shared.with_value[static_cast<std::size_t>(classes[i])].push_back(i);
    }
    for (std::uint32_t i = 0; i < classes.size(); ++i) {
      if (shared.with_value[static_cast<std::size_t>(classes[i])].size() > 1) {
        shared.sharing.push_back(i);
      }
    }
    if (!shared.sharing.empty()) all.push_back(std::move(shared));
  }
  return all;
}

// The variance of each column over the rows of codes [any, width] that `row(i)` names.
template <class Row>
std::vector<double> variances(const Tensor& codes, std::int64_t count, Row&& row) {
  const auto width = static_cast<std::size_t>(codes.shape()[1]);
  std::vector<double> first(width), sums(width), squares(width);
  for (std::int64_t i = 0; i < count; ++i) {
    const float* code = codes.floats().data() + row(i) * codes.shape()[1];
    if (i == 0) std::copy_n(code, width, first.begin());
    for (std::size_t d = 0; d < width; ++d) {
      const double shifted = code[d] - first[d];  // so that a large mean hides nothing
      sums[d] += shifted;
      squares[d] += shifted * shifted;
    }
  }
  const auto n = static_cast<double>(count);
  for (std::size_t d = 0; d < width; ++d) {
    squares[d] = std::max(0.0, (squares[d] - sums[d] * sums[d] / n) / std::max(n - 1, 1.0));
  }
  return squares;
}

struct Vote {
  std::size_t code = 0, factor = 0;
};

}  // namespace

std::optional<FactorVaeScore> factor_vae_score(const Tensor& codes,
                                               std::span<const DiscreteFactor> factors,
                                               const FactorVaeOptions& options) {
  const std::vector<SharedValues> shared = shared_values(factors);
  if (shared.empty()) return std::nullopt;
  const std::vector<double> overall =
      variances(codes, std::min(options.variance_samples, codes.shape()[0]),
                [](std::int64_t i) { return i; });
  FactorVaeScore score;
  score.active_codes = std::ranges::count_if(
      overall, [&](double variance) { return variance >= options.least_variance; });
  if (score.active_codes == 0) return score;

  std::vector<Vote> votes(
      static_cast<std::size_t>(options.training_votes + options.evaluation_votes));
  parallel_for(std::ssize(votes), 64, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      RandomStream random(options.seed, "disentanglement/votes", static_cast<std::uint64_t>(i));
      const SharedValues& drawn = shared[random.below(static_cast<std::uint32_t>(shared.size()))];
      const std::uint32_t sample =
          drawn.sharing[random.below(static_cast<std::uint32_t>(drawn.sharing.size()))];
      const auto& alike =
          drawn.with_value[static_cast<std::size_t>(factors[drawn.factor].classes[sample])];
      const std::vector<double> local = variances(codes, options.group, [&](std::int64_t) {
        return static_cast<std::int64_t>(
            alike[random.below(static_cast<std::uint32_t>(alike.size()))]);
      });
      double least = 0;
      bool any = false;
      Vote& vote = votes[static_cast<std::size_t>(i)];
      vote.factor = drawn.factor;
      for (std::size_t d = 0; d < local.size(); ++d) {
        if (overall[d] < options.least_variance) continue;
        const double ratio = local[d] / overall[d];
        if (any && ratio >= least) continue;
        any = true;
        least = ratio;
        vote.code = d;
      }
    }
  });

  std::vector<std::vector<std::int64_t>> counts(overall.size(),
                                                std::vector<std::int64_t>(factors.size()));
  const std::span<const Vote> all = votes;
  const auto training = static_cast<std::size_t>(options.training_votes);
  for (const Vote& vote : all.first(training)) ++counts[vote.code][vote.factor];
  std::int64_t found = 0;
  for (const Vote& vote : all.subspan(training)) {
    const std::vector<std::int64_t>& of_code = counts[vote.code];
    found += std::ranges::max_element(of_code) - of_code.begin() ==
             static_cast<std::ptrdiff_t>(vote.factor);
  }
  score.accuracy = static_cast<double>(found) / static_cast<double>(options.evaluation_votes);
  return score;
}

}  // namespace hourglass
