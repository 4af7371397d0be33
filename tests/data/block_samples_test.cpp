#include "files.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/data/block_samples.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/data/loader.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

constexpr BlockOptions kSmall{.bytes = 64, .window = 2, .kept = 3};

std::vector<std::int16_t> counting(int count) {
  std::vector<std::int16_t> values(count);
  for (int i = 0; i < count; ++i) values[i] = static_cast<std::int16_t>(i);
  return values;
}

std::string counting_npy(int rows) {
  return npy("<i2", "(" + std::to_string(rows) + ", 2, 2)", raw(counting(rows * 4)));
}

/// The first number of each row.
std::vector<int> firsts(const LazySamples& samples, const std::vector<std::uint32_t>& rows) {
  std::vector<std::int16_t> values(rows.size() * 4);
  samples.read(rows, reinterpret_cast<std::byte*>(values.data()));
  std::vector<int> result;
  for (std::size_t i = 0; i < rows.size(); ++i) result.push_back(values[4 * i]);
  return result;
}

std::string hdf5_file(const ScratchFolder& folder, int rows) {
  const std::string path = (folder / "a.h5").string();
  Tensor samples({rows, 2, 2}, DType::I16), labels({rows}, DType::I64);
  for (int i = 0; i < rows * 4; ++i) {
    samples.values<std::int16_t>()[i] = static_cast<std::int16_t>(i);
  }
  for (int i = 0; i < rows; ++i) labels.values<std::int64_t>()[i] = i % 2;
  hdf5::Writer writer(path);
  writer.write("samples", samples);
  writer.write("labels", labels);
  writer.commit();
  return path;
}

std::vector<float> epoch_of(const DataSet& set, std::int64_t epoch, std::int64_t from) {
  Loader loader(set.train(), {.batch = 16, .seed = 5}, epoch, from);
  std::vector<float> values;
  for (std::int64_t i = from; i < loader.batches_per_epoch(); ++i) {
    const Batch& batch = loader.next();
    values.insert(values.end(), batch.samples, batch.samples + batch.size * 4);
  }
  return values;
}

}  // namespace

TEST_SUITE("data/block_samples") {
  TEST_CASE("rows come from their blocks in any order, of NPY and of HDF5") {
    const ScratchFolder folder;
    const std::vector<std::uint32_t> rows = {99, 0, 50, 51, 7, 99, 8, 16, 24, 0};
    const std::vector<int> expected = {396, 0, 200, 204, 28, 396, 32, 64, 96, 0};
    for (const auto& samples : {open_npy_blocks(folder.put("a.npy", counting_npy(100)), kSmall),
                                open_hdf5_blocks(hdf5_file(folder, 100), "samples", kSmall)}) {
      CHECK(samples->shape() == Shape{100, 2, 2});
      CHECK(samples->dtype() == DType::I16);
      CHECK(samples->blocks().size == 8);
      CHECK(samples->blocks().window == 2);
      CHECK_FALSE(samples->at_hand());
      CHECK(firsts(*samples, rows) == expected);
    }
    const std::string swapped =
        folder.put("b.npy", npy(">i2", "(3,)", std::string("\0\1\0\2\1\0", 6)));
    const auto one = open_npy_blocks(swapped);
    CHECK(one->shape() == Shape{3, 1});
    std::int16_t value = 0;
    const std::uint32_t last = 2;
    one->read({&last, 1}, reinterpret_cast<std::byte*>(&value));
    CHECK(value == 256);
  }

  TEST_CASE("a data set read in blocks is the one in memory, split, scaled and labelled alike") {
    const ScratchFolder folder;
    DataOptions options;
    options.validation = 0.1;
    options.scaling = Scaling::Standardise;
    const std::string path = hdf5_file(folder, 500);
    const DataSet whole = load_data_set(path, options, {});
    options.read.in_memory = false;
    const DataSet blocks = load_data_set(path, options, {});
    CHECK(blocks.scaling->scale() == whole.scaling->scale());
    for (const std::string split : {"train", "validation", "test"}) {
      const Source &a = *whole.find(split), &b = *blocks.find(split);
      REQUIRE(a.size() == b.size());
      std::vector<std::uint32_t> all(a.size());
      for (std::uint32_t i = 0; i < all.size(); ++i) all[i] = i;
      std::vector<float> x(all.size() * 4), y(x.size());
      a.read(all, x.data());
      b.read(all, y.data());
      CHECK(x == y);
      CHECK(values_of<std::int64_t>(a.labels().classes) ==
            values_of<std::int64_t>(b.labels().classes));
    }
    CHECK_FALSE(blocks.train().in_memory());
  }

  TEST_CASE("an epoch goes on from its middle as it would have gone on") {
    const ScratchFolder folder;
    const auto lazy = open_npy_blocks(folder.put("a.npy", counting_npy(300)), kSmall);
    DataSet set;
    set.splits["train"] =
        std::make_shared<LazySource>(lazy, Labels(), std::make_shared<FittedScaling>());
    for (const std::int64_t epoch : {0, 3}) {
      const auto whole = epoch_of(set, epoch, 0);
      const auto rest = epoch_of(set, epoch, 7);
      REQUIRE(whole.size() == 1200);
      REQUIRE(rest.size() == 1200 - 7 * 16 * 4);
      CHECK(std::equal(rest.begin(), rest.end(), whole.begin() + 7 * 16 * 4));
    }
    CHECK(epoch_of(set, 0, 0) != epoch_of(set, 1, 0));
  }

  TEST_CASE("other content has another sum") {
    const ScratchFolder folder;
    const auto sum = [&](const std::string& content) {
      return open_npy_blocks(folder.put("a.npy", content))->checksum();
    };
    std::string content = counting_npy(100);
    const std::uint32_t before = sum(content);
    CHECK(sum(content) == before);
    CHECK(sum(counting_npy(101)) != before);
    content.back() = 'x';
    CHECK(sum(content) != before);
  }

  TEST_CASE("files that cannot be read in blocks say so") {
    const ScratchFolder folder;
    const auto fault = [&](const std::string& name, const std::string& content) {
      try {
        open_npy_blocks(folder.put(name, content));
      } catch (const DataError& error) {
        return std::string(error.what()).substr((folder / name).string().size());
      }
      return std::string();
    };
    CHECK(fault("a.npy", gzip(counting_npy(9))) == ": is compressed, and cannot be read in parts");
    CHECK(fault("b.npy", npy("|u1", "(2, 3)", "abcdef", "True")) ==
          ": is column-major, and cannot be read sample by sample");
    CHECK(fault("c.npy", npy("|u1", "(2, 3)", "abcde")) ==
          ": the header promises [2, 3] elements of u8, 6 bytes, but 5 follow it");
    CHECK(fault("d.npy", npy("|u1", "(2, 3)", "abcdefg")).find("but 7 follow it") !=
          std::string::npos);
    CHECK(fault("e.npy", npy("|u1", "(0, 3)", "")) == ": the array of samples, [0, 3], is empty");
    CHECK(fault("f.npy", "text, and more").find("is not a NumPy array") != std::string::npos);

    DataOptions options;
    options.read.in_memory = false;
    const std::string table = folder.put("t.idx", idx(8, {2, 1}, "ab"));
    CHECK_THROWS_WITH_AS(
        load_data_set(table, options, {}),
        ("in_memory is an option of NPY and HDF5 files; " + table + " is IDX").c_str(),
        OptionError);
    CHECK_THROWS_AS(load_data_set(folder.put("a.npz", zip({{"X.npy", npy("|u1", "(2, 1)", "ab")}})),
                                  options, {}),
                    OptionError);
  }

  TEST_CASE("a number that is not finite is found when its block is read") {
    const ScratchFolder folder;
    std::vector<float> values(400, 1.0f);
    values[397] = std::numeric_limits<float>::quiet_NaN();
    const std::string path = folder.put("a.npy", npy("<f4", "(100, 4)", raw(values)));
    const auto samples = open_npy_blocks(path, kSmall);
    std::vector<float> out(4);
    const std::uint32_t first = 0, last = 99;
    samples->read({&first, 1}, reinterpret_cast<std::byte*>(out.data()));
    CHECK_THROWS_WITH_AS(samples->read({&last, 1}, reinterpret_cast<std::byte*>(out.data())),
                         (path + ": from sample 96 on: sample 3, feature 1: nan is not a finite "
                                 "number of 32 bits")
                             .c_str(),
                         DataError);
  }
}
