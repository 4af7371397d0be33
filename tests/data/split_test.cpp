#include <hourglass/core/error.hpp>
#include <hourglass/data/split.hpp>

#include <doctest/doctest.h>
#include <support/labels.hpp>

#include <algorithm>
#include <numeric>
#include <vector>

using namespace hourglass;
using test::labels_of;

namespace {

std::vector<int> counts_of(const Labels& labels, const Rows& rows, std::int64_t classes) {
  std::vector<int> counts(classes, 0);
  for (const std::uint32_t row : rows) ++counts[labels.classes.values<std::int64_t>()[row]];
  return counts;
}

}  // namespace

TEST_SUITE("data/split") {
  TEST_CASE("labelled samples are chosen evenly over the classes, as far as these have samples") {
    std::vector<std::int64_t> classes;
    for (int i = 0; i < 50; ++i) classes.push_back(i < 40 ? 0 : i < 48 ? 1 : 2);  // 40, 8, 2
    const Labels labels = labels_of(classes);
    const auto chosen = [&](std::int64_t count, std::uint64_t seed = 1) {
      return choose_labelled(labels, 3, count, seed);
    };
    CHECK(counts_of(labels, chosen(3), 3) == std::vector<int>{1, 1, 1});
    CHECK(counts_of(labels, chosen(7), 3) == std::vector<int>{3, 2, 2});
    CHECK(counts_of(labels, chosen(20), 3) == std::vector<int>{10, 8, 2});
    CHECK(chosen(50).size() == 50);
    CHECK(std::ranges::is_sorted(chosen(20)));
    CHECK(chosen(20) == chosen(20));
    CHECK(chosen(20) != chosen(20, 2));
    // Fewer are a part of more, so that runs with 3 and 20 labels can be compared.
    const Rows few = chosen(3), more = chosen(20);
    CHECK(std::ranges::includes(more, few));
    CHECK(choose_labelled(labels, 3, std::nullopt, 1).size() == 50);
  }

  TEST_CASE("samples without a label are never chosen") {
    const Labels labels = labels_of({0, -1, 1, -1, 0, 1});
    CHECK(labels.class_count() == 2);
    CHECK(choose_labelled(labels, 2, std::nullopt, 1) == Rows{0, 2, 4, 5});
    CHECK(choose_labelled(labels, 2, 4, 1) == Rows{0, 2, 4, 5});
    CHECK_THROWS_WITH_AS(choose_labelled(labels, 2, 5, 1),
                         "labelled asks for 5 samples, but 4 training samples carry a label",
                         OptionError);
    CHECK(choose_labelled(Labels(), 0, std::nullopt, 1).empty());
    CHECK_THROWS_WITH_AS(
        choose_labelled(Labels(), 0, 5, 1),
        "labelled asks for 5 samples, but 0 training samples carry a label; name a table's "
        "column with label, an array with labels_array, or choose another data set",
        OptionError);
  }

  TEST_CASE("numbers that are no classes give none") {
    CHECK(labels_of({0, 1, 2, 1}).class_count() == 3);
    CHECK(labels_of({0, 0, 0}).class_count() == 1);
    CHECK(labels_of({-1, 1, -1, 1}).class_count() == 0);  // two classes by another name
    CHECK(labels_of({-2, 0, 1}).class_count() == 0);
    CHECK(labels_of({0, INT64_MAX}).class_count() == 0);
    CHECK(Labels().class_count() == 0);
    Labels named = labels_of({0, 1});
    named.class_names = {"a", "b", "c"};
    CHECK(named.class_count() == 3);
  }

  TEST_CASE("rows that belong together stay together") {
    Rows rows(30);
    std::iota(rows.begin(), rows.end(), 0u);
    const Rows groups = {10, 1, 9, 5, 5};
    for (const std::uint64_t seed : {1, 2, 3, 4, 5}) {
      const auto [taken, rest] = take_groups(rows, groups, 0.4, seed, "test");
      CHECK(taken.size() + rest.size() == 30);
      CHECK(std::ranges::is_sorted(taken));
      const auto has = [&](std::uint32_t row) { return std::ranges::count(taken, row) == 1; };
      int whole = 0;
      std::uint32_t first = 0;
      for (const std::uint32_t size : groups) {
        for (std::uint32_t row = first; row < first + size; ++row) CHECK(has(row) == has(first));
        whole += has(first) ? 1 : 0;
        first += size;
      }
      CHECK(whole == 2);
    }
    // Of what is left, the groups that are there.
    const auto [taken, rest] = take_groups({0, 1, 10, 25, 26}, groups, 0.3, 1, "validation");
    CHECK(taken.size() + rest.size() == 5);
    CHECK(take_groups(rows, {}, 0.1, 1, "test") == take_part(rows, 0.1, 1, "test"));
    CHECK_THROWS_AS(take_groups(rows, {30}, 0.1, 1, "test"), OptionError);
  }
}
