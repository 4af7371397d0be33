#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/plugin/model.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hourglass {

/// The number by which counted randomness knows a split: train 0, validation 1, test 2. Throws
/// ConfigError for another name.
HOURGLASS_API std::uint32_t split_number(std::string_view split);

/// The splits that there are, for messages: "test, train".
HOURGLASS_API std::string split_names(const DataSet& data);

/// The split that a trained model is measured and shown on: "test" or, when there is none, "train".
HOURGLASS_API std::string evaluated_split(const DataSet& data);

/// What is measured: a trained model with its data.
struct HOURGLASS_API Evaluation {
  Model& model;
  const DataSet& data;
  std::uint64_t seed = 1;

  /// The split that measures are taken on, and whose name theirs begin with.
  std::string split() const;
  const Source& source() const;
  /// The name of a measured number: "test/" and `rest`.
  std::string named(std::string_view rest) const;
};

/// What was measured: numbers, and sentences that say how, in the order in which they came.
class HOURGLASS_API Measures {
 public:
  /// Throws Error for a name that is there already.
  void add(const std::string& name, double value);
  /// Unit and protocol of a number, or of all numbers whose names begin with `name`.
  void explain(const std::string& name, const std::string& sentence);

  const NamedNumbers& numbers() const { return numbers_; }
  /// The number of this name, or null.
  const double* find(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& protocol() const { return protocol_; }

 private:
  NamedNumbers numbers_;
  std::vector<std::pair<std::string, std::string>> protocol_;
};

/// A measure of trained models, which experiments name under `evaluate`.
///
///     Measures measures;
///     find_metric("reconstruction")->measure({model, data, seed}, measures);
class HOURGLASS_API Metric {
 public:
  virtual ~Metric();
  virtual std::string_view name() const = 0;
  /// One sentence.
  virtual std::string_view meaning() const = 0;
  /// The model's programs that `measure` runs over the evaluated split.
  virtual std::vector<Purpose> purposes() const = 0;
  /// Numbers that the data do not allow are left out.
  virtual void measure(const Evaluation& evaluation, Measures& measures) const = 0;
};

}  // namespace hourglass
