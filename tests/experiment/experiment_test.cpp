#include <hourglass/config/emit.hpp>
#include <hourglass/config/overrides.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/experiment/experiment.hpp>

#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>

namespace hourglass {

namespace {

using config::Node;
using config::parse_text;
using config::Problems;

struct VaeOptions {
  int latent = 20;
  Schedule beta = 1.0;
  std::string activation = "relu";
  static void describe(Schema<VaeOptions>& schema) {
    schema.add("latent", &VaeOptions::latent, "size of the code", greater_than(0));
    schema.add("beta", &VaeOptions::beta, "weight of the KL term", at_least(0));
    schema.add("activation", &VaeOptions::activation, "of the code", one_of({"relu", "tanh"}));
  }
};

struct ProbeOptions {
  int labels = 0;
  static void describe(Schema<ProbeOptions>& schema) {
    schema.add("labels", &ProbeOptions::labels, "how many are used", at_least(0));
  }
};

template <class Options>
Node resolved(const Node& node, const std::string& path, Problems& problems) {
  const Schema<Options> schema = schema_of<Options>();
  return schema.write(schema.read(node, problems, path));
}

Vocabulary vocabulary() {
  return {.variants = {"vanilla", "vae"},
          .resolve_model =
              [](const std::string&, const Node& model, Problems& problems) {
                return resolved<VaeOptions>(model, "model", problems);
              },
          .check_model =
              [](const Node& model, Problems& problems) {
                if (model.find("layers")) problems.add(model.find("layers")->place(), "bad layers");
              },
          .fault_of_dataset =
              [](const std::string& name) {
                return name == "minst" ? "unknown data set minst" : std::string();
              },
          .metrics = {{"reconstruction"}, {"pca"}, {"probe", resolved<ProbeOptions>}}};
}

constexpr const char* kExperiment = R"(name: vae-mnist
seed: 7
dataset: {name: mnist, validation: 0.1, scaling: unit}
variant: vae
model:
  latent: 10
  beta: {linear: [0, 1], epochs: 10}
train:
  epochs: 5
  batch: 64
  optimizer: {adam: {learning_rate: 1.0e-3}}
  clip: {norm: 5}
  checkpoint: {every: 5, keep: 2}
evaluate: [reconstruction, {probe: {labels: 550}}]
latents: {splits: [train, test]}
freeze: [encoder]
)";

/// The faults of an experiment whose valid lines are given already, so that a case shows its own.
std::string faults(const std::string& yaml, const std::vector<std::string>& overrides = {}) {
  Problems problems;
  try {
    Node root = parse_text(yaml, "e.yaml", problems);
    config::apply_overrides(root, overrides, problems);
    resolve_experiment(root, vocabulary(), problems);
  } catch (const ConfigError&) {
    // The problems hold what it says.
  }
  return problems.to_text();
}

ResolvedExperiment read(const std::string& yaml) {
  Problems problems;
  ResolvedExperiment result =
      resolve_experiment(parse_text(yaml, "e.yaml"), vocabulary(), problems);
  CHECK(problems.to_text() == "");
  return result;
}

}  // namespace

TEST_SUITE("experiment/experiment") {
  TEST_CASE("an unknown data set or variant hides no other fault") {
    CHECK(faults("name: a\ndataset: minst\nvariant: va\nmodel: {layers: 3}\nseed: x\n") ==
          "e.yaml:2:10: unknown data set minst\n"
          "e.yaml:3:10: unknown variant \"va\"; did you mean \"vae\"?\n"
          "e.yaml:4:17: bad layers\n"
          "e.yaml:5:7: seed must be a whole number, got \"x\"");
    CHECK(faults("name: a\ndataset: {limit: 3, name: minst}\nvariant: vae\n") ==
          "e.yaml:2:27: unknown data set minst");
    CHECK(faults("name: a\ndataset: mnist\nmodel: {layers: 3}\n", {"dataset=minst"}) ==
          "e.yaml:1:1: variant is missing: the kind of autoencoder\n"
          "e.yaml:3:17: bad layers\n"
          "--set dataset=minst: unknown data set minst");
  }

  TEST_CASE("an empty file lacks what has no default, and has the name of its file") {
    const ScratchFolder folder;
    folder.put("empty.yaml", "");
    const std::string place = (folder / "empty.yaml").string() + ":1:1: ";
    CHECK_THROWS_WITH_AS(read_experiment(folder / "empty.yaml", {}, vocabulary()),
                         (place + "dataset is missing: what is learnt\n" + place +
                          "variant is missing: the kind of autoencoder")
                             .c_str(),
                         ConfigError);
  }

  TEST_CASE("an option is placed where it was written, or at the nearest thing around it") {
    const std::string file =
        "dataset: mnist\nvariant: vae\nmodel: {encoder: [{dense: 3}]}\nname: a\n";
    const auto place = [&](const std::string& option, const std::vector<std::string>& set = {}) {
      Problems problems;
      Node root = parse_text(file, "a.yaml");
      config::apply_overrides(root, set, problems);
      return place_of_option(root, option).prefix();
    };
    CHECK(place("model.encoder.0.dense") == "a.yaml:3:27: ");
    CHECK(place("model.encoder.5.dense") == "a.yaml:3:18: ");
    CHECK(place("model.loss") == "a.yaml:3:8: ");
    CHECK(place("model.loss", {"model.loss=x"}) == "--set model.loss=x: ");
    CHECK(place("dataset.name") == "a.yaml:1:10: ");
    CHECK(place("freeze") == "a.yaml:2:10: ");
  }

  TEST_CASE("a whole file is read") {
    const Experiment experiment = read(kExperiment).experiment;
    CHECK(experiment.name == "vae-mnist");
    CHECK(experiment.seed == 7);
    CHECK(experiment.dataset.name == "mnist");
    CHECK(experiment.dataset.validation == 0.1);
    CHECK(experiment.dataset.scaling == Scaling::Unit);
    CHECK(experiment.variant == "vae");
    CHECK(experiment.model.find("latent")->text() == "10");
    CHECK(experiment.train.epochs == 5);
    CHECK(experiment.train.batch == 64);
    CHECK(std::get<AdamOptions>(experiment.train.optimizer).learning_rate == Schedule(1e-3));
    CHECK(std::get<ClipByNorm>(*experiment.train.clip).limit == 5);
    REQUIRE(experiment.evaluate.size() == 2);
    CHECK(experiment.evaluate[1].name == "probe");
    CHECK(experiment.evaluate[1].options.find("labels")->text() == "550");
    CHECK(*experiment.latents.splits == std::vector<std::string>{"train", "test"});
    CHECK(experiment.freeze == std::vector<std::string>{"encoder"});
  }

  TEST_CASE("the resolved file has every default, and reads to the same") {
    const Node node = read("{name: a, dataset: mnist, variant: vae}").node;
    CHECK(config::emit(node) == R"(name: a
seed: 1
dataset:
  name: mnist
  validation: 0.0
  test: 0.2
  scaling: auto
  binarise: none
  limit: null
  labelled: null
  label: ""
  leave_out: []
  columns: []
  categories: []
  separator: ""
  header: null
  array: ""
  labels_array: ""
  feature_names_array: ""
  in_memory: null
  images: null
  sprites: null
  features: null
  anomaly: null
  window: null
  stride: 1
  time: ""
variant: vae
model:
  latent: 20
  beta: 1.0
  activation: relu
corruption: []
train:
  epochs: 20
  batch: 128
  optimizer:
    adam:
      learning_rate: 0.001
      l1: 0.0
      l2: 0.0
      beta1: 0.9
      beta2: 0.999
      epsilon: 1.0e-08
  clip: null
  checkpoint:
    every: 5
    keep: 2
  early_stopping: null
evaluate: [reconstruction]
evaluate_weights: last
latents:
  splits: null
init_from: ""
freeze: []
)");
    CHECK(read(config::emit(node)).node == node);
    const Node full = read(kExperiment).node;
    CHECK(read(config::emit(full)).node == full);
  }

  TEST_CASE("a variant's own measures are known where it is, and not blamed where it is not") {
    Vocabulary words = vocabulary();
    words.own_metrics = [](const std::string& variant) {
      return variant == "vae" ? std::vector<KnownName>{{"spread"}} : std::vector<KnownName>();
    };
    const auto faults = [&](const std::string& variant) {
      Problems problems;
      resolve_experiment(
          parse_text("{name: a, dataset: mnist, variant: " + variant + ", evaluate: [spread]}",
                     "e.yaml"),
          words, problems);
      return problems.to_text();
    };
    CHECK(faults("vae") == "");
    CHECK(faults("vanilla").starts_with("e.yaml:1:56: unknown name \"spread\" for evaluate.0"));
    CHECK(faults("vea") == "e.yaml:1:36: unknown variant \"vea\"; did you mean \"vae\"?");
  }

  TEST_CASE("the data are asked for as the file says") {
    const DataOptions options =
        read(
            "{name: a, seed: 9, variant: vae, dataset: {name: x.csv, validation: 0.1, test: 0.3, "
            "scaling: minmax, limit: 100, labelled: 30, label: class, leave_out: [id], columns: "
            "[id, class], "
            "categories: [zip], separator: ;, header: false, array: x, labels_array: y, "
            "feature_names_array: z}}")
            .experiment.data_options();
    CHECK(options.validation == 0.1);
    CHECK(options.test == 0.3);
    CHECK(options.seed == 9);
    CHECK(options.scaling == Scaling::MinMax);
    CHECK(options.limit == 100);
    CHECK(options.labelled == 30);
    CHECK(options.read.array == "x");
    CHECK(options.read.labels_array == "y");
    CHECK(options.read.feature_names_array == "z");
    CHECK(options.read.table.label == "class");
    CHECK(options.read.table.leave_out == std::vector<std::string>{"id"});
    CHECK(options.read.table.columns == std::vector<std::string>{"id", "class"});
    CHECK(options.read.table.categories == std::vector<std::string>{"zip"});
    CHECK(options.read.table.separator == ";");
    CHECK(options.read.table.header == false);
  }

  TEST_CASE("every optimiser is read with its options") {
    const auto optimizer = [](const std::string& yaml) {
      return read("{name: a, dataset: mnist, variant: vae, train: {optimizer: " + yaml + "}}")
          .experiment.train.optimizer;
    };
    const OptimizerOptions sgd = optimizer("{sgd: {momentum: 0.9, nesterov: true, l2: 1.0e-4}}");
    CHECK(std::get<SgdOptions>(sgd).nesterov);
    CHECK(std::get<SgdOptions>(sgd).l2 == 1e-4);
    CHECK(std::get<SgdOptions>(sgd).learning_rate == Schedule(1e-2));
    CHECK(std::get<RmsPropOptions>(optimizer("rmsprop")).decay == 0.99);
    CHECK(std::get<AdamWOptions>(optimizer("{adamw: {weight_decay: 0}}")).weight_decay == 0);
    CHECK(
        std::get<AdamOptions>(optimizer("{adam: {learning_rate: {cosine: [1.0e-3, 0], epochs: 5, "
                                        "warmup_steps: 100}}}"))
            .learning_rate ==
        Schedule::cosine(1e-3, 0, 5, Schedule::Unit::Epochs).warmed_up(100, Schedule::Unit::Steps));
  }

  TEST_CASE("experiment: each fault has its message and place") {
    struct Case {
      std::string yaml;
      std::string message;
    };
    const std::string top =
        "name, seed, dataset, variant, model, corruption, train, evaluate, evaluate_weights, "
        "latents, init_from, freeze";
    // Cases without a name of their own begin with the lines that every file needs.
    const std::string head = "name: a\ndataset: mnist\nvariant: vae\n";
    const std::vector<Case> cases{
        {"",
         ":1:1: name is missing: what the run is called\n"
         "e.yaml:1:1: dataset is missing: what is learnt\n"
         "e.yaml:1:1: variant is missing: the kind of autoencoder"},
        {"just text", ":1:1: the file must be a map of options, got \"just text\""},
        {"[1, 2]", ":1:1: the file must be a map of options, got [1, 2]"},
        {"name: a\nvariant: vae\n", ":1:1: dataset is missing: what is learnt"},
        {"name: a/b\ndataset: mnist\nvariant: vae\n",
         ":1:7: name must be made of letters, digits, '.', '_', '-' and '+', not beginning with "
         "'.', got \"a/b\""},
        {"name: a\ndataset: mnist\nvariant: vea\n",
         ":3:10: unknown variant \"vea\"; did you mean \"vae\"?"},
        {"name: a\ndataset: mnist\nvariant: sparse\n",
         ":3:10: unknown variant \"sparse\"; valid: vanilla, vae; one of your own is named by "
         "--plugin, or its folder by HOURGLASS_PLUGIN_PATH"},
        {"name: a\ndataset: mnist\nvariant: [vae]\n", ":3:10: variant must be text, got [vae]"},
        {"name: a\ndataset: mnist\nvariant:\n", ":3:1: variant must be text, got nothing"},
        {"name: a\nvariant: vae\ndataset: {}\n",
         ":3:10: dataset.name is missing: a data set's name, or the path of a file or folder of "
         "samples"},
        {"name: a\nvariant: vae\ndataset: ''\n", ":3:10: dataset.name must be non-empty, got \"\""},
        {"name: a\nvariant: vae\ndataset: {name: mnist, validation: 1}\n",
         ":3:36: dataset.validation must be < 1, got 1"},
        {"name: a\nvariant: vae\ndataset: {name: mnist, scaling: units}\n",
         ":3:33: dataset.scaling must be one of auto, unit, symmetric, standardise, minmax, none, "
         "got \"units\"; did you mean \"unit\"?"},
        {"name: a\nvariant: vae\ndataset: {name: x.csv, separator: '|'}\n",
         ":3:35: dataset.separator must be one of \"\", \",\", \";\", tab, space, got "
         "\"|\""},
        {"name: a\nvariant: vae\ndataset: {name: x.csv, header: yes}\n",
         ":3:32: dataset.header must be true or false, got \"yes\"; write true"},
        {"name: a\nvariant: vae\ndataset: {name: x.csv, leave_out: id}\n",
         ":3:35: dataset.leave_out must be a list, got \"id\"; write [id]"},
        {"name: a\nvariant: vae\ndataset: {name: mnist, limit: 0}\n",
         ":3:31: dataset.limit must be >= 1, got 0"},
        {head + "modle: {}\n", ":4:1: unknown key \"modle\"; did you mean \"model\"?"},
        {head + "zebra: 1\n", ":4:1: unknown key \"zebra\"; valid: " + top},
        {head + "seed: -1\n", ":4:7: seed must be >= 0, got -1"},
        {head + "seed: one\n", ":4:7: seed must be a whole number, got \"one\""},
        {head + "name: b\n", ":4:1: key \"name\" is repeated"},
        {head + "model: {latent: -3}\n", ":4:17: model.latent must be > 0, got -3"},
        {head + "model:\n  latnet: 3\n",
         ":5:3: unknown key \"latnet\" in model; did you mean \"latent\"?"},
        {head + "model: {beta: {linear: [0, 1]}}\n",
         ":4:15: model.beta needs a length: epochs or steps"},
        {head + "model: {activation: tan}\n",
         ":4:21: model.activation must be one of relu, tanh, got \"tan\"; did you mean \"tanh\"?"},
        {head + "model: vae\n", ":4:8: model must be a map of options, got \"vae\""},
        {head + "corruption: [{gaussian: -0.5}]\n",
         ":4:25: corruption.0.gaussian.sigma must be >= 0, got -0.5"},
        {head + "corruption: [gauss]\n",
         ":4:14: unknown name \"gauss\" for corruption.0; did you mean \"gaussian\"?"},
        {head + "train: fast\n", ":4:8: train must be a map of options, got \"fast\""},
        {head + "train: {epochs: 0}\n", ":4:17: train.epochs must be >= 1, got 0"},
        {head + "train: {epochs: 2.5}\n", ":4:17: train.epochs must be a whole number, got 2.5"},
        {head + "train: {batch: '64'}\n",
         ":4:16: train.batch must be a whole number, got \"64\" in quotes"},
        {head + "train: {optimiser: adam}\n",
         ":4:9: unknown key \"optimiser\" in train; did you mean \"optimizer\"?"},
        {head + "train: {optimizer: adagrad}\n",
         ":4:20: unknown name \"adagrad\" for train.optimizer; valid: adam, adamw, rmsprop, sgd"},
        {head + "train: {optimizer: {adam: {leraning_rate: 1}}}\n",
         ":4:28: unknown key \"leraning_rate\" in train.optimizer.adam; did you mean "
         "\"learning_rate\"?"},
        {head + "train: {optimizer: {adam: {learning_rate: -1}}}\n",
         ":4:43: train.optimizer.adam.learning_rate must be >= 0, got -1"},
        {head + "train: {optimizer: {adam: {beta1: 1}}}\n",
         ":4:35: train.optimizer.adam.beta1 must be < 1, got 1"},
        {head + "train: {optimizer: {adam: {}, sgd: {}}}\n",
         ":4:31: train.optimizer has \"adam\" already, got \"sgd\" as well; keep one"},
        {head + "train: {optimizer: {sgd: {nesterov: true}}}\n",
         ":4:26: train.optimizer.sgd needs momentum > 0 for nesterov"},
        {head + "train: {clip: {norm: 0}}\n", ":4:22: train.clip.norm.limit must be > 0, got 0"},
        {head + "train: {clip: 5}\n",
         ":4:15: unknown name \"5\" for train.clip; valid: norm, value"},
        {head + "train: {clip: {norm: 1, value: 1}}\n",
         ":4:25: train.clip has \"norm\" already, got \"value\" as well; keep one"},
        {head + "train: {checkpoint: {every: 0}}\n",
         ":4:29: train.checkpoint.every must be >= 1, got 0"},
        {head + "train: {checkpoint: 5}\n",
         ":4:21: train.checkpoint must be a map of options, got 5"},
        {head + "train: {early_stopping: {patience: 0}}\n",
         ":4:36: train.early_stopping.patience must be >= 1, got 0"},
        {head + "evaluate: reconstruction\n",
         ":4:11: evaluate must be a list, got \"reconstruction\"; write [reconstruction]"},
        {head + "evaluate: [reconstuction]\n",
         ":4:12: unknown name \"reconstuction\" for evaluate.0; did you mean \"reconstruction\"?"},
        {head + "evaluate: [pca, {probe: {lables: 1}}]\n",
         ":4:26: unknown key \"lables\" in evaluate.1.probe; did you mean \"labels\"?"},
        {head + "evaluate: [{pca: {k: 3}}]\n", ":4:18: evaluate.0.pca takes no options"},
        {head + "evaluate: [pca, pca]\n", ":4:17: \"pca\" is repeated in evaluate"},
        {head + "evaluate: [{pca: {}, probe: {}}]\n",
         ":4:12: evaluate.0 must be a name or {name: options}, got {pca: {}, probe: {}}"},
        {head + "evaluate_weights: first\n",
         ":4:19: evaluate_weights must be one of last, best, got \"first\""},
        {head + "latents: {splits: [trian]}\n",
         ":4:20: latents.splits.0 must be one of train, validation, test, got \"trian\"; did you "
         "mean \"train\"?"},
        {head + "freeze: encoder\n",
         ":4:9: freeze must be a list, got \"encoder\"; write [encoder]"},
        {head + "freeze: ['']\n", ":4:10: freeze.0 must be the beginning of a path, got \"\""},
        {head + "init_from: {a: b}\n", ":4:12: init_from must be text, got {a: b}"},
        {head + "model: &m {latent: *m}\n",
         ":4:20: an alias must not stand inside what it repeats"},
        {head + "model: {<<: {latent: 3}}\n",
         ":4:9: merge keys (<<) are not supported; write the keys out"},
        {head + "model:\n\tlatent: 3\n",
         ":5:1: a tab stands in the indentation; YAML wants spaces"},
        {head + "model: {latent: 3\n", ":4:8: not valid YAML: this bracket is never closed"},
    };
    CHECK(cases.size() >= 40);
    for (const Case& fault : cases) {
      CAPTURE(fault.yaml);
      CHECK(faults(fault.yaml) == "e.yaml" + fault.message);
    }
  }

  TEST_CASE("all faults of a file and of the command line come at once") {
    const std::string yaml =
        "name: a\n"
        "dataset: {name: mnist, validaton: 0.1}\n"
        "variant: vae\n"
        "model: {latent: -3}\n"
        "train:\n"
        "  epochs: many\n"
        "  epochs: 3\n";
    CHECK(faults(yaml, {"train.batch=0", "train.epoch=3"}) ==
          "e.yaml:2:24: unknown key \"validaton\" in dataset; did you mean \"validation\"?\n"
          "e.yaml:4:17: model.latent must be > 0, got -3\n"
          "e.yaml:6:11: train.epochs must be a whole number, got \"many\"\n"
          "e.yaml:7:3: key \"epochs\" is repeated\n"
          "--set train.batch=0: train.batch must be >= 1, got 0\n"
          "--set train.epoch=3: unknown key \"epoch\" in train; did you mean \"epochs\"?");
  }

  TEST_CASE("values of the command line win, and are checked as those of the file") {
    const ScratchFolder folder;
    folder.put("my experiment.yaml", "dataset: mnist\nvariant: vae\n");
    const std::vector<std::string> overrides{"train.epochs=3", "model.latent=2",
                                             "train.optimizer.sgd.momentum=0.5"};
    const auto path = folder / "my experiment.yaml";
    const Experiment experiment = read_experiment(path, overrides, vocabulary()).experiment;
    CHECK(experiment.name == "my-experiment");
    CHECK(experiment.train.epochs == 3);
    CHECK(experiment.model.find("latent")->text() == "2");
    CHECK(std::get<SgdOptions>(experiment.train.optimizer).momentum == 0.5);
    const std::vector<std::string> wrong{"train.epochs=x"};
    CHECK_THROWS_WITH_AS(read_experiment(path, wrong, vocabulary()),
                         "--set train.epochs=x: train.epochs must be a whole number, got \"x\"",
                         ConfigError);
    CHECK_THROWS_AS(read_experiment(folder / "none.yaml", {}, vocabulary()), DataError);
  }

  TEST_CASE("values are set below a data set that is given by its name alone") {
    const ScratchFolder folder;
    folder.put("short.yaml", "dataset: mnist\nvariant: vae\n");
    const std::vector<std::string> overrides{"dataset.limit=100"};
    const Experiment experiment =
        read_experiment(folder / "short.yaml", overrides, vocabulary()).experiment;
    CHECK(experiment.dataset.name == "mnist");
    CHECK(experiment.dataset.limit == 100);
  }

  TEST_CASE("differences are listed with both values, epochs may grow and measures may change") {
    const Node folder = read(kExperiment).node;
    const auto changes = [&](const std::vector<std::string>& overrides) {
      Node root = parse_text(kExperiment, "e.yaml");
      Problems problems;
      config::apply_overrides(root, overrides, problems);
      const Node now = resolve_experiment(root, vocabulary(), problems).node;
      CHECK(problems.to_text() == "");
      return differences(folder, now);
    };
    using Lines = std::vector<std::string>;
    CHECK(changes({}) == Lines{});
    CHECK(changes({"train.epochs=50"}) == Lines{});
    CHECK(changes({"train.epochs=4"}) ==
          Lines{"train.epochs: 5 in the folder, 4 now; it may grow, not shrink"});
    CHECK(changes({"train.batch=256", "seed=8", "train.epochs=10"}) ==
          Lines{"seed: 7 in the folder, 8 now", "train.batch: 64 in the folder, 256 now"});
    CHECK(changes({"train.clip="}) == Lines{"train.clip: {norm: 5.0} in the folder, nothing now"});
    CHECK(changes({"freeze=[]"}) == Lines{"freeze: [encoder] in the folder, [] now"});
    CHECK(changes({"latents.splits=[test]", "evaluate.1.probe.labels=3",
                   "evaluate_weights=best"}) == Lines{});
    CHECK(changes({"train.optimizer={sgd: {}}"}).size() == 2);
  }

  TEST_CASE("a file with damaged bytes is read or refused, never worse") {
    RandomStream random(3, "damage");
    const std::string whole = kExperiment;
    const std::string_view inserts = "[]{}:,-&*!|>'\"%@`#?\n\t \0\x80\xff~<=0aZ";
    int refused = 0;
    for (int i = 0; i < 2000; ++i) {
      std::string yaml = whole;
      for (std::uint32_t k = 0; k <= random.below(4); ++k) {
        const std::size_t at = random.below(static_cast<std::uint32_t>(yaml.size()));
        const char c = random.below(2) ? inserts[random.below(inserts.size())]
                                       : static_cast<char>(random.below(256));
        switch (random.below(4)) {
          case 0: yaml[at] = c; break;
          case 1: yaml.insert(at, 1, c); break;
          case 2: yaml.erase(at, 1 + random.below(20)); break;
          default: yaml.insert(at, yaml.substr(random.below(yaml.size()), random.below(40)));
        }
      }
      CAPTURE(yaml);
      Problems problems;
      try {
        resolve_experiment(parse_text(yaml, "e.yaml", problems), vocabulary(), problems);
        problems.throw_if_any();
      } catch (const ConfigError&) {
        ++refused;
        CHECK(problems.to_text().starts_with("e.yaml:"));
      }
    }
    CHECK(refused > 500);
    CHECK(refused < 2000);
  }
}

}  // namespace hourglass
