#pragma once

#include <hourglass/data/source.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

namespace hourglass::test {

/// Labels that are classes, a number for each sample.
inline Labels labels_of(const std::vector<std::int64_t>& classes,
                        std::vector<std::string> names = {}) {
  Labels labels;
  labels.classes = Tensor({std::ssize(classes)}, DType::I64);
  std::ranges::copy(classes, labels.classes.values<std::int64_t>().begin());
  labels.class_names = std::move(names);
  return labels;
}

}  // namespace hourglass::test
