#include <hourglass/config/nearest.hpp>
#include <hourglass/core/text.hpp>

#include <algorithm>
#include <cctype>
#include <vector>

namespace hourglass::config {

namespace {

constexpr std::size_t kLongestName = 64;  // keeps the work small for a hostile name
constexpr std::size_t kShortestStart = 3;

std::string lower(std::string_view name) {
  std::string out(name);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

/// The one name that begins with `start`; empty where there is none, or several, or `start` is
/// short.
std::string completed(std::string_view start, std::span<const std::string> valid) {
  if (start.size() < kShortestStart) return {};
  const auto begins = [&](const std::string& each) { return lower(each).starts_with(start); };
  const auto found = std::ranges::find_if(valid, begins);
  return std::ranges::count_if(valid, begins) == 1 ? *found : std::string();
}

}  // namespace

int edit_distance(std::string_view a, std::string_view b) {
  const std::size_t columns = b.size() + 1;
  std::vector<int> cost((a.size() + 1) * columns);
  for (std::size_t i = 0; i <= a.size(); ++i) {
    for (std::size_t j = 0; j <= b.size(); ++j) {
      int& here = cost[i * columns + j];
      if (i == 0 || j == 0) {
        here = static_cast<int>(i + j);
        continue;
      }
      const auto before = [&](std::size_t di, std::size_t dj) {
        return cost[(i - di) * columns + (j - dj)];
      };
      here = std::min(
          {before(1, 0) + 1, before(0, 1) + 1, before(1, 1) + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        here = std::min(here, before(2, 2) + 1);
      }
    }
  }
  return cost.back();
}

std::string nearest(std::string_view name, std::span<const std::string> valid) {
  if (name.size() > kLongestName) return {};
  const std::string wanted = lower(name);
  std::string best;
  int least = 0;
  for (const std::string& candidate : valid) {
    const int distance = edit_distance(wanted, lower(candidate));
    const int allowed = std::max(1, static_cast<int>(std::max(name.size(), candidate.size())) / 3);
    // One wrong letter of one or two says nothing.
    if (distance > allowed || distance >= static_cast<int>(candidate.size())) continue;
    if (best.empty() || distance < least) {
      best = candidate;
      least = distance;
    }
  }
  return best.empty() ? completed(wanted, valid) : best;
}

std::string suggestion(std::string_view name, std::span<const std::string> valid) {
  const std::string meant = nearest(name, valid);
  if (!meant.empty()) return text("; did you mean \"", meant, "\"?");
  return valid.empty() ? "" : "; valid: " + joined(valid);
}

std::string joined(std::span<const std::string> names) {
  std::string out;
  for (const std::string& name : names) {
    if (!out.empty()) out += ", ";
    out += name;
  }
  return out;
}

}  // namespace hourglass::config
