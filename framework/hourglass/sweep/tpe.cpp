#include <hourglass/core/random.hpp>
#include <hourglass/sweep/tpe.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <memory>
#include <numbers>
#include <numeric>

namespace hourglass {

namespace {

constexpr int kCandidates = 24;
constexpr int kMostGood = 25;
constexpr double kLeastDensity = 1e-300;

double normal_cdf(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

/// What coordinates of some trials are distributed like.
class Estimator {
 public:
  virtual ~Estimator() = default;
  virtual double draw(RandomStream& random) const = 0;
  virtual double log_density(double u) const = 0;
};

/// Of numbers: a mixture of normal distributions cut off at the interval's ends.
class Parzen final : public Estimator {
 public:
  explicit Parzen(std::vector<double> at) : means_(std::move(at)) {
    means_.push_back(0.5);  // what is believed before any trial: anywhere
    std::ranges::sort(means_);
    const auto prior = std::ranges::find(means_, 0.5);
    const double least = 1.0 / std::min<double>(100, static_cast<double>(means_.size()) + 1);
    for (std::size_t i = 0; i < means_.size(); ++i) {
      const double before = means_[i] - (i > 0 ? means_[i - 1] : 0);
      const double after = (i + 1 < means_.size() ? means_[i + 1] : 1) - means_[i];
      widths_.push_back(std::clamp(std::max(before, after), least, 1.0));
    }
    widths_[static_cast<std::size_t>(prior - means_.begin())] = 1;
  }

  double draw(RandomStream& random) const override {
    const std::size_t i = random.below(static_cast<std::uint32_t>(means_.size()));
    for (int tries = 0; tries < 100; ++tries) {
      const double u = means_[i] + widths_[i] * random.normal();
      if (u >= 0 && u < 1) return u;
    }
    return means_[i];
  }

  double log_density(double u) const override {
    double sum = 0;
    for (std::size_t i = 0; i < means_.size(); ++i) {
      const double z = (u - means_[i]) / widths_[i];
      const double inside =
          normal_cdf((1 - means_[i]) / widths_[i]) - normal_cdf(-means_[i] / widths_[i]);
      sum += std::exp(-0.5 * z * z) / (widths_[i] * inside);
    }
    return std::log(std::max(sum / static_cast<double>(means_.size()), kLeastDensity));
  }

 private:
  std::vector<double> means_, widths_;
};

/// Of a choice: how often each value was, and each once more.
class Frequencies final : public Estimator {
 public:
  Frequencies(const std::vector<double>& at, std::size_t choices) : counts_(choices, 1.0) {
    for (const double u : at) counts_[part(u)] += 1;
  }

  double draw(RandomStream& random) const override {
    double left = random.uniform() * std::accumulate(counts_.begin(), counts_.end(), 0.0);
    std::size_t i = 0;
    while (i + 1 < counts_.size() && left >= counts_[i]) left -= counts_[i++];
    return (static_cast<double>(i) + 0.5) / static_cast<double>(counts_.size());
  }

  double log_density(double u) const override {
    return std::log(counts_[part(u)] / std::accumulate(counts_.begin(), counts_.end(), 0.0));
  }

 private:
  std::size_t part(double u) const {
    return std::min(static_cast<std::size_t>(u * static_cast<double>(counts_.size())),
                    counts_.size() - 1);
  }

  std::vector<double> counts_;
};

std::unique_ptr<Estimator> estimator(const std::vector<const Trial*>& trials, std::size_t k,
                                     std::size_t choices) {
  std::vector<double> at;
  for (const Trial* trial : trials) at.push_back(trial->point[k]);
  if (choices > 0) return std::make_unique<Frequencies>(at, choices);
  return std::make_unique<Parzen>(std::move(at));
}

}  // namespace

std::vector<double> Tpe::suggest(std::uint64_t number, const std::vector<Trial>& trials) const {
  RandomStream random(seed_, "sweep/tpe", number);
  std::vector<double> point(choices_.size());
  if (number < static_cast<std::uint64_t>(start_) || trials.size() < 2) {
    for (double& u : point) u = random.uniform();
    return point;
  }
  std::vector<const Trial*> sorted;
  for (const Trial& trial : trials) sorted.push_back(&trial);
  std::ranges::stable_sort(sorted, {}, [](const Trial* trial) {
    return std::isnan(trial->value) ? std::numeric_limits<double>::infinity() : trial->value;
  });
  const auto good = std::min<std::ptrdiff_t>((std::ssize(sorted) + 9) / 10, kMostGood);
  const std::vector<const Trial*> best(sorted.begin(), sorted.begin() + good);
  const std::vector<const Trial*> others(sorted.begin() + good, sorted.end());
  for (std::size_t k = 0; k < point.size(); ++k) {
    const auto l = estimator(best, k, choices_[k]), g = estimator(others, k, choices_[k]);
    double most = -std::numeric_limits<double>::infinity();
    for (int candidate = 0; candidate < kCandidates; ++candidate) {
      const double u = l->draw(random);
      const double gain = l->log_density(u) - g->log_density(u);
      if (gain <= most) continue;
      most = gain;
      point[k] = u;
    }
  }
  return point;
}

}  // namespace hourglass
