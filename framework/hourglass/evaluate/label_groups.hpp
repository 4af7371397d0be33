#pragma once

#include <hourglass/data/labels.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace hourglass {

/// Classes, whatever their numbers are, as groups 0, 1, ... by rising number.
struct LabelGroups {
  std::vector<std::int64_t> of_sample;  ///< the group of each sample; empty without classes
  std::vector<std::string> names;       ///< of each group: its class's name, or number
};

LabelGroups label_groups(const Labels& labels);

}  // namespace hourglass
