#pragma once

#include <hourglass/core/api.hpp>

#include <cstdint>
#include <span>
#include <vector>

namespace hourglass {

/// A linear support vector machine of one feature, one class against the rest: for each class the
/// exact minimum, by Newton's method, of
///     (w^2 + b^2) / 2 + C sum over samples of c_i max(0, 1 - y_i (w x_i + b))^2,
/// y_i = 1 for the class and -1 for the rest, the bias penalised as the weight is. c_i = samples /
/// (classes * samples of the class) for the class, 1 for the rest; of two classes both have such a
/// weight. That is what LIBLINEAR solves for balanced classes (R.-E. Fan et al., 2008).
class HOURGLASS_API LinearSvm {
 public:
  /// `classes` are in [0, class_count), class_count at least 2; one that does not occur is never
  /// found.
  LinearSvm(std::span<const float> x, std::span<const std::int32_t> classes,
            std::int32_t class_count, double c);
  /// The class of greatest w x + b; the lowest where several are.
  std::int32_t classify(float x) const;

  /// w and b of a class.
  struct Line {
    double weight = 0;
    double bias = 0;
  };
  const std::vector<Line>& lines() const { return lines_; }

 private:
  std::vector<Line> lines_;
};

}  // namespace hourglass
