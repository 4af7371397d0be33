#include <hourglass/core/error.hpp>
#include <hourglass/data/data_form.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <doctest/doctest.h>
#include <support/places.hpp>
#include <support/runs.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

namespace hourglass {

namespace {

namespace fs = std::filesystem;
using test::Bench;

std::vector<float> read_floats(const fs::path& file, const char* dataset) {
  const Tensor tensor = hdf5::Reader(file).read(dataset);
  return {tensor.floats().begin(), tensor.floats().end()};
}

/// The rows of the data file of which a split consists, as a file of their own.
fs::path split_file(const Bench& bench, const Tensor& all, const std::string& split) {
  const Tensor index = hdf5::Reader(bench.at("a/latents.h5")).read(split + "/index");
  const std::int64_t size = all.size() / all.shape()[0];
  std::vector<float> rows;
  for (const std::uint32_t row : index.values<std::uint32_t>()) {
    rows.insert(rows.end(), all.floats().begin() + row * size,
                all.floats().begin() + (row + 1) * size);
  }
  return bench.scratch.put(
      "split.npy",
      testing::npy("<f4", text("(", index.size(), ", ", size, ")"), testing::raw(rows)));
}

}  // namespace

TEST_SUITE("experiment/trained") {
  TEST_CASE("encoded samples have the codes of the run's own latents") {
    Bench bench;
    bench.run("a", false, {"train.epochs=1"});
    const Surroundings surroundings{test::plugins(), {}};
    const fs::path input = split_file(bench, test::uniform({60, 5}, 1), "test");
    for (const char* trained : {"a", "a/checkpoints/last.h5"}) {
      CAPTURE(trained);
      Trained opened = open_trained(bench.at(trained), surroundings);
      std::vector<std::string> notes;
      CHECK(write_codes(opened, input.string(), bench.at("codes.h5"), surroundings, notes) == 12);
      CHECK(read_floats(bench.at("codes.h5"), "codes") ==
            read_floats(bench.at("a/latents.h5"), "test/codes"));
      CHECK(hdf5::Reader(bench.at("codes.h5")).shape("codes") == Shape{12, 2});
    }
  }

  TEST_CASE("the best weights are used where the experiment says so") {
    Bench bench;
    bench.write(
        "train: {optimizer: {sgd: {learning_rate: 0.1, momentum: 0.9}}}\nevaluate_weights: best\n");
    bench.run("a", false, {"train.epochs=6"});
    REQUIRE(read_checkpoint_header(bench.at("a/checkpoints/best.h5")).epoch < 6);
    const Surroundings surroundings{test::plugins(), {}};
    const fs::path input = split_file(bench, test::uniform({60, 5}, 1), "test");
    Trained opened = open_trained(bench.at("a"), surroundings);
    std::vector<std::string> notes;
    write_codes(opened, input.string(), bench.at("codes.h5"), surroundings, notes);
    CHECK(read_floats(bench.at("codes.h5"), "codes") ==
          read_floats(bench.at("a/latents.h5"), "test/codes"));
  }

  TEST_CASE("scale and offset lead from reconstructions back to the file's values") {
    for (const char* scaling : {"standardise", "unit", "none"}) {
      CAPTURE(scaling);
      Bench bench;
      // A linear network as wide as the data, set to reconstruct exactly.
      Tensor samples = test::uniform({60, 3}, 5, -40, 90);
      for (int i = 0; i < 60; ++i) samples.floats()[i * 3] *= 10;
      const auto values = samples.floats();
      bench.scratch.put(
          "data.npy",
          testing::npy("<f4", "(60, 3)", testing::raw<float>({values.begin(), values.end()})));
      bench.run("a", false,
                {"model={latent: 3}", "train.epochs=1", text("dataset.scaling=", scaling)});
      const Surroundings surroundings{test::plugins(), {}};
      Trained opened = open_trained(bench.at("a"), surroundings);
      Tensor identity({3, 3});
      for (int i = 0; i < 3; ++i) identity.floats()[i * 4] = 1;
      for (const char* layer : {"code", "decoder.0"}) {
        opened.model->variables().find(text(layer, ".weight"))->write(identity);
        opened.model->variables().find(text(layer, ".bias"))->write(Tensor({3}));
      }
      std::vector<std::string> notes;
      write_reconstructions(opened, bench.at("data.npy").string(), bench.at("y.h5"), surroundings,
                            notes);
      const hdf5::Reader file(bench.at("y.h5"));
      CHECK(file.shape("reconstructions") == Shape{60, 3});
      const auto numbers = [&](const char* name) -> std::vector<double> {
        const hdf5::Value value = file.attribute("reconstructions", name);
        if (const auto* list = std::get_if<std::vector<double>>(&value)) return *list;
        return std::vector<double>(3, file.number_attribute("reconstructions", name));
      };
      const std::vector<double> scale = numbers("scale"), offset = numbers("offset");
      REQUIRE(scale.size() == 3);
      const std::vector<float> y = read_floats(bench.at("y.h5"), "reconstructions");
      for (int i = 0; i < 180; ++i) {
        CHECK(y[i] * scale[i % 3] + offset[i % 3] ==
              doctest::Approx(values[i]).epsilon(1e-4).scale(1));
      }
    }
  }

  TEST_CASE("a checkpoint encodes a table without the data that it was trained on") {
    Bench bench;
    std::string rows;
    const char* kinds[] = {"red", "green", "blue, \"dark\"", "12"};
    const auto field = [&](int i) {
      return i % 4 == 2 ? std::string("\"blue, \"\"dark\"\"\"") : std::string(kinds[i % 4]);
    };
    for (int i = 0; i < 80; ++i) {
      rows += text(i, ",", (i * 37 % 101) * 0.3 - 5, ",", field(i * 7 % 11), ",", i % 2, "\n");
    }
    bench.scratch.put("table.csv", "id,length,kind,class\n" + rows);
    bench.scratch.put("small.yaml",
                      "name: small\nseed: 3\nvariant: vanilla\ndataset: {name: " +
                          bench.at("table.csv").string() +
                          ", label: class, leave_out: [id], scaling: standardise}\n"
                          "model: {latent: 2, encoder: [{dense: 4, activation: relu}]}\n");
    bench.run("a", false, {"train.epochs=1"});
    const hdf5::Reader latents(bench.at("a/latents.h5"));

    // The checkpoint alone, elsewhere, and a table of the test split without label and id.
    fs::create_directories(bench.at("elsewhere"));
    fs::rename(bench.at("a/checkpoints/last.h5"), bench.at("elsewhere/model.h5"));
    const std::vector<float> expected = read_floats(bench.at("a/latents.h5"), "test/codes");
    std::string input = "length,kind\n";
    const Tensor index = latents.read("test/index");
    for (const std::uint32_t i : index.values<std::uint32_t>()) {
      input += text((i * 37 % 101) * 0.3 - 5, ",", field(static_cast<int>(i) * 7 % 11), "\n");
    }
    bench.scratch.put("elsewhere/input.csv", input);
    fs::remove(bench.at("table.csv"));
    fs::remove(bench.at("small.yaml"));
    const Surroundings surroundings{test::plugins(), {}};
    Trained opened = open_trained(bench.at("elsewhere/model.h5"), surroundings);
    CHECK(opened.form.name == "table");
    std::vector<std::string> notes;
    CHECK(write_codes(opened, bench.at("elsewhere/input.csv").string(), bench.at("codes.h5"),
                      surroundings, notes) == 16);
    CHECK(read_floats(bench.at("codes.h5"), "codes") == expected);
    CHECK(notes.empty());
  }

  TEST_CASE("a code with a schedule is encoded as it stood at the end of training") {
    // By the number of steps that the schedule takes for three epochs, and by how far it has come.
    ScratchFolder scratch;
    scratch.put("scheduled.yaml",
                "name: scheduled\nseed: 3\nvariant: streams\n"
                "dataset: {name: glyphs, limit: 60, labelled: 50}\n"
                "model: {latent: 2, scale: {linear: [1, 0.01], epochs: 3}}\n"
                "train: {epochs: 3, batch: 10}\n");
    PluginHost host({fs::path(HOURGLASS_TEST_PLUGINS) / "streams.so"}, {});
    const Surroundings surroundings{host, data_places(scratch.path())};
    std::atomic<bool> stop{false};
    test::RunWatcher observer(stop, "");
    run_experiment(
        {.experiment = scratch / "scheduled.yaml", .overrides = {}, .output = scratch / "a"},
        surroundings, observer, stop);
    Trained opened = open_trained(scratch / "a", surroundings);
    std::vector<std::string> notes;
    write_codes(opened, "glyphs", scratch / "codes.h5", surroundings, notes);
    const std::vector<float> kept = read_floats(scratch / "a/latents.h5", "test/codes");
    const std::vector<float> codes = read_floats(scratch / "codes.h5", "codes");
    REQUIRE(kept.size() <= codes.size());
    float size = 0, farthest = 0;
    for (std::size_t i = 0; i < kept.size(); ++i) {
      size = std::max(size, std::abs(kept[i]));
      farthest = std::max(farthest, std::abs(kept[i] - codes[i]));
    }
    CHECK(size > 0);
    CHECK(farthest <= 1e-5f * size);  // batches of another size may round differently
  }

  TEST_CASE("a checkpoint that names a file as its variant has nothing loaded") {
    Bench bench;
    bench.run("a", false, {"train.epochs=1"});
    const Surroundings surroundings{test::plugins(), {}};
    Trained opened = open_trained(bench.at("a"), surroundings);
    CheckpointIdentity identity =
        read_checkpoint_header(bench.at("a/checkpoints/last.h5")).identity;
    const std::string file = HOURGLASS_TEST_PLUGINS "/good.so";
    const std::size_t at = identity.experiment.find("variant: vanilla");
    REQUIRE(at != std::string::npos);
    identity.experiment.replace(at, 16, "variant: " + file);
    identity.variant = file;
    TrainingState state;
    state.counts = {4};
    write_checkpoint(bench.at("foreign.h5"), *opened.model, identity, state);
    unsetenv("HOURGLASS_TEST_GOOD_IS_LOADED");
    CHECK_THROWS_AS(open_trained(bench.at("foreign.h5"), surroundings), Error);
    CHECK(std::getenv("HOURGLASS_TEST_GOOD_IS_LOADED") == nullptr);
  }

  TEST_CASE("a model of another version of its variant is used with a note") {
    Bench bench;
    bench.run("a", false, {"train.epochs=1"});
    const Surroundings surroundings{test::plugins(), {}};
    Trained opened = open_trained(bench.at("a"), surroundings);
    CHECK(opened.notes.empty());
    CheckpointIdentity identity =
        read_checkpoint_header(bench.at("a/checkpoints/last.h5")).identity;
    identity.variant_version = "0.9.9";
    TrainingState state;
    state.counts = {4};
    write_checkpoint(bench.at("old.h5"), *opened.model, identity, state);
    const Trained old = open_trained(bench.at("old.h5"), surroundings);
    REQUIRE(old.notes.size() == 1);
    CHECK(old.notes[0].starts_with(bench.at("old.h5").string() +
                                   ": the checkpoint was written by version 0.9.9 of the variant "
                                   "vanilla, and here is version "));
  }

  TEST_CASE("a checkpoint that lies of its model is refused, and takes no memory for it") {
    Bench bench;
    bench.run("a", false, {"train.epochs=1"});
    const Surroundings surroundings{test::plugins(), {}};
    const hdf5::Reader file(bench.at("a/checkpoints/last.h5"));
    std::string experiment = file.text_attribute("", "experiment");
    // Weights of 20 TB, and 1 TB for each sample.
    const auto write = [&](const std::string& layers, std::int64_t features, bool with_weights) {
      hdf5::Writer out(bench.at("lie.h5"));
      out.set_attribute("", "format", std::string("hourglass-checkpoint"));
      out.set_attribute("", "format_version", std::int64_t{1});
      out.set_attribute("", "variant", std::string("vanilla"));
      out.set_attribute("", "variant_version", std::string("1.0.0"));
      std::string changed = experiment;
      const std::size_t at = changed.find("dense:");
      REQUIRE(at != changed.npos);
      changed.replace(changed.find("width: 4", at), 8, layers);
      out.set_attribute("", "experiment", changed);
      out.set_attribute("", "epoch", std::int64_t{1});
      out.set_attribute("", "step", std::int64_t{1});
      out.create_group("parameters");
      out.create_group("state");
      out.set_attribute("state", "steps_per_epoch", std::int64_t{4});
      out.write("state/counts", file.read("state/counts"));
      if (with_weights) {
        for (const std::string& name : file.list("parameters")) {
          out.write("parameters/" + name, file.read("parameters/" + name));
        }
      }
      DataForm form = read_data_form(file, "state/data");
      if (features != 5) {
        form.sample_shape = {features};
        form.scaling = std::make_shared<FittedScaling>();
      }
      write_data_form(out, "state/data", form);
      out.commit();
    };
    const auto message = [&] {
      try {
        open_trained(bench.at("lie.h5"), surroundings);
      } catch (const DataError& error) {
        return std::string(error.what());
      }
      return std::string();
    };
    write("width: 4", 5, true);
    CHECK(message() == "");
    write("width: 1000000000", 5, true);
    CHECK(
        message().starts_with(bench.at("lie.h5").string() + ": does not fit its own experiment: "));
    write("width: 1000000000", 5, false);
    CHECK(message().ends_with(": \"encoder.0.weight\" is missing"));
    write("width: 4", 250'000'000, true);
    CHECK(message().find("is used with shape [4, 250000000], but was made with [4, 5]") !=
          std::string::npos);
    write("width: 4", std::int64_t{1} << 40, true);
    CHECK(message().find("a sample has an extent of 1099511627776") != std::string::npos);
  }

  TEST_CASE("what is no run, or is damaged, is told so") {
    Bench bench;
    bench.run("a", false, {"train.epochs=1"});
    const Surroundings surroundings{test::plugins(), {}};
    const auto check = [&](const std::string& path, const std::string& message) {
      CHECK_THROWS_WITH_AS(open_trained(bench.at(path), surroundings),
                           (bench.at(path).string() + message).c_str(), DataError);
    };
    check("nothing", ": there is no such run or checkpoint");
    fs::create_directories(bench.at("bare"));
    check("bare", ": is no run with a checkpoint (" +
                      bench.at("bare/checkpoints/last.h5").string() + " is missing)");
    check("a/latents.h5",
          ": is not a checkpoint (its attribute \"format\" is not \"hourglass-checkpoint\")");
    const std::string whole = bench.content("a/checkpoints/last.h5");
    bench.scratch.put("a/checkpoints/last.h5", whole.substr(0, whole.size() / 3));
    CHECK_THROWS_AS(open_trained(bench.at("a"), surroundings), DataError);
  }
}

}  // namespace hourglass
