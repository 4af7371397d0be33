#include "files.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/data/tar.hpp>

#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace hourglass;
using namespace hourglass::testing;

namespace {

std::vector<std::pair<std::string, std::string>> members(const std::string& path) {
  const auto stream = open_bytes(path);
  TarReader tar(*stream);
  std::vector<std::pair<std::string, std::string>> result;
  while (const auto member = tar.next()) {
    std::string content(member->size, '\0');
    member->bytes->read_exactly(std::as_writable_bytes(std::span(content)), "content");
    result.emplace_back(member->name, content);
  }
  return result;
}

}  // namespace

TEST_SUITE("data/tar") {
  TEST_CASE("files come one after another, and folders are passed over") {
    const ScratchFolder folder;
    const std::string long_name = "a/" + std::string(150, 'b');
    const std::string archive = tar_member("set/", "", '5') + tar_member("set/a.bin", "hello") +
                                tar_member("set/empty", "") +
                                tar_member("././@LongLink", long_name + '\0', 'L') +
                                tar_member("cut", std::string(513, 'x')) + std::string(1024, '\0');
    const auto got = members(folder.put("a.tar", archive));
    REQUIRE(got.size() == 3);
    CHECK(got[0] == std::pair<std::string, std::string>("set/a.bin", "hello"));
    CHECK(got[1].second.empty());
    CHECK(got[2] == std::pair<std::string, std::string>(long_name, std::string(513, 'x')));
    CHECK(members(folder.put("a.tar.gz", gzip(archive))) == got);
    CHECK(TarReader::is_tar(std::span(archive).first(512)));
    CHECK_FALSE(TarReader::is_tar(std::span(archive).first(511)));
    CHECK_FALSE(TarReader::is_tar(std::string(512, 'a')));
  }

  TEST_CASE("a member that is not read is skipped") {
    const ScratchFolder folder;
    const auto stream =
        open_bytes(folder.put("a.tar", tar_member("a", std::string(5000, 'x')) +
                                           tar_member("b", "y") + std::string(1024, '\0')));
    TarReader tar(*stream);
    CHECK(tar.next()->name == "a");
    CHECK(tar.next()->name == "b");
    CHECK_FALSE(tar.next().has_value());
  }

  TEST_CASE("an archive that is cut off or damaged is refused by name") {
    const ScratchFolder folder;
    const std::string whole = tar_member("a", std::string(700, 'x'));
    CHECK_THROWS_WITH_AS(
        members(folder.put("a.tar", whole.substr(0, 300))),
        ((folder / "a.tar").string() + ": ends inside a header; the archive is truncated").c_str(),
        DataError);
    CHECK_THROWS_AS(members(folder.put("b.tar", whole.substr(0, 900))), DataError);
    CHECK_THROWS_AS(members(folder.put("b.tar", gzip(whole.substr(0, 900)))), DataError);
    std::string damaged = whole;
    damaged[3] = 'q';
    CHECK_THROWS_WITH_AS(
        members(folder.put("c.tar", damaged)),
        ((folder / "c.tar").string() + ": a header of the archive is damaged").c_str(), DataError);
    // More than the file can hold.
    CHECK_THROWS_AS(members(folder.put("d.tar", tar_header("a", 1 << 30, '0'))), DataError);
  }
}
