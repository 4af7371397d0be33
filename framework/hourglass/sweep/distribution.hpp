#pragma once

#include <hourglass/config/node.hpp>
#include <hourglass/config/problems.hpp>
#include <hourglass/core/api.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace hourglass {

/// What values of a swept key are drawn from:
///     {uniform: [a, b]}        numbers in [a, b]
///     {log_uniform: [a, b]}    numbers whose logarithm is uniform; 0 < a
///     {whole: [a, b]}          whole numbers, both ends included
///     {log_whole: [a, b]}      whole numbers, small ones more often, as log_uniform; 1 <= a
///     {choice: [x, y, z]}      any of these, equally often
/// Each is a function of a point of the unit interval, so that whoever chooses such points (at
/// random, evenly, by a search) need not know what they stand for.
class HOURGLASS_API Distribution {
 public:
  enum class Kind { Uniform, LogUniform, Whole, LogWhole, Choice };

  /// Reads one of the forms above; faults go to `problems`, and nothing is returned.
  static std::optional<Distribution> read(const config::Node& node, const std::string& path,
                                          config::Problems& problems);

  /// The value that `u` in [0, 1) stands for. Numbers have six significant digits.
  config::Node at(double u) const;
  /// The middle of all points that stand for the same value as `u`; `u` itself for numbers with
  /// fractions.
  double centre(double u) const;
  /// How many values a choice has; 0 for numbers.
  std::size_t choices() const { return values_.size(); }
  /// Which of them `u` stands for.
  std::size_t choice_at(double u) const;
  /// As it was read.
  const config::Node& node() const { return node_; }

 private:
  double number_at(double u) const;

  Kind kind_ = Kind::Uniform;
  double low_ = 0;
  double high_ = 1;
  std::vector<config::Node> values_;
  config::Node node_;
};

}  // namespace hourglass
