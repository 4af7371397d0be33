#include "selection.hpp"

namespace hourglass {

using namespace test;

namespace {

void check_against_sort(const Tensor& x, std::int64_t k) {
  CAPTURE(x.shape().to_text());
  CAPTURE(k);
  Numbers values, indices, offsets;
  const std::int64_t rows = x.shape()[0], columns = x.shape()[1];
  for (std::int64_t row = 0; row <= rows; ++row) offsets.push_back(static_cast<float>(row * k));
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto elements = x.floats().subspan(row * columns, columns);
    for (std::int64_t place : largest(elements, k)) {
      values.push_back(elements[place]);
      indices.push_back(static_cast<float>(place));
    }
  }
  const Pairs got = pairs_of(topk, x, k);
  check_same(got.values, values);
  CHECK(got.indices == indices);
  CHECK(got.offsets == offsets);
}

}  // namespace

TEST_SUITE("ops/topk") {
  TEST_CASE("the largest of each row, in the order of their indices") {
    const Tensor x = tensor({2, 5}, {3, -1, 5, 4, 0,  //
                                     -7, -2, -9, -3, -8});
    const Pairs got = pairs_of(topk, x, 2);
    CHECK(got.values == Numbers{5, 4, -2, -3});
    CHECK(got.indices == Numbers{2, 3, 1, 3});
    CHECK(got.offsets == Numbers{0, 2, 4});
  }

  TEST_CASE("of equal elements the lower index comes first") {
    CHECK(pairs_of(topk, tensor({1, 6}, {1, 2, 1, 2, 1, 2}), 2).indices == Numbers{1, 3});
    CHECK(pairs_of(topk, tensor({1, 6}, {1, 2, 1, 2, 1, 2}), 4).indices == Numbers{0, 1, 3, 5});
    CHECK(pairs_of(topk, tensor({1, 4}, {0.0f, -0.0f, 0.0f, -1}), 2).indices == Numbers{0, 1});
    CHECK(pairs_of(topk, Tensor({1, 500}), 3).indices == Numbers{0, 1, 2});
  }

  TEST_CASE("NaN is chosen first, so that it is not lost, and infinities are numbers") {
    const Pairs got = pairs_of(topk, tensor({1, 6}, {kInfinity, 2, -kNan, kNan, -kInfinity, 7}), 3);
    CHECK(got.indices == Numbers{0, 2, 3});
    CHECK(got.values[0] == kInfinity);
    CHECK(std::isnan(got.values[1]));
    CHECK(std::isnan(got.values[2]));
  }

  TEST_CASE("rows of every length agree with a sort") {
    for (const std::int64_t columns : {1, 2, 17, 64, 100, 1023, 5000}) {
      for (const std::int64_t k : {1, 2, 9, 32, 700}) {
        if (k > columns) continue;
        check_against_sort(random_tensor({3, columns}, static_cast<std::uint64_t>(columns)), k);
      }
      check_against_sort(random_tensor({2, columns}, 3), columns);
    }
  }

  TEST_CASE("rows with many ties and with some NaN agree with a sort") {
    for (const std::int64_t k : {1, 5, 40, 300}) {
      Tensor x = random_tensor({4, 700}, 9, -3, 3);
      for (float& each : x.floats()) each = std::round(each);
      x.floats()[20] = kNan;
      x.floats()[700] = -kNan;
      x.floats()[705] = kInfinity;
      check_against_sort(x, k);
    }
  }

  TEST_CASE("gradients reach the chosen elements alone") {
    Graph graph;
    const Value x = graph.input("x", {2, 4});
    const SparseValue chosen = topk(x, 2);
    const Value loss = sum(chosen.values * graph.constant(tensor({2, 2}, {10, 20, 30, 40})));
    const Value dx = gradients(loss, std::span(&x, 1))[0];
    REQUIRE(sparse_form(dx));
    CHECK(sparse_form(dx)->indices == chosen.indices);
    Arena arena;
    Program program(graph, {dx}, {}, arena);
    const Tensor input = tensor({2, 4}, {1, 4, 2, 3, 9, 8, 7, 6});
    program.feed("x", input.floats().data());
    REQUIRE(program.run({}));
    CHECK(numbers_of(program.fetched(0)) == Numbers{0, 10, 0, 20, 30, 40, 0, 0});
  }

  TEST_CASE("gradients of chosen values agree with differences") {
    Tensor x({3, 11});  // far from ties, so that a step does not change the choice
    for (std::int64_t i = 0; i < x.size(); ++i) {
      x.floats()[i] = 0.25f * static_cast<float>(i * 7 % 33) - 3;
    }
    check_twice([](Values in) { return square(topk(in[0], 4).values); }, {x});
    check_twice([](Values in) { return to_dense(topk(in[0], 4)); }, {x});
  }

  TEST_CASE("the chosen pairs are the same for any number of threads") {
    const Tensor x = random_tensor({64, 3000}, 4);
    check_for_any_team([&] { return pairs_of(topk, x, 20); });
  }

  TEST_CASE("only the columns that are allowed are chosen from, and only what is positive") {
    const Tensor x = tensor({3, 5}, {3, -1, 5, 4, 6,    //
                                     -7, -2, -9, 8, 9,  //
                                     1, 2, 3, 4, 5});
    const Tensor columns = tensor({5}, {1, 2, 0, 0.5f, -1});
    const auto among = [&](Value in) {
      return topk(in, 2, {.columns = in.graph().constant(columns)});
    };
    const Pairs some = pairs_of(among, x);
    CHECK(some.values == Numbers{3, 4, -2, 8, 2, 4});
    CHECK(some.indices == Numbers{0, 3, 1, 3, 1, 3});
    CHECK(some.offsets == Numbers{0, 2, 4, 6});
    const auto positive = [&](Value in) {
      return topk(in, 3, {.columns = in.graph().constant(columns), .positive = true});
    };
    const Pairs above = pairs_of(positive, x);
    CHECK(above.values == Numbers{3, 4, 8, 1, 2, 4, 0, 0, 0});
    CHECK(above.indices == Numbers{0, 3, 3, 0, 1, 3, 0, 0, 0});
    CHECK(above.offsets == Numbers{0, 2, 3, 6});
    const Pairs none = pairs_of(
        [](Value in) {
          return topk(in, 2, {.columns = in.graph().filled({5}, 0.0f), .positive = true});
        },
        x);
    CHECK(none.offsets == Numbers{0, 0, 0, 0});
    CHECK(none.values == Numbers(6, 0.0f));
  }

  TEST_CASE("how many are chosen may move, up to k") {
    const Tensor x = tensor({2, 4}, {4, 3, 2, 1, 1, 2, 3, 4});
    for (const auto& [count, indices, offsets] :
         {std::tuple(2.0f, Numbers{0, 1, 2, 3, 0, 0}, Numbers{0, 2, 4}),
          std::tuple(9.0f, Numbers{0, 1, 2, 1, 2, 3}, Numbers{0, 3, 6}),
          std::tuple(-1.0f, Numbers{0, 3, 0, 0, 0, 0}, Numbers{0, 1, 2}),
          std::tuple(kNan, Numbers{0, 3, 0, 0, 0, 0}, Numbers{0, 1, 2})}) {
      CAPTURE(count);
      const Pairs got = pairs_of(
          [&](Value in) {
            return topk(in, 3, {.count = in.graph().constant(tensor({}, {count}))});
          },
          x);
      CHECK(got.indices == indices);
      CHECK(got.offsets == offsets);
    }
  }

  TEST_CASE("a choice among all elements agrees with the plain one, with ties and for any team") {
    Tensor x = random_tensor({64, 700}, 9, -3, 3);
    for (float& each : x.floats()) each = std::round(each);
    const auto all = [](Value in) {
      return topk(in, 20, {.columns = in.graph().filled({700}, 1.0f)});
    };
    const Pairs plain = pairs_of(topk, x, 20), chosen = pairs_of(all, x);
    CHECK(chosen.values == plain.values);
    CHECK(chosen.indices == plain.indices);
    CHECK(chosen.offsets == plain.offsets);
    check_for_any_team([&] { return pairs_of(all, x); });
  }

  TEST_CASE("gradients of a choice reach what was chosen") {
    Tensor x({3, 11});
    for (std::int64_t i = 0; i < x.size(); ++i) {
      x.floats()[i] = 0.25f * static_cast<float>(i * 7 % 33) - 3;
    }
    const auto choose = [](Values in) {
      Graph& graph = in[0].graph();
      return topk(in[0], 6, {.count = graph.filled({}, 4.0f), .positive = true});
    };
    check_twice([&](Values in) { return square(choose(in).values); }, {x});
    check_twice([&](Values in) { return to_dense(choose(in)); }, {x});
  }

  TEST_CASE("an empty batch has no pairs") {
    const Pairs got = pairs_of(topk, Tensor({0, 5}), 2);
    CHECK(got.values.empty());
    CHECK(got.offsets == Numbers{0});
  }

  TEST_CASE("topk refuses what it cannot choose from") {
    Graph graph;
    const Value x = graph.input("x", {3, 5});
    CHECK_THROWS_WITH_AS(
        topk(x, 6), "[topk] k must be between 1 and the 5 elements of a row of x [3, 5], got 6",
        ShapeError);
    CHECK_THROWS_AS(topk(x, 0), ShapeError);
    CHECK_THROWS_WITH_AS(topk(graph.input("y", {5}), 1), "[topk] x must be [batch, n], got [5]",
                         ShapeError);
    CHECK_THROWS_WITH_AS(topk(x, 2, {.columns = graph.input("c", {3})}),
                         "[topk] columns must be [5] for x [3, 5], got [3]", ShapeError);
    CHECK_THROWS_WITH_AS(topk(x, 2, {.count = graph.input("n", {1})}),
                         "[topk] count must be [] for x [3, 5], got [1]", ShapeError);
    CHECK_THROWS_WITH_AS(topk(graph.input("z", {1 << 20, 64}), 32),
                         "[topk] rows of x and k * batch must be at most 16777216: got x "
                         "[1048576, 64] and k 32",
                         ShapeError);
  }
}

}  // namespace hourglass
