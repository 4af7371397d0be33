#include <hourglass/evaluate/step_scores.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace hourglass {

StepMeans::StepMeans(const Source& source, std::int64_t size) : source_(source), size_(size) {
  if (source.size() == 0) return;
  first_ = source.row(0);
  std::uint32_t last = first_;
  for (std::uint32_t i = 0; i < source.size(); ++i) {
    first_ = std::min(first_, source.row(i));
    last = std::max(last, source.row(i));
  }
  sums_.resize(last - first_ + static_cast<std::size_t>(size));
  counts_.resize(sums_.size());
}

template <class At>
void StepMeans::add_each(const At& at) {
  const std::size_t start = source_.row(next_++) - first_;
  for (std::int64_t i = 0; i < size_; ++i) {
    const std::size_t step = start + static_cast<std::size_t>(i);
    sums_[step] += at(static_cast<std::size_t>(i));
    ++counts_[step];
  }
}

void StepMeans::add_squared(std::span<const float> residual) {
  const auto size = static_cast<std::size_t>(size_), columns = residual.size() / size;
  add_each([&](std::size_t step) {
    double sum = 0;
    for (std::size_t column = 0; column < columns; ++column) {
      const double difference = residual[column * size + step];
      sum += difference * difference;
    }
    return sum / static_cast<double>(columns);
  });
}

void StepMeans::add(std::span<const float> numbers) {
  add_each([&](std::size_t step) { return static_cast<double>(numbers[step]); });
}

void StepMeans::add(double number) {
  add_each([&](std::size_t) { return number; });
}

std::vector<std::uint32_t> StepMeans::steps() const {
  std::vector<std::uint32_t> steps;
  for (std::uint32_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] > 0) steps.push_back(first_ + i);
  }
  return steps;
}

std::vector<float> StepMeans::values() const {
  std::vector<float> values;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    if (counts_[i] == 0) continue;
    const double mean = sums_[i] / counts_[i];
    values.push_back(std::isnan(mean) ? std::numeric_limits<float>::infinity()
                                      : static_cast<float>(mean));
  }
  return values;
}

StepScores step_scores(Model& model, const Source& source, std::uint32_t split, AnomalyScore score,
                       std::int64_t size) {
  StepMeans means(source, size);
  if (score == AnomalyScore::NegativeElbo) {
    score_samples(model, source, split, score, [&](std::span<const float> windows) {
      for (const float each : windows) means.add(static_cast<double>(each));
    });
    return {means.steps(), means.values()};
  }
  std::vector<float> residual(static_cast<std::size_t>(source.sample_shape().size()));
  model.reconstruct(source, split,
                    [&](std::span<const std::uint32_t> indices, const float* x, const float* y) {
                      for (std::size_t window = 0; window < indices.size(); ++window) {
                        for (float& each : residual) each = *x++ - *y++;
                        means.add_squared(residual);
                      }
                    });
  return {means.steps(), means.values()};
}

StepScores step_scores(const Pca& pca, const Source& source, std::int64_t size) {
  StepMeans means(source, size);
  visit_residuals(pca, source,
                  [&](std::span<const float> residual) { means.add_squared(residual); });
  return {means.steps(), means.values()};
}

std::string_view meaning_of_steps(AnomalyScore score) {
  return score == AnomalyScore::NegativeElbo
             ? "of a time step, the mean over the windows that hold it of their negative ELBO in "
               "nats, one draw of the code for each window"
             : "of a time step, the mean over the windows that hold it, and over columns, of "
               "(x - y)^2, clean input, model's scale";
}

}  // namespace hourglass
