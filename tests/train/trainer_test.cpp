#include <hourglass/core/error.hpp>
#include <hourglass/data/loader.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <doctest/doctest.h>
#include <support/streams_training.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace hourglass {

namespace {

namespace fs = std::filesystem;
using test::divergence;
using test::source_of;
using test::Training;
using test::uniform;

std::int64_t epoch_of(const fs::path& checkpoint) {
  return read_checkpoint_header(checkpoint).epoch;
}

template <class Options>
OptimizerOptions at_rate(double rate) {
  Options options;
  options.learning_rate = rate;
  return options;
}

std::vector<std::string> checkpoints_of(const Training& training) {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(training.folder.checkpoints())) {
    names.push_back(entry.path().filename().string());
  }
  std::ranges::sort(names);
  return names;
}

/// The epoch, counted from 1, in which a column is least.
std::int64_t best_epoch(const Training& training, const char* column) {
  const std::vector<double> values = training.metrics().values(column);
  return std::ranges::min_element(values) - values.begin() + 1;
}

}  // namespace

TEST_SUITE("train/trainer") {
  TEST_CASE("an epoch is a row of metrics and of timing, with every split that there is") {
    ScratchFolder scratch;
    Training training(scratch.path());
    training.data.splits["validation"] = source_of(uniform({7, 5}, 2));
    training.data.splits["test"] = source_of(uniform({9, 5}, 3));
    CHECK(training.run() == TrainEnd::Completed);
    const csv::Table metrics = training.metrics();
    CHECK(metrics.columns ==
          std::vector<std::string>{"epoch", "step", "train/loss", "validation/loss", "test/loss"});
    CHECK(metrics.values("epoch") == std::vector<double>{1, 2, 3});
    CHECK(metrics.values("step") == std::vector<double>{4, 8, 12});
    CHECK(metrics.rows[2][4] == training.model->evaluate(*training.data.find("test"), 2)[0].second);
    REQUIRE(training.rows.size() == 3);
    CHECK(training.rows[1][0].second == metrics.rows[1][2]);
    const csv::Table timing = csv::read(training.folder.timing());
    REQUIRE(timing.rows.size() == 3);
    for (const auto& row : timing.rows) CHECK(row[1] * row[2] == doctest::Approx(30));
    CHECK(training.state.step == 12);
    CHECK(training.state.epoch == 3);
  }

  TEST_CASE("the training loss is the mean over all samples, the small last batch included") {
    ScratchFolder scratch;
    Training training(scratch.path());
    training.setup = test::vanilla("{latent: 3}", {5});
    training.setup.optimizer = at_rate<SgdOptions>(0);
    CHECK(training.run() == TrainEnd::Completed);
    const double loss = training.model->evaluate(training.data.train(), 0)[0].second;
    for (const double each : training.metrics().values("train/loss")) {
      CHECK(each == doctest::Approx(loss).epsilon(1e-6));
    }
  }

  TEST_CASE("training lowers the loss") {
    ScratchFolder scratch;
    Training training(scratch.path());
    training.setup.optimizer = at_rate<AdamOptions>(0.01);
    training.trainer.options.epochs = 40;
    training.run();
    const std::vector<double> losses = training.metrics().values("train/loss");
    CHECK(losses.back() < 0.7 * losses.front());
  }

  TEST_CASE("last and best are kept, and as many of the others as were asked for") {
    ScratchFolder scratch;
    Training training(scratch.path());
    training.trainer.options.epochs = 7;
    training.trainer.options.checkpoint = {.every = 2, .keep = 2};
    training.run();
    CHECK(checkpoints_of(training) ==
          std::vector<std::string>{"best.h5", "epoch-0004.h5", "epoch-0006.h5", "last.h5"});
    CHECK(epoch_of(training.folder.epoch(4)) == 4);
    CHECK(epoch_of(training.folder.epoch(6)) == 6);
    CHECK(epoch_of(training.folder.last()) == 7);

    ScratchFolder other;
    Training none(other.path());
    none.trainer.options.checkpoint.keep = 0;
    none.run();
    CHECK(checkpoints_of(none) == std::vector<std::string>{"best.h5", "last.h5"});
  }

  TEST_CASE("the best epoch is chosen by the validation loss, or else by the training loss") {
    ScratchFolder scratch;
    Training training(scratch.path());
    training.trainer.options.epochs = 8;
    training.setup.optimizer = at_rate<AdamOptions>(0.01);
    Tensor low = uniform({30, 5}, 1, 0, 0.2f), high = uniform({20, 5}, 2, -0.2f, 0);
    training.data = test::data_of(
        {{"train", source_of(low)}, {"validation", source_of(high)}, {"test", source_of(low)}});
    training.run();
    CHECK(best_epoch(training, "validation/loss") < 8);
    CHECK(best_epoch(training, "train/loss") > best_epoch(training, "validation/loss"));
    CHECK(epoch_of(training.folder.best()) == best_epoch(training, "validation/loss"));
    CHECK(training.state.best_epoch == best_epoch(training, "validation/loss"));

    ScratchFolder other;
    Training without(other.path());
    without.setup.optimizer = at_rate<SgdOptions>(0.3);  // restless: not best at the end
    without.trainer.options.epochs = 10;
    without.data.splits["test"] = source_of(high);
    without.run();
    CHECK(epoch_of(without.folder.best()) == best_epoch(without, "train/loss"));
  }

  TEST_CASE("a first loss that is not a number does not stay the best") {
    class Once final : public Source {
     public:
      std::int64_t size() const override { return 4; }
      const Shape& sample_shape() const override { return shape_; }
      void read(std::span<const std::uint32_t> indices, float* out) const override {
        std::fill_n(out, indices.size() * 5, calls_++ == 0 ? std::nanf("") : 0.5f);
      }

     private:
      Shape shape_{5};
      mutable int calls_ = 0;
    };
    ScratchFolder scratch;
    Training training(scratch.path());
    training.data.splits["validation"] = std::make_shared<Once>();
    training.run();
    CHECK(std::isnan(training.metrics().values("validation/loss")[0]));
    CHECK(training.state.best_epoch > 1);
    CHECK(std::isfinite(training.state.best));
  }

  TEST_CASE("training ends early when patience does, and stays ended") {
    ScratchFolder scratch;
    Training training(scratch.path());
    training.setup = test::vanilla("{latent: 3}", {5});
    training.setup.optimizer = at_rate<SgdOptions>(0);
    training.data.splits["validation"] = source_of(uniform({7, 5}, 2));
    training.trainer.options.epochs = 9;
    training.trainer.options.early_stopping = EarlyStoppingOptions{.patience = 2, .min_delta = 0};
    CHECK(training.run() == TrainEnd::Completed);
    CHECK(training.state.epoch == 3);  // the first is the best; two more change nothing
    CHECK(training.run() == TrainEnd::Completed);
    CHECK(training.metrics().rows.size() == 3);

    ScratchFolder other;  // better and better, but by less than what counts
    Training slow(other.path());
    slow.setup.optimizer = at_rate<SgdOptions>(1e-4);
    slow.data.splits["validation"] = source_of(uniform({7, 5}, 2));
    slow.trainer.options.epochs = 9;
    slow.trainer.options.early_stopping = EarlyStoppingOptions{.patience = 3, .min_delta = 1};
    slow.run();
    CHECK(slow.state.epoch == 4);
    CHECK(slow.state.best_epoch == 4);
  }

  TEST_CASE("improvements that are too small alone count together") {
    const auto prepare = [](Training& training) {
      training.setup.optimizer = at_rate<SgdOptions>(1e-4);
      training.data.splits["validation"] = source_of(uniform({7, 5}, 2));
      training.trainer.options.epochs = 7;
    };
    ScratchFolder whole, scratch;
    Training free(whole.path()), patient(scratch.path());
    prepare(free);
    free.run();
    const std::vector<double> losses = free.metrics().values("validation/loss");
    double least = 1e9, most = 0;
    for (std::size_t i = 1; i < losses.size(); ++i) {
      least = std::min(least, losses[i - 1] - losses[i]);
      most = std::max(most, losses[i - 1] - losses[i]);
    }
    REQUIRE(2 * least > 1.5 * most);  // no epoch's gain counts, but those of two epochs do
    prepare(patient);
    patient.trainer.options.early_stopping =
        EarlyStoppingOptions{.patience = 2, .min_delta = 1.5 * most};
    CHECK(patient.run(true) == TrainEnd::Interrupted);
    while (patient.run(true) == TrainEnd::Interrupted) continue;  // it is part of the state
    CHECK(patient.state.epoch == 7);
    CHECK(patient.state.best_epoch == 7);
    CHECK(patient.state.stale == 0);
    CHECK(patient.state.reference == losses.back());
  }

  TEST_CASE("a loss that is not finite leaves the state before its step, and says where") {
    ScratchFolder scratch;
    Training training(scratch.path());
    training.setup = test::vanilla("{encoder: [{dense: 4, activation: relu}], latent: 3}", {5});
    training.setup.optimizer = at_rate<SgdOptions>(1e30);
    const std::string message = divergence(training);
    CAPTURE(message);
    for (const char* part :
         {"epoch 1, step 2: the loss of \"reconstruction\" is ", "[8, ",
          "The parameters are those before this step; they are kept in ", "checkpoints/last.h5"}) {
      CHECK(message.find(part) != message.npos);
    }
    CHECK_FALSE(fs::exists(training.folder.metrics()));
    CHECK(read_checkpoint_header(training.folder.last()).step == 1);

    // One step by hand, on the first batch of the first epoch.
    Model model(training.setup);
    Loader loader(training.data.train(), {.batch = 8, .seed = training.trainer.seed});
    Tensor first({8, 5});
    std::copy_n(loader.next().samples, 40, first.floats().begin());
    test::step(model, first);
    const hdf5::Reader file(training.folder.last());
    for (const std::string& path : test::parameter_paths(model)) {
      CAPTURE(path);
      const Tensor kept = file.read("parameters/" + path);
      CHECK(std::vector<float>(kept.floats().begin(), kept.floats().end()) ==
            test::values(model, path));
    }
  }

  TEST_CASE("a bad value in the data is named, and nothing has moved") {
    ScratchFolder scratch;
    Training training(scratch.path());
    Tensor samples = uniform({30, 5}, 1);
    samples.floats()[17] = std::numeric_limits<float>::quiet_NaN();
    training.data = test::data_of({{"train", source_of(samples)}});
    training.trainer.options.batch = 30;
    const std::string message = divergence(training);
    CAPTURE(message);
    CHECK(message.find("epoch 1, step 1: the loss of \"reconstruction\" is nan; ") != message.npos);
    CHECK(message.find("input") != message.npos);
    Model fresh(training.setup);
    for (const std::string& path : test::parameter_paths(fresh)) {
      CHECK(test::values(fresh, path) == test::values(*training.model, path));
    }
    const hdf5::Reader file(training.folder.last());
    const Tensor moment = file.read("optimizer/reconstruction/code.weight/m");
    CHECK(std::ranges::count(moment.floats(), 0.0f) == moment.size());
  }

  TEST_CASE("the state is kept even where the bad tensor cannot be looked for") {
    static bool reading = false;
    class Once final : public Variant {
     public:
      struct Options {};
      static void describe(Schema<Options>&) {}
      void build(ModelBuilder& model, const Options&) {
        if (reading) throw Error("there is no room for it");
        const Value code = model.latent(model.dense("code", model.input(), 2));
        const Value y = model.dense("out", code, 5);
        model.reconstruction(y);
        model.train_step("first").minimise(sum(squared_error(y, model.target()), {1}));
      }
    };
    class Spoiling final : public Source {
     public:
      std::int64_t size() const override { return 24; }
      const Shape& sample_shape() const override { return shape_; }
      void read(std::span<const std::uint32_t> indices, float* out) const override {
        std::fill_n(out, indices.size() * 5, reading ? std::nanf("") : 0.5f);
        reading = true;
      }

     private:
      Shape shape_{5};
    };
    reading = false;
    ScratchFolder scratch;
    Training training(scratch.path());
    training.setup = test::setup_of<Once>("{}");
    training.data = test::data_of({{"train", std::make_shared<Spoiling>()}});
    const std::string message = divergence(training);
    reading = false;
    CAPTURE(message);
    CHECK(
        message.starts_with("epoch 1, step 2: the loss of \"first\" is nan; which tensor could not "
                            "be found: there is no room for it. The parameters are those before "
                            "this step; they are kept in "));
    CHECK(read_checkpoint_header(training.folder.last()).step == 1);
  }

  TEST_CASE("a finite loss with an update that is not is met, and the state before it kept") {
    // A sample whose squares are finite, and whose gradients' squares are not, in the third batch
    // of the first epoch; or with a state that was resumed from.
    const auto prepare = [](Training& training) {
      training.trainer.options.epochs = 2;
      Loader loader(training.data.train(), {.batch = 8, .seed = training.trainer.seed});
      for (int i = 0; i < 2; ++i) loader.next();
      Tensor samples = uniform({30, 5}, 1);
      samples.floats()[loader.next().indices[3] * 5] = 3e18f;
      training.data = test::data_of({{"train", source_of(samples)}});
    };
    ScratchFolder whole, broken;
    Training unbroken(whole.path()), stopped(broken.path());
    prepare(unbroken);
    prepare(stopped);
    const std::string message = divergence(unbroken);
    CAPTURE(message);
    CHECK(message.starts_with("epoch 1, step 3: the loss of \"reconstruction\" is "));
    for (const char* part :
         {", but the update of \"", "\" is not finite; ", ": the output of ", " is inf at [",
          "The parameters are those before this step; they are kept in ", "checkpoints/last.h5"}) {
      CHECK(message.find(part) != message.npos);
    }
    CHECK(
        unbroken.warnings ==
        std::vector<std::string>{"repeating 2 steps from the last checkpoint, to the state before "
                                 "the one that went wrong"});
    CHECK(read_checkpoint_header(unbroken.folder.last()).step == 2);
    CHECK(unbroken.state.step == 2);
    for (const auto& variable : unbroken.model->variables().all()) CHECK(variable->is_finite());

    // Stopped after each step, the same: what is kept is what that checkpoint held.
    for (int i = 0; i < 2; ++i) REQUIRE(stopped.run(true) == TrainEnd::Interrupted);
    const auto kept = test::contents_of(broken.path());
    CHECK(divergence(stopped).find("epoch 1, step 3: ") == 0);
    CHECK(stopped.warnings.empty());
    CHECK(test::differing(test::contents_of(broken.path()), kept) == "");
    CHECK(test::differing(test::contents_of(whole.path()), kept) == "");
  }

  TEST_CASE("a weight that is not finite stops training before it moves anything") {
    ScratchFolder scratch;
    Training training(scratch.path());
    training.trainer.options.epochs = 1;
    training.run();
    Variable& weight = *training.model->variables().find("encoder.0.weight");
    Tensor spoilt = weight.read();
    spoilt.floats()[3] = std::nanf("");
    weight.write(spoilt);
    write_checkpoint(training.folder.last(), *training.model, training.trainer.identity,
                     training.state);
    training.trainer.options.epochs = 2;
    const std::string message = divergence(training);
    CAPTURE(message);
    CHECK(message.starts_with("epoch 2, step 5: the loss of \"reconstruction\" is "));
    CHECK(message.find("the variable \"encoder.0.weight\", [6, 5], is nan at [0, 3]") !=
          message.npos);
    CHECK(read_checkpoint_header(training.folder.last()).step == 4);
  }

  TEST_CASE("a loss of another split that is not finite is a warning and stands in the metrics") {
    ScratchFolder scratch;
    Training training(scratch.path());
    Tensor bad = uniform({7, 5}, 2);
    bad.floats()[3] = 1e25f;
    training.data.splits["validation"] = source_of(bad.clone());
    bad.floats()[3] = std::nanf("");
    training.data.splits["test"] = source_of(bad.clone());
    training.trainer.options.epochs = 1;
    CHECK(training.run() == TrainEnd::Completed);
    CHECK(
        training.warnings ==
        std::vector<std::string>{
            "epoch 1: not finite: validation/loss; metrics.csv has it so, and training, whose own "
            "loss is finite, goes on",
            "epoch 1: not finite: test/loss; metrics.csv has it so, and training, whose own loss "
            "is finite, goes on"});
    const std::string metrics = testing::read_all(training.folder.metrics());
    CAPTURE(metrics);
    CHECK(metrics.ends_with(",inf,nan\n"));
  }

  TEST_CASE("stopped after every single batch, a training comes to the same bytes") {
    const auto prepare = [](Training& training) {
      training.data.splits["validation"] = source_of(uniform({7, 5}, 2));
      training.setup.optimizer = at_rate<AdamOptions>(0.01);
      training.setup.clip = ClipByNorm();
    };
    ScratchFolder whole, broken;
    Training unbroken(whole.path()), stopped(broken.path());
    prepare(unbroken);
    prepare(stopped);
    CHECK(unbroken.run() == TrainEnd::Completed);
    int runs = 1;
    while (stopped.run(true) == TrainEnd::Interrupted) {
      ++runs;
      REQUIRE(runs < 20);
      if (runs == 3) {  // in the middle of the first epoch
        CHECK(stopped.state.batch == 2);
        CHECK(stopped.state.samples == 16);
        CHECK(stopped.state.sums[0] > 0);
      }
    }
    CHECK(runs == 12);
    CHECK(test::differing(test::contents_of(whole.path()), test::contents_of(broken.path())) == "");
  }

  TEST_CASE("every optimiser goes on from a checkpoint as if nothing had been") {
    RmsPropOptions rmsprop;
    rmsprop.momentum = 0.5;
    SgdOptions nesterov;
    nesterov.momentum = 0.9;
    nesterov.nesterov = true;
    nesterov.learning_rate = Schedule::cosine(0.02, 0, 2, Schedule::Unit::Epochs).warmed_up(1);
    for (const OptimizerOptions& optimizer : std::vector<OptimizerOptions>{
             SgdOptions(), nesterov, rmsprop, AdamOptions(), AdamWOptions()}) {
      CAPTURE(optimizer.index());
      const auto result = [&](bool broken) {
        ScratchFolder scratch;
        Training training(scratch.path());
        training.setup.optimizer = optimizer;
        training.setup.steps_per_epoch = 4;
        training.trainer.options.epochs = 2;
        while (training.run(broken) == TrainEnd::Interrupted) {
        }
        return test::contents_of(scratch.path());
      };
      CHECK(test::differing(result(false), result(true)) == "");
    }
  }

  TEST_CASE("more epochs later are the same as from the start") {
    ScratchFolder once, twice;
    Training whole(once.path()), grown(twice.path());
    whole.trainer.options.epochs = 5;
    whole.run();
    grown.run();
    grown.trainer.options.epochs = 5;
    grown.run();
    CHECK(test::differing(test::contents_of(once.path()), test::contents_of(twice.path())) == "");
  }

  TEST_CASE("fewer samples than a batch are one batch") {
    ScratchFolder scratch;
    Training training(scratch.path());
    training.trainer.options.batch = 100;
    training.run();
    CHECK(training.state.step == 3);
  }

  TEST_CASE("pictures are drawn after the first epoch, and not after the last") {
    ScratchFolder scratch;
    Training training(scratch.path());
    int drawn = 0;
    training.trainer.redraw = [&] { ++drawn; };
    training.run();
    CHECK(drawn == 1);
    ScratchFolder other;
    Training single(other.path());
    single.trainer.options.epochs = 1;
    single.trainer.redraw = [&] { ++drawn; };
    single.run();
    CHECK(drawn == 1);
  }

  TEST_CASE("a checkpoint from beyond the end of an epoch is refused") {
    ScratchFolder scratch;
    Training training(scratch.path());
    training.run();
    training.state.epoch = 1;
    training.state.batch = 5;  // of four
    write_checkpoint(training.folder.last(), *training.model, training.trainer.identity,
                     training.state);
    CHECK_THROWS_WITH_AS(
        training.run(),
        (training.folder.last().string() + ": has done 5 batches of an epoch, which has 4").c_str(),
        DataError);
  }
}

}  // namespace hourglass
