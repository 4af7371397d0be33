#include "selection.hpp"

#include <hourglass/ops/dense.hpp>
#include <hourglass/ops/matmul.hpp>
#include <hourglass/ops/sparse_product.hpp>
#include <hourglass/ops/transpose.hpp>

namespace hourglass {

using namespace test;

namespace {

/// Scores far from ties: a small step does not change what is chosen.
Tensor scores(std::int64_t rows, std::int64_t columns) {
  Tensor x({rows, columns});
  const std::int64_t size = x.size();
  for (std::int64_t i = 0; i < size; ++i) {
    x.floats()[i] = 0.25f * static_cast<float>(i * 37 % size) - 0.06f * static_cast<float>(size);
  }
  return x;
}

/// The same matrix, made whole first, so that products with it are dense.
Value whole(const SparseValue& sparse) { return 1.0f * to_dense(sparse); }

int count(const Program& program, const std::string& operation) {
  return static_cast<int>(std::ranges::count_if(program.steps(), [&](const StepReport& step) {
    return step.operation.starts_with(operation);
  }));
}

}  // namespace

TEST_SUITE("ops/sparse") {
  TEST_CASE("a sparse value stands for its matrix, and is found again behind it") {
    const Tensor x = tensor({2, 4}, {5, 1, 2, 9, 0, 3, 8, 4});
    CHECK(run([](Values in) { return to_dense(topk(in[0], 2)); }, {x}) ==
          Numbers{5, 0, 0, 9, 0, 0, 8, 4});
    Graph graph;
    const Value input = graph.input("x", {2, 4});
    const SparseValue sparse = topk(input, 2);
    const Value dense = to_dense(sparse);
    REQUIRE(sparse_form(dense));
    CHECK(sparse_form(dense)->values == sparse.values);
    CHECK(sparse_form(dense)->columns == 4);
    CHECK_FALSE(sparse_form(input));
    SparseValue wrong = sparse;
    wrong.values = input;
    CHECK_THROWS_WITH_AS(to_dense(wrong),
                         "[to_dense] values and indices must have one shape: got values [2, 4] "
                         "and indices [2, 2]",
                         ShapeError);
  }

  TEST_CASE("gather takes the elements at the pairs, and zero where a pair is not used") {
    const Tensor x = tensor({2, 3}, {-1, 2, -1, -1, -1, 1});
    const Tensor y = tensor({2, 3}, {10, 20, 30, 40, 50, 60});
    const auto taken = [](Values in) { return gather(in[1], batch_topk(in[0], 2)); };
    CHECK(run(taken, {x, y}) == Numbers{20, 60, 0, 0});
    check_twice([](Values in) { return gather(in[1], topk(in[0], 2)); },
                {scores(3, 5), random_tensor({3, 5}, 2)});
    Graph graph;
    const SparseValue pattern = topk(graph.input("x", {2, 3}), 1);
    CHECK_THROWS_WITH_AS(gather(graph.input("y", {3, 2}), pattern),
                         "[gather] the pattern is of a matrix [2, 3], x is [3, 2]", ShapeError);
  }
}

TEST_SUITE("ops/sparse_product") {
  TEST_CASE("products by hand") {
    const Tensor x = tensor({2, 3}, {2, -1, 3, 1, 5, -4});
    const Tensor w = tensor({3, 2}, {1, 10, 2, 20, 3, 30});
    CHECK(run([](Values in) { return sparse_product(topk(in[0], 2), in[1]); }, {x, w}) ==
          Numbers{11, 110, 11, 110});
    CHECK(run([](Values in) { return sparse_product(topk(in[0], 1), in[1]); }, {x, w}) ==
          Numbers{9, 90, 10, 100});
    const Tensor y = tensor({2, 2}, {1, 10, 2, 20});
    CHECK(run([](Values in) { return sparse_transposed_product(topk(in[0], 2), in[1]); }, {x, y}) ==
          Numbers{4, 40, 10, 100, 3, 30});
    CHECK(run([](Values in) { return sparse_column_sums(topk(in[0], 2)); }, {x}) ==
          Numbers{3, 5, 3});
  }

  TEST_CASE("products agree with those of the whole matrix") {
    for (const Select select : {Select(topk), Select(batch_topk)}) {
      for (const std::int64_t k : {1, 7, 130}) {  // more pairs in a row than are added at once
        const Tensor x = random_tensor({19, 150}, 1), w = random_tensor({150, 37}, 2),
                     y = random_tensor({19, 37}, 3);
        check_near(run([&](Values in) { return sparse_product(select(in[0], k), in[1]); }, {x, w}),
                   run([&](Values in) { return matmul(whole(select(in[0], k)), in[1]); }, {x, w}),
                   1e-5f);
        check_near(
            run([&](Values in) { return sparse_transposed_product(select(in[0], k), in[1]); },
                {x, y}),
            run([&](Values in) { return matmul(swap_axes(whole(select(in[0], k))), in[1]); },
                {x, y}),
            1e-5f);
        check_near(run([&](Values in) { return sparse_column_sums(select(in[0], k)); }, {x}),
                   run([&](Values in) { return sum(whole(select(in[0], k)), {0}); }, {x}), 1e-5f);
      }
    }
  }

  TEST_CASE("gradients of sparse products agree with differences, twice over") {
    const Tensor x = scores(4, 6), w = random_tensor({6, 3}, 2), y = random_tensor({4, 3}, 3);
    for (const Select select : {Select(topk), Select(batch_topk)}) {
      check_twice([=](Values in) { return sparse_product(select(in[0], 2), in[1]); }, {x, w});
      check_twice([=](Values in) { return sparse_transposed_product(select(in[0], 2), in[1]); },
                  {x, y});
      check_twice([=](Values in) { return sparse_column_sums(select(in[0], 2)); }, {x});
    }
  }

  TEST_CASE("a transposed dense layer multiplies the pairs of a sparse value alone") {
    const Tensor x = random_tensor({9, 30}, 1), w = random_tensor({30, 8}, 2),
                 bias = random_tensor({8}, 3);
    Graph graph;
    const Value z = to_dense(topk(graph.input("x", x.shape()), 4));
    const Value y = dense_transposed(z, graph.constant(w), graph.constant(bias));
    Arena arena;
    Program program(graph, {y}, {}, arena);
    CHECK(count(program, "sparse_product") == 1);
    CHECK(count(program, "dense") == 0);
    CHECK(count(program, "to_dense") == 0);
    program.feed("x", x.floats().data());
    REQUIRE(program.run({}));
    check_near(program.fetched(0),
               run([](Values in) { return dense_transposed(whole(topk(in[0], 4)), in[1], in[2]); },
                   {x, w, bias}),
               1e-5f);
  }

  TEST_CASE("a dense layer before a choice gets its gradients from the chosen units alone") {
    const std::vector<Tensor> inputs{random_tensor({9, 8}, 1), random_tensor({30, 8}, 2),
                                     random_tensor({30}, 3)};
    const Tensor target = random_tensor({9, 4}, 5);
    const auto found = [&](bool masked, bool& dense_backward) {
      Graph graph;
      std::vector<Value> in;
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        in.push_back(graph.input(text(i), inputs[i].shape()));
      }
      const Value scores = dense(in[0], in[1], in[2]);
      SparseValue chosen = topk(scores, 4);
      Value values = chosen.values;
      if (masked) {
        chosen.values = graph.filled(values.shape(), 1.0f);
        values = gather(scores * to_dense(chosen), chosen);
        values = gather(whole({values, chosen.indices, chosen.offsets, 30}), chosen);
      }
      const Value loss = sum(values * values * graph.constant(target));
      const std::vector<Value> wanted = gradients(loss, in);
      Arena arena;
      Program program(graph, wanted, {}, arena);
      dense_backward = count(program, "dense_backward") > 0;
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        program.feed(text(i), inputs[i].floats().data());
      }
      REQUIRE(program.run({}));
      std::vector<Numbers> result;
      for (int i = 0; i < 3; ++i) result.push_back(numbers_of(program.fetched(i)));
      return result;
    };
    bool dense_backward = true;
    const auto sparse = found(false, dense_backward);
    CHECK_FALSE(dense_backward);
    const auto masked = found(true, dense_backward);
    CHECK(dense_backward);
    for (int i = 0; i < 3; ++i) check_near(sparse[i], masked[i], 1e-5f);
  }

  TEST_CASE("sparse products are the same for any number of threads") {
    const Tensor x = random_tensor({70, 500}, 1), w = random_tensor({500, 33}, 2),
                 y = random_tensor({70, 33}, 3);
    check_for_any_team([&] {
      std::vector<Numbers> results;
      for (const Select select : {Select(topk), Select(batch_topk)}) {
        results.push_back(
            run([&](Values in) { return sparse_product(select(in[0], 9), in[1]); }, {x, w}));
        results.push_back(run(
            [&](Values in) { return sparse_transposed_product(select(in[0], 9), in[1]); }, {x, y}));
        results.push_back(run(
            [&](Values in) {
              return gradients(sum(square(sparse_product(select(in[0], 9), in[1]))),
                               in.first(1))[0];
            },
            {x, w}));
      }
      return results;
    });
  }

  TEST_CASE("products of shapes that do not fit are refused") {
    Graph graph;
    const SparseValue sparse = topk(graph.input("x", {2, 3}), 1);
    CHECK_THROWS_WITH_AS(sparse_product(sparse, graph.input("w", {4, 5})),
                         "[sparse_product] the weight must be [3, m], a row for each column of the "
                         "sparse value: got [4, 5]",
                         ShapeError);
    CHECK_THROWS_WITH_AS(sparse_transposed_product(sparse, graph.input("y", {3, 5})),
                         "[sparse_transposed_product] x must be [2, m], a row for each row of the "
                         "sparse value: got [3, 5]",
                         ShapeError);
  }
}

}  // namespace hourglass
