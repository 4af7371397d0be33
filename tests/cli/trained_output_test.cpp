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

  TEST_CASE("an output must be named") {
    const Finished encode = hourglass_command({"encode", "run", "input.npy"});
    CHECK(encode.code == 2);
    CHECK(encode.err == "hourglass encode: --output FILE.h5 is missing: the file to write\n");
  }
}
