#pragma once

#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/data/lazy_samples.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Samples that are sums of a few of many known directions, so that what a sparse code has found
/// can be held to what there is to find:
///
///     x = sum over the active features i of m_i d_i
///
///     directions   d_i, normal and then of length 1, more of them than dimensions
///     rates        feature i is active with the probability p_i ~ i^-exponent, which a line brings
///                  to `most_frequent` for the first feature and to `least_frequent` for the last
///     magnitudes   m_i = |mean_i + deviation n|, the means on a line from the first feature's to
///                  the last one's
///     correlation  i is active where F_i c + sqrt(1 - |F_i|^2) n_i, standard normal, exceeds the
///                  threshold that p_i stands for: c [rank], of each sample, is common to all
///                  features, and the numbers of F are normal with standard deviation `scale`
///     hierarchy    trees of features, of which a child is active only where its parent is, and of
///                  siblings one at most
///
/// D. Chanin, A. Garriga-Alonso, "SynthSAEBench: evaluating sparse autoencoders on scalable
/// realistic synthetic data", 2026.
namespace hourglass::features {

/// A Gaussian copula between features' firings, of low rank. A scale of 0: they are independent.
struct HOURGLASS_API Correlation {
  int rank = 25;
  double scale = 0.1;

  bool operator==(const Correlation&) const = default;
  static void describe(Schema<Correlation>& schema);
};

/// Trees of equal shape. They take the most frequent features, level by level: first all roots,
/// then the children of the first root, of the second, and so on. What is left over is in no tree.
struct HOURGLASS_API Hierarchy {
  int roots = 16;
  int branching = 4;
  int depth = 3;  ///< levels below a root

  bool operator==(const Hierarchy&) const = default;
  /// How many features the trees take: roots (1 + branching + ... + branching^depth).
  double size() const;
  static void describe(Schema<Hierarchy>& schema);
};

struct HOURGLASS_API Options {
  int dimensions = 256;
  int features = 2048;
  double exponent = 0.5;
  double most_frequent = 0.4;
  double least_frequent = 5e-4;
  double first_magnitude = 5;
  double last_magnitude = 4;
  double magnitude_deviation = 0.5;
  Correlation correlation;
  std::optional<Hierarchy> hierarchy = {};
  std::int64_t train = 100'000;
  std::int64_t test = 10'000;
  std::int64_t seed = 1;

  bool operator==(const Options&) const = default;
  static void describe(Schema<Options>& schema);
};

/// A feature that takes part in a sample.
struct Active {
  std::uint32_t feature = 0;
  float magnitude = 0;
};

/// The features, and which of them each sample has: a pure function of (options, split, index).
class HOURGLASS_API Features {
 public:
  explicit Features(const Options& options);

  const Options& options() const { return options_; }
  /// [features, dimensions], rows of length 1.
  const Tensor& directions() const { return directions_; }
  /// How often each is active. A child is drawn the more often while its parent is active, so that
  /// it comes to p_i all the same, as far as its parent and siblings leave room for that. Below the
  /// roots of a hierarchy these hold without correlation, and about with it.
  const std::vector<double>& rates() const { return rates_; }
  /// The mean of each one's magnitude before its sign is dropped.
  const std::vector<float>& magnitudes() const { return magnitudes_; }
  /// -1 for a root, and for what is in no tree.
  std::int64_t parent(std::int64_t feature) const;

  /// The features of sample `index` of `split`, in their order.
  std::vector<Active> draw(std::string_view split, std::uint64_t index) const;

 private:
  void set_rates();
  void set_chances_of_siblings(std::size_t first, double parent_rate);
  void set_factors();
  /// Those that fire by themselves, whatever their parents do.
  std::vector<std::uint32_t> candidates(const PhiloxKey& key, std::uint64_t index,
                                        std::span<const float> common) const;

  Options options_;
  Tensor directions_;
  std::vector<double> rates_;
  std::vector<float> magnitudes_;
  std::vector<std::int32_t> parents_;  // of the features in trees
  /// With which probability each fires, where its parent does.
  std::vector<double> chances_;
  /// The copula, where there is one: F_i / sqrt(1 - |F_i|^2), [blocks of features, rank, block],
  /// and thresholds likewise.
  std::vector<float> factors_;
  std::vector<float> thresholds_;
};

/// f32 [count, dimensions] of a split, each sample made when it is asked for.
HOURGLASS_API std::shared_ptr<const LazySamples> samples_of(
    std::shared_ptr<const Features> features, const std::string& split, std::int64_t count);

}  // namespace hourglass::features
