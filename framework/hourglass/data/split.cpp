#include <hourglass/core/error.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/data/split.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace hourglass {

std::pair<Rows, Rows> take_part(const Rows& rows, double part, std::uint64_t seed,
                                std::string_view what) {
  const auto count = static_cast<std::uint32_t>(rows.size());
  const auto wanted =
      std::max<std::uint32_t>(1, static_cast<std::uint32_t>(std::lround(count * part)));
  if (wanted >= count) {
    throw OptionError(std::string(what), text("takes ", part, " of ", count,
                                              " samples, which leaves none for training; choose a "
                                              "smaller part"));
  }
  const Rows order = permutation(count, seed, std::string("split.").append(what), 0);
  std::vector<bool> is_taken(count);
  for (std::uint32_t i = 0; i < wanted; ++i) is_taken[order[i]] = true;
  std::pair<Rows, Rows> result;
  for (std::uint32_t i = 0; i < count; ++i) {
    (is_taken[i] ? result.first : result.second).push_back(rows[i]);
  }
  return result;
}

std::pair<Rows, Rows> take_groups(const Rows& rows, const Rows& groups, double part,
                                  std::uint64_t seed, std::string_view what) {
  if (groups.empty()) return take_part(rows, part, seed, what);
  Rows group_of_row;
  for (std::uint32_t i = 0; i < groups.size(); ++i) {
    group_of_row.insert(group_of_row.end(), groups[i], i);
  }
  Rows present;
  for (const std::uint32_t row : rows) {
    const std::uint32_t group = group_of_row[row];
    if (present.empty() || present.back() != group) present.push_back(group);
  }
  const Rows taken = take_part(present, part, seed, what).first;
  std::vector<bool> is_taken(groups.size());
  for (const std::uint32_t group : taken) is_taken[group] = true;
  std::pair<Rows, Rows> result;
  for (const std::uint32_t row : rows) {
    (is_taken[group_of_row[row]] ? result.first : result.second).push_back(row);
  }
  return result;
}

Rows choose_labelled(const Labels& labels, std::int64_t classes, std::optional<std::int64_t> count,
                     std::uint64_t seed) {
  const Rows all = labels.labelled(classes);
  if (!count) return all;
  if (*count > std::ssize(all)) {
    throw OptionError(
        "labelled",
        text("asks for ", *count, *count == 1 ? " sample" : " samples", ", but ", all.size(),
             all.size() == 1 ? " training sample carries" : " training samples carry", " a label",
             all.empty() ? "; name a table's column with label, an array with labels_array, or "
                           "choose another data set"
                         : ""));
  }
  std::vector<Rows> of_class(classes);
  const Rows order = permutation(static_cast<std::uint32_t>(all.size()), seed, "split.labelled", 0);
  for (const std::uint32_t place : order) {
    of_class[labels.classes.values<std::int64_t>()[all[place]]].push_back(all[place]);
  }
  // One of each class in turn.
  Rows chosen;
  for (std::size_t round = 0; std::ssize(chosen) < *count; ++round) {
    for (const Rows& rows : of_class) {
      if (round < rows.size() && std::ssize(chosen) < *count) chosen.push_back(rows[round]);
    }
  }
  std::ranges::sort(chosen);
  return chosen;
}

}  // namespace hourglass
