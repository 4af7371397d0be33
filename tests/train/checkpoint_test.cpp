#include <hourglass/core/error.hpp>
#include <hourglass/storage/h5_file.hpp>
#include <hourglass/train/checkpoint.hpp>

#include <doctest/doctest.h>
#include <data/files.hpp>
#include <support/models.hpp>
#include <support/scratch_folder.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace hourglass {

namespace {

namespace fs = std::filesystem;
using test::uniform;
using testing::read_all;
using Texts = std::vector<std::string>;

constexpr const char* kNet =
    "{encoder: [{dense: 6, activation: relu}, {dense: 4, activation: relu}], latent: 3}";
const CheckpointIdentity kIdentity{"vanilla", "1.0.0", "name: made\n"};

std::unique_ptr<Model> made(const std::string& options = kNet, std::uint64_t seed = 1) {
  ModelSetup setup = test::vanilla(options, {5});
  setup.optimizer = AdamOptions();
  setup.seed = seed;
  auto model = std::make_unique<Model>(std::move(setup));
  model->train(8);
  return model;
}

/// A model after three steps.
std::unique_ptr<Model> trained() {
  auto model = made();
  for (int i = 0; i < 3; ++i) test::step(*model, uniform({8, 5}, 1), i);
  return model;
}

TrainingState state() {
  TrainingState state;
  state.epoch = 4;
  state.step = 103;
  state.batch = 3;
  state.counts = {103};
  state.sums = {12.345678901234567};
  state.samples = 24;
  state.best = 0.1;
  state.best_epoch = 2;
  state.stale = 2;
  return state;
}

/// A checkpoint of a trained model, with something changed in it.
fs::path changed(const ScratchFolder& scratch,
                 const std::function<void(hdf5::Writer&, const hdf5::Reader&)>& change,
                 const std::string& left_out) {
  const fs::path good = scratch / "good.h5", bad = scratch / "bad.h5";
  write_checkpoint(good, *trained(), kIdentity, state());
  const hdf5::Reader from(good);
  hdf5::Writer to(bad);
  for (const hdf5::Entry& entry : hdf5::contents(good)) {
    if (!left_out.empty() && entry.path.starts_with(left_out)) continue;
    if (entry.kind == hdf5::Entry::Kind::Group && !entry.path.empty()) to.create_group(entry.path);
    if (entry.kind == hdf5::Entry::Kind::Dataset) to.write(entry.path, from.read(entry.path));
    for (const auto& [name, value] : entry.attributes) to.set_attribute(entry.path, name, value);
  }
  change(to, from);
  to.commit();
  return bad;
}

void check_message(const fs::path& file, const char* message) {
  const auto model = made();
  Texts notes;
  CHECK_THROWS_WITH_AS(read_training(file, *model, notes), (file.string() + message).c_str(),
                       DataError);
}

void nothing(hdf5::Writer&, const hdf5::Reader&) {}

}  // namespace

TEST_SUITE("train/checkpoint") {
  TEST_CASE("a checkpoint has the layout that the contract promises") {
    ScratchFolder scratch;
    const auto model = trained();
    write_checkpoint(scratch / "a.h5", *model, kIdentity, state());
    const hdf5::Reader file(scratch / "a.h5");
    CHECK(file.text_attribute("", "format") == "hourglass-checkpoint");
    CHECK(file.integer_attribute("", "format_version") == 1);
    CHECK(file.text_attribute("", "variant") == "vanilla");
    CHECK(file.text_attribute("", "variant_version") == "1.0.0");
    CHECK(file.text_attribute("", "experiment") == "name: made\n");
    CHECK(file.integer_attribute("", "epoch") == 4);
    CHECK(file.integer_attribute("", "step") == 103);
    CHECK(file.list() == Texts{"optimizer", "parameters", "state", "variables"});
    CHECK(file.list("parameters") ==
          Texts{"code.bias", "code.weight", "decoder.0.bias", "decoder.0.weight", "decoder.1.bias",
                "decoder.1.weight", "decoder.2.bias", "decoder.2.weight", "encoder.0.bias",
                "encoder.0.weight", "encoder.1.bias", "encoder.1.weight"});
    CHECK(file.list("optimizer") == Texts{"reconstruction"});
    CHECK(file.list("optimizer/reconstruction") == file.list("parameters"));
    CHECK(file.list("optimizer/reconstruction/code.weight") == Texts{"m", "v"});
    CHECK(file.list("variables").empty());
    CHECK(file.shape("parameters/encoder.0.weight") == Shape{6, 5});  // [out, in]
    CHECK(file.shape("parameters/decoder.2.weight") == Shape{5, 6});
    CHECK(file.dtype("parameters/encoder.0.weight") == DType::F32);
    CHECK(file.shape("optimizer/reconstruction/encoder.0.weight/m") == Shape{6, 5});

    const CheckpointHeader header = read_checkpoint_header(scratch / "a.h5");
    CHECK(header.identity.experiment == "name: made\n");
    CHECK(header.epoch == 4);
    CHECK(header.step == 103);
  }

  TEST_CASE("weights from the file give the same reconstructions in plain loops") {
    ScratchFolder scratch;
    const auto model = trained();
    write_checkpoint(scratch / "a.h5", *model, kIdentity, state());
    const Tensor x = uniform({7, 5}, 9);
    const std::vector<float> y = test::reconstructions(*model, x);
    const hdf5::Reader file(scratch / "a.h5");
    for (int sample = 0; sample < 7; ++sample) {
      std::vector<double> value(x.floats().begin() + sample * 5,
                                x.floats().begin() + sample * 5 + 5);
      for (const char* layer :
           {"encoder.0", "encoder.1", "code", "decoder.0", "decoder.1", "decoder.2"}) {
        const Tensor weight = file.read(text("parameters/", layer, ".weight"));
        const Tensor bias = file.read(text("parameters/", layer, ".bias"));
        std::vector<double> next;
        for (std::int64_t o = 0; o < weight.shape()[0]; ++o) {
          double sum = bias.floats()[o];
          for (std::size_t i = 0; i < value.size(); ++i) {
            sum += value[i] * weight.floats()[o * value.size() + i];
          }
          const bool linear = layer == std::string("code") || layer == std::string("decoder.2");
          next.push_back(linear ? sum : std::max(sum, 0.0));
        }
        value = next;
      }
      for (int k = 0; k < 5; ++k) {
        CHECK(y[sample * 5 + k] == doctest::Approx(value[k]).epsilon(1e-5));
      }
    }
  }

  TEST_CASE("what is written comes back bit for bit, and training goes on as if nothing had been") {
    ScratchFolder scratch;
    const auto model = trained();
    write_checkpoint(scratch / "a.h5", *model, kIdentity, state());
    const auto other = made(kNet, 7);
    Texts notes;
    const TrainingState back = read_training(scratch / "a.h5", *other, notes);
    CHECK(notes.empty());
    CHECK(back.epoch == 4);
    CHECK(back.step == 103);
    CHECK(back.batch == 3);
    CHECK(back.samples == 24);
    CHECK(back.counts == std::vector<std::int64_t>{103});
    CHECK(back.sums == std::vector{12.345678901234567});
    CHECK(back.best == 0.1);
    CHECK(back.best_epoch == 2);
    CHECK(back.stale == 2);
    for (const auto& variable : model->variables().all()) {
      CAPTURE(variable->path());
      CHECK(test::values(*model, variable->path()) == test::values(*other, variable->path()));
    }
    const Tensor x = uniform({8, 5}, 2);
    CHECK(test::step(*model, x, 3) == test::step(*other, x, 3));
    CHECK(test::step(*model, x, 4) == test::step(*other, x, 4));
    CHECK(test::values(*model, "code.weight") == test::values(*other, "code.weight"));
  }

  TEST_CASE("equal states give equal files, and other states do not") {
    ScratchFolder scratch;
    write_checkpoint(scratch / "a.h5", *trained(), kIdentity, state());
    write_checkpoint(scratch / "b.h5", *trained(), kIdentity, state());
    CHECK(read_all(scratch / "a.h5") == read_all(scratch / "b.h5"));
    TrainingState later = state();
    ++later.stale;
    write_checkpoint(scratch / "b.h5", *trained(), kIdentity, later);
    CHECK(read_all(scratch / "a.h5") != read_all(scratch / "b.h5"));
    CHECK(scratch.count() == 2);
  }

  TEST_CASE("weights alone need no moments") {
    ScratchFolder scratch;
    const auto model = trained();
    const fs::path bare = changed(scratch, nothing, "optimizer/reconstruction");
    const auto other = made(kNet, 7);
    read_weights(bare, *other);
    CHECK(test::values(*other, "decoder.1.weight") == test::values(*model, "decoder.1.weight"));
    check_message(bare,
                  ": has no dataset \"optimizer/reconstruction/encoder.0.weight/m\", which the "
                  "model needs");
  }

  TEST_CASE("files that are no checkpoints, damaged, or from the future are told apart") {
    ScratchFolder scratch;
    check_message(changed(
                      scratch,
                      [](auto& file, auto&) {
                        file.set_attribute("", "format", std::string("hourglass-latents"));
                      },
                      ""),
                  ": is not a checkpoint (its attribute \"format\" is not "
                  "\"hourglass-checkpoint\")");
    check_message(
        changed(
            scratch,
            [](auto& file, auto&) { file.set_attribute("", "format_version", std::int64_t{2}); },
            ""),
        ": has format version 2, this program reads 1 to 1; use a newer Hourglass");
    check_message(changed(scratch, nothing, "parameters/code.bias"),
                  ": has no dataset \"parameters/code.bias\", which the model needs");
    check_message(
        changed(
            scratch,
            [](auto& file, auto&) {
              file.write("parameters/code.weight", Tensor({3, 5}));
            },
            "parameters/code.weight"),
        ": dataset \"parameters/code.weight\" has shape [3, 5], the model expects [3, 4]");
    check_message(changed(
                      scratch,
                      [](auto& file, auto&) {
                        file.write("parameters/code.weight", Tensor({3, 4}, DType::F64));
                      },
                      "parameters/code.weight"),
                  ": dataset \"parameters/code.weight\" holds f64, the model expects f32");
    check_message(
        changed(
            scratch, [](auto& file, auto&) { file.set_attribute("", "epoch", std::int64_t{-1}); },
            ""),
        ": its counts are negative");
    check_message(changed(
                      scratch,
                      [](auto& file, auto&) {
                        file.write("state/sums", Tensor({2, 2}));
                      },
                      "state/sums"),
                  ": dataset \"state/sums\" should be a list of f64");

    const std::string whole = read_all(scratch / "good.h5");
    const auto model = made();
    Texts notes;
    for (std::size_t length :
         {std::size_t{0}, std::size_t{100}, whole.size() / 2, whole.size() - 200}) {
      CAPTURE(length);
      scratch.put("cut.h5", whole.substr(0, length));
      CHECK_THROWS_AS(read_training(scratch / "cut.h5", *model, notes), DataError);
      CHECK_THROWS_AS(read_checkpoint_header(scratch / "cut.h5"), DataError);
    }
    std::string flipped = whole;
    flipped[whole.size() / 2] ^= 1;
    scratch.put("flipped.h5", flipped);
    CHECK_THROWS_AS(read_training(scratch / "flipped.h5", *model, notes), DataError);
    CHECK_THROWS_AS(read_training(scratch / "missing.h5", *model, notes), DataError);
  }

  TEST_CASE("a checkpoint from other code is read, with a note") {
    ScratchFolder scratch;
    const fs::path file = changed(
        scratch,
        [](auto& out, auto&) { out.set_attribute("", "implementations", std::string("abacus")); },
        "");
    Texts notes;
    read_training(file, *made(), notes);
    REQUIRE(notes.size() == 1);
    CHECK(
        notes[0].starts_with("the checkpoint was written by other code, so results may differ "
                             "in the last bits: it had abacus; here it is "));
  }

  TEST_CASE("a warm start takes what agrees and leaves the rest") {
    ScratchFolder scratch;
    const auto model = trained();
    write_checkpoint(scratch / "a.h5", *model, kIdentity, state());
    const auto other = made(
        "{encoder: [{dense: 6, activation: relu}, {dense: 4}], latent: 3, decoder: [{dense: 4}, "
        "{dense: 6}, {dense: 5}]}",
        7);
    const auto untouched = test::values(*other, "decoder.3.weight");
    CHECK(initialise_from(scratch / "a.h5", *other) == 12);
    CHECK(test::values(*other, "encoder.1.weight") == test::values(*model, "encoder.1.weight"));
    CHECK(test::values(*other, "decoder.3.weight") == untouched);
    for (const float each : test::values(*other, "optimizer/reconstruction/code.weight/m")) {
      CHECK(each == 0);
    }

    const auto wide = made("{encoder: [{dense: 6}, {dense: 7}], latent: 3}");
    CHECK_THROWS_WITH_AS(initialise_from(scratch / "a.h5", *wide),
                         ((scratch / "a.h5").string() +
                          ": dataset \"parameters/encoder.1.weight\" has shape [4, 6], the model "
                          "expects [7, 6]")
                             .c_str(),
                         DataError);
    CHECK_THROWS_WITH_AS(initialise_from(changed(scratch, nothing, "parameters/"), *made()),
                         ((scratch / "bad.h5").string() +
                          ": has no parameter that this model has; its variant is vanilla")
                             .c_str(),
                         DataError);
  }
}

}  // namespace hourglass
