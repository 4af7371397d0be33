#include "files.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/data/npy.hpp>

#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

std::string member(const std::string& value) { return npy("|u1", "(1,)", value); }

}  // namespace

TEST_SUITE("data/npy") {
  TEST_CASE("every type of number keeps its type and values") {
    const ScratchFolder folder;
    const Tensor floats = read_npy(folder.put("a", npy("<f4", "(2,)", raw<float>({1.5f, -2}))));
    CHECK(values_of<float>(floats) == std::vector<float>{1.5f, -2});
    const Tensor doubles =
        read_npy(folder.put("a", npy(">f8", "(1,)", big(0x3FF8000000000000, 8))));
    CHECK(values_of<double>(doubles) == std::vector<double>{1.5});
    const Tensor shorts = read_npy(folder.put("a", npy(">i2", "(2,)", big(1, 2) + big(65535, 2))));
    CHECK(values_of<std::int16_t>(shorts) == std::vector<std::int16_t>{1, -1});
    const Tensor longs = read_npy(folder.put("a", npy("<i8", "(1,)", little(~0ull, 8))));
    CHECK(values_of<std::int64_t>(longs) == std::vector<std::int64_t>{-1});
    const Tensor words = read_npy(folder.put("a", npy("<u2", "(1,)", little(40000, 2))));
    CHECK(values_of<std::uint16_t>(words) == std::vector<std::uint16_t>{40000});
    const Tensor booleans = read_npy(folder.put("a", npy("|b1", "(3,)", std::string("\0\1\1", 3))));
    CHECK(values_of<std::uint8_t>(booleans) == std::vector<std::uint8_t>{0, 1, 1});
  }

  TEST_CASE("column-major arrays become row-major") {
    const ScratchFolder folder;
    const Tensor matrix =
        read_npy(folder.put("a", npy("|u1", "(2, 3)", "\x01\x04\x02\x05\x03\x06", "True")));
    CHECK(matrix.shape() == Shape{2, 3});
    CHECK(values_of<std::uint8_t>(matrix) == std::vector<std::uint8_t>{1, 2, 3, 4, 5, 6});
    std::vector<std::int32_t> columns(24);
    for (int i = 0; i < 2; ++i)
      for (int j = 0; j < 3; ++j)
        for (int k = 0; k < 4; ++k) columns[i + 2 * j + 6 * k] = 12 * i + 4 * j + k;
    const Tensor cube = read_npy(folder.put("a", npy("<i4", "(2, 3, 4)", raw(columns), "True")));
    for (int i = 0; i < 24; ++i) CHECK(cube.values<std::int32_t>()[i] == i);
  }

  TEST_CASE("damaged arrays are refused by a sentence that says what is wrong") {
    const ScratchFolder folder;
    const struct {
      std::string bytes;
      std::string message;
    } cases[] = {
        {"abcdefgh", "is not a NumPy array: expected it to begin with NUMPY"},
        {npy("<f2", "(1,)", "ab"),
         "holds elements of NumPy type \"<f2\", expected floats of 4 or 8 bytes, integers or "
         "booleans"},
        {npy("|O", "(1,)", "ab"),
         "holds elements of NumPy type \"|O\", expected floats of 4 or 8 bytes, integers or "
         "booleans"},
        {npy("|u1", "(3,)", "ab"),
         "the header promises [3] elements of u8, 3 bytes, but the file cannot hold more than 2"},
        {npy("|u1", "(3,)", "abcd"), "more bytes follow the array than its header promises"},
        {npy("|u1", "(-1,)", "a"),
         "damaged NPY header: an extent of the shape is not a number of at most 64 bits"},
        {npy("<f8", "(4294967296, 4294967296)", ""),
         "the header's extents multiply to more than 2^62 bytes"},
        {npy("|u1", "(1, 1, 1, 1, 1, 1, 1, 1, 1)", "a"),
         "the array has 9 axes, expected at most 8"},
        {npy("|u1", "(1,", "a"),
         "damaged NPY header: an extent of the shape is not a number of at most 64 bits"},
        {npy("|u1", "(1,)", "a", "Maybe"),
         "damaged NPY header: fortran_order must be True or False"},
        {npy("|b1", "(1,)", "\x02"), "a boolean has the value 2, expected 0 or 1"},
    };
    for (const auto& [bytes, message] : cases) {
      const std::string path = folder.put("bad.npy", bytes);
      CHECK_THROWS_WITH_AS(read_npy(path), (path + ": " + message).c_str(), DataError);
    }
  }
}

TEST_SUITE("data/npz") {
  TEST_CASE("stored, deflated and wide members are read by name") {
    const ScratchFolder folder;
    const std::string path = folder.put(
        "a.npz", zip({{"X.npy", npy("|u1", "(2, 2)", "abcd", "True"), true, false},
                      {"y.npy", npy("<i8", "(2,)", raw<std::int64_t>({7, 9})), false, false},
                      {"z.npy", member("w"), true, true}}));
    const NpzArchive archive(path);
    CHECK(archive.names() == std::vector<std::string>{"X", "y", "z"});
    CHECK(archive.contains("y"));
    CHECK_FALSE(archive.contains("Y"));
    CHECK(values_of<std::uint8_t>(archive.read("X")) ==
          std::vector<std::uint8_t>{'a', 'c', 'b', 'd'});
    CHECK(values_of<std::int64_t>(archive.read("y")) == std::vector<std::int64_t>{7, 9});
    CHECK(values_of<std::uint8_t>(archive.read("z")) == std::vector<std::uint8_t>{'w'});
    CHECK_THROWS_WITH_AS(archive.read("q"),
                         (path + ": has no array \"q\"; it holds: X, y, z").c_str(), DataError);
  }

  TEST_CASE("a changed byte is found by the checksum") {
    const ScratchFolder folder;
    std::string bytes = zip({{"x.npy", member("w"), false, false}});
    bytes[bytes.find("w", 30 + 5 + 100)] = 'v';
    const std::string path = folder.put("a.npz", bytes);
    CHECK_THROWS_WITH_AS(NpzArchive(path).read("x"),
                         (path + ": x: the checksum differs; the file is damaged").c_str(),
                         DataError);
  }

  TEST_CASE("an archive cut anywhere, or with any byte changed, never gets further than an error") {
    const ScratchFolder folder;
    const std::string good =
        zip({{"x.npy", member("w"), true, false}, {"y.npy", member("v"), false, true}});
    for (std::size_t length = 0; length < good.size(); length += 7) {
      const std::string path = folder.put("cut.npz", good.substr(0, length));
      CHECK_THROWS_AS(NpzArchive(path).read("x"), DataError);
    }
    for (std::size_t at = 0; at < good.size(); ++at) {
      std::string bytes = good;
      bytes[at] = static_cast<char>(bytes[at] ^ 0xA5);
      const std::string path = folder.put("changed.npz", bytes);
      try {
        const NpzArchive archive(path);
        for (const auto& name : archive.names()) archive.read(name);
      } catch (const DataError&) {
      }
    }
  }

  TEST_CASE("encrypted and otherwise packed members are refused") {
    const ScratchFolder folder;
    const std::string good = zip({{"x.npy", member("w"), false, false}});
    const std::size_t entry = good.find("PK\x01\x02");
    std::string bytes = good;
    bytes[entry + 8] = 1;
    std::string path = folder.put("a.npz", bytes);
    CHECK_THROWS_WITH_AS(NpzArchive(path).read("x"), (path + ": x: is encrypted").c_str(),
                         DataError);
    bytes = good;
    bytes[entry + 10] = 12;
    path = folder.put("a.npz", bytes);
    CHECK_THROWS_WITH_AS(
        NpzArchive(path).read("x"),
        (path + ": x: is packed by ZIP method 12, expected 0 (stored) or 8 (deflated)").c_str(),
        DataError);
  }
}
