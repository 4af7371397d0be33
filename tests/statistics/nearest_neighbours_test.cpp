#include <hourglass/statistics/nearest_neighbours.hpp>

#include <doctest/doctest.h>
#include <ops/selection.hpp>
#include <support/samples.hpp>

#include <algorithm>
#include <map>
#include <vector>

using namespace hourglass;

namespace {

using Classes = std::vector<std::int32_t>;

Tensor rows(const Shape& shape, const std::vector<float>& values) {
  Tensor tensor(shape);
  std::copy(values.begin(), values.end(), tensor.floats().begin());
  return tensor;
}

// Small whole numbers, so that many rows are equally far.
Tensor grid(const Shape& shape, std::uint64_t seed) {
  RandomStream random(seed, "grid");
  Tensor tensor(shape);
  for (float& value : tensor.floats()) value = static_cast<float>(random.below(12));
  return tensor;
}

Classes random_classes(std::int64_t count, std::uint32_t classes) {
  RandomStream random(1, "classes");
  Classes result(static_cast<std::size_t>(count));
  for (auto& each : result) each = static_cast<std::int32_t>(random.below(classes));
  return result;
}

Classes slow_neighbours(const Tensor& known, const Classes& classes, const Tensor& queries,
                        std::size_t neighbours) {
  const std::int64_t features = known.shape()[1];
  Classes result;
  for (std::int64_t query = 0; query < queries.shape()[0]; ++query) {
    std::vector<std::pair<double, std::size_t>> all;
    for (std::int64_t row = 0; row < known.shape()[0]; ++row) {
      double sum = 0;
      for (std::int64_t i = 0; i < features; ++i) {
        const double d = static_cast<double>(known.floats()[row * features + i]) -
                         static_cast<double>(queries.floats()[query * features + i]);
        sum += d * d;
      }
      all.emplace_back(sum, row);
    }
    std::sort(all.begin(), all.end());
    std::map<std::int32_t, int> votes;
    for (std::size_t i = 0; i < neighbours; ++i) ++votes[classes[all[i].second]];
    int most = 0;
    for (const auto& [each, count] : votes) most = std::max(most, count);
    for (std::size_t i = 0; i < neighbours; ++i) {
      if (votes[classes[all[i].second]] != most) continue;
      result.push_back(classes[all[i].second]);
      break;
    }
  }
  return result;
}

}  // namespace

TEST_SUITE("statistics/nearest_neighbours") {
  TEST_CASE("votes are those of all distances compared one by one") {
    // More rows and queries than a product takes, and neither a multiple of it.
    const Tensor known = rows({1500, 7}, test::normal_values(1500 * 7, 1));
    const Tensor queries = rows({150, 7}, test::normal_values(150 * 7, 2));
    const Classes classes = random_classes(1500, 5);
    for (const int neighbours : {1, 2, 10}) {
      CAPTURE(neighbours);
      CHECK(classify_by_neighbours(known, classes, queries, neighbours) ==
            slow_neighbours(known, classes, queries, static_cast<std::size_t>(neighbours)));
    }
  }

  TEST_CASE("of rows that are equally far the earlier is nearer") {
    const Tensor known = grid({300, 2}, 3), queries = grid({60, 2}, 4);
    const Classes classes = random_classes(300, 4);
    for (const int neighbours : {1, 3, 4}) {
      CAPTURE(neighbours);
      CHECK(classify_by_neighbours(known, classes, queries, neighbours) ==
            slow_neighbours(known, classes, queries, static_cast<std::size_t>(neighbours)));
    }
  }

  TEST_CASE("a tied vote goes to the class of the nearest row") {
    const Tensor known = rows({4, 1}, {1, 2, 3, 4});
    const Tensor query = rows({1, 1}, {0});
    CHECK(classify_by_neighbours(known, Classes{2, 0, 0, 2}, query, 4) == Classes{2});
    CHECK(classify_by_neighbours(known, Classes{2, 0, 0, 2}, query, 3) == Classes{0});
    CHECK(classify_by_neighbours(known, Classes{1, 0, 0, 2}, query, 2) == Classes{1});
    CHECK(classify_by_neighbours(known, Classes{3, 1, 2, 0}, query, 4) == Classes{3});
  }

  TEST_CASE("votes are the same for any number of threads") {
    const Tensor known = rows({1300, 20}, test::normal_values(1300 * 20, 5));
    const Tensor queries = rows({300, 20}, test::normal_values(300 * 20, 6));
    const Classes classes = random_classes(1300, 10);
    test::check_for_any_team([&] { return classify_by_neighbours(known, classes, queries, 10); });
  }
}
