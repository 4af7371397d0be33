// Trainings with normalising layers: their state, checkpoints and resumes.
#include <hourglass/core/error.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <doctest/doctest.h>
#include <support/scratch_folder.hpp>
#include <support/streams_training.hpp>

#include <string>
#include <vector>

namespace hourglass {

namespace {

using Numbers = std::vector<float>;
using Texts = std::vector<std::string>;

constexpr const char* kNormalised =
    "{encoder: [{dense: 6}, {batchnorm: {}, activation: relu}, {dropout: 0.2}, {dense: 4}, "
    "{layernorm: {}, activation: relu}], latent: 3}";

struct NormTraining : test::Training {
  explicit NormTraining(const std::filesystem::path& path, const std::string& model = kNormalised)
      : Training(path) {
    const OptimizerOptions adam = AdamOptions();
    setup = test::vanilla(model, {5});
    setup.optimizer = adam;
  }
};

/// Three train steps, of which the last two run the encoder, one of them twice.
class Shared final : public Variant {
 public:
  struct Options {};
  static void describe(Schema<Options>&) {}
  void build(ModelBuilder& model, const Options&) {
    const Value once = model.encoder(model.input());
    const Value again = model.encoder(2.0f * model.input());
    const Value code = model.latent(model.dense("code", once, 2));
    const Value y = model.dense("out", code, 5);
    model.reconstruction(y);
    model.train_step("other").minimise(sum(square(model.parameter("alone", {1, 2}, 1)), {1}));
    model.train_step("first").minimise(sum(squared_error(y, model.target()), {1}) +
                                       sum(square(again), {1}));
    model.train_step("second").minimise(sum(square(again), {1}) + sum(square(code), {1}));
  }
};

}  // namespace

TEST_SUITE("train/norms") {
  TEST_CASE("running statistics are kept in a checkpoint, and come back from it") {
    ScratchFolder scratch;
    NormTraining training(scratch.path());
    training.run();
    const hdf5::Reader file(training.folder.last());
    CHECK(file.list("variables") == Texts{"decoder.3.running_mean", "decoder.3.running_variance",
                                          "encoder.1.running_mean", "encoder.1.running_variance"});
    CHECK(file.shape("variables/encoder.1.running_mean") == Shape{6});
    CHECK(file.shape("parameters/encoder.1.weight") == Shape{6});
    CHECK(file.list("optimizer/reconstruction").size() == file.list("parameters").size());
    const Numbers mean = test::values(*training.model, "encoder.1.running_mean");
    const Numbers variance = test::values(*training.model, "encoder.1.running_variance");
    CHECK(mean != Numbers(6, 0.0f));
    CHECK(variance != Numbers(6, 1.0f));
    // Whole again in another process.
    Model other(training.setup);
    compile_training(other, training.data, training.trainer.options.batch);
    Texts notes;
    read_training(training.folder.last(), other, notes);
    CHECK(test::values(other, "encoder.1.running_mean") == mean);
    CHECK(test::values(other, "encoder.1.running_variance") == variance);
    const Tensor x = test::uniform({7, 5}, 9);
    CHECK(test::reconstructions(other, x) == test::reconstructions(*training.model, x));
  }

  TEST_CASE("a training with norms that is stopped at every batch ends as an unbroken one") {
    ScratchFolder scratch;
    NormTraining whole(scratch / "whole"), broken(scratch / "broken");
    CHECK(whole.run() == TrainEnd::Completed);
    int stops = 0;
    while (broken.run(true) == TrainEnd::Interrupted) ++stops;
    CHECK(stops >= 10);
    CHECK(test::differing(test::contents_of(scratch / "whole"),
                          test::contents_of(scratch / "broken")) == "");
  }

  TEST_CASE("an evaluation depends on no batch, and changes nothing") {
    ScratchFolder scratch;
    NormTraining training(scratch.path());
    training.run();
    const Numbers before = test::values(*training.model, "encoder.1.running_mean");
    const Tensor x = test::uniform({4, 5}, 9);
    const Numbers together = test::codes(*training.model, x);
    Numbers apart;
    for (int i = 0; i < 4; ++i) {
      Tensor one({1, 5});
      std::copy_n(x.floats().begin() + i * 5, 5, one.floats().begin());
      for (const float each : test::codes(*training.model, one)) apart.push_back(each);
    }
    REQUIRE(apart.size() == together.size());
    for (std::size_t i = 0; i < apart.size(); ++i) {
      CHECK(apart[i] == doctest::Approx(together[i]).epsilon(1e-5));
    }
    CHECK(test::values(*training.model, "encoder.1.running_mean") == before);
  }

  TEST_CASE("an encoder that several train steps run moves its statistics once a batch") {
    const std::string model = "{encoder: [{batchnorm: {momentum: 0.5}}]}";
    Model made(test::setup_of<Shared>(model));
    const Tensor x = test::uniform({4, 5}, 1);
    std::vector<TrainProgram>& programs = made.train(4);
    REQUIRE(programs.size() == 3);
    for (TrainProgram& each : programs) {
      each.program.feed("input", x.floats().data());
      each.program.run({.seed = 1});
    }
    // By the first of its uses, which sees x itself.
    for (int c = 0; c < 5; ++c) {
      double mean = 0;
      for (int n = 0; n < 4; ++n) mean += x.floats()[n * 5 + c] / 4;
      CHECK(test::values(made, "encoder.0.running_mean")[c] == doctest::Approx(mean / 2));
    }
  }

  TEST_CASE("a search for what is not finite passes over the workspace of a fused relu") {
    Model made(test::vanilla(kNormalised, {5}));
    const Tensor x = test::uniform({8, 5}, 1);
    made.train(8);
    CHECK(made.find_nonfinite(0, 8, x.floats().data(), {}) == "");
    Tensor huge({6, 5});
    std::ranges::fill(huge.floats(), 3e38f);
    made.variables().find("encoder.0.weight")->write(huge);
    CHECK(made.find_nonfinite(0, 8, x.floats().data(), {}).find("encoder.0: the output of dense") ==
          0);
  }

  TEST_CASE("an epoch whose last batch is one sample is refused before training begins") {
    ScratchFolder scratch;
    NormTraining training(scratch.path());
    training.data = test::data_of({{"train", test::source_of(test::uniform({33, 5}, 1))}});
    CHECK_THROWS_WITH_AS(
        training.run(),
        doctest::Contains("layer encoder.1: batchnorm cannot train on a batch of 1"), OptionError);
  }

  TEST_CASE("penalties leave the bias of a normalised image alone") {
    const std::string model = "{encoder: [{layernorm: {}}], latent: 2}";
    ModelSetup setup = test::vanilla(model, {2, 3});
    SgdOptions optimizer;
    optimizer.learning_rate = 0.0;
    optimizer.l2 = 2.0;
    setup.optimizer = optimizer;
    Model made(setup);
    made.train(4);
    const auto ones = [&](const std::string& path) {
      Tensor value(made.variables().find(path)->shape());
      std::ranges::fill(value.floats(), 1.0f);
      made.variables().find(path)->write(value);
    };
    const Tensor x = test::uniform({4, 2, 3}, 1);
    const auto penalty = [&] {
      Program& program = made.train(4)[0].program;
      program.feed("input", x.floats().data());
      program.run({});
      return program.fetched(1)[0];
    };
    const float before = penalty();
    ones("encoder.0.bias");
    CHECK(penalty() == before);
  }
}

}  // namespace hourglass
