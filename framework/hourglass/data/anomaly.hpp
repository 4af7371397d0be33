#pragma once

#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/data/labels.hpp>
#include <hourglass/data/split.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace hourglass {

/// Which samples are anomalies, so that training may be kept to the normal ones. Without classes
/// the labels say it themselves: 0 is normal, 1 is an anomaly.
///
///     dataset: {name: mnist, anomaly: {anomalous: [9]}}
///     dataset: {name: adbench-cardio, anomaly: {train: 0.7}}
struct HOURGLASS_API AnomalyOptions {
  /// Classes by name or, where no class is called so, by number. All others are anomalies.
  std::vector<std::string> normal;
  /// The same the other way round; one of the two lists at most.
  std::vector<std::string> anomalous;
  /// Of data without a test split: the part of normal and of anomalous samples that training draws
  /// on; the rest is scored. Of a series in windows, the first part of its time. Nothing: 0.7, and
  /// 0.15 of a series, the part that the Numenta Anomaly Benchmark leaves detectors to learn from.
  std::optional<double> train;
  /// Whether training and validation keep their anomalies, which nothing marks there.
  bool contaminated = false;

  static constexpr double kTrain = 0.7;
  static constexpr double kSeriesTrain = 0.15;
  bool operator==(const AnomalyOptions&) const = default;
  static void describe(Schema<AnomalyOptions>& schema);
};

/// Says of every sample whether it is an anomaly, in `Labels::anomalies`. `all` are the labels of
/// every split: a class exists when one of them has it.
/// Throws OptionError ("anomaly", "anomaly.normal.0", ...) for data without classes, samples
/// without a label, and classes that do not exist.
HOURGLASS_API void mark_anomalies(std::span<Labels* const> all, const AnomalyOptions& options);

/// Divides rows in two, those for training and those to score, normal and anomalous ones each in
/// the proportion that `options` name: a counted random choice, a pure function of the arguments.
/// `groups` as in take_groups. A single anomaly is scored.
/// Throws OptionError for `anomaly.train` where a side would be empty.
HOURGLASS_API std::pair<Rows, Rows> divide_stratified(const Rows& rows, const Rows& groups,
                                                      const Labels& labels,
                                                      const AnomalyOptions& options,
                                                      std::uint64_t seed);

/// Those of `rows` that are no anomalies. Throws OptionError for `anomaly` where there are none.
HOURGLASS_API Rows normal_rows(const Rows& rows, const Labels& labels, const std::string& split);

}  // namespace hourglass
