#pragma once

#include <hourglass/core/tensor.hpp>

#include <doctest/doctest.h>
#include <support/places.hpp>

#include <cstdint>
#include <fstream>
#include <map>
#include <string>
#include <vector>

/// Normalisations as PyTorch computes them; see tests/golden/make_norms.py.
namespace hourglass::test {

/// The tensors of each case, by name.
inline std::map<std::string, std::map<std::string, Tensor>> golden_norms() {
  std::ifstream in(HOURGLASS_GOLDEN "norms.txt");
  std::string word;
  int version = 0;
  in >> word >> version;
  REQUIRE(word == "hourglass-golden-norms");
  REQUIRE(version == 1);
  std::map<std::string, std::map<std::string, Tensor>> cases;
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
    const auto slash = name.find('/');
    cases[name.substr(0, slash)].emplace(name.substr(slash + 1), std::move(tensor));
  }
  REQUIRE(in.eof());
  REQUIRE(cases.size() == 16);
  return cases;
}

}  // namespace hourglass::test
