#include "small_model.hpp"

#include <hourglass/evaluate/code_size.hpp>
#include <hourglass/evaluate/metrics.hpp>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

double dead_fraction(Model& model, const DataSet& data) {
  Measures measures;
  make_metric({"units"})->measure({model, data, 1}, measures);
  return *measures.find("test/units/dead_fraction");
}

}  // namespace

TEST_SUITE("evaluate/units") {
  TEST_CASE("units that are never above zero, or always the same, are dead") {
    const auto model = small::make("{latent: 4, rectified: true}", {2});
    // The sum; never above zero; always 7; the first input, a thousandth.
    small::set(*model, "code.weight", {1, 1, -1, -1, 0, 0, 0.001f, 0});
    small::set(*model, "code.bias", {0, 0, 7, 0});
    const DataSet data = small::data(test::source({1, 2}, {0, 0}),
                                     test::source({1200, 2}, test::uniform_values(2400, 1)));
    CHECK(dead_fraction(*model, data) == 0.5);
  }

  TEST_CASE("a large constant that rounding moves a little is dead, a small variation is not") {
    const auto model = small::make("{latent: 2}", {2});
    small::set(*model, "code.weight", {1e-3f, 0, 1, 0});
    small::set(*model, "code.bias", {1e4f, 0});
    const DataSet data =
        small::data(test::source({1, 2}, {0, 0}), test::source({3, 2}, {0, 0, 0.5f, 0, 1, 0}));
    CHECK(dead_fraction(*model, data) == 0.5);
    small::set(*model, "code.bias", {0, 1000});
    CHECK(dead_fraction(*model, data) == 0);
  }

  TEST_CASE("a collapsed code is dead altogether") {
    const auto model = small::make("{latent: 3}", {2});
    small::set(*model, "code.weight", {0, 0, 0, 0, 0, 0});
    const DataSet data =
        small::data(test::source({1, 2}, {0, 0}), test::source({2, 2}, {0, 1, 1, 0}));
    CHECK(dead_fraction(*model, data) == 1);
  }

  TEST_CASE("the compression ratio is features over code size") {
    const auto model = small::make("{latent: 3}", {4, 6});
    CHECK(code_size(*model) == 3);
    CHECK(compression_ratio(*model) == 8);
  }
}
