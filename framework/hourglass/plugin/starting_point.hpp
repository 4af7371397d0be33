#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/data/source.hpp>
#include <hourglass/graph/variable.hpp>

#include <cstdint>
#include <string>

namespace hourglass {

/// What a parameter's first value may be made from: the training split and the other parameters'
/// first values. See ModelBuilder::initialise.
class HOURGLASS_API StartingPoint {
 public:
  StartingPoint(const Source& samples, const VariableStore& variables, std::uint64_t seed)
      : samples_(samples), variables_(variables), seed_(seed) {}

  /// The training split, in the model's scale; mean_sample and geometric_median sum it up.
  const Source& samples() const { return samples_; }
  /// For random choices of one's own, by RandomStream or permutation.
  std::uint64_t seed() const { return seed_; }
  /// What a parameter is so far: as its initializer made it, or an earlier `initialise`.
  /// Throws ConfigError when there is no such parameter.
  Tensor value(const std::string& path) const;
  /// The value of a weight [m, n], turned round: [n, m]. Throws ShapeError for another rank.
  Tensor transposed(const std::string& path) const;

 private:
  const Source& samples_;
  const VariableStore& variables_;
  std::uint64_t seed_;
};

}  // namespace hourglass
