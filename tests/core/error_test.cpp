#include <hourglass/core/error.hpp>

#include <doctest/doctest.h>

namespace hourglass {

TEST_SUITE("core/error") {
  TEST_CASE_TEMPLATE("each kind is caught by its name and as an Error, with its message", Kind,
                     ShapeError, ConfigError, DataError, IoError, PluginError, DivergedError) {
    CHECK_THROWS_WITH_AS(throw Kind("where: what"), "where: what", Kind);
    CHECK_THROWS_WITH_AS(throw Kind("where: what"), "where: what", Error);
    CHECK_THROWS_AS(throw Kind("where: what"), std::runtime_error);
  }
}

}  // namespace hourglass
