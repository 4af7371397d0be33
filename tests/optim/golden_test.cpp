// The first ten losses of a small network beside PyTorch's, from the same weights and batches; see
// tests/golden/make_losses.py.
#include <hourglass/graph/autodiff.hpp>
#include <hourglass/graph/program.hpp>
#include <hourglass/ops/binary_cross_entropy.hpp>
#include <hourglass/ops/dense.hpp>
#include <hourglass/ops/mean.hpp>
#include <hourglass/ops/relu.hpp>
#include <hourglass/ops/sum.hpp>
#include <hourglass/optim/optimizer.hpp>

#include <doctest/doctest.h>
#include <support/places.hpp>

#include <cmath>
#include <fstream>
#include <map>
#include <string>
#include <vector>

namespace hourglass {

namespace {

constexpr const char* kLayers[] = {"encoder.0", "code", "decoder.0", "decoder.1"};

struct Golden {
  struct Run {
    std::string name;
    std::map<std::string, double> settings;
    std::vector<float> losses;
  };
  std::map<std::string, Tensor> tensors;
  std::vector<Run> runs;
};

Tensor read_tensor(std::istream& in) {
  int rank = 0;
  in >> rank;
  std::vector<std::int64_t> extents(rank);
  for (auto& each : extents) in >> each;
  Tensor tensor{Shape(std::span<const std::int64_t>(extents))};
  for (float& each : tensor.floats()) in >> each;
  return tensor;
}

Golden::Run read_run(std::istream& in) {
  Golden::Run run;
  int count = 0;
  in >> run.name >> count;
  for (int i = 0; i < count; ++i) {
    std::string setting;
    in >> setting;
    const auto equals = setting.find('=');
    run.settings[setting.substr(0, equals)] = std::stod(setting.substr(equals + 1));
  }
  run.losses.resize(10);
  for (float& each : run.losses) in >> each;
  return run;
}

Golden read_golden() {
  std::ifstream in(HOURGLASS_GOLDEN "losses.txt");
  std::string word;
  int version = 0;
  in >> word >> version;
  REQUIRE(word == "hourglass-golden-losses");
  REQUIRE(version == 1);
  Golden golden;
  while (in >> word) {
    if (word == "tensor") {
      std::string name;
      in >> name;
      golden.tensors[name] = read_tensor(in);
    } else if (word == "losses") {
      golden.runs.push_back(read_run(in));
    } else {
      std::getline(in, word);
    }
  }
  REQUIRE(golden.runs.size() == 9);
  return golden;
}

/// The network of the file, with its variables.
struct Network {
  explicit Network(const Golden& golden) {
    x = graph.input("x", {16, 12});
    logits = x;
    for (const char* layer : kLayers) {
      Value weight = parameter(golden, text(layer, ".weight"));
      logits = dense(logits, weight, parameter(golden, text(layer, ".bias")));
      if (layer != kLayers[3]) logits = relu(logits);
    }
    loss = mean(sum(binary_cross_entropy(logits, x), {1}));
  }

  Value parameter(const Golden& golden, const std::string& path) {
    parameters.push_back(
        &store.create(path, Variable::Kind::Parameter, golden.tensors.at(path).clone()));
    return graph.variable(*parameters.back());
  }

  VariableStore store;
  Graph graph;
  Arena arena;
  std::vector<Variable*> parameters;
  Value x, logits, loss;
};

OptimizerOptions optimizer_of(const Golden::Run& run) {
  const auto setting = [&](const char* name, double otherwise) {
    const auto found = run.settings.find(name);
    return found == run.settings.end() ? otherwise : found->second;
  };
  const auto common = [&](auto options) {
    options.learning_rate = Schedule(setting("learning_rate", 0));
    return options;
  };
  const auto adam = [&](auto options) {
    options = common(options);
    options.beta1 = setting("beta1", 0);
    options.beta2 = setting("beta2", 0);
    options.epsilon = setting("epsilon", 0);
    return options;
  };
  if (run.name.starts_with("adamw")) {
    AdamWOptions options = adam(AdamWOptions());
    options.weight_decay = setting("weight_decay", 0);
    return options;
  }
  if (run.name.starts_with("adam")) return adam(AdamOptions());
  if (run.name == "rmsprop") {
    RmsPropOptions options = common(RmsPropOptions());
    options.decay = setting("decay", 0);
    options.epsilon = setting("epsilon", 0);
    return options;
  }
  SgdOptions options = common(SgdOptions());
  options.momentum = setting("momentum", 0);
  options.nesterov = run.name == "nesterov";
  return options;
}

void check_close(std::span<const float> got, std::span<const float> expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    CHECK(std::abs(got[i] - expected[i]) <= 1e-5f * std::abs(expected[i]) + 1e-7f);
  }
}

}  // namespace

TEST_SUITE("optim/golden") {
  TEST_CASE("output and gradients equal PyTorch's") {
    const Golden golden = read_golden();
    Network network(golden);
    std::vector<Value> wanted{network.logits}, targets;
    for (Variable* each : network.parameters) targets.push_back(network.graph.variable(*each));
    for (const Value& each : gradients(network.loss, targets)) wanted.push_back(each);
    Program program(network.graph, wanted, {}, network.arena);
    program.feed("x", golden.tensors.at("batches").floats().data());
    REQUIRE(program.run({}));
    check_close(program.fetched(0), golden.tensors.at("logits").floats());
    for (std::size_t i = 0; i < network.parameters.size(); ++i) {
      const std::string path = text("gradient/", network.parameters[i]->path());
      CAPTURE(path);
      check_close(program.fetched(static_cast<int>(i) + 1), golden.tensors.at(path).floats());
    }
  }

  TEST_CASE("the first ten losses equal PyTorch's, for every optimiser") {
    const Golden golden = read_golden();
    for (const Golden::Run& run : golden.runs) {
      CAPTURE(run.name);
      Network network(golden);
      UpdateOptions options{.step = "step", .optimizer = optimizer_of(run), .clip = {}};
      if (run.settings.contains("clip_norm")) {
        ClipByNorm clip;
        clip.limit = run.settings.at("clip_norm");
        options.clip = clip;
      }
      const auto updates = write_updates(network.loss, network.parameters, network.store, options);
      Program program(network.graph, std::span(&network.loss, 1), updates, network.arena,
                      {.guard = network.loss});
      std::vector<float> losses;
      for (int step = 0; step < 10; ++step) {
        program.feed("x", golden.tensors.at("batches").floats().data() + step * 16 * 12);
        REQUIRE(program.run({.step = step}));
        losses.push_back(program.fetched(0)[0]);
      }
      check_close(losses, run.losses);
    }
  }
}

}  // namespace hourglass
