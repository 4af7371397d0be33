#include <doctest/doctest.h>
#include <storage/scratch_folder.hpp>
#include <support/program.hpp>

TEST_SUITE("cli/datasets") {
  TEST_CASE("the list says what is present under the data root") {
    ScratchFolder folder;
    std::filesystem::create_directories(folder / "ecg5000");
    folder.put("ecg5000/ECG5000_TRAIN.txt", "");
    std::filesystem::resize_file(folder / "ecg5000/ECG5000_TRAIN.txt", 1'128'500);
    std::filesystem::create_directories(folder / "mnist");
    folder.put("mnist/t10k-labels-idx1-ubyte.gz", std::string(4542, 'x'));
    const Finished list =
        hourglass_command(folder.path(), {"datasets", "--data-root", folder.path().string()});
    CHECK(list.code == 0);
    CHECK(list.err.empty());
    const auto line = [&](const std::string& name) {
      const std::size_t at = list.out.find("\n" + name + " ") + 1;
      return list.out.substr(at, list.out.find('\n', at) - at);
    };
    CHECK(contains(line("ecg5000"), " here "));
    CHECK(contains(line("mnist"), " 1 of 4 files "));
    CHECK(contains(line("glyphs"), " built in "));
    CHECK(contains(line("fashion-mnist"), " - "));
    CHECK(contains(list.out, "Data are looked for in " + folder.path().string()));
    const Finished told = hourglass_command(folder.path(), {"datasets"},
                                            {"HOURGLASS_DATA=" + folder.path().string()});
    CHECK(told.out == list.out);
  }

  TEST_CASE("one data set is shown with all that is known of it") {
    const Finished mnist = hourglass_command({"datasets", "mnist"});
    CHECK(mnist.code == 0);
    CHECK(mnist.out.starts_with("mnist: Handwritten digits, 28 x 28 grey\n"));
    for (const char* part :
         {"28 x 28", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
          "9.9 MB, not here", "https://", "LeCun", "train-images-idx3-ubyte.gz"}) {
      CHECK(contains(mnist.out, part));
    }
  }

  TEST_CASE("names that are wrong or missing are usage errors") {
    const Finished unknown = hourglass_command({"datasets", "minst"});
    CHECK(unknown.code == 2);
    CHECK(unknown.err == "unknown data set \"minst\"; did you mean \"mnist\"?\n");
    CHECK(hourglass_command({"datasets", "fetch", "minst"}).code == 2);
    CHECK(hourglass_command({"datasets", "fetch"}).code == 2);
    CHECK(contains(hourglass_command({"datasets", "mnist", "fetch"}).err,
                   "to fetch: hourglass datasets fetch mnist"));
  }

  TEST_CASE("what needs no fetching is not fetched") {
    const Finished glyphs = hourglass_command({"datasets", "fetch", "glyphs"});
    CHECK(glyphs.code == 0);
    CHECK(glyphs.out == "glyphs is built in: there is nothing to fetch\n");
  }

  TEST_CASE("a data set without an address says so") {
    ScratchFolder folder;
    const Finished fetch =
        hourglass_command(folder.path(), {"datasets", "fetch", "ecg5000", "--data-root", "data"});
    CHECK(fetch.code == 3);
    CHECK(contains(fetch.err, "ECG5000_TRAIN.txt"));
  }
}
