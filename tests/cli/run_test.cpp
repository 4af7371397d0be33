#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <doctest/doctest.h>
#include <data/files.hpp>
#include <support/places.hpp>
#include <support/program.hpp>
#include <support/scratch_folder.hpp>

#include <algorithm>

namespace fs = std::filesystem;

namespace {

/// Waits until a file is there, for at most twenty seconds.
bool appears(const fs::path& path) {
  for (int i = 0; i < 10'000 && !fs::exists(path); ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return fs::exists(path);
}

const std::vector<std::string> kEndless = {
    HOURGLASS_PROGRAM, "run", "small.yaml", "--set", "train.epochs=1000000", "--data-root", "here"};

}  // namespace

TEST_SUITE("cli/run") {
  TEST_CASE("a run says an epoch a line, ends with a summary and leaves its folder") {
    ScratchFolder folder;
    folder.put("small.yaml", kSmallExperiment);
    const Finished run = hourglass_command(folder.path(), {"run", "small.yaml"});
    CAPTURE(run.err);
    CHECK(run.code == 0);
    CHECK(contains(run.err, "epoch 1/2  train/loss "));
    CHECK(contains(run.err, "\nepoch 2/2  train/loss "));
    CHECK(contains(run.err, " samples/s  0:00 left\n"));
    CHECK_FALSE(contains(run.err, "\r"));

    CHECK(run.out.starts_with(
        "small: vanilla on glyphs, seed 1\n\n  status           completed; 2 epochs"));
    CHECK(contains(run.out, "\n  test loss        "));
    CHECK(contains(run.out, " per sample, "));
    CHECK(contains(run.out, "PCA, code of 4\n"));
    CHECK(contains(run.out, "\n  test/reconstruction/squared_error_per_feature "));
    CHECK(contains(run.out, "\n  folder           runs/small-1\n"));
    CHECK(contains(run.out, "reconstructions.png"));
    for (const char* file : {"experiment.yaml", "result.yaml", "metrics.csv", "latents.h5",
                             "checkpoints/last.h5", "figures/curves.png"}) {
      CHECK(fs::exists(folder / "runs/small-1" / file));
    }
  }

  TEST_CASE("a run that is there is refused, and resuming a completed one does nothing") {
    ScratchFolder folder;
    folder.put("small.yaml", kSmallExperiment);
    const auto run = [&](const std::vector<std::string>& more) {
      std::vector<std::string> arguments = {"run", "small.yaml", "--output", "here"};
      arguments.insert(arguments.end(), more.begin(), more.end());
      return hourglass_command(folder.path(), arguments);
    };
    const Finished first = run({"--quiet"});
    CHECK(first.code == 0);
    CHECK(first.err.empty());
    CHECK(contains(first.out, "completed"));
    const Finished second = run({});
    CHECK(second.code == 2);
    CHECK(contains(second.err, "--resume"));
    const Finished resumed = run({"--resume"});
    CHECK(resumed.code == 0);
    CHECK(contains(resumed.err, "complete"));
    CHECK(resumed.out == first.out);
    const Finished other = run({"--resume", "--set", "train.batch=100"});
    CHECK(other.code == 2);
    CHECK(contains(other.err, "train.batch: 50 in the folder, 100 now"));
  }

  TEST_CASE("SIGINT and SIGTERM save the state, and the run goes on from there") {
    for (const int signal : {SIGINT, SIGTERM}) {
      CAPTURE(signal);
      ScratchFolder folder;
      folder.put("small.yaml", kSmallExperiment);
      ChildProcess child(kEndless, folder.path());
      REQUIRE(appears(folder / "runs/small-1/metrics.csv"));
      child.signal(signal);
      const Finished stopped = child.wait();
      CHECK(stopped.code == 6);
      CHECK(contains(stopped.err,
                     "interrupted; the state is saved. To go on: hourglass run small.yaml --set "
                     "train.epochs=1000000 --output runs/small-1 --data-root here --resume\n"));
      CHECK(stopped.out.empty());

      const Finished info = hourglass_command(folder.path(), {"info", "runs/small-1"});
      CHECK(info.code == 0);
      CHECK(contains(info.out, "interrupted"));
      ChildProcess again(
          {HOURGLASS_PROGRAM, "run", "small.yaml", "--resume", "--set", "train.epochs=1000001"},
          folder.path());
      const auto size = fs::file_size(folder / "runs/small-1/metrics.csv");
      for (int i = 0; i < 10'000 && fs::file_size(folder / "runs/small-1/metrics.csv") <= size;
           ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
      }
      again.signal(signal);
      const Finished second = again.wait();
      CHECK(second.code == 6);
      CHECK(contains(second.err, "resuming after epoch"));
    }
  }

  TEST_CASE("a second SIGINT ends the program at once, by the signal") {
    // A state that takes its time to save; should the second signal be too late nevertheless,
    // again.
    std::vector<std::string> slow = kEndless;
    slow.insert(slow.end(), {"--set", "model.encoder=[{dense: 3000}]"});
    int code = 0;
    for (int attempt = 0; attempt < 10 && code != -SIGINT; ++attempt) {
      ScratchFolder folder;
      folder.put("small.yaml", kSmallExperiment);
      ChildProcess child(slow, folder.path());
      REQUIRE(appears(folder / "runs/small-1/metrics.csv"));
      child.signal(SIGINT);
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
      child.signal(SIGINT);
      code = child.wait().code;
    }
    CHECK(code == -SIGINT);
  }

  TEST_CASE("a loss that is not finite is exit code 4") {
    ScratchFolder folder;
    folder.put("small.yaml", kSmallExperiment);
    const Finished run =
        hourglass_command(folder.path(), {"run", "small.yaml", "--set",
                                          "train.optimizer={sgd: {learning_rate: 1.0e30}}", "--set",
                                          "model.loss=squared_error"});
    CHECK(run.code == 4);
    CHECK(contains(run.err, "the loss of \"reconstruction\" is "));
    CHECK(fs::exists(folder / "runs/small-1/checkpoints/last.h5"));
    const Finished info = hourglass_command(folder.path(), {"info", "runs/small-1"});
    CHECK(contains(info.out, "diverged"));
  }

  TEST_CASE("a folder that cannot be made is exit code 1") {
    ScratchFolder folder;
    folder.put("small.yaml", kSmallExperiment);
    const Finished run =
        hourglass_command(folder.path(), {"run", "small.yaml", "--output", "small.yaml/below"});
    CHECK(run.code == 1);
    CHECK(contains(run.err, "small.yaml/below"));
  }

  TEST_CASE("on a terminal one line is drawn again and again, no wider than the terminal") {
    ScratchFolder folder;
    folder.put("small.yaml", kSmallExperiment);
    const int master = ::posix_openpt(O_RDWR | O_NOCTTY);
    REQUIRE(master >= 0);
    REQUIRE(::grantpt(master) == 0);
    REQUIRE(::unlockpt(master) == 0);
    const std::string terminal = ::ptsname(master);
    const int keep = ::open(terminal.c_str(), O_RDWR | O_NOCTTY);
    winsize size{};
    size.ws_col = 50;
    ::ioctl(master, TIOCSWINSZ, &size);
    ChildProcess child({"/bin/sh", "-c",
                        std::string("exec ") + HOURGLASS_PROGRAM +
                            " run small.yaml --set train.epochs=20 2>" + terminal},
                       folder.path());
    std::string drawn;
    std::thread reader([&] {
      char buffer[4096];
      pollfd ready{master, POLLIN, 0};
      while (::poll(&ready, 1, 20'000) > 0) {
        const auto count = ::read(master, buffer, sizeof buffer);
        if (count <= 0) break;
        drawn.append(buffer, static_cast<std::size_t>(count));
        if (drawn.find("END") != drawn.npos) break;
      }
    });
    const Finished run = child.wait();
    [[maybe_unused]] const auto written = ::write(keep, "END", 3);
    reader.join();
    ::close(keep);
    ::close(master);
    CHECK(run.code == 0);
    CHECK(contains(drawn, "\r\033[Kepoch "));
    CHECK(contains(drawn, "/20"));
    for (std::size_t at = drawn.find("\033[K"); at != drawn.npos;
         at = drawn.find("\033[K", at + 1)) {
      const std::size_t end = std::min(drawn.find('\r', at), drawn.size());
      if (drawn.compare(at + 3, 6, "epoch ") == 0) CHECK(end - at - 3 < 50);
    }
  }
}
