#include <hourglass/compare/clean_text.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace hourglass::compare;

TEST_SUITE("compare/clean_text") {
  TEST_CASE("control characters and broken characters become question marks") {
    CHECK(clean_text("a\033[2Jb\r\n\x7f") == "a?[2Jb???");
    CHECK(clean_text("\xC2\x9B"
                     "31m") == "?31m");
    CHECK(clean_text("a\xFF\xE4z\xC3") == "a??z?");
    CHECK(clean_text("Größe ± 1 €") == "Größe ± 1 €");
    CHECK(clean_text(std::string("a\0b", 3)) == "a?b");
    CHECK(clean_text("") == "");
  }

  TEST_CASE("long texts end in dots, between characters") {
    CHECK(clean_text("abcdef", 6) == "abcdef");
    CHECK(clean_text("abcdefg", 6) == "abcdef...");
    CHECK(clean_text("ab€cd", 4) == "ab...");
  }
}
