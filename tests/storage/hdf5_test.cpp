#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>
#include <algorithm>
#include <hourglass/core/error.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/storage/h5_file.hpp>
#include <numeric>
#include <thread>

using namespace hourglass;

namespace {

constexpr DType kAll[] = {DType::F32, DType::F64, DType::U8,  DType::I8,  DType::U16,
                          DType::I16, DType::U32, DType::I32, DType::U64, DType::I64};

Tensor counted(const Shape& shape, DType dtype = DType::F32, int first = 0) {
  Tensor tensor(shape, dtype);
  visit(dtype, [&](auto zero) {
    using T = decltype(zero);
    T next = static_cast<T>(first);
    for (T& value : tensor.values<T>()) value = next++;
  });
  return tensor;
}

bool same(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && a.dtype() == b.dtype() &&
         std::equal(a.raw(), a.raw() + a.bytes(), b.raw());
}

void write_example(const std::filesystem::path& path) {
  hdf5::Writer file(path);
  file.set_attribute("", "format", "hourglass-checkpoint");
  file.set_attribute("", "epoch", 5);
  file.set_attribute("", "experiment", std::string(100'000, 'y'));
  file.write("parameters/encoder.0.weight", counted({3, 4}));
  file.write("parameters/encoder.0.bias", counted({3}));
  file.write("variables/ages", counted({2}, DType::I64));
  file.set_attribute("parameters", "scale", 0.5);
  file.set_attribute("parameters/encoder.0.weight", "shape", std::vector<std::int64_t>{1, 28, 28});
  file.commit();
}

}  // namespace

TEST_SUITE("storage/hdf5") {
  TEST_CASE("every element type comes back with its shape, type and bits") {
    const ScratchFolder folder;
    hdf5::Writer file(folder / "a.h5");
    for (DType dtype : kAll)
      file.write(text("all/", name_of(dtype)), counted({2, 3, 5}, dtype, -3));
    file.write("scalar", counted({}, DType::F32, 7));
    file.write("empty", counted({0, 3}));
    file.commit();
    const hdf5::Reader back(folder / "a.h5");
    for (DType dtype : kAll) {
      CAPTURE(name_of(dtype));
      const std::string path = text("all/", name_of(dtype));
      CHECK(back.dtype(path) == dtype);
      CHECK(back.shape(path) == Shape{2, 3, 5});
      CHECK(same(back.read(path), counted({2, 3, 5}, dtype, -3)));
    }
    CHECK(same(back.read("scalar"), counted({}, DType::F32, 7)));
    CHECK(same(back.read("empty"), counted({0, 3})));
    CHECK(back.list("all").size() == 10);
  }

  TEST_CASE("attributes of the root, of groups and of datasets come back") {
    const ScratchFolder folder;
    {
      hdf5::Writer file(folder / "a.h5");
      file.create_group("group/inner");
      file.write("group/data", counted({2}));
      file.set_attribute("", "text", "größer\n\"1\"");
      file.set_attribute("group", "count", 3);
      file.set_attribute("group", "count", -4);
      file.set_attribute("group/inner", "empty", "");
      file.set_attribute("group/data", "rate", 1e-3);
      file.set_attribute("group/data", "list", std::vector<std::int64_t>{3, 1, 2});
      file.set_attribute("group/data", "none", std::vector<std::int64_t>{});
      file.commit();
    }
    const hdf5::Reader back(folder / "a.h5");
    CHECK(back.text_attribute("", "text") == "größer\n\"1\"");
    CHECK(back.integer_attribute("group", "count") == -4);
    CHECK(back.number_attribute("group", "count") == -4.0);
    CHECK(back.text_attribute("group/inner", "empty") == "");
    CHECK(back.number_attribute("group/data", "rate") == 1e-3);
    CHECK(back.integers_attribute("group/data", "list") == std::vector<std::int64_t>{3, 1, 2});
    CHECK(back.integers_attribute("group/data", "none").empty());
    CHECK(back.has_attribute("group", "count"));
    CHECK_FALSE(back.has_attribute("group", "rate"));
    CHECK_FALSE(back.has_attribute("none", "rate"));
  }

  TEST_CASE("an attribute that is missing or of another kind is named") {
    const ScratchFolder folder;
    const auto path = folder / "a.h5";
    write_example(path);
    const hdf5::Reader file(path);
    CHECK_THROWS_WITH_AS(file.attribute("parameters", "step"),
                         text(path.string(), ": \"parameters\" has no attribute \"step\"").c_str(),
                         DataError);
    CHECK_THROWS_WITH_AS(
        file.integer_attribute("", "format"),
        text(path.string(), ": attribute \"format\" of \"/\" must be a whole number").c_str(),
        DataError);
    CHECK_THROWS_WITH_AS(file.attribute("none", "x"),
                         text(path.string(), ": has no object \"none\"").c_str(), DataError);
  }

  TEST_CASE("rows written one part after another make the whole, and parts can be read") {
    const ScratchFolder folder;
    {
      hdf5::Writer file(folder / "a.h5");
      file.create("test/codes", {5, 2}, DType::F32);
      file.write_rows("test/codes", 0, counted({3, 2}));
      file.write_rows("test/codes", 3, counted({1, 2}, DType::F32, 6));
      file.write_rows("test/codes", 5, counted({0, 2}));
      file.commit();
    }
    const hdf5::Reader back(folder / "a.h5");
    const Tensor whole = back.read("test/codes");
    CHECK(whole.floats()[7] == 7);
    CHECK(whole.floats()[8] == 0);
    CHECK(same(back.read_rows("test/codes", 1, 3), counted({3, 2}, DType::F32, 2)));
    CHECK(back.read_rows("test/codes", 5, 0).shape() == Shape{0, 2});
    CHECK_THROWS_WITH_AS(back.read_rows("test/codes", 4, 2),
                         text((folder / "a.h5").string(),
                              ": dataset \"test/codes\" of shape [5, 2] has no rows 4 to 4 + 2")
                             .c_str(),
                         DataError);
    CHECK_THROWS_AS(back.read_rows("test/codes", 1, INT64_MAX), DataError);
    CHECK_THROWS_AS(back.read_rows("test/codes", -1, 1), DataError);
  }

  TEST_CASE("rows that do not fit are refused with both shapes") {
    const ScratchFolder folder;
    hdf5::Writer file(folder / "a.h5");
    file.create("codes", {5, 2}, DType::F32);
    CHECK_THROWS_WITH_AS(file.write_rows("codes", 4, counted({2, 2})),
                         text((folder / "a.h5").string(),
                              ": rows from 4 on do not fit dataset \"codes\" of shape [5, 2]: got "
                              "f32 [2, 2]")
                             .c_str(),
                         ShapeError);
    CHECK_THROWS_AS(file.write_rows("codes", 0, counted({1, 3})), ShapeError);
    CHECK_THROWS_AS(file.write_rows("codes", 0, counted({2})), ShapeError);
    CHECK_THROWS_AS(file.write_rows("codes", 0, counted({1, 2}, DType::F64)), ShapeError);
    CHECK_THROWS_AS(file.write_rows("none", 0, counted({1, 2})), IoError);
  }

  TEST_CASE("equal calls give equal bytes, whatever the clock says") {
    const ScratchFolder folder;
    write_example(folder / "a.h5");
    // Object times count in seconds.
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    write_example(folder / "b.h5");
    CHECK(read_text_file(folder / "a.h5") == read_text_file(folder / "b.h5"));
  }

  TEST_CASE("nothing is seen before commit, and nothing remains without it") {
    const ScratchFolder folder;
    {
      hdf5::Writer file(folder / "a.h5");
      file.write("x", counted({3}));
      CHECK_FALSE(std::filesystem::exists(folder / "a.h5"));
    }
    CHECK(folder.count() == 0);
    hdf5::Writer file(folder / "a.h5");
    file.commit();
    CHECK(folder.count() == 1);
    CHECK_THROWS_WITH_AS(
        file.write("x", counted({3})),
        text((folder / "a.h5").string(), ": cannot write \"x\": the file is complete already")
            .c_str(),
        IoError);
  }

  TEST_CASE("a folder that is missing and a name that is taken are errors of writing") {
    const ScratchFolder folder;
    CHECK_THROWS_AS(hdf5::Writer(folder / "none/a.h5"), IoError);
    hdf5::Writer file(folder / "a.h5");
    file.write("x", counted({3}));
    CHECK_THROWS_AS(file.write("x", counted({3})), IoError);
    CHECK_THROWS_AS(file.write("x/y", counted({3})), IoError);
    CHECK_THROWS_AS(file.write("", counted({3})), IoError);
    CHECK_THROWS_AS(file.write("a//b", counted({3})), IoError);
    CHECK_THROWS_AS(file.write("./b", counted({3})), IoError);
    CHECK_THROWS_AS(file.set_attribute("y", "name", 1), IoError);
  }

  TEST_CASE("a listing has every object with shape, type, bytes and attributes") {
    const ScratchFolder folder;
    write_example(folder / "a.h5");
    const auto entries = hdf5::contents(folder / "a.h5");
    std::vector<std::string> paths;
    for (const auto& entry : entries) paths.push_back(entry.path);
    CHECK(paths == std::vector<std::string>{"", "parameters", "parameters/encoder.0.bias",
                                            "parameters/encoder.0.weight", "variables",
                                            "variables/ages"});
    REQUIRE(entries[0].attributes.size() == 3);
    CHECK(entries[0].attributes[0].name == "epoch");
    CHECK(std::get<std::int64_t>(entries[0].attributes[0].value) == 5);
    const auto& weight = entries[3];
    CHECK(weight.kind == hdf5::Entry::Kind::Dataset);
    CHECK(weight.shape == Shape{3, 4});
    CHECK(weight.type == "f32");
    CHECK(weight.bytes == 48);
    CHECK(std::get<std::vector<std::int64_t>>(weight.attributes[0].value).size() == 3);
    CHECK(entries[5].type == "i64");
  }

  TEST_CASE("threads that read and write at once wait for each other") {
    const ScratchFolder folder;
    write_example(folder / "a.h5");
    std::vector<std::thread> threads;
    std::vector<int> good(4, 0);
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&, i] {
        for (int round = 0; round < 3; ++round) {
          write_example(folder / text("b", i, ".h5"));
          good[static_cast<std::size_t>(i)] += same(
              hdf5::Reader(folder / "a.h5").read("parameters/encoder.0.weight"), counted({3, 4}));
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
    CHECK(std::accumulate(good.begin(), good.end(), 0) == 12);
  }
}
