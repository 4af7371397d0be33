#include "files.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/data/idx.hpp>

#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace hourglass;
using namespace hourglass::testing;

TEST_SUITE("data/idx") {
  TEST_CASE("bytes come back in their order, plain and compressed") {
    const ScratchFolder folder;
    const std::string file = idx(8, {2, 1, 3}, "\x01\x02\x03\x04\x05\xff");
    for (const auto& bytes : {file, gzip(file)}) {
      const Tensor tensor = read_idx(folder.put("a", bytes));
      CHECK(tensor.shape() == Shape{2, 1, 3});
      CHECK(tensor.dtype() == DType::U8);
      CHECK(values_of<std::uint8_t>(tensor) == std::vector<std::uint8_t>{1, 2, 3, 4, 5, 255});
    }
  }

  TEST_CASE("wider elements are turned from big-endian order") {
    const ScratchFolder folder;
    const Tensor shorts = read_idx(folder.put("s", idx(0x0B, {2}, big(258, 2) + big(0xFFFF, 2))));
    CHECK(values_of<std::int16_t>(shorts) == std::vector<std::int16_t>{258, -1});
    const Tensor ints = read_idx(folder.put("i", idx(0x0C, {1}, big(0xFFFFFFFE, 4))));
    CHECK(values_of<std::int32_t>(ints) == std::vector<std::int32_t>{-2});
    const Tensor floats = read_idx(folder.put("f", idx(0x0D, {1}, big(0x3FC00000, 4))));
    CHECK(values_of<float>(floats) == std::vector<float>{1.5f});
    const Tensor doubles = read_idx(folder.put("d", idx(0x0E, {1}, big(0xC000000000000000, 8))));
    CHECK(values_of<double>(doubles) == std::vector<double>{-2.0});
    const Tensor chars = read_idx(folder.put("c", idx(0x09, {1}, "\xff")));
    CHECK(values_of<std::int8_t>(chars) == std::vector<std::int8_t>{-1});
  }

  TEST_CASE("several gzip members make one file") {
    const ScratchFolder folder;
    const std::string file = idx(8, {4}, "abcd");
    const Tensor tensor =
        read_idx(folder.put("m.gz", gzip(file.substr(0, 9)) + gzip(file.substr(9))));
    CHECK(values_of<std::uint8_t>(tensor) == std::vector<std::uint8_t>{'a', 'b', 'c', 'd'});
  }

  TEST_CASE("damaged files are refused by a sentence that says what is wrong") {
    const ScratchFolder folder;
    const std::string good = idx(8, {2, 3}, "abcdef");
    const struct {
      std::string bytes;
      std::string message;
    } cases[] = {
        {"", "ends inside the header, which should have 4 bytes and has 0; the file is truncated"},
        {"abcd", "is not an IDX file: expected it to begin with two zero bytes"},
        {idx(7, {1}, "a"),
         "unknown IDX element type 7, expected 8 (u8), 9 (i8), 11 (i16), 12 (i32), 13 (f32) or 14 "
         "(f64)"},
        {idx(8, {}, "a"), "the IDX array has 0 axes, expected 1 to 8"},
        {good.substr(0, 9),
         "ends inside the header, which should have 4 bytes and has 1; the file is truncated"},
        {good.substr(0, good.size() - 1),
         "the header promises [2, 3] elements of u8, 6 bytes, but the file cannot hold more than "
         "5"},
        {good + "g", "more bytes follow the array than its header promises"},
        {gzip(good + "g"), "more bytes follow the array than its header promises"},
        {gzip(good.substr(0, good.size() - 1)),
         "ends inside the data, which should have 6 bytes and has 5; the file is truncated"},
        {gzip(good).substr(0, 24), "the compressed data end too early; the file is truncated"},
        {gzip(good) + "x", "more bytes follow the end of the compressed data"},
        {idx(8, {0xFFFFFFFF, 0xFFFFFFFF, 0xFFFFFFFF}, ""),
         "the header's extents multiply to more than 2^62 bytes"},
    };
    for (const auto& [bytes, message] : cases) {
      const std::string path = folder.put("bad", bytes);
      CHECK_THROWS_WITH_AS(read_idx(path), (path + ": " + message).c_str(), DataError);
    }
  }

  TEST_CASE("a compressed file cannot make us allocate what it cannot hold") {
    const ScratchFolder folder;
    const std::string path = folder.put("bomb.gz", gzip(idx(8, {1u << 31, 1u << 10}, "abc")));
    CHECK_THROWS_AS(read_idx(path), DataError);
  }

  TEST_CASE("a missing file and a folder are named") {
    const ScratchFolder folder;
    CHECK_THROWS_WITH_AS(read_idx((folder / "none").string()),
                         ((folder / "none").string() + ": No such file or directory").c_str(),
                         DataError);
    CHECK_THROWS_WITH_AS(read_idx(folder.path()),
                         (folder.path().string() + ": is a folder, expected a file").c_str(),
                         DataError);
  }
}
