#include "small_model.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/latents.hpp>
#include <hourglass/storage/atomic_file.hpp>

#include <support/floats.hpp>
#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

// Codes (a + b, a - b) of samples (a, b).
std::unique_ptr<Model> sum_and_difference() {
  auto model = small::make("{latent: 2}", {2});
  small::set(*model, "code.weight", {1, 1, 1, -1});
  return model;
}

Labels labelled(std::vector<std::int64_t> classes, std::vector<float> factors) {
  const auto count = static_cast<std::int64_t>(classes.size());
  Labels labels;
  labels.classes = Tensor(Shape{count}, DType::I64);
  std::ranges::copy(classes, labels.classes.values<std::int64_t>().begin());
  labels.class_names = {"plain", "with, comma"};
  labels.factors = Tensor(Shape{count, static_cast<std::int64_t>(factors.size()) / count});
  std::ranges::copy(factors, labels.factors.floats().begin());
  labels.factor_names = {"slant", "scale"};
  return labels;
}

}  // namespace

TEST_SUITE("evaluate/latents") {
  TEST_CASE("a split's group holds codes, index, labels and factors") {
    const ScratchFolder folder;
    const auto model = sum_and_difference();
    const auto test = test::source({2, 2}, {3, 1, 5, 2}, labelled({1, 0}, {1, 2, 3, 4}));
    const DataSet data = small::data(test::source({1, 2}, {0, 1}), test);
    write_latents(folder / "latents.h5", *model, data, {"train", "test"});

    const hdf5::Reader file(folder / "latents.h5");
    CHECK(file.text_attribute("", "format") == "hourglass-latents");
    CHECK(file.integer_attribute("", "format_version") == 1);
    CHECK(file.list() == std::vector<std::string>{"test", "train"});
    CHECK(test::floats(file.read("test/codes")) == std::vector<float>{4, 2, 7, 3});
    CHECK(file.shape("test/codes") == Shape{2, 2});
    CHECK(file.integers_attribute("test/codes", "shape") == std::vector<std::int64_t>{2});
    CHECK(file.dtype("test/index") == DType::U32);
    CHECK(file.read("test/index").values<std::uint32_t>()[1] == 1);
    CHECK(file.dtype("test/labels") == DType::I64);
    CHECK(file.read("test/labels").values<std::int64_t>()[0] == 1);
    CHECK(file.text_attribute("test/labels", "names") == "plain,\"with, comma\"");
    CHECK(test::floats(file.read("test/factors")) == std::vector<float>{1, 2, 3, 4});
    CHECK(file.text_attribute("test/factors", "names") == "slant,scale");
    // No labels, no datasets of them.
    CHECK(file.list("train") == std::vector<std::string>{"codes", "index"});
  }

  TEST_CASE("codes of several batches keep their order, and equal calls give equal bytes") {
    const ScratchFolder folder;
    const auto model = sum_and_difference();
    std::vector<float> values;
    for (int i = 0; i < 2300; ++i) values.insert(values.end(), {static_cast<float>(i), 0.5f});
    const DataSet data = small::data(test::source({2300, 2}, values));
    for (const char* name : {"a.h5", "b.h5"}) write_latents(folder / name, *model, data, {"train"});
    const Tensor codes = hdf5::Reader(folder / "a.h5").read("train/codes");
    for (std::size_t i = 0; i < 2300; ++i) {
      REQUIRE(codes.floats()[2 * i] == static_cast<float>(i) + 0.5f);
      REQUIRE(codes.floats()[2 * i + 1] == static_cast<float>(i) - 0.5f);
    }
    CHECK(read_text_file(folder / "a.h5") == read_text_file(folder / "b.h5"));
  }

  TEST_CASE("the index of a part of a file says where its samples stand in the file") {
    const ScratchFolder folder;
    Tensor samples(Shape{5, 2});
    const auto part = std::make_shared<MemorySource>(
        samples, Labels(), std::make_shared<FittedScaling>(), std::vector<std::uint32_t>{1, 4});
    write_latents(folder / "latents.h5", *sum_and_difference(), small::data(part), {"train"});
    const Tensor index = hdf5::Reader(folder / "latents.h5").read("train/index");
    CHECK(index.values<std::uint32_t>()[0] == 1);
    CHECK(index.values<std::uint32_t>()[1] == 4);
  }

  TEST_CASE("a split that is not there is refused before anything is written") {
    const ScratchFolder folder;
    const DataSet data = small::data(test::source({1, 2}, {0, 1}), test::source({1, 2}, {0, 1}));
    CHECK_THROWS_WITH_AS(
        write_latents(folder / "latents.h5", *sum_and_difference(), data, {"test", "validation"}),
        "the data set made has no split \"validation\" to write codes of; it has: test, train",
        ConfigError);
    CHECK(folder.count() == 0);
  }

  TEST_CASE("both splits are kept unless their codes exceed 256 MB") {
    // Says how many samples it has, and is never read.
    class Large final : public Source {
     public:
      std::int64_t size() const override { return 31'999'999; }
      const Shape& sample_shape() const override { return shape_; }
      void read(std::span<const std::uint32_t>, float*) const override {}

     private:
      Shape shape_{2};
    };
    const auto model = sum_and_difference();  // 8 bytes a sample
    const auto one = test::source({1, 2}, {0, 1}), two = test::source({2, 2}, {0, 1, 1, 0});
    const auto large = std::make_shared<Large>();
    using Splits = std::vector<std::string>;
    CHECK(default_latent_splits(*model, small::data(large, one)) == Splits{"train", "test"});
    CHECK(default_latent_splits(*model, small::data(large, two)) == Splits{"test"});
    CHECK(default_latent_splits(*model, small::data(two)) == Splits{"train"});
  }
}
