#include <hourglass/core/text.hpp>
#include <hourglass/evaluate/label_groups.hpp>

#include <algorithm>

namespace hourglass {

LabelGroups label_groups(const Labels& labels) {
  LabelGroups groups;
  if (!labels.has_classes()) return groups;
  const auto classes = labels.classes.values<std::int64_t>();
  std::vector<std::int64_t> distinct(classes.begin(), classes.end());
  std::ranges::sort(distinct);
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  for (const std::int64_t label : distinct) {
    const bool named = label >= 0 && label < static_cast<std::int64_t>(labels.class_names.size());
    groups.names.push_back(named ? labels.class_names[static_cast<std::size_t>(label)]
                                 : text(label));
  }
  for (const std::int64_t label : classes) {
    groups.of_sample.push_back(std::ranges::lower_bound(distinct, label) - distinct.begin());
  }
  return groups;
}

}  // namespace hourglass
