#include <hourglass/core/text.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/graph/program.hpp>
#include <hourglass/graph/streamed.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/square.hpp>
#include <hourglass/ops/sum.hpp>
#include <hourglass/ops/transpose.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

namespace hourglass {

namespace {

/// y[i] = x[size - 1 - i]: an element of y depends on one far away in x.
class ReversedSource final : public TileSource {
 public:
  explicit ReversedSource(std::int64_t size) : size_(size) {}
  void bind(std::span<std::byte* const> inputs) override {
    x_ = reinterpret_cast<const float*>(inputs[0]);
  }
  void fill(float* tile, std::int64_t first, std::int64_t count) const override {
    for (std::int64_t i = 0; i < count; ++i) tile[i] = x_[size_ - 1 - first - i];
  }

 private:
  std::int64_t size_;
  const float* x_ = nullptr;
};

class Reversed final : public Streamed {
 public:
  explicit Reversed(std::int64_t size) : size_(size) {}
  std::string name() const override { return "reversed"; }
  std::unique_ptr<TileSource> source() const override {
    return std::make_unique<ReversedSource>(size_);
  }

 private:
  std::int64_t size_;
};

Value reversed(Value x) {
  return x.graph().add(std::make_shared<Reversed>(x.shape().size()), {x}, x.shape());
}

constexpr std::int64_t kRows = 70, kColumns = 43;

Tensor counted() {
  Tensor x({kRows, kColumns});
  for (std::int64_t i = 0; i < x.size(); ++i) x.floats()[i] = static_cast<float>(i);
  return x;
}

int step_count(const Program& program, const std::string& operation) {
  return static_cast<int>(std::ranges::count_if(
      program.steps(), [&](const StepReport& step) { return step.operation == operation; }));
}

}  // namespace

TEST_SUITE("graph/streamed") {
  TEST_CASE("a sweep reads a streamed value that is never made as a whole") {
    Graph graph;
    const Value x = graph.input("x", {kRows, kColumns});
    const Value y = 2.0f * reversed(x) + x;
    Arena arena;
    Program program(graph, {y, sum(reversed(x), {1})}, {}, arena);
    CHECK(step_count(program, "reversed") == 0);
    const Tensor input = counted();
    program.feed("x", input.floats().data());
    REQUIRE(program.run({}));
    const auto got = program.fetched(0), sums = program.fetched(1);
    const std::int64_t size = input.size();
    for (std::int64_t i = 0; i < size; ++i) {
      CHECK(got[i] == 2 * static_cast<float>(size - 1 - i) + static_cast<float>(i));
    }
    float first = 0;
    for (std::int64_t i = 0; i < kColumns; ++i) first += static_cast<float>(size - 1 - i);
    CHECK(sums[0] == first);
    CHECK(program.to_text().find("streams reversed") != std::string::npos);
  }

  TEST_CASE("a streamed value that somebody else reads is made once, for all") {
    const Tensor input = counted();
    for (const bool fetched : {true, false}) {
      Graph graph;
      const Value x = graph.input("x", {kRows, kColumns});
      const Value y = reversed(x), z = y + x;
      Arena arena;
      Program program(graph, {z, fetched ? y : swap_axes(y)}, {}, arena);
      CHECK(step_count(program, "reversed") == 1);
      program.feed("x", input.floats().data());
      REQUIRE(program.run({}));
      CHECK(program.fetched(0)[0] == static_cast<float>(input.size() - 1));
      CHECK(program.fetched(1)[0] == static_cast<float>(input.size() - 1));
    }
  }

  TEST_CASE("what streams a value is complete before a sweep of the same shape reads it") {
    Graph graph;
    const Value x = graph.input("x", {kRows, kColumns});
    const Value a = square(x), b = reversed(a) + a;
    Arena arena;
    Program program(graph, {b}, {}, arena);
    const Tensor input = counted();
    program.feed("x", input.floats().data());
    REQUIRE(program.run({}));
    const auto at = [&](std::int64_t i) { return input.floats()[i] * input.floats()[i]; };
    for (std::int64_t i = 0; i < input.size(); ++i) {
      CHECK(program.fetched(0)[i] == at(input.size() - 1 - i) + at(i));
    }
  }

  TEST_CASE("a variable that streams into a sweep is not overwritten on the way") {
    for (const bool itself : {true, false}) {
      Variable variable("v", Variable::Kind::State, counted());
      Variable other("o", Variable::Kind::State, counted());
      Graph graph;
      const Value v = graph.variable(variable);
      // Also when the sum is another variable's new value, moved while `v` is.
      const Value next = reversed(v) + v;
      std::vector<Value> updates{graph.assign(itself ? variable : other, next)};
      if (!itself) updates.push_back(graph.assign(variable, 3.0f * v));
      Arena arena;
      Program program(graph, {}, updates, arena);
      REQUIRE(program.run({}));
      const Tensor before = counted();
      const Tensor got = (itself ? variable : other).read();
      const float total = static_cast<float>(before.size() - 1);
      CHECK(std::ranges::all_of(got.floats(), [&](float each) { return each == total; }));
      if (!itself) CHECK(variable.read().floats()[5] == 15);
    }
  }

  TEST_CASE("traced and unfused programs make streamed values as a whole") {
    Graph graph;
    const Value x = graph.input("x", {kRows, kColumns});
    const Value y = reversed(x) + x;
    Arena arena;
    Program program(graph, {y}, {}, arena, {.fuse = false});
    CHECK(step_count(program, "reversed") == 1);
    Tensor input = counted();
    program.feed("x", input.floats().data());
    REQUIRE(program.run({}));
    CHECK(program.fetched(0)[7] == static_cast<float>(input.size() - 1));
  }
}

}  // namespace hourglass
