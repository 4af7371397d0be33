#include <hourglass/config/codec.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/sweep/distribution.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>

namespace hourglass {

using config::Node;
using config::Problems;

namespace {

constexpr std::array<const char*, 5> kNames = {"uniform", "log_uniform", "whole", "log_whole",
                                               "choice"};
constexpr double kMostWhole = 1e9;

/// To six significant digits, so that files and tables can be read.
double readable(double value) {
  std::array<char, 64> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                          std::chars_format::scientific, 5);
  double rounded = value;
  std::from_chars(buffer.data(), end, rounded);
  return rounded;
}

bool read_ends(const Node& node, const std::string& path, Problems& problems, double& low,
               double& high) {
  if (!node.is_list() || node.items().size() != 2) {
    return config::wrong(node, path, problems, "a list of two numbers, [from, to]");
  }
  if (!config::read_number(node.items()[0], config::join(path, "0"), problems, low) ||
      !config::read_number(node.items()[1], config::join(path, "1"), problems, high)) {
    return false;
  }
  if (low < high) return true;
  problems.add(node.place(), text(path, " must go from a smaller number to a larger one, got ",
                                  config::shown(node)));
  return false;
}

}  // namespace

std::optional<Distribution> Distribution::read(const Node& node, const std::string& path,
                                               Problems& problems) {
  const std::vector<std::string> valid(kNames.begin(), kNames.end());
  if (!node.is_map() || node.entries().size() != 1) {
    config::wrong(node, path, problems,
                  "what its values are drawn from, such as {uniform: [0, 1]}; there are " +
                      config::joined(valid));
    return {};
  }
  const Node::Entry& entry = node.entries().front();
  const auto named = std::ranges::find(valid, entry.key);
  if (named == valid.end()) {
    problems.add(entry.place, text("unknown distribution ", config::shown(entry.key), " for ", path,
                                   config::suggestion(entry.key, valid)));
    return {};
  }
  Distribution out;
  out.kind_ = static_cast<Kind>(named - valid.begin());
  out.node_ = node;
  const std::string here = config::join(path, entry.key);
  if (out.kind_ == Kind::Choice) {
    if (!entry.value.is_list() || entry.value.items().empty()) {
      config::wrong(entry.value, here, problems, "a list of values");
      return {};
    }
    out.values_ = entry.value.items();
    return out;
  }
  if (!read_ends(entry.value, here, problems, out.low_, out.high_)) return {};
  const bool log = out.kind_ == Kind::LogUniform || out.kind_ == Kind::LogWhole;
  const bool whole = out.kind_ == Kind::Whole || out.kind_ == Kind::LogWhole;
  if (log && out.low_ <= 0) {
    problems.add(entry.value.place(), text(here, " must begin above 0, got ", out.low_));
    return {};
  }
  if (whole && (out.low_ != std::floor(out.low_) || out.high_ != std::floor(out.high_) ||
                std::max(-out.low_, out.high_) > kMostWhole)) {
    problems.add(entry.value.place(),
                 text(here, " must go from a whole number to another, up to ",
                      std::int64_t{1'000'000'000}, ", got ", config::shown(entry.value)));
    return {};
  }
  return out;
}

double Distribution::number_at(double u) const {
  switch (kind_) {
    case Kind::Uniform: return std::clamp(readable(low_ + (high_ - low_) * u), low_, high_);
    case Kind::LogUniform: {
      const double log = std::log(low_) + (std::log(high_) - std::log(low_)) * u;
      return std::clamp(readable(std::exp(log)), low_, high_);
    }
    case Kind::Whole: return std::min(std::floor(low_ + (high_ + 1 - low_) * u), high_);
    case Kind::LogWhole: {
      const double log = std::log(low_) + (std::log(high_ + 1) - std::log(low_)) * u;
      return std::clamp(std::floor(std::exp(log)), low_, high_);
    }
    case Kind::Choice: break;
  }
  return 0;
}

std::size_t Distribution::choice_at(double u) const {
  const auto count = static_cast<double>(values_.size());
  return std::min(static_cast<std::size_t>(u * count), values_.size() - 1);
}

Node Distribution::at(double u) const {
  if (kind_ == Kind::Choice) return values_[choice_at(u)];
  const double value = number_at(u);
  const bool whole = kind_ == Kind::Whole || kind_ == Kind::LogWhole;
  Node node = whole ? Node::integer(static_cast<std::int64_t>(value)) : Node::number(value);
  return node.at(node_.place());
}

double Distribution::centre(double u) const {
  const double value = number_at(u);
  switch (kind_) {
    case Kind::Uniform:
    case Kind::LogUniform: return u;
    case Kind::Whole: return (value + 0.5 - low_) / (high_ + 1 - low_);
    case Kind::LogWhole: {
      const double whole = std::log(high_ + 1) - std::log(low_);
      return (0.5 * (std::log(value) + std::log(value + 1)) - std::log(low_)) / whole;
    }
    case Kind::Choice: break;
  }
  return (static_cast<double>(choice_at(u)) + 0.5) / static_cast<double>(values_.size());
}

}  // namespace hourglass
