#include <hourglass/config/parse.hpp>
#include <hourglass/config/schema.hpp>

#include <doctest/doctest.h>

namespace hourglass {

namespace {

using config::Node;
using config::parse_text;
using config::Problems;

enum class Loss { SquaredError, CrossEntropy };

struct Sgd {
  static constexpr const char* kName = "sgd";
  double rate = 0.1;
  static void describe(Schema<Sgd>& schema) {
    schema.add("rate", &Sgd::rate, "step size", greater_than(0));
  }
};

struct Adam {
  static constexpr const char* kName = "adam";
  Schedule learning_rate = 1e-3;
  double beta1 = 0.9;
  static void describe(Schema<Adam>& schema) {
    schema.add("learning_rate", &Adam::learning_rate, "step size", greater_than(0));
    schema.add("beta1", &Adam::beta1, "decay of the mean", at_least(0), less_than(1));
  }
};

struct Dense {
  static constexpr const char* kName = "dense";
  int width = 0;
  static void describe(Schema<Dense>& schema) {
    schema.require("width", &Dense::width, "units", at_least(1));
    schema.shorthand("width");
  }
};

struct Flatten {
  static constexpr const char* kName = "flatten";
  static void describe(Schema<Flatten>&) {}
};

struct Layer {
  std::variant<Dense, Flatten> kind;
  std::string activation = "linear";
  static void describe(Schema<Layer>& schema) {
    schema.alternatives(&Layer::kind, "what the layer computes");
    schema.add("activation", &Layer::activation, "what follows",
               one_of({"linear", "relu", "tanh", "sigmoid"}));
  }
};

struct Checkpoint {
  int every = 5;
  int keep = 2;
  static void describe(Schema<Checkpoint>& schema) {
    schema.add("every", &Checkpoint::every, "epochs between two checkpoints", at_least(1));
    schema.add("keep", &Checkpoint::keep, "how many stay", at_least(0));
    schema.check([](const Checkpoint& value) {
      return value.keep > value.every ? "must not keep more than every" : "";
    });
  }
};

struct Options {
  int latent = 20;
  std::int64_t seed = 1;
  float rate = 0.25f;
  double scale = 1;
  bool tied = false;
  std::string title = "plain";
  Schedule beta = 1.0;
  Loss loss = Loss::CrossEntropy;
  std::optional<double> clip;
  std::vector<int> sizes{3, 4};
  std::vector<Layer> layers;
  std::variant<Sgd, Adam> optimizer = Adam{.beta1 = 0.8};
  Checkpoint checkpoint{.every = 7};
  std::map<std::string, double> weights;
  Node extra;

  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "size of the code", greater_than(0));
    schema.add("seed", &Options::seed, "of all that is random", at_least(0));
    schema.add("rate", &Options::rate, "of units dropped", between(0, 1));
    schema.add("scale", &Options::scale, "of the data");
    schema.add("tied", &Options::tied, "whether the decoder is the encoder transposed");
    schema.add("title", &Options::title, "of the figure", not_empty());
    schema.add("beta", &Options::beta, "weight of the KL term", at_least(0));
    schema.add(
        "loss", &Options::loss, "what is made small",
        Names<Loss>{{"squared_error", Loss::SquaredError}, {"cross_entropy", Loss::CrossEntropy}});
    schema.add("clip", &Options::clip, "largest norm of the gradient", greater_than(0));
    schema.add("sizes", &Options::sizes, "of the layers", not_empty(), at_least(1));
    schema.add("layers", &Options::layers, "before the code");
    schema.add("optimizer", &Options::optimizer, "how parameters move");
    schema.add("checkpoint", &Options::checkpoint, "when states are saved");
    schema.add("weights", &Options::weights, "of the classes");
    schema.add("extra", &Options::extra, "checked later");
  }
};

/// All faults of a text, as messages are shown.
std::string faults(const std::string& yaml) {
  Problems problems;
  const Node node = parse_text(yaml, "f", problems);
  schema_of<Options>().read(node, problems, "model");
  return problems.to_text();
}

Options read(const std::string& yaml) {
  Problems problems;
  const Options options = schema_of<Options>().read(parse_text(yaml, "f"), problems, "model");
  CHECK(problems.to_text() == "");
  return options;
}

}  // namespace

TEST_SUITE("config/schema") {
  TEST_CASE("what is left out keeps its default, nested defaults included") {
    const Options options = read("checkpoint: {keep: 1}\noptimizer: {adam: {learning_rate: 0.5}}");
    CHECK(options.latent == 20);
    CHECK(options.checkpoint.every == 7);
    CHECK(options.checkpoint.keep == 1);
    const Adam& adam = std::get<Adam>(options.optimizer);
    CHECK(adam.beta1 == 0.8);
    CHECK(adam.learning_rate == Schedule(0.5));
    CHECK(read("").sizes == std::vector<int>{3, 4});
    CHECK(read("checkpoint:").checkpoint.keep == 2);
  }
}

}  // namespace hourglass
