#include <doctest/doctest.h>
#include <support/places.hpp>
#include <support/program.hpp>
#include <support/scratch_folder.hpp>

TEST_SUITE("cli/check") {
  TEST_CASE("a good file is shown resolved with its graph and its programs") {
    ScratchFolder folder;
    folder.put("small.yaml", kSmallExperiment);
    const Finished check = hourglass_command(folder.path(), {"check", "small.yaml"});
    CHECK(check.code == 0);
    CHECK(check.err.empty());
    CHECK(check.out.starts_with("name: small\nseed: 1\n"));
    CHECK(contains(check.out, "evaluate_weights: last"));
    CHECK(contains(check.out, "encoder.0.weight"));
    CHECK(contains(check.out, "\n# memory\n"));
    for (const char* term : {"variables", "arena", "constants", "generated code", "kernels"}) {
      CHECK(contains(check.out, std::string(" KiB of ") + term));
    }
    CHECK(contains(check.out, "shared by all: "));
    CHECK(contains(check.out, " % of what its tensors would take without sharing\n"));
    CHECK(contains(check.out, " KiB in all, known before the first step\n"));
    const std::size_t summary = check.out.find("\n# summary: no errors\n");
    REQUIRE(summary != check.out.npos);
    const std::string end = check.out.substr(summary);
    CHECK(contains(end, "  parameters  51284\n"));  // 784 x 32 + 32, 32 x 4 + 4, and back
    CHECK(contains(end, "  code        4 numbers, 1/196 of a sample\n"));
    CHECK(contains(end, "  steps       10 an epoch, of 50 samples each; 20 in all\n"));
    CHECK(contains(end, "  memory      "));
    CHECK(folder.count() == 1);
  }

  TEST_CASE("options may stand before and after the words they belong to") {
    ScratchFolder folder;
    folder.put("small.yaml", kSmallExperiment);
    const std::vector<std::vector<std::string>> orders = {
        {"check", "small.yaml", "--set", "train.epochs=7"},
        {"check", "--set", "train.epochs=7", "small.yaml"},
        {"--set", "train.epochs=7", "check", "small.yaml"},
        {"--set=train.epochs=7", "--threads", "1", "check", "small.yaml"}};
    for (const auto& order : orders) {
      const Finished check = hourglass_command(folder.path(), order);
      CHECK(check.code == 0);
      CHECK(contains(check.out, "epochs: 7\n"));
    }
  }

  TEST_CASE("every fault of a file comes at once with its place") {
    ScratchFolder folder;
    folder.put("bad.yaml",
               "name: bad\n"
               "dataset: {name: glyps, limit: 0}\n"
               "variant: vanila\n"
               "train:\n"
               "  epoch: 3\n"
               "  batch: -1\n"
               "  batch: 10\n");
    const Finished check = hourglass_command(folder.path(), {"check", "bad.yaml"});
    CHECK(check.code == 2);
    CHECK(check.out.empty());
    CHECK(check.err.starts_with(
        "bad.yaml:2:17: unknown data set \"glyps\"; did you mean \"glyphs\"?\n"
        "bad.yaml:2:31: dataset.limit must be >= 1, got 0\n"));
    CHECK(contains(check.err,
                   "bad.yaml:3:10: unknown variant \"vanila\"; did you mean \"vanilla\"?\n"));
    CHECK(contains(check.err,
                   "bad.yaml:5:3: unknown key \"epoch\" in train; did you mean \"epochs\"?\n"));
    CHECK(contains(check.err, "bad.yaml:6:10: train.batch must be >= 1, got -1\n"));
    CHECK(contains(check.err, "bad.yaml:7:3: "));
  }

  TEST_CASE("what is set on the command line is checked like the file") {
    ScratchFolder folder;
    folder.put("small.yaml", kSmallExperiment);
    const Finished check =
        hourglass_command(folder.path(), {"check", "small.yaml", "--set", "train.epochs=none"});
    CHECK(check.code == 2);
    CHECK(check.err.starts_with("--set train.epochs=none: train.epochs must be "));
  }

  TEST_CASE("an option that does not go with the data is shown where it was written") {
    ScratchFolder folder;
    folder.put("small.yaml", kSmallExperiment);
    const auto check = [&](const std::string& assignment) {
      return hourglass_command(folder.path(), {"check", "small.yaml", "--set", assignment});
    };
    const Finished in_file = check("dataset.scaling=symmetric");
    CHECK(in_file.code == 2);
    CHECK(in_file.err.starts_with(
        "small.yaml:7:9: model.loss cannot be binary_cross_entropy: the data lie in [-1, 1]"));
    const Finished on_line = check("model.output=tanh");
    CHECK(on_line.code == 2);
    CHECK(on_line.err.starts_with("--set model.output=tanh: model.output must be sigmoid"));
    const Finished frozen = check("freeze=[encodr]");
    CHECK(frozen.code == 2);
    CHECK(frozen.err.starts_with("--set freeze=[encodr]: freeze.0 names \"encodr\""));
    const Finished all = check("freeze=[encoder, code, decoder]");
    CHECK(all.code == 2);
    CHECK(all.err ==
          "--set freeze=[encoder, code, decoder]: freeze names every parameter, so that nothing is "
          "left to train\n");
    CHECK(check("freeze=[encoder, code, decoder.0]").code == 0);
  }

  TEST_CASE("options of another data format are all shown where they were written") {
    ScratchFolder folder;
    folder.put("small.yaml", "dataset: {name: glyphs, separator: ;, array: x}\nvariant: vanilla\n");
    const Finished check = hourglass_command(folder.path(), {"check", "small.yaml"});
    CHECK(check.code == 2);
    CHECK(check.err ==
          "small.yaml:1:36: dataset.separator is an option of CSV tables; glyphs are drawn in "
          "memory\n"
          "small.yaml:1:46: dataset.array is an option of NPZ and HDF5 files; glyphs are drawn in "
          "memory\n");
  }

  TEST_CASE("a layer that no machine has room for is told at its place") {
    ScratchFolder folder;
    folder.put("wide.yaml",
               "dataset: {name: glyphs, limit: 100}\nvariant: vanilla\n"
               "model: {encoder: [{dense: 2000000000}]}\n");
    const Finished check = hourglass_command(folder.path(), {"check", "wide.yaml"});
    CHECK(check.code == 2);
    CHECK(check.err.starts_with("wide.yaml:3:19: model.encoder.0 does not fit"));
    CHECK(contains(check.err,
                   "\"encoder.0.weight\" [2000000000, 784] would take 5841 GiB, and this machine "
                   "has "));
    folder.put("high.yaml",
               "dataset: {name: glyphs, limit: 100}\nvariant: conv\n"
               "model:\n"
               "  encoder: [{conv: 4}, {upsample: 1000000}, {maxpool: 2}]\n");
    const Finished high = hourglass_command(folder.path(), {"check", "high.yaml"});
    CHECK(high.code == 2);
    CHECK(high.err.starts_with("high.yaml:4:24: model.encoder.1 does not fit"));
    CHECK(contains(high.err, "the output [2, 4, 28000000, 28000000] would take "));
    // Two samples would have room here, those of a step have not.
    folder.put("many.yaml",
               "dataset: {name: glyphs, limit: 20000}\nvariant: conv\n"
               "train: {batch: 20000}\nmodel: {encoder: [{upsample: 150}]}\n");
    const Finished many = hourglass_command(folder.path(), {"check", "many.yaml"});
    CHECK(many.code == 2);
    CHECK(many.err.starts_with("many.yaml:4:19: model.encoder.0 does not fit"));
    CHECK(contains(many.err, "the output [20000, 1, 4200, 4200] would take 1314 GiB"));
  }

  TEST_CASE("a layer for which the last batch of an epoch is too small is told at its place") {
    ScratchFolder folder;
    folder.put("last.yaml",
               "dataset: {name: glyphs, limit: 33}\nvariant: vanilla\ntrain: {batch: 16}\n"
               "model: {encoder: [{dense: 4}, {batchnorm: {}}]}\n");
    const Finished check = hourglass_command(folder.path(), {"check", "last.yaml"});
    CHECK(check.code == 2);
    CHECK(check.err.starts_with(
        "last.yaml:4:31: model.encoder.1 does not fit what comes before it: layer encoder.1: "
        "batchnorm cannot train on a batch of 1"));
  }

  TEST_CASE("a model without a parameter is refused") {
    ScratchFolder folder;
    folder.put("pool.yaml",
               "dataset: {name: glyphs, limit: 100}\nvariant: conv\n"
               "model: {encoder: [{maxpool: 2}]}\n");
    const Finished check = hourglass_command(folder.path(), {"check", "pool.yaml"});
    CHECK(check.code == 2);
    CHECK(check.err ==
          "pool.yaml:3:8: model has no parameter, so that there is nothing to train; give it a "
          "layer that has some, such as dense or conv\n");
  }

  TEST_CASE("an option that was not written is shown at the section where it belongs") {
    ScratchFolder folder;
    folder.put("tied.yaml",
               "name: tied\n"
               "dataset: {name: glyphs, limit: 100}\n"
               "variant: vanilla\n"
               "model: {tied: true, encoder: [{reshape: [784]}]}\n");
    const Finished check = hourglass_command(folder.path(), {"check", "tied.yaml"});
    CHECK(check.code == 2);
    CHECK(check.err.starts_with("tied.yaml:4:"));
    folder.put("bare.yaml",
               "dataset: {name: glyphs, limit: 100, scaling: symmetric}\nvariant: vanilla\n");
    const Finished bare = hourglass_command(
        folder.path(), {"check", "bare.yaml", "--set", "model={loss: binary_cross_entropy}"});
    CHECK(bare.err.starts_with("--set model={loss: binary_cross_entropy}: model.loss cannot"));
  }

  TEST_CASE("a missing file and a missing data file are exit code 3") {
    ScratchFolder folder;
    const Finished missing = hourglass_command(folder.path(), {"check", "none.yaml"});
    CHECK(missing.code == 3);
    CHECK(contains(missing.err, "none.yaml"));
    folder.put("mnist.yaml", "dataset: mnist\nvariant: vanilla\n");
    const Finished data =
        hourglass_command(folder.path(), {"check", "mnist.yaml", "--data-root", "nowhere"});
    CHECK(data.code == 3);
    CHECK(contains(data.err, "hourglass datasets fetch mnist --data-root nowhere\n"));
    CHECK(contains(data.err, "looked for " + (folder / "nowhere/mnist/").string()));
    for (const char* file : {"none.csv", "none.h5"}) {
      folder.put("own.yaml", std::string("dataset: ") + file + "\nvariant: vanilla\n");
      const Finished own = hourglass_command(folder.path(), {"check", "own.yaml"});
      CHECK(own.code == 3);
      CHECK(own.err == std::string(file) +
                           ": No such file or directory; a relative path begins at the current "
                           "folder, so this is " +
                           (folder / file).string() + "\n");
    }
  }

  TEST_CASE("a refused plugin is exit code 5 and a missing one 3") {
    ScratchFolder folder;
    folder.put("small.yaml", kSmallExperiment);
    const auto check = [&](const std::string& plugin) {
      return hourglass_command(folder.path(), {"check", "small.yaml", "--plugin", plugin});
    };
    CHECK(check("none.so").code == 3);
    const Finished refused = check(std::string(HOURGLASS_TEST_PLUGINS) + "/other_build.so");
    CHECK(refused.code == 5);
    CHECK(contains(refused.err, "other_build.so"));
  }

  TEST_CASE("every experiment that is shipped on built-in data is in order") {
    for (const char* name : {"quickstart", "vanilla-glyphs"}) {
      const Finished check = hourglass_command(
          {"check", std::string(HOURGLASS_SOURCE) + "/experiments/" + name + ".yaml", "--set",
           "dataset={name: glyphs, limit: 500}"});
      CAPTURE(check.err);
      CHECK(check.code == 0);
    }
  }
}
