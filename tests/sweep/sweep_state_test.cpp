#include "sweep_vocabulary.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/sweep/sweep_state.hpp>

#include <doctest/doctest.h>

using namespace hourglass;

namespace {

/// A sweep whose runs' folders are written by hand.
struct WrittenSweep {
  explicit WrittenSweep(const std::string& sweep) : plan(test::plan_of(sweep)) {}

  const SweepRun& run(const RunAt& at) const { return plan.points()[at.point].runs[at.seed]; }
  void write(const RunAt& at, const std::string& file, const std::string& content) const {
    scratch.put("s/runs/" + run(at).id + "/" + file, content);
  }

  /// The run has stopped after the last of these losses, one an epoch.
  RunStanding paused(const RunAt& at, const std::vector<double>& losses) const {
    std::string table = "epoch,step,train/loss\n";
    for (std::size_t i = 0; i < losses.size(); ++i) {
      table += text(i + 1, ",", 6 * (i + 1), ",", losses[i], "\n");
    }
    write(at, "metrics.csv", table);
    write(at, "checkpoints/last.h5", "");
    write(at, "result.yaml", "status: interrupted\n");
    return read_standing(folder.run(run(at).id), run(at).resolved);
  }
  RunStanding completed(const RunAt& at, const std::vector<double>& losses) const {
    paused(at, losses);
    return completed_with(at, text("{train/loss: ", losses.back(), "}"));
  }
  RunStanding completed_with(const RunAt& at, const std::string& metrics) const {
    write(at, "result.yaml", "status: completed\nmetrics: " + metrics + "\n");
    return read_standing(folder.run(run(at).id), run(at).resolved);
  }

  ScratchFolder scratch;
  Plan plan;
  SweepFolder folder{scratch / "s"};
};

bool none(const std::string&) { return false; }

std::string at_text(const std::optional<RunAt>& at) {
  return at ? text(at->point, "/", at->seed) : "none";
}

std::string at_text(const std::vector<RunAt>& all) {
  std::string out;
  for (const RunAt& at : all) out += (out.empty() ? "" : " ") + at_text(std::optional(at));
  return out;
}

constexpr RunStanding kFailed{SweepStatus::Failed, 0, true, ""};
constexpr const char* kFourHalved =
    "set: {train.epochs: 4}\n"
    "sweep: {grid: {model.latent: [2, 3, 4, 5]}, halving: {first: 1, factor: 2}}\n";

}  // namespace

TEST_SUITE("sweep/sweep_state") {
  TEST_CASE("runs come in the order of the points and their seeds, each once") {
    WrittenSweep sweep("sweep: {grid: {model.latent: [2, 3]}, seeds: [1, 2]}\n");
    SweepState state(sweep.plan, sweep.folder);
    CHECK(at_text(state.next(none)) == "0/0");
    state.begin({0, 0});
    CHECK(state.standing({0, 0}).status == SweepStatus::Running);
    CHECK(at_text(state.next(none)) == "0/1");
    const std::string second = sweep.run({0, 1}).id;
    CHECK(at_text(state.next([&](const std::string& id) { return id == second; })) == "1/0");
    CHECK(state.end({0, 0}, sweep.completed({0, 0}, {3, 2})).empty());
    for (const RunAt at : {RunAt{0, 1}, {1, 0}, {1, 1}}) state.begin(at);
    CHECK(at_text(state.next(none)) == "none");
    CHECK(state.tally().completed == 1);
    CHECK(state.tally().epochs_left == 3 * 2);
  }

  TEST_CASE("what failed is tried again by the next sweep, what diverged is not") {
    WrittenSweep sweep("sweep: {grid: {model.latent: [2, 3]}}\n");
    sweep.write({0, 0}, "result.yaml", "status: failed\nmessage: no memory\n");
    sweep.write({1, 0}, "result.yaml", "status: diverged\nmessage: too far\n");
    SweepState state(sweep.plan, sweep.folder);
    CHECK(state.standing({0, 0}).status == SweepStatus::Waiting);
    CHECK(state.standing({1, 0}).status == SweepStatus::Diverged);
    CHECK(at_text(state.next(none)) == "0/0");
    state.end({0, 0}, kFailed);
    CHECK(at_text(state.next(none)) == "none");
    CHECK(state.tally().failed == 2);
  }

  TEST_CASE("at a rung, points go on or are ended as those before them are known") {
    WrittenSweep sweep(kFourHalved);
    SweepState state(sweep.plan, sweep.folder);
    for (std::size_t i = 0; i < 4; ++i) CHECK(state.allowed(i) == 1);
    // The second's loss alone decides nothing: the first comes before it.
    CHECK(state.end({1, 0}, sweep.paused({1, 0}, {5})).empty());
    CHECK(state.allowed(1) == 1);
    CHECK(at_text(state.next(none)) == "0/0");
    CHECK(at_text(state.end({0, 0}, sweep.paused({0, 0}, {4}))) == "1/0");
    CHECK(state.standing({1, 0}).status == SweepStatus::Stopped);
    CHECK(state.allowed(0) == 2);
    CHECK(at_text(state.next(none)) == "0/0");
    // Two of three go on, the third is the best so far; the fourth is third of four.
    CHECK(state.end({2, 0}, sweep.paused({2, 0}, {3})).empty());
    CHECK(state.allowed(2) == 2);
    CHECK(at_text(state.end({3, 0}, sweep.paused({3, 0}, {4.5}))) == "3/0");
    CHECK(state.tally().stopped == 2);
    CHECK(state.tally().epochs_left == 3 + 3);
  }

  TEST_CASE("at the next rung only those are compared that came there") {
    WrittenSweep sweep(kFourHalved);
    SweepState state(sweep.plan, sweep.folder);
    state.end({0, 0}, sweep.paused({0, 0}, {4, 3}));
    state.end({1, 0}, sweep.paused({1, 0}, {5}));
    state.end({2, 0}, sweep.paused({2, 0}, {3}));
    CHECK(state.allowed(0) == 4);
    CHECK(state.allowed(2) == 2);
    CHECK(at_text(state.end({2, 0}, sweep.paused({2, 0}, {3, 3.5}))) == "2/0");
    CHECK(state.allowed(0) == 4);
  }

  TEST_CASE("who looks again comes to the same, and does not tell it again") {
    WrittenSweep sweep(kFourHalved);
    sweep.paused({0, 0}, {4});
    sweep.paused({1, 0}, {5});
    SweepState state(sweep.plan, sweep.folder);
    CHECK(state.standing({1, 0}).status == SweepStatus::Stopped);
    CHECK(state.allowed(0) == 2);
    CHECK(state.end({2, 0}, sweep.paused({2, 0}, {3})).empty());
  }

  TEST_CASE("a run that was killed at its rung writes its result before it is ended") {
    WrittenSweep sweep(kFourHalved);
    sweep.paused({0, 0}, {4});
    sweep.paused({1, 0}, {5});
    std::filesystem::remove(sweep.folder.run(sweep.run({1, 0}).id) / "result.yaml");
    SweepState state(sweep.plan, sweep.folder);
    CHECK(state.standing({1, 0}).status == SweepStatus::Interrupted);
    state.begin({0, 0});
    CHECK(at_text(state.next(none)) == "1/0");
    CHECK(at_text(state.end({1, 0}, sweep.paused({1, 0}, {5}))) == "1/0");
  }

  TEST_CASE("at a rung a failed run is worst, and greater is better where the goal says so") {
    WrittenSweep sweep(
        "set: {train.epochs: 4}\n"
        "sweep:\n  grid: {model.latent: [2, 3, 4]}\n"
        "  metric: train/loss\n  goal: maximise\n  halving: {first: 1, factor: 2}\n");
    SweepState state(sweep.plan, sweep.folder);
    state.end({0, 0}, kFailed);
    state.end({1, 0}, sweep.paused({1, 0}, {4}));
    CHECK(state.allowed(1) == 2);
    state.end({2, 0}, sweep.paused({2, 0}, {5}));
    CHECK(state.allowed(2) == 2);
    WrittenSweep reverse(
        "set: {train.epochs: 4}\n"
        "sweep: {grid: {model.latent: [2, 3]}, metric: train/loss,"
        " goal: maximise, halving: {first: 1, factor: 2}}\n");
    SweepState other(reverse.plan, reverse.folder);
    other.end({0, 0}, reverse.paused({0, 0}, {5}));
    CHECK(at_text(other.end({1, 0}, reverse.paused({1, 0}, {4}))) == "1/0");
  }

  TEST_CASE("the best point has the best mean over all of its seeds") {
    WrittenSweep sweep("sweep: {grid: {model.latent: [2, 3]}, seeds: [1, 2]}\n");
    SweepState state(sweep.plan, sweep.folder);
    state.end({0, 0}, sweep.completed({0, 0}, {4, 1}));
    CHECK_FALSE(state.tally().best);
    state.end({0, 1}, sweep.completed({0, 1}, {4, 4}));
    CHECK(state.tally().best == 2.5);
    state.end({1, 0}, sweep.completed({1, 0}, {4, 2}));
    state.end({1, 1}, sweep.completed({1, 1}, {4, 2}));
    CHECK(state.tally().best == 2);
    CHECK(state.tally().best_point == 1);
    CHECK(state.result({0, 1}) == 4);
  }

  TEST_CASE("no loss is best where points may minimise different things") {
    for (const char* key : {"variant: [vanilla, vae]", "model.loss: [binary_cross_entropy]"}) {
      WrittenSweep sweep(text("sweep: {grid: {", key, "}}\n"));
      SweepState state(sweep.plan, sweep.folder);
      state.end({0, 0}, sweep.completed({0, 0}, {4, 1}));
      CHECK_FALSE(state.tally().best);
    }
  }

  TEST_CASE("a metric that the results do not have is told with the nearest one") {
    WrittenSweep sweep("sweep: {grid: {model.latent: [2]}, metric: test/los, goal: minimise}\n");
    SweepState state(sweep.plan, sweep.folder);
    state.end({0, 0}, sweep.completed_with({0, 0}, "{test/loss: 1}"));
    CHECK_THROWS_WITH_AS(state.result({0, 0}),
                         doctest::Contains("has no \"test/los\"; did you mean \"test/loss\"?"),
                         ConfigError);
    WrittenSweep halved(
        "sweep: {grid: {model.latent: [2]}, metric: test/loss,"
        " halving: {first: 1, factor: 2}}\n");
    SweepState other(halved.plan, halved.folder);
    CHECK_THROWS_WITH_AS(other.end({0, 0}, halved.paused({0, 0}, {3})),
                         doctest::Contains("halving goes by test/loss, which "), ConfigError);
  }

  TEST_CASE("a search adds a point when what it must know of is known") {
    WrittenSweep sweep(
        "sweep: {tpe: {count: 5, start: 2, parallel: 2, model.latent: {whole: [1, 64]}}}\n");
    SweepState state(sweep.plan, sweep.folder);
    CHECK(sweep.plan.points().size() == 2);
    state.end({1, 0}, sweep.completed({1, 0}, {4, 1}));
    CHECK(sweep.plan.points().size() == 2);
    state.end({0, 0}, sweep.completed({0, 0}, {4, 2}));
    CHECK(sweep.plan.points().size() == 4);
    CHECK(at_text(state.next(none)) == "2/0");
    CHECK(state.standings().size() == 4);
  }

  TEST_CASE("of a search's points that are the same run, one runs and all are known") {
    WrittenSweep sweep(
        "sweep: {tpe: {count: 3, start: 3, parallel: 3, model.latent: {choice: [2]}}}\n");
    SweepState state(sweep.plan, sweep.folder);
    REQUIRE(sweep.plan.points().size() == 3);
    REQUIRE(sweep.run({0, 0}).id == sweep.run({2, 0}).id);
    state.begin({0, 0});
    const std::string id = sweep.run({0, 0}).id;
    CHECK(at_text(state.next([&](const std::string& each) { return each == id; })) == "none");
    state.end({0, 0}, sweep.completed({0, 0}, {4, 1}));
    CHECK(at_text(state.next(none)) == "none");
    CHECK(state.tally().completed == 3);
  }
}
