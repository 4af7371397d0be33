#include "small_model.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/latents.hpp>
#include <hourglass/evaluate/metrics.hpp>
#include <hourglass/evaluate/unit_activity.hpp>
#include <hourglass/evaluate/unit_tables.hpp>

#include <support/floats.hpp>
#include <support/models.hpp>
#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>

#include <cmath>

using namespace hourglass;

namespace {

// Three rectified units of two features: the first, the second, and never any.
std::unique_ptr<Model> three_units() {
  auto model = small::make("{latent: 3, rectified: true}", {2});
  small::set(*model, "code.weight", {1, 0, 0, 1, -1, -1});
  small::set(*model, "decoder.0.weight", {2, -1, 0, 0, 3, 0});
  return model;
}

DataSet four_samples() {
  return small::data(test::source({1, 2}, {0, 0}), test::source({4, 2}, {1, 0, 3, 0, 2, 4, 0, 0}));
}

std::vector<UnitActivity> activity(std::size_t most_top) {
  const auto model = three_units();
  const DataSet data = four_samples();
  return unit_activity(*model, *data.find("test"), 2, most_top);
}

}  // namespace

TEST_SUITE("evaluate/sparsity") {
  TEST_CASE("activity counts where a unit is not zero, and where it is largest") {
    const auto units = activity(2);
    REQUIRE(units.size() == 3);
    CHECK(units[0].rate == 0.75);
    CHECK(units[0].mean == 1.5);
    CHECK(units[0].mean_when_active() == 2);
    using Top = std::vector<std::pair<float, std::uint32_t>>;
    CHECK(units[0].top == Top{{3, 1}, {2, 2}});
    CHECK(units[1].rate == 0.25);
    CHECK(units[1].top == Top{{4, 2}});
    CHECK(units[2].rate == 0);
    CHECK(units[2].mean_when_active() == 0);
    CHECK(active_units(units) == 1);
    CHECK(dead_fraction(units) == doctest::Approx(1.0 / 3));
    CHECK(activity(0)[0].top.empty());
  }

  TEST_CASE("of equal values the first samples are named") {
    const auto model = three_units();
    const auto source = test::source({4, 2}, {1, 0, 1, 0, 1, 0, 1, 0});
    using Top = std::vector<std::pair<float, std::uint32_t>>;
    CHECK(unit_activity(*model, *source, 2, 2)[0].top == Top{{1, 0}, {1, 1}});
  }

  TEST_CASE("the measure has the numbers of a case by hand") {
    const auto model = three_units();
    const DataSet data = four_samples();
    Measures measures;
    make_metric({"sparsity"})->measure({*model, data, 1}, measures);
    CHECK(*measures.find("test/sparsity/l0") == 1);
    CHECK(*measures.find("test/sparsity/density") == doctest::Approx(1.0 / 3));
    CHECK(*measures.find("test/sparsity/dead_fraction") == doctest::Approx(1.0 / 3));
    CHECK(*measures.find("test/sparsity/mean_activation") == doctest::Approx(10.0 / 12));
    // Reconstructions (2a - b, 3b) of (a, b): errors (1, 0), (3, 0), (-2, 8), (0, 0); about the
    // means 1.5 and 1.
    const double errors = 1 + 9 + 4 + 64, variance = (0.25 + 2.25 + 0.25 + 2.25) + (1 + 1 + 9 + 1);
    CHECK(*measures.find("test/sparsity/variance_explained") ==
          doctest::Approx(1 - errors / variance));
  }

  TEST_CASE("samples that are all alike have no variance to explain") {
    const auto model = three_units();
    const DataSet data =
        small::data(test::source({1, 2}, {0, 0}), test::source({2, 2}, {1, 2, 1, 2}));
    Measures measures;
    make_metric({"sparsity"})->measure({*model, data, 1}, measures);
    CHECK(measures.find("test/sparsity/variance_explained") == nullptr);
  }

  TEST_CASE("a histogram has four bins a decade, and what is always active in the last") {
    std::vector<UnitActivity> units(4);
    units[0].rate = 0.001;
    units[1].rate = 0.02;
    units[2].rate = 1;
    const DensityHistogram histogram = density_histogram(units, 1000);
    REQUIRE(histogram.units.size() == 12);
    CHECK(histogram.log10_rate[0] == doctest::Approx(-2.875));
    CHECK(histogram.units == std::vector<double>{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1});
    CHECK(density_histogram(units, 1).units.size() == 1);
  }

  TEST_CASE("tables name units by rate, features by weight times rate") {
    const auto model = three_units();
    const DataSet data = four_samples();
    const auto weights = atoms(*model, data);
    REQUIRE(weights);
    CHECK(weights->shape() == Shape{3, 2});
    CHECK(test::floats(*weights) == std::vector<float>{2, 0, -1, 3, 0, 0});
    const auto units = activity(kTopSamples);
    CHECK(units_table(units, *data.find("test"), weights, {"a", "b"}) ==
          "unit,rate,mean,mean_when_active,top_samples,top_features\n"
          "0,0.75,1.5,2,1 2 0,a b\n"
          "1,0.25,1,4,2,b a\n"
          "2,0,0,0,,a b\n");
    CHECK(units_table(units, *data.find("test"), {}, {}) ==
          "unit,rate,mean,mean_when_active,top_samples\n"
          "0,0.75,1.5,2,1 2 0\n"
          "1,0.25,1,4,2\n"
          "2,0,0,0,\n");
    CHECK(features_table(units, *weights, {}) ==
          "rank,feature,importance,top_units\n"
          "1,0,1.75,0 1 2\n"
          "2,1,0.75,1 0 2\n");
  }

  TEST_CASE("a decoder of several layers has no atoms") {
    const auto model = small::make("{latent: 3, encoder: [{dense: 5, activation: relu}]}", {2});
    CHECK_FALSE(atoms(*model, four_samples()));
  }
}

TEST_SUITE("evaluate/latents") {
  TEST_CASE("sparse codes are kept as pairs, and read back whole") {
    const ScratchFolder folder;
    Model model(test::setup_of("sparse", "{latent: 5, penalty: {topk: {k: 2}}}", {3},
                               {.least = 0, .greatest = 1}));
    model.code_shape();
    const Tensor samples = test::uniform({7, 3}, 1);
    const DataSet data = small::data(test::source_of(samples), test::source_of(samples));
    write_latents(folder / "latents.h5", model, data, {"test"});
    const hdf5::Reader file(folder / "latents.h5");
    CHECK(file.list("test") == std::vector<std::string>{"data", "index", "indices", "indptr"});
    CHECK(file.shape("test/indptr") == Shape{8});
    CHECK(file.integers_attribute("test/data", "shape") == std::vector<std::int64_t>{5});
    const auto codes = read_codes(file, "test");
    REQUIRE(codes);
    CHECK(codes->shape() == Shape{7, 5});
    CHECK(test::floats(*codes) == test::codes(model, samples));
    CHECK_FALSE(read_codes(file, "train"));
  }

  TEST_CASE("pairs that are no sparse rows are refused") {
    const ScratchFolder folder;
    const auto fault = [&](std::vector<std::uint32_t> columns, std::vector<std::int64_t> starts) {
      const auto path = folder / "a.h5";
      hdf5::Writer file(path);
      Tensor data(Shape{2}), indices(Shape{std::ssize(columns)}, DType::U32),
          indptr(Shape{std::ssize(starts)}, DType::I64);
      std::ranges::copy(columns, indices.values<std::uint32_t>().begin());
      std::ranges::copy(starts, indptr.values<std::int64_t>().begin());
      file.write("test/data", data);
      file.set_attribute("test/data", "shape", std::vector<std::int64_t>{3});
      file.write("test/indices", indices);
      file.write("test/indptr", indptr);
      file.commit();
      read_codes(hdf5::Reader(path), "test");
    };
    CHECK_NOTHROW(fault({0, 2}, {0, 1, 2}));
    CHECK_THROWS_AS(fault({0, 3}, {0, 1, 2}), DataError);
    CHECK_THROWS_AS(fault({0}, {0, 1, 2}), DataError);
    CHECK_THROWS_AS(fault({0, 1}, {0, 3, 2}), DataError);
    CHECK_THROWS_AS(fault({0, 1}, {0, 1, 9}), DataError);
    CHECK_THROWS_AS(fault({0, 1}, {-1, 1, 2}), DataError);
    CHECK_THROWS_AS(fault({0, 1}, {}), DataError);
  }
}
