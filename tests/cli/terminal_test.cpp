#include <cli/terminal.hpp>

#include <doctest/doctest.h>
#include <cmath>

using namespace hourglass::cli;

TEST_SUITE("cli/terminal") {
  TEST_CASE("text is broken between words, and words only where they must be") {
    CHECK(wrapped("one two three", 7) == std::vector<std::string>{"one two", "three"});
    CHECK(wrapped("abcdefgh ij", 3) == std::vector<std::string>{"abc", "def", "gh", "ij"});
    CHECK(wrapped("", 5) == std::vector<std::string>{""});
  }

  TEST_CASE("cells that are too long go on in the next line of their column") {
    CHECK(table({{"name", "meaning"}, {"latent", "size of the code and more"}}, {8, 0}, 26) ==
          "name    meaning\n"
          "latent  size of the code\n"
          "        and more\n");
  }

  TEST_CASE("columns are counted in characters") {
    CHECK(width_of("k\u00f6ln") == 4);
    CHECK(table({{"\u00e4", "x"}, {"b", "y"}}, {8, 0}, 40) == "\u00e4  x\nb  y\n");
  }

  TEST_CASE("control characters of strangers do not reach the terminal") {
    CHECK(harmless("a\033[2Jb\nc") == "a?[2Jb?c");
    CHECK(harmless("a\u009b2J\u0080\u00a0\u0153b") == "a?2J?\u00a0\u0153b");
    CHECK(harmless("a\x9b\xc3\xa9\x85 \xe2\x82\xac") == "a?\xc3\xa9? \xe2\x82\xac");
    CHECK(harmless("abcdefghij", 6) == "abc...");
  }

  TEST_CASE("numbers are written as people read them") {
    CHECK(grouped(0) == "0");
    CHECK(grouped(999) == "999");
    CHECK(grouped(60'000) == "60,000");
    CHECK(grouped(-1'234'567) == "-1,234,567");
    CHECK(short_number(0.0764321) == "0.07643");
    CHECK(byte_text(999) == "999 B");
    CHECK(byte_text(1'500) == "1.5 kB");
    CHECK(byte_text(9'912'422) == "9.9 MB");
    CHECK(byte_text(999'999) == "1.0 MB");
  }

  TEST_CASE("durations are written like a clock") {
    CHECK(clock_text(0) == "0:00");
    CHECK(clock_text(6.2) == "0:07");
    CHECK(clock_text(750) == "12:30");
    CHECK(clock_text(3723) == "1:02:03");
    CHECK(clock_text(std::nan("")) == "?");
    CHECK(clock_text(-1) == "?");
  }
}
