#include <doctest/doctest.h>
#include <compare/written_runs.hpp>
#include <support/program.hpp>
#include <support/scratch_folder.hpp>

#include <string>

using namespace hourglass;

namespace {

void put_two_variants(const ScratchFolder& folder) {
  for (int seed = 1; seed <= 3; ++seed) {
    test::put_run(folder, text("runs/a-", seed),
                  {.variant = "a",
                   .seed = seed,
                   .metrics = {{"test/a/psnr", text(20 - seed)}, {"test/b/mmd", text(10 * seed)}}});
    test::put_run(
        folder, text("runs/b-", seed),
        {.variant = "b",
         .seed = seed,
         .metrics = {{"test/a/psnr", text(18 + seed)}, {"test/b/mmd", text(10.1 * seed + 5)}}});
  }
}

}  // namespace

TEST_SUITE("cli/compare") {
  TEST_CASE("a table shows means, intervals, n and ranks, and names no winner for nothing") {
    ScratchFolder folder;
    put_two_variants(folder);
    folder.put("runs/broken/result.yaml", "\t");
    folder.put("runs/other/notes.txt", "x");
    const Finished out = hourglass_command(folder.path(), {"compare", "runs"});
    CHECK(out.code == 0);
    CHECK(out.err ==
          "warning: 1 of 7 runs is not in the means: 1 damaged; 1 folder is no run or cannot be "
          "read\n");
    CHECK(hourglass_command(folder.path(), {"compare", "runs", "--format", "csv"}).err == out.err);
    CHECK(hourglass_command(folder.path(), {"compare", "runs/a-*", "runs/b-*"}).err.empty());
    CHECK(
        out.out.starts_with("test/a/psnr (higher is better)\n"
                            "\n"
                            "  variant  mean ± sd   95 % interval  n  rank  standing\n"
                            "  b        20.0 ± 1.0  [17.5, 22.5]   3  1.2\n"
                            "  a        18.0 ± 1.0  [15.5, 20.5]   3  1.8\n"));
    // Differences 0, 2, 4; of nine pairs of runs a tie counts half.
    CHECK(contains(out.out,
                   "  b      a       2.0             [-3.0, 7.0]    3      0.23      0.94       "
                   "not shown\n"));
    CHECK(contains(out.out, "  runs/broken  damaged  result.yaml"));
    CHECK(contains(out.out, "  runs/other   no run   holds no run and no sweep\n"));
  }

  TEST_CASE("metrics, formats and files are as asked for") {
    ScratchFolder folder;
    put_two_variants(folder);
    const Finished table =
        hourglass_command(folder.path(), {"compare", "--metric", "mmd", "runs/a-*", "runs/b-?"});
    CHECK(table.out.starts_with("test/b/mmd (lower is better)\n"));
    CHECK(contains(table.out, "first is better"));
    const Finished json = hourglass_command(folder.path(), {"compare", "runs", "--format=json"});
    CHECK(json.out.starts_with("{\"groups\": [\n  {\"point\": {\"variant\": \"b\"}, \"n\": 3, "));
    for (const auto& [name, start] :
         std::vector<std::pair<std::string, std::string>>{{"a.csv", "variant,runs"},
                                                          {"a.md", "### test"},
                                                          {"a.json", "{\"groups"},
                                                          {"a.CSV", "variant,runs"},
                                                          {"a.Md", "### test"},
                                                          {"a.txt", "test/a"},
                                                          {"a", "test/a"}}) {
      const Finished file = hourglass_command(folder.path(), {"compare", "runs", "--output", name});
      CHECK(file.code == 0);
      CHECK(file.out.empty());
      std::string content;
      std::ifstream stream(folder / name);
      std::getline(stream, content);
      CHECK(content.starts_with(start));
    }
    const Finished named = hourglass_command(
        folder.path(), {"compare", "runs", "--output", "b.csv", "--format", "markdown"});
    CHECK(named.code == 0);
    std::string content;
    std::ifstream stream(folder / "b.csv");
    std::getline(stream, content);
    CHECK(content.starts_with("### "));
    CHECK(contains(
        hourglass_command(folder.path(), {"compare", "runs", "--pareto", "psnr,seconds"}).out,
        "Pareto front of test/a/psnr and seconds\n"));
  }

  TEST_CASE("a page is written by its name or its ending, or the build says that it has none") {
    ScratchFolder folder;
    put_two_variants(folder);
    for (const char* name : {"a.html", "a.htm"}) {
      const Finished page = hourglass_command(folder.path(), {"compare", "runs", "--output", name});
      CHECK((page.code == 0 || contains(page.err, "this build has no page; install npm")));
      CHECK(std::filesystem::exists(folder / name) == (page.code == 0));
    }
    const Finished page = hourglass_command(folder.path(), {"compare", "runs", "--format", "html"});
    CHECK((page.out.starts_with("<!doctype html>") || page.code == 2));
  }

  TEST_CASE("what cannot be done is said, with the exit code for it") {
    ScratchFolder folder;
    put_two_variants(folder);
    folder.put("empty/x", "");
    const auto run = [&](std::vector<std::string> words) {
      words.insert(words.begin(), "compare");
      return hourglass_command(folder.path(), words);
    };
    CHECK(run({}).code == 2);
    CHECK(run({"none"}).code == 3);
    CHECK(run({"none"}).err == "none: there is no such folder\n");
    CHECK(run({"no*"}).code == 3);
    CHECK(run({"empty"}).code == 2);
    CHECK(run({"empty"}).err == "there are no runs to compare: empty holds no run and no sweep\n");
    CHECK(run({"runs", "--metric", "psrn"}).code == 2);
    const Finished pdf = run({"runs", "--format", "pdf"});
    CHECK(pdf.code == 2);
    CHECK(
        pdf.err.starts_with("hourglass compare: there is no format \"pdf\"; formats: table, csv, "
                            "json, markdown, html\n"));
    const Finished nowhere = run({"runs", "--output", "none/a.html"});
    CHECK(nowhere.code == 1);
    CHECK(nowhere.err == "none/a.html: cannot write: there is no folder none; make it first\n");
    const Finished odd = run({"runs", "--output", "a.foo"});
    CHECK(odd.code == 2);
    CHECK(odd.err ==
          "hourglass compare: no format has the ending of a.foo; name one with --format, or end in "
          ".txt, .csv, .json, .md, .markdown, .html, .htm\nsee: hourglass compare --help\n");
    CHECK_FALSE(std::filesystem::exists(folder / "a.foo"));
    CHECK(run({"runs", "--output", "a.foo", "--format", "csv"}).code == 0);
    for (const char* pareto : {"", "psnr", "psnr,", ",psnr", "psnr,mmd,seconds"}) {
      CAPTURE(pareto);
      const Finished front = run({"runs", "--pareto", pareto});
      CHECK(front.code == 2);
      CHECK(
          front.err.starts_with("hourglass compare: --pareto wants two metrics with a comma "
                                "between, such as psnr,parameters; got \""));
    }
    CHECK(run({"runs", "--pareto", "psnr,mmd", "--pareto", "psnr,seconds"}).code == 2);
  }

  TEST_CASE("runs that nobody could finish are shown, and are no failure of the comparison") {
    ScratchFolder folder;
    folder.put("runs/a/experiment.yaml", "variant: vae\nseed: 1\n");
    test::put_run(folder, "runs/b",
                  {.variant = "vae", .seed = 2, .status = "failed", .message = "why\\x1b"});
    const Finished out = hourglass_command(folder.path(), {"compare", "runs"});
    CHECK(out.code == 0);
    CHECK(contains(out.out, "  runs/a  interrupted  has no result yet\n"));
    CHECK(contains(out.out, "  runs/b  failed       why?\n"));
  }
}
