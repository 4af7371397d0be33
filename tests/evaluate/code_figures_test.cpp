#include "small_model.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/evaluate/code_figures.hpp>
#include <hourglass/evaluate/code_source.hpp>
#include <hourglass/evaluate/run_figures.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/storage/png.hpp>

#include <figure/pixels.hpp>
#include <support/floats.hpp>
#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

// Codes with a prior, decoded together with labels where that is asked for.
class Generative final : public Variant {
 public:
  struct Options {
    int latent = 2;
    bool labels = false;
  };
  static void describe(Schema<Options>& schema) {
    schema.add("latent", &Options::latent, "size of the code");
    schema.add("labels", &Options::labels, "whether the decoder reads labels");
  }
  void build(ModelBuilder& model, const Options& options) {
    const Value code = model.dense("code", model.encoder(model.input()), options.latent);
    Value z = model.latent(code, {.prior = standard_normal(options.latent)});
    if (options.labels) z = z + model.dense("class", model.labels(), options.latent);
    const Value y = model.decoder(z);
    model.reconstruction(y);
    const auto features = model.data().sample_shape.size();
    model.train_step("reconstruction")
        .minimise(
            sum(reshape(squared_error(y, model.target()), Shape{model.batch(), features}), {1}));
  }
};

std::unique_ptr<Model> generative(const std::string& options, const Shape& sample_shape,
                                  std::uint64_t seed = 1) {
  static const VariantTypeOf<Generative> kType("generative", "1.0.0", "for tests");
  config::Problems problems;
  ModelSetup setup;
  setup.options = read_model_options(kType, config::parse_text(options, "test.yaml"), problems);
  problems.throw_if_any();
  setup.data = {sample_shape, {.least = 0, .greatest = 1}, 3};
  setup.optimizer = AdamOptions();
  setup.seed = seed;
  return std::make_unique<Model>(std::move(setup));
}

Labels classes(std::int64_t count) {
  Labels labels;
  labels.classes = Tensor(Shape{count}, DType::I64);
  for (std::int64_t i = 0; i < count; ++i) labels.classes.values<std::int64_t>()[i] = i % 3;
  return labels;
}

DataSet pictures(std::int64_t count, const Shape& shape = {8, 8}) {
  return small::data(test::source(shape.prepended(count),
                                  test::uniform_values(count * shape.size(), 1), classes(count)));
}

// What `cells` images of 8 x 8 with a cell of 40 units take: blocks of 10 pixels.
std::int64_t extent(std::int64_t cells) { return cells * 80 + (cells - 1) * 8; }

}  // namespace

TEST_SUITE("evaluate/code_figures") {
  TEST_CASE("pictures of codes are there for images, and the same again") {
    const ScratchFolder folder;
    const DataSet data = pictures(30);
    for (const int latent : {1, 2, 12}) {
      CAPTURE(latent);
      const auto model = small::make(text("{latent: ", latent, "}"), data.sample_shape);
      REQUIRE(has_code_figures(*model, data));
      const auto draw = [&] {
        CHECK(draw_run_figures(folder.path(), *model, data, {}).empty());
        std::string bytes;
        for (const char* name : {"samples.png", "interpolation.png", "traversal.png"}) {
          bytes += read_text_file(folder / name);
        }
        return bytes;
      };
      const std::string first = draw();
      CHECK(draw() == first);
      CHECK(std::filesystem::exists(folder / "plane.png") == (latent == 2));
      std::filesystem::remove(folder / "plane.png");
      // Margins of 24 units, and 26 and 18 for title and captions; captions of rows come on top.
      const std::int64_t rows = std::min(latent, 10);
      CHECK(png::read(folder / "samples.png").shape()[0] == extent(10) + 2 * (24 + 26 + 24));
      CHECK(png::read(folder / "traversal.png").shape()[0] ==
            extent(rows) + 2 * (24 + 26 + 18 + 24));
      CHECK(png::read(folder / "traversal.png").shape()[1] >= extent(13) + 2 * 48);
      CHECK(png::read(folder / "interpolation.png").shape()[0] ==
            extent(5) + 2 * (24 + 26 + 18 + 24));
      CHECK(png::read(folder / "interpolation.png").shape()[1] >= extent(11) + 2 * 48);
    }
  }

  TEST_CASE("a plane of codes has twenty images a side, without gaps") {
    const DataSet data = pictures(30);
    const auto model = small::make("{latent: 2}", data.sample_shape);
    const ScratchFolder folder;
    REQUIRE(draw_run_figures(folder.path(), *model, data, {}).empty());
    const Tensor picture = png::read(folder / "plane.png");
    CHECK(picture.shape()[0] == 20 * 56 + 2 * (24 + 26 + 18 + 24));
    CHECK(picture.shape()[1] >= 20 * 56 + 2 * 48);
  }

  TEST_CASE("tables, feature maps and decoders that read labels have no pictures of codes") {
    const auto table = small::make("{latent: 2}", {5});
    CHECK_FALSE(has_code_figures(*table, pictures(9, {5})));
    const DataSet data = pictures(9);
    CHECK(has_code_figures(*generative("{}", data.sample_shape), data));
    const auto labelled = generative("{labels: true}", data.sample_shape);
    CHECK_FALSE(has_code_figures(*labelled, data));
    const ScratchFolder folder;
    CHECK(draw_run_figures(folder.path(), *labelled, data, {}).size() == 0);
    CHECK_FALSE(std::filesystem::exists(folder / "samples.png"));
  }

  TEST_CASE("all that pictures of codes run is compiled beforehand") {
    const DataSet data = pictures(30);
    const ScratchFolder folder;
    for (const auto& make : {+[](const Shape& shape) { return small::make("{}", shape); },
                             +[](const Shape& shape) { return generative("{}", shape); }}) {
      const auto model = make(data.sample_shape);
      model->compile(Purpose::Reconstruct, reconstructions_figure_samples(data));
      model->compile(Purpose::Encode, latent_figure_samples(data));
      compile_code_figures(*model, data);
      const std::size_t before = model->compiled().size();
      draw_run_figures(folder.path(), *model, data, {});
      CHECK(std::filesystem::exists(folder / "samples.png"));
      CHECK(model->compiled().size() == before);
    }
  }

  TEST_CASE("pictures are drawn of one sample, and of samples without classes") {
    const ScratchFolder folder;
    for (const std::int64_t count : {1, 2, 7}) {
      const DataSet data =
          small::data(test::source({count, 8, 8}, test::uniform_values(64 * count, 1)));
      const auto model = small::make("{latent: 2}", data.sample_shape);
      CHECK(draw_run_figures(folder.path(), *model, data, {}).empty());
    }
  }

  TEST_CASE("codes that are all not finite are told") {
    const DataSet data = pictures(9);
    const auto model = small::make("{latent: 1}", data.sample_shape);
    const FiniteCodes none{Tensor(Shape{0, 1}), {}};
    CHECK_THROWS_WITH_AS(traversal_figure(*model, data, none), "no code is finite", DataError);
    CHECK_THROWS_WITH_AS(interpolation_figure(*model, data, none), "no code is finite", DataError);
  }
}

TEST_SUITE("evaluate/code_source") {
  TEST_CASE("each source draws codes that decode to its samples") {
    const auto model = generative("{latent: 2}", {8, 8});
    Tensor codes(Shape{40, 2});
    std::ranges::copy(test::uniform_values(80, 1), codes.floats().begin());
    for (const std::string& name : code_source_names()) {
      CAPTURE(name);
      const CodeSourceOptions options{.source = code_source_named(name), .components = 3};
      const DrawnSamples drawn = draw_samples(*model, options, codes, 5);
      CHECK(drawn.codes.shape() == Shape{5, 2});
      CHECK(drawn.samples.shape() == Shape{5, 8, 8});
      CHECK(test::floats(model->decode(drawn.codes)) == test::floats(drawn.samples));
      CHECK(test::floats(draw_samples(*model, options, codes, 5).samples) ==
            test::floats(drawn.samples));
      std::vector<float> first = test::floats(drawn.codes);
      first.resize(6);
      CHECK(test::floats(draw_samples(*model, options, codes, 3).codes) == first);
      if (name == "prior") continue;
      const CodeSourceOptions other{options.source, 3, 2};
      CHECK(test::floats(draw_samples(*model, other, codes, 5).codes) != test::floats(drawn.codes));
    }
    CHECK(default_code_source(*model) == CodeSource::Prior);
    CHECK(draw_samples(*model, {}, {}, 1).drawn_from == "a standard normal distribution");
  }

  TEST_CASE("a box reaches from the least to the greatest of each number") {
    const auto model = small::make("{latent: 2}", {3});
    Tensor codes(Shape{3, 2});
    std::ranges::copy(std::vector<float>{-1, 7, 0, 7, 1, 7}, codes.floats().begin());
    const DrawnSamples drawn = draw_samples(*model, {.source = CodeSource::Box}, codes, 500);
    float least = 0, greatest = 0;
    for (int i = 0; i < 500; ++i) {
      least = std::min(least, drawn.codes.floats()[2 * i]);
      greatest = std::max(greatest, drawn.codes.floats()[2 * i]);
      CHECK(drawn.codes.floats()[2 * i + 1] == 7);
    }
    CHECK(least >= -1);
    CHECK(least < -0.9f);
    CHECK(greatest <= 1);
    CHECK(greatest > 0.9f);
  }

  TEST_CASE("what cannot be drawn is refused in a sentence") {
    const auto plain = small::make("{latent: 2}", {3});
    CHECK(default_code_source(*plain) == CodeSource::Gaussian);
    CHECK_THROWS_WITH_AS(draw_samples(*plain, {}, {}, 1),
                         "[prior] this variant has no prior to draw codes from; gaussian, mixture "
                         "and box are fitted to codes",
                         ConfigError);
    const CodeSourceOptions box{.source = CodeSource::Box};
    CHECK_THROWS_WITH_AS(draw_samples(*plain, box, {}, 1), "[box] there are no codes to fit it to",
                         DataError);
    CHECK_THROWS_WITH_AS(draw_samples(*plain, box, Tensor(Shape{4, 3}), 1),
                         "[box] codes must be f32 [samples, 2], as the model's are, got f32 [4, 3]",
                         DataError);
    const auto labelled = generative("{labels: true}", {8, 8});
    CHECK_THROWS_WITH_AS(draw_samples(*labelled, {}, {}, 1),
                         "[prior] this variant decodes a code together with labels, so codes alone "
                         "give no samples",
                         ConfigError);
    CHECK_THROWS_WITH_AS(draw_samples(*labelled, box, Tensor(Shape{4, 2}), 1),
                         "[box] this variant decodes a code together with labels, so codes alone "
                         "give no samples",
                         ConfigError);
    const auto wide = small::make("{latent: 257}", {3});
    CHECK_THROWS_WITH_AS(
        draw_samples(*wide, {.source = CodeSource::Mixture}, Tensor(Shape{4, 257}), 1),
        "[mixture] codes may have 256 numbers for a full covariance, these have 257; draw from "
        "box instead",
        ConfigError);
    CHECK_THROWS_WITH_AS(code_source_named("gausian"),
                         "codes can be drawn from prior, gaussian, mixture, box, not from "
                         "\"gausian\"; did you mean \"gaussian\"?",
                         ConfigError);
  }
}
