#include <hourglass/compare/find_runs.hpp>
#include <hourglass/core/error.hpp>

#include <doctest/doctest.h>
#include <compare/written_runs.hpp>

#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

using namespace hourglass;
using namespace hourglass::compare;

namespace {

FoundRuns find(const std::vector<std::string>& words) { return find_runs(words); }

std::vector<std::string> names(const FoundRuns& found) {
  std::vector<std::string> out;
  for (const FoundRun& run : found.runs) out.push_back(run.folder.filename().string());
  return out;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_SUITE("compare/find_runs") {
  TEST_CASE("a run, a folder of runs and a pattern name the same runs once") {
    ScratchFolder folder;
    for (const char* name : {"runs/a", "runs/b", "runs/c"}) test::put_run(folder, name, {});
    const std::string runs = folder / "runs";
    CHECK(names(find({runs + "/b"})) == Names{"b"});
    CHECK(names(find({runs + "/b/"})) == Names{"b"});
    CHECK(names(find({runs + "/b/result.yaml"})) == Names{"b"});
    CHECK(names(find({runs})) == Names{"a", "b", "c"});
    CHECK(names(find({runs + "/[ac]"})) == Names{"a", "c"});
    CHECK(names(find({runs + "/{c,a}"})) == Names{"c", "a"});
    CHECK(names(find({runs + "/c", runs + "/*", runs, runs + "/../runs/a"})) ==
          Names{"c", "a", "b"});
    CHECK(names(find({folder.path()})) == Names{"a", "b", "c"});
    CHECK(find({runs}).loose);
    CHECK(find({runs}).faults.empty());
  }

  TEST_CASE("what is no run is told, and does not stop the rest") {
    ScratchFolder folder;
    test::put_run(folder, "runs/a", {});
    folder.put("runs/foreign/notes.txt", "x");
    folder.put("runs/notes.txt", "x");
    folder.put("runs/.hidden/x", "x");
    const FoundRuns found = find({folder / "runs", folder / "runs/notes.txt"});
    CHECK(names(found) == Names{"a"});
    REQUIRE(found.faults.size() == 2);
    CHECK(found.faults[0].where == (folder / "runs/foreign").string());
    CHECK(found.faults[0].what == "holds no run and no sweep");
    CHECK(found.faults[1].what == "is a file, not a run's folder");
    CHECK(find({folder / "runs/foreign"}).faults.size() == 1);
  }

  TEST_CASE("runs are found beside a folder runs, and in it") {
    ScratchFolder folder;
    test::put_run(folder, "f/a", {});
    test::put_run(folder, "f/runs/b", {});
    folder.put("f/other/x", "");
    const FoundRuns found = find({folder / "f"});
    CHECK(names(found) == Names{"a", "b"});
    REQUIRE(found.faults.size() == 1);
    CHECK(found.faults[0].where == (folder / "f/other").string());
    std::filesystem::create_directory_symlink(".", folder / "f/runs/runs");
    CHECK(names(find({folder / "f"})) == Names{"a", "b"});
    CHECK(names(find({folder / "f/runs", folder / "f"})) == Names{"b", "a"});
  }

  TEST_CASE("what cannot be looked into is told with the reason, and stops nothing") {
    ScratchFolder folder;
    test::put_run(folder, "runs/a", {});
    std::filesystem::create_symlink("loop", folder / "runs/loop");
    const std::string reason =
        "cannot be read: " +
        std::make_error_code(std::errc::too_many_symbolic_link_levels).message();
    for (const std::string word : {"runs", "runs/loop"}) {
      CAPTURE(word);
      const FoundRuns found = find({folder / word});
      REQUIRE(found.faults.size() == 1);
      CHECK(found.faults[0].where == (folder / "runs/loop").string());
      CHECK(found.faults[0].what == reason);
    }
    CHECK(names(find({folder / "runs"})) == Names{"a"});
    CHECK(find({folder / std::string(300, 'a')}).faults.size() == 1);
    std::filesystem::create_directory(folder / "runs/odd");
    std::filesystem::create_symlink("result.yaml", folder / "runs/odd/result.yaml");
    CHECK(find({folder / "runs/odd"}).faults.at(0).what == reason);
    folder.put("s/points.csv", "id,status,seed,a\np1,completed,1,1\n");
    std::filesystem::create_symlink("runs", folder / "s/runs");
    const FoundRuns sweep = find({folder / "s"});
    CHECK(names(sweep) == Names{"p1"});
    CHECK(sweep.faults.at(0).what == reason);
  }

  TEST_CASE("a folder that one may not read is told so") {
    ScratchFolder folder;
    test::put_run(folder, "runs/a", {});
    test::put_run(folder, "runs/b", {});
    std::filesystem::permissions(folder / "runs/b", std::filesystem::perms::none);
    const FoundRuns found = find({folder / "runs"});
    const bool may_read_all = found.faults.empty();  // root
    if (!may_read_all) {
      CHECK(names(found) == Names{"a"});
      CHECK(found.faults[0].what ==
            "cannot be read: " + std::make_error_code(std::errc::permission_denied).message());
    }
    std::filesystem::permissions(folder / "runs/b", std::filesystem::perms::owner_all);
  }

  TEST_CASE("words that name nothing are errors") {
    ScratchFolder folder;
    CHECK_THROWS_WITH_AS(find({folder / "none"}),
                         text((folder / "none").string(), ": there is no such folder").c_str(),
                         DataError);
    CHECK_THROWS_WITH_AS(find({folder / "no*"}),
                         text((folder / "no*").string(), ": matches nothing").c_str(), DataError);
  }

  TEST_CASE("a sweep tells the points of its runs, those to come too") {
    ScratchFolder folder;
    test::put_run(folder, "s/runs/p1", {});
    test::put_run(folder, "s/runs/extra", {});
    folder.put("s/points.csv",
               "id,status,seed,variant,model.latent\n"
               "p1,completed,1,vae,8\n"
               "p2,waiting,2,vanilla,\n");
    const FoundRuns found = find({folder / "s"});
    CHECK(names(found) == Names{"p1", "p2"});
    CHECK(found.sweeps == 1);
    CHECK_FALSE(found.loose);
    CHECK(found.swept_keys == Names{"variant", "model.latent"});
    CHECK(find_value(found.runs[0].point, "model.latent")->text == "8");
    CHECK(find_value(found.runs[1].point, "model.latent") == nullptr);
    CHECK(found.runs[1].status == Status::Waiting);
    CHECK(found.runs[1].seed == 2);
    REQUIRE(found.faults.size() == 1);
    CHECK(found.faults[0].what == "is not in the sweep's points.csv");
    CHECK(names(find({folder.path()})) == Names{"p1", "p2"});
  }

  TEST_CASE("rows of a sweep that cannot be used are told by their line") {
    ScratchFolder folder;
    folder.put("s/points.csv",
               "id,status,seed,a\n"
               "../../etc,completed,1,1\n"
               "p1,completed,1\n"
               "p2,fine\033,1,1\n"
               ",completed,1,1\n"
               "p3,completed,1,1\n"
               "..,completed,1,1\n");
    const FoundRuns found = find({folder / "s"});
    CHECK(names(found) == Names{"p3"});
    REQUIRE(found.faults.size() == 5);
    CHECK(found.faults[0].where.ends_with("points.csv:2"));
    CHECK(found.faults[0].what == "its id is no folder's name");
    CHECK(found.faults[1].what == "has 3 cells, the header has 4");
    CHECK(found.faults[2].what == "status \"fine?\" is none that a run has");
    CHECK(found.faults[3].what == "its id is no folder's name");
    CHECK(found.faults[4].where.ends_with("points.csv:7"));
  }

  TEST_CASE("the runs of a sweep whose points cannot be read are taken one by one") {
    ScratchFolder folder;
    test::put_run(folder, "s/runs/p1", {});
    for (const char* points : {"", "id,seed\np1,1\n", "id,status,seed\n\"p1\"x,completed,1\n"}) {
      folder.put("s/points.csv", points);
      const FoundRuns found = find({folder / "s"});
      CHECK(names(found) == Names{"p1"});
      CHECK(found.loose);
      CHECK(found.sweeps == 0);
      REQUIRE(found.faults.size() == 1);
      CHECK(found.faults[0].what.ends_with("; its runs are taken one by one"));
    }
  }
}
