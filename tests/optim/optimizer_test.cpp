#include <hourglass/graph/program.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/sum.hpp>
#include <hourglass/optim/optimizer.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace hourglass {

namespace {

using Numbers = std::vector<float>;

/// Parameters whose gradients are what the test says: the loss is the sum of w g.
struct Descent {
  Descent(const std::vector<Numbers>& start, const UpdateOptions& options) {
    Value loss;
    for (std::size_t i = 0; i < start.size(); ++i) {
      const Shape shape{static_cast<std::int64_t>(start[i].size())};
      Tensor tensor(shape);
      std::ranges::copy(start[i], tensor.floats().begin());
      parameters.push_back(&store.create(text("w", i), Variable::Kind::Parameter, tensor));
      const Value part = sum(graph.variable(*parameters[i]) * graph.input(text("g", i), shape));
      loss = loss ? loss + part : part;
    }
    program = std::make_unique<Program>(graph, std::span(&loss, 1),
                                        write_updates(loss, parameters, store, options), arena);
  }

  /// One step with these gradients.
  void step(const std::vector<Numbers>& gradients) {
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      program->feed(text("g", i), gradients[i].data());
    }
    REQUIRE(program->run({.step = count++}));
  }

  Numbers at(const std::string& path) const {
    const Variable* variable = store.find(path);
    REQUIRE(variable != nullptr);
    const Tensor tensor = variable->read();
    return {tensor.floats().begin(), tensor.floats().end()};
  }
  float w() const { return at("w0")[0]; }

  Graph graph;
  VariableStore store;
  Arena arena;
  std::vector<Variable*> parameters;
  std::unique_ptr<Program> program;
  std::int64_t count = 0;
};

/// From w = 1 with gradients 0.5, then -1: where w is after each.
Numbers two_steps(const OptimizerOptions& optimizer) {
  Descent descent({{1}}, {.step = "s", .optimizer = optimizer, .clip = {}});
  descent.step({{0.5f}});
  const float first = descent.w();
  descent.step({{-1}});
  return {first, descent.w()};
}

void check_two_steps(const OptimizerOptions& optimizer, double first, double second) {
  const Numbers got = two_steps(optimizer);
  CHECK(got[0] == doctest::Approx(first).epsilon(1e-6));
  CHECK(got[1] == doctest::Approx(second).epsilon(1e-6));
}

template <class Options>
Options at_rate(double rate) {
  Options options;
  options.learning_rate = rate;
  return options;
}

/// How far each of `steps` steps with gradient 1 moves w.
std::vector<double> rates(const Schedule& schedule, int steps, double steps_per_epoch = 1) {
  SgdOptions sgd;
  sgd.learning_rate = schedule;
  Descent descent({{0}},
                  {.step = "s", .optimizer = sgd, .clip = {}, .steps_per_epoch = steps_per_epoch});
  std::vector<double> moved;
  for (int i = 0; i < steps; ++i) {
    const double before = descent.w();
    descent.step({{1}});
    moved.push_back(before - descent.w());
  }
  return moved;
}

void check_rates(const std::vector<double>& got, const std::vector<double>& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    CHECK(got[i] == doctest::Approx(expected[i]).epsilon(1e-5));
  }
}

}  // namespace

TEST_SUITE("optim/optimizer") {
  TEST_CASE("two steps by hand: gradient descent, plain, with momentum, and Nesterov's") {
    SgdOptions sgd = at_rate<SgdOptions>(0.1);
    check_two_steps(sgd, 0.95, 1.05);
    sgd.momentum = 0.9;
    check_two_steps(sgd, 0.95, 1.005);  // v: 0.5, then 0.45 - 1
    sgd.nesterov = true;
    check_two_steps(sgd, 0.905, 1.0545);  // g + 0.9 v: 0.95, then -1.495
  }

  TEST_CASE("two steps by hand: RMSprop, with and without momentum") {
    RmsPropOptions options = at_rate<RmsPropOptions>(0.1);
    options.decay = 0.9;
    check_two_steps(options, 1 - 0.05 / std::sqrt(0.025), 0.969486509);  // mean squares .025, .1225
    options.momentum = 0.5;
    check_two_steps(options, 1 - 0.05 / std::sqrt(0.025), 0.811372632);
  }

  TEST_CASE("two steps by hand: Adam and AdamW") {
    AdamOptions adam = at_rate<AdamOptions>(0.1);
    check_two_steps(adam, 0.9, 0.936610350);  // m: .5, -.289474; v: .25, .625188, both corrected
    AdamWOptions decayed = at_rate<AdamWOptions>(0.1);
    decayed.weight_decay = 0.01;
    check_two_steps(decayed, 0.899, 0.934711350);  // w times 0.999 before each step
    decayed.weight_decay = 0;
    CHECK(two_steps(decayed) == two_steps(adam));
  }

  TEST_CASE("epsilon bounds the step where gradients vanish") {
    AdamOptions adam = at_rate<AdamOptions>(0.1);
    adam.epsilon = 1;
    Descent descent({{1}}, {.step = "s", .optimizer = adam, .clip = {}});
    descent.step({{0}});
    CHECK(descent.w() == 1);
    descent.step({{1e-3f}});
    CHECK(descent.w() == doctest::Approx(1).epsilon(1e-3));
  }

  TEST_CASE("moments are variables of the store, by train step and parameter, zero at first") {
    const UpdateOptions options{.step = "elbo", .optimizer = AdamOptions(), .clip = {}};
    Descent descent({{1, 2}, {3}}, options);
    CHECK(descent.at("optimizer/elbo/w0/m") == Numbers{0, 0});
    CHECK(descent.at("optimizer/elbo/w1/v") == Numbers{0});
    CHECK(descent.store.find("optimizer/elbo/w0/m")->kind() == Variable::Kind::State);
    descent.step({{0.5f, -1}, {2}});
    CHECK(descent.at("optimizer/elbo/w0/m")[1] == doctest::Approx(-0.1));
    CHECK(descent.at("optimizer/elbo/w1/v")[0] == doctest::Approx(0.004));
    CHECK(descent.store.all().size() == 6);

    SgdOptions plain;
    Descent none({{1}}, {.step = "s", .optimizer = plain, .clip = {}});
    CHECK(none.store.all().size() == 1);
  }

  TEST_CASE("schedules move the rate, in steps and in epochs") {
    using Unit = Schedule::Unit;
    check_rates(rates(Schedule::step(0.8, 0.5, 2, Unit::Steps), 5), {0.8, 0.8, 0.4, 0.4, 0.2});
    check_rates(rates(Schedule::step(0.8, 0.5, 1, Unit::Epochs), 5, 2), {0.8, 0.8, 0.4, 0.4, 0.2});
    check_rates(rates(Schedule::cosine(1, 0, 4, Unit::Steps), 6),
                {1, 0.853553391, 0.5, 0.146446609, 0, 0});
    check_rates(rates(Schedule::exponential(1, 0.25, 2, Unit::Steps), 4), {1, 0.5, 0.25, 0.125});
    check_rates(rates(Schedule::linear(1, 0.5, 2, Unit::Steps), 4), {1, 0.75, 0.5, 0.5});
  }

  TEST_CASE("warm-up grows to the rate, whatever the schedule") {
    using Unit = Schedule::Unit;
    check_rates(rates(Schedule(0.8).warmed_up(4), 6), {0.2, 0.4, 0.6, 0.8, 0.8, 0.8});
    check_rates(rates(Schedule::step(0.8, 0.5, 2, Unit::Steps).warmed_up(2, Unit::Epochs), 6, 2),
                {0.2, 0.4, 0.3, 0.4, 0.2, 0.2});
  }

  TEST_CASE("Adam's rate follows the schedule, and its corrections the count of steps") {
    AdamOptions adam;
    adam.learning_rate = Schedule::step(0.1, 0.5, 1, Schedule::Unit::Steps);
    Descent descent({{1}}, {.step = "s", .optimizer = adam, .clip = {}});
    for (const double expected : {0.9, 0.85, 0.825}) {  // a constant gradient: whole steps
      descent.step({{0.3f}});
      CHECK(descent.w() == doctest::Approx(expected).epsilon(1e-6));
    }
  }

  TEST_CASE("clipping by value keeps each element within the limit") {
    ClipByValue clip;
    clip.limit = 0.5;
    Descent descent({{0, 0, 0}}, {.step = "s", .optimizer = at_rate<SgdOptions>(1), .clip = clip});
    descent.step({{3, -0.25f, -0.75f}});
    CHECK(descent.at("w0") == Numbers{-0.5f, 0.25f, 0.5f});
  }

  TEST_CASE("clipping by norm scales all gradients by one factor, and none within the limit") {
    ClipByNorm clip;
    clip.limit = 1;
    const auto moved = [&](const Numbers& a, const Numbers& b) {
      Descent descent({{0, 0}, {0}},
                      {.step = "s", .optimizer = at_rate<SgdOptions>(1), .clip = clip});
      descent.step({a, b});
      Numbers all = descent.at("w0");
      all.push_back(descent.at("w1")[0]);
      for (float& each : all) each = -each;
      return all;
    };
    const Numbers clipped = moved({2, -3}, {6});  // of norm 7
    CHECK(clipped[0] == doctest::Approx(2.0 / 7).epsilon(1e-6));
    CHECK(clipped[1] == doctest::Approx(-3.0 / 7).epsilon(1e-6));
    CHECK(clipped[2] == doctest::Approx(6.0 / 7).epsilon(1e-6));
    CHECK(moved({0.1f, -0.7f}, {0.3f}) == Numbers{0.1f, -0.7f, 0.3f});  // bit for bit
    CHECK(moved({0, 0}, {0}) == Numbers{0, 0, 0});
  }

  TEST_CASE("penalties are of weights, not of biases, and l2 counts half") {
    Graph graph;
    VariableStore store;
    Arena arena;
    Tensor weight({2, 2}), bias({2});
    std::ranges::copy(Numbers{1, -2, 0, 3}, weight.floats().begin());
    std::ranges::copy(Numbers{10, 10}, bias.floats().begin());
    const std::vector<Variable*> parameters{&store.create("w", Variable::Kind::Parameter, weight),
                                            &store.create("b", Variable::Kind::Parameter, bias)};
    const auto value = [&](double l1, double l2) {
      AdamOptions options;
      options.l1 = l1;
      options.l2 = l2;
      const Value total = penalty(graph, parameters, options);
      REQUIRE(total);
      Program program(graph, {total}, {}, arena);
      REQUIRE(program.run({}));
      return program.fetched(0)[0];
    };
    CHECK(value(0.5, 0) == doctest::Approx(3));
    CHECK(value(0, 0.5) == doctest::Approx(3.5));
    CHECK(value(0.5, 0.5) == doctest::Approx(6.5));
    CHECK_FALSE(penalty(graph, parameters, AdamOptions()));
    CHECK_FALSE(penalty(graph, {}, AdamOptions()));
  }

  TEST_CASE("nothing to move is nothing to do, clipped or not") {
    for (const std::optional<ClipOptions>& clip :
         {std::optional<ClipOptions>(), std::optional<ClipOptions>(ClipByNorm())}) {
      Graph graph;
      VariableStore store;
      const Value loss = sum(graph.input("x", {3}));
      CHECK(write_updates(loss, {}, store, {.step = "s", .optimizer = AdamOptions(), .clip = clip})
                .empty());
    }
  }
}

}  // namespace hourglass
