#include <hourglass/statistics/linear_svm.hpp>

#include <cmath>
#include <limits>

namespace hourglass {
namespace {

using Line = LinearSvm::Line;

constexpr int kMostNewtonSteps = 100;
constexpr double kSvmTolerance = 1e-10;  // of the step that is left

// Of one class against the rest.
struct SvmProblem {
  std::span<const float> x;
  std::span<const std::int32_t> classes;
  std::int32_t positive;
  double positive_cost, rest_cost;

  template <class Visit>
  void for_violations(const Line& line, Visit&& visit) const {
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double sign = classes[i] == positive ? 1 : -1;
      const double margin = 1 - sign * (line.weight * x[i] + line.bias);
      if (margin > 0) visit(double{x[i]}, sign, margin, sign > 0 ? positive_cost : rest_cost);
    }
  }

  double value(const Line& line) const {
    double sum = 0.5 * (line.weight * line.weight + line.bias * line.bias);
    for_violations(
        line, [&](double, double, double margin, double cost) { sum += cost * margin * margin; });
    return sum;
  }

  /// Newton's step, and how fast the value falls along it.
  Line step(const Line& line, double& slope) const {
    double by_weight = line.weight, by_bias = line.bias;
    double weight_weight = 1, weight_bias = 0, bias_bias = 1;
    for_violations(line, [&](double value, double sign, double margin, double cost) {
      by_weight -= 2 * cost * sign * margin * value;
      by_bias -= 2 * cost * sign * margin;
      weight_weight += 2 * cost * value * value;
      weight_bias += 2 * cost * value;
      bias_bias += 2 * cost;
    });
    const double determinant = weight_weight * bias_bias - weight_bias * weight_bias;
    const Line step{(weight_bias * by_bias - bias_bias * by_weight) / determinant,
                    (weight_bias * by_weight - weight_weight * by_bias) / determinant};
    slope = by_weight * step.weight + by_bias * step.bias;
    return step;
  }
};

// Between kinks the function is a parabola, so that whole steps end at the minimum; they are halved
// where kinks lie between.
Line minimum_of(const SvmProblem& problem) {
  Line line;
  double value = problem.value(line);
  for (int i = 0; i < kMostNewtonSteps; ++i) {
    double slope = 0;
    const Line step = problem.step(line, slope);
    if (!(slope < -kSvmTolerance * kSvmTolerance * (1 + value))) break;
    for (double part = 1; part > kSvmTolerance; part /= 2) {
      const Line next{line.weight + part * step.weight, line.bias + part * step.bias};
      const double there = problem.value(next);
      if (there > value + 1e-4 * part * slope + 1e-14 * value) continue;
      line = next;
      value = there;
      break;
    }
    if (std::abs(step.weight) + std::abs(step.bias) <
        kSvmTolerance * (1 + std::abs(line.weight) + std::abs(line.bias))) {
      break;
    }
  }
  return line;
}

}  // namespace

LinearSvm::LinearSvm(std::span<const float> x, std::span<const std::int32_t> classes,
                     std::int32_t class_count, double c)
    : lines_(static_cast<std::size_t>(class_count)) {
  std::vector<std::int64_t> counts(lines_.size());
  for (const std::int32_t each : classes) ++counts[static_cast<std::size_t>(each)];
  std::int64_t kinds = 0;
  for (const std::int64_t count : counts) kinds += count > 0;
  const auto cost = [&](std::size_t k) {
    if (counts[k] == 0) return c;
    return c * static_cast<double>(x.size()) / static_cast<double>(kinds * counts[k]);
  };
  for (std::size_t k = 0; k < lines_.size(); ++k) {
    if (counts[k] == 0) {
      lines_[k].bias = -std::numeric_limits<double>::infinity();
      continue;
    }
    lines_[k] = minimum_of(
        {x, classes, static_cast<std::int32_t>(k), cost(k), class_count == 2 ? cost(1 - k) : c});
  }
}

std::int32_t LinearSvm::classify(float x) const {
  std::int32_t best = 0;
  double greatest = -std::numeric_limits<double>::infinity();
  for (std::size_t k = 0; k < lines_.size(); ++k) {
    const double score = lines_[k].weight * x + lines_[k].bias;
    if (!(score > greatest)) continue;
    greatest = score;
    best = static_cast<std::int32_t>(k);
  }
  return best;
}

}  // namespace hourglass
