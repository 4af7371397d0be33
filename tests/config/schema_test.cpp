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
std::string schema_faults(const std::string& yaml) {
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

  TEST_CASE("every type is read") {
    const Options options = read(
        "latent: +3\nseed: 9223372036854775807\nrate: .5\nscale: -1.5e-3\ntied: true\n"
        "title: 0x10\nbeta: 2\nloss: squared_error\nclip: 1\nsizes: [1, 2e3]\n"
        "layers: [{dense: 400, activation: relu}, flatten, {dense: {width: 3}}]\n"
        "optimizer: sgd\nweights: {a: 1, b: 2}\nextra: {any: [thing]}\n");
    CHECK(options.latent == 3);
    CHECK(options.seed == 9223372036854775807);
    CHECK(options.rate == 0.5f);
    CHECK(options.scale == -1.5e-3);
    CHECK(options.tied);
    CHECK(options.title == "0x10");
    CHECK(options.beta == Schedule(2));
    CHECK(options.loss == Loss::SquaredError);
    CHECK(options.clip == 1.0);
    CHECK(options.sizes == std::vector<int>{1, 2000});
    REQUIRE(options.layers.size() == 3);
    CHECK(std::get<Dense>(options.layers[0].kind).width == 400);
    CHECK(options.layers[0].activation == "relu");
    CHECK(std::holds_alternative<Flatten>(options.layers[1].kind));
    CHECK(std::get<Dense>(options.layers[2].kind).width == 3);
    CHECK(std::holds_alternative<Sgd>(options.optimizer));
    CHECK(options.weights.at("b") == 2);
    CHECK(options.extra.find("any")->is_list());
  }

  TEST_CASE("schema: each fault has its message and place") {
    struct Case {
      std::string yaml;
      std::string message;
    };
    const Case cases[] = {
        {"latent: -3", "f:1:9: model.latent must be > 0, got -3"},
        {"latent: 3.5", "f:1:9: model.latent must be a whole number, got 3.5"},
        {"latent: 1_000", "f:1:9: model.latent must be a whole number, got 1_000"},
        {"latent: 0x10", "f:1:9: model.latent must be a whole number, got 0x10"},
        {"latent: '20'", "f:1:9: model.latent must be a whole number, got \"20\" in quotes"},
        {"latent:", "f:1:1: model.latent must be a whole number, got nothing"},
        {"latent: [3]", "f:1:9: model.latent must be a whole number, got [3]"},
        {"latent: 3000000000",
         "f:1:9: model.latent must be a whole number in [-2147483648, 2147483647], got 3000000000"},
        {"latent: 1e400",
         "f:1:9: model.latent must be a whole number in [-2147483648, 2147483647], got 1e400"},
        {"seed: 9223372036854775808",
         "f:1:7: model.seed must be a whole number in [-9223372036854775808, 9223372036854775807], "
         "got 9223372036854775808"},
        {"rate: 1.5", "f:1:7: model.rate must be in [0, 1], got 1.5"},
        {"rate: 1e39", "f:1:7: model.rate must be a number that fits single precision, got 1e39"},
        {"scale: 1e400", "f:1:8: model.scale must be a finite number, got 1e400"},
        {"scale: .nan", "f:1:8: model.scale must be a finite number, got \".nan\""},
        {"scale: -inf", "f:1:8: model.scale must be a finite number, got \"-inf\""},
        {"scale: 1.0.0", "f:1:8: model.scale must be a number, got 1.0.0"},
        {"tied: yes", "f:1:7: model.tied must be true or false, got \"yes\"; write true"},
        {"tied: 0", "f:1:7: model.tied must be true or false, got 0; write false"},
        {"tied: maybe", "f:1:7: model.tied must be true or false, got \"maybe\""},
        {"title: ''", "f:1:8: model.title must be non-empty, got \"\""},
        {"title: {a: 1}", "f:1:8: model.title must be text, got {a: 1}"},
        {"loss: cross_entrpy",
         "f:1:7: model.loss must be one of squared_error, cross_entropy, got \"cross_entrpy\"; did "
         "you mean \"cross_entropy\"?"},
        {"clip: 0", "f:1:7: model.clip must be > 0, got 0"},
        {"sizes: []", "f:1:8: model.sizes must be non-empty, got []"},
        {"sizes: 3", "f:1:8: model.sizes must be a list, got 3; write [3]"},
        {"sizes: [3, 0, x]", "f:1:15: model.sizes.2 must be a whole number, got \"x\""},
        {"sizes: [3, 0]", "f:1:12: model.sizes.1 must be >= 1, got 0"},
        {"layers: [{dense: 4, activation: rleu}]",
         "f:1:33: model.layers.0.activation must be one of linear, relu, tanh, sigmoid, got "
         "\"rleu\"; did you mean \"relu\"?"},
        {"layers: [{activation: relu}]", "f:1:10: model.layers.0 needs one of dense, flatten"},
        {"layers: [{dense: 4, flatten: }]",
         "f:1:21: model.layers.0 has \"dense\" already, got \"flatten\" as well; keep one"},
        {"layers: [{dense: -4}]", "f:1:18: model.layers.0.dense.width must be >= 1, got -4"},
        {"layers: [dense]", "f:1:10: model.layers.0.dense.width is missing: units"},
        {"layers: [fltten]",
         "f:1:10: unknown name \"fltten\" for model.layers.0; did you mean \"flatten\"?"},
        {"layers: [7]", "f:1:10: unknown name \"7\" for model.layers.0; valid: dense, flatten"},
        {"layers: [[4]]", "f:1:10: model.layers.0 must be a map of options, got [4]"},
        {"layers: [{dnese: 4}]",
         "f:1:10: model.layers.0 needs one of dense, flatten\n"
         "f:1:11: unknown key \"dnese\" in model.layers.0; did you mean \"dense\"?"},
        {"layers: [{dense: 4, width: 4}]",
         "f:1:21: unknown key \"width\" in model.layers.0; it is an option of dense, whose options "
         "have braces of their own: {dense: {width: ...}}"},
        {"optimizer: {adam: {}, beta1: 0.5}",
         "f:1:23: unknown key \"beta1\" in model.optimizer; it is an option of adam, whose options "
         "have braces of their own: {adam: {beta1: ...}}"},
        {"optimizer: adma",
         "f:1:12: unknown name \"adma\" for model.optimizer; did you mean \"adam\"?"},
        {"optimizer: {momentum: {}}",
         "f:1:13: unknown name \"momentum\" for model.optimizer; valid: sgd, adam"},
        {"optimizer: {adam: {leraning_rate: 1}}",
         "f:1:20: unknown key \"leraning_rate\" in model.optimizer.adam; did you mean "
         "\"learning_rate\"?"},
        {"optimizer: {adam: {}, sgd: {}}",
         "f:1:23: model.optimizer has \"adam\" already, got \"sgd\" as well; keep one"},
        {"optimizer: [adam]", "f:1:12: model.optimizer must be one of sgd, adam, got [adam]"},
        {"optimizer: {adam: 3}", "f:1:19: model.optimizer.adam must be a map of options, got 3"},
        {"checkpoint: {every: 1, keep: 3}",
         "f:1:13: model.checkpoint must not keep more than every"},
        {"weights: {a: x}", "f:1:14: model.weights.a must be a number, got \"x\""},
        {"zebra: 1",
         "f:1:1: unknown key \"zebra\" in model; valid: latent, seed, rate, scale, tied, title, "
         "beta, loss, clip, sizes, layers, optimizer, checkpoint, weights, extra"},
        {"[1]", "f:1:1: model must be a map of options, got [1]"},
        {"beta: -1", "f:1:7: model.beta must be >= 0, got -1"},
        {"beta: high", "f:1:7: model.beta must be a number, got \"high\""},
        {"beta: [0, 1]", "f:1:7: model.beta must be a number or a schedule, got [0, 1]"},
        {"beta: {linear: [0, -1], epochs: 3}",
         "f:1:7: model.beta must be >= 0, got {linear: [0, -1], epochs: 3}"},
        {"beta: {linear: 1, epochs: 3}", "f:1:16: model.beta.linear must be [from, to], got 1"},
        {"beta: {linear: [0, x], epochs: 3}",
         "f:1:20: model.beta.linear.1 must be a number, got \"x\""},
        {"beta: {linear: [0, 1]}", "f:1:7: model.beta needs a length: epochs or steps"},
        {"beta: {linear: [0, 1], epochs: 3, steps: 4}",
         "f:1:7: model.beta has both epochs and steps; keep one"},
        {"beta: {linear: [0, 1], epochs: 0}", "f:1:32: model.beta.epochs must be > 0, got 0"},
        {"beta: {linear: [0, 1], epoch: 3}",
         "f:1:7: model.beta needs a length: epochs or steps\n"
         "f:1:24: unknown key \"epoch\" in model.beta; did you mean \"epochs\"?"},
        {"beta: {step: 1, epochs: 3}", "f:1:7: model.beta needs factor: a number > 0"},
        {"beta: {constant: 1, factor: 2}",
         "f:1:21: unknown key \"factor\" in model.beta; valid: constant, warmup_epochs, "
         "warmup_steps"},
        {"beta: {constant: 1, linear: [0, 1]}",
         "f:1:21: model.beta is constant already, got linear as well; keep one"},
        {"beta: {lineer: [0, 1], epochs: 3}",
         "f:1:7: model.beta must be a number or one of the schedules constant, linear, cosine, "
         "cyclic, step, exponential, got {lineer: [0, 1], epochs: 3}; did you mean \"linear\"?"},
    };
    for (const Case& fault : cases) {
      CAPTURE(fault.yaml);
      CHECK(schema_faults(fault.yaml) == fault.message);
    }
  }

  TEST_CASE("all faults come at once") {
    CHECK(schema_faults("latent: x\nlatnet: 1\nlatent: 2\ncheckpoint:\n  keep: -1\n  evry: 2\n") ==
          "f:1:9: model.latent must be a whole number, got \"x\"\n"
          "f:2:1: unknown key \"latnet\" in model; did you mean \"latent\"?\n"
          "f:3:1: key \"latent\" is repeated\n"
          "f:5:9: model.checkpoint.keep must be >= 0, got -1\n"
          "f:6:3: unknown key \"evry\" in model.checkpoint; did you mean \"every\"?");
  }

  TEST_CASE("schedules are read in every form, and written back the same") {
    using Unit = Schedule::Unit;
    const std::pair<const char*, Schedule> cases[] = {
        {"0.5", 0.5},
        {"{constant: 0.5, warmup_steps: 100.0}", Schedule(0.5).warmed_up(100, Unit::Steps)},
        {"{linear: [0.0, 1.0], epochs: 10.0}", Schedule::linear(0, 1, 10, Unit::Epochs)},
        {"{cosine: [0.001, 0.0], epochs: 20.0, warmup_steps: 500.0}",
         Schedule::cosine(1e-3, 0, 20, Unit::Epochs).warmed_up(500, Unit::Steps)},
        {"{cyclic: [0.0, 1.0], epochs: 5.0}", Schedule::cyclic(0, 1, 5, Unit::Epochs)},
        {"{step: 0.1, factor: 0.5, steps: 30.0}", Schedule::step(0.1, 0.5, 30, Unit::Steps)},
        {"{exponential: 0.1, factor: 0.9, epochs: 1.0, warmup_epochs: 0.5}",
         Schedule::exponential(0.1, 0.9, 1, Unit::Epochs).warmed_up(0.5, Unit::Epochs)},
    };
    for (const auto& each : cases) {
      const std::string yaml = each.first;
      const Schedule& schedule = each.second;
      CAPTURE(yaml);
      CHECK(read("beta: " + yaml).beta == schedule);
      CHECK(config::emit_in_line(config::Codec<Schedule>::write(schedule)) == yaml);
    }
  }

  TEST_CASE("a rate that decays towards 0 is > 0") {
    read("optimizer: {adam: {learning_rate: {step: 1.0, factor: 0.5, epochs: 1}}}");
    CHECK(schema_faults("optimizer: {adam: {learning_rate: {linear: [1, 0], epochs: 1}}}") != "");
  }

  TEST_CASE("what is written has every option, and reads to the same") {
    const Schema<Options> schema = schema_of<Options>();
    CHECK(config::emit(schema.write(read("layers: [{dense: 400}, flatten]"))) ==
          "latent: 20\n"
          "seed: 1\n"
          "rate: 0.25\n"
          "scale: 1.0\n"
          "tied: false\n"
          "title: plain\n"
          "beta: 1.0\n"
          "loss: cross_entropy\n"
          "clip: null\n"
          "sizes: [3, 4]\n"
          "layers:\n"
          "  - dense: 400\n"
          "    activation: linear\n"
          "  - flatten: {}\n"
          "    activation: linear\n"
          "optimizer:\n"
          "  adam:\n"
          "    learning_rate: 0.001\n"
          "    beta1: 0.8\n"
          "checkpoint:\n"
          "  every: 7\n"
          "  keep: 2\n"
          "weights: {}\n"
          "extra: null\n");
    for (const char* yaml : {"", "optimizer: sgd", "title: 'no'", "clip: 3", "weights: {'1': 2}",
                             "extra: [a, '1']", "rate: 0.1", "beta: {cosine: [1, 0], steps: 7}"}) {
      CAPTURE(yaml);
      const Node once = schema.write(read(yaml));
      CHECK(schema.write(read(config::emit(once))) == once);
    }
  }

  TEST_CASE("the documentation has a row for each option") {
    const std::vector<OptionRow> rows = schema_of<Options>().document("model");
    const auto row = [&](const std::string& name) {
      for (const OptionRow& row : rows) {
        if (row.name == name) {
          return row.type + " | " + row.standard + " | " + row.range + " | " + row.meaning;
        }
      }
      return std::string("none");
    };
    CHECK(row("model.latent") == "whole number | 20 | > 0 | size of the code");
    CHECK(row("model.beta") == "number or schedule | 1.0 | >= 0 | weight of the KL term");
    CHECK(row("model.clip") == "number | null | > 0 | largest norm of the gradient");
    CHECK(row("model.loss") ==
          "name | cross_entropy | one of squared_error, cross_entropy | what is made small");
    CHECK(row("model.sizes") ==
          "list of whole number | [3, 4] | non-empty and >= 1 | of the layers");
    CHECK(row("model.optimizer") == "one of sgd, adam | adam |  | how parameters move");
    CHECK(row("model.optimizer.adam.beta1") == "number | 0.8 | >= 0 and < 1 | decay of the mean");
    CHECK(row("model.optimizer.sgd.rate") == "number | 0.1 | > 0 | step size");
    CHECK(row("model.checkpoint.every") ==
          "whole number | 7 | >= 1 | epochs between two checkpoints");
    CHECK(row("model.layers.N.dense.width") == "whole number |  | >= 1 | units");
  }
}

TEST_SUITE("config/nearest") {
  TEST_CASE("the distance counts letters added, left out, changed and swapped") {
    CHECK(config::edit_distance("", "abc") == 3);
    CHECK(config::edit_distance("kitten", "sitting") == 3);
    CHECK(config::edit_distance("relu", "rleu") == 1);
    CHECK(config::edit_distance("same", "same") == 0);
  }

  TEST_CASE("the nearest name is found, or none") {
    const std::vector<std::string> names{"relu", "elu", "tanh", "sigmoid"};
    CHECK(config::nearest("rleu", names) == "relu");
    CHECK(config::nearest("TANH", names) == "tanh");
    CHECK(config::nearest("sigmiod", names) == "sigmoid");
    CHECK(config::nearest("softmax", names) == "");
    CHECK(config::nearest("SIG", names) == "sigmoid");
    CHECK(config::nearest("si", names) == "");
    const std::vector<std::string> alike{"gaussian", "gaussian_mixture"};
    CHECK(config::nearest("gauss", alike) == "");
    CHECK(config::nearest(std::string(100'000, 'r'), names) == "");
    CHECK(config::suggestion("x", names) == "; valid: relu, elu, tanh, sigmoid");
  }
}

}  // namespace hourglass
