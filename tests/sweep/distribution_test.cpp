#include <hourglass/config/parse.hpp>
#include <hourglass/sweep/distribution.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace hourglass;

namespace {

Distribution distribution(const std::string& yaml) {
  config::Problems problems;
  auto read = Distribution::read(config::parse_text(yaml, "d.yaml"), "key", problems);
  problems.throw_if_any();
  return *read;
}

std::string fault_of(const std::string& yaml) {
  config::Problems problems;
  CHECK_FALSE(Distribution::read(config::parse_text(yaml, "d.yaml"), "key", problems));
  return problems.to_text();
}

}  // namespace

TEST_SUITE("sweep/distribution") {
  TEST_CASE("numbers go from one end to the other, in a straight line or by their logarithm") {
    const Distribution plain = distribution("{uniform: [2, 4]}");
    CHECK(plain.at(0).text() == "2.0");
    CHECK(plain.at(0.5).text() == "3.0");
    CHECK(plain.at(0.25).text() == "2.5");
    const Distribution log = distribution("{log_uniform: [1.0e-4, 1.0e-2]}");
    CHECK(*log.at(0.5).to_number() == doctest::Approx(1e-3));
    CHECK(*log.at(0).to_number() == doctest::Approx(1e-4));
  }

  TEST_CASE("drawn numbers have six significant digits") {
    CHECK(distribution("{uniform: [0, 1]}").at(1.0 / 3).text() == "0.333333");
  }

  TEST_CASE("whole numbers have both ends, each as often as the others") {
    const Distribution whole = distribution("{whole: [3, 5]}");
    std::vector<int> counts(6);
    for (int i = 0; i < 300; ++i)
      ++counts[static_cast<std::size_t>(*whole.at(i / 300.0).to_number())];
    CHECK(counts == std::vector<int>{0, 0, 0, 100, 100, 100});
    CHECK(whole.at(0.99).text() == "5");
    std::set<std::string> seen;
    const Distribution log = distribution("{log_whole: [1, 8]}");
    for (int i = 0; i < 1000; ++i) seen.insert(log.at(i / 1000.0).text());
    CHECK(seen == std::set<std::string>{"1", "2", "3", "4", "5", "6", "7", "8"});
    CHECK(log.at(0.3).text() == "1");  // 9^0.3 is 1.93
  }

  TEST_CASE("a choice gives its values as they are written, each as often") {
    const Distribution choice = distribution("{choice: [relu, [1, 2], {a: b}]}");
    CHECK(choice.choices() == 3);
    CHECK(choice.at(0).text() == "relu");
    CHECK(choice.at(0.5).is_list());
    CHECK(choice.at(0.9999).is_map());
  }

  TEST_CASE("the centre of a value stands for the same value") {
    for (const char* yaml : {"{whole: [3, 9]}", "{log_whole: [1, 50]}", "{choice: [a, b, c]}"}) {
      const Distribution each = distribution(yaml);
      for (int i = 0; i < 50; ++i) {
        CAPTURE(yaml);
        CAPTURE(i);
        CHECK(each.at(each.centre(i / 50.0)) == each.at(i / 50.0));
      }
    }
    CHECK(distribution("{uniform: [3, 9]}").centre(0.3) == 0.3);
  }

  TEST_CASE("what is no distribution is told with its place") {
    CHECK(fault_of("{unifrom: [0, 1]}") ==
          "d.yaml:1:2: unknown distribution \"unifrom\" for key; did you mean \"uniform\"?");
    CHECK(fault_of("{uniform: [1, 0]}") ==
          "d.yaml:1:11: key.uniform must go from a smaller number to a larger one, got [1, 0]");
    CHECK(fault_of("{log_uniform: [0, 1]}") ==
          "d.yaml:1:15: key.log_uniform must begin above 0, got 0");
    CHECK(fault_of("{whole: [1.5, 3]}") ==
          "d.yaml:1:9: key.whole must go from a whole number to another, up to 1000000000, got "
          "[1.5, 3]");
    CHECK(fault_of("{uniform: [0, .inf]}").find("key.uniform.1 must be") != std::string::npos);
    CHECK(fault_of("{choice: []}").find("key.choice must be a list of values") !=
          std::string::npos);
    CHECK(fault_of("[1, 2]").find("such as {uniform: [0, 1]}") != std::string::npos);
  }
}
