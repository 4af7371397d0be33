#include <hourglass/core/cpu.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/ops/sparse_kernels.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <vector>

namespace hourglass {

namespace {

using Keys = std::vector<std::int32_t>;
constexpr std::int32_t kLargest = std::numeric_limits<std::int32_t>::max();

std::vector<Isa> levels() {
  std::vector<Isa> result{Isa::V2};
  if (isa() >= Isa::V3) result.push_back(Isa::V3);
  if (isa() >= Isa::V4) result.push_back(Isa::V4);
  return result;
}

/// Numbers of both signs, with repetitions, zeros, infinities and NaN.
std::vector<float> numbers(std::int64_t n) {
  RandomStream random(5, "sparse");
  std::vector<float> x(n);
  for (float& each : x) each = static_cast<float>(random.below(40)) * 0.25f - 5.0f;
  const float special[] = {-0.0f,
                           std::numeric_limits<float>::infinity(),
                           -std::numeric_limits<float>::infinity(),
                           std::numeric_limits<float>::quiet_NaN(),
                           -std::numeric_limits<float>::quiet_NaN(),
                           std::numeric_limits<float>::max()};
  for (std::size_t i = 0; i < std::size(special) && 7 * i + 3 < x.size(); ++i) {
    x[7 * i + 3] = special[i];
  }
  return x;
}

Keys keys_of(const SparseKernels& vector, const std::vector<float>& x) {
  Keys keys(x.size());
  vector.maxima(x.data(), std::ssize(x), 1, keys.data());
  return keys;
}

}  // namespace

TEST_SUITE("ops/sparse_kernels") {
  TEST_CASE("keys order numbers as numbers, zeros alike, NaN above all") {
    const float infinity = std::numeric_limits<float>::infinity();
    const float nan = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> x{-infinity, -2, -1, -0.0f, 0.0f, 1, 2, infinity, nan, -nan};
    for (const Isa level : levels()) {
      const Keys keys = keys_of(sparse_kernels(level), x);
      CHECK(std::ranges::is_sorted(keys));
      CHECK(keys[0] < keys[1]);
      CHECK(keys[3] == 0);
      CHECK(keys[4] == 0);
      CHECK(keys[7] < keys[8]);
      CHECK(keys[8] == kLargest);
      CHECK(keys[9] == kLargest);
    }
  }

  TEST_CASE("selection by keys agrees with plain loops, at every level and length") {
    for (const Isa level : levels()) {
      const SparseKernels& vector = sparse_kernels(level);
      for (const std::int64_t n : {0, 1, 15, 16, 63, 64, 65, 200, 1000}) {
        CAPTURE(n);
        const std::vector<float> x = numbers(n);
        const Keys keys = keys_of(vector, x);
        for (const std::int64_t depth : {1, 3, 10}) {
          Keys maxima(n);
          const std::int64_t groups = vector.maxima(x.data(), n, depth, maxima.data());
          CHECK(groups >= n / depth);
          CHECK(groups <= n / depth + 16 * depth);
          if (n == 0) continue;
          CHECK(*std::max_element(maxima.begin(), maxima.begin() + groups) ==
                *std::ranges::max_element(keys));
          // Each group gives one of its own: at most as many reach a bound as elements do.
          for (const std::int32_t least : {keys[0], 0, kLargest}) {
            CHECK(vector.count(maxima.data(), groups, least) <=
                  vector.count(keys.data(), n, least));
          }
        }
        for (const std::int32_t least :
             {std::numeric_limits<std::int32_t>::min(), -5, 0, 1, 1 << 30, kLargest}) {
          CAPTURE(least);
          Keys expected, places;
          for (std::int64_t i = 0; i < n; ++i) {
            if (keys[i] < least) continue;
            expected.push_back(keys[i]);
            places.push_back(static_cast<std::int32_t>(i));
          }
          CHECK(vector.count(keys.data(), n, least) == std::ssize(expected));
          CHECK(vector.count_of(x.data(), n, least) == std::ssize(expected));
          Keys found(n), at(n);
          const std::int64_t count = vector.collect(x.data(), n, least, found.data(), at.data());
          found.resize(count);
          at.resize(count);
          CHECK(found == expected);
          CHECK(at == places);
        }
        Keys bins(8, 0), expected(8, 0);
        const std::int32_t low = 1 << 30, high = low + (8 << 20) - 1;
        vector.histogram(x.data(), n, low, high, 20, bins.data());
        for (const std::int32_t key : keys) {
          if (key >= low && key <= high) ++expected[(key - low) >> 20];
        }
        CHECK(bins == expected);
      }
    }
  }

  TEST_CASE("sums of rows and products with rows agree with plain loops at every level") {
    RandomStream random(2, "rows");
    for (const Isa level : levels()) {
      const SparseKernels& vector = sparse_kernels(level);
      for (const std::int64_t n : {1, 7, 16, 33, 100}) {
        for (const std::int64_t count : {0, 1, 3, 4, 5, 11}) {
          CAPTURE(n);
          CAPTURE(count);
          std::vector<float> a(n), rows(n * count), weights(count), products(count);
          for (float& each : a) each = random.uniform(-1, 1);
          for (float& each : rows) each = random.uniform(-1, 1);
          for (float& each : weights) each = random.uniform(-1, 1);
          std::vector<const float*> at;
          for (std::int64_t i = 0; i < count; ++i) at.push_back(rows.data() + i * n);
          std::vector<float> y = a;
          vector.add_rows(y.data(), n, at.data(), weights.data(), count);
          vector.dot_rows(a.data(), n, at.data(), products.data(), count);
          for (std::int64_t k = 0; k < n; ++k) {
            double sum = a[k];
            for (std::int64_t i = 0; i < count; ++i) sum += double{weights[i]} * at[i][k];
            CHECK(y[k] == doctest::Approx(sum).epsilon(1e-5));
          }
          for (std::int64_t i = 0; i < count; ++i) {
            double sum = 0;
            for (std::int64_t k = 0; k < n; ++k) sum += double{a[k]} * at[i][k];
            CHECK(products[i] == doctest::Approx(sum).epsilon(1e-4));
          }
        }
      }
    }
  }
}

}  // namespace hourglass
