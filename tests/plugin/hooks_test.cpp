// after_update, project_gradient and initialise, through the model's own programs.
#include <hourglass/core/error.hpp>
#include <hourglass/plugin.hpp>
#include <hourglass/plugin/model.hpp>
#include <hourglass/statistics/centre.hpp>
#include <hourglass/train/checkpoint.hpp>

#include <doctest/doctest.h>
#include <support/streams_training.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace hourglass {

namespace {

using Numbers = std::vector<float>;

/// A linear autoencoder y = D (E x) whose weights the options hook.
class Hooked final : public Variant {
 public:
  struct Options {
    int latent = 3;
    bool normalise = false;
    int axis = 0;
    bool project = false;
    bool initialise = false;
    std::string path = "out.weight";
  };
  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "size of the code", at_least(1));
    schema.add("normalise", &Options::normalise, "whether updates end in unit vectors");
    schema.add("axis", &Options::axis, "along which they lie");
    schema.add("project", &Options::project, "whether gradients are perpendicular");
    schema.add("initialise", &Options::initialise, "whether parameters start from the data");
    schema.add("path", &Options::path, "whose");
  }
  void build(ModelBuilder& model, const Options& options) {
    const Value x = model.input();
    const Value code = model.latent(model.dense("code", x, options.latent));
    const Value y = model.dense("out", code, model.data().sample_shape.size());
    model.reconstruction(y);
    model.train_step("s").minimise(sum(squared_error(y, x), {1}));
    const int axis = options.axis;
    if (options.normalise) {
      model.after_update(options.path, [axis](Value w) { return unit_norm(w, axis); });
    }
    if (options.project) {
      model.project_gradient(options.path, [axis](Value w, Value gradient) {
        return perpendicular(gradient, w, axis);
      });
    }
    if (options.initialise) {
      model.initialise("out.bias",
                       [](const StartingPoint& start) { return mean_sample(start.samples()); });
      model.initialise("code.weight",
                       [](const StartingPoint& start) { return start.transposed("out.weight"); });
      model.initialise("code.bias", [](const StartingPoint& start) {
        const Numbers first(1, start.value("code.weight").floats()[0]);
        Tensor bias({3});
        std::ranges::fill(bias.floats(), first[0]);
        return bias;
      });
    }
  }
};

std::unique_ptr<Model> hooked(const std::string& options, std::int64_t features = 5,
                              double rate = 0.01) {
  ModelSetup setup = test::setup_of<Hooked>(options);
  setup.data.sample_shape = {features};
  SgdOptions sgd;
  sgd.learning_rate = rate;
  setup.optimizer = sgd;
  return std::make_unique<Model>(std::move(setup));
}

/// The sums over rows (axis 0) or columns of a b.
std::vector<double> products(const Numbers& a, const Numbers& b, std::int64_t columns, int axis) {
  const std::int64_t rows = std::ssize(a) / columns;
  std::vector<double> sums(axis == 0 ? columns : rows, 0.0);
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t k = 0; k < columns; ++k) {
      const double product = static_cast<double>(a[i * columns + k]) * b[i * columns + k];
      sums[axis == 0 ? k : i] += product;
    }
  }
  return sums;
}

}  // namespace

TEST_SUITE("plugin/hooks") {
  TEST_CASE("after each update vectors have unit length, along logical axes of blocked weights") {
    for (const int axis : {0, 1}) {
      CAPTURE(axis);
      const std::string options = "{latent: 64, axis: " + std::to_string(axis) + "}";
      const std::string with = "{latent: 64, normalise: true, axis: " + std::to_string(axis) + "}";
      const auto plain = hooked(options, 48), normed = hooked(with, 48);
      const Tensor x = test::uniform({32, 48}, 1);
      test::step(*plain, x);
      test::step(*normed, x);
      CHECK_FALSE(normed->variables().find("out.weight")->home().is_plain());
      // The first update by itself, and then each of its vectors over its length.
      const Numbers before = test::values(*plain, "out.weight");
      Numbers after = test::values(*normed, "out.weight");
      const std::vector<double> squares = products(before, before, 64, axis);
      for (std::size_t i = 0; i < before.size(); ++i) {
        const double length = std::sqrt(squares[axis == 0 ? i % 64 : i / 64]);
        REQUIRE(after[i] == doctest::Approx(before[i] / length).epsilon(1e-5));
      }
      CHECK(test::values(*plain, "code.weight") == test::values(*normed, "code.weight"));
      for (int i = 1; i < 4; ++i) test::step(*normed, x, i);
      after = test::values(*normed, "out.weight");
      for (const double each : products(after, after, 64, axis)) {
        REQUIRE(each == doctest::Approx(1).epsilon(1e-5));
      }
    }
  }

  TEST_CASE("a projected gradient changes no length to first order, and nothing else") {
    for (const int axis : {0, 1}) {
      CAPTURE(axis);
      const std::string option = "axis: " + std::to_string(axis) + "}";
      const auto plain = hooked("{" + option, 5), projected = hooked("{project: true, " + option);
      const Tensor x = test::uniform({4, 5}, 1);
      projected->steps();
      const Numbers start = test::values(*projected, "out.weight");
      test::step(*plain, x);
      test::step(*projected, x);
      Numbers moved = test::values(*projected, "out.weight"),
              free = test::values(*plain, "out.weight");
      for (std::size_t i = 0; i < start.size(); ++i) {
        moved[i] = (start[i] - moved[i]) / 0.01f;  // the gradients
        free[i] = (start[i] - free[i]) / 0.01f;
      }
      for (const double each : products(moved, start, 3, axis)) {
        CHECK(std::abs(each) < 1e-4);
      }
      // What is missing lies along the vectors: g - w <w, g> / <w, w>.
      const std::vector<double> along = products(free, start, 3, axis);
      const std::vector<double> squares = products(start, start, 3, axis);
      for (std::size_t i = 0; i < start.size(); ++i) {
        const std::size_t k = axis == 0 ? i % 3 : i / 3;
        CHECK(moved[i] ==
              doctest::Approx(free[i] - start[i] * along[k] / squares[k]).epsilon(1e-3));
      }
      CHECK(test::values(*plain, "code.weight") == test::values(*projected, "code.weight"));
    }
  }

  TEST_CASE("clipping sees the projected gradient") {
    ModelSetup setup = test::setup_of<Hooked>("{project: true, normalise: true}");
    setup.frozen = {"code", "out.bias"};
    setup.clip = ClipByNorm{.limit = 1e-3};
    Model model(std::move(setup));
    model.steps();
    Variable& weight = *model.variables().find("out.weight");
    Tensor unit(weight.shape());  // columns of unit length
    for (int k = 0; k < 3; ++k) unit.floats()[k * 3 + k] = 1;
    weight.write(unit);
    test::step(model, test::uniform({4, 5}, 1));
    const Numbers after = test::values(model, "out.weight");
    double moved = 0;
    for (std::size_t i = 0; i < after.size(); ++i) {
      moved += std::pow(static_cast<double>(after[i]) - unit.floats()[i], 2);
    }
    CHECK(std::sqrt(moved) == doctest::Approx(1e-3).epsilon(1e-2));  // at a rate of 1
  }

  TEST_CASE("parameters start from the data and from each other, in their order") {
    const auto model = hooked("{initialise: true}"), plain = hooked("{}");
    const auto samples = test::source_of(test::uniform({30, 5}, 4));
    plain->steps();
    model->initialise(*samples);
    const Tensor mean = mean_sample(*samples);
    CHECK(test::values(*model, "out.bias") == Numbers(mean.floats().begin(), mean.floats().end()));
    const Numbers out = test::values(*model, "out.weight"),
                  code = test::values(*model, "code.weight");
    CHECK(out == test::values(*plain, "out.weight"));
    for (int i = 0; i < 5; ++i) {
      for (int k = 0; k < 3; ++k) CHECK(code[k * 5 + i] == out[i * 3 + k]);
    }
    CHECK(test::values(*model, "code.bias") == Numbers(3, code[0]));
  }

  TEST_CASE(
      "parameters start from the data once, not when a training goes on or a file is opened") {
    const auto prepare = [](test::Training& training) {
      training.setup = test::setup_of<Hooked>("{initialise: true}");
      SgdOptions sgd;
      sgd.learning_rate = 0.01;
      training.setup.optimizer = sgd;
    };
    ScratchFolder whole, broken;
    test::Training unbroken(whole.path()), stopped(broken.path());
    prepare(unbroken);
    prepare(stopped);
    unbroken.run();
    while (stopped.run(true) == TrainEnd::Interrupted) {
    }
    CHECK(test::differing(test::contents_of(whole.path()), test::contents_of(broken.path())) == "");
    Model opened(unbroken.setup);
    read_weights(unbroken.folder.last(), opened);
    CHECK(test::values(opened, "out.bias") == test::values(*unbroken.model, "out.bias"));
    const Tensor mean = mean_sample(unbroken.data.train());
    CHECK(test::values(opened, "out.bias") != Numbers(mean.floats().begin(), mean.floats().end()));
  }

  TEST_CASE("a hook that names nothing, or gives another shape, is refused") {
    const auto refusal = [](const std::string& options) {
      const auto model = hooked(options);
      try {
        model->train(4);
      } catch (const Error& error) {
        return std::string(error.what());
      }
      return std::string();
    };
    CHECK(refusal("{normalise: true, path: out.wight}") ==
          "after_update names \"out.wight\", which is no parameter of the model");
    CHECK(refusal("{project: true, path: out}") ==
          "project_gradient names \"out\", which is no parameter of the model");
    CHECK(refusal("{normalise: true, path: out.bias, axis: 1}") != "");  // it has one axis

    class Cut final : public Variant {
     public:
      struct Options {};
      static void describe(Schema<Options>&) {}
      void build(ModelBuilder& model, const Options&) {
        const Value code = model.latent(model.dense("code", model.input(), 2));
        model.reconstruction(model.dense("out", code, 5));
        model.train_step("s").minimise(sum(square(code), {1}));
        model.after_update("code.weight", [](Value w) { return sum(w, {0}); });
        model.initialise("code.bias", [](const StartingPoint&) { return Tensor({3}); });
      }
    };
    Model model(test::setup_of<Cut>("{}"));
    CHECK_THROWS_WITH_AS(model.train(4),
                         "after_update gave \"code.weight\" the shape [5]; it has [2, 5]",
                         ShapeError);
    CHECK_THROWS_WITH_AS(model.initialise(*test::source_of(test::uniform({4, 5}, 1))),
                         "the initial value of \"code.bias\" has shape [3], the parameter has [2]",
                         ShapeError);
  }
}

}  // namespace hourglass
