#include <hourglass/core/error.hpp>
#include <hourglass/storage/hdf5.hpp>

#include <doctest/doctest.h>
#include <support/runs.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace hourglass {

namespace {

namespace fs = std::filesystem;
using test::Bench;

std::vector<float> read(const fs::path& file, const char* dataset) {
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
      Prepared opened = open_trained(bench.at(trained), surroundings);
      std::vector<std::string> notes;
      CHECK(write_codes(opened, input.string(), bench.at("codes.h5"), surroundings, notes) == 12);
      CHECK(read(bench.at("codes.h5"), "codes") == read(bench.at("a/latents.h5"), "test/codes"));
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
    Prepared opened = open_trained(bench.at("a"), surroundings);
    std::vector<std::string> notes;
    write_codes(opened, input.string(), bench.at("codes.h5"), surroundings, notes);
    CHECK(read(bench.at("codes.h5"), "codes") == read(bench.at("a/latents.h5"), "test/codes"));
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
      Prepared opened = open_trained(bench.at("a"), surroundings);
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
      const std::vector<float> y = read(bench.at("y.h5"), "reconstructions");
      for (int i = 0; i < 180; ++i) {
        CHECK(y[i] * scale[i % 3] + offset[i % 3] ==
              doctest::Approx(values[i]).epsilon(1e-4).scale(1));
      }
    }
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
    CHECK_THROWS_AS(bench.run("a", true, {"train.epochs=2"}), DataError);
  }
}

}  // namespace hourglass
