#include <hourglass/config/problems.hpp>
#include <hourglass/core/error.hpp>

#include <algorithm>
#include <map>
#include <tuple>

namespace hourglass::config {

namespace {
constexpr std::size_t kMostShown = 100;
}

void Problems::add(const Place& place, std::string message) {
  problems_.push_back({place, std::move(message)});
}

std::vector<std::string> Problems::messages() const {
  std::vector<std::string> out;
  for (const Problem& problem : problems_) out.push_back(problem.message);
  return out;
}

std::string Problems::to_text() const {
  std::map<std::string, int> order_of_source;
  const auto position = [&](const Problem& problem) {
    const std::string source = problem.place.source ? *problem.place.source : "";
    const auto order = order_of_source.emplace(source, static_cast<int>(order_of_source.size()));
    const bool in_file = problem.place.line > 0;
    return std::tuple(!in_file, order.first->second, problem.place.line, problem.place.column);
  };
  for (const Problem& problem : problems_) position(problem);

  std::vector<Problem> sorted = problems_;
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const Problem& a, const Problem& b) { return position(a) < position(b); });
  std::string out;
  for (std::size_t i = 0; i < std::min(sorted.size(), kMostShown); ++i) {
    if (i > 0) out += '\n';
    out += sorted[i].place.prefix() + sorted[i].message;
  }
  if (sorted.size() > kMostShown) out += text("\n... and ", sorted.size() - kMostShown, " more");
  return out;
}

void Problems::throw_if_any() const {
  if (!empty()) throw ConfigError(to_text());
}

}  // namespace hourglass::config
