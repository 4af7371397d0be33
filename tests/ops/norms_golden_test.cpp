// Normalisations and their gradients beside PyTorch's; see tests/golden/make_norms.py.
#include "ops/evaluate.hpp"

#include <hourglass/ops/batch_normalization.hpp>
#include <hourglass/ops/group_normalization.hpp>
#include <hourglass/ops/layer_normalization.hpp>

#include <support/golden_norms.hpp>

#include <string>
#include <vector>

namespace hourglass::test {

namespace {

/// What a case's name means.
GradientFunction function_of(const std::string& name) {
  const std::string kind = name.substr(0, name.find('-'));
  return [=](Values v) {
    if (kind == "layer") return layer_normalization(v[0], v[1], v[2]);
    if (kind == "group") return group_normalization(v[0], std::stoi(name.substr(6)), v[1], v[2]);
    return batch_normalization(v[0], v[1], v[2], {.relu = name.starts_with("batch-relu-")}).y;
  };
}

}  // namespace

TEST_SUITE("ops/norms_golden") {
  TEST_CASE("normalisations and their gradients equal those of PyTorch") {
    for (const auto& [name, golden] : golden_norms()) {
      CAPTURE(name);
      const auto at = [&](const std::string& what) { return golden.at(what).floats(); };
      const std::vector<Tensor> inputs{golden.at("x"), golden.at("weight"), golden.at("bias"),
                                       golden.at("direction")};
      const GradientFunction function = function_of(name);
      // Values of 1e4 are 1e-3 apart, and PyTorch's are exact: only y is as good.
      const float tolerance = name == "layer-large-mean" ? 2e-5f : 1e-5f;
      check_near(evaluate(function, inputs).floats(), at("y"), tolerance);
      const char* names[] = {"dx", "dweight", "dbias"};
      for (int i = 0; i < 3; ++i) {
        const auto gradient = [&](Values v) {
          return gradients(sum(function(v) * v[3]), v.subspan(i, 1))[0];
        };
        check_near(evaluate(gradient, inputs).floats(), at(names[i]), 4 * tolerance);
      }
    }
  }
}

}  // namespace hourglass::test
