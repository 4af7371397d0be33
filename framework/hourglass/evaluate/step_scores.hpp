#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/source.hpp>
#include <hourglass/evaluate/anomaly_score.hpp>
#include <hourglass/statistics/pca.hpp>

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace hourglass {

/// Means over windows of what each of them says of a time step. A step that several windows hold
/// has one number from each; near the ends of a series it is in fewer. Sums are double, in the
/// order of the windows.
///
///     StepMeans means(source, 64);
///     for (each window of the source, in its order) means.add_squared(residual);
///     means.steps();   // 512, 513, ...
///     means.values();  // a number for each
class HOURGLASS_API StepMeans {
 public:
  /// Of windows of `size` steps, whose first steps are the source's rows.
  StepMeans(const Source& source, std::int64_t size);

  /// What the next window says of a step: the mean over columns of the squares of `residual`
  /// [columns, size] there.
  void add_squared(std::span<const float> residual);
  /// A number for each step of the next window, [size].
  void add(std::span<const float> numbers);
  /// The same number for all steps of the next window.
  void add(double number);

  /// The steps that are in a window, in their order, counted as in the file.
  std::vector<std::uint32_t> steps() const;
  /// The means, in the order of `steps`. What is not a number is infinite, so that it ranks first.
  std::vector<float> values() const;

 private:
  template <class At>
  void add_each(const At& at);

  const Source& source_;
  std::int64_t size_;
  std::uint32_t first_ = 0;
  std::uint32_t next_ = 0;
  std::vector<double> sums_;
  std::vector<std::uint32_t> counts_;
};

/// Time steps, as they are counted in the file, and the score of each.
struct StepScores {
  std::vector<std::uint32_t> steps;
  std::vector<float> scores;
};

/// The score of each time step that the windows of `source`, of `size` steps, hold: the mean over
/// these windows of the squared error at the step, (x - reconstruction)^2 averaged over columns; or
/// of the windows' negative ELBO. `score` is not Auto.
HOURGLASS_API StepScores step_scores(Model& model, const Source& source, std::uint32_t split,
                                     AnomalyScore score, std::int64_t size);
/// The same of principal components.
HOURGLASS_API StepScores step_scores(const Pca& pca, const Source& source, std::int64_t size);

/// One sentence: what it is, with its unit.
HOURGLASS_API std::string_view meaning_of_steps(AnomalyScore score);

}  // namespace hourglass
