#pragma once

#include "small_model.hpp"

#include <cstdint>
#include <utility>
#include <vector>

/// Samples whose classes are known, for what reads classes.
namespace small {

/// Points about (3 c, 0, ...) for classes c, of which each row has the next: far apart.
inline std::vector<float> groups(std::int64_t rows, std::int64_t features, std::int64_t classes,
                                 std::uint64_t seed, float spread = 0.2f) {
  auto values = hourglass::test::normal_values(rows * features, seed);
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t i = 0; i < features; ++i) {
      float& value = values[static_cast<std::size_t>(row * features + i)];
      value = value * spread + (i == 0 ? 3 * static_cast<float>(row % classes) : 0);
    }
  }
  return values;
}

/// Classes 0, 1, ... in turns.
inline hourglass::Labels turns(std::int64_t rows, std::int64_t classes) {
  hourglass::Labels labels;
  labels.classes = hourglass::Tensor(hourglass::Shape{rows}, hourglass::DType::I64);
  for (std::int64_t row = 0; row < rows; ++row) {
    labels.classes.values<std::int64_t>()[static_cast<std::size_t>(row)] = row % classes;
  }
  return labels;
}

/// Three features, in as many rows as said for either split.
inline hourglass::DataSet grouped(std::int64_t train, std::int64_t test, std::int64_t classes,
                                  float spread = 0.2f) {
  hourglass::DataSet made =
      data(hourglass::test::source({train, 3}, groups(train, 3, classes, 1, spread),
                                   turns(train, classes)),
           hourglass::test::source({test, 3}, groups(test, 3, classes, 2, spread),
                                   turns(test, classes)));
  made.classes = classes;
  return made;
}

}  // namespace small
