#include <hourglass/compare/settings.hpp>
#include <hourglass/config/parse.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

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
    CHECK(find_value(settings, "model.likelihood")->text == "bernoulli");
    CHECK(find_value(settings, "train.optimizer.adam.learning_rate")->text == "0.001");
    CHECK(find_value(settings, "variant")->kind == PointValue::Kind::Text);
    CHECK(settings_of(config::parse_text("[1, 2]", "b.yaml")).empty());
  }

  TEST_CASE("paths lead into maps and lists, and to nothing where there is nothing") {
    const config::Node experiment = config::parse_text(
        "model:\n  encoder: [{dense: {width: 400}}, {dense: {width: 2.0}}]\n"
        "  likelihood: {bernoulli: {}}\n  beta: null\n",
        "a.yaml");
    const std::vector<std::string> paths = {
        "model.encoder.1.dense.width", "model.encoder.0", "model.likelihood",  "model.beta",
        "model.encoder.2.dense",       "model.encoder.x", "model.beta.deeper", "variant"};
    const Point at = settings_at(experiment, paths);
    REQUIRE(at.size() == 4);
    CHECK(at[0] == Point::value_type{paths[0], point_value("2")});
    CHECK(at[1] == Point::value_type{paths[1], text_value("{dense: {width: 400}}")});
    CHECK(at[2] == Point::value_type{paths[2], text_value("bernoulli")});
    CHECK(at[3] == Point::value_type{paths[3], PointValue()});
  }

  TEST_CASE("long lists that differ at their ends are two values") {
    std::string layers = "encoder: [1";
    for (int i = 0; i < 300; ++i) layers += ", 16";
    CHECK(settings_of(config::parse_text(layers + ", 1]", "a.yaml")) !=
          settings_of(config::parse_text(layers + ", 2]", "b.yaml")));
  }
}
