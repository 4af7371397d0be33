#include <hourglass/core/error.hpp>
#include <hourglass/plugin.hpp>
#include <hourglass/plugin/model.hpp>

#include <doctest/doctest.h>
#include <support/streams_training.hpp>

#include <cmath>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace hourglass {

namespace {

using test::uniform;
using Numbers = std::vector<float>;

/// Two train steps: one for "left", one for "right"; the code is a half of what training sees.
class Twofold final : public Variant {
 public:
  struct Options {
    bool code = true;
    bool output = true;
    bool steps = true;
    bool loss = true;
  };
  static void describe(Schema<Options>& schema) {
    schema.add("code", &Options::code, "whether there is a code");
    schema.add("output", &Options::output, "whether there is a reconstruction");
    schema.add("steps", &Options::steps, "whether there are train steps");
    schema.add("loss", &Options::loss, "whether these minimise anything");
  }
  void build(ModelBuilder& model, const Options& options) {
    const Value left = model.dense("left", model.input(), 2);
    const Value z = options.code ? model.latent(left, {.code = 0.5f * left}) : left;
    const Value y = model.dense("right", z, model.data().sample_shape.size());
    model.dense("lefty", z, 1);
    if (options.output) model.reconstruction(y);
    if (!options.steps) return;
    const Value loss = sum(squared_error(y, model.target()), {1});
    TrainStep& first = model.train_step("first").moving({"left"});
    if (options.loss) first.minimise(loss).part("twice", 2.0f * loss);
    if (options.loss) model.train_step("second").moving({"right"}).minimise(loss);
  }
};

std::unique_ptr<Model> twofold(const std::string& options = "{}") {
  static const VariantTypeOf<Twofold> kType("twofold", "1.0.0", "for tests");
  config::Problems problems;
  ModelSetup setup = test::vanilla("{}", {3});
  setup.options = read_model_options(kType, config::parse_text(options, "test.yaml"), problems);
  problems.throw_if_any();
  return std::make_unique<Model>(std::move(setup));
}

constexpr const char* kDeep = "{latent: 2, encoder: [{dense: 5, activation: tanh}]}";

}  // namespace

TEST_SUITE("plugin/model") {
  TEST_CASE("a code that is decoded is the reconstruction") {
    Model model(test::vanilla(kDeep, {2, 3}));
    const Tensor x = uniform({1203, 2, 3}, 1);  // more than one evaluation batch
    const Numbers z = test::codes(model, x);
    CHECK(model.code_shape() == Shape{2});
    REQUIRE(z.size() == 2406);
    Tensor codes({1203, 2});
    std::ranges::copy(z, codes.floats().begin());
    const Tensor decoded = model.decode(codes);
    CHECK(decoded.shape() == Shape{1203, 2, 3});
    const Numbers y = test::reconstructions(model, x);
    REQUIRE(y.size() == x.floats().size());
    for (std::size_t i = 0; i < y.size(); ++i) REQUIRE(decoded.floats()[i] == y[i]);
  }

  TEST_CASE("reconstruction goes by the code, training by the value at the seam") {
    const auto model = twofold();
    const Tensor x = uniform({4, 3}, 1);
    const Numbers z = test::codes(*model, x), y = test::reconstructions(*model, x);
    const Numbers left = test::values(*model, "left.weight");
    const Numbers right = test::values(*model, "right.weight");
    for (int i = 0; i < 4; ++i) {
      for (int k = 0; k < 2; ++k) {
        double sum = 0;
        for (int j = 0; j < 3; ++j) sum += x.floats()[i * 3 + j] * left[k * 3 + j];
        CHECK(z[i * 2 + k] == doctest::Approx(sum / 2).epsilon(1e-5));
      }
      for (int j = 0; j < 3; ++j) {
        double sum = 0;
        for (int k = 0; k < 2; ++k) sum += z[i * 2 + k] * right[j * 2 + k];
        CHECK(y[i * 3 + j] == doctest::Approx(sum).epsilon(1e-5));
      }
    }
    double expected = 0;  // training decodes twice the code
    for (int i = 0; i < 12; ++i) {
      const double error = x.floats()[i] - 2.0 * y[i];
      expected += error * error / 4;
    }
    CHECK(test::step(*model, x) == doctest::Approx(expected).epsilon(1e-5));
  }

  TEST_CASE("each train step moves its own parameters, by whole names") {
    const auto model = twofold();
    std::vector<TrainProgram>& steps = model->train(4);
    REQUIRE(steps.size() == 2);
    CHECK(steps[0].name == "first");
    CHECK(steps[0].parts == std::vector<std::string>{"twice"});
    const auto snapshot = [&] {
      return std::vector{test::values(*model, "left.weight"), test::values(*model, "left.bias"),
                         test::values(*model, "right.weight"),
                         test::values(*model, "lefty.weight")};
    };
    const auto before = snapshot();
    const Tensor x = uniform({4, 3}, 1);
    test::step(*model, x);
    auto after = snapshot();
    CHECK(after[0] != before[0]);
    CHECK(after[1] != before[1]);
    CHECK(after[2] == before[2]);
    CHECK(after[3] == before[3]);
    steps[1].program.feed("input", x.floats().data());
    REQUIRE(steps[1].program.run({.seed = 1}));
    CHECK(snapshot()[0] == after[0]);
    CHECK(snapshot()[2] != after[2]);
    CHECK(model->moved({"left"}).size() == 2);
    CHECK(model->moved({"left.bias"}).size() == 1);
    CHECK(model->moved({}).size() == 6);
  }

  TEST_CASE("frozen parameters stay, and all of them may") {
    ModelSetup setup = test::vanilla(kDeep, {3});
    setup.frozen = {"encoder", "code.bias"};
    Model model(std::move(setup));
    const Tensor x = uniform({4, 3}, 1);
    test::parameter_paths(model);
    const Numbers encoder = test::values(model, "encoder.0.weight");
    const Numbers code = test::values(model, "code.weight");
    test::step(model, x);
    CHECK(test::values(model, "encoder.0.weight") == encoder);
    CHECK(test::values(model, "code.bias") == Numbers{0, 0});
    CHECK(test::values(model, "code.weight") != code);

    ModelSetup all = test::vanilla(kDeep, {3});
    all.frozen = {"encoder", "code", "decoder"};
    Model still(std::move(all));
    const float loss = test::step(still, x);
    CHECK(test::step(still, x, 1) == loss);
  }

  TEST_CASE("evaluation is the mean over samples, without dropout, whatever the batches") {
    Model model(test::vanilla("{latent: 2, encoder: [{dense: 5}, {dropout: 0.5}]}", {3}));
    const Tensor x = uniform({2300, 3}, 4);  // batches of 1000, 1000 and 300
    const NamedNumbers numbers = model.evaluate(*test::source_of(x), 2);
    REQUIRE(numbers.size() == 1);
    CHECK(numbers[0].first == "loss");
    const Numbers y = test::reconstructions(model, x);
    double expected = 0;
    for (std::size_t i = 0; i < y.size(); ++i) {
      const double error = static_cast<double>(x.floats()[i]) - y[i];
      expected += error * error / 2300;
    }
    CHECK(numbers[0].second == doctest::Approx(expected).epsilon(1e-5));
    CHECK(test::step(model, x) != doctest::Approx(expected).epsilon(1e-3));  // with dropout
  }

  TEST_CASE("the second train step and the parts are evaluated by name") {
    const NamedNumbers numbers = twofold()->evaluate(*test::source_of(uniform({5, 3}, 1)), 2);
    REQUIRE(numbers.size() == 3);
    CHECK(numbers[0].first == "loss");
    CHECK(numbers[1].first == "twice");
    CHECK(numbers[2].first == "second");
    CHECK(numbers[1].second == doctest::Approx(2 * numbers[0].second));
  }

  TEST_CASE("penalties are part of the loss, and a number of their own") {
    ModelSetup setup = test::vanilla("{latent: 2}", {3});
    SgdOptions sgd;
    sgd.learning_rate = 0.5;
    sgd.l1 = 0.1;
    sgd.l2 = 0.2;
    setup.optimizer = sgd;
    Model model(std::move(setup));
    Model plain(test::vanilla("{latent: 2}", {3}));
    const Tensor x = uniform({4, 3}, 1);
    test::parameter_paths(model);
    double expected = 0;
    for (const char* path : {"code.weight", "decoder.0.weight"}) {
      for (const double w : test::values(model, path)) expected += 0.1 * std::abs(w) + 0.1 * w * w;
    }
    const NamedNumbers numbers = model.evaluate(*test::source_of(x), 2);
    const NamedNumbers bare = plain.evaluate(*test::source_of(x), 2);
    REQUIRE(numbers.size() == 2);
    CHECK(numbers[1].first == "penalty");
    CHECK(numbers[1].second == doctest::Approx(expected).epsilon(1e-5));
    CHECK(numbers[0].second == doctest::Approx(bare[0].second + expected).epsilon(1e-5));

    // The update has the penalty's gradient, 0.1 sign(w) + 0.2 w, beside the other's.
    const Numbers w = test::values(model, "code.weight");
    test::step(model, x);
    test::step(plain, x);  // at a rate of 1
    const Numbers with = test::values(model, "code.weight");
    const Numbers without = test::values(plain, "code.weight");
    for (std::size_t i = 0; i < w.size(); ++i) {
      const double gradient = (w[i] - without[i]) + 0.1 * (w[i] > 0 ? 1 : -1) + 0.2 * w[i];
      CHECK(w[i] - with[i] == doctest::Approx(0.5 * gradient).epsilon(1e-4));
    }
  }

  TEST_CASE("a variant may call a part of its own penalty") {
    class Penalised final : public Variant {
     public:
      struct Options {};
      static void describe(Schema<Options>&) {}
      void build(ModelBuilder& model, const Options&) {
        const Value code = model.latent(model.dense("code", model.input(), 2));
        const Value y = model.dense("out", code, 5);
        model.reconstruction(y);
        const Value size = sum(square(code), {1});
        model.train_step("first")
            .minimise(sum(squared_error(y, model.target()), {1}) + size)
            .part("penalty", size);
        model.train_step("second").minimise(size);
      }
    };
    ModelSetup setup = test::setup_of<Penalised>("{}");
    SgdOptions sgd;
    sgd.l2 = 0.1;
    setup.optimizer = sgd;
    Model model(std::move(setup));
    std::vector<std::string> names;
    for (const auto& [name, value] : model.evaluate(*test::source_of(uniform({4, 5}, 1)), 2)) {
      names.push_back(name);
    }
    CHECK(names == std::vector<std::string>{"loss", "penalty", "weight_penalty", "second",
                                            "second_weight_penalty"});
  }

  TEST_CASE("a decoder's noise follows the number of the code, in whatever batch it is") {
    class Noisy final : public Variant {
     public:
      struct Options {};
      static void describe(Schema<Options>&) {}
      void build(ModelBuilder& model, const Options&) {
        const Value code = model.latent(model.dense("code", model.input(), 2));
        const Value y = model.dense("out", code, 5);
        const Value out = y + model.normal("noise", y.shape());
        model.reconstruction(out);
        model.train_step("first").minimise(sum(squared_error(out, model.target()), {1}));
      }
    };
    Model model(test::setup_of<Noisy>("{}"));
    const auto decoded = [&](std::int64_t count) {
      const Tensor samples = model.decode(Tensor({count, 2}));
      return Numbers(samples.floats().begin(), samples.floats().end());
    };
    const Numbers many = decoded(1003), few = decoded(7);
    const auto row = [&](int number) {
      return Numbers(many.begin() + number * 5, many.begin() + (number + 1) * 5);
    };
    CHECK(row(1000) != row(0));
    CHECK(row(1001) != row(1));
    CHECK(Numbers(many.begin(), many.begin() + 35) == few);
  }

  TEST_CASE("parameters are counted, and the same for equal seeds only") {
    const auto made = [](std::uint64_t seed) {
      ModelSetup setup = test::vanilla(kDeep, {6});
      setup.seed = seed;
      return std::make_unique<Model>(std::move(setup));
    };
    CHECK(made(1)->parameter_count() == 6 * 5 + 5 + 5 * 2 + 2 + 2 * 5 + 5 + 5 * 6 + 6);
    const auto a = made(1), b = made(1), c = made(2);
    const Tensor x = uniform({4, 6}, 1);
    CHECK(test::reconstructions(*a, x) == test::reconstructions(*b, x));
    CHECK(test::reconstructions(*a, x) != test::reconstructions(*c, x));
  }

  TEST_CASE("what goes wrong in a build is told with what was built") {
    class Careless final : public Variant {
     public:
      struct Options {
        bool shapes = false;
      };
      static void describe(Schema<Options>& schema) {
        schema.add("shapes", &Options::shapes, "which fault it is");
      }
      void build(ModelBuilder& model, const Options& options) {
        if (!options.shapes) throw std::runtime_error("no luck");
        matmul(model.input(), model.input());
      }
    };
    Model unlucky(test::setup_of<Careless>("{}"));
    CHECK_THROWS_WITH_AS(unlucky.graph(Purpose::Train, 7),
                         "in the variant's build for training, with a batch of 7: no luck", Error);
    Model misshapen(test::setup_of<Careless>("{shapes: true}"));
    CHECK_THROWS_WITH_AS(
        misshapen.graph(Purpose::Encode, 7),
        doctest::Contains("in the variant's build for encoding, with a batch of 7: [matmul] "),
        ShapeError);
  }

  TEST_CASE("a variant that lacks what training needs is told what") {
    CHECK_THROWS_WITH_AS(twofold("{code: false}")->code_shape(),
                         "the variant has no code: its build never calls model.latent", Error);
    CHECK_THROWS_WITH_AS(
        twofold("{output: false}")->code_shape(),
        "the variant has no reconstruction: its build never calls model.reconstruction", Error);
    CHECK_THROWS_WITH_AS(twofold("{steps: false}")->code_shape(), "the variant has no train step",
                         Error);
    CHECK_THROWS_WITH_AS(twofold("{loss: false}")->code_shape(),
                         "train step \"first\" minimises nothing", Error);
  }

  TEST_CASE("what overflows only backward or in an update is named, with its layer") {
    ModelSetup setup = test::vanilla("{latent: 2, encoder: [{dense: 5, activation: relu}]}", {3});
    setup.optimizer = AdamOptions();
    Model model(setup);
    Tensor x = uniform({4, 3}, 1);
    x.floats()[4] = 3e18f;  // its square is finite, a gradient's is not
    model.train(4);
    const std::string where = model.find_nonfinite(0, 4, x.floats().data(), {.seed = 1, .step = 0});
    CHECK(where == "encoder.0.weight: the output of adam, [5, 3], is inf at [1, 1]");
  }

  TEST_CASE("the first tensor that is not finite is named") {
    Model model(test::vanilla(kDeep, {3}));
    Tensor x = uniform({4, 3}, 1);
    x.floats()[4] = std::numeric_limits<float>::infinity();
    model.train(4);
    const std::string where = model.find_nonfinite(0, 4, x.floats().data(), {.seed = 1, .step = 0});
    CAPTURE(where);
    CHECK(where.find("input") != where.npos);
    CHECK(where.find("inf at [1, 1]") != where.npos);
    CHECK(model.find_nonfinite(0, 4, uniform({4, 3}, 1).floats().data(), {.seed = 1}).empty());
  }
}

}  // namespace hourglass
