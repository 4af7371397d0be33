// Whole training steps of a sparse autoencoder, against the same by a mask on dense products.

#include "graph/allocations.hpp"
#include "ops/selection.hpp"

#include <hourglass/onednn/dense.hpp>
#include <hourglass/ops/dense.hpp>
#include <hourglass/ops/mean.hpp>
#include <hourglass/ops/relu.hpp>
#include <hourglass/ops/sparse_product.hpp>
#include <hourglass/ops/squared_error.hpp>
#include <hourglass/ops/stop_gradient.hpp>
#include <hourglass/optim/optimizer.hpp>

#include <memory>

namespace hourglass {

using namespace test;

namespace {

constexpr std::int64_t kBatch = 12, kIn = 10, kLatents = 40, kActive = 3;

struct Autoencoder {
  Autoencoder(bool sparse, Select select, const UpdateOptions& options) {
    const auto make = [&](const char* path, const Shape& shape, std::uint64_t seed) {
      parameters.push_back(
          &store.create(path, Variable::Kind::Parameter, random_tensor(shape, seed, -0.4f, 0.4f)));
      return graph.variable(*parameters.back());
    };
    const Value encoder = make("encoder", {kLatents, kIn}, 1);
    const Value bias = make("bias", {kLatents}, 2);
    const Value decoder = make("decoder", {kLatents, kIn}, 3);
    const Value centre = make("centre", {kIn}, 4);
    const Value x = graph.input("x", {kBatch, kIn});
    const Value scores = dense(x - centre, encoder, bias);
    SparseValue code = select(scores, kActive);
    Value z;
    if (sparse) {
      code.values = relu(code.values);
      z = to_dense(code);
    } else {
      // Of pairs that are not used the mask has nothing: they stand in no row.
      code.values = graph.filled(code.values.shape(), 1.0f);
      z = relu(scores) * stop_gradient(to_dense(code));
    }
    Value loss = mean(sum(squared_error(dense_transposed(z, decoder, centre), x), {1}));
    if (const Value extra = penalty(graph, parameters, options.optimizer)) loss = loss + extra;
    program = std::make_unique<Program>(graph, std::span(&loss, 1),
                                        write_updates(loss, parameters, store, options), arena,
                                        CompileOptions{.guard = loss});
  }

  void step() {
    batch = random_tensor({kBatch, kIn}, 100 + static_cast<std::uint64_t>(count));
    program->feed("x", batch.floats().data());
    REQUIRE(program->run({.step = count++}));
  }

  /// All variables, moments included, by path.
  std::vector<std::pair<std::string, Numbers>> everything() const {
    std::vector<std::pair<std::string, Numbers>> all;
    for (const auto& variable : store.all()) {
      all.emplace_back(variable->path(), numbers_of(variable->read().floats()));
    }
    return all;
  }

  Graph graph;
  VariableStore store;
  Arena arena;
  std::vector<Variable*> parameters;
  std::unique_ptr<Program> program;
  Tensor batch;
  std::int64_t count = 0;
};

struct NamedRule {
  const char* name;
  UpdateOptions options;
};

std::vector<NamedRule> rules() {
  SgdOptions sgd, momentum, nesterov;
  sgd.learning_rate = momentum.learning_rate = nesterov.learning_rate = 0.05;
  momentum.momentum = nesterov.momentum = 0.9;
  nesterov.nesterov = true;
  RmsPropOptions rmsprop;
  rmsprop.momentum = 0.5;
  rmsprop.epsilon = 1e-3;
  AdamOptions adam, penalised;
  adam.learning_rate = penalised.learning_rate = 0.01;
  adam.epsilon = penalised.epsilon = 1e-4;
  penalised.l1 = 1e-3;
  penalised.l2 = 1e-2;
  AdamWOptions adamw;
  adamw.epsilon = 1e-4;
  ClipByNorm norm;
  norm.limit = 0.5;
  ClipByValue value;
  value.limit = 0.05;
  const auto rule = [](const char* name, const OptimizerOptions& optimizer,
                       std::optional<ClipOptions> clip = {}) {
    return NamedRule{name, {.step = "s", .optimizer = optimizer, .clip = clip}};
  };
  return {rule("sgd", sgd),
          rule("sgd with momentum", momentum),
          rule("nesterov", nesterov),
          rule("rmsprop", rmsprop),
          rule("adam", adam),
          rule("adam with penalties", penalised),
          rule("adamw", adamw),
          rule("sgd, clipped by norm", momentum, norm),
          rule("adam, clipped by norm", adam, norm),
          rule("sgd, clipped by value", sgd, value),
          rule("adam with penalties, clipped by value", penalised, value)};
}

AdamOptions fast_adam() {
  AdamOptions adam;
  adam.learning_rate = 0.01;
  return adam;
}

}  // namespace

TEST_SUITE("optim/sparse_update") {
  TEST_CASE("twenty sparse steps of every optimiser equal those of the dense form") {
    for (const Select select : {Select(topk), Select(batch_topk)}) {
      for (const NamedRule& rule : rules()) {
        CAPTURE(rule.name);
        Autoencoder sparse(true, select, rule.options), dense(false, select, rule.options);
        for (int i = 0; i < 20; ++i) {
          sparse.step();
          dense.step();
        }
        const auto got = sparse.everything(), expected = dense.everything();
        REQUIRE(got.size() == expected.size());
        for (std::size_t i = 0; i < got.size(); ++i) {
          CAPTURE(got[i].first);
          CHECK(got[i].first == expected[i].first);
          check_near(got[i].second, expected[i].second, 1e-4f);
        }
      }
    }
  }

  TEST_CASE("moments of rows that nothing touches decay, and still move their rows") {
    Autoencoder sparse(true, topk, {.step = "s", .optimizer = fast_adam(), .clip = {}});
    sparse.step();
    const auto row = [&](const std::string& path, std::int64_t i) {
      const Tensor all = sparse.store.find(path)->read();
      return numbers_of(all.floats().subspan(i * kIn, kIn));
    };
    // A row that the first batch touched and the second does not.
    std::vector<Numbers> moments, weights;
    for (std::int64_t i = 0; i < kLatents; ++i) {
      moments.push_back(row("optimizer/s/decoder/m", i));
      weights.push_back(row("decoder", i));
    }
    sparse.step();
    int decayed = 0;
    for (std::int64_t i = 0; i < kLatents; ++i) {
      const Numbers now = row("optimizer/s/decoder/m", i);
      bool only_decayed = moments[i][0] != 0;
      for (std::int64_t k = 0; k < kIn; ++k) only_decayed &= now[k] == 0.9f * moments[i][k];
      if (!only_decayed) continue;
      ++decayed;
      CHECK(row("decoder", i) != weights[i]);
    }
    CHECK(decayed > 0);
  }

  TEST_CASE("gradients of sparse layers stream into their updates and never exist as a whole") {
    for (const NamedRule& rule : rules()) {
      CAPTURE(std::string(rule.name));
      Autoencoder sparse(true, topk, rule.options);
      int streams = 0;
      for (const StepReport& step : sparse.program->steps()) {
        CHECK_FALSE(step.operation.starts_with("dense_backward"));
        CHECK_FALSE(step.operation.starts_with("reorder"));
        // The bias's alone is made as a whole: it is read in another shape.
        if (step.operation == "sparse_transposed_product") CHECK(step.scope.empty() == false);
        streams += step.detail.find("streams sparse_transposed_product") != std::string::npos;
      }
      CHECK(streams >= 2);
      for (const char* path : {"encoder", "decoder"}) {
        CHECK(sparse.store.find(path)->home().is_plain());
      }
    }
    // 2,000 latents of 300 numbers: a gradient would take 2.3 MiB.
    Graph graph;
    VariableStore store;
    Arena arena;
    Variable& weight = store.create("w", Variable::Kind::Parameter, random_tensor({2000, 300}, 1));
    Variable* const moved[]{&weight};
    const SparseValue code = topk(graph.input("x", {8, 2000}), 5);
    const Value loss = mean(square(sparse_product(code, graph.variable(weight))));
    const auto updates =
        write_updates(loss, moved, store, {.step = "s", .optimizer = AdamOptions(), .clip = {}});
    const Program program(graph, std::span(&loss, 1), updates, arena);
    CHECK(program.memory().arena < 500 * 1024);
  }

  TEST_CASE("a sparse training step allocates nothing of ours") {
    if (!AllocationCount::works()) return;
    for (const Select select : {Select(topk), Select(batch_topk)}) {
      Autoencoder sparse(true, select, rules().back().options);
      for (int i = 0; i < 3; ++i) sparse.step();
      const AllocationCount allocations;
      for (int i = 3; i < 6; ++i) REQUIRE(sparse.program->run({.step = i}));
      CHECK(allocations.count() == 0);
    }
  }

  TEST_CASE("sparse training is the same to the bit for any number of threads") {
    for (const Select select : {Select(topk), Select(batch_topk)}) {
      check_for_any_team([&] {
        Autoencoder sparse(true, select, {.step = "s", .optimizer = fast_adam(), .clip = {}});
        for (int i = 0; i < 5; ++i) sparse.step();
        return sparse.everything();
      });
    }
  }

  TEST_CASE("NaN among the scores shows in the loss, before anything is moved") {
    Autoencoder sparse(true, topk, {.step = "s", .optimizer = fast_adam(), .clip = {}});
    sparse.step();
    Variable& bias = *sparse.store.find("bias");
    Tensor poisoned = bias.read();
    poisoned.floats()[7] = std::numeric_limits<float>::quiet_NaN();
    bias.write(poisoned);
    const Tensor before = sparse.store.find("decoder")->read();
    CHECK_FALSE(sparse.program->run({.step = 1}));
    CHECK(std::isnan(sparse.program->fetched(0)[0]));
    CHECK(numbers_of(sparse.store.find("decoder")->read().floats()) == numbers_of(before.floats()));
  }

  TEST_CASE("one weight that two sparse layers share gets the sum of both gradients") {
    // Also a weight that is at home in blocks.
    const auto train = [](bool sparse, bool blocked) {
      Graph graph;
      VariableStore store;
      Arena arena;
      Variable& weight =
          store.create("w", Variable::Kind::Parameter, random_tensor({kLatents, kIn}, 1));
      Variable* const moved[]{&weight};
      if (blocked) {
        weight.settle(onednn::dense_forward(onednn::Layout::plain({kBatch, kIn}),
                                            onednn::Layout::any(weight.shape()), false, {})
                          .layout(onednn::Argument::Weights));
      }
      const Value w = graph.variable(weight), x = graph.input("x", {kBatch, kIn});
      const SparseValue code = topk(dense(x, w), kActive);
      const Value z = to_dense(code);
      const Value y = dense_transposed(sparse ? z : 1.0f * z, w);
      const Value loss = mean(squared_error(y, x));
      const auto updates =
          write_updates(loss, moved, store, {.step = "s", .optimizer = fast_adam(), .clip = {}});
      Program program(graph, std::span(&loss, 1), updates, arena);
      const Tensor batch = random_tensor({kBatch, kIn}, 5);
      program.feed("x", batch.floats().data());
      for (int i = 0; i < 10; ++i) REQUIRE(program.run({.step = i}));
      return numbers_of(weight.read().floats());
    };
    const Numbers expected = train(false, false);
    check_near(train(true, false), expected, 1e-4f);
    check_near(train(true, true), expected, 1e-4f);
  }
}

}  // namespace hourglass
