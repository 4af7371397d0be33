#include <hourglass/storage/h5_file.hpp>

#include <hourglass/train/run_folder.hpp>

#include <doctest/doctest.h>
#include <data/files.hpp>
#include <support/program.hpp>
#include <support/scratch_folder.hpp>

using namespace hourglass;

TEST_SUITE("cli/info") {
  TEST_CASE("a file is shown as a tree with types, shapes, sizes and attributes") {
    ScratchFolder folder;
    hdf5::Writer file(folder / "a.h5");
    file.set_attribute("", "epoch", std::int64_t{5});
    file.set_attribute("", "experiment", std::string("name: a\nseed: 1\nvariant: b\n"));
    file.write("parameters/code.weight", Tensor({3, 4}));
    file.set_attribute("parameters/code.weight", "shape", std::vector<std::int64_t>{1, 2});
    file.commit();
    const Finished info = hourglass_command(folder.path(), {"info", "a.h5"});
    CHECK(info.code == 0);
    CHECK(info.err.empty());
    CHECK(info.out.starts_with("a.h5  "));
    CHECK(info.out.substr(info.out.find('\n')) ==
          "\n"
          "  @epoch = 5\n"
          "  @experiment = \"name: a\" and 2 more lines\n"
          "  parameters/\n"
          "    code.weight  f32  [3, 4]  48 B\n"
          "      @shape = [1, 2]\n");
  }

  TEST_CASE("the lines of a text after its first are counted, ended or not") {
    ScratchFolder folder;
    hdf5::Writer file(folder / "a.h5");
    file.set_attribute("", "a", std::string("x\ny"));
    file.set_attribute("", "b", std::string("x\ny\n"));
    file.set_attribute("", "c", std::string("x\ny\nz"));
    file.set_attribute("", "d", std::string("x\n"));
    file.commit();
    const std::string out = hourglass_command(folder.path(), {"info", "a.h5"}).out;
    CHECK(
        out.ends_with("  @a = \"x\" and 1 more line\n  @b = \"x\" and 1 more line\n"
                      "  @c = \"x\" and 2 more lines\n  @d = \"x\"\n"));
  }

  TEST_CASE("a stranger's file cannot play with the terminal") {
    ScratchFolder folder;
    hdf5::Writer file(folder / "a.h5");
    file.set_attribute("", "note", std::string("a\033[2Jb"));
    file.commit();
    CHECK(contains(hourglass_command(folder.path(), {"info", "a.h5"}).out, "@note = \"a?[2Jb\"\n"));
  }

  TEST_CASE("what is missing, no HDF5 file or no run is exit code 3") {
    ScratchFolder folder;
    folder.put("text.h5", "no");
    CHECK(hourglass_command(folder.path(), {"info", "text.h5"}).code == 3);
    CHECK(hourglass_command(folder.path(), {"info", "none.h5"}).code == 3);
    const Finished info = hourglass_command(folder.path(), {"info", "."});
    CHECK(info.code == 3);
    CHECK(info.err == ".: is no run: it has no experiment.yaml\n");
  }

  TEST_CASE("files of a run that cannot be looked at count as missing") {
    ScratchFolder folder;
    std::filesystem::create_symlink("experiment.yaml", folder / "experiment.yaml");
    const Finished none = hourglass_command(folder.path(), {"info", "."});
    CHECK(none.code == 3);
    CHECK(none.err == ".: is no run: it has no experiment.yaml\n");
    std::filesystem::remove(folder / "experiment.yaml");
    folder.put("experiment.yaml", "name: a\nseed: 1\ndataset: glyphs\nvariant: vanilla\n");
    std::filesystem::create_symlink("result.yaml", folder / "result.yaml");
    CHECK(hourglass_command(folder.path(), {"info", "."}).code == 0);
  }

  TEST_CASE("a run that is not finished is shown as far as it is") {
    ScratchFolder folder;
    folder.put("experiment.yaml",
               "name: live\nseed: 3\ndataset: {name: glyphs}\nvariant: vanilla\n");
    const Finished young = hourglass_command(folder.path(), {"info", "."});
    CHECK(young.code == 0);
    CHECK(young.out.starts_with("live: vanilla on glyphs, seed 3\n"));
    CHECK(contains(young.out,
                   "status           stopped before its end, goes on with --resume; no "
                   "epoch is finished\n"));
    {
      const RunFolder live(folder.path());
      CHECK(contains(hourglass_command(folder.path(), {"info", "."}).out,
                     "status           running; no epoch is finished\n"));
    }
    folder.put("metrics.csv", "epoch,step,train/loss,test/loss\n1,10,200.5,199\n2,20,150,140\n3,3");
    const Finished older = hourglass_command(folder.path(), {"info", "."});
    CHECK(older.code == 0);
    CHECK(contains(older.out, "; 2 epochs, 20 steps\n"));
    CHECK(contains(older.out, "\n  test loss        140 per sample\n"));
  }

  TEST_CASE("measures stand beside those of principal components") {
    ScratchFolder folder;
    folder.put("experiment.yaml", "name: a\nseed: 1\ndataset: glyphs\nvariant: vanilla\n");
    folder.put("result.yaml",
               "status: completed\nepochs: 2\nsteps: 20\nseconds: 1.5\ncode_size: 4\n"
               "compression_ratio: 196.0\n"
               "metrics:\n"
               "  train/loss: 78.4\n"
               "  test/reconstruction/squared_error_per_feature: 0.01\n"
               "  pca/test/reconstruction/squared_error_per_feature: 0.02\n"
               "  test/units/dead_fraction: 0.0\n"
               "  raw/test/probe/knn_accuracy: 0.97\n"
               "  test/probe/knn_accuracy: 0.96\n");
    const Finished info = hourglass_command(folder.path(), {"info", "."});
    CHECK(info.code == 0);
    CHECK(contains(info.out, "completed; 2 epochs, 20 steps, 1.5 s of training\n"));
    CHECK(contains(info.out, "train loss       78.4 per sample, 0.1 per feature\n"));
    CHECK(contains(
        info.out,
        "  measure                                        ours  PCA, code of 4  raw samples\n"
        "  test/reconstruction/squared_error_per_feature  0.01  0.02\n"
        "  test/units/dead_fraction                       0\n"
        "  test/probe/knn_accuracy                        0.96                  0.97\n"));
  }

  TEST_CASE("a run whose best weights were measured says of which epoch they are") {
    ScratchFolder folder;
    folder.put("small.yaml", kSmallExperiment);
    const Finished run = hourglass_command(
        folder.path(), {"run", "small.yaml", "--output", "a", "--set", "evaluate_weights=best"});
    const std::string line =
        "\n  weights          measures, codes and pictures are of the best checkpoint: epoch 2 of "
        "2\n";
    CHECK(contains(run.out, line));
    CHECK(contains(hourglass_command(folder.path(), {"info", "a"}).out, line));
  }

  TEST_CASE("what a run that failed has to say is shown to its end") {
    ScratchFolder folder;
    folder.put("experiment.yaml", "name: a\nseed: 1\ndataset: glyphs\nvariant: vanilla\n");
    const std::string message = std::string(600, 'x') + ". A lower learning rate often helps";
    folder.put("result.yaml", "status: diverged\nmessage: \"" + message + "\"\n");
    const Finished info = hourglass_command(folder.path(), {"info", "."});
    CHECK(contains(info.out, message + "\n"));
  }

  TEST_CASE("a sweep's folder is shown by its points") {
    const ScratchFolder scratch;
    scratch.put("s/points.csv",
                "id,status,seed,model.latent\na1,completed,1,2\na2,failed,2,2\nb1,completed,1,3\n");
    const Finished info = hourglass_command(scratch.path(), {"info", "s"});
    CHECK(info.code == 0);
    CHECK(info.out ==
          "s: a sweep of 3 runs, 2 completed, 1 failed\nvaried: model.latent\n"
          "  failed: s/runs/a2\nto compare: hourglass compare s\n");
    scratch.put("s/points.csv", "a,b\n1,2\n");
    CHECK(hourglass_command(scratch.path(), {"info", "s"}).code == 3);
  }

  TEST_CASE("damaged files of a run are exit code 3") {
    ScratchFolder folder;
    folder.put("experiment.yaml", "name: [a\n");
    CHECK(hourglass_command(folder.path(), {"info", "."}).code == 3);
    folder.put("experiment.yaml", "name: a\n");
    folder.put("result.yaml", "\t: {");
    CHECK(hourglass_command(folder.path(), {"info", "."}).code == 3);
    std::filesystem::remove(folder / "result.yaml");
    folder.put("metrics.csv", "epoch,step\n1,x\n");
    CHECK(hourglass_command(folder.path(), {"info", "."}).code == 3);
    folder.put("metrics.csv", "");
    CHECK(hourglass_command(folder.path(), {"info", "."}).code <= 3);
    const std::string long_name(300, 'a');
    CHECK(hourglass_command(folder.path(), {"info", long_name}).code == 3);
  }
}
