#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/nn/corruption.hpp>

#include <ops/evaluate.hpp>
#include <support/ranges.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace hourglass::test {

namespace {

std::vector<CorruptionOptions> corruptions(const std::string& yaml) {
  std::vector<CorruptionOptions> options;
  config::Problems problems;
  config::Codec<std::vector<CorruptionOptions>>::read(config::parse_text(yaml, "f"), "corruption",
                                                      problems, options);
  problems.throw_if_any();
  return options;
}

struct Drawn {
  Numbers samples, where;
  double rate() const {
    double sum = 0;
    for (const float each : where) sum += each;
    return sum / static_cast<double>(where.size());
  }
};

Drawn corrupted(const std::string& yaml, const Tensor& x, const ValueRange& range,
                const RunState& state = {.seed = 1}) {
  Graph graph;
  const Corrupted result =
      corrupt(graph.input("x", x.shape()), corruptions(yaml), range, "corruption");
  Arena arena;
  Program program(graph, {result.samples, result.where}, {}, arena);
  program.feed("x", x.floats().data());
  REQUIRE(program.run(state));
  return {numbers_of(program.fetched(0)), numbers_of(program.fetched(1))};
}

Tensor constant(const Shape& shape, float value) {
  Tensor tensor(shape);
  std::ranges::fill(tensor.floats(), value);
  return tensor;
}

void check_mean_and_deviation(const Numbers& values, double mean, double deviation) {
  double sum = 0, squares = 0;
  for (const float each : values) {
    sum += each - mean;
    squares += (each - mean) * (each - mean);
  }
  const auto n = static_cast<double>(values.size());
  CHECK(std::abs(sum / n) < 5 * deviation / std::sqrt(n));
  CHECK(std::abs(std::sqrt(squares / n) - deviation) < 5 * deviation / std::sqrt(2 * n));
}

/// A part of n values is as large as its probability says, within five standard deviations.
void check_part(double part, double probability, double n) {
  CHECK(std::abs(part - probability) < 5 * std::sqrt(probability * (1 - probability) / n));
}

bool all_are(const Numbers& values, float value) {
  return std::ranges::all_of(values, [&](float each) { return each == value; });
}

/// Values that are nowhere corrupted stand as they were.
void check_rest_stands(const Drawn& drawn, const Tensor& x) {
  for (std::size_t i = 0; i < drawn.where.size(); ++i) {
    if (drawn.where[i] == 0) {
      CHECK(drawn.samples[i] == x.floats()[i]);
    } else {
      CHECK(drawn.where[i] == 1);
    }
  }
}

}  // namespace

TEST_SUITE("nn/corruption") {
  TEST_CASE("gaussian noise has the mean and deviation that it should, at every value") {
    const Drawn drawn = corrupted("[{gaussian: 0.7}]", constant({100, 20, 25}, 2), kWide);
    check_mean_and_deviation(drawn.samples, 2, 0.7f);
    CHECK(all_are(drawn.where, 1));
  }

  TEST_CASE("speckle multiplies, so that zeros stay and larger values vary more") {
    const Drawn drawn = corrupted("[{speckle: 0.3}]", constant({100, 500}, 4), kWide);
    check_mean_and_deviation(drawn.samples, 4, 4 * 0.3f);
    CHECK(all_are(drawn.where, 1));
    CHECK(all_are(corrupted("[speckle]", constant({3, 5}, 0), kWide).samples, 0));
  }

  TEST_CASE(
      "noise is clipped where the training data lie in the unit or symmetric interval alone") {
    const Tensor x = random_tensor({20, 30}, 1, 0, 1);
    for (const std::string noise : {"[{gaussian: 0.5}]", "[{speckle: 2}]"}) {
      const Numbers free = corrupted(noise, x, kWide).samples;
      const Numbers unit = corrupted(noise, x, kUnit).samples;
      const Numbers symmetric = corrupted(noise, x, kSymmetric).samples;
      CHECK(std::ranges::min(free) < -1);
      CHECK(std::ranges::max(free) > 1);
      for (std::size_t i = 0; i < free.size(); ++i) {
        CHECK(unit[i] == std::clamp(free[i], 0.0f, 1.0f));
        CHECK(symmetric[i] == std::clamp(free[i], -1.0f, 1.0f));
      }
    }
  }

  TEST_CASE("masking sets its part of the values to zero and leaves the others") {
    const Tensor x = random_tensor({200, 50}, 1, 1, 2);
    const Drawn drawn = corrupted("[{masking: 0.3}]", x, kWide);
    check_part(drawn.rate(), 0.3, 10000);
    check_rest_stands(drawn, x);
    for (std::size_t i = 0; i < drawn.where.size(); ++i) {
      CHECK((drawn.samples[i] == 0) == (drawn.where[i] == 1));
    }
    CHECK(corrupted("[{masking: 0}]", x, kWide).samples == numbers_of(x.floats()));
    CHECK(all_are(corrupted("[{masking: 1}]", x, kWide).samples, 0));
  }

  TEST_CASE("salt and pepper are exactly the least and the greatest, half and half") {
    const Tensor x = random_tensor({200, 50}, 1, 0.2f, 0.7f);
    const auto check = [&](const ValueRange& range, float least, float greatest) {
      const Drawn drawn = corrupted("[{salt_pepper: 0.4}]", x, range);
      check_part(drawn.rate(), 0.4, 10000);
      check_rest_stands(drawn, x);
      double salt = 0;
      for (std::size_t i = 0; i < drawn.where.size(); ++i) {
        if (drawn.where[i] == 0) continue;
        CHECK((drawn.samples[i] == least || drawn.samples[i] == greatest));
        salt += drawn.samples[i] == greatest ? 1 : 0;
      }
      check_part(salt / 10000, 0.2, 10000);
    };
    check({.least = 0.2f, .greatest = 0.7f}, 0, 1);
    check({.least = -0.9f, .greatest = 0.7f}, -1, 1);
    check(kWide, -3, 5);
  }

  TEST_CASE("a block is a square inside the image in all channels, and any place is as likely") {
    const Tensor x = random_tensor({6000, 2, 4, 5}, 1, 1, 2);
    const Drawn drawn = corrupted("[{block: 2}]", x, kWide);
    check_rest_stands(drawn, x);
    std::map<std::set<int>, int> places;  // each the hidden pixels of an image
    for (std::size_t n = 0; n < 6000; ++n) {
      std::set<int> hidden[2];
      for (int i = 0; i < 40; ++i) {
        const std::size_t at = n * 40 + static_cast<std::size_t>(i);
        CHECK((drawn.samples[at] == 0) == (drawn.where[at] == 1));
        if (drawn.where[at] == 1) hidden[i / 20].insert(i % 20);
      }
      CHECK(hidden[0] == hidden[1]);
      REQUIRE(hidden[0].size() == 4);
      const int first = *hidden[0].begin();
      CHECK(hidden[0] == std::set<int>{first, first + 1, first + 5, first + 6});
      CHECK(first % 5 < 4);
      ++places[hidden[0]];
    }
    CHECK(places.size() == 12);
    for (const auto& [place, count] : places) check_part(count / 6000.0, 1 / 12.0, 6000);
  }

  TEST_CASE("a block as large as the image hides it all, and several blocks lie apart") {
    CHECK(all_are(corrupted("[{block: 3}]", constant({5, 3, 3}, 1), kUnit).samples, 0));
    const Drawn drawn =
        corrupted("[{block: {size: 2, count: 2}}]", constant({500, 6, 6}, 1), kUnit);
    std::map<int, int> sizes;  // of what is hidden in each image
    for (std::size_t n = 0; n < 500; ++n) {
      int size = 0;
      for (std::size_t i = 0; i < 36; ++i) size += drawn.where[n * 36 + i] == 1 ? 1 : 0;
      ++sizes[size];
    }
    CHECK(sizes.begin()->first >= 4);
    CHECK(sizes.rbegin()->first == 8);
    // Two of 25 places coincide in one image of 25.
    check_part(sizes[4] / 500.0, 0.04, 500);
  }

  TEST_CASE("several corruptions act one after another, each by numbers of its own") {
    const Tensor x = random_tensor({200, 50}, 1, 1, 2);
    const Drawn both = corrupted("[{masking: 0.3}, {masking: 0.3}]", x, kWide);
    check_part(both.rate(), 1 - 0.7 * 0.7, 10000);
    check_rest_stands(both, x);
    const Drawn noisy_then_masked = corrupted("[gaussian, {masking: 0.3}]", x, kWide);
    CHECK(all_are(noisy_then_masked.where, 1));
    check_part(static_cast<double>(std::ranges::count(noisy_then_masked.samples, 0.0f)) / 10000,
               0.3, 10000);
    const Drawn masked_then_noisy = corrupted("[{masking: 0.3}, gaussian]", x, kWide);
    CHECK(std::ranges::count(masked_then_noisy.samples, 0.0f) == 0);
  }

  TEST_CASE("training corrupts afresh in each step, and the same step in the same way") {
    const Tensor x = constant({6, 8, 8}, 0.5f);
    for (const std::string kind : {"gaussian", "speckle", "salt_pepper", "masking", "block"}) {
      CAPTURE(kind);
      const auto step = [&](std::int64_t number) {
        return corrupted("[" + kind + "]", x, kWide, {.seed = 1, .step = number}).samples;
      };
      if (kind != "block") CHECK(step(0) != step(1));
      CHECK(step(3) == step(3));
    }
    const auto block = [&](std::int64_t step) {
      return corrupted("[{block: 3}]", x, kWide, {.seed = 1, .step = step}).samples;
    };
    CHECK(block(0) != block(1));
  }

  TEST_CASE("evaluation corrupts a sample in the same way in any batch") {
    const Tensor three = constant({3, 8, 8}, 0.5f), one = constant({1, 8, 8}, 0.5f);
    const std::vector<std::uint32_t> all{4, 9, 2}, last{2};
    for (const std::string kind :
         {"[gaussian]", "[speckle]", "[salt_pepper]", "[masking]", "[{block: 3}]"}) {
      CAPTURE(kind);
      const auto evaluation = [](std::span<const std::uint32_t> samples, std::int64_t step) {
        return RunState{.seed = 1, .training = false, .step = step, .split = 2, .samples = samples};
      };
      const Numbers whole = corrupted(kind, three, kWide, evaluation(all, 0)).samples;
      const Numbers alone = corrupted(kind, one, kWide, evaluation(last, 7)).samples;
      CHECK(Numbers(whole.begin() + 128, whole.end()) == alone);
      CHECK(Numbers(whole.begin(), whole.begin() + 64) != alone);
    }
  }

  TEST_CASE("blocks are refused where there are no images, or smaller ones") {
    const auto fault = [](const std::string& yaml, const Shape& shape) {
      return fault_of(corruptions(yaml)[0], shape);
    };
    CHECK(fault("[{block: 3}]", {12}) ==
          "block hides squares of images, and the data have the shape [12]; use masking");
    CHECK(fault("[{block: 5}]", {3, 8, 4}) ==
          "block has squares of 5 x 5, larger than the images, [3, 8, 4]");
    CHECK(fault("[{block: 4}]", {8, 4}) == "");
    CHECK(fault("[gaussian]", {12}) == "");
  }

  TEST_CASE("corruptions that are not meant so are refused, each at its place") {
    const auto check = [](const std::string& yaml, const std::string& message) {
      CHECK_THROWS_WITH_AS(corruptions(yaml), message.c_str(), ConfigError);
    };
    check("[gausian]",
          "f:1:2: unknown name \"gausian\" for corruption.0; did you mean \"gaussian\"?");
    check("[gauss]", "f:1:2: unknown name \"gauss\" for corruption.0; did you mean \"gaussian\"?");
    check("[blur]",
          "f:1:2: unknown name \"blur\" for corruption.0; valid: gaussian, speckle, salt_pepper, "
          "masking, block");
    check("[{gaussian: -1}]", "f:1:13: corruption.0.gaussian.sigma must be >= 0, got -1");
    check("[{masking: 1.5}]", "f:1:12: corruption.0.masking.rate must be in [0, 1], got 1.5");
    check("[{block: 0}]", "f:1:10: corruption.0.block.size must be >= 1, got 0");
    check("[{block: {size: 2, count: 0}}]", "f:1:27: corruption.0.block.count must be >= 1, got 0");
  }
}

}  // namespace hourglass::test
