#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/metrics.hpp>

#include <doctest/doctest.h>

using namespace hourglass;

TEST_SUITE("evaluate/metric") {
  TEST_CASE("every metric is found by its name and says what it means") {
    for (const MetricType* metric : metrics()) {
      CHECK(find_metric(metric->name()) == metric);
      CHECK_FALSE(metric->meaning().empty());
    }
    CHECK(find_metric("reconstruction") != nullptr);
    CHECK(find_metric("units") != nullptr);
    CHECK(find_metric("unit") == nullptr);
  }

  TEST_CASE("measures keep their order and refuse a second number of one name") {
    Measures measures;
    measures.add("b", 1);
    measures.add("a", 2);
    CHECK(measures.numbers()[0].first == "b");
    CHECK(*measures.find("a") == 2);
    CHECK(measures.find("c") == nullptr);
    CHECK_THROWS_WITH_AS(measures.add("b", 3), "\"b\" is measured twice", Error);
  }

  TEST_CASE("splits have the numbers that randomness counts by") {
    CHECK(split_number("train") == 0);
    CHECK(split_number("validation") == 1);
    CHECK(split_number("test") == 2);
    CHECK_THROWS_WITH_AS(split_number("tset"),
                         "unknown split \"tset\"; there are train, validation and test",
                         ConfigError);
  }
}
