#include <hourglass/compare/point.hpp>

#include <doctest/doctest.h>

using namespace hourglass::compare;

TEST_SUITE("compare/point") {
  TEST_CASE("numbers that are equal are one value, however they are written") {
    using Kind = PointValue::Kind;
    CHECK(point_value("1.0e-04") == point_value("0.0001"));
    CHECK(point_value("8.0") == point_value("8"));
    CHECK(point_value("8").text == "8");
    CHECK(point_value("8").kind == Kind::Number);
    CHECK(point_value("-0.0") == point_value("-0"));
    CHECK(point_value("12345678901234567890").text == "12345678901234567890");
    CHECK(point_value("007").text == "7");
  }

  TEST_CASE("words are what YAML takes them for, and nothing more") {
    using Kind = PointValue::Kind;
    CHECK(point_value("true").kind == Kind::Boolean);
    CHECK(point_value("null").kind == Kind::Null);
    for (const char* word :
         {"", "vae", "yes", "inf", "nan", ".nan", ".inf", "0x10", "1e999", "1 2"}) {
      CAPTURE(word);
      CHECK(point_value(word).kind == Kind::Text);
      CHECK(point_value(word).text == word);
    }
    CHECK(text_value("8").kind == Kind::Text);
    CHECK_FALSE(text_value("8") == point_value("8"));
    CHECK(point_value("\033").text == "?");
  }

  TEST_CASE("a point finds its values by key, and reads as a line") {
    const Point point = {{"variant", text_value("vae")}, {"model.latent", point_value("20")}};
    CHECK(find_value(point, "model.latent")->text == "20");
    CHECK(find_value(point, "latent") == nullptr);
    CHECK(point_text(point) == "variant vae, model.latent 20");
  }
}
