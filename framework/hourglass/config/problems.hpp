#pragma once

#include <hourglass/config/node.hpp>
#include <hourglass/core/api.hpp>

#include <cstddef>
#include <string>
#include <vector>

namespace hourglass::config {

/// The faults of a configuration, collected so that its author sees all of them at once.
///
///     Problems problems;
///     Options options = schema.read(node, problems, "model");
///     problems.throw_if_any();
class HOURGLASS_API Problems {
 public:
  struct Problem {
    Place place;
    std::string message;
  };

  void add(const Place& place, std::string message);

  bool empty() const { return problems_.empty(); }
  std::size_t size() const { return problems_.size(); }
  const std::vector<Problem>& all() const { return problems_; }
  /// The messages alone, in the order in which they were found.
  std::vector<std::string> messages() const;
  /// One line a fault, "file:line:column: message", in order of position, those of the command
  /// line last. Beyond the first hundred only their number is given.
  std::string to_text() const;
  /// Throws ConfigError with `to_text()` unless there are none.
  void throw_if_any() const;

 private:
  std::vector<Problem> problems_;
};

}  // namespace hourglass::config
