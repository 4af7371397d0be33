#include "files.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/data/cifar.hpp>
#include <hourglass/data/data_set.hpp>

#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

/// A record whose planes are filled with three numbers, but for the last pixel of each.
std::string record(std::initializer_list<int> labels, int red, int green, int blue) {
  std::string bytes;
  for (const int label : labels) bytes += static_cast<char>(label);
  for (const int value : {red, green, blue}) {
    bytes += std::string(1023, static_cast<char>(value)) + static_cast<char>(value + 1);
  }
  return bytes;
}

std::string ten(int label, int red = 1) { return record({label}, red, 20, 30); }

}  // namespace

TEST_SUITE("data/cifar") {
  TEST_CASE("records become labels and pictures in planes") {
    const ScratchFolder folder;
    const std::string path = folder.put("a.bin", ten(3) + record({9}, 200, 100, 50));
    auto splits = read_file(path);
    REQUIRE(splits.size() == 1);
    const RawSplit& split = splits.at("");
    CHECK(split.samples.shape() == Shape{2, 3, 32, 32});
    CHECK(split.samples.dtype() == DType::U8);
    CHECK(values_of<std::int64_t>(split.labels.classes) == std::vector<std::int64_t>{3, 9});
    const auto pixels = split.samples.values<std::uint8_t>();
    CHECK(pixels[0] == 1);
    CHECK(pixels[1023] == 2);
    CHECK(pixels[1024] == 20);
    CHECK(pixels[3072] == 200);
    CHECK(pixels[6143] == 51);
    CHECK(read_file(folder.put("a.bin.gz", gzip(ten(3)))).at("").size() == 1);
  }

  TEST_CASE("records are known by their size, whatever the first of them begins with") {
    const ScratchFolder folder;
    std::string like_idx(3073, '\0'), like_text(3074, ' ');
    like_idx[2] = '\x08';
    like_text[0] = like_text[1] = '\t';
    CHECK(format_of(folder.put("a.bin", like_idx)) == DataFormat::Cifar);
    CHECK(format_of(folder.put("b.bin", like_text)) == DataFormat::Cifar);
    CHECK(format_of(folder.put("c.bin", idx(8, {1}, "a"))) == DataFormat::Idx);
    CHECK(format_of(folder.put("d.bin", "1,2\n")) == DataFormat::Table);
    CHECK(format_of(folder.put("e.txt", like_text)) == DataFormat::Table);
  }

  TEST_CASE("of CIFAR-100 the fine labels are read, or the coarse ones") {
    const ScratchFolder folder;
    const std::string path = folder.put("a.bin", record({19, 99}, 1, 2, 3));
    CHECK(values_of<std::int64_t>(read_cifar(path).at("").labels.classes) ==
          std::vector<std::int64_t>{99});
    ReadOptions options;
    options.labels_array = "coarse";
    CHECK(values_of<std::int64_t>(read_cifar(path, options).at("").labels.classes) ==
          std::vector<std::int64_t>{19});
    options.labels_array = "medium";
    CHECK_THROWS_WITH_AS(read_cifar(path, options),
                         "labels_array is \"medium\", CIFAR-100 has: fine, coarse", OptionError);
    CHECK_THROWS_AS(read_cifar(folder.put("b.bin", ten(1)), options), OptionError);
  }

  TEST_CASE("the archive and the folder give training and test in the order of the batches") {
    const ScratchFolder folder;
    std::string archive =
        tar_member("c/readme.html", "<html>") + tar_member("c/data_batch_2.bin", ten(2)) +
        tar_member("c/test_batch.bin", ten(7)) + tar_member("c/data_batch_10.bin", ten(4)) +
        tar_member("c/data_batch_1.bin", ten(1) + ten(0));
    const std::string packed = folder.put("c.tar.gz", gzip(archive + std::string(1024, '\0')));
    for (const char* name : {"data_batch_2.bin", "test_batch.bin", "data_batch_10.bin"}) {
      folder.put(std::string("c/") + name, ten(name[0] == 't' ? 7 : name[11] == '2' ? 2 : 4));
    }
    folder.put("c/data_batch_1.bin", ten(1) + ten(0));
    folder.put("c/notes.txt", "text");
    for (const std::string& path : {packed, (folder / "c").string()}) {
      CAPTURE(path);
      const auto splits = read_file(path);
      REQUIRE(splits.size() == 2);
      CHECK(values_of<std::int64_t>(splits.at("train").labels.classes) ==
            std::vector<std::int64_t>{1, 0, 2, 4});
      CHECK(splits.at("test").size() == 1);
    }
    DataOptions options;
    options.validation = 0.25;
    const DataSet set = load_data_set(packed, options, {});
    CHECK(set.train().size() == 3);
    CHECK(set.sample_shape == Shape{3, 32, 32});
    CHECK(set.has_images());
    CHECK(set.scaling->kind() == Scaling::Unit);
  }

  TEST_CASE("several files make one split of a descriptor") {
    const ScratchFolder folder;
    folder.put("d/one.bin", ten(1) + ten(2));
    folder.put("d/two.bin", ten(5, 77));
    folder.put("d/three.bin", ten(9));
    folder.put("d.yaml",
               "name: d\ntitle: t\nformat: cifar\nfiles:\n  train:\n    samples: {name: one.bin}\n"
               "    further: [{name: two.bin}]\n  test: {samples: {name: three.bin}}\n");
    DataOptions options;
    options.scaling = Scaling::None;
    const DataPlaces places{folder.path(), {folder.path()}};
    const DataSet set = load_data_set("d", options, places);
    REQUIRE(set.train().size() == 3);
    CHECK(values_of<std::int64_t>(set.train().labels().classes) ==
          std::vector<std::int64_t>{1, 2, 5});
    std::vector<float> sample(3072);
    const std::uint32_t last[] = {2};
    set.train().read(last, sample.data());
    CHECK(sample[0] == 77);
    CHECK(set.find("test")->size() == 1);
    folder.put("d/two.bin", record({1, 2}, 1, 2, 3));
    CHECK(load_data_set("d", options, places).train().size() == 3);  // pixels are alike
    folder.put("d/two.bin", npy("|u1", "(1, 3072)", std::string(3072, 'a')));
    CHECK_THROWS_WITH_AS(load_data_set("d", options, places),
                         doctest::Contains("two.bin: its samples or labels are of another form"),
                         DataError);
  }

  TEST_CASE("files that are cut off, empty or have labels beyond their classes are refused") {
    const ScratchFolder folder;
    const std::string path = folder.put("a.bin", record({3, 100}, 1, 2, 3));
    CHECK_THROWS_WITH_AS(read_cifar(path),
                         (path + ": record 0 has the label 100, expected 0 to 99").c_str(),
                         DataError);
    CHECK_THROWS_WITH_AS(
        read_cifar(folder.put("a.bin", ten(3) + "abc")),
        (path + ": has 3076 bytes, expected whole records of CIFAR-10 (3073 bytes each) or "
                "CIFAR-100 (3074)")
            .c_str(),
        DataError);
    CHECK_THROWS_WITH_AS(read_cifar(folder.put("a.bin", "")),
                         (path + ": is empty, expected records of CIFAR").c_str(), DataError);
    CHECK_THROWS_WITH_AS(read_cifar(folder.put("a.bin", ten(3) + ten(10))),
                         (path + ": record 1 has the label 10, expected 0 to 9").c_str(),
                         DataError);
    CHECK_THROWS_WITH_AS(
        read_cifar(folder.put("b.tar", tar_member("a", "b") + std::string(1024, '\0'))),
        ((folder / "b.tar").string() +
         ": holds no CIFAR, expected data_batch_1.bin and others, or train.bin")
            .c_str(),
        DataError);
  }
}
