#include "selection.hpp"

namespace hourglass {

using namespace test;

namespace {

/// What the rule says, by a sort of the whole batch.
void check_against_sort_of_batch(const Tensor& x, std::int64_t k) {
  CAPTURE(x.shape().to_text());
  CAPTURE(k);
  const std::int64_t rows = x.shape()[0], columns = x.shape()[1];
  const auto positive =
      std::ranges::count_if(x.floats(), [](float each) { return each > 0 || std::isnan(each); });
  const std::int64_t used = std::min<std::int64_t>(k * rows, positive);
  Pairs expected;
  expected.offsets.assign(rows + 1, 0);
  for (std::int64_t place : largest(x.floats(), used)) {
    expected.values.push_back(x.floats()[place]);
    expected.indices.push_back(static_cast<float>(place % columns));
    for (std::int64_t row = place / columns; row < rows; ++row) ++expected.offsets[row + 1];
  }
  expected.values.resize(k * rows, 0);
  expected.indices.resize(k * rows, 0);
  const Pairs got = pairs_of(batch_topk, x, k);
  check_same(got.values, expected.values);
  CHECK(got.indices == expected.indices);
  CHECK(got.offsets == expected.offsets);
}

}  // namespace

TEST_SUITE("ops/batch_topk") {
  TEST_CASE("the largest of the whole batch, row after row") {
    const Tensor x = tensor({3, 4}, {1, 9, 8, 7,  //
                                     2, 0, 1, 3,  //
                                     6, 5, 4, 0});
    const Pairs got = pairs_of(batch_topk, x, 2);
    CHECK(got.values == Numbers{9, 8, 7, 6, 5, 4});
    CHECK(got.indices == Numbers{1, 2, 3, 0, 1, 2});
    CHECK(got.offsets == Numbers{0, 3, 3, 6});
  }

  TEST_CASE("elements that are not positive are never taken, and their room stays unused") {
    const Tensor x = tensor({2, 3}, {-1, 2, 0, -0.0f, -3, 1});
    const Pairs got = pairs_of(batch_topk, x, 2);
    CHECK(got.values == Numbers{2, 1, 0, 0});
    CHECK(got.indices == Numbers{1, 2, 0, 0});
    CHECK(got.offsets == Numbers{0, 1, 2});
    CHECK(pairs_of(batch_topk, tensor({1, 3}, {-1, -2, 0}), 3).offsets == Numbers{0, 0});
  }

  TEST_CASE("of equal elements those of the lower row come first, then the lower index") {
    const Pairs got = pairs_of(batch_topk, tensor({3, 3}, {1, 1, 5, 1, 1, 1, 5, 1, 1}), 2);
    CHECK(got.indices == Numbers{0, 1, 2, 0, 1, 0});
    CHECK(got.offsets == Numbers{0, 3, 5, 6});
  }

  TEST_CASE("whole batches of every size agree with a sort") {
    for (const std::int64_t columns : {1, 5, 64, 130, 2000}) {
      for (const std::int64_t k : {1, 2, 32, 130}) {
        if (k > columns) continue;
        for (const float low : {-1.0f, -0.02f, 0.5f}) {
          check_against_sort_of_batch(
              random_tensor({7, columns}, static_cast<std::uint64_t>(k), low, 1), k);
        }
      }
    }
    Tensor skewed = random_tensor({6, 300}, 8);
    for (float& each : skewed.floats()) each = std::exp(40 * each);  // over many exponents
    check_against_sort_of_batch(skewed, 20);
  }

  TEST_CASE("ties, zeros and NaN agree with a sort of the whole batch") {
    for (const std::int64_t k : {1, 10, 100, 400}) {
      Tensor x = random_tensor({5, 400}, 2, -2, 4);
      for (float& each : x.floats()) each = std::round(each);
      x.floats()[399] = kNan;
      x.floats()[1700] = -kNan;
      check_against_sort_of_batch(x, k);
    }
    check_against_sort_of_batch(Tensor({3, 50}), 4);
  }

  TEST_CASE("gradients reach the taken elements alone, however many there are") {
    Tensor x({3, 11});
    for (std::int64_t i = 0; i < x.size(); ++i) {
      x.floats()[i] = 0.25f * static_cast<float>(i * 7 % 33) - 3.1f;
    }
    check_twice([](Values in) { return to_dense(batch_topk(in[0], 3)); }, {x});
    check_twice([](Values in) { return to_dense(batch_topk(in[0], 9)); }, {x});  // 20 are positive
  }

  TEST_CASE("what is taken of a batch is the same for any number of threads") {
    const Tensor x = random_tensor({64, 3000}, 4);
    check_for_any_team([&] { return pairs_of(batch_topk, x, 20); });
  }

  TEST_CASE("batch_topk of an empty batch has no pairs, and a k too large is refused") {
    const Pairs got = pairs_of(batch_topk, Tensor({0, 5}), 2);
    CHECK(got.values.empty());
    CHECK(got.offsets == Numbers{0});
    Graph graph;
    CHECK_THROWS_WITH_AS(
        batch_topk(graph.input("x", {3, 5}), 6),
        "[batch_topk] k must be between 1 and the 5 elements of a row of x [3, 5], got 6",
        ShapeError);
  }
}

}  // namespace hourglass
