#include <hourglass/core/text.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <doctest/doctest.h>
#include <data/files.hpp>
#include <support/program.hpp>
#include <support/scratch_folder.hpp>

using namespace hourglass;

TEST_SUITE("cli/trained_output") {
  TEST_CASE("codes and reconstructions come from a run or from a checkpoint") {
    ScratchFolder folder;
    folder.put("small.yaml", kSmallExperiment);
    REQUIRE(hourglass_command(folder.path(), {"run", "small.yaml", "--output", "run"}).code == 0);
    folder.put("input.npy", testing::npy("|u1", "(7, 28, 28)", std::string(7 * 784, '\x40')));

    const Finished encode =
        hourglass_command(folder.path(), {"encode", "run", "input.npy", "--output", "codes.h5"});
    CHECK(encode.code == 0);
    CHECK(encode.out == "codes.h5: 7 samples\n");
    const hdf5::Reader codes(folder / "codes.h5");
    CHECK(codes.shape("codes") == Shape{7, 4});

    const Finished reconstruct = hourglass_command(
        folder.path(),
        {"reconstruct", "run/checkpoints/last.h5", "input.npy", "--output", "back.h5"});
    CHECK(reconstruct.code == 0);
    const hdf5::Reader back(folder / "back.h5");
    CHECK(back.shape("reconstructions") == Shape{7, 28, 28});
    CHECK(back.number_attribute("reconstructions", "scale") == doctest::Approx(255));
    CHECK(back.number_attribute("reconstructions", "offset") == 0);

    const Finished score = hourglass_command(
        folder.path(), {"score", "run", "input.npy", "--residuals", "--output", "scores.h5"});
    CHECK(score.code == 0);
    CHECK(score.out == "scores.h5: 7 samples\n");  // the run has no threshold
    const hdf5::Reader scores(folder / "scores.h5");
    CHECK(scores.shape("scores") == Shape{7});
    CHECK(scores.shape("residuals") == Shape{7, 28, 28});
    CHECK(scores.text_attribute("scores", "score") == "squared_error");

    const auto fails = [&](const std::string& run, const std::string& input) {
      return hourglass_command(folder.path(), {"encode", run, input, "--output", "x.h5"});
    };
    CHECK(fails("none", "input.npy").code == 3);
    CHECK(fails("run", "none.npy").code == 3);
    CHECK(fails("codes.h5", "input.npy").code == 3);
    CHECK(fails("run", "glyps").code == 2);
    folder.put("other.npy", testing::npy("|u1", "(7, 5)", std::string(35, '\x40')));
    const Finished other = fails("run", "other.npy");
    CHECK(other.code == 3);
    CHECK(contains(other.err, "[5]"));
    CHECK_FALSE(std::filesystem::exists(folder / "x.h5"));

    // An output may be written again, and takes the place of nothing else.
    const auto onto = [&](const std::string& output) {
      return hourglass_command(folder.path(), {"encode", "run", "input.npy", "--output", output});
    };
    CHECK(onto("codes.h5").code == 0);
    CHECK(onto("scores.h5").code == 0);
    const std::string input = testing::read_all(folder / "input.npy");
    const Finished itself = onto("./input.npy");
    CHECK(itself.code == 2);
    CHECK(contains(itself.err, "./input.npy: is the input; choose another --output"));
    CHECK(testing::read_all(folder / "input.npy") == input);
    for (const char* there : {"small.yaml", "run/checkpoints/last.h5", "run/latents.h5", "run"}) {
      const Finished refused = onto(there);
      CHECK(refused.code == 2);
      CHECK(contains(refused.err, text(there, ": is there already, and holds something else")));
    }
    CHECK(hourglass_command(folder.path(), {"info", "run/checkpoints/last.h5"}).code == 0);
  }

  TEST_CASE("images of another size go through a dense model in tiles") {
    ScratchFolder folder;
    folder.put("small.yaml", kSmallExperiment);
    REQUIRE(hourglass_command(folder.path(), {"run", "small.yaml", "--output", "run"}).code == 0);
    // Every tile of an image of one grey is the same, and so is what the model makes of it.
    folder.put("tile.npy", testing::npy("|u1", "(1, 28, 28)", std::string(784, '\x40')));
    folder.put("large.npy", testing::npy("|u1", "(2, 28, 61)", std::string(2 * 28 * 61, '\x40')));
    const auto made = [&](const std::string& command, const std::string& input) {
      const Finished done =
          hourglass_command(folder.path(), {command, "run", input, "--output", "out.h5"});
      CHECK(done.code == 0);
      CHECK(contains(done.err, "tiles of [28, 28]") == (input == "large.npy"));
      return hdf5::Reader(folder / "out.h5")
          .read(command == "encode" ? "codes" : "reconstructions");
    };
    const Tensor code = made("encode", "tile.npy"), codes = made("encode", "large.npy");
    REQUIRE(codes.shape() == Shape{2, 4 * 4});  // tiles at 0, 11, 22 and 33
    CHECK(hdf5::Reader(folder / "out.h5").attribute("codes", "shape") ==
          hdf5::Value(std::vector<std::int64_t>{1, 4, 4}));
    for (int i = 0; i < 32; ++i) CHECK(codes.floats()[i] == doctest::Approx(code.floats()[i % 4]));
    const Tensor image = made("reconstruct", "tile.npy"), images = made("reconstruct", "large.npy");
    REQUIRE(images.shape() == Shape{2, 28, 61});
    // Only the first tile has the first columns, and only the last one the last.
    for (int row = 0; row < 28; ++row) {
      CHECK(images.floats()[row * 61] == doctest::Approx(image.floats()[row * 28]));
      CHECK(images.floats()[(row + 1) * 61 - 1] == doctest::Approx(image.floats()[row * 28 + 27]));
    }
    // A smaller one goes on beyond its edges, so this is the same tile once more.
    folder.put("small.npy", testing::npy("|u1", "(1, 28, 20)", std::string(560, '\x40')));
    const Finished small = hourglass_command(
        folder.path(), {"reconstruct", "run", "small.npy", "--output", "small.h5"});
    CHECK(small.code == 0);
    CHECK(
        contains(small.err, "images of [28, 20] go through the model in 1 x 1 overlapping tiles"));
    const Tensor part = hdf5::Reader(folder / "small.h5").read("reconstructions");
    REQUIRE(part.shape() == Shape{1, 28, 20});
    for (int row = 0; row < 28; ++row) {
      for (int i = 0; i < 20; ++i) {
        CHECK(part.floats()[row * 20 + i] == doctest::Approx(image.floats()[row * 28 + 4 + i]));
      }
    }
  }

  TEST_CASE("an output must be named") {
    const Finished encode = hourglass_command({"encode", "run", "input.npy"});
    CHECK(encode.code == 2);
    CHECK(encode.err == "hourglass encode: --output FILE.h5 is missing: the file to write\n");
  }
}
