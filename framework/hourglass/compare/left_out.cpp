#include <hourglass/compare/left_out.hpp>
#include <hourglass/core/text.hpp>

#include <array>

namespace hourglass::compare {

std::string left_out_text(const Comparison& comparison) {
  std::array<std::size_t, kStatusCount> statuses{};
  for (const Run& run : comparison.runs) ++statuses[static_cast<std::size_t>(run.result.status)];
  std::size_t repeats = 0;
  for (const GroupSummary& group : comparison.groups) repeats += group.group.repeats();

  std::size_t left_out = 0;
  std::string reasons;
  const auto say = [&](std::size_t count, std::string_view what) {
    if (count == 0) return;
    reasons += text(reasons.empty() ? "" : ", ", count, " ", what);
    left_out += count;
  };
  for (std::size_t i = 0; i < kStatusCount; ++i) {
    const auto status = static_cast<Status>(i);
    if (status != Status::Completed) say(statuses[i], name_of(status));
  }
  say(repeats, repeats == 1 ? "repeats a seed" : "repeat a seed");

  const std::size_t faults = comparison.faults.size();
  std::string out;
  if (left_out > 0) {
    out = text(left_out, " of ", comparison.runs.size(),
               comparison.runs.size() == 1 ? " run" : " runs", left_out == 1 ? " is" : " are",
               " not in the means: ", reasons);
  }
  if (faults > 0) {
    out += text(out.empty() ? "" : "; ", faults, faults == 1 ? " folder is" : " folders are",
                " no run or cannot be read");
  }
  return out;
}

}  // namespace hourglass::compare
