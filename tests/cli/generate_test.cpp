#include <hourglass/core/text.hpp>
#include <hourglass/storage/h5_file.hpp>
#include <hourglass/storage/png.hpp>

#include <doctest/doctest.h>
#include <data/files.hpp>
#include <support/program.hpp>
#include <support/scratch_folder.hpp>

using namespace hourglass;

namespace {

// A run, and what `generate` makes of it.
struct Generating {
  explicit Generating(const std::string& experiment) {
    std::string table = "a,b,c\n";
    for (int i = 0; i < 40; ++i) table += text(i, ",", i * i, ",", 7 - i, "\n");
    folder.put("table.csv", table);
    folder.put("small.yaml", experiment);
    REQUIRE(hourglass_command(folder.path(), {"run", "small.yaml", "--output", "run"}).code == 0);
  }

  Finished operator()(const std::string& trained, const std::string& output,
                      const std::vector<std::string>& more, const std::string& count = "7") {
    std::vector<std::string> words{"generate", trained, "--count", count, "--output", output};
    words.insert(words.end(), more.begin(), more.end());
    return hourglass_command(folder.path(), words);
  }
  std::string bytes(const std::string& file) { return testing::read_all(folder / file); }

  ScratchFolder folder;
};

}  // namespace

TEST_SUITE("cli/generate") {
  TEST_CASE("samples come from each source, equal for equal seeds") {
    Generating generate(kSmallExperiment);
    const Finished told = generate("run", "samples.h5", {});
    CHECK(told.code == 0);
    CHECK(told.out ==
          "samples.h5: 7 samples drawn from a normal distribution fitted to " +
              text(hdf5::Reader(generate.folder / "run/latents.h5").shape("train/codes")[0]) +
              " codes\n");
    CHECK(contains(told.err, "has no prior: codes are drawn from gaussian"));
    for (const char* source : {"gaussian", "mixture", "box"}) {
      CAPTURE(source);
      const Finished done = generate("run", "a.h5", {"--from", source, "--components", "3"});
      CHECK(done.code == 0);
      CHECK(done.err == "");
      const hdf5::Reader file(generate.folder / "a.h5");
      CHECK(file.shape("samples") == Shape{7, 28, 28});
      CHECK(file.shape("codes") == Shape{7, 4});
      CHECK(file.number_attribute("samples", "scale") == doctest::Approx(255));
      CHECK(file.number_attribute("samples", "offset") == 0);
      CHECK(file.text_attribute("samples", "from") == source);
      CHECK(contains(file.text_attribute("samples", "drawn_from"), "distribution"));
      CHECK(file.integer_attribute("samples", "seed") == 1);
      generate("run", "b.h5", {"--from", source, "--components=3", "--seed", "1"});
      CHECK(generate.bytes("a.h5") == generate.bytes("b.h5"));
      generate("run/checkpoints/last.h5", "b.h5", {"--from", source, "--components=3"});
      CHECK(generate.bytes("a.h5") == generate.bytes("b.h5"));
      generate("run", "b.h5", {"--from", source, "--components=3", "--seed=2"});
      CHECK(generate.bytes("a.h5") != generate.bytes("b.h5"));
    }
    // Pictures, which may be written again, and take the place of no other.
    CHECK(generate("run", "a.png", {"--from", "box"}).code == 0);
    CHECK(png::read(generate.folder / "a.png").shape() ==
          Shape{2 * 48 + 3 * 112 + 2 * 8, 2 * 48 + 3 * 112 + 2 * 8, 3});
    CHECK(generate("run", "a.png", {"--from", "box"}, "3").code == 0);
    const Finished figure = generate("run", "run/figures/latent.png", {"--from", "box"});
    CHECK(figure.code == 2);
    CHECK(contains(figure.err, "run/figures/latent.png: is there already, and holds something"));
    CHECK(generate("run", "run/latents.h5", {"--from", "box"}).code == 2);

    // A checkpoint alone has no codes to fit anything to.
    std::filesystem::create_directories(generate.folder / "alone/checkpoints");
    std::filesystem::copy(generate.folder / "run/checkpoints/last.h5",
                          generate.folder / "alone/checkpoints/last.h5");
    const Finished alone = generate("alone/checkpoints/last.h5", "x.h5", {"--from", "box"});
    CHECK(alone.code == 3);
    CHECK(contains(alone.err,
                   "alone/checkpoints/last.h5: there are no codes of the training split "
                   "to fit box to; "));
    CHECK(contains(alone.err, "give the folder of a run that keeps them"));
    const Finished prior = generate("run", "x.h5", {"--from", "prior"});
    CHECK(prior.code == 2);
    CHECK(contains(prior.err, "[prior] this variant has no prior"));
    CHECK_FALSE(std::filesystem::exists(generate.folder / "x.h5"));
  }

  TEST_CASE("codes of other weights are generated from with a note") {
    Generating generate(kSmallExperiment + std::string("evaluate_weights: best\n"));
    const Finished done = generate("run/checkpoints/last.h5", "x.h5", {"--from", "gaussian"});
    CHECK(done.code == 0);
    CHECK(contains(done.err, "best.h5, not of run/checkpoints/last.h5"));
  }

  TEST_CASE("a variational autoencoder generates from its prior, its checkpoint alone too") {
    Generating generate(
        "name: small\ndataset: {name: glyphs, limit: 300}\nvariant: vae\n"
        "model: {encoder: [{dense: 16, activation: relu}], latent: 3}\n"
        "train: {epochs: 1, batch: 50}\n");
    std::filesystem::copy(generate.folder / "run/checkpoints/last.h5",
                          generate.folder / "alone.h5");
    const Finished done = generate("run", "a.h5", {});
    CHECK(done.code == 0);
    CHECK(done.err == "");
    CHECK(done.out == "a.h5: 7 samples drawn from a standard normal distribution\n");
    CHECK(generate("alone.h5", "b.h5", {"--from=prior"}).code == 0);
    CHECK(generate.bytes("a.h5") == generate.bytes("b.h5"));
    CHECK(generate("alone.h5", "b.h5", {"--seed=9"}).code == 0);
    CHECK(generate.bytes("a.h5") != generate.bytes("b.h5"));
    const Finished alone = generate("alone.h5", "x.h5", {"--from", "gaussian"});
    CHECK(alone.code == 3);
    CHECK(contains(alone.err, "use --from prior"));
  }

  TEST_CASE("samples of a table make no picture") {
    Generating generate(
        "name: small\ndataset: {name: ./table.csv}\nvariant: vanilla\n"
        "model: {encoder: [], latent: 2}\ntrain: {epochs: 1, batch: 10}\n");
    CHECK(generate("run", "a.h5", {"--from", "box"}).code == 0);
    const Finished picture = generate("run", "a.png", {"--from", "box"});
    CHECK(picture.code == 2);
    CHECK(
        picture.err ==
        "samples of shape [3] are no images, so they make no picture; write them to a .h5 file\n");
  }

  TEST_CASE("what is missing or wrong of a generate command is told") {
    const auto told = [](const std::vector<std::string>& more) {
      std::vector<std::string> words{"generate", "run"};
      words.insert(words.end(), more.begin(), more.end());
      const Finished done = hourglass_command(words);
      CHECK(done.code == 2);
      return done.err;
    };
    CHECK(contains(told({"--count", "3"}), "--output FILE.h5|FILE.png is missing"));
    CHECK(contains(told({"--output", "x.h5"}), "--count N is missing"));
    CHECK(told({"--output", "x.h5", "--count", "0"}) ==
          "hourglass generate: --count must be at least 1, got 0\n");
    CHECK(told({"--output", "x.h5", "--count", "1", "--from", "priors"}) ==
          "hourglass generate: --from: codes can be drawn from prior, gaussian, mixture, box, not "
          "from \"priors\"; did you mean \"prior\"?\n");
    CHECK(contains(told({"--output=x.h5", "--count=1", "--components=0"}),
                   "--components must be at least 1, got 0"));
    CHECK(contains(told({"--output=x.h5", "--count=1", "--seed=-1"}),
                   "--seed must be at least 0, got -1"));
  }
}
