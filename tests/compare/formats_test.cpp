#include <hourglass/compare/csv_format.hpp>
#include <hourglass/compare/json_format.hpp>
#include <hourglass/compare/left_out.hpp>
#include <hourglass/compare/markdown_format.hpp>
#include <hourglass/compare/sheets.hpp>
#include <hourglass/config/parse.hpp>

#include <doctest/doctest.h>
#include <compare/written_runs.hpp>

#include <array>
#include <cmath>
#include <string>

using namespace hourglass;
using namespace hourglass::compare;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

// Two seeds of one group, one of another that is a stranger's.
Comparison strange(const ScratchFolder& folder) {
  test::put_run(folder, "a", {.seed = 1, .metrics = {{"test/p/mmd", "1.0"}}});
  test::put_run(folder, "b", {.seed = 2, .metrics = {{"test/p/mmd", "2.0"}}});
  folder.put(
      "c/result.yaml",
      "variant: \"x|y,\\\"z\\\"\\x1b[2J\"\nseed: 1\nstatus: completed\nmetrics:\n  test/p/mmd: 3\n"
      "  \"a\\nb\": .nan\n");
  folder.put("d/result.yaml", "\t");
  return compare_runs({.words = {folder.path()}});
}

}  // namespace

TEST_SUITE("compare/formats") {
  TEST_CASE("JSON says everything, numbers as numbers and texts as texts") {
    ScratchFolder folder;
    const std::string json = to_json(strange(folder));
    // JSON is YAML.
    const config::Node root = config::parse_text(json, "out.json");
    const config::Node& first = root.find("groups")->items().at(0);
    CHECK(first.find("point")->find("variant")->text() == "vanilla");
    CHECK(first.find("n")->text() == "2");
    const config::Node& loss = *first.find("metrics")->find("test/p/mmd");
    CHECK(loss.find("mean")->to_number() == 1.5);
    CHECK(*loss.find("sd")->to_number() == doctest::Approx(std::sqrt(0.5)));
    // t(0.975; 1) sd / sqrt(2) = 12.7062047 / 2.
    CHECK(*loss.find("low")->to_number() == doctest::Approx(1.5 - 6.35310236));
    CHECK(*loss.find("high")->to_number() == doctest::Approx(1.5 + 6.35310236));
    CHECK(loss.find("rank")->text() == "1");
    CHECK(first.find("statuses")->find("completed")->text() == "2");
    CHECK(first.find("runs")->items().at(1).find("seed")->text() == "2");
    const config::Node& second = root.find("groups")->items().at(1);
    CHECK(second.find("point")->find("variant")->text() == "x|y,\"z\"?[2J");
    CHECK(has(json, "\"sd\": null, \"low\": null, \"high\": null"));
    CHECK(has(json, "\"a?b\": {\"mean\": null,"));
    CHECK(root.find("faults")->items().size() == 1);
    CHECK(root.find("comparisons")->items().at(0).find("verdict")->text() ==
          "too few common seeds");
    CHECK(root.find("pareto") == nullptr);
  }

  TEST_CASE("points have numbers, booleans and nulls as JSON has them") {
    ScratchFolder folder;
    for (int i = 0; i < 3; ++i) {
      static constexpr std::array<const char*, 3> kSettings = {"a: 1.0e-04\nb: true\nc: vae\n",
                                                               "a: 8.0\nb: null\nc: \"7 \"\n", ""};
      test::put_run(folder, text("s/runs/", i), {.seed = i, .settings = kSettings.at(i)});
    }
    folder.put("s/points.csv",
               "id,status,seed,a,b,c\n0,completed,0,1.0e-04,true,vae\n1,completed,1,8,null,\"7 \"\n"
               "2,completed,2,,,\n");
    const std::string json = to_json(compare_runs({.words = {folder / "s"}}));
    CHECK(has(json, "{\"point\": {\"a\": 1e-04, \"b\": true, \"c\": \"vae\"}, \"n\": 1,"));
    CHECK(has(json, "{\"point\": {\"a\": 8, \"b\": null, \"c\": \"7 \"}, \"n\": 1,"));
    CHECK(has(json, "{\"point\": {}, \"n\": 1,"));
  }

  TEST_CASE("CSV has a row for each metric of each group, quoted where it must be") {
    ScratchFolder folder;
    const std::string out = to_csv(strange(folder));
    CHECK(
        out.starts_with("variant,runs,completed,front,metric,better,n,mean,sd,low,high,rank\n"
                        "vanilla,2,2,,test/p/mmd,lower,2,1.5,0.7071067811865476,-4.85310236"));
    CHECK(has(out, "\n\"x|y,\"\"z\"\"?[2J\",1,1,,test/p/mmd,lower,1,3,,,,2\n"));
    CHECK(has(out, ",1,1,,a?b,,0,,,,,\n"));
  }

  TEST_CASE("Markdown has its tables, and strangers' texts do not break them") {
    ScratchFolder folder;
    const std::string out = to_markdown(strange(folder));
    CHECK(
        out.starts_with("### test/p/mmd (lower is better)\n\n"
                        "| variant | mean ± sd | 95 % interval | n | rank | standing |\n"
                        "| --- | --- | --- | --- | --- | --- |\n"
                        "| vanilla | 1.50 ± 0.71 | [-4.85, 7.85] | 2 | 1 |  |\n"
                        "| x\\|y,\"z\"?[2J | 3 |  | 1 | 2 |  |\n"));
    CHECK(has(out, "### Not in the means\n\n| folder | status | why |\n"));
    CHECK(has(out, "- No two groups share two seeds: nothing can be said of differences.\n"));
  }

  TEST_CASE("groups whose runs diverged say so beside their rank") {
    ScratchFolder folder;
    for (int seed = 1; seed <= 4; ++seed) {
      test::put_run(folder, text("a", seed),
                    {.variant = "a", .seed = seed, .metrics = {{"test/p/mmd", text(seed)}}});
      test::put_run(folder, text("b", seed),
                    {.variant = "b",
                     .seed = seed,
                     .status = seed > 2 ? "diverged" : "completed",
                     .message = seed > 2 ? "at step 3" : "",
                     .metrics = {{"test/p/mmd", text(0.1 * (11 * seed + 49))}}});
    }
    const std::vector<Sheet> sheets = sheets_of(compare_runs({.words = {folder.path()}}), 40);
    CHECK(sheets[0].rows[1] ==
          std::vector<std::string>{"a", "2.5 ± 1.3", "[0.4, 4.6]", "4", "1", "best"});
    CHECK(sheets[0].rows[2] == std::vector<std::string>{"b", "6.55 ± 0.78", "[-0.44, 13.54]",
                                                        "2 of 4", "2", "worse; 2 diverged"});
    CHECK(sheets[1].title == "Cost beside test/p/mmd");
    CHECK(sheets[1].rows[2] ==
          std::vector<std::string>{"b", "6.55 ± 0.78", "100", "2.500", "2 of 4"});
    CHECK(sheets[2].rows[1] == std::vector<std::string>{"a", "b", "-5.050", "[-5.685, -4.415]", "2",
                                                        "0.006", "1.00", "first is better"});
    CHECK(sheets[0].rows[0].back() == "standing");
    CHECK(
        has(sheets.back().notes.at(2),
            "worse: the one with the best mean is shown to be better. No mark: nothing is shown"));
    CHECK(sheets[3].title == "Not in the means");
    CHECK(sheets[3].rows[2][2] == "at step 3");
  }

  TEST_CASE("what only the correction keeps from being shown says so") {
    ScratchFolder folder;
    // p = 0.03 to 0.05 for a and each other.
    for (int seed = 1; seed <= 4; ++seed) {
      static constexpr std::array<double, 4> kBy = {0.1, 0, -0.1, 0.02};
      for (const char* variant : {"a", "b", "c", "d"}) {
        const double value = *variant == 'a' ? 0 : 0.15 + kBy.at(seed - 1);
        test::put_run(folder, text(variant, seed),
                      {.variant = variant, .seed = seed, .metrics = {{"test/p/mmd", text(value)}}});
      }
    }
    const Comparison of = compare_runs({.words = {folder.path()}});
    const Sheet pairs = sheets_of(of, 40)[2];
    CHECK(pairs.rows[1].back() == "not shown in 6");
    CHECK(pairs.rows[4].back() == "not shown");
    REQUIRE(pairs.notes.size() == 2);
    CHECK(pairs.notes[1].starts_with(
        "\"not shown in 6\": alone the two would be told apart, but not after the correction for 6 "
        "comparisons"));
    const std::string json = to_json(of);
    CHECK(has(json, "\"comparisons\": 6"));
    CHECK(has(json, "\"verdict\": \"no difference shown after correction\""));
  }

  TEST_CASE("the last column says what became of every run that is not in a mean") {
    ScratchFolder folder;
    const auto put = [&](const std::string& name, std::int64_t seed, const std::string& status,
                         const std::string& metric) {
      test::put_run(folder, name, {.seed = seed, .status = status, .metrics = {{metric, "1.0"}}});
    };
    put("a", 1, "completed", "test/p/mmd");
    put("b", 1, "completed", "test/p/mmd");
    put("c", 2, "completed", "test/q/own");
    put("d", 3, "completed", "test/q/own");
    put("e", 4, "failed", "test/p/mmd");
    put("f", 5, "interrupted", "test/p/mmd");
    const std::vector<std::vector<std::string>> rows =
        sheets_of(compare_runs({.words = {folder.path()}, .metrics = {"mmd", "own"}}), 40)[0].rows;
    CHECK(rows[1][3] == "1 of 6");
    CHECK(rows[1][5] == "1 interrupted, 1 failed, 1 repeats a seed, 2 lack it");
  }

  TEST_CASE("CSV counts completed runs and those in a mean apart, and marks the front") {
    ScratchFolder folder;
    const auto put = [&](const std::string& name, const std::string& variant, std::int64_t seed,
                         const std::string& error, const std::string& other) {
      test::put_run(folder, name,
                    {.variant = variant,
                     .seed = seed,
                     .metrics = {{"test/p/mmd", error}, {"test/q/psnr", other}},
                     .resources = ""});
    };
    put("a1", "a", 1, "1", "5");
    put("a2", "a", 2, "1", ".nan");
    put("a3", "a", 2, "1", "5");  // a repeat
    put("b", "b", 1, "2", "9");
    put("c", "c", 1, "3", "7");
    test::put_run(folder, "d", {.variant = "d", .status = "failed"});
    const ComparisonRequest request{.words = {folder.path()}, .pareto = "mmd,psnr"};
    const std::string out = to_csv(compare_runs(request));
    CHECK(out.starts_with("variant,runs,completed,front,metric,better,n,mean,"));
    CHECK(has(out, "\na,3,3,yes,test/p/mmd,lower,2,1,"));
    CHECK(has(out, "\na,3,3,yes,test/q/psnr,higher,1,5,"));
    CHECK(has(out, "\nb,1,1,yes,test/p/mmd,lower,1,2,"));
    CHECK(has(out, "\nc,1,1,no,test/p/mmd,lower,1,3,"));
    CHECK(has(out, "\nd,1,0,no,,,,,,,,\n"));
    const std::string without = to_csv(compare_runs({.words = {folder.path()}}));
    CHECK(has(without, "\na,3,3,,test/p/mmd,lower,2,1,"));
  }

  TEST_CASE("runs and folders that are in no mean are told in one sentence") {
    ScratchFolder folder;
    test::put_run(folder, "a", {.seed = 1});
    CHECK(left_out_text(compare_runs({.words = {folder.path()}})).empty());
    test::put_run(folder, "b", {.seed = 1});
    test::put_run(folder, "c", {.seed = 2, .status = "diverged"});
    folder.put("d/experiment.yaml", "variant: vanilla\nseed: 3\n");
    folder.put("e/result.yaml", "\t");
    folder.put("f/x", "");
    CHECK(left_out_text(compare_runs({.words = {folder.path()}})) ==
          "4 of 5 runs are not in the means: 1 interrupted, 1 diverged, 1 damaged, 1 repeats a "
          "seed; 1 folder is no run or cannot be read");
  }

  TEST_CASE("tables show as many rows as they may, and keys by their shortest ending") {
    ScratchFolder folder;
    std::string points = "id,status,seed,train.optimizer.adam.l1,model.l1,model.latent\n";
    for (int i = 0; i < 5; ++i) {
      test::put_run(
          folder, text("s/runs/", i),
          {.metrics = {{"test/p/mmd", text(i)}},
           .settings =
               text("model: {l1: 0, latent: 4}\ntrain: {optimizer: {adam: {l1: ", i, "}}}\n")});
      points += text(i, ",completed,1,", i, ",0,4\n");
    }
    folder.put("s/points.csv", points);
    const std::vector<Sheet> sheets = sheets_of(compare_runs({.words = {folder / "s"}}), 3);
    CHECK(sheets[0].rows.size() == 4);
    CHECK(sheets[0].notes.at(0) == "And 2 more groups; --format csv or json has all.");
    CHECK(sheets[0].rows[0][0] == "adam.l1");
    CHECK(sheets[0].rows[0][1] == "model.l1");
    CHECK(sheets[0].rows[0][2] == "latent");
  }
}
