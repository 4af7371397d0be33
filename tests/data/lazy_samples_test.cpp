#include <hourglass/core/error.hpp>
#include <hourglass/data/scaling.hpp>
#include <hourglass/data/source.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace hourglass;

namespace {

/// An array, read as if it were none.
class ReadTensor final : public LazySamples {
 public:
  explicit ReadTensor(Tensor tensor) : tensor_(std::move(tensor)) {}
  const Shape& shape() const override { return tensor_.shape(); }
  DType dtype() const override { return tensor_.dtype(); }
  void read(std::span<const std::uint32_t> rows, std::byte* out) const override {
    for (const std::uint32_t row : rows) {
      out = std::copy_n(tensor_.raw() + row * sample_bytes(), sample_bytes(), out);
    }
  }
  std::optional<Bounds> bounds() const override { return bounds_; }
  std::uint32_t checksum() const override { return 0; }

  std::optional<Bounds> bounds_;

 private:
  Tensor tensor_;
};

template <class T>
Tensor drawn_numbers(const Shape& shape) {
  Tensor tensor(shape, dtype_of<T>());
  std::uint32_t state = 1;
  for (T& value : tensor.values<T>()) {
    state = state * 1664525 + 1013904223;
    value = static_cast<T>(state >> 24);
  }
  return tensor;
}

void check_alike(const Tensor& samples, Scaling scaling, std::vector<std::uint32_t> rows) {
  const auto lazy = std::make_shared<ReadTensor>(samples);
  const auto expected = std::make_shared<FittedScaling>(scaling, samples, rows);
  const auto fitted = std::make_shared<FittedScaling>(scaling, *lazy, rows);
  CHECK(fitted->kind() == expected->kind());
  CHECK(fitted->scale() == expected->scale());
  CHECK(fitted->offset() == expected->offset());
  CHECK(fitted->range().least == expected->range().least);
  CHECK(fitted->range().greatest == expected->range().greatest);
  CHECK(fitted->range().sums_to_one == expected->range().sums_to_one);

  const MemorySource memory(samples, {}, expected);
  const LazySource source(lazy, {}, fitted);
  const std::uint32_t wanted[] = {3, 0, 3, 299};
  std::vector<float> a(4 * samples.shape().without(0).size()), b(a.size());
  memory.read(wanted, a.data());
  source.read(wanted, b.data());
  CHECK(a == b);
}

}  // namespace

TEST_SUITE("data/lazy_samples") {
  TEST_CASE("samples that are read are scaled as those in memory") {
    std::vector<std::uint32_t> some = {7, 8, 20, 299};
    for (const Scaling scaling : {Scaling::Auto, Scaling::None, Scaling::Unit, Scaling::Symmetric,
                                  Scaling::Standardise, Scaling::MinMax}) {
      check_alike(drawn_numbers<std::uint8_t>({300, 4, 5}), scaling, {});
      check_alike(drawn_numbers<std::uint8_t>({300, 4, 5}), scaling, some);
      check_alike(drawn_numbers<double>({300, 7}), scaling, some);
      check_alike(drawn_numbers<float>({300, 40'000}), scaling, some);  // a sample fills a block
    }
  }

  TEST_CASE("known bounds are believed, unless features have scales of their own") {
    ReadTensor samples(drawn_numbers<std::uint8_t>({50, 4, 5}));
    samples.bounds_ = LazySamples::Bounds{0, 1};
    CHECK(FittedScaling(Scaling::Unit, samples).keeps_values());
    CHECK(FittedScaling(Scaling::Auto, samples).kind() == Scaling::None);
    CHECK(FittedScaling(Scaling::MinMax, samples).scale().size() == 20);
    CHECK(FittedScaling(Scaling::MinMax, samples).scale()[0] > 1);
  }

  TEST_CASE("a source of some rows has their labels and knows their places") {
    const auto lazy = std::make_shared<ReadTensor>(drawn_numbers<std::uint8_t>({300, 2}));
    Labels labels;
    labels.classes = drawn_numbers<std::int64_t>({300});
    labels.factors = drawn_numbers<float>({300, 3});
    labels.factor_classes = drawn_numbers<std::int32_t>({300, 3});
    const LazySource source(lazy, labels, std::make_shared<FittedScaling>(), {9, 4});
    CHECK(source.size() == 2);
    CHECK(source.row(1) == 4);
    CHECK(source.labels().classes.values<std::int64_t>()[0] ==
          labels.classes.values<std::int64_t>()[9]);
    CHECK(source.labels().factors.floats()[5] == labels.factors.floats()[14]);
    CHECK(source.labels().factor_classes.values<std::int32_t>()[3] ==
          labels.factor_classes.values<std::int32_t>()[12]);
    const LazySource all(lazy, labels, std::make_shared<FittedScaling>());
    std::vector<float> one(2), other(2);
    const std::uint32_t here[] = {1}, there[] = {4};
    source.read(here, one.data());
    all.read(there, other.data());
    CHECK(one == other);
    labels.classes = drawn_numbers<std::int64_t>({299});
    CHECK_THROWS_WITH_AS(LazySource(lazy, labels, std::make_shared<FittedScaling>()),
                         "there are 300 samples, but 299 labels", DataError);
  }

  TEST_CASE("samples take another shape of the same size") {
    const auto lazy = std::make_shared<ReadTensor>(drawn_numbers<std::uint8_t>({10, 6}));
    CHECK(reshaped(lazy, {10, 2, 3})->shape() == Shape{10, 2, 3});
    CHECK(reshaped(lazy, {10, 2, 3})->sample_bytes() == 6);
    CHECK_THROWS_WITH_AS(reshaped(lazy, {10, 7}), "[reshaped] samples [10, 6] cannot be [10, 7]",
                         ShapeError);
    CHECK_THROWS_AS(reshaped(lazy, {20, 3}), ShapeError);
  }
}
