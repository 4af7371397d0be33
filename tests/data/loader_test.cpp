#include <hourglass/core/error.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/data/loader.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <numeric>
#include <thread>
#include <vector>

using namespace hourglass;

namespace {

/// Sample i is [i, 10 i], its class i % 3, its factor i / 2.
MemorySource counted(std::int64_t count) {
  Tensor samples({count, 2}, DType::U16);
  Labels labels;
  labels.classes = Tensor({count}, DType::I64);
  labels.factors = Tensor({count, 1});
  for (std::int64_t i = 0; i < count; ++i) {
    samples.values<std::uint16_t>()[2 * i] = static_cast<std::uint16_t>(i);
    samples.values<std::uint16_t>()[2 * i + 1] = static_cast<std::uint16_t>(10 * i);
    labels.classes.values<std::int64_t>()[i] = i % 3;
    labels.factors.floats()[i] = static_cast<float>(i) / 2;
  }
  return MemorySource(samples, labels, std::make_shared<FittedScaling>());
}

std::vector<std::uint32_t> indices_of(const Batch& batch) {
  return {batch.indices.begin(), batch.indices.end()};
}

class Failing final : public Source {
 public:
  std::int64_t size() const override { return 4; }
  const Shape& sample_shape() const override { return shape_; }
  void read(std::span<const std::uint32_t> indices, float*) const override {
    if (std::ranges::find(indices, 2u) != indices.end()) throw DataError("sample 2 is lost");
  }

 private:
  Shape shape_{1};
};

}  // namespace

TEST_SUITE("data/loader") {
  TEST_CASE("samples that stand as the model wants them are not copied") {
    Tensor floats({6, 2});
    std::iota(floats.floats().begin(), floats.floats().end(), 0.0f);
    const auto as_they_are = std::make_shared<FittedScaling>();
    const auto where = [](const Source& source, bool shuffle) {
      Loader loader(source, {.batch = 3, .shuffle = shuffle, .seed = 1});
      loader.next();
      const Batch& second = loader.next();
      for (std::int64_t i = 0; i < 3; ++i) {
        float expected[2];
        source.read(second.indices.subspan(i, 1), expected);
        CHECK(second.samples[2 * i] == expected[0]);
        CHECK(second.samples[2 * i + 1] == expected[1]);
      }
      return second.samples;
    };
    const MemorySource plain(floats, {}, as_they_are);
    const float* const stands = floats.floats().data() + 6;
    CHECK(where(plain, false) == stands);
    CHECK(where(plain, true) != stands);
    const MemorySource rows(floats, {}, as_they_are, {5, 4, 3, 2, 1, 0});
    CHECK(where(rows, false) != stands);
    const MemorySource scaled(floats, {}, std::make_shared<FittedScaling>(Scaling::MinMax, floats));
    CHECK(where(scaled, false) != stands);
    CHECK(rows.in_place(0) == nullptr);
    CHECK(scaled.in_place(0) == nullptr);
  }

  TEST_CASE("an epoch is the counted permutation, cut into batches") {
    const MemorySource source = counted(10);
    Loader loader(source, {.batch = 4, .seed = 5});
    CHECK(loader.batches_per_epoch() == 3);
    for (std::int64_t epoch = 0; epoch < 3; ++epoch) {
      std::vector<std::uint32_t> order;
      for (std::int64_t number = 0; number < 3; ++number) {
        const Batch& batch = loader.next();
        CHECK(batch.epoch == epoch);
        CHECK(batch.number == number);
        CHECK(batch.size == (number == 2 ? 2 : 4));
        for (std::int64_t i = 0; i < batch.size; ++i) {
          const auto index = batch.indices[i];
          CHECK(batch.samples[2 * i] == static_cast<float>(index));
          CHECK(batch.samples[2 * i + 1] == static_cast<float>(10 * index));
          CHECK(batch.classes[i] == index % 3);
          CHECK(batch.factors[i] == static_cast<float>(index) / 2);
          order.push_back(index);
        }
      }
      CHECK(order == permutation(10, 5, "order", epoch));
    }
  }

  TEST_CASE("starting anywhere gives what an unbroken run gives there") {
    const MemorySource source = counted(10);
    Loader unbroken(source, {.batch = 3, .seed = 1});
    for (int i = 0; i < 6; ++i) unbroken.next();
    Loader resumed(source, {.batch = 3, .seed = 1}, 1, 2);
    CHECK(indices_of(unbroken.next()) == indices_of(resumed.next()));
    CHECK(indices_of(unbroken.next()) == indices_of(resumed.next()));
  }

  TEST_CASE("streams have orders of their own, and smaller last batches can be dropped") {
    const MemorySource source = counted(10);
    Loader loader(source, {.batch = 4, .drop_last = true, .seed = 5, .stream = "second"});
    CHECK(loader.batches_per_epoch() == 2);
    const auto order = permutation(10, 5, "second", 0);
    CHECK(indices_of(loader.next()) == std::vector(order.begin(), order.begin() + 4));
    loader.next();
    CHECK(loader.next().epoch == 1);
  }

  TEST_CASE("a batch stays as it is until the next call") {
    const MemorySource source = counted(100);
    for (const int ahead : {1, 2, 5}) {
      Loader loader(source, {.batch = 10, .shuffle = false, .ahead = ahead});
      for (int i = 0; i < 40; ++i) {
        const Batch& batch = loader.next();
        // Time for the thread to fill every buffer that it may.
        std::this_thread::sleep_for(std::chrono::microseconds(300));
        const float first = static_cast<float>(i % 10 * 10);
        for (int k = 0; k < 10; ++k) REQUIRE(batch.samples[2 * k] == first + k);
      }
    }
  }

  TEST_CASE("what the thread throws reaches the caller, after the batches before it") {
    const Failing source;
    Loader loader(source, {.batch = 1, .shuffle = false});
    CHECK(loader.next().number == 0);
    CHECK(loader.next().number == 1);
    CHECK_THROWS_WITH_AS(loader.next(), "sample 2 is lost", DataError);
    CHECK_THROWS_WITH_AS(loader.next(), "sample 2 is lost", DataError);
  }

  TEST_CASE("unfit options are refused") {
    const MemorySource source = counted(3);
    CHECK_THROWS_WITH_AS(Loader(source, {.batch = 0}), "batch must be >= 1, got 0", ConfigError);
    CHECK_THROWS_WITH_AS(Loader(source, {.ahead = 0}), "ahead must be >= 1, got 0", ConfigError);
    CHECK_THROWS_WITH_AS(Loader(source, {.batch = 4, .drop_last = true}),
                         "there are 3 samples, fewer than one batch of 4", DataError);
    CHECK(Loader(source, {.batch = 4}).next().size == 3);
  }

  TEST_CASE("a sequential reader gives each sample once") {
    const MemorySource source = counted(5);
    SequentialReader reader(source, 2);
    std::vector<std::uint32_t> seen;
    while (const Batch* batch = reader.next()) {
      CHECK(batch->samples[0] == static_cast<float>(batch->indices[0]));
      seen.insert(seen.end(), batch->indices.begin(), batch->indices.end());
    }
    CHECK(seen == std::vector<std::uint32_t>{0, 1, 2, 3, 4});
    CHECK_THROWS_AS(SequentialReader(source, 0), ConfigError);
  }

  TEST_CASE("sources may share an array, each with its own rows and labels") {
    const MemorySource all = counted(6);
    Tensor samples({6, 1});
    for (int i = 0; i < 6; ++i) samples.floats()[i] = static_cast<float>(i);
    const MemorySource some(samples, all.labels(), std::make_shared<FittedScaling>(), {4, 1});
    CHECK(some.size() == 2);
    CHECK(some.row(0) == 4);
    const std::uint32_t both[] = {1, 0};
    float out[2];
    some.read(both, out);
    CHECK(out[0] == 1);
    CHECK(out[1] == 4);
    CHECK(some.labels().classes.values<std::int64_t>()[0] == 1);
    CHECK(some.labels().factors.floats()[1] == 0.5f);
    Tensor other({5, 1});
    CHECK_THROWS_WITH_AS(MemorySource(other, all.labels(), std::make_shared<FittedScaling>()),
                         "there are 5 samples, but 6 labels", DataError);
  }

  TEST_CASE("a loader of some samples has those alone, in their own counted order") {
    const MemorySource source = counted(10);
    const std::vector<std::uint32_t> rows{1, 4, 5, 8, 9};
    LoaderOptions options{.batch = 2, .drop_last = true, .seed = 5, .stream = "some"};
    options.rows = rows;
    Loader loader(source, options);
    CHECK(loader.batches_per_epoch() == 2);
    for (std::uint64_t epoch = 0; epoch < 3; ++epoch) {
      const auto order = permutation(5, 5, "some", epoch);
      for (int number = 0; number < 2; ++number) {
        const Batch& batch = loader.next();
        for (int i = 0; i < 2; ++i) {
          const std::uint32_t row = rows[order[number * 2 + i]];
          CHECK(batch.indices[i] == row);
          CHECK(batch.samples[2 * i] == row);
          CHECK(batch.classes[i] == row % 3);
        }
      }
    }
    options.shuffle = false;
    Loader sequential(source, options);
    CHECK(indices_of(sequential.next()) == std::vector<std::uint32_t>{1, 4});
    CHECK(indices_of(sequential.next()) == std::vector<std::uint32_t>{5, 8});
    CHECK(indices_of(sequential.next()) == std::vector<std::uint32_t>{1, 4});
    options.batch = 6;
    CHECK_THROWS_WITH_AS(Loader(source, options), "there are 5 samples, fewer than one batch of 6",
                         DataError);
  }

  TEST_CASE("labels are one-hot rows where they are asked for") {
    const MemorySource source = counted(5);
    CHECK(Loader(source, {.batch = 5}).next().labels == nullptr);
    SequentialReader reader(source, 3, 4);
    const Batch* batch = reader.next();
    REQUIRE(batch != nullptr);
    CHECK(std::vector<float>(batch->labels, batch->labels + 12) ==
          std::vector<float>{1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0});
    batch = reader.next();  // the smaller last one, classes 0 and 1
    CHECK(std::vector<float>(batch->labels, batch->labels + 8) ==
          std::vector<float>{1, 0, 0, 0, 0, 1, 0, 0});
    CHECK_THROWS_WITH_AS(SequentialReader(source, 3, 2),
                         "the model needs labels, and sample 2 has the class 2; expected 0 to 1",
                         DataError);
    LoaderOptions options{.batch = 2};
    options.classes = 2;
    CHECK_THROWS_AS(Loader(source, options), DataError);
    options.rows = {0, 1, 3};  // sample 2 is not among these
    CHECK(Loader(source, options).next().labels != nullptr);
    const MemorySource bare(Tensor({2, 1}), {}, std::make_shared<FittedScaling>());
    CHECK_THROWS_WITH_AS(SequentialReader(bare, 2, 3),
                         "the model needs labels, and these samples have none", DataError);
  }
}
