#pragma once

#include <hourglass/core/tensor.hpp>

#include <doctest/doctest.h>
#include <support/places.hpp>

#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace hourglass::test {

/// The tensors of a file in tests/golden/ by name: its first line is "hourglass-golden-<format> 1",
/// and each tensor is "tensor <name> <rank> <extents>... <values, row-major>...".
inline std::map<std::string, Tensor> golden_tensors(const std::string& file,
                                                    const std::string& format) {
  std::ifstream in(HOURGLASS_GOLDEN + file);
  std::string word;
  int version = 0;
  in >> word >> version;
  REQUIRE(word == "hourglass-golden-" + format);
  REQUIRE(version == 1);
  std::map<std::string, Tensor> tensors;
  while (in >> word) {
    if (word != "tensor") {
      std::getline(in, word);
      continue;
    }
    std::string name;
    int rank = 0;
    in >> name >> rank;
    std::vector<std::int64_t> extents(rank);
    for (auto& each : extents) in >> each;
    Tensor tensor{Shape(std::span<const std::int64_t>(extents))};
    for (float& each : tensor.floats()) in >> each;
    tensors.emplace(name, std::move(tensor));
  }
  REQUIRE(in.eof());
  return tensors;
}

}  // namespace hourglass::test
