#include <hourglass/evaluate/metric_direction.hpp>

#include <doctest/doctest.h>

using namespace hourglass;

TEST_SUITE("evaluate/metric_direction") {
  TEST_CASE("which way a metric is better is told by the last part of its name") {
    CHECK(direction_of("test/probe/linear_accuracy") == Direction::Higher);
    CHECK(direction_of("pca/test/probe/linear_accuracy") == Direction::Higher);
    CHECK(direction_of("validation/loss") == Direction::Lower);
    CHECK(direction_of("test/reconstruction/squared_error_per_feature") == Direction::Lower);
    CHECK(direction_of("seconds") == Direction::Lower);
  }

  TEST_CASE("a measure under corruption is as good as the one without") {
    CHECK(direction_of("test/robustness/psnr_gaussian_0.2") == Direction::Higher);
    CHECK(direction_of("test/robustness/squared_error_per_feature_block_4") == Direction::Lower);
  }

  TEST_CASE("numbers that are no merit by themselves have no better side") {
    for (const char* each : {"test/likelihood/kl", "test/anomaly/threshold", "train/reconstruction",
                             "test/prior_match/mmd_prior", "test/denoising/psnr_input", ""}) {
      CHECK(direction_of(each) == Direction::Unknown);
    }
  }
}
