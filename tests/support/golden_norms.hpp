#pragma once

#include <support/golden_tensors.hpp>

/// Normalisations as PyTorch computes them; see tests/golden/make_norms.py.
namespace hourglass::test {

/// The tensors of each case, by name.
inline std::map<std::string, std::map<std::string, Tensor>> golden_norms() {
  std::map<std::string, std::map<std::string, Tensor>> cases;
  for (const auto& [name, tensor] : golden_tensors("norms.txt", "norms")) {
    const auto slash = name.find('/');
    cases[name.substr(0, slash)].emplace(name.substr(slash + 1), tensor);
  }
  REQUIRE(cases.size() == 16);
  return cases;
}

}  // namespace hourglass::test
