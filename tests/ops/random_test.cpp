#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/ops/dropout.hpp>
#include <hourglass/ops/random.hpp>

#include <cmath>
#include <numbers>

namespace hourglass::test {

namespace {

enum class Kind { Uniform, Normal };

/// The numbers that a stream gives to `shape` in one run.
Numbers drawn(Kind kind, const Shape& shape, const RunState& state, const std::string& stream) {
  Graph graph;
  const Value y = kind == Kind::Normal ? random_normal(graph, shape, stream)
                                       : random_uniform(graph, shape, stream);
  Arena arena;
  Program program(graph, {y}, {}, arena);
  program.run(state);
  return numbers_of(program.fetched(0));
}

RunState evaluation(std::span<const std::uint32_t> samples, std::uint32_t draw = 0,
                    std::uint32_t split = 1) {
  return {.seed = 5, .training = false, .split = split, .draw = draw, .samples = samples};
}

}  // namespace

TEST_SUITE("ops/random") {
  TEST_CASE("training numbers are counted by element, step and stream, as documented") {
    const PhiloxKey key = stream_key(7, "noise");
    const Numbers y = drawn(Kind::Uniform, {3, 3}, {.seed = 7, .step = (1LL << 32) + 9}, "noise");
    for (std::uint32_t i = 0; i < 9; ++i) {
      const PhiloxCounter words = philox({i / 4, 9, 1, 0x80000000u}, key);
      CHECK(y[i] == static_cast<float>(words[i % 4] >> 8) * 0x1p-24f);
    }
  }

  TEST_CASE("evaluation numbers are counted by sample, split and draw, as documented") {
    const std::vector<std::uint32_t> samples{40, 2};
    const PhiloxKey key = stream_key(5, "noise");
    const Numbers y = drawn(Kind::Uniform, {2, 5}, evaluation(samples, 3), "noise");
    for (std::uint32_t i = 0; i < 10; ++i) {
      const PhiloxCounter words = philox({i % 5 / 4, samples[i / 5], 1, 3}, key);
      CHECK(y[i] == static_cast<float>(words[i % 5 % 4] >> 8) * 0x1p-24f);
    }
  }

  TEST_CASE("normal numbers are Box-Muller pairs of the uniform ones") {
    const Numbers u = drawn(Kind::Uniform, {64}, {.seed = 3}, "s");
    const Numbers z = drawn(Kind::Normal, {64}, {.seed = 3}, "s");
    for (int i = 0; i < 64; i += 2) {
      const double radius = std::sqrt(-2 * std::log(1 - double{u[i]}));
      const double angle = 2 * std::numbers::pi * u[i + 1];
      CHECK(z[i] == doctest::Approx(radius * std::cos(angle)).epsilon(1e-5).scale(1));
      CHECK(z[i + 1] == doctest::Approx(radius * std::sin(angle)).epsilon(1e-5).scale(1));
    }
  }

  TEST_CASE("a sample's numbers do not depend on the batch that it is evaluated in") {
    std::vector<std::uint32_t> samples(13);
    for (std::uint32_t i = 0; i < 13; ++i) samples[i] = 100 + 7 * i;
    for (const Kind kind : {Kind::Uniform, Kind::Normal}) {
      const Numbers together = drawn(kind, {13, 6}, evaluation(samples), "s");
      Numbers apart;
      for (const auto& [begin, end] : {std::pair{0, 4}, {4, 5}, {5, 13}}) {
        const std::span part(samples.data() + begin, static_cast<std::size_t>(end - begin));
        const Numbers numbers = drawn(kind, {end - begin, 6}, evaluation(part), "s");
        apart.insert(apart.end(), numbers.begin(), numbers.end());
      }
      CHECK(together == apart);
    }
  }

  TEST_CASE("another seed, stream, step, split, draw or mode gives other numbers") {
    const std::vector<std::uint32_t> samples{0};
    const Shape shape{1, 4};
    std::vector<Numbers> all{
        drawn(Kind::Uniform, shape, {.seed = 5}, "s"),
        drawn(Kind::Uniform, shape, {.seed = 6}, "s"),
        drawn(Kind::Uniform, shape, {.seed = 5}, "t"),
        drawn(Kind::Uniform, shape, {.seed = 5, .step = 1}, "s"),
        drawn(Kind::Uniform, shape, evaluation(samples), "s"),
        drawn(Kind::Uniform, shape, evaluation(samples, 1), "s"),
        drawn(Kind::Uniform, shape, evaluation(samples, 0, 2), "s"),
    };
    std::ranges::sort(all);
    CHECK(std::ranges::adjacent_find(all) == all.end());
  }

  TEST_CASE("other operations of a graph do not move a stream") {
    const Numbers alone = drawn(Kind::Normal, {3, 5}, {.seed = 2}, "a");
    Graph graph;
    const Value first = random_normal(graph, {7}, "b"), second = random_normal(graph, {3, 5}, "a");
    Arena arena;
    Program program(graph, {first, second}, {}, arena);
    program.run({.seed = 2});
    CHECK(numbers_of(program.fetched(1)) == alone);
  }

  TEST_CASE("moments of many numbers") {
    constexpr int kCount = 100003;
    double mean = 0, square = 0;
    for (float z : drawn(Kind::Normal, {kCount}, {.seed = 1}, "s")) {
      mean += z / kCount;
      square += double{z} * z / kCount;
    }
    CHECK(std::abs(mean) < 0.02);
    CHECK(std::abs(square - 1) < 0.02);
  }

  TEST_CASE("ranges and probabilities") {
    Graph graph;
    const Value wide = random_uniform(graph, {1000}, "u", -3, 5);
    const Value mask = random_bernoulli(graph, {10000}, "b", 0.3f);
    const Value never = random_bernoulli(graph, {100}, "b", 0),
                always = random_bernoulli(graph, {100}, "b", 1);
    Arena arena;
    Program program(graph, {wide, mask, never, always}, {}, arena);
    program.run({});
    const auto numbers = program.fetched(0);
    CHECK(std::ranges::min(numbers) >= -3);
    CHECK(std::ranges::min(numbers) < -2.9);
    CHECK(std::ranges::max(numbers) < 5);
    CHECK(std::ranges::max(numbers) > 4.9);
    CHECK(std::abs(std::ranges::count(program.fetched(1), 1.0f) - 3000) < 150);
    CHECK(std::ranges::count(program.fetched(1), 0.0f) +
              std::ranges::count(program.fetched(1), 1.0f) ==
          10000);
    CHECK(std::ranges::count(program.fetched(2), 0.0f) == 100);
    CHECK(std::ranges::count(program.fetched(3), 1.0f) == 100);
  }

  TEST_CASE("a scalar and an empty batch") {
    CHECK(drawn(Kind::Uniform, {}, {}, "s").size() == 1);
    CHECK(drawn(Kind::Normal, {0, 5}, {}, "s").empty());
    CHECK(drawn(Kind::Normal, {0, 5}, evaluation({}), "s").empty());
  }

  TEST_CASE("random: limits that are none are refused") {
    Graph graph;
    CHECK_THROWS_WITH_AS(random_uniform(graph, {1}, "s", 1, 1),
                         "[random_uniform] low must be below high, got 1 and 1", ShapeError);
    CHECK_THROWS_WITH_AS(random_bernoulli(graph, {1}, "s", 1.5f),
                         "[random_bernoulli] the probability must be in [0, 1], got 1.5",
                         ShapeError);
  }
}

TEST_SUITE("ops/dropout") {
  TEST_CASE("drops about its share and scales the rest") {
    const Tensor x = random_tensor({100, 100}, 1, 1, 2);
    const Numbers y = run([](Values v) { return dropout(v[0], 0.2f, "d"); }, {x});
    int dropped = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      dropped += y[i] == 0;
      if (y[i] != 0) CHECK(y[i] == doctest::Approx(x.floats()[i] / 0.8f).epsilon(1e-5));
    }
    CHECK(std::abs(dropped - 2000) < 150);
  }

  TEST_CASE("is the value itself at rate 0") {
    Graph graph;
    const Value x = graph.input("x", {2});
    CHECK(dropout(x, 0, "d") == x);
  }

  TEST_CASE("backward uses the mask of forward") {
    check_gradient([](Values v) { return dropout(v[0], 0.5f, "d"); }, {random_tensor({3, 4}, 2)});
  }

  TEST_CASE("a rate that is no probability is refused") {
    Graph graph;
    const Value x = graph.input("x", {2});
    CHECK_THROWS_WITH_AS(dropout(x, 1, "d"), "[dropout] rate must be in [0, 1), got 1", ShapeError);
    CHECK_THROWS_AS(dropout(x, -0.1f, "d"), ShapeError);
  }
}

}  // namespace hourglass::test
