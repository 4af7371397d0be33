#include <hourglass/core/error.hpp>
#include <hourglass/plugin.hpp>
#include <hourglass/plugin/model.hpp>

#include <doctest/doctest.h>
#include <support/streams_training.hpp>

#include <cmath>
#include <functional>
#include <numbers>
#include <string>
#include <vector>

namespace hourglass {

namespace {

/// What a test writes in place of a variant's train steps.
class Scripted final : public Variant {
 public:
  using Script = std::function<void(ModelBuilder&, Value code)>;
  static Script script;
  struct Options {};
  static void describe(Schema<Options>&) {}
  void build(ModelBuilder& model, const Options&) {
    const Value code = model.latent(model.dense("code", model.input(), 2));
    model.reconstruction(model.dense("out", code, 5));
    script(model, code);
  }
};
Scripted::Script Scripted::script;

Value loss_of(Value code) { return sum(square(code), {1}); }

/// What writing a model with this script throws.
template <class Exception>
std::string refusal(Scripted::Script script) {
  Scripted::script = std::move(script);
  try {
    Model(test::setup_of<Scripted>("{}")).steps();
  } catch (const Exception& error) {
    return error.what();
  }
  return "nothing was thrown";
}

/// The values that a schedule has in the first steps of a model's training, with 4 steps an epoch.
std::vector<float> values_of(const Schedule& schedule, int steps) {
  Scripted::script = [&](ModelBuilder& model, Value code) {
    const Value zero = 0.0f * loss_of(code);
    model.train_step("s").minimise(zero + model.scalar("number", schedule));
  };
  ModelSetup setup = test::setup_of<Scripted>("{}");
  setup.steps_per_epoch = 4;
  Model model(std::move(setup));
  const Tensor x = test::uniform({2, 5}, 1);
  std::vector<float> values;
  for (int i = 0; i < steps; ++i) values.push_back(test::step(model, x, i));
  return values;
}

void check_near(const std::vector<float>& got, const std::vector<double>& expected) {
  REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    CHECK(got[i] == doctest::Approx(expected[i]).epsilon(1e-6));
  }
}

}  // namespace

TEST_SUITE("plugin/train_step") {
  TEST_CASE("parts that training has and evaluation lacks are refused") {
    Scripted::script = [](ModelBuilder& model, Value code) {
      TrainStep& step = model.train_step("s").minimise(loss_of(code)).part("size", loss_of(code));
      if (model.training()) step.part("twice", 2.0f * loss_of(code));
    };
    Model model(test::setup_of<Scripted>("{}"));
    model.steps();
    CHECK_THROWS_WITH_AS(model.evaluate(*test::source_of(test::uniform({4, 5}, 1)), 2),
                         "the variant's build is not pure: the train step \"s\" has had the parts "
                         "(size, twice), and "
                         "now (size); training and evaluation need the same, in the same order",
                         Error);
  }

  TEST_CASE("what a step says of itself is known before anything is compiled") {
    Model model(test::streams("{classifier_every: 4, labelled_batch: 6}"));
    const std::vector<TrainStepTraits>& steps = model.steps();
    REQUIRE(steps.size() == 3);
    CHECK(steps[0].name == "reconstruction");
    CHECK(steps[0].stream == Stream::All);
    CHECK(steps[0].every == 1);
    CHECK_FALSE(steps[0].reads_labels);
    CHECK(steps[1].name == "classifier");
    CHECK(steps[1].stream == Stream::Labelled);
    CHECK(steps[1].batch == 6);
    CHECK(steps[1].every == 4);
    CHECK(steps[1].reads_labels);
    CHECK(steps[2].stream == Stream::Second);
    CHECK_FALSE(steps[2].reads_labels);
    CHECK(model.trained().empty());
    CHECK(model.train(8).size() == 1);
    CHECK(model.train(6, Stream::Labelled)[0].step == 1);
    CHECK(model.train(8, Stream::Second)[0].name == "shrink");
    CHECK(model.trained().size() == 3);
  }

  TEST_CASE("a step that cannot be so is refused by name") {
    CHECK(refusal<ConfigError>([](ModelBuilder& model, Value code) {
            model.train_step("s").minimise(loss_of(code)).every(0);
          }) == "train step \"s\": every must be >= 1, got 0");
    CHECK(refusal<ConfigError>([](ModelBuilder& model, Value code) {
            model.train_step("s").minimise(loss_of(code)).stream(Stream::Second, -1);
          }) == "train step \"s\": a batch must be >= 1, got -1");
    CHECK(refusal<ConfigError>([](ModelBuilder& model, Value code) {
            model.train_step("s").minimise(loss_of(code)).stream(Stream::All, 5);
          }) ==
          "train step \"s\": the batch of the stream all is train.batch, it cannot be 5 for this "
          "step");
    CHECK(refusal<Error>([](ModelBuilder& model, Value code) {
            model.train_step("s").minimise(loss_of(code)).stream(Stream::Second, 5);
            model.train_step("t").minimise(loss_of(code)).stream(Stream::Second, 6);
          }) ==
          "the train steps \"s\" and \"t\" read the stream second in batches of 5 and 6; a stream "
          "has one size (0: train.batch)");
    CHECK(refusal<Error>([](ModelBuilder& model, Value code) {
            model.train_step("s").minimise(loss_of(code)).moving({"cod"});
          }) == "train step \"s\" moves \"cod\", which is no parameter of the model");
    const std::string twice =
        "the train steps have two numbers called \"t\": their names and those of their parts must "
        "differ, and \"loss\" is the first step's objective";
    CHECK(refusal<Error>([](ModelBuilder& model, Value code) {
            model.train_step("s").minimise(loss_of(code)).part("t", loss_of(code));
            model.train_step("t").minimise(loss_of(code));
          }) == twice);
  }

  TEST_CASE("state moves in one step, once, and in its own shape") {
    CHECK(refusal<Error>([](ModelBuilder& model, Value code) {
            const Value age = model.state("age", {}, 0);
            model.train_step("s").minimise(loss_of(code)).assign(age, age + 1.0f);
            model.train_step("t").minimise(loss_of(code)).assign(age, age + 1.0f);
          }) ==
          "the state \"age\" is assigned twice, by train step \"s\" and by \"t\"; it moves once a "
          "batch");
    CHECK(refusal<Error>([](ModelBuilder& model, Value code) {
            const Value free = model.parameter("free", {2}, 0);
            model.train_step("s").minimise(loss_of(code)).assign(free, free);
          }) ==
          "train step \"s\": assigns to what is no state of the model; make one with model.state");
    CHECK(refusal<ShapeError>([](ModelBuilder& model, Value code) {
            const Value age = model.state("age", {3}, 0);
            model.train_step("s").minimise(loss_of(code)).assign(age, sum(code, {0}));
          }) ==
          "in the variant's build for training, with a batch of 2: train step \"s\": the state "
          "\"age\" has shape [3], it is assigned [2]");
    CHECK(refusal<ConfigError>([](ModelBuilder& model, Value code) {
            model.state("code.bias", {2}, 0);
            model.train_step("s").minimise(loss_of(code));
          }) == "\"code.bias\" cannot be a parameter and a state");
    CHECK(refusal<ConfigError>([](ModelBuilder& model, Value) { model.state("a/b", {2}, 0); }) ==
          "the path \"a/b\" has a slash; its parts are joined by dots");
  }

  TEST_CASE("an assignment reads the state before it, and a loss that fails does not assign") {
    Scripted::script = [](ModelBuilder& model, Value code) {
      const Value age = model.state("age", {2}, 0.5f);
      // The loss reads the old value; log of a negative number fails.
      model.train_step("s").minimise(log(sum(age)) + 0.0f * loss_of(code)).assign(age, age - 0.3f);
    };
    Model model(test::setup_of<Scripted>("{}"));
    const Tensor x = test::uniform({2, 5}, 1);
    CHECK(test::step(model, x) == doctest::Approx(0).epsilon(1e-6));
    CHECK(test::step(model, x) == doctest::Approx(std::log(0.4)).epsilon(1e-5));
    CHECK(test::values(model, "age")[0] == doctest::Approx(-0.1));
    const std::vector<float> before = test::values(model, "age");
    CHECK(std::isnan(test::step(model, x)));
    CHECK(test::values(model, "age") == before);
  }

  TEST_CASE("labels are one-hot rows, and data without any are refused with what to do") {
    Scripted::script = [](ModelBuilder& model, Value code) {
      CHECK(model.labels().shape() == Shape{code.shape()[0], 3});
      CHECK(model.labels().id() == model.labels().id());
      model.train_step("s").minimise(sum(model.labels() * 2.0f, {1}));
    };
    Model model(test::setup_of<Scripted>("{}"));
    Program& program = model.train(4)[0].program;
    CHECK(program.needs("labels"));
    Scripted::script = [](ModelBuilder& model, Value) { model.labels(); };
    ModelSetup none = test::setup_of<Scripted>("{}");
    none.data.classes = 0;
    CHECK_THROWS_WITH_AS(
        Model(std::move(none)).steps(),
        "dataset has no labels, which this variant learns from: name a table's column with "
        "dataset.label or an array with dataset.labels_array, whose numbers count the classes from "
        "0, or choose a data set that has labels",
        OptionError);
  }

  TEST_CASE(
      "evaluation reads labels where there are any, and leaves out what needs them elsewhere") {
    Model model(test::streams("{}"));
    const auto labelled = test::labelled_source(7, 2);
    const NamedNumbers numbers = model.evaluate(*labelled, 2);
    REQUIRE(numbers.size() == 3);
    CHECK(numbers[1].first == "classifier");
    // By hand: the cross-entropy of the classifier's guess.
    Tensor x({7, 5});
    std::vector<std::uint32_t> rows{0, 1, 2, 3, 4, 5, 6};
    labelled->read(rows, x.floats().data());
    const std::vector<float> z = test::codes(model, x);
    const std::vector<float> w = test::values(model, "classifier.weight");
    double expected = 0;
    for (int i = 0; i < 7; ++i) {
      double all = 0, own = 0;
      for (int c = 0; c < 3; ++c) {
        double logit = 0;
        for (int k = 0; k < 3; ++k) logit += z[i * 3 + k] * w[c * 3 + k];
        all += std::exp(logit);
        if (c == i % 3) own = logit;
      }
      expected += (std::log(all) - own) / 7;
    }
    CHECK(numbers[1].second == doctest::Approx(expected).epsilon(1e-5));
    const NamedNumbers without = model.evaluate(*test::source_of(x), 2);
    REQUIRE(without.size() == 2);
    CHECK(without[0].second == doctest::Approx(numbers[0].second));
    CHECK(without[1].first == "shrink");
  }

  TEST_CASE("a decoder that reads labels needs them") {
    class Conditional final : public Variant {
     public:
      struct Options {};
      static void describe(Schema<Options>&) {}
      void build(ModelBuilder& model, const Options&) {
        const Value z = model.latent(model.dense("code", model.input(), 2));
        const Value y = model.decoder(concat({z, model.labels()}, 1));
        model.reconstruction(y);
        model.train_step("s").minimise(sum(squared_error(y, model.target()), {1}));
      }
    };
    Model model(test::setup_of<Conditional>("{}"));
    int rows = 0;
    const auto count = [&](const auto& indices, const float*, const float*) {
      rows += static_cast<int>(indices.size());
    };
    model.reconstruct(*test::labelled_source(7, 1), 2, count);
    CHECK(rows == 7);
    CHECK_THROWS_WITH_AS(model.reconstruct(*test::source_of(test::uniform({4, 5}, 1)), 2, count),
                         "the model needs labels, and these samples have none", DataError);
    model.encode(*test::source_of(test::uniform({4, 5}, 1)), 2, count);  // which needs none
    CHECK(rows == 11);
    CHECK_THROWS_WITH_AS(
        model.decode(Tensor({1, 2})),
        "this variant decodes a code together with labels, so codes alone cannot be", Error);
  }

  TEST_CASE("every schedule moves a number of the model, step by step") {
    using enum Schedule::Unit;
    check_near(values_of(0.25, 2), {0.25, 0.25});
    check_near(values_of(Schedule::linear(0, 1, 4, Steps), 6), {0, 0.25, 0.5, 0.75, 1, 1});
    check_near(values_of(Schedule::linear(1, 0, 2, Epochs), 10),
               {1, 0.875, 0.75, 0.625, 0.5, 0.375, 0.25, 0.125, 0, 0});
    check_near(values_of(Schedule::step(8, 0.5, 1, Epochs), 9), {8, 8, 8, 8, 4, 4, 4, 4, 2});
    const double half = std::sqrt(0.5);
    check_near(values_of(Schedule::cosine(2, 0, 4, Steps), 6), {2, 1 + half, 1, 1 - half, 0, 0});
    check_near(values_of(Schedule::exponential(1, 0.25, 2, Steps), 4), {1, 0.5, 0.25, 0.125});
    check_near(values_of(Schedule::cyclic(0, 1, 2, Epochs), 12),
               {0, 0.25, 0.5, 0.75, 1, 1, 1, 1, 0, 0.25, 0.5, 0.75});
    check_near(values_of(Schedule(2).warmed_up(4, Steps), 6), {0.5, 1, 1.5, 2, 2, 2});
    check_near(values_of(Schedule::exponential(1, 0.25, 2, Steps).warmed_up(0.5, Epochs), 4),
               {0.5, 0.5, 0.25, 0.125});
    check_near(values_of(Schedule::cosine(2, 0, 4, Steps).warmed_up(2, Steps), 4),
               {1, 1 + half, 1, 1 - half});
  }
}

}  // namespace hourglass
