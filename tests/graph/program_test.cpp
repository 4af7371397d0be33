#include "graph/allocations.hpp"
#include "graph/network.hpp"
#include "ops/evaluate.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/ops/convolution.hpp>
#include <hourglass/ops/exp.hpp>
#include <hourglass/ops/log.hpp>
#include <hourglass/ops/maximum_over.hpp>
#include <hourglass/ops/random.hpp>
#include <hourglass/ops/sigmoid.hpp>
#include <hourglass/ops/softmax.hpp>
#include <hourglass/ops/sqrt.hpp>
#include <hourglass/ops/square.hpp>
#include <hourglass/ops/tanh.hpp>
#include <hourglass/ops/transpose.hpp>

#include <cmath>
#include <limits>

namespace hourglass::test {

namespace {

std::vector<Numbers> values_of(const VariableStore& store) {
  std::vector<Numbers> result;
  for (const auto& each : store.all()) {
    const Tensor value = each->read();
    result.push_back(numbers_of(value.floats()));
  }
  return result;
}

/// The position of the first step of `operation` (a prefix) in `scope`, or -1.
int position(const std::vector<StepReport>& steps, const std::string& operation,
             const std::string& scope, bool update = false) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].update == update && steps[i].operation.starts_with(operation) &&
        steps[i].scope == scope) {
      return static_cast<int>(i);
    }
  }
  return -1;
}

int count(const std::vector<StepReport>& steps, const std::string& operation) {
  return static_cast<int>(std::ranges::count_if(
      steps, [&](const StepReport& each) { return each.operation.starts_with(operation); }));
}

}  // namespace

TEST_SUITE("graph/program") {
  TEST_CASE("a training step allocates nothing of ours") {
    if (!AllocationCount::works()) return;
    VariableStore store;
    Arena arena;
    Network network(store, 32, {20, 30, 7, 30, 20});
    network.adam();
    const Value noise = random_normal(network.graph, {32, 9}, "noise");
    const std::vector<Value> fetches{network.loss, sum(noise * noise, {0})};
    Program program(network.graph, fetches, network.updates, arena, {.guard = network.loss});
    const Tensor a = batch_of(32, 20, 1), b = batch_of(32, 20, 2);
    const auto step = [&](int i) {
      program.feed("x", (i % 2 ? a : b).floats().data());
      program.run({.seed = 1, .step = i});
    };
    for (int i = 0; i < 3; ++i) step(i);
    const AllocationCount allocations;
    for (int i = 3; i < 6; ++i) step(i);
    CHECK(allocations.count() == 0);
    const std::vector<int> one(1);
    CHECK(allocations.count() == 1);
  }

  TEST_CASE("training lowers the loss, and continues where another program left off") {
    VariableStore store;
    Arena arena;
    Network network(store, 32, {20, 16, 20});
    network.adam();
    Program program = network.compile(arena);
    const Tensor x = batch_of(32, 20);
    program.feed("x", x.floats().data());
    REQUIRE(program.run({}));
    const float first = program.fetched(0)[0];
    for (int i = 1; i < 50; ++i) program.run({.step = i});
    const float last = program.fetched(0)[0];
    CHECK(last < 0.95f * first);
    Network same(store, 32, {20, 16, 20});
    Program evaluation(same.graph, {same.loss}, {}, arena);
    evaluation.feed("x", x.floats().data());
    REQUIRE(evaluation.run({.training = false}));
    CHECK(evaluation.fetched(0)[0] < last);
  }

  TEST_CASE("memory is told as planned, and as it would be if nothing shared any") {
    Graph graph;
    const Value x = graph.input("x", {2, 4, 8});
    const Value there = transpose(x, {0, 2, 1}), back = transpose(there, {0, 2, 1});
    const Value again = transpose(back, {0, 2, 1});  // in the memory of `there`
    Arena arena;
    const Program chain(graph, {again}, {}, arena);
    const MemoryReport shared = chain.memory();
    CHECK(shared.values == 3 * 256);
    CHECK(shared.scratch == 0);
    CHECK(shared.arena == 2 * 256);
    CHECK(sharing_text(shared) == "67 % of what its tensors would take without sharing");
    CHECK(chain.to_text().find(", 67 % of what its tensors") != std::string::npos);
    const Program kept(graph, {again}, {}, arena, {.trace = true});
    CHECK(kept.memory().values == 3 * 256);
    CHECK(kept.memory().arena == 3 * 256);
    // A fold over axes that are apart has room for [2, 4], twice; what is fetched is [4].
    const Program folded(graph, {sum(x, {0, 2})}, {}, arena);
    CHECK(folded.memory().values == 4 * 4);
    CHECK(folded.memory().scratch == 2 * 8 * 4);
    const Value one = graph.constant(Tensor{Shape{}});
    CHECK(sharing_text(Program(graph, {one}, {}, arena).memory()).starts_with("100 %"));
  }

  TEST_CASE("what is summed for each channel is summed in the sweep that makes it") {
    // In blocks of channels, in blocks with few places, plain, and where rows are one tile long.
    for (const Shape& shape : {Shape{3, 32, 10, 14}, Shape{2, 304, 2, 2}, Shape{5, 16, 1, 1},
                               Shape{2, 3, 9, 70}, Shape{4, 1, 5, 3}, Shape{3, 16, 300}}) {
      CAPTURE(shape.to_text());
      Graph graph;
      Shape kernel{shape[1], shape[1]}, channels{shape[1]};
      std::vector<int> all_but_channels{0}, places;
      for (int axis = 2; axis < shape.rank(); ++axis) {
        kernel = kernel.appended(1);
        channels = channels.appended(1);
        all_but_channels.push_back(axis);
        places.push_back(axis);
      }
      const Value x = graph.input("x", shape), weight = graph.input("weight", kernel),
                  bias = graph.input("bias", channels);
      const Value y = convolution(x, weight), z = square(y) + 0.5f * y + bias;
      const std::vector<Value> fetches{sum(z, all_but_channels), maximum_over(z, all_but_channels),
                                       sum(z, {1}), sum(z, places), z};
      Arena arena;
      Program fused(graph, fetches, {}, arena), apart(graph, fetches, {}, arena, {.fuse = false});
      CHECK(count(fused.steps(), "sum<axes 0") == 0);
      CHECK(count(apart.steps(), "sum<axes 0") == 1);
      const Tensor from = random_tensor(shape, 1), weights = random_tensor(kernel, 2),
                   biases = random_tensor(channels, 3);
      for (Program* program : {&fused, &apart}) {
        program->feed("x", from.floats().data());
        program->feed("weight", weights.floats().data());
        program->feed("bias", biases.floats().data());
      }
      REQUIRE(apart.run({}));
      std::vector<Numbers> expected;
      for (int i = 0; i < 5; ++i) expected.push_back(numbers_of(apart.fetched(i)));
      REQUIRE(fused.run({}));
      for (int i = 0; i < 5; ++i) {
        CAPTURE(i);
        const Numbers found = numbers_of(fused.fetched(i));
        REQUIRE(found.size() == expected[i].size());
        for (std::size_t k = 0; k < found.size(); ++k) {
          REQUIRE(found[k] == doctest::Approx(expected[i][k]).epsilon(2e-5));
        }
      }
    }
  }

  TEST_CASE("a transposed convolution's bias has its gradient from the sweep of the activation") {
    Graph graph;
    const Value x = graph.input("x", {2, 32, 5, 5}), weight = graph.input("weight", {32, 16, 4, 4}),
                bias = graph.input("bias", {16});
    const Value y = relu(transposed_convolution(x, weight, bias, {.stride = {2}, .padding = {1}}));
    const std::vector<Value> inputs{x, weight, bias};
    const auto found = gradients(sum(square(y)), inputs);
    Arena arena;
    const Program program(graph, found, {}, arena);
    CHECK(count(program.steps(), "sum") == 0);
  }

  TEST_CASE("inputs are fed by name, and what is missing is named") {
    Graph graph;
    const Value x = graph.input("x", {2}), unused = graph.input("unused", {2});
    Arena arena;
    Program program(graph, {x + x}, {}, arena);
    CHECK_THROWS_WITH_AS(program.run({}), "input \"x\" was not fed", Error);
    CHECK(program.needs("x"));
    CHECK_FALSE(program.needs("unused"));
    const Numbers numbers{1, 2};
    program.feed("unused", numbers.data());
    CHECK_THROWS_WITH_AS(program.feed("y", numbers.data()),
                         "the program has no input \"y\"; there are \"x\", \"unused\"", Error);
    program.feed("x", numbers.data());
    REQUIRE(program.run({}));
    CHECK(numbers_of(program.fetched(0)) == Numbers{2, 4});
    CHECK(unused.shape() == Shape{2});
  }

  TEST_CASE("a slot follows the step") {
    Graph graph;
    const Value t = graph.slot("t", [](std::int64_t step) { return 0.5 * double(step); });
    Arena arena;
    Program program(graph, {t * t}, {}, arena);
    program.run({.step = 6});
    CHECK(program.fetched(0)[0] == 9);
  }

  TEST_CASE("programs of several sizes share one arena") {
    VariableStore store;
    Arena arena;
    Network small(store, 4, {20, 16, 20}), large(store, 64, {20, 16, 20});
    Program first(small.graph, {small.output}, {}, arena);
    const Tensor x = batch_of(64, 20);
    first.feed("x", x.floats().data());
    first.run({});
    const Numbers before = numbers_of(first.fetched(0));
    Program second(large.graph, {large.output}, {}, arena);
    CHECK(arena.bytes() >= second.memory().arena);
    second.feed("x", x.floats().data());
    second.run({});
    const Numbers all = numbers_of(second.fetched(0));
    check_near(Numbers(all.begin(), all.begin() + 4 * 20), before, 1e-5f);
    first.run({});
    CHECK(numbers_of(first.fetched(0)) == before);
  }

  TEST_CASE("peak memory is far below the sum of all values") {
    Graph graph;
    Value x = graph.input("x", {64, 64});
    for (int i = 0; i < 10; ++i) x = swap_axes(tanh(x));
    Arena arena;
    const Program program(graph, {x}, {}, arena);
    CHECK(program.memory().arena <= 4 * 64 * 64 * sizeof(float));
  }

  TEST_CASE("the same bits for one thread and for two") {
    const int threads = thread_count();
    const auto compute = [](int team) {
      start_threads(team);
      Graph graph;
      const Value x = graph.input("x", {300, 257});
      const Value noise = random_normal(graph, {300, 257}, "noise");
      const Value y = tanh(x * noise + 0.5f);
      const Value last = sum(square(y), {1}), first = sum(y, {0}), all = sum(y);
      const Value turned = swap_axes(y);
      Arena arena;
      Program program(graph, {last, first, all, turned}, {}, arena);
      const Tensor input = batch_of(300, 257);
      program.feed("x", input.floats().data());
      program.run({.seed = 3, .step = 4});
      Numbers result;
      for (int i = 0; i < 4; ++i) {
        result.insert(result.end(), program.fetched(i).begin(), program.fetched(i).end());
      }
      return result;
    };
    const Numbers one = compute(1), two = compute(2), three = compute(3);
    start_threads(threads);
    CHECK(one == two);
    CHECK(one == three);
  }
}

TEST_SUITE("graph/updates") {
  TEST_CASE("gradients are those of the old weights, whatever is updated first") {
    VariableStore store;
    Arena arena;
    const Tensor x = batch_of(16, 12);
    Network plain(store, 16, {12, 10, 8, 12});
    Program before(plain.graph, gradients(plain.loss, plain.parameters), {}, arena);
    before.feed("x", x.floats().data());
    before.run({});
    std::vector<Numbers> expected = values_of(store);
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const auto gradient = before.fetched(static_cast<int>(i));
      for (std::size_t k = 0; k < gradient.size(); ++k) expected[i][k] -= 5.0f * gradient[k];
    }
    Network network(store, 16, {12, 10, 8, 12});
    network.descend(5);  // far enough to see which weights were read
    Program program = network.compile(arena);
    program.feed("x", x.floats().data());
    REQUIRE(program.run({}));
    const auto got = values_of(store);
    for (std::size_t i = 0; i < expected.size(); ++i) check_near(got[i], expected[i], 1e-5f);
  }

  TEST_CASE("an update runs as soon as its gradient is whole and its weight was read") {
    VariableStore store;
    Arena arena;
    Network network(store, 16, {12, 10, 8, 12});
    network.descend(0.1f);
    const auto steps = network.compile(arena).steps();
    const int read = position(steps, "dense_backward_data", "layer.2");
    const int update = position(steps, "", "layer.2.weight", true);
    const int next = position(steps, "dense_backward_weights", "layer.0");
    REQUIRE(read >= 0);
    REQUIRE(update >= 0);
    REQUIRE(next >= 0);
    CHECK(read < update);
    CHECK(update < next);
  }

  TEST_CASE("a gradient is whole when every use of the weight has added to it") {
    VariableStore store;
    Variable& weight = store.create("w", Variable::Kind::Parameter, tensor({2}, {2, 3}));
    Graph graph;
    const Value w = graph.variable(weight), x = graph.input("x", {2});
    const Value loss = sum(square(w) * x) + sum(w);
    const Value gradient = gradients(loss, std::span(&w, 1))[0];
    const Value update = graph.assign(weight, w - gradient);
    Arena arena;
    Program program(graph, {loss}, {update}, arena);
    const Numbers x_numbers{1, 10};
    program.feed("x", x_numbers.data());
    program.run({});
    CHECK(weight.read().floats()[0] == 2 - (2 * 2 * 1 + 1));
    CHECK(weight.read().floats()[1] == 3 - (2 * 3 * 10 + 1));
  }

  TEST_CASE("clipping by global norm waits for all gradients") {
    VariableStore store;
    Arena arena;
    Network network(store, 16, {12, 8, 12});
    const auto found = gradients(network.loss, network.parameters);
    Value square_norm;
    for (const Value& each : found) {
      const Value part = sum(square(each));
      square_norm = square_norm ? square_norm + part : part;
    }
    const Value scale = 0.01f / sqrt(square_norm);
    for (std::size_t i = 0; i < found.size(); ++i) {
      network.updates.push_back(
          network.graph.assign(*network.variables[i], network.parameters[i] - found[i] * scale));
    }
    const auto before = values_of(store);
    Program program = network.compile(arena);
    const Tensor x = batch_of(16, 12);
    program.feed("x", x.floats().data());
    REQUIRE(program.run({}));
    const auto after = values_of(store);
    double moved = 0;
    for (std::size_t i = 0; i < before.size(); ++i) {
      for (std::size_t k = 0; k < before[i].size(); ++k) {
        moved += std::pow(after[i][k] - before[i][k], 2);
      }
    }
    CHECK(std::sqrt(moved) == doctest::Approx(0.01).epsilon(1e-3));
  }

  TEST_CASE("a loss that is not finite leaves parameters and moments untouched") {
    VariableStore store;
    Arena arena;
    Network network(store, 16, {12, 8, 12});
    network.adam();
    Program program = network.compile(arena);
    const Tensor good = batch_of(16, 12);
    Tensor bad = good.clone();
    bad.floats()[5] = std::numeric_limits<float>::quiet_NaN();
    program.feed("x", good.floats().data());
    REQUIRE(program.run({}));
    const auto before = values_of(store);
    program.feed("x", bad.floats().data());
    CHECK_FALSE(program.run({.step = 1}));
    auto reports = program.steps();
    program.profile({.step = 1}, reports);
    CHECK(values_of(store) == before);
    program.feed("x", good.floats().data());
    CHECK(program.run({.step = 1}));
    CHECK(values_of(store) != before);
  }

  TEST_CASE("a trace names the first tensor that is not finite, and changes nothing") {
    VariableStore store;
    Arena arena;
    Network network(store, 2, {3, 4, 3});
    const Value inner = log(network.output - 100.0f);
    network.loss = sum(inner);
    network.descend(0.1f);
    Program program = network.compile(arena, {.trace = true});
    const Numbers x(6, 0.5f);
    program.feed("x", x.data());
    const auto before = values_of(store);
    CHECK(program.find_nonfinite({}) == "the output of log, [2, 3], is nan at [0, 0]");
    CHECK(values_of(store) == before);
    const Numbers bad{0, 0, 0, 0, std::numeric_limits<float>::infinity(), 0};
    program.feed("x", bad.data());
    CHECK(program.find_nonfinite({}) == "the input \"x\", [2, 3], is inf at [1, 1]");
    store.find("layer.1.bias")->write(tensor({3}, {0, 0, -std::numeric_limits<float>::infinity()}));
    program.feed("x", x.data());
    CHECK(program.find_nonfinite({}) == "the variable \"layer.1.bias\", [3], is -inf at [2]");
  }

  TEST_CASE("NaN that ReLU may hide from the loss, in a weight or an input, stops a step") {
    VariableStore store;
    Arena arena;
    Network network(store, 16, {12, 8, 5});
    const Value target = network.graph.input("y", {16, 5});
    network.loss = mean(sum(square(network.output - target), {1}));
    network.adam();
    Program program = network.compile(arena);
    const Tensor x = batch_of(16, 12), y = batch_of(16, 5, 2);
    program.feed("x", x.floats().data());
    program.feed("y", y.floats().data());
    REQUIRE(program.run({}));

    Tensor bad = x.clone();
    bad.floats()[5] = std::numeric_limits<float>::quiet_NaN();
    program.feed("x", bad.floats().data());
    const auto before = values_of(store);
    CHECK_FALSE(program.run({.step = 1}));
    CHECK(values_of(store) == before);
    program.feed("x", x.floats().data());

    Variable& weight = *store.find("layer.0.weight");
    const Tensor good = weight.read();
    for (const float value : {std::nanf(""), std::numeric_limits<float>::infinity()}) {
      Tensor spoilt = good.clone();
      spoilt.floats()[7] = value;
      weight.write(spoilt);
      CHECK_FALSE(weight.is_finite());
      const std::vector<float> bias = values_of(store)[1];
      CHECK_FALSE(program.run({.step = 1}));
      CHECK(values_of(store)[1] == bias);
    }
    weight.write(good);
    CHECK(values_of(store) == before);
    CHECK(program.run({.step = 1}));
    CHECK(program.spoilt() == nullptr);
  }

  TEST_CASE("an update that is not finite is told of after its run, and no other follows") {
    const auto run = [](bool adam, float at, float slope) {
      VariableStore store;
      Arena arena;
      Network network(store, 1, {1, 1});
      Variable& variable = store.create("p", Variable::Kind::Parameter, tensor({2}, {1, at}));
      network.variables = {&variable};
      network.parameters = {network.graph.variable(variable)};
      network.loss = slope * sum(sqrt(network.parameters[0]));
      adam ? network.adam() : network.descend(0.1f);
      Program program = network.compile(arena);
      REQUIRE(program.run({}));
      CHECK(std::isfinite(program.fetched(0)[0]));
      const Variable* spoilt = program.spoilt();
      CHECK(program.run({.step = 1}) == (spoilt == nullptr));
      if (spoilt != nullptr && !adam) {
        variable.write(tensor({2}, {1, 1}));
        CHECK(program.run({.step = 1}));
        CHECK(program.spoilt() == nullptr);
      }
      return spoilt == nullptr ? std::string() : spoilt->path();
    };
    CHECK(run(false, 4, 1) == "");
    CHECK(run(false, 0, 1) == "p");  // its slope is infinite
    CHECK(run(true, 4, 1) == "");
    CHECK(run(true, 0, 1) == "p");
    CHECK(run(true, 4, 1e25f) == "v.0");  // the square of a gradient that is finite
  }

  TEST_CASE("a trace names the layer of what overflows or has no value, forward and backward") {
    const auto find = [](const Numbers& numbers, auto&& layer) {
      VariableStore store;
      Arena arena;
      Graph graph;
      Variable& weight = store.create("encoder.1.weight", Variable::Kind::Parameter,
                                      tensor({2}, {numbers[0], numbers[1]}));
      const Value w = graph.variable(weight);
      Value y;
      {
        const Graph::Scope scope(graph, "encoder.1");
        y = layer(w);
      }
      const Value loss = sum(y);
      const Value update = graph.assign(weight, w - gradients(loss, std::span(&w, 1))[0]);
      Program program(graph, {loss}, {update}, arena, {.trace = true});
      const std::string found = program.find_nonfinite({});
      CHECK(weight.read().floats()[0] == numbers[0]);
      return found;
    };
    CHECK(find({1, 100}, [](Value w) { return exp(w); }) ==
          "encoder.1: the output of exp, [2], is inf at [1]");
    CHECK(find({0, 1}, [](Value w) { return w / (2.0f * w); }) ==
          "encoder.1: the output of divide, [2], is nan at [0]");
    CHECK(find({1, 0}, [](Value w) { return sqrt(w); }) ==
          "encoder.1: the output of divide, [2], is inf at [1]");  // its gradient, 1 / (2 sqrt(w))
    CHECK(find({1, 2}, [](Value w) { return square(w); }) == "");
  }

  TEST_CASE("a trace names the layer") {
    Graph graph;
    Value x = graph.input("x", {2});
    {
      const Graph::Scope scope(graph, "encoder.1");
      x = sqrt(x);
    }
    Arena arena;
    Program program(graph, {sum(x)}, {}, arena, {.trace = true});
    const Numbers numbers{1, -1};
    program.feed("x", numbers.data());
    CHECK(program.find_nonfinite({}) == "encoder.1: the output of sqrt, [2], is nan at [1]");
    const Numbers fine{1, 4};
    program.feed("x", fine.data());
    CHECK(program.find_nonfinite({}).empty());
  }

  TEST_CASE("state moves by assignments, once a run, and only in programs that name them") {
    VariableStore store;
    Variable& average = store.create("average", Variable::Kind::State, tensor({2}, {10, 20}));
    Graph graph;
    const Value old = graph.variable(average), x = graph.input("x", {4, 2});
    const Value next = graph.assign(average, 0.5f * old + 0.5f * mean(x, {0}));
    const Value used = x - old;
    Arena arena;
    Program training(graph, {used}, {next}, arena), evaluation(graph, {used}, {}, arena);
    const Numbers numbers{0, 0, 0, 0, 0, 0, 0, 0};
    for (Program* each : {&training, &evaluation}) each->feed("x", numbers.data());
    training.run({});
    CHECK(training.fetched(0)[0] == -10);  // the old value, though it was assigned
    CHECK(average.read().floats()[0] == 5);
    evaluation.run({});
    CHECK(evaluation.fetched(0)[1] == -10);
    CHECK(average.read().floats()[1] == 10);
  }

  TEST_CASE("an old value kept beside the new one, in either order") {
    for (const bool copy_first : {false, true}) {
      VariableStore store;
      Variable& a = store.create("a", Variable::Kind::State, tensor({3}, {1, 2, 3}));
      Variable& b = store.create("b", Variable::Kind::State, tensor({3}, {0, 0, 0}));
      Graph graph;
      const Value old = graph.variable(a);
      const Value twice = 2.0f * old;
      std::vector<Value> updates;
      for (const bool copy : {copy_first, !copy_first}) {
        updates.push_back(copy ? graph.assign(b, old) : graph.assign(a, twice));
      }
      const std::vector<Value> fetches{sum(old)};
      Arena arena;
      Program program(graph, fetches, updates, arena);
      program.run({});
      CHECK(a.read().floats()[2] == 6);
      CHECK(b.read().floats()[2] == 3);
      CHECK(program.fetched(0)[0] == 6);
    }
  }

  TEST_CASE("updates that wait for each other are refused") {
    VariableStore store;
    Variable& a = store.create("a", Variable::Kind::State, Tensor({3}));
    Variable& b = store.create("b", Variable::Kind::State, Tensor({3}));
    Graph graph;
    const std::vector<Value> updates{graph.assign(a, graph.variable(b)),
                                     graph.assign(b, graph.variable(a))};
    Arena arena;
    CHECK_THROWS_WITH_AS(Program(graph, std::span<const Value>(), updates, arena),
                         "the graph's updates wait for each other", Error);
    CHECK_THROWS_WITH_AS(graph.assign(a, graph.input("x", {2})),
                         "[assign] \"a\" has shape [3], the value [2]", ShapeError);
  }
}

TEST_SUITE("graph/fusion") {
  TEST_CASE("a chain of elementwise operations is one sweep") {
    Graph graph;
    const Value x = graph.input("x", {64, 30}), row = graph.input("row", {30});
    const Value y = tanh(square(x - row) * 0.5f + 1.0f);
    Arena arena;
    CHECK(Program(graph, {y}, {}, arena).steps().size() == 1);
    CHECK(Program(graph, {y}, {}, arena, {.fuse = false}).steps().size() == 5);
  }

  TEST_CASE("activations ride on the product before them") {
    Graph graph;
    VariableStore store;
    Network network(store, 16, {12, 8, 6});
    const Value y = sigmoid(network.output);
    Arena arena;
    const auto steps = Program(network.graph, {y}, {}, arena).steps();
    REQUIRE(steps.size() == 2);
    CHECK(steps[0].operation == "dense<relu>");
    CHECK(steps[1].operation == "dense<sigmoid>");
    // But not where the value before the activation is wanted too.
    CHECK(Program(network.graph, {y, network.output}, {}, arena).steps().size() == 3);
  }

  TEST_CASE("cross-entropy, its sum and its gradient are one sweep") {
    Graph graph;
    const Value logits = graph.input("l", {32, 20}), target = graph.input("t", {32, 20});
    const Value each = sum(binary_cross_entropy(logits, target), {1});
    const Value gradient = gradients(mean(each), std::span(&logits, 1))[0];
    Arena arena;
    const auto steps = Program(graph, {each, gradient}, {}, arena).steps();
    REQUIRE(steps.size() == 1);
    CHECK(steps[0].operation.starts_with("sweep of "));
  }

  TEST_CASE("an activation's slope is made in the backward pass and never stored") {
    Graph graph;
    const Value x = graph.input("x", {8, 32}), w = graph.input("w", {16, 32});
    // The gradient comes back through a product, which needs the activation's output anyway.
    const Value b = graph.input("b", {32});
    const Value loss = sum(square(dense(relu(x + b), w)));
    const Value wanted[] = {b, w};
    Arena arena;
    const Program program(graph, gradients(loss, wanted), {}, arena);
    const auto steps = program.steps();
    REQUIRE_FALSE(steps.empty());
    // The sum and the activation.
    CHECK(steps[0].operation == "sweep of 2");
  }

  TEST_CASE("each update of Adam is one sweep") {
    VariableStore store;
    Arena arena;
    Network network(store, 16, {12, 8, 12});
    network.adam();
    const auto steps = network.compile(arena).steps();
    CHECK(std::ranges::count_if(steps, &StepReport::update) <= 4);
    CHECK(count(steps, "reorder") == 0);
  }

  TEST_CASE("fused and unfused programs train alike") {
    const Tensor x = batch_of(32, 20);
    std::vector<std::vector<Numbers>> results;
    for (const bool fuse : {true, false}) {
      VariableStore store;
      Arena arena;
      Network network(store, 32, {20, 16, 5, 16, 20});
      network.descend(0.05f);
      Program program = network.compile(arena, {.fuse = fuse});
      program.feed("x", x.floats().data());
      for (int i = 0; i < 5; ++i) REQUIRE(program.run({.step = i}));
      results.push_back(values_of(store));
    }
    for (std::size_t i = 0; i < results[0].size(); ++i) {
      check_near(results[0][i], results[1][i], 1e-5f);
    }
  }

  TEST_CASE("a slow implementation of oneDNN's is never taken silently") {
    VariableStore store;
    Arena arena;
    Network network(store, 16, {12, 8, 12});
    const Program program = network.compile(arena);
    const auto steps = program.steps();
    const auto slow = std::ranges::count_if(steps, [](const StepReport& each) {
      return each.implementation.find("ref") != std::string::npos;
    });
    CHECK(std::ssize(program.warnings()) == slow);
  }

  TEST_CASE("reference code of oneDNN's is named with its layer") {
    Graph graph;
    Value x = graph.input("x", {6, 5});
    {
      const Graph::Scope scope(graph, "encoder.1");
      x = softmax(x, 0);  // oneDNN 2 has vector code for the last axis only
    }
    Arena arena;
    const Program program(graph, {x}, {}, arena);
    const std::string code = program.steps()[0].implementation;
    if (onednn::version().starts_with("2.")) REQUIRE(onednn::is_reference(code));
    std::vector<std::string> expected;
    if (onednn::is_reference(code)) {
      expected = {"encoder.1: softmax<axis=0> runs oneDNN's slow reference code (" + code + ")"};
    }
    CHECK(program.warnings() == expected);
  }
}

TEST_SUITE("graph/shares") {
  TEST_CASE("weights and columns that threads share out train as whole ones do") {
    // 600 columns are more than 256 a thread, so sweeps take columns too; 300 are not.
    const Tensor x = batch_of(33, 600);
    std::vector<std::vector<Numbers>> results;
    const int team = thread_count();
    struct Case {
      int threads;
      bool is_whole;  // shared weights are plain: others never are
    };
    for (const auto& [threads, is_whole] : {Case{1, true}, Case{1, false}, Case{2, false}}) {
      start_threads(threads);
      VariableStore store;
      Arena arena;
      Network network(store, 33, {600, 530, 300, 600});
      for (const auto& each : store.all()) {
        if (is_whole && each->shape().rank() == 2) {
          each->settle(onednn::Layout::transposed(each->shape()));
        }
      }
      network.descend(1e-2f);
      Program program = network.compile(arena);
      // With one thread our own product takes plain weights, where it serves.
      const bool shared = program.to_text().find("shared:") != std::string::npos;
      if (is_whole || threads == 2) CHECK(shared == !is_whole);
      program.feed("x", x.floats().data());
      for (int i = 0; i < 3; ++i) REQUIRE(program.run({.step = i}));
      results.push_back(values_of(store));
      results.back().push_back(numbers_of(program.fetched(0)));
    }
    start_threads(team);
    for (std::size_t i = 0; i < results[0].size(); ++i) {
      check_near(results[0][i], results[1][i], 1e-4f);
      check_near(results[0][i], results[2][i], 1e-4f);
    }
  }
}

TEST_SUITE("graph/layouts") {
  using onednn::Layout;

  // Layers of fewer than 64 units are no team's of two or more to share out (see
  // ops/dense_shares.hpp): oneDNN chooses how their weights lie.

  TEST_CASE("blocked and plain weights train alike") {
    const Tensor x = batch_of(64, 60);
    std::vector<std::vector<Numbers>> results;
    for (const bool plain : {true, false}) {
      VariableStore store;
      Arena arena;
      Network network(store, 64, {60, 48, 10, 60});
      if (plain) {
        for (const auto& each : store.all()) each->settle(Layout::plain(each->shape()));
      }
      network.adam();
      Program program = network.compile(arena);
      program.feed("x", x.floats().data());
      for (int i = 0; i < 5; ++i) REQUIRE(program.run({.step = i}));
      results.push_back(values_of(store));
    }
    for (std::size_t i = 0; i < results[0].size(); ++i) {
      check_near(results[0][i], results[1][i], 1e-4f);
    }
  }

  TEST_CASE("the first program settles homes, the others take them as given") {
    VariableStore store;
    Arena arena;
    Network training(store, 64, {60, 48, 60});
    training.adam();
    Program first = training.compile(arena);
    std::vector<Layout> homes;
    for (const auto& each : store.all()) {
      CHECK_FALSE(each->home().is_any());
      homes.push_back(each->home());
    }
    Network one(store, 1, {60, 48, 60});
    Program second(one.graph, {one.output}, {}, arena);
    for (std::size_t i = 0; i < homes.size(); ++i) CHECK(store.all()[i]->home() == homes[i]);
    const Tensor x = batch_of(64, 60);
    first.feed("x", x.floats().data());
    second.feed("x", x.floats().data());
    for (int i = 0; i < 3; ++i) {
      REQUIRE(first.run({.step = i}));
      second.run({});
      Network reference(store, 64, {60, 48, 60});
      Program check(reference.graph, {reference.output}, {}, arena);
      check.feed("x", x.floats().data());
      check.run({});
      const Numbers expected = numbers_of(check.fetched(0).first(60));
      second.run({});
      check_near(second.fetched(0), expected, 1e-5f);
    }
  }

  TEST_CASE("a derived copy follows its variable, and is made anew only after a change") {
    Variable variable("w", Variable::Kind::Parameter, random_tensor({48, 33}, 1));
    variable.settle(Layout::plain({48, 33}));
    auto& copy = variable.derive(Layout::transposed({48, 33}));
    variable.refresh(copy);
    auto* numbers = reinterpret_cast<float*>(copy.memory.get());
    CHECK(numbers[1] == variable.read().floats()[33]);
    numbers[1] = 77;
    variable.refresh(copy);
    CHECK(numbers[1] == 77);
    variable.write(random_tensor({48, 33}, 2));
    variable.refresh(copy);
    CHECK(numbers[1] == variable.read().floats()[33]);
    CHECK(&variable.derive(Layout::transposed({48, 33})) == &copy);
    CHECK(variable.bytes() == 2 * 48 * 33 * sizeof(float));
  }

  TEST_CASE("the printout lists kernels, derived copies and reorders with their reasons") {
    VariableStore store;
    Arena arena;
    Network training(store, 64, {60, 48, 60});
    training.adam();
    Program first = training.compile(arena);
    CHECK(first.to_text().find(" 0 reorders") != std::string::npos);
    Variable& weight = *store.find("layer.0.weight");
    // Some processors' fastest code takes plain weights, or turned ones, of which a view will do.
    const onednn::Layout turned_round = onednn::Layout::transposed(weight.shape());
    if (weight.home().is_plain() || weight.home() == turned_round) return;
    Network other(store, 64, {60, 48, 60});
    const Value turned = swap_axes(other.parameters[0]);
    const Value gradient = gradients(other.loss, other.parameters)[0];
    const Value update = other.graph.assign(weight, other.parameters[0] - gradient);
    const std::vector<Value> fetches{turned, gradient}, updates{update};
    const std::string listing = Program(other.graph, fetches, updates, arena).to_text();
    CHECK(listing.find("derived copy of layer.0.weight as plain, at home it is blocked") !=
          std::string::npos);
    CHECK(listing.find("-> plain, because a result is plain") != std::string::npos);
    CHECK(listing.find(" KiB of arena") != std::string::npos);
  }

  TEST_CASE("a variable reads and writes plain arrays, wherever it is at home") {
    const Tensor value = random_tensor({10, 33}, 1);
    Variable variable("w", Variable::Kind::Parameter, value.clone());
    CHECK(numbers_of(variable.read().floats()) == numbers_of(value.floats()));
    VariableStore store;
    const auto primitive = [&] {
      Network network(store, 64, {33, 10});
      Arena arena;
      Program(network.graph, {network.output}, {}, arena);
      return store.find("layer.0.weight")->home();
    }();
    variable.settle(primitive);
    CHECK(numbers_of(Tensor(variable.read()).floats()) == numbers_of(value.floats()));
    CHECK_THROWS_WITH_AS(variable.write(Tensor({33, 10})),
                         "\"w\" has shape [33, 10], the model expects [10, 33]", ShapeError);
    CHECK_THROWS_WITH_AS(store.create("layer.0.weight", Variable::Kind::Parameter, Tensor({1})),
                         "two variables have the path \"layer.0.weight\"", ConfigError);
  }
}

}  // namespace hourglass::test
