#include <hourglass/compare/group_curves.hpp>

#include <doctest/doctest.h>
#include <compare/written_runs.hpp>

#include <cmath>

using namespace hourglass;
using namespace hourglass::compare;

namespace {

std::vector<std::vector<GroupCurve>> curves_in(const ScratchFolder& folder, std::size_t groups = 64,
                                               std::size_t points = 200) {
  return group_curves(compare_runs({.words = {folder.path()}}), groups, points);
}

}  // namespace

TEST_SUITE("compare/group_curves") {
  TEST_CASE("a curve has mean, interval and range of the seeds that count") {
    ScratchFolder folder;
    test::put_runs(folder, "a", "test/loss", {1, 2, 3});
    folder.put("a-1/metrics.csv", "epoch,step,train/loss,validation/loss\n1,5,4,1\n2,10,2,\n");
    folder.put("a-2/metrics.csv", "epoch,step,train/loss\n1,5,8\n2,10,nan\n");
    folder.put("a-3/metrics.csv", "epoch,step,train/loss\n1,x\n");
    test::put_run(folder, "b", {.variant = "a", .seed = 9, .status = "diverged"});
    folder.put("b/metrics.csv", "epoch,train/loss\n1,1000\n");
    const auto curves = curves_in(folder);
    REQUIRE(curves.size() == 1);
    REQUIRE(curves[0].size() == 2);
    const GroupCurve& train = curves[0][0];
    CHECK(train.metric == "train/loss");
    REQUIRE(train.points.size() == 2);
    CHECK(train.points[0].n == 2);
    CHECK(train.points[0].mean == 6);
    CHECK(train.points[0].range.low == 4);
    CHECK(train.points[0].range.high == 8);
    // t(0.975; 1) sd / sqrt(2) = 12.7062047 * sqrt(8) / sqrt(2).
    CHECK(train.points[0].interval.high == doctest::Approx(6 + 25.4124094));
    CHECK(train.points[1].n == 1);
    CHECK(train.points[1].mean == 2);
    CHECK(std::isnan(train.points[1].interval.low));
    CHECK(curves[0][1].metric == "validation/loss");
    CHECK(curves[0][1].points.size() == 1);
  }

  TEST_CASE(
      "groups without metrics.csv have no curves, and no more groups are read than asked for") {
    ScratchFolder folder;
    test::put_run(folder, "a", {.variant = "a"});
    test::put_run(folder, "b", {.variant = "b"});
    const auto curves = curves_in(folder);
    REQUIRE(curves.size() == 2);
    CHECK(curves[0].empty());
    CHECK(curves[1].empty());
    CHECK(curves_in(folder, 1).size() == 1);
  }

  TEST_CASE("of many epochs some are left out, never the last") {
    ScratchFolder folder;
    test::put_run(folder, "a", {});
    std::string table = "epoch,test/loss\n";
    for (int epoch = 1; epoch <= 10; ++epoch) table += text(epoch, ",", epoch, "\n");
    folder.put("a/metrics.csv", table);
    const auto curves = curves_in(folder, 64, 4);
    std::vector<double> epochs;
    for (const CurvePoint& point : curves.at(0).at(0).points) epochs.push_back(point.epoch);
    CHECK(epochs == std::vector<double>{1, 4, 7, 10});
  }
}
