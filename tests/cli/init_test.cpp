#include <data/files.hpp>
#include <support/program.hpp>
#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>

using namespace hourglass::testing;

namespace {

std::string images() {
  std::vector<unsigned char> pixels;
  for (int i = 0; i < 200 * 8 * 8; ++i) pixels.push_back(static_cast<unsigned char>(i * 37));
  return npy("|u1", "(200, 8, 8)", raw(pixels));
}

std::string measurements() {
  std::string rows = "length,width,kind\n";
  for (int i = 0; i < 50; ++i) {
    rows += std::to_string(i * 7 % 13) + "," + std::to_string(i * 0.5) +
            (i % 2 == 0 ? ",red\n" : ",green\n");
  }
  return rows;
}

std::string choices() {
  std::string rows = "colour\n";
  for (int i = 0; i < 60; ++i) rows += i % 3 == 0 ? "red\n" : i % 3 == 1 ? "green\n" : "blue\n";
  return rows;
}

}  // namespace

TEST_SUITE("cli/init") {
  TEST_CASE("the file fits the data, passes the check and runs as it is") {
    ScratchFolder folder;
    folder.put("images.npy", images());
    folder.put("table.csv", measurements());
    folder.put("choices.csv", choices());
    const std::vector<std::vector<std::string>> expected = {
        {"images.npy", "  scaling: unit ", "  loss: binary_cross_entropy "},
        {"table.csv", "  scaling: standardise ", "  loss: squared_error "},
        {"choices.csv", "  scaling: none ", "  loss: categorical_cross_entropy "}};
    for (const auto& each : expected) {
      CAPTURE(each[0]);
      const Finished init = hourglass_command(folder.path(), {"init", each[0]});
      CHECK(init.code == 0);
      CHECK(init.err.empty());
      CHECK(contains(init.out, each[1]));
      CHECK(contains(init.out, each[2]));
      folder.put("new.yaml", init.out);
      const Finished check = hourglass_command(folder.path(), {"check", "new.yaml"});
      CAPTURE(check.err);
      CHECK(check.code == 0);
      const Finished run =
          hourglass_command(folder.path(), {"run", "new.yaml", "--set", "train.epochs=1"});
      CAPTURE(run.err);
      CHECK(run.code == 0);
    }
  }

  TEST_CASE("a file that is there is not written over") {
    ScratchFolder folder;
    folder.put("table.csv", measurements());
    const auto init = [&] {
      return hourglass_command(folder.path(), {"init", "table.csv", "--output", "new.yaml"});
    };
    const Finished first = init();
    CHECK(first.code == 0);
    CHECK(first.out.empty());
    CHECK(read_all(folder / "new.yaml").starts_with("# table.csv: "));
    const Finished second = init();
    CHECK(second.code == 2);
    CHECK(second.err == "new.yaml: is there already; choose another --output\n");
  }

  TEST_CASE("unknown data, unknown variants and damaged files are told apart") {
    ScratchFolder folder;
    folder.put("bad.npy", "\x93NUMPY");
    const Finished data = hourglass_command(folder.path(), {"init", "glyps"});
    CHECK(data.code == 2);
    CHECK(data.err == "unknown data set \"glyps\"; did you mean \"glyphs\"?\n");
    const Finished variant =
        hourglass_command(folder.path(), {"init", "bad.npy", "--variant", "vanila"});
    CHECK(variant.code == 2);
    CHECK(contains(variant.err, "did you mean \"vanilla\"?"));
    CHECK(hourglass_command(folder.path(), {"init", "bad.npy"}).code == 3);
    CHECK(hourglass_command(folder.path(), {"init", "none.npy"}).code == 3);
    const std::string long_name(300, 'a');
    CHECK(hourglass_command(folder.path(), {"init", long_name}).code == 2);
    CHECK(hourglass_command(folder.path(), {"init", long_name + ".npy"}).code == 3);
  }
}
