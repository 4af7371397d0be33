#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/labels.hpp>

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace hourglass {

using Rows = std::vector<std::uint32_t>;

/// Divides `rows` in two: a counted random choice of the given part, at least one row, and the
/// rest, both in their order. A pure function of its arguments.
/// Throws OptionError for the option `what` ("validation") when either side would be empty.
HOURGLASS_API std::pair<Rows, Rows> take_part(const Rows& rows, double part, std::uint64_t seed,
                                              std::string_view what);

/// The same where samples belong together: `groups` says how many each group has, from the first
/// row of the data on, and a group goes to one side as a whole. Groups are counted as rows are
/// above; empty: every row is a group.
HOURGLASS_API std::pair<Rows, Rows> take_groups(const Rows& rows, const Rows& groups, double part,
                                                std::uint64_t seed, std::string_view what);

/// Which of the samples that carry one of `classes` classes training may see the label of: `count`
/// of them, or all of them without a count, in their order. The classes have equal shares as far as
/// they have samples (what is left over goes to the lower ones), and which samples these are is a
/// counted random choice: a pure function of the arguments.
/// Throws OptionError for `labelled` when fewer samples carry a label.
HOURGLASS_API Rows choose_labelled(const Labels& labels, std::int64_t classes,
                                   std::optional<std::int64_t> count, std::uint64_t seed);

}  // namespace hourglass
