#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/graph/program.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/sum.hpp>
#include <hourglass/plugin/model_builder.hpp>

#include <doctest/doctest.h>
#include <support/models.hpp>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

namespace hourglass {

namespace {

/// A builder over an empty graph, for samples [2, 3] in batches of 4.
struct Building {
  explicit Building(const std::string& yaml = "{}", Purpose purpose = Purpose::Train) {
    config::Problems problems;
    schema_of<ArchitectureOptions>().read(config::parse_text(yaml, "model.yaml"), "model", problems,
                                          architecture);
    problems.throw_if_any();
    builder = std::make_unique<ModelBuilder>(
        graph, store, architecture, data,
        ModelBuilder::Setting{.purpose = purpose, .batch = 4, .seed = 1, .steps_per_epoch = 10});
  }
  ModelBuilder* operator->() { return builder.get(); }

  std::vector<std::string> paths() const {
    std::vector<std::string> result;
    for (const auto& each : store.all()) result.push_back(each->path());
    return result;
  }
  const Shape& shape(const std::string& path) const { return store.find(path)->shape(); }

  Graph graph;
  VariableStore store;
  ArchitectureOptions architecture;
  DataTraits data{{2, 3}, {.least = 0, .greatest = 1}};
  std::unique_ptr<ModelBuilder> builder;
};

using Paths = std::vector<std::string>;

}  // namespace

TEST_SUITE("plugin/model_builder") {
  TEST_CASE("encoder, code and decoder have the paths that checkpoints promise") {
    Building model("{encoder: [{dense: 5, activation: relu}, {dense: 4}]}");
    CHECK(model->input().shape() == Shape{4, 2, 3});
    const Value code = model->dense("code", model->encoder(model->input()), 2);
    const Value y = model->decoder(model->latent(code));
    CHECK(y.shape() == Shape{4, 2, 3});
    CHECK(model.paths() == Paths{"encoder.0.weight", "encoder.0.bias", "encoder.1.weight",
                                 "encoder.1.bias", "code.weight", "code.bias", "decoder.0.weight",
                                 "decoder.0.bias", "decoder.1.weight", "decoder.1.bias",
                                 "decoder.2.weight", "decoder.2.bias"});
    CHECK(model.shape("encoder.0.weight") == Shape{5, 6});
    CHECK(model.shape("code.weight") == Shape{2, 4});
    CHECK(model.shape("decoder.0.weight") == Shape{4, 2});
    CHECK(model.shape("decoder.1.weight") == Shape{5, 4});
    CHECK(model.shape("decoder.2.weight") == Shape{6, 5});
  }

  TEST_CASE("what stands in the place of the latent value has its shape") {
    Building model("{encoder: [{dense: 5}]}", Purpose::Generate);
    const Value z = model->dense("code", model->encoder(model->input()), 2);
    CHECK_THROWS_WITH_AS(model->latent(z, {.prior = standard_normal(3)}),
                         "[latent] the prior draws codes of shape [4, 3], the value in its place "
                         "has [4, 2]; all but the first axis must be the same",
                         ShapeError);
    CHECK_THROWS_WITH_AS(model->latent(z, {.code = sum(z, {1})}),
                         "[latent] the code has shape [4], the value in its place has [4, 2]; all "
                         "but the first axis must be the same",
                         ShapeError);
    CHECK(model->latent(z, {.code = 2.0f * z, .prior = standard_normal(2)}).shape() == Shape{4, 2});
  }

  TEST_CASE("without layers there is the code's and the output's alone") {
    Building model;
    const Value code = model->dense("code", model->encoder(model->input()), 2);
    model->decoder(code);
    CHECK(model.paths() == Paths{"code.weight", "code.bias", "decoder.0.weight", "decoder.0.bias"});
  }

  TEST_CASE("training goes on with the value, and everything else with the code") {
    for (const Purpose purpose : {Purpose::Train, Purpose::Evaluate, Purpose::Encode,
                                  Purpose::Reconstruct, Purpose::Decode}) {
      Building model("{}", purpose);
      const Value value = model->dense("value", model->input(), 2);
      const Value code = model->dense("mean", model->input(), 2);
      const Value z = model->latent(value, {.code = code});
      CHECK(model->code().id() == code.id());
      CHECK(model->training() == (purpose == Purpose::Train));
      if (purpose == Purpose::Train || purpose == Purpose::Evaluate) {
        CHECK(z.id() == value.id());
      } else if (purpose == Purpose::Decode) {
        CHECK(z.id() != value.id());
        CHECK(z.id() != code.id());
        CHECK(z.shape() == Shape{4, 2});
      } else {
        CHECK(z.id() == code.id());
      }
    }
  }

  TEST_CASE(
      "a decoder's images are the output when they have the data's shape, not its size alone") {
    const auto last = [](const std::string& layers) {
      Building model("{decoder: [" + layers + "]}");
      const Value y = model->decoder(model->dense("code", model->input(), 2));
      CHECK(y.shape() == Shape{4, 2, 3});
      return model.paths().back();
    };
    CHECK(last("{dense: {width: 6, bias: false}}, {reshape: [1, 2, 3]}") == "decoder.0.weight");
    CHECK(last("{dense: {width: 6, bias: false}}, {reshape: [2, 3]}") == "decoder.0.weight");
    CHECK(last("{dense: {width: 6, bias: false}}, {reshape: [2, 1, 3]}") == "decoder.1.bias");
    CHECK(last("{dense: {width: 6, bias: false}}, {reshape: [1, 3, 2]}") == "decoder.1.bias");
  }

  TEST_CASE("a tied decoder has biases and no weights, and passes dropout and flatten by") {
    Building model("{encoder: [flatten, {dense: 5, activation: relu}, {dropout: 0.1}]}");
    const Value code = model->dense("code", model->encoder(model->input()), 2);
    const Value y = model->tied_decoder(code, "code");
    CHECK(y.shape() == Shape{4, 2, 3});
    CHECK(model.paths() == Paths{"encoder.0.weight", "encoder.0.bias", "code.weight", "code.bias",
                                 "decoder.0.bias", "decoder.1.bias"});
    CHECK(model.shape("decoder.0.bias") == Shape{5});
    CHECK(model.shape("decoder.1.bias") == Shape{6});
  }

  TEST_CASE("weights that cannot be tied are refused by option") {
    Building own("{encoder: [{dense: 5}], decoder: [{dense: 5}]}");
    const auto tie = [](Building& model) {
      const Value code = model->dense("code", model->encoder(model->input()), 2);
      model->tied_decoder(code, "code");
    };
    CHECK_THROWS_WITH_AS(tie(own), "model.decoder must be mirror where weights are tied",
                         OptionError);
    Building reshaped("{encoder: [{reshape: [3, 2]}, {dense: 5}]}");
    CHECK_THROWS_WITH_AS(tie(reshaped),
                         "model.encoder must have dense layers only where weights are tied",
                         OptionError);
    Building other;
    CHECK_THROWS_WITH_AS(other->tied_decoder(other->input(), "code"),
                         "there is no parameter \"code.weight\"", ConfigError);
  }

  TEST_CASE("a refusal names the option") {
    Building model;
    try {
      model->refuse("loss", "cannot be so");
      FAIL("nothing was thrown");
    } catch (const OptionError& error) {
      CHECK(error.option() == "model.loss");
      CHECK(std::string(error.what()) == "model.loss cannot be so");
    }
  }

  TEST_CASE("a loss is one number a sample, of which the mean is taken, or a scalar") {
    Building model;
    const Value x = model->input();
    TrainStep& step = model->train_step("first").minimise(sum(x, {1, 2}));
    step.part("half", 0.5f * sum(x, {1, 2})).part("whole", sum(x));
    CHECK(&model->train_step("first") == &step);
    CHECK_FALSE(model->train_step("second").objective());
    CHECK(model->train_steps().size() == 2);
    CHECK_THROWS_WITH_AS(step.minimise(sum(x, {2})),
                         "train step \"first\": a loss has one number a sample, got [4, 2]; sum "
                         "over the features",
                         ShapeError);
    Arena arena;
    Program program(model.graph, {step.objective(), step.parts()[0].value, step.parts()[1].value},
                    {}, arena);
    const Tensor samples = test::uniform({4, 2, 3}, 1);
    double total = 0;
    for (const float each : samples.floats()) total += each;
    program.feed("input", samples.floats().data());
    REQUIRE(program.run({}));
    CHECK(program.fetched(0)[0] == doctest::Approx(total / 4));
    CHECK(program.fetched(1)[0] == doctest::Approx(total / 8));
    CHECK(program.fetched(2)[0] == doctest::Approx(total));
  }

  TEST_CASE("a schedule is a number of the graph, and noise a named stream") {
    Building model;
    const Value beta =
        model->scalar("beta", Schedule::linear(0, 1, 2, Schedule::Unit::Epochs));  // 20 steps
    const Value fixed = model->scalar("fixed", 0.25);
    const Value noise = model->normal("posterior", {4, 3});
    Arena arena;
    Program program(model.graph, {beta, fixed, noise}, {}, arena);
    REQUIRE(program.run({.seed = 1, .step = 5}));
    CHECK(program.fetched(0)[0] == doctest::Approx(0.25));
    CHECK(program.fetched(1)[0] == 0.25f);
    const std::vector<float> first(program.fetched(2).begin(), program.fetched(2).end());
    REQUIRE(program.run({.seed = 1, .step = 6}));
    CHECK(first != std::vector<float>(program.fetched(2).begin(), program.fetched(2).end()));
    REQUIRE(program.run({.seed = 1, .step = 5}));
    CHECK(first == std::vector<float>(program.fetched(2).begin(), program.fetched(2).end()));
  }

  TEST_CASE("the parameters of a part are those that the graph has so far") {
    Building model("{encoder: [{dense: 5}]}");
    const Value code = model->dense("code", model->encoder(model->input()), 2);
    model->state("decoder.average", {7}, 0);
    CHECK(model->parameters("decoder").empty());
    model->decoder(model->latent(code));
    std::vector<Shape> shapes;
    for (const Value& each : model->parameters("decoder")) shapes.push_back(each.shape());
    CHECK(shapes == std::vector<Shape>{{5, 2}, {5}, {6, 5}, {6}});
    CHECK(model->parameters("decoder.1").size() == 2);
    CHECK(model->parameters("code.weight").size() == 1);
    CHECK(model->parameters("dec").empty());
    const Value again = model->existing("decoder.0.weight");
    CHECK(model->parameters("decoder")[0].id() == again.id());
  }

  TEST_CASE("a variant has parameters of its own") {
    Building model("{initializer: uniform}");
    CHECK(model->weight("mine", {3, 2}).shape() == Shape{3, 2});
    model->parameter("scale", {2}, 1.5f);
    const Tensor scale = model.store.find("scale")->read(), mine = model.store.find("mine")->read();
    CHECK(scale.floats()[1] == 1.5f);
    for (const float each : mine.floats()) CHECK(std::abs(each) <= 0.05f);
  }
}

}  // namespace hourglass
