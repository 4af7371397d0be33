#include "files.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/data/block_samples.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/data/loader.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>
#include <hdf5.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

constexpr BlockOptions kSmall{.bytes = 64, .memory = 400};

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

/// The same samples, 100 of them, in chunks of so many rows, packed.
std::string chunked_file(const ScratchFolder& folder, std::int64_t rows) {
  const std::string path = (folder / "chunked.h5").string();
  const std::vector<std::int16_t> values = counting(400);
  const hsize_t extents[] = {100, 2, 2}, most[] = {H5S_UNLIMITED, 2, 2};
  const hsize_t chunk[] = {static_cast<hsize_t>(rows), 2, 2};
  const hid_t file = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT);
  const hid_t properties = H5Pcreate(H5P_DATASET_CREATE);
  H5Pset_chunk(properties, 3, chunk);
  H5Pset_deflate(properties, 6);
  const hid_t space = H5Screate_simple(3, extents, most);
  const hid_t dataset =
      H5Dcreate2(file, "samples", H5T_NATIVE_INT16, space, H5P_DEFAULT, properties, H5P_DEFAULT);
  H5Dwrite(dataset, H5T_NATIVE_INT16, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data());
  H5Dclose(dataset);
  H5Sclose(space);
  H5Pclose(properties);
  H5Fclose(file);
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

  TEST_CASE("what is kept is bounded in bytes, whatever a sample or a chunk takes") {
    const ScratchFolder folder;
    const std::string path = folder.put("a.npy", counting_npy(100));  // 8 bytes a sample
    const auto blocks = [&](std::int64_t bytes, std::int64_t memory) {
      const auto [size, window] = open_npy_blocks(path, {bytes, memory})->blocks();
      return std::vector<std::int64_t>{size, window};
    };
    CHECK(blocks(64, 64 * 9) == std::vector<std::int64_t>{8, 3});
    CHECK(blocks(64, 64 * 2) == std::vector<std::int64_t>{8, 1});
    CHECK(blocks(1, 4) == std::vector<std::int64_t>{1, 1});
    CHECK(blocks(1 << 20, 2 << 20) == std::vector<std::int64_t>{100, 873});
    const BlockOptions usual;
    CHECK(usual.memory / usual.bytes == 48);

    const auto chunked = [&](std::int64_t rows) {
      const std::string file = chunked_file(folder, rows);
      CHECK(hdf5::Reader(file).chunk_rows("samples") == std::min<std::int64_t>(rows, 100));
      const auto samples = open_hdf5_blocks(file, "samples", kSmall);
      CHECK(firsts(*samples, {99, 0, 50}) == std::vector<int>{396, 0, 200});
      return samples->blocks().size;
    };
    CHECK(chunked(3) == 6);    // two chunks
    CHECK(chunked(12) == 12);  // a chunk of 96 bytes, of which four fit
    CHECK(chunked(20) == 8);   // 160 bytes, of which only two would
    CHECK(chunked(100) == 8);
    CHECK(hdf5::Reader(hdf5_file(folder, 9)).chunk_rows("samples") == 1);
  }

  TEST_CASE("a source of few rows has smaller blocks, and so has a choice among them") {
    const ScratchFolder folder;
    const auto lazy = open_npy_blocks(folder.put("a.npy", counting_npy(100)), kSmall);
    const auto scaling = std::make_shared<FittedScaling>();
    CHECK(LazySource(lazy, Labels(), scaling).blocks().size == 8);
    CHECK(LazySource(lazy, Labels(), scaling, {0, 3, 9, 11, 14}).blocks().size == 2);
    CHECK(LazySource(lazy, Labels(), scaling, {20, 21, 22}).blocks().size == 8);
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

    // A chunk's rows are summed up together, for each costs what all of them cost.
    const auto chunked = [&](std::int64_t rows) {
      return open_hdf5_blocks(chunked_file(folder, rows), "samples")->checksum();
    };
    CHECK(chunked(7) == chunked(1));
    CHECK(chunked(100) == chunked(1));
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
    const auto truths = open_npy_blocks(folder.put("g.npy", npy("|b1", "(2, 1)", "\1\2")));
    const std::uint32_t first = 0;
    std::byte value{};
    CHECK_THROWS_WITH_AS(
        truths->read({&first, 1}, &value),
        ((folder / "g.npy").string() + ": a boolean has the value 2, expected 0 or 1").c_str(),
        DataError);

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

  TEST_CASE(
      "an experiment's in_memory goes before the descriptor's, and other files are read whole") {
    const ScratchFolder folder;
    folder.put("a.npy", counting_npy(100));
    folder.put("big.yaml",
               "name: big\ntitle: t\nformat: npy\nfolder: .\nin_memory: false\n"
               "files: {train: {samples: {name: a.npy}}}\n");
    const DataPlaces places{folder.path(), {folder.path()}};
    DataOptions options;
    const DataSet blocks = load_data_set("big", options, places);
    CHECK_FALSE(blocks.train().in_memory());
    options.read.in_memory = true;
    CHECK(load_data_set("big", options, places).train().in_memory());
    // What is encoded later may well be of a kind that has no blocks.
    std::vector<std::string> notes;
    const std::string other =
        folder.put("b.npz", zip({{"X.npy", npy("<i2", "(1, 2, 2)", raw(counting(4)))}}));
    CHECK(load_input(other, blocks, {}, notes)->size() == 1);
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
    CHECK_THROWS_WITH_AS(
        samples->read({&last, 1}, reinterpret_cast<std::byte*>(out.data())),
        (path + ": sample 99, feature 1: nan is not a finite number of 32 bits").c_str(),
        DataError);
  }
}
