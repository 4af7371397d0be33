#pragma once

#include <hourglass/config/parse.hpp>
#include <hourglass/evaluate/metrics.hpp>

#include <doctest/doctest.h>

#include <string>

/// Metrics of models, and what they say.
namespace hourglass::test {

/// `options` is the metric's entry in the experiment.
inline Measures measured(const std::string& metric, Model& model, const DataSet& data,
                         const std::string& options = "{}") {
  Measures measures;
  make_metric({metric, {}, config::parse_text(options, "test.yaml")})
      ->measure({model, data, 1}, measures);
  return measures;
}

/// A number that there must be.
inline double number(const Measures& measures, const std::string& name) {
  const double* found = measures.find(name);
  REQUIRE(found != nullptr);
  return *found;
}

/// The sentence that says how a number was measured.
inline std::string protocol(const Measures& measures, const std::string& name) {
  for (const auto& [each, sentence] : measures.protocol()) {
    if (each == name) return sentence;
  }
  return "";
}

}  // namespace hourglass::test
