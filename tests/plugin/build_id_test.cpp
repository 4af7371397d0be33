#include <hourglass/plugin/build_id.hpp>

#include <doctest/doctest.h>
#include <string>

TEST_SUITE("plugin/build_id") {
  TEST_CASE("it names version, headers, compiler, language and library") {
    const std::string id = HOURGLASS_BUILD_ID;
    CAPTURE(id);
    CHECK(id.starts_with(HOURGLASS_STAMP_VERSION ", headers " HOURGLASS_STAMP_HEADERS ", "));
    CHECK(std::string(HOURGLASS_STAMP_HEADERS).size() == 16);
    CHECK(id.find(", c++ 20") != std::string::npos);
    CHECK(id.size() < 192);
#if defined(__SANITIZE_ADDRESS__)
    CHECK(id.ends_with(", address sanitizer"));
#else
    CHECK(id.find("sanitizer") == std::string::npos);
#endif
  }

  TEST_CASE("it is the same in every file that says it") {
    CHECK(std::string(HOURGLASS_BUILD_ID) == HOURGLASS_BUILD_ID);
  }
}
