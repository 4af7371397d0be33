#include <hourglass/core/schedule.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>

namespace hourglass {

TEST_SUITE("core/schedule") {
  using enum Schedule::Unit;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();

  TEST_CASE("a plain number is a constant schedule") {
    const Schedule schedule = 0.25;
    CHECK(schedule.is_constant());
    CHECK(schedule.at(0, 100) == 0.25);
    CHECK(schedule.at(1'000'000, 100) == 0.25);
    CHECK(schedule.least() == 0.25);
    CHECK(schedule.greatest() == 0.25);
    CHECK(Schedule().at(5, 1) == 0);
  }

  TEST_CASE("linear goes straight from one value to the other, then stays") {
    const Schedule schedule = Schedule::linear(1, 3, 4, Steps);
    CHECK(schedule.at(0, 1) == 1);
    CHECK(schedule.at(1, 1) == 1.5);
    CHECK(schedule.at(4, 1) == 3);
    CHECK(schedule.at(400, 1) == 3);
    CHECK_FALSE(schedule.is_constant());
  }

  TEST_CASE("epochs are turned into steps") {
    const Schedule schedule = Schedule::linear(0, 1, 10, Epochs);
    CHECK(schedule.at(0, 50) == 0);
    CHECK(schedule.at(250, 50) == 0.5);
    CHECK(schedule.at(500, 50) == 1);
    CHECK(schedule.at(250, 100) == 0.25);
  }

  TEST_CASE("cosine starts flat, passes the middle halfway and ends flat") {
    const Schedule schedule = Schedule::cosine(1, 0.2, 8, Steps);
    CHECK(schedule.at(0, 1) == doctest::Approx(1));
    CHECK(schedule.at(2, 1) == doctest::Approx(0.6 + 0.4 * std::sqrt(0.5)));
    CHECK(schedule.at(4, 1) == doctest::Approx(0.6));
    CHECK(schedule.at(8, 1) == doctest::Approx(0.2));
    CHECK(schedule.at(99, 1) == doctest::Approx(0.2));
  }

  TEST_CASE("cyclic rises over the first half of each cycle and stays for the second") {
    const Schedule schedule = Schedule::cyclic(0, 2, 4, Steps);
    const double expected[] = {0, 1, 2, 2, 0, 1, 2, 2, 0};
    for (int i = 0; i < 9; ++i) CHECK(schedule.at(i, 1) == expected[i]);
    CHECK(schedule.least() == 0);
    CHECK(schedule.greatest() == 2);
    CHECK(Schedule::cyclic(1, 0, 1, Epochs).at(1, 4) == 0.5);
  }

  TEST_CASE("an epoch may have a fraction of a step") {
    CHECK(Schedule::linear(0, 1, 2, Epochs).at(1, 2.5) == doctest::Approx(0.2));
  }

  TEST_CASE("step multiplies after each length, exponential all the time") {
    const Schedule steps = Schedule::step(8, 0.5, 10, Steps);
    CHECK(steps.at(9, 1) == 8);
    CHECK(steps.at(10, 1) == 4);
    CHECK(steps.at(29, 1) == 2);
    CHECK(steps.at(30, 1) == 1);

    const Schedule smooth = Schedule::exponential(8, 0.25, 10, Steps);
    CHECK(smooth.at(0, 1) == 8);
    CHECK(smooth.at(5, 1) == doctest::Approx(4));
    CHECK(smooth.at(10, 1) == doctest::Approx(2));
    CHECK(smooth.at(20, 1) == doctest::Approx(0.5));
  }

  TEST_CASE("warm-up grows from 1/n to 1 over the first n steps and multiplies the schedule") {
    const Schedule constant = Schedule(2).warmed_up(4, Steps);
    CHECK(constant.at(0, 1) == 0.5);
    CHECK(constant.at(1, 1) == 1);
    CHECK(constant.at(3, 1) == 2);
    CHECK(constant.at(4, 1) == 2);
    CHECK_FALSE(constant.is_constant());

    const Schedule epochs = Schedule(1).warmed_up(2, Epochs);
    CHECK(epochs.at(0, 5) == doctest::Approx(0.1));
    CHECK(epochs.at(9, 5) == 1);

    const Schedule linear = Schedule::linear(4, 0, 8, Steps).warmed_up(2);
    CHECK(linear.at(0, 1) == 2);
    CHECK(linear.at(1, 1) == 3.5);
    CHECK(linear.at(4, 1) == 2);
  }

  TEST_CASE("a warm-up shorter than a step changes nothing") {
    CHECK(Schedule(3).warmed_up(0.001, Epochs).at(0, 10) == 3);
  }

  TEST_CASE("least and greatest bound what a schedule reaches") {
    const auto check = [](const Schedule& schedule, double least, double greatest) {
      CHECK(schedule.least() == least);
      CHECK(schedule.greatest() == greatest);
      for (std::int64_t step = 0; step < 200; ++step) {
        CHECK(schedule.at(step, 1) >= least);
        CHECK(schedule.at(step, 1) <= greatest);
      }
    };
    check(Schedule::linear(3, -1, 10, Steps), -1, 3);
    check(Schedule::cosine(-1, 3, 10, Steps), -1, 3);
    check(Schedule::step(2, 0.5, 10, Steps), 0, 2);
    check(Schedule::exponential(-2, 0.5, 10, Steps), -2, 0);
    check(Schedule::exponential(2, 1.5, 10, Steps), 2, kInfinity);
    check(Schedule::step(2, 1, 10, Steps), 2, 2);
    check(Schedule::exponential(0, 1.5, 10, Steps), 0, 0);
    check(Schedule::step(-2, 1.5, 10, Steps), -kInfinity, -2);
  }

  TEST_CASE("schedules are equal when all their numbers are") {
    const Schedule schedule = Schedule::step(1, 0.5, 3, Epochs);
    CHECK(schedule == Schedule::step(1, 0.5, 3, Epochs));
    CHECK(schedule != Schedule::step(1, 0.5, 3, Steps));
    CHECK(schedule != Schedule::exponential(1, 0.5, 3, Epochs));
    CHECK(schedule != schedule.warmed_up(1));
  }
}

}  // namespace hourglass
