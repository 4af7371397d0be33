#include "files.hpp"

#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/data/data_set.hpp>
#include <hourglass/data/images.hpp>

#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <figure/pixels.hpp>
#include <filesystem>

#include <set>
#include <string>
#include <vector>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

/// A grey picture whose pixels count from `first`.
std::string grey(int height, int width, int first = 0) {
  std::string bytes = "P5\n" + std::to_string(width) + " " + std::to_string(height) + "\n255\n";
  for (int i = 0; i < height * width; ++i) bytes += static_cast<char>(first + i);
  return bytes;
}

std::string rgb(int height, int width, int red, int green, int blue) {
  std::string bytes = "P6\n" + std::to_string(width) + " " + std::to_string(height) + "\n255\n";
  for (int i = 0; i < height * width; ++i) {
    for (const int value : {red, green, blue}) bytes += static_cast<char>(value);
  }
  return bytes;
}

std::vector<int> patch(const RawSplit& split, std::uint32_t row) {
  std::vector<std::uint8_t> values(split.lazy->sample_bytes());
  split.lazy->read({&row, 1}, reinterpret_cast<std::byte*>(values.data()));
  return {values.begin(), values.end()};
}

}  // namespace

TEST_SUITE("data/images") {
  TEST_CASE("a folder's pictures come in the order of their names, others are passed over") {
    const ScratchFolder folder;
    folder.put("f/b.pgm", grey(2, 3, 100));
    folder.put("f/a.PGM", grey(2, 3));
    folder.put("f/notes.txt", "no picture");
    folder.put("f/.hidden.pgm", "no picture");
    const auto splits = read_file((folder / "f").string());
    const RawSplit& split = splits.at("");
    CHECK(split.samples.shape() == Shape{2, 2, 3});
    CHECK(pixel_values(split.samples) ==
          std::vector<int>{0, 1, 2, 3, 4, 5, 100, 101, 102, 103, 104, 105});
    CHECK_FALSE(split.labels.has_classes());
    CHECK(read_file((folder / "f/b.pgm").string()).at("").samples.shape() == Shape{1, 2, 3});
  }

  TEST_CASE("colour lies in planes, and one picture in colour makes all so") {
    const ScratchFolder folder;
    folder.put("f/a.ppm", rgb(1, 2, 10, 20, 30));
    folder.put("f/b.pgm", grey(1, 2, 5));
    const std::string path = (folder / "f").string();
    CHECK(pixel_values(read_images(path).at("").samples) ==
          std::vector<int>{10, 10, 20, 20, 30, 30, 5, 6, 5, 6, 5, 6});
    CHECK(read_images(path).at("").samples.shape() == Shape{2, 3, 1, 2});
    const auto in_grey = read_images(path, {.color = ImageOptions::Color::Grey});
    CHECK(pixel_values(in_grey.at("").samples) == std::vector<int>{18, 18, 5, 6});
    CHECK(in_grey.at("").samples.shape() == Shape{2, 1, 2});
  }

  TEST_CASE("subfolders are classes, or splits") {
    const ScratchFolder folder;
    folder.put("f/dog/1.pgm", grey(1, 1, 1));
    folder.put("f/cat/2.pgm", grey(1, 1, 2));
    folder.put("f/cat/young/3.pgm", grey(1, 1, 3));
    folder.put("f/empty/readme", "");
    const auto splits = read_images((folder / "f").string());
    const RawSplit& split = splits.at("");
    CHECK(pixel_values(split.samples) == std::vector<int>{2, 3, 1});
    CHECK(values_of<std::int64_t>(split.labels.classes) == std::vector<std::int64_t>{0, 0, 1});
    CHECK(split.labels.class_names == std::vector<std::string>{"cat", "dog"});

    folder.put("g/train/b/1.pgm", grey(1, 1, 1));
    folder.put("g/train/c/1.pgm", grey(1, 1, 2));
    folder.put("g/test/a/1.pgm", grey(1, 1, 3));
    folder.put("g/test/c/1.pgm", grey(1, 1, 4));
    const auto two = read_images((folder / "g").string());
    REQUIRE(two.size() == 2);
    CHECK(values_of<std::int64_t>(two.at("train").labels.classes) ==
          std::vector<std::int64_t>{0, 1});
    CHECK(values_of<std::int64_t>(two.at("test").labels.classes) ==
          std::vector<std::int64_t>{2, 1});
    CHECK(two.at("test").labels.class_names == std::vector<std::string>{"b", "c", "a"});

    // One picture in colour makes those of the other splits so, too.
    folder.put("g/test/c/2.ppm", std::string("P6 1 1 255\n") + "\x01\x02\x03");
    const auto colored = read_images((folder / "g").string());
    CHECK(colored.at("train").samples.shape() == Shape{2, 3, 1, 1});
    CHECK(colored.at("test").samples.shape() == Shape{3, 3, 1, 1});

    const std::string loose = folder.put("f/0.pgm", grey(1, 1));
    CHECK_THROWS_WITH_AS(read_images((folder / "f").string()),
                         ((folder / "f").string() +
                          ": has pictures beside its subfolders (0.pgm) and within them "
                          "(cat/2.pgm); the subfolders are classes, so move these pictures into "
                          "one")
                             .c_str(),
                         DataError);
  }

  TEST_CASE("pictures of two sizes are an error that names both") {
    const ScratchFolder folder;
    folder.put("f/a.pgm", grey(4, 4));
    folder.put("f/b.pgm", grey(4, 5));
    const std::string path = (folder / "f").string();
    CHECK_THROWS_WITH_AS(read_images(path),
                         (path + "/b.pgm: is 4 x 5 pixels (rows x columns), but " + path +
                          "/a.pgm is 4 x 4; samples have one size: an experiment can set "
                          "images.resize, images.crop or "
                          "images.patches, a command takes one such picture at a time")
                             .c_str(),
                         DataError);
    CHECK(read_images(path, {.resize = {2, 3}}).at("").samples.shape() == Shape{2, 2, 3});
    const auto cropped = read_images(path, {.crop = {2, 2}});
    CHECK(pixel_values(cropped.at("").samples) == std::vector<int>{5, 6, 9, 10, 6, 7, 11, 12});
    const auto both = read_images(path, {.resize = {2, 3}, .crop = {2, 1}});
    CHECK(both.at("").samples.shape() == Shape{2, 2, 1});
    CHECK_THROWS_WITH_AS(
        read_images(path, {.crop = {5, 5}}),
        (path + "/a.pgm: the picture is 4 x 4 (rows x columns), too small to crop to "
                "5 x 5; choose a smaller images.crop, or images.resize before it")
            .c_str(),
        DataError);
  }

  TEST_CASE("patches are taken row by row from pictures of any size") {
    const ScratchFolder folder;
    folder.put("f/x/a.pgm", grey(3, 5));
    folder.put("f/y/b.pgm", grey(2, 2, 50));
    ImageOptions options;
    options.patches = {.size = 2, .stride = 1};
    auto splits = read_images((folder / "f").string(), options);
    const RawSplit& split = splits.at("");
    REQUIRE(split.lazy != nullptr);
    CHECK(split.lazy->shape() == Shape{9, 2, 2});
    CHECK(split.groups == Rows{8, 1});
    CHECK(patch(split, 0) == std::vector<int>{0, 1, 5, 6});
    CHECK(patch(split, 3) == std::vector<int>{3, 4, 8, 9});
    CHECK(patch(split, 4) == std::vector<int>{5, 6, 10, 11});
    CHECK(patch(split, 8) == std::vector<int>{50, 51, 52, 53});
    CHECK(values_of<std::int64_t>(split.labels.classes) ==
          std::vector<std::int64_t>{0, 0, 0, 0, 0, 0, 0, 0, 1});
    options.patches = {.size = 2, .stride = {}};
    CHECK(read_images((folder / "f").string(), options).at("").lazy->size() == 3);
    folder.put("f/y/c.ppm", rgb(2, 3, 1, 2, 3));
    const auto colour = read_images((folder / "f").string(), options);
    CHECK(colour.at("").lazy->shape() == Shape{4, 3, 2, 2});
    CHECK(patch(colour.at(""), 3) == std::vector<int>{1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3});
    options.patches = {.size = 3, .stride = {}};
    CHECK_THROWS_WITH_AS(read_images((folder / "f").string(), options),
                         doctest::Contains("b.pgm: the picture is 2 x 2 (rows x columns), too "
                                           "small for patches of 3"),
                         DataError);
  }

  TEST_CASE("the patches of a picture stay in one split") {
    const ScratchFolder folder;
    for (int i = 0; i < 10; ++i) {
      folder.put("f/" + std::to_string(i) + ".pgm", grey(2, 4, i * 10));
    }
    DataOptions options;
    options.scaling = Scaling::None;
    options.validation = 0.25;
    options.read.images = ImageOptions{.patches = ImageOptions::Patches{.size = 2, .stride = 1}};
    const DataSet set = load_data_set((folder / "f").string(), options, {});
    CHECK(set.train().size() == 18);
    CHECK(set.find("validation")->size() == 6);
    CHECK(set.find("test")->size() == 6);
    std::set<int> seen;
    for (const std::string split : {"train", "validation", "test"}) {
      const Source& source = *set.find(split);
      std::set<int> pictures;
      for (std::uint32_t i = 0; i < source.size(); ++i) {
        float values[4];
        source.read({&i, 1}, values);
        pictures.insert(static_cast<int>(values[0]) / 10);
      }
      for (const int each : pictures) CHECK(seen.insert(each).second);
    }
    CHECK(seen.size() == 10);
    options.test = 0.95;
    CHECK_THROWS_AS(load_data_set((folder / "f").string(), options, {}), OptionError);
  }

  TEST_CASE("further pictures are brought into the form of the training's") {
    const ScratchFolder folder;
    for (int i = 0; i < 5; ++i) folder.put("f/" + std::to_string(i) + ".ppm", rgb(9, 9, i, 2, 3));
    DataOptions options;
    options.read.images = ImageOptions{.resize = {4, 4}};
    const DataSet set = load_data_set((folder / "f").string(), options, {});
    std::vector<std::string> notes;
    const auto input = load_input(folder.put("g.ppm", rgb(20, 30, 51, 102, 255)), set, {}, notes);
    std::vector<float> values(3 * 16);
    const std::uint32_t first[] = {0};
    input->read(first, values.data());
    CHECK(values[0] == doctest::Approx(0.2));
    CHECK(values[16] == doctest::Approx(0.4));
    CHECK(values[47] == 1);
  }

  TEST_CASE("folders without pictures, and damaged pictures, are refused by name") {
    const ScratchFolder folder;
    folder.put("f/notes.txt", "x");
    const std::string path = (folder / "f").string();
    CHECK_THROWS_WITH_AS(read_file(path),
                         (path + ": holds no pictures (png, jpg, jpeg, pgm, ppm, pnm)").c_str(),
                         DataError);
    for (int i = 0; i < 40; ++i) {
      folder.put("f/" + std::to_string(100 + i) + ".pgm", i < 20 ? grey(1, 1) : "P5\n1 1\n255\n");
    }
    CHECK_THROWS_WITH_AS(
        read_file(path),
        (path +
         "/120.pgm: is a damaged PGM or PPM file: it should have 1 bytes of pixels and has 0")
            .c_str(),
        DataError);
    folder.put("g/a.png", "text");
    CHECK_THROWS_WITH_AS(read_file((folder / "g").string()),
                         ((folder / "g/a.png").string() +
                          ": is no picture that is known, expected PNG, JPEG, PGM or PPM")
                             .c_str(),
                         DataError);
    CHECK_THROWS_AS(read_file((folder / "none").string()), DataError);
  }

  TEST_CASE("links that lead in a circle, pipes and folders named like pictures are no trap") {
    const ScratchFolder folder;
    folder.put("a/x/1.pgm", grey(1, 1));
    std::filesystem::create_directory_symlink(folder / "a", folder / "a/x/round");
    std::filesystem::create_directory_symlink(folder / "a", folder / "a/x/again");
    const std::string circle = (folder / "a").string();
    CHECK_THROWS_WITH_AS(read_file(circle), doctest::Contains("more than 16 folders deep"),
                         DataError);
    folder.put("b/1.pgm", grey(1, 1));
    REQUIRE(::mkfifo((folder / "b/2.png").c_str(), 0600) == 0);
    CHECK_THROWS_WITH_AS(read_file((folder / "b").string()),
                         ((folder / "b/2.png").string() + ": is not a regular file").c_str(),
                         DataError);
    folder.put("c/dir.png/1.pgm", grey(1, 1));
    CHECK(read_file((folder / "c").string()).at("").labels.class_names ==
          std::vector<std::string>{"dir.png"});
    std::filesystem::create_symlink("nowhere", folder / "c/dir.png/2.pgm");
    CHECK_THROWS_AS(read_file((folder / "c").string()), DataError);
  }

  TEST_CASE("a data set is called as its folder, however that is written") {
    const ScratchFolder folder;
    for (int i = 0; i < 5; ++i) folder.put("my.photos/" + std::to_string(i) + ".pgm", grey(1, 1));
    const std::string path = (folder / "my.photos").string();
    for (const std::string& name : {path, path + "/", path + "/."}) {
      CHECK(load_data_set(name, {}, {}).name == "my.photos");
    }
  }

  TEST_CASE("options that go nowhere are refused with their place") {
    const auto fault = [](const std::string& yaml) {
      config::Problems problems;
      schema_of<ImageOptions>().read(config::parse_text(yaml, "a", problems), problems);
      return problems.empty() ? std::string() : problems.to_text();
    };
    CHECK(fault("{color: grey, resize: [8, 9], crop: [8, 8], patches: {size: 4}}").empty());
    CHECK(fault("{resize: [8]}").find("needs two numbers for resize") != std::string::npos);
    CHECK(fault("{crop: [0, 4]}").find("must be >= 1") != std::string::npos);
    CHECK(fault("{patches: {stride: 2}}").find("size") != std::string::npos);
    CHECK(fault("{resize: [8, 100000]}").find("at most 32768") != std::string::npos);
  }
}
