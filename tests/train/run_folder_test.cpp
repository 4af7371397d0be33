#include <hourglass/core/error.hpp>
#include <hourglass/train/run_folder.hpp>

#include <doctest/doctest.h>
#include <data/files.hpp>
#include <support/scratch_folder.hpp>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

namespace hourglass {

namespace fs = std::filesystem;
using testing::read_all;

TEST_SUITE("train/run_folder") {
  TEST_CASE("a folder is made with those inside it, and kept for one user") {
    ScratchFolder scratch;
    const fs::path path = scratch / "runs/a";
    {
      const RunFolder folder(path);
      CHECK(fs::is_directory(path / "checkpoints"));
      CHECK(fs::is_directory(path / "figures"));
      CHECK_THROWS_WITH_AS(
          RunFolder{path},
          (path.string() + ": another process is running in this folder; wait for it, or choose "
                           "another one with --output")
              .c_str(),
          ConfigError);
    }
    CHECK_NOTHROW(RunFolder{path});
  }

  TEST_CASE("a folder that cannot be made says why") {
    ScratchFolder scratch;
    const fs::path file = scratch.put("file", "");
    CHECK_THROWS_WITH_AS(RunFolder{file / "run"}, doctest::Contains("cannot make the folder: "),
                         IoError);
  }

  TEST_CASE("epochs are numbered with four digits, or more where they need them") {
    ScratchFolder scratch;
    const RunFolder folder(scratch.path());
    CHECK(folder.epoch(5).filename() == "epoch-0005.h5");
    CHECK(folder.epoch(1234).filename() == "epoch-1234.h5");
    CHECK(folder.epoch(12345).filename() == "epoch-12345.h5");
  }

  TEST_CASE("pruning keeps the newest, and none beyond the epoch") {
    ScratchFolder scratch;
    const RunFolder folder(scratch.path());
    const auto put = [&](const char* name) { scratch.put(std::string("checkpoints/") + name, ""); };
    for (const char* name : {"epoch-0002.h5", "epoch-0004.h5", "epoch-0006.h5", "epoch-0008.h5",
                             "epoch-10000.h5", "best.h5", "last.h5", "epoch-mine.h5"}) {
      put(name);
    }
    folder.prune(6, 2);
    std::vector<std::string> left;
    for (const auto& entry : fs::directory_iterator(folder.checkpoints())) {
      left.push_back(entry.path().filename().string());
    }
    std::ranges::sort(left);
    CHECK(left == std::vector<std::string>{"best.h5", "epoch-0004.h5", "epoch-0006.h5",
                                           "epoch-mine.h5", "last.h5"});
  }

  TEST_CASE("tables grow by whole rows under one header, and are cut to an epoch") {
    ScratchFolder scratch;
    const RunFolder folder(scratch.path());
    append_metrics(folder, 1, 10, {{"train/loss", 0.5}, {"test/loss", std::nan("")}});
    append_metrics(folder, 2, 20, {{"train/loss", 0.25}, {"test/loss", 1e-3}});
    append_timing(folder, 1, 1.5, 400);
    append_timing(folder, 2, 1.25, 480);
    CHECK(read_all(folder.metrics()) ==
          "epoch,step,train/loss,test/loss\n1,10,0.5,nan\n2,20,0.25,0.001\n");
    cut_to(folder, 1);
    CHECK(read_all(folder.metrics()) == "epoch,step,train/loss,test/loss\n1,10,0.5,nan\n");
    CHECK(read_all(folder.timing()) == "epoch,seconds,samples_per_second\n1,1.5,400\n");
    cut_to(folder, 0);
    append_metrics(folder, 1, 10, {{"train/loss", 2.0}, {"test/loss", 3.0}});
    CHECK(read_all(folder.metrics()) == "epoch,step,train/loss,test/loss\n1,10,2,3\n");
  }
}

}  // namespace hourglass
