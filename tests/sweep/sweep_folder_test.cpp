#include "sweep_vocabulary.hpp"

#include <hourglass/config/emit.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/sweep/run_sweep.hpp>
#include <hourglass/sweep/sweep_folder.hpp>

#include <doctest/doctest.h>

using namespace hourglass;
using test::plan_of;

namespace {

std::vector<std::vector<RunStanding>> standing_of(const Plan& plan, SweepStatus status) {
  std::vector<std::vector<RunStanding>> all;
  for (const SweepPoint& point : plan.points()) {
    all.emplace_back(point.runs.size(), RunStanding{.status = status, .epochs = 0, .message = ""});
  }
  return all;
}

}  // namespace

TEST_SUITE("sweep/sweep_folder") {
  TEST_CASE("points.csv has a row for each run, and an empty cell where a key does not apply") {
    const ScratchFolder scratch;
    const Plan plan = plan_of(
        "sweep:\n  grid: {variant: [vanilla, vae], model.beta: [1, 4]}\n  seeds: [1, 2]\n"
        "  when: {model.beta: {variant: vae}}\n");
    SweepFolder folder(scratch / "s");
    folder.write_points(plan, standing_of(plan, SweepStatus::Waiting));
    const auto& points = plan.points();
    CHECK(read_text_file(folder.points()) ==
          text("id,status,seed,variant,model.beta\n", points[0].runs[0].id, ",waiting,1,vanilla,\n",
               points[0].runs[1].id, ",waiting,2,vanilla,\n", points[1].runs[0].id,
               ",waiting,1,vae,1\n", points[1].runs[1].id, ",waiting,2,vae,1\n",
               points[2].runs[0].id, ",waiting,1,vae,4\n", points[2].runs[1].id,
               ",waiting,2,vae,4\n"));
  }

  TEST_CASE("ids are known again by point and seed, if their folders are there") {
    const ScratchFolder scratch;
    const std::string sweep = "sweep: {grid: {model.latent: [2, 3]}}\n";
    const Plan plan = plan_of(sweep);
    {
      SweepFolder folder(scratch / "s");
      CHECK(folder.known_ids().empty());
      folder.write_points(plan, standing_of(plan, SweepStatus::Completed));
      std::filesystem::create_directories(folder.run(plan.points()[0].runs[0].id));
    }
    const KnownIds known = SweepFolder(scratch / "s").known_ids();
    CHECK(known ==
          KnownIds{{identity_of(plan.points()[0].settings, 1), plan.points()[0].runs[0].id}});
  }

  TEST_CASE("rows of runs that are no longer in the file stay, under the new columns") {
    const ScratchFolder scratch;
    const Plan before = plan_of("sweep: {grid: {model.latent: [2, 3]}}\n");
    SweepFolder(scratch / "s").write_points(before, standing_of(before, SweepStatus::Completed));
    const std::string kept = before.points()[1].runs[0].id;  // the other's folder is not there
    std::filesystem::create_directories(scratch / ("s/runs/" + kept));
    const Plan now = plan_of("sweep: {grid: {train.batch: [10]}}\n");
    SweepFolder(scratch / "s").write_points(now, standing_of(now, SweepStatus::Waiting));
    CHECK(read_text_file(scratch / "s/points.csv") ==
          text("id,status,seed,train.batch\n", now.points()[0].runs[0].id, ",waiting,1,10\n", kept,
               ",completed,1,\n"));
  }

  TEST_CASE("ids of a stranger's table that lead elsewhere are not taken") {
    const ScratchFolder scratch;
    scratch.put("s/points.csv",
                "id,status,seed,model.latent\n../../etc,completed,1,2\n,failed,1,3\n");
    CHECK(SweepFolder(scratch / "s").known_ids().empty());
    for (const char* damaged : {"a,b\n1,2\n", "", "junk"}) {
      scratch.put("s/points.csv", damaged);
      CHECK_THROWS_WITH_AS(SweepFolder(scratch / "s"),
                           doctest::Contains("; remove it: it is made anew from what is in runs/"),
                           DataError);
    }
  }

  TEST_CASE("one process has a sweep's folder, which is none of a run") {
    const ScratchFolder scratch;
    const SweepFolder folder(scratch / "s");
    CHECK_THROWS_WITH_AS(SweepFolder(scratch / "s"),
                         text(scratch.path().string(),
                              "/s: another process is running in this folder; wait for it, or "
                              "choose another one with --output")
                             .c_str(),
                         ConfigError);
    scratch.put("r/experiment.yaml", "name: a\n");
    CHECK_THROWS_AS(SweepFolder(scratch / "r"), ConfigError);
  }

  TEST_CASE("a run's folder tells how far it is") {
    const ScratchFolder scratch;
    const Plan plan = plan_of("sweep: {grid: {model.latent: [2]}}\n");
    const SweepRun& run = plan.points()[0].runs[0];
    const auto standing = [&] { return read_standing(scratch / "r", run.resolved); };
    CHECK(standing().status == SweepStatus::Waiting);
    scratch.put("r/experiment.yaml", config::emit(run.resolved.node));
    scratch.put("r/checkpoints/last.h5", "");
    scratch.put("r/metrics.csv", "epoch,step,train/loss\n1,6,3.5\n");
    CHECK(standing().status == SweepStatus::Interrupted);
    CHECK(standing().epochs == 1);
    scratch.put("r/result.yaml", "status: completed\n");
    CHECK(standing().status == SweepStatus::Completed);
    scratch.put("r/result.yaml", "status: diverged\nmessage: too far\n");
    CHECK(standing().status == SweepStatus::Diverged);
    CHECK(standing().message == "too far");
    scratch.put("r/result.yaml", "status: failed\nmessage: full\n");
    CHECK(standing().status == SweepStatus::Failed);
    scratch.put("r/result.yaml", "status: interrupted\n");
    CHECK(standing().status == SweepStatus::Interrupted);
    scratch.put("r/result.yaml", "{status: comp");
    CHECK(standing().status == SweepStatus::Interrupted);
  }

  TEST_CASE("a complete run goes on when it gets more epochs, and is refused when it is another") {
    const ScratchFolder scratch;
    const Plan plan = plan_of("sweep: {grid: {model.latent: [2]}}\n");
    scratch.put("r/experiment.yaml", config::emit(plan.points()[0].runs[0].resolved.node));
    scratch.put("r/checkpoints/last.h5", "");
    scratch.put("r/result.yaml", "status: completed\n");
    const Plan longer = plan_of("set: {train.epochs: 9}\nsweep: {grid: {model.latent: [2]}}\n");
    CHECK(read_standing(scratch / "r", longer.points()[0].runs[0].resolved).status ==
          SweepStatus::Interrupted);
    const Plan other = plan_of("set: {train.batch: 9}\nsweep: {grid: {model.latent: [2]}}\n");
    CHECK_THROWS_WITH_AS(read_standing(scratch / "r", other.points()[0].runs[0].resolved),
                         text(scratch.path().string(),
                              "/r: the run in this folder is another experiment than the sweep "
                              "says now:\n  train.batch: 50 in the folder, 9 now\nset it back, or "
                              "sweep into another folder with --output")
                             .c_str(),
                         ConfigError);
  }

  TEST_CASE("a metric is read after an epoch, or the last before it") {
    const ScratchFolder scratch;
    scratch.put("r/metrics.csv", "epoch,step,train/loss\n1,6,3.5\n2,12,2.5\n");
    CHECK(metric_after(scratch / "r", "train/loss", 1) == 3.5);
    CHECK(metric_after(scratch / "r", "train/loss", 7) == 2.5);
    CHECK_FALSE(metric_after(scratch / "r", "train/kl", 1));
    CHECK_FALSE(metric_after(scratch / "none", "train/loss", 1));
  }

  TEST_CASE("processors are shared so that none is used twice") {
    const auto shared = [](int runs, std::optional<int> jobs, int processors) {
      std::string seeds = "1";
      for (int seed = 2; seed <= runs; ++seed) seeds += text(", ", seed);
      const Sharing sharing = share(plan_of("sweep: {seeds: [" + seeds + "]}\n"), jobs, processors);
      return std::pair(sharing.jobs, sharing.threads);
    };
    CHECK(shared(12, {}, 2) == std::pair(2, 1));
    CHECK(shared(1, {}, 8) == std::pair(1, 8));
    CHECK(shared(3, {}, 8) == std::pair(3, 2));
    CHECK(shared(100, 3, 8) == std::pair(3, 2));
    CHECK(shared(100, 1, 8) == std::pair(1, 8));
    CHECK(shared(100, 99, 8) == std::pair(8, 1));
    // A search has work for no more points than it chooses without knowing of each other.
    const Plan search = plan_of(
        "sweep: {tpe: {count: 30, parallel: 2, model.latent: {whole: [1, 64]}}, seeds: [1, 2]}\n");
    CHECK(search.runs_at_a_time() == 4);
    CHECK(share(search, {}, 8).threads == 2);
  }
}
