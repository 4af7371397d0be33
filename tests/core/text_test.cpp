#include <hourglass/core/text.hpp>

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>

namespace hourglass {

TEST_SUITE("core/text") {
  TEST_CASE("words and numbers are joined in order") {
    const std::string word = "word";
    CHECK(text() == "");
    CHECK(text("got ", 3, " of ", 0.5f, ": ", word, ' ', std::string_view("view")) ==
          "got 3 of 0.5: word view");
    CHECK(text(true, ' ', false) == "true false");
  }

  TEST_CASE("bytes are numbers, characters are characters") {
    CHECK(text(std::uint8_t{65}, 'A', std::int8_t{-1}) == "65A-1");
  }

  TEST_CASE("a word that a shell would split or expand is quoted") {
    CHECK(shell_word("runs/a-1.5") == "runs/a-1.5");
    CHECK(shell_word("my data") == "'my data'");
    CHECK(shell_word("it's") == "'it'\\''s'");
    CHECK(shell_word("$HOME") == "'$HOME'");
    CHECK(shell_word("") == "''");
  }

  TEST_CASE("whole numbers are exact to their limits") {
    CHECK(text(std::numeric_limits<std::int64_t>::min()) == "-9223372036854775808");
    CHECK(text(std::numeric_limits<std::uint64_t>::max()) == "18446744073709551615");
  }

  TEST_CASE("a fraction has the fewest digits that read back to the same value") {
    CHECK(text(0.1f) == "0.1");
    CHECK(text(0.1) == "0.1");
    CHECK(text(static_cast<double>(0.1f)) == "0.10000000149011612");
    CHECK(text(1e-3) == "0.001");
    CHECK(text(1e300) == "1e+300");
    CHECK(text(-0.0) == "-0");
    CHECK(text(std::numeric_limits<float>::infinity()) == "inf");
  }
}

}  // namespace hourglass
