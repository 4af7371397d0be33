#include <hourglass/compare/number_text.hpp>
#include <hourglass/core/text.hpp>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace hourglass::compare {

namespace {

constexpr int kMostDecimals = 6;
constexpr int kMostDigits = 9;
constexpr int kAllDigits = 17;
constexpr double kLargestPlain = 1e12;
constexpr double kLeastSpread = 1e-12;  // in parts of the mean

/// The power of ten of the first digit, as it is with so many digits: 0 for 9.94 with two, 1 for
/// 9.96, which is 10.
int magnitude(double value, int digits) {
  char buffer[64];
  const int length = std::snprintf(buffer, sizeof buffer, "%.*e", digits - 1, value);
  const std::string_view shown(buffer, static_cast<std::size_t>(length));
  return std::atoi(buffer + shown.find('e') + 1);
}

/// A deviation that rounding alone could make is none.
bool has_spread(const Estimate& estimate) {
  return estimate.sd > kLeastSpread * std::abs(estimate.mean) && std::isfinite(estimate.sd);
}

/// How the numbers of one estimate are written: all times 10^-exponent, with as many decimals.
struct Manner {
  int exponent = 0;
  int decimals = 0;
};

Manner manner_of(const Estimate& estimate) {
  const bool spread = has_spread(estimate);
  const bool whole = !spread && estimate.mean == std::floor(estimate.mean);
  const auto last_place = [&](int first) {
    if (spread) return std::max(magnitude(estimate.sd, 2) - 1, first - kMostDigits + 1);
    return whole ? 0 : first - 3;
  };
  const double largest = std::max(std::abs(estimate.mean), spread ? estimate.sd : 0.0);
  const int unrounded = magnitude(largest, kAllDigits);
  const int digits = std::clamp(unrounded - last_place(unrounded), 0, kMostDigits) + 1;
  const int first = magnitude(largest, digits);
  const int last = last_place(first);
  if (-last > kMostDecimals || largest >= kLargestPlain) {
    return {.exponent = first, .decimals = std::clamp(first - last, 1, kMostDigits)};
  }
  return {.exponent = 0, .decimals = std::max(-last, 0)};
}

/// With commas between thousands from 10,000 on.
std::string plain(double value, int decimals) {
  char buffer[400];
  const int length = std::snprintf(buffer, sizeof buffer, "%.*f", decimals, value);
  std::string digits(buffer, static_cast<std::size_t>(length));
  std::size_t end = std::min(digits.find('.'), digits.size());
  const std::size_t first = digits.starts_with('-') ? 1 : 0;
  if (end - first < 5) return digits;
  for (; end > first + 3; digits.insert(end, 1, ',')) end -= 3;
  return digits;
}

std::string scaled(double value, const Manner& manner) {
  return plain(value / std::pow(10.0, manner.exponent), manner.decimals);
}

std::string with_exponent(const std::string& numbers, const Manner& manner) {
  return manner.exponent == 0 ? numbers : text(numbers, "e", manner.exponent);
}

}  // namespace

std::string mean_text(const Estimate& estimate) {
  if (!std::isfinite(estimate.mean)) return "";
  const Manner manner = manner_of(estimate);
  const std::string mean = scaled(estimate.mean, manner);
  if (!has_spread(estimate)) return with_exponent(mean, manner);
  const std::string both = mean + " ± " + scaled(estimate.sd, manner);
  return manner.exponent == 0 ? both : with_exponent("(" + both + ")", manner);
}

std::string mean_alone_text(const Estimate& estimate) {
  if (!std::isfinite(estimate.mean)) return "";
  const Manner manner = manner_of(estimate);
  return with_exponent(scaled(estimate.mean, manner), manner);
}

std::string interval_text(const Estimate& estimate) {
  if (!std::isfinite(estimate.interval.low) || !std::isfinite(estimate.interval.high)) return "";
  const Manner manner = manner_of(estimate);
  const std::string both = "[" + scaled(estimate.interval.low, manner) + ", " +
                           scaled(estimate.interval.high, manner) + "]";
  return with_exponent(both, manner);
}

std::string p_text(double p) {
  if (std::isnan(p)) return "";
  return p < 0.001 ? "< 0.001" : plain(p, p < 0.1 ? 3 : 2);
}

std::string probability_text(double probability) {
  return std::isnan(probability) ? "" : plain(probability, 2);
}

std::string rank_text(double rank) {
  if (std::isnan(rank)) return "";
  return plain(rank, rank == std::floor(rank) ? 0 : 1);
}

}  // namespace hourglass::compare
