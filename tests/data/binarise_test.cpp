#include <hourglass/core/error.hpp>
#include <hourglass/data/binarise.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <doctest/doctest.h>
#include <data/files.hpp>
#include <support/scratch_folder.hpp>

#include <cmath>
#include <numeric>
#include <vector>

using namespace hourglass;

namespace {

/// All samples of a source, in the order of `indices`.
std::vector<float> read(const Source& source, std::vector<std::uint32_t> indices = {}) {
  if (indices.empty()) {
    indices.resize(static_cast<std::size_t>(source.size()));
    std::iota(indices.begin(), indices.end(), 0u);
  }
  std::vector<float> values(indices.size() *
                            static_cast<std::size_t>(source.sample_shape().size()));
  source.read(indices, values.data());
  return values;
}

std::shared_ptr<Source> grey_source(std::int64_t count) {
  Tensor samples({count, 2});
  for (std::int64_t i = 0; i < count; ++i) {
    samples.floats()[2 * i] = 0.3f;
    samples.floats()[2 * i + 1] = i % 2 == 0 ? 0.5f : 0.49f;
  }
  return std::make_shared<MemorySource>(samples, Labels(), std::make_shared<FittedScaling>());
}

DataSet glyphs_with(Binarise binarise) {
  DataOptions options;
  options.limit = 60;
  options.validation = 0.2;
  options.binarise = binarise;
  const ScratchFolder folder;
  folder.put("glyphs.yaml", "name: glyphs\ntitle: Glyphs\nformat: glyphs\n");
  return load_data_set("glyphs", options, {"", {folder.path()}});
}

bool is_binary(const std::vector<float>& values) {
  return std::ranges::all_of(values, [](float each) { return each == 0 || each == 1; });
}

}  // namespace

TEST_SUITE("data/binarise") {
  TEST_CASE("a threshold makes 1 of one half and more") {
    const auto source = binarised(grey_source(2), Binarise::Threshold, 1, "train");
    CHECK(read(*source) == std::vector<float>{0, 1, 0, 0});
  }

  TEST_CASE("fixed draws are counted by seed, split and sample, as often 1 as the value says") {
    const auto source = grey_source(4000);
    const auto drawn = [&](std::uint64_t seed, const char* split) {
      return read(*binarised(source, Binarise::Fixed, seed, split));
    };
    const auto values = drawn(1, "train");
    CHECK(is_binary(values));
    double ones = 0;
    for (std::size_t i = 0; i < values.size(); i += 2) ones += values[i];
    CHECK(ones / 4000 == doctest::Approx(0.3).epsilon(0.08));
    CHECK(drawn(1, "train") == values);
    CHECK(drawn(2, "train") != values);
    CHECK(drawn(1, "test") != values);
    const auto two = read(*binarised(source, Binarise::Fixed, 1, "train"), {700, 3});
    CHECK(two == std::vector<float>{values[1400], values[1401], values[6], values[7]});
  }

  TEST_CASE("dynamic leaves training its values, and draws the other splits once") {
    const DataSet dynamic = glyphs_with(Binarise::Dynamic), fixed = glyphs_with(Binarise::Fixed);
    CHECK_FALSE(is_binary(read(dynamic.train())));
    CHECK(is_binary(read(fixed.train())));
    for (const char* split : {"validation", "test"}) {
      CHECK(is_binary(read(*dynamic.find(split))));
      CHECK(read(*dynamic.find(split)) == read(*fixed.find(split)));
    }
    CHECK(dynamic.range().binary);
    CHECK(dynamic.samples == 48);
    CHECK_FALSE(glyphs_with(Binarise::None).range().binary);
  }

  TEST_CASE("a form keeps how samples are binarised, and further ones become the same") {
    const ScratchFolder folder;
    const DataSet set = glyphs_with(Binarise::Fixed);
    {
      hdf5::Writer file(folder / "a.h5");
      write_data_form(file, "data", set);
      file.commit();
    }
    const DataForm back = read_data_form(hdf5::Reader(folder / "a.h5"), "data");
    CHECK(back.binarise == Binarise::Fixed);
    CHECK(back.binarise_seed == 1);
    CHECK(back.samples == 48);
    CHECK(back.range().binary);
    std::vector<std::string> notes;
    folder.put("glyphs.yaml", "name: glyphs\ntitle: Glyphs\nformat: glyphs\n");
    const auto input = load_input("glyphs", back, {"", {folder.path()}}, notes);
    std::vector<std::uint32_t> first(60);
    std::iota(first.begin(), first.end(), 0u);
    CHECK(read(*input, first) == read(*set.find("test")));
  }

  TEST_CASE("data outside 0 to 1 are refused, and unknown names too") {
    const ScratchFolder folder;
    DataOptions options;
    options.binarise = Binarise::Threshold;
    options.scaling = Scaling::None;
    const std::string path = folder.put("a.csv", "1,2\n3,4\n-1,5\n2,2\n5,5\n").string();
    CHECK_THROWS_WITH_AS(load_data_set(path, options, {}),
                         "binarise cannot be threshold: the data lie in [-1, 5], it needs [0, 1]; "
                         "set dataset.scaling to unit or minmax",
                         OptionError);
    CHECK_THROWS_WITH_AS(
        binarise_named("dynamo"),
        "unknown way to binarise \"dynamo\"; valid: none, threshold, fixed, dynamic", ConfigError);
  }
}
