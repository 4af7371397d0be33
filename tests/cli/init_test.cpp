#include <data/files.hpp>
#include <support/places.hpp>
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

  TEST_CASE("a variant of images gets its own layers, and a table's columns as a signal") {
    ScratchFolder folder;
    folder.put("images.npy", images());
    folder.put("table.csv", measurements());
    for (const std::string name : {"images.npy", "table.csv"}) {
      CAPTURE(name);
      const Finished init = hourglass_command(folder.path(), {"init", name, "--variant", "conv"});
      CHECK(contains(init.out, "\n    - {conv: 16, activation: relu}\n    - {maxpool: 2}\n"));
      CHECK(contains(init.out, "    - {reshape: [1, 4]} ") == (name == "table.csv"));
      folder.put("new.yaml", init.out);
      const Finished run = hourglass_command(
          folder.path(), {"run", "new.yaml", "--set", "train.epochs=1", "--output", "run-" + name});
      CAPTURE(run.err);
      CHECK(run.code == 0);
    }
  }

  TEST_CASE("of an archive of several arrays, the samples and the labels can be named") {
    ScratchFolder folder;
    std::string classes;
    for (int i = 0; i < 200; ++i) classes += static_cast<char>(i % 3);
    folder.put("a.npz", zip({{"pixels.npy", images()},
                             {"kinds.npy", npy("|u1", "(200,)", classes)},
                             {"masks.npy", images()}}));
    const auto init = [&](const std::vector<std::string>& more) {
      std::vector<std::string> arguments = {"init", "a.npz"};
      arguments.insert(arguments.end(), more.begin(), more.end());
      return hourglass_command(folder.path(), arguments);
    };
    const Finished unclear = init({});
    CHECK(unclear.code == 3);
    CHECK(contains(unclear.err, "name it in `array` (--array for init), one of: "));
    const Finished wrong = init({"--array", "pixel"});
    CHECK(wrong.code == 2);
    CHECK(wrong.err ==
          "--array names the array \"pixel\", which a.npz does not have; did you mean "
          "\"pixels\"?\n");
    CHECK(init({"--array", "pixels", "--labels-array", "kind"}).code == 2);

    const Finished good = init({"--array", "pixels", "--labels-array", "kinds"});
    CAPTURE(good.err);
    CHECK(good.code == 0);
    CHECK(contains(good.out, "\n  array: pixels\n  labels_array: kinds\n"));
    folder.put("new.yaml", good.out);
    CHECK(hourglass_command(folder.path(), {"check", "new.yaml"}).code == 0);
  }

  TEST_CASE("a column of texts that hardly repeat is warned of wherever the data are used") {
    ScratchFolder folder;
    std::string rows = "length,id\n";
    for (int i = 0; i < 100; ++i) {
      rows += std::to_string(i * 7 % 13) + ",n" + std::to_string(i) + "\n";
    }
    folder.put("people.csv", rows);
    const std::string warning =
        "warning: people.csv: column \"id\" has 80 different texts in 80 training rows, and "
        "becomes "
        "as many features; if they are no categories, name it in dataset.leave_out\n";
    const Finished init =
        hourglass_command(folder.path(), {"init", "people.csv", "--output", "new.yaml"});
    CHECK(init.code == 0);
    CHECK(contains(init.err, warning));
    const auto command = [&](const std::vector<std::string>& more) {
      std::vector<std::string> arguments = {more[0],          "new.yaml", "--set",
                                            "train.epochs=1", "--set",    "dataset.validation=0"};
      arguments.insert(arguments.end(), more.begin() + 1, more.end());
      return hourglass_command(folder.path(), arguments);
    };
    CHECK(contains(command({"check"}).out, "\n# " + warning));
    CHECK(contains(command({"run", "--quiet"}).err, warning));
    CHECK_FALSE(contains(command({"check", "--set", "dataset.leave_out=[id]"}).out, "warning"));
  }

  TEST_CASE("a command that is suggested has the options that it needs") {
    ScratchFolder folder;
    folder.put("table.csv", measurements());
    const std::string plugin = std::string(HOURGLASS_TEST_PLUGINS) + "/good.so";
    const Finished init =
        hourglass_command(folder.path(), {"init", "table.csv", "--data-root", "my data", "--plugin",
                                          plugin, "--variant", "good", "--output", "new.yaml"});
    CAPTURE(init.err);
    CHECK(contains(init.err, "to train: hourglass run new.yaml --data-root 'my data' --plugin " +
                                 plugin + "\n"));
    CHECK(
        contains(read_all(folder / "new.yaml"),
                 "\n# All options of the model: hourglass plugins good --plugin " + plugin + "\n"));
    const Finished name =
        hourglass_command(folder.path(), {"datasets", "mnist", "now", "--data-root", "my data"});
    CHECK(contains(name.err, "to fetch: hourglass datasets fetch mnist --data-root 'my data'\n"));
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
