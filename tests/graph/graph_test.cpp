#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/graph/autodiff.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/dense.hpp>
#include <hourglass/ops/relu.hpp>
#include <hourglass/ops/square.hpp>
#include <hourglass/ops/sum.hpp>
#include <hourglass/ops/tanh.hpp>

namespace hourglass::test {

TEST_SUITE("graph/graph") {
  TEST_CASE("a graph prints itself, a line a node, with layers") {
    VariableStore store;
    Variable& weight = store.create("encoder.0.weight", Variable::Kind::Parameter, Tensor({4, 3}));
    Graph graph;
    const Value x = graph.input("x", {2, 3});
    {
      const Graph::Scope encoder(graph, "encoder");
      const Graph::Scope first(graph, "0");
      relu(dense(x, graph.variable(weight)));
    }
    CHECK(graph.to_text() ==
          "%0 = input<x>() [2, 3]\n"
          "%1 = variable<encoder.0.weight>() [4, 3]  # encoder.0\n"
          "%2 = dense(%0, %1) [2, 4]  # encoder.0\n"
          "%3 = relu(%2) [2, 4]  # encoder.0\n");
    const std::string dot = graph.to_dot();
    CHECK(dot.starts_with("digraph"));
    CHECK(dot.find("dense") != std::string::npos);
    CHECK(dot.find("->") != std::string::npos);
  }

  TEST_CASE("a variable has one value in a graph, a shape outlasts new nodes") {
    VariableStore store;
    Variable& weight = store.create("w", Variable::Kind::Parameter, Tensor({4, 3}));
    Graph graph;
    const Value w = graph.variable(weight);
    CHECK(graph.variable(weight) == w);
    const Shape& shape = w.shape();
    Value y = w;
    for (int i = 0; i < 1000; ++i) y = tanh(y);
    CHECK(shape == Shape{4, 3});
    CHECK(store.find("w") == &weight);
    CHECK(store.find("v") == nullptr);
  }

  TEST_CASE("numbers that fill a value are known") {
    Graph graph;
    CHECK(graph.number_of(graph.filled({2}, 3)) == 3.0f);
    CHECK_FALSE(graph.number_of(graph.input("x", {2})).has_value());
  }
}

TEST_SUITE("graph/autodiff") {
  TEST_CASE("gradients of every use are added") {
    const auto gradient = [](Values x) {
      return gradients(sum(square(x[0]) + 3.0f * x[0]) + sum(x[0] * x[0]), x)[0];
    };
    CHECK(run(gradient, {tensor({2}, {1, -2})}) == Numbers{7, -5});
  }

  TEST_CASE("a target that the loss does not depend on gets zeros") {
    Graph graph;
    const std::vector<Value> inputs{graph.input("a", {2}), graph.input("b", {3})};
    const auto found = gradients(sum(inputs[0]), inputs);
    CHECK(graph.number_of(found[1]) == 0.0f);
    CHECK(found[1].shape() == Shape{3});
  }

  TEST_CASE("the gradient of a value in between, and of the loss itself") {
    Graph graph;
    const Value x = graph.input("x", {2}), y = square(x), loss = sum(y);
    const std::vector<Value> targets{y, loss};
    const auto found = gradients(loss, targets);
    CHECK(graph.number_of(found[0]) == 1.0f);
    CHECK(graph.number_of(found[1]) == 1.0f);
  }

  TEST_CASE("third derivatives") {
    const auto third = [](Values x) {
      Value y = sum(square(square(x[0])));
      for (int i = 0; i < 3; ++i) y = sum(gradients(y, x)[0]);
      return y;
    };
    CHECK(run(third, {tensor({2}, {1, 2})}) == Numbers{24 + 48});
  }

  TEST_CASE("a deep graph needs no deep stack") {
    Graph graph;
    const Value x = graph.input("x", {});
    Value y = x;
    for (int i = 0; i < 100000; ++i) y = tanh(y);
    CHECK(gradients(y, std::span(&x, 1))[0].shape() == Shape{});
  }

  TEST_CASE("a long chain is compiled in a moment") {
    Graph graph;
    const Value x = graph.input("x", {4});
    Value y = x;
    for (int i = 0; i < 1000; ++i) y = tanh(y + 0.5f);
    Arena arena;
    const Program program(graph, {y}, {}, arena);
    CHECK(program.steps().size() < 60);
  }

  TEST_CASE("a tensor that no memory could hold is refused") {
    Graph graph;
    const Value tall = graph.input("tall", {std::int64_t{1} << 33, 1}),
                wide = graph.input("wide", {1, std::int64_t{1} << 29});
    CHECK_THROWS_WITH_AS(
        tall + wide, "[add] a tensor of shape [8589934592, 536870912] is larger than memory can be",
        ShapeError);
    const Value wider = graph.input("wider", {1, std::int64_t{1} << 30});
    CHECK_THROWS_WITH_AS(tall + wider,
                         "a tensor of shape [8589934592, 1073741824] has more elements than can be "
                         "counted",
                         ShapeError);
  }

  TEST_CASE("a loss that is no scalar is refused") {
    Graph graph;
    const Value x = graph.input("x", {2});
    CHECK_THROWS_WITH_AS(gradients(x, std::span(&x, 1)),
                         "[gradients] the loss must be a scalar, got [2]", ShapeError);
  }

  TEST_CASE("a backward that gives too few gradients, or one of another shape, is named") {
    struct Wrong final : Operation {
      explicit Wrong(bool few) : few_(few) {}
      std::string name() const override { return "wrong"; }
      std::vector<Value> backward(const Backward& node) const override {
        if (few_) return {};
        return {sum(node.gradients[0])};
      }
      std::unique_ptr<Kernel> lower(Lowering&) const override { return nullptr; }
      bool few_;
    };
    const auto differentiate = [](bool few) {
      Graph graph;
      const Value x = graph.input("x", {2, 3});
      const Value y = graph.add(std::make_shared<Wrong>(few), {x}, x.shape());
      const Value targets[] = {x};
      gradients(sum(y), targets);
    };
    CHECK_THROWS_WITH_AS(differentiate(true),
                         "[wrong] backward gave 0 of 1 gradients; an empty Value is none",
                         ShapeError);
    CHECK_THROWS_WITH_AS(differentiate(false),
                         "[wrong] backward gave input 0 a gradient []; the input is [2, 3]",
                         ShapeError);
  }
}

}  // namespace hourglass::test
