#include <hourglass/compare/load_runs.hpp>

#include <doctest/doctest.h>
#include <compare/written_runs.hpp>

#include <string>
#include <vector>

using namespace hourglass;
using namespace hourglass::compare;

TEST_SUITE("compare/load_runs") {
  TEST_CASE(
      "a sweep's word counts where the folder does not tell, and where it has stopped a run") {
    ScratchFolder folder;
    test::put_run(folder, "s/runs/stopped", {.status = "interrupted"});
    test::put_run(folder, "s/runs/ended", {.status = "completed"});
    test::put_run(folder, "s/runs/done", {.status = "completed"});
    test::put_run(folder, "s/runs/crashed", {.status = "interrupted"});
    folder.put("s/points.csv",
               "id,status,seed\n"
               "stopped,stopped,1\n"
               "ended,stopped,2\n"
               "done,running,3\n"
               "crashed,failed,4\n"
               "gone,completed,5\n"
               "later,waiting,6\n"
               "broken,diverged,7\n");
    const FoundRuns found = find_runs(std::vector<std::string>{folder / "s"});
    const std::vector<Run> runs = load_runs(found);
    std::vector<std::string> all;
    for (const Run& run : runs) all.emplace_back(name_of(run.result.status));
    CHECK(all == std::vector<std::string>{"stopped", "stopped", "completed", "failed", "damaged",
                                          "waiting", "diverged"});
    CHECK(runs[1].result.message == "stopped early by the sweep");
    CHECK(runs[4].result.message == "completed by points.csv, but its folder holds no run");
    CHECK(runs[5].result.seed == 6);
    CHECK(runs[0].result.seed == 1);
  }

  TEST_CASE("a sweep's folder that cannot be looked into is damaged, with the reason") {
    ScratchFolder folder;
    folder.put("s/points.csv", "id,status,seed\np1,completed,1\n");
    std::filesystem::create_directories(folder / "s/runs");
    std::filesystem::create_symlink("p1", folder / "s/runs/p1");
    const RunResult run = load_runs(find_runs(std::vector<std::string>{folder / "s"})).at(0).result;
    CHECK(run.status == Status::Damaged);
    CHECK(run.message ==
          "result.yaml: cannot be read: " +
              std::make_error_code(std::errc::too_many_symbolic_link_levels).message());
  }

  TEST_CASE("the value of a swept key is that of the experiment file, where there is one") {
    ScratchFolder folder;
    test::put_run(folder, "s/runs/1", {.settings = "model: {latent: 2}\n"});
    folder.put("s/points.csv",
               "id,status,seed,model.latent,model.beta\n1,completed,1,7,3\n2,waiting,1,9,\n");
    const std::vector<Run> runs = load_runs(find_runs(std::vector<std::string>{folder / "s"}));
    CHECK(point_text(runs[0].swept) == "model.latent 2");
    CHECK(point_text(runs[0].told) == "model.latent 7, model.beta 3");
    CHECK(point_text(runs[1].swept) == "model.latent 9");
    CHECK_FALSE(runs[0].result.settings.empty());
  }
}
