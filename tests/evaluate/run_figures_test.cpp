#include "small_model.hpp"

#include <hourglass/data/glyphs.hpp>
#include <hourglass/evaluate/chosen_source.hpp>
#include <hourglass/evaluate/run_figures.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/storage/png.hpp>

#include <figure/pixels.hpp>
#include <support/labels.hpp>
#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>
#include <cmath>
#include <limits>

using namespace hourglass;
using test::labels_of;

namespace {

// Digits as a run sees them: u8 in the file, [0, 1] for the model.
DataSet digits(std::int64_t count) {
  const glyphs::GlyphSet set = glyphs::draw_all(1, "test", count);
  const auto scaling = std::make_shared<FittedScaling>(Scaling::Unit, set.images);
  DataSet data = small::data(std::make_shared<MemorySource>(set.images, set.labels, scaling));
  data.scaling = scaling;
  return data;
}

// A model of [2] that reconstructs what it gets, shown as it is.
std::unique_ptr<Model> identity() {
  auto model = small::make("{latent: 2}", {2});
  small::set(*model, "code.weight", {1, 0, 0, 1});
  small::set(*model, "decoder.0.weight", {1, 0, 0, 1});
  return model;
}

// The same of samples that are all hidden.
std::unique_ptr<Model> masked(const Model& model) {
  ModelSetup setup = model.setup();
  setup.corruption = {{MaskingCorruption{1}}};
  auto other = std::make_unique<Model>(std::move(setup));
  other->code_shape();
  return other;
}

csv::Table losses() {
  const double none = std::numeric_limits<double>::quiet_NaN();
  return {{"epoch", "step", "train/loss", "validation/loss", "test/loss"},
          {{1, 10, 5, none, 6}, {2, 20, 4, none, 5.5}}};
}

}  // namespace

TEST_SUITE("evaluate/run_figures") {
  TEST_CASE("a run's pictures are there, are pictures, and are the same again") {
    const ScratchFolder folder;
    const DataSet data = digits(120);
    const auto model = small::make("{latent: 3, sigmoid: true}", data.sample_shape);
    const auto draw = [&] {
      CHECK(draw_run_figures(folder.path(), *model, data, losses()).empty());
      std::string bytes;
      for (const char* name : {"reconstructions.png", "latent.png", "curves.png"}) {
        CHECK(png::read(folder / name).shape()[0] > 100);
        bytes += read_text_file(folder / name);
      }
      return bytes;
    };
    const std::string first = draw();
    CHECK(folder.count() == 6);
    CHECK(draw() == first);
  }

  TEST_CASE("a picture that cannot be drawn is told, and the others are there") {
    const ScratchFolder folder;
    std::filesystem::create_directories(folder / "latent.png/in the way");
    const DataSet data = small::data(test::source({2, 2}, {0, 1, 1, 0}));
    const auto faults = draw_run_figures(folder.path(), *identity(), data, losses());
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].starts_with((folder / "latent.png").string() + ": not drawn: "));
    CHECK(std::filesystem::is_regular_file(folder / "reconstructions.png"));
    CHECK(std::filesystem::is_regular_file(folder / "curves.png"));
  }

  TEST_CASE("there are no curves before the first epoch") {
    const ScratchFolder folder;
    const DataSet data = small::data(test::source({2, 2}, {0, 1, 1, 0}));
    draw_run_figures(folder.path(), *identity(), data, {{"epoch", "train/loss"}, {}});
    CHECK_FALSE(std::filesystem::exists(folder / "curves.png"));
    CHECK(folder.count() == 2);
  }

  TEST_CASE("images are shown in the scale of their file") {
    // An image of 2 x 2 with the least and greatest value of training, u8: black and white.
    Tensor images(Shape{2, 2, 2}, DType::U8);
    images.values<std::uint8_t>()[0] = 255;
    const auto scaling = std::make_shared<FittedScaling>(Scaling::Unit, images);
    DataSet data = small::data(std::make_shared<MemorySource>(images, Labels(), scaling));
    data.scaling = scaling;
    const auto model = small::make("{latent: 1}", {2, 2});
    small::set(*model, "code.weight", {0, 0, 0, 0});
    small::set(*model, "decoder.0.bias", {0.2f, 0.2f, 0.2f, 0.2f});
    const Tensor picture = reconstructions_figure(*model, data);
    CHECK(count_near(picture, {0, 0, 0}, 0) > 1000);        // originals
    CHECK(count_near(picture, {0.2f, 0.2f, 0.2f}) > 1000);  // reconstructions
  }

  TEST_CASE(
      "where samples are corrupted, the sheet shows what the model was given and its output") {
    const DataSet data = small::data(test::source({2, 2, 2}, {1, 0, 1, 1, 0.6f, 0.6f, 0.6f, 0.6f}));
    const auto clean = small::make("{latent: 1}", {2, 2});
    const auto corrupted = masked(*clean);
    for (Model* model : {clean.get(), corrupted.get()}) {
      small::set(*model, "code.weight", {1, 0, 0, 0});  // what comes in goes out
      small::set(*model, "decoder.0.weight", {0.5f, 0.5f, 0.5f, 0.5f});
      small::set(*model, "decoder.0.bias", {0.3f, 0.3f, 0.3f, 0.3f});
    }
    const Tensor two = reconstructions_figure(*clean, data);
    const Tensor three = reconstructions_figure(*corrupted, data);
    CHECK(reconstructions_figure_purpose(*clean) == Purpose::Reconstruct);
    CHECK(reconstructions_figure_purpose(*corrupted) == Purpose::Denoise);
    CHECK(three.shape()[0] > two.shape()[0]);
    CHECK(count_near(three, {0, 0, 0}, 0) > count_near(two, {0, 0, 0}, 0) + 1000);  // hidden
    CHECK(count_near(two, {0.6f, 0.6f, 0.6f}) > 1000);                              // the second
    CHECK(count_near(three, {0.6f, 0.6f, 0.6f}) > 1000);
    CHECK(count_near(two, {0.3f, 0.3f, 0.3f}) < 1000);
    CHECK(count_near(three, {0.3f, 0.3f, 0.3f}) > 1000);  // the output for nothing
  }

  TEST_CASE("where samples are corrupted, a chart has a line for what the model was given") {
    const DataSet data = small::data(test::source({1, 2}, {1, 0.5f}));
    const auto clean = identity();
    const auto corrupted = masked(*clean);
    for (const char* path : {"code.weight", "decoder.0.weight"}) {
      for (Model* model : {clean.get(), corrupted.get()}) small::set(*model, path, {0, 0, 0, 0});
    }
    // The output is the same; what differs is the line of what was hidden.
    const Tensor two = reconstructions_figure(*clean, data);
    const Tensor three = reconstructions_figure(*corrupted, data);
    CHECK(two.shape() == three.shape());
    CHECK_FALSE(same_picture(two, three));
  }

  TEST_CASE("any classes and any numbers of samples make a sheet") {
    const auto model = small::make("{latent: 2}", {2, 2});
    for (const auto& labels : std::vector<std::vector<std::int64_t>>{
             {7}, {-1, -1, 5}, {0, 0, 1, 1, 1, 1, 1}, {1, 2, 3, 4}}) {
      const auto count = static_cast<std::int64_t>(labels.size());
      CAPTURE(count);
      const DataSet data = small::data(
          test::source({count, 2, 2}, test::uniform_values(4 * count, 1), labels_of(labels)));
      CHECK(reconstructions_figure(*model, data).shape()[0] > 100);
      CHECK(latent_figure(*model, data).shape()[0] > 100);
    }
  }

  TEST_CASE("tables become a chart a sample, one of each class, above each other") {
    const auto model = identity();
    const std::vector<float> values{0, 1, 1, 0, 0.5f, 0.5f, 0.2f, 0.1f};
    const auto heights = [&](std::int64_t count) {
      const std::vector<float> part(values.begin(), values.begin() + 2 * count);
      return reconstructions_figure(*model, small::data(test::source({count, 2}, part))).shape()[0];
    };
    CHECK(heights(3) == 3 * heights(1));
    CHECK(heights(4) == heights(3));
    // The last sample is the only one of its class, and so is shown.
    const DataSet unlike = small::data(test::source({4, 2}, values, labels_of({0, 0, 0, 1})));
    const DataSet alike = small::data(test::source({4, 2}, values, labels_of({0, 0, 0, 0})));
    CHECK_FALSE(same_picture(reconstructions_figure(*model, unlike),
                             reconstructions_figure(*model, alike)));
  }

  TEST_CASE("curves show the losses that are there") {
    csv::Table all = losses();
    const Tensor without = curves_figure(all);
    for (auto& row : all.rows) row[3] = row[4] + 1;
    CHECK_FALSE(same_picture(curves_figure(all), without));
    csv::Table fewer = losses();
    fewer.columns[3] = "other";
    CHECK(same_picture(curves_figure(fewer), without));
  }

  TEST_CASE("codes of every size are drawn") {
    const DataSet data = digits(60);
    for (const int size : {1, 2, 5}) {
      CAPTURE(size);
      const auto model = small::make(text("{latent: ", size, "}"), data.sample_shape);
      CHECK(latent_figure(*model, data).shape()[0] > 100);
    }
  }

  TEST_CASE("codes that are not finite are left out") {
    const auto model = identity();
    small::set(*model, "code.weight", {1e38f, 1e38f, 1e38f, 1e38f});
    const DataSet some = small::data(test::source({2, 2}, {1, 0, 9, 9}));
    const DataSet none = small::data(test::source({1, 2}, {9, 9}));
    CHECK(latent_figure(*model, some).shape()[0] > 100);
    CHECK(latent_figure(*model, none).shape()[0] > 100);
  }

  TEST_CASE("many classes are coloured by their number, factors by their value") {
    const auto model = identity();
    std::vector<std::int64_t> many(50);
    for (std::size_t i = 0; i < many.size(); ++i) many[i] = static_cast<std::int64_t>(i);
    const std::vector<float> values = test::normal_values(100, 1);
    const DataSet by_class = small::data(test::source({50, 2}, values, labels_of(many)));
    Labels factors;
    factors.factors = Tensor(Shape{50, 1});
    for (std::size_t i = 0; i < 50; ++i) factors.factors.floats()[i] = static_cast<float>(i);
    factors.factor_names = {"class"};
    const DataSet by_factor = small::data(test::source({50, 2}, values, factors));
    CHECK(same_picture(latent_figure(*model, by_class), latent_figure(*model, by_factor)));
    CHECK_FALSE(same_picture(latent_figure(*model, by_class),
                             latent_figure(*model, small::data(test::source({50, 2}, values)))));
  }

  TEST_CASE("chosen samples are those of the source, with their labels, spread evenly") {
    CHECK(spread(7, 3) == std::vector<std::uint32_t>{0, 2, 4});
    CHECK(spread(2, 3) == std::vector<std::uint32_t>{0, 1});
    CHECK(spread(0, 3).empty());
    const auto all = test::source({3, 1}, {10, 11, 12}, labels_of({5, 6, 7}));
    const ChosenSource chosen(*all, {2, 0});
    CHECK(chosen.row(0) == all->row(2));
    CHECK(chosen.row(1) == all->row(0));
    float values[2] = {};
    chosen.read(std::vector<std::uint32_t>{1, 0}, values);
    CHECK(values[0] == 10);
    CHECK(values[1] == 12);
    CHECK(chosen.size() == 2);
    CHECK(chosen.labels().classes.values<std::int64_t>()[0] == 7);
  }

  TEST_CASE("chosen samples have the noise that they have in their split") {
    const auto model = small::make("{latent: 1, noise: 0.5}", {1});
    small::set(*model, "code.weight", {1});
    const auto all = test::source({4, 1}, {1, 2, 3, 4});
    const auto codes = [&](const Source& source) {
      std::vector<float> values;
      model->encode(source, 1, [&](auto indices, const float*, const float* code) {
        values.insert(values.end(), code, code + indices.size());
      });
      return values;
    };
    const std::vector<float> whole = codes(*all);
    CHECK(whole[3] != 4);
    const ChosenSource some(*all, {3, 1, 0});
    CHECK(codes(some) == std::vector<float>{whole[3], whole[1], whole[0]});
    CHECK(codes(ChosenSource(some, {1})) == std::vector<float>{whole[1]});
  }
}
