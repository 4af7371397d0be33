// Several train steps, through the trainer and its checkpoints.
#include <hourglass/core/error.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <doctest/doctest.h>
#include <graph/allocations.hpp>
#include <support/streams_training.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace hourglass {

namespace {

using test::divergence;
namespace fs = std::filesystem;
using Numbers = std::vector<float>;
using Counts = std::vector<std::int64_t>;

/// 30 samples in batches of 8, 8, 8 and 6; 12 of them labelled.
struct StreamsTraining : test::Training {
  explicit StreamsTraining(const fs::path& path, const std::string& model = "{}") : Training(path) {
    setup = test::streams(model);
    AdamOptions adam;
    adam.learning_rate = 0.01;
    setup.optimizer = adam;
    setup.steps_per_epoch = 4;
    data = test::labelled_data(30, 12);
  }
};

/// The loss of the second step grows without bound, through a parameter that its first step moves.
class Diverging final : public Variant {
 public:
  struct Options {
    int every = 1;
  };
  static void describe(Schema<Options>& schema) {
    schema.add("every", &Options::every, "batches", at_least(1));
  }
  void build(ModelBuilder& model, const Options& options) {
    const Value code = model.latent(model.dense("code", model.input(), 2));
    const Value y = model.dense("out", code, 5);
    model.reconstruction(y);
    const Value age = model.state("age", {1}, 0);
    const Value huge = model.parameter("huge", {1}, 1);
    model.train_step("first")
        .minimise(sum(squared_error(y, model.target()), {1}))
        .moving({"code", "out"})
        .assign(age, age + 1.0f);
    // 1, then e^20, then overflow: sgd at a rate of 1 takes `huge` from 1 to far below.
    model.train_step("second")
        .minimise(sum(exp(20.0f * abs(huge)), {0}))
        .moving({"huge"})
        .every(options.every);
    model.train_step("third").minimise(sum(square(code), {1})).moving({"code"});
  }
};

/// The second step's gradient overflows in the third batch, while its loss is still finite.
class Overflowing final : public Variant {
 public:
  struct Options {};
  static void describe(Schema<Options>&) {}
  void build(ModelBuilder& model, const Options&) {
    const Value code = model.latent(model.dense("code", model.input(), 2));
    const Value y = model.dense("out", code, 5);
    model.reconstruction(y);
    const Value factor = model.state("factor", {1}, 1e14f);
    const Value small = model.parameter("small", {1}, 0.1f);
    SgdOptions slow;
    slow.learning_rate = 1e-37;
    model.train_step("first")
        .minimise(sum(squared_error(y, model.target()), {1}))
        .moving({"code", "out"})
        .assign(factor, 100.0f * factor);
    model.train_step("second")
        .minimise(sum(square(factor * small), {0}))
        .moving({"small"})
        .optimizer(slow);
    model.train_step("third").minimise(sum(square(code), {1})).moving({"code"});
  }
};

/// All that a model holds, by path.
std::map<std::string, Numbers> everything(Model& model) {
  std::map<std::string, Numbers> all;
  for (const auto& variable : model.variables().all()) {
    all[variable->path()] = test::values(model, variable->path());
  }
  return all;
}

}  // namespace

TEST_SUITE("train/train_steps") {
  TEST_CASE("each step runs on its batches, and has a count and a mean of its own") {
    ScratchFolder scratch;
    StreamsTraining training(scratch.path());
    training.trainer.options.epochs = 6;
    CHECK(training.run() == TrainEnd::Completed);
    CHECK(training.state.step == 24);
    CHECK(training.state.counts == Counts{24, 12, 8});
    CHECK(training.state.streams == Counts{24, 12, 8});
    const csv::Table metrics = training.metrics();
    CHECK(metrics.columns == std::vector<std::string>{"epoch", "step", "train/loss",
                                                      "train/classifier", "train/shrink"});
    const std::vector<double> losses = metrics.values("train/classifier");
    CHECK(losses.front() > 0.5);  // log 3 is chance
    CHECK(losses.front() < 3);
    CHECK(training.state.step_samples == Counts{0, 0, 0});
  }

  TEST_CASE("a step that an epoch never comes to has no number in that epoch") {
    ScratchFolder scratch;
    StreamsTraining training(scratch.path(), "{shrink_every: 5}");
    training.run();
    const std::vector<double> shrink = training.metrics().values("train/shrink");
    REQUIRE(shrink.size() == 3);
    CHECK(std::isnan(shrink[0]));
    CHECK(std::isfinite(shrink[1]));
    CHECK(std::isfinite(shrink[2]));
  }

  TEST_CASE("a step's mean is over the samples that it has read") {
    ScratchFolder scratch;
    StreamsTraining training(scratch.path(), "{classifier_every: 1}");
    SgdOptions still;
    still.learning_rate = 0;
    training.setup.optimizer = still;
    training.data = test::labelled_data(30, 30);
    training.setup.data.classes = 3;
    training.setup.options = test::streams("{classifier_every: 1, labelled_batch: 15}").options;
    training.trainer.options.epochs = 1;
    training.run();  // four batches of 15: each sample twice
    const NamedNumbers all = training.model->evaluate(training.data.train(), 0);
    REQUIRE(all.size() == 3);
    CHECK(all[1].first == "classifier");
    CHECK(training.metrics().values("train/classifier")[0] ==
          doctest::Approx(all[1].second).epsilon(1e-6));
  }

  TEST_CASE("a step has its own optimiser, or the experiment's") {
    ScratchFolder scratch;
    StreamsTraining training(scratch.path(),
                             "{classifier_optimizer: {sgd: {learning_rate: 0.1, momentum: 0.5}}}");
    training.run();
    const hdf5::Reader file(training.folder.last());
    CHECK(file.is_dataset("optimizer/classifier/classifier.weight/momentum"));
    CHECK_FALSE(file.is_dataset("optimizer/classifier/classifier.weight/m"));
    CHECK_FALSE(file.is_dataset("optimizer/classifier/decoder.0.weight/momentum"));
    CHECK(file.is_dataset("optimizer/reconstruction/classifier.weight/m"));
    CHECK(file.is_dataset("optimizer/shrink/code.weight/v"));

    ScratchFolder other;  // a rate of zero for one step moves nothing of its own
    StreamsTraining still(other.path(), "{classifier_optimizer: {sgd: {learning_rate: 0}}}");
    Model fresh(still.setup);
    fresh.steps();
    const Numbers start = test::values(fresh, "classifier.bias");
    still.run();
    CHECK(test::values(*still.model, "classifier.bias") == start);
    CHECK(test::values(*training.model, "classifier.bias") != start);
  }

  TEST_CASE("state moves once whenever its step runs, and is kept with the variables") {
    ScratchFolder scratch;
    test::Training training(scratch.path());
    training.setup = test::setup_of<Diverging>("{every: 100}");
    SgdOptions slow;
    slow.learning_rate = 1e-3;
    training.setup.optimizer = slow;
    training.run();
    const hdf5::Reader file(training.folder.last());
    CHECK(file.read("variables/age").floats()[0] == 12);  // 3 epochs of 4 batches
    CHECK(file.read("parameters/huge").floats()[0] == 1);
    CHECK_FALSE(file.is_dataset("optimizer/first/age/momentum"));
  }

  TEST_CASE("stopped after every batch, several steps and streams come to the same bytes") {
    const auto prepare = [](StreamsTraining& training) {
      training.data.splits["validation"] = test::labelled_source(7, 2);
      training.data.splits["test"] = test::source_of(test::uniform({6, 5}, 3));
      training.setup.clip = ClipByNorm();
      training.trainer.options.epochs = 4;
    };
    const std::string model =
        "{encoder: [{dense: 6, activation: relu}, {dropout: 0.2}], labelled_batch: 5, "
        "second_batch: 7, classifier_optimizer: {rmsprop: {learning_rate: 0.01}}, "
        "shrink: {linear: [0.1, 0.5], epochs: 2}}";
    ScratchFolder whole, broken;
    StreamsTraining unbroken(whole.path(), model), stopped(broken.path(), model);
    prepare(unbroken);
    prepare(stopped);
    CHECK(unbroken.run() == TrainEnd::Completed);
    int runs = 1;
    while (stopped.run(true) == TrainEnd::Interrupted) {
      ++runs;
      REQUIRE(runs < 30);
    }
    CHECK(runs == 16);
    CHECK(test::differing(test::contents_of(whole.path()), test::contents_of(broken.path())) == "");
    // Samples without labels give what needs none.
    CHECK(unbroken.metrics().columns ==
          std::vector<std::string>{"epoch", "step", "train/loss", "train/classifier",
                                   "train/shrink", "validation/loss", "validation/classifier",
                                   "validation/shrink", "test/loss", "test/shrink"});
  }

  TEST_CASE("a schedule in epochs means epochs for a step that runs on some batches only") {
    ScratchFolder scratch;
    StreamsTraining training(scratch.path(),
                             "{shrink_every: 2, shrink: {step: 1, factor: 0.5, epochs: 1}}");
    Model model(training.setup);
    compile_training(model, training.data, 8);
    Program& program = model.train(8, Stream::Second)[0].program;
    const Tensor x = test::uniform({8, 5}, 9);
    program.feed("input", x.floats().data());
    Variable& code = *model.variables().find("code.weight");
    Variable& shift = *model.variables().find("code.bias");
    const Tensor code_start = code.read(), shift_start = shift.read();
    Numbers losses;
    for (std::int64_t i = 0; i < 4; ++i) {  // two steps an epoch, each from the same start
      code.write(code_start);
      shift.write(shift_start);
      REQUIRE(program.run({.seed = 1, .step = i}));
      losses.push_back(program.fetched(0)[0]);
    }
    CHECK(losses[1] == losses[0]);
    CHECK(losses[2] == losses[0] / 2);
    CHECK(losses[3] == losses[2]);
  }

  TEST_CASE("schedules and noise follow a step's own count") {
    class Counting final : public Variant {
     public:
      struct Options {};
      static void describe(Schema<Options>&) {}
      void build(ModelBuilder& model, const Options&) {
        const Value code = model.latent(model.dense("code", model.input(), 2));
        model.reconstruction(model.dense("out", code, 5));
        const Value count =
            model.scalar("count", Schedule::linear(0, 100, 100, Schedule::Unit::Steps));
        model.train_step("each").minimise(sum(square(code), {1})).part("batches", count);
        const Value noise = model.normal("noise", {4});
        model.train_step("second")
            .minimise(sum(square(code), {1}))
            .part("count", count)
            .part("noise", mean(noise))
            .every(2)
            .stream(Stream::Second);
      }
    };
    ScratchFolder scratch;
    test::Training training(scratch.path());
    training.setup = test::setup_of<Counting>("{}");
    training.data = test::data_of({{"train", test::source_of(test::uniform({32, 5}, 1))}});
    training.run();  // three epochs of four batches
    CHECK(training.metrics().values("train/batches") == std::vector<double>{1.5, 5.5, 9.5});
    CHECK(training.metrics().values("train/count") == std::vector<double>{0.5, 2.5, 4.5});

    // The same noise as in a program that is run with these counts.
    Program& program = training.model->train(8, Stream::Second)[0].program;
    const Tensor x = test::uniform({8, 5}, 2);
    program.feed("input", x.floats().data());
    double noise = 0;
    for (std::int64_t count = 4; count < 6; ++count) {
      REQUIRE(program.run({.seed = training.trainer.seed, .step = count}));
      noise += static_cast<double>(program.fetched(2)[0]) / 2;
    }
    CHECK(training.metrics().values("train/noise")[2] == doctest::Approx(noise).epsilon(1e-9));
  }

  TEST_CASE("outside training a schedule stands where training has come to") {
    ScratchFolder scratch;
    StreamsTraining training(scratch.path(),
                             "{shrink_every: 2, shrink: {linear: [1, 0], steps: 10}}");
    training.data.splits["validation"] = test::labelled_source(7, 2);
    training.trainer.options.epochs = 2;
    training.run();  // four of its steps
    const auto loss = [&](std::int64_t count) {
      training.model->set_counts(Counts{8, 4, count});
      return training.model->evaluate(*training.data.find("validation"), 1)[2].second;
    };
    const double before = loss(0);
    CHECK(before > 0);
    CHECK(loss(4) == doctest::Approx(0.6 * before).epsilon(1e-5));
    CHECK(training.metrics().values("validation/shrink")[1] == loss(4));
    Model opened(training.setup);
    read_weights(training.folder.last(), opened);
    CHECK(opened.evaluate(*training.data.find("validation"), 1)[2].second == loss(4));
  }

  TEST_CASE("a loss that is not finite in a later step leaves a state that meets it again") {
    ScratchFolder scratch;
    test::Training training(scratch.path());
    training.setup = test::setup_of<Diverging>("{}");
    SgdOptions sgd;
    sgd.learning_rate = 1e-4;
    training.setup.optimizer = sgd;
    std::string message = divergence(training);
    CAPTURE(message);
    // The first batch takes `huge` from 1 by 20 e^20 of a ten thousandth; the second overflows.
    CHECK(message.find("epoch 1, step 2: the loss of \"second\" is inf; ") == 0);
    CHECK(message.find("The parameters are those before this train step and after \"first\" of the "
                       "same batch; they are kept in ") != message.npos);
    CHECK(training.state.passed == 1);
    CHECK(training.state.counts == Counts{2, 1, 1});
    {
      const hdf5::Reader file(training.folder.last());
      CHECK(file.integer_attribute("", "step") == 1);
      CHECK(file.read("variables/age").floats()[0] == 2);
      CHECK(file.read("parameters/huge").floats()[0] == test::values(*training.model, "huge")[0]);
      const Tensor weight = file.read("parameters/code.weight");
      CHECK(Numbers(weight.floats().begin(), weight.floats().end()) ==
            test::values(*training.model, "code.weight"));
    }
    const auto before = test::contents_of(scratch.path());
    CHECK(divergence(training) == message);
    CHECK(training.state.counts == Counts{2, 1, 1});  // the first step has not run once more
    CHECK(test::differing(before, test::contents_of(scratch.path())) == "");
  }

  TEST_CASE("an update of a later step that is not finite leaves the state before that step") {
    const auto prepare = [](test::Training& training) {
      training.setup = test::setup_of<Overflowing>("{}");
      training.setup.optimizer = AdamOptions();
    };
    ScratchFolder whole, broken;
    test::Training unbroken(whole.path()), stopped(broken.path());
    prepare(unbroken);
    prepare(stopped);
    const std::string message = divergence(unbroken);
    CAPTURE(message);
    CHECK(message.starts_with("epoch 1, step 3: the loss of \"second\" is "));
    CHECK(message.find(", but the update of \"small\" is not finite; ") != message.npos);
    CHECK(message.find("those before this train step and after \"first\" of the same batch; ") !=
          message.npos);
    CHECK(unbroken.warnings.size() == 1);  // two batches are repeated
    CHECK(unbroken.state.step == 2);
    CHECK(unbroken.state.passed == 1);
    CHECK(unbroken.state.counts == Counts{3, 2, 2});
    for (const auto& variable : unbroken.model->variables().all()) CHECK(variable->is_finite());

    // Stopped before the batch: of what it held then, only what the first step moves is another.
    for (int i = 0; i < 2; ++i) REQUIRE(stopped.run(true) == TrainEnd::Interrupted);
    const auto before = everything(*stopped.model);
    CHECK(divergence(stopped).starts_with("epoch 1, step 3: the loss of \"second\" is "));
    CHECK(stopped.warnings.empty());
    for (const auto& [path, numbers] : everything(*stopped.model)) {
      CAPTURE(path);
      const bool first = path == "factor" || path.starts_with("optimizer/first/") ||
                         path.starts_with("code.") || path.starts_with("out.");
      CHECK((numbers == before.at(path)) == !first);
    }
    // Both have kept the same bytes, and go on from them to the same end.
    const auto kept = test::contents_of(whole.path());
    CHECK(test::differing(test::contents_of(broken.path()), kept) == "");
    CHECK(divergence(stopped).starts_with("epoch 1, step 3: the loss of \"second\" is "));
    CHECK(test::differing(test::contents_of(broken.path()), kept) == "");
  }

  TEST_CASE("looking for the bad tensor moves nothing") {
    ScratchFolder scratch;
    StreamsTraining training(scratch.path(), "{shrink_every: 1}");
    training.trainer.options.epochs = 1;
    training.run();
    Model& model = *training.model;
    const auto before = everything(model);
    Tensor x = test::uniform({8, 5}, 9);
    const Tensor labels = [] {
      Tensor one_hot({8, 3});
      for (int i = 0; i < 8; ++i) one_hot.floats()[i * 3 + i % 3] = 1;
      return one_hot;
    }();
    int found = 0;
    for (const float bad : {0.5f, 3e18f, std::numeric_limits<float>::quiet_NaN()}) {
      x.floats()[7] = bad;
      for (std::size_t step = 0; step < 3; ++step) {
        const float* read = model.steps()[step].reads_labels ? labels.floats().data() : nullptr;
        const RunState state{.seed = 1, .step = 2};
        found += !model.find_nonfinite(step, 8, x.floats().data(), state, read).empty();
        CHECK(everything(model) == before);
      }
    }
    CHECK(found >= 4);
  }

  TEST_CASE("a batch of several train steps allocates nothing") {
    if (!test::AllocationCount::works()) return;
    // Counted over an epoch, from its first batch to its last, in trainings of few and many.
    const auto allocations = [](std::int64_t samples) {
      struct Counter final : TrainObserver {
        void warning(const std::string&) override {}
        void progress(const TrainProgress& progress) override {
          if (progress.epoch == 2 && progress.step == progress.steps) end = count->count();
        }
        void epoch_done(const TrainProgress& progress, const NamedNumbers&) override {
          if (progress.epoch == 1) count.emplace();
        }
        std::optional<test::AllocationCount> count;
        long end = 0;
      };
      ScratchFolder scratch;
      StreamsTraining training(scratch.path());
      training.data = test::labelled_data(samples, samples / 2);
      training.trainer.options.epochs = 2;
      Model model(training.setup);
      compile_training(model, training.data, training.trainer.options.batch);
      TrainingState state;
      Counter counter;
      std::atomic<bool> stop{false};
      train(model, training.data, training.folder, training.trainer, state, counter, stop);
      counter.count.reset();
      return counter.end;
    };
    const long few = allocations(80), many = allocations(8000);
    CAPTURE(few);
    CAPTURE(many);
    CHECK(many - few < 10);  // of 990 batches more
  }

  TEST_CASE("a first step that fails is said to come before everything of its batch") {
    ScratchFolder scratch;
    StreamsTraining training(scratch.path());
    Tensor samples = test::uniform({30, 5}, 1);
    samples.floats()[3] = std::numeric_limits<float>::quiet_NaN();
    training.data.splits["train"] = std::make_shared<MemorySource>(
        samples, training.data.train().labels(), std::make_shared<FittedScaling>());
    training.trainer.options.batch = 30;
    const std::string message = divergence(training);
    CAPTURE(message);
    CHECK(message.find("The parameters are those before this step; they") != message.npos);
    CHECK(training.state.passed == 0);
  }

  TEST_CASE("a checkpoint from beyond the end of a batch is refused") {
    ScratchFolder scratch;
    StreamsTraining training(scratch.path());
    training.trainer.options.epochs = 1;
    training.run();
    training.trainer.options.epochs = 2;
    training.state.passed = 3;
    write_checkpoint(training.folder.last(), *training.model, training.trainer.identity,
                     training.state);
    CHECK_THROWS_WITH_AS(
        training.run(),
        (training.folder.last().string() + ": has done 3 train steps of a batch, which has 3")
            .c_str(),
        DataError);
  }
}

}  // namespace hourglass
