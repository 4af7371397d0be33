#include <cli/progress.hpp>

#include <doctest/doctest.h>
#include <limits>

using namespace hourglass;

namespace {

TrainProgress halfway() {
  return {.epoch = 2,
          .epochs = 4,
          .step = 5,
          .steps = 10,
          .loss = 101.25,
          .samples_per_second = 51234.4,
          .seconds_left = 12};
}

}  // namespace

TEST_SUITE("cli/progress") {
  TEST_CASE("the bar shows epoch, part, loss, speed and time left") {
    CHECK(cli::progress_line(halfway(), 80) ==
          "epoch 2/4 [#########.................]  loss 101.2  51,234 samples/s  0:12 left");
  }

  TEST_CASE("the bar fits every width, and gives up the bar first") {
    CHECK(cli::progress_line(halfway(), 58) ==
          "epoch 2/4  loss 101.2  51,234 samples/s  0:12 left");
    CHECK(cli::progress_line(halfway(), 30) == "epoch 2/4  loss 101.2");
    for (int width = 0; width < 200; ++width) {
      CHECK(cli::progress_line(halfway(), width).size() <=
            static_cast<std::size_t>(std::max(width - 1, 0)));
    }
  }

  TEST_CASE("numbers that are no numbers do no harm") {
    TrainProgress odd = halfway();
    odd.loss = odd.samples_per_second = std::numeric_limits<double>::quiet_NaN();
    odd.seconds_left = std::numeric_limits<double>::infinity();
    odd.steps = 0;
    const std::string line = cli::progress_line(odd, 80);
    CHECK(line.find("? samples/s  ? left") != line.npos);
  }
}
