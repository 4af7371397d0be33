#include <hourglass/compare/settings.hpp>
#include <hourglass/config/parse.hpp>

#include <doctest/doctest.h>

using namespace hourglass;
using namespace hourglass::compare;

TEST_SUITE("compare/settings") {
  TEST_CASE("each value that is no map is a setting under its dotted path") {
    const Point settings =
        settings_of(config::parse_text("seed: 1\n"
                                       "model:\n"
                                       "  encoder:\n"
                                       "    - dense: {width: 400}\n"
                                       "      activation: relu\n"
                                       "  capacity: null\n"
                                       "  likelihood: {bernoulli: {}}\n"
                                       "train: {optimizer: {adam: {learning_rate: 1.0e-03}}}\n"
                                       "variant: \"8\"\n",
                                       "a.yaml"));
    REQUIRE(settings.size() == 6);
    CHECK(find_value(settings, "seed")->text == "1");
    CHECK(find_value(settings, "model.encoder")->text ==
          "[{dense: {width: 400}, activation: relu}]");
    CHECK(find_value(settings, "model.capacity")->kind == PointValue::Kind::Null);
    CHECK(find_value(settings, "model.likelihood.bernoulli")->text == "{}");
    CHECK(find_value(settings, "train.optimizer.adam.learning_rate")->text == "0.001");
    CHECK(find_value(settings, "variant")->kind == PointValue::Kind::Text);
    CHECK(settings_of(config::parse_text("[1, 2]", "b.yaml")).empty());
  }
}
