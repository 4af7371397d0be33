#include "files.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/data/fetch.hpp>
#include <hourglass/storage/sha256.hpp>

#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>

#include <support/server.hpp>

#include <string>
#include <vector>

using namespace hourglass;
using namespace hourglass::testing;
using namespace hourglass::test;

namespace {

const std::string kContent = "the quick brown fox jumps over the lazy dog";
const std::string kSum = "05c6e08f1d9fdafa03147fcb8f82f124c76d2f70e3d989dc8aadb5e7d7450bec";

RemoteFile file(std::vector<std::string> addresses) {
  return {"set/f.bin", std::move(addresses), kSum, kContent.size()};
}

}  // namespace

TEST_SUITE("data/fetch") {
  TEST_CASE("a file arrives whole, is verified, and is kept the next time") {
    const ScratchFolder folder;
    Server server([](const Request&) { return whole(kContent); });
    std::uint64_t told = 0;
    const auto progress = [&](const std::string& name, std::uint64_t done, std::uint64_t bytes) {
      CHECK(name == "set/f.bin");
      CHECK(bytes == kContent.size());
      told = done;
    };
    CHECK(fetch_file(file({server.address("f")}), folder.path(), progress) ==
          FetchOutcome::Fetched);
    CHECK(told == kContent.size());
    CHECK(read_all(folder / "set/f.bin") == kContent);
    CHECK(sha256_of((folder / "set/f.bin").string()) == kSum);
    CHECK_FALSE(std::filesystem::exists((folder / "set/f.bin.part").string()));
    CHECK(fetch_file(file({server.address("f")}), folder.path()) == FetchOutcome::Kept);
    CHECK(server.requests().size() == 1);
  }

  TEST_CASE("without a sum the size alone tells") {
    const ScratchFolder folder;
    Server server([](const Request&) { return whole(kContent); });
    RemoteFile wanted = file({server.address("f")});
    wanted.sha256.clear();
    CHECK(fetch_file(wanted, folder.path()) == FetchOutcome::Fetched);
    CHECK(fetch_file(wanted, folder.path()) == FetchOutcome::Kept);
    wanted.bytes += 1;
    wanted.name = "other.bin";
    CHECK_THROWS(fetch_file(wanted, folder.path()));
  }

  TEST_CASE("a transfer that is cut off goes on from where it was") {
    const ScratchFolder folder;
    Server server([](const Request& request) { return ranged(kContent, request, 20); });
    fetch_file(file({server.address("f")}), folder.path());
    CHECK(read_all(folder / "set/f.bin") == kContent);
    const auto requests = server.requests();
    REQUIRE(requests.size() == 3);
    CHECK_FALSE(requests[0].ranged);
    CHECK(requests[1].from == 20);
    CHECK(requests[2].from == 40);
  }

  TEST_CASE("an earlier part is continued, and thrown away when it was wrong") {
    const ScratchFolder folder;
    Server server([](const Request& request) { return ranged(kContent, request, 1000); });
    folder.put("set/f.bin.part", kContent.substr(0, 30));
    fetch_file(file({server.address("f")}), folder.path());
    CHECK(server.requests().at(0).from == 30);
    std::filesystem::remove((folder / "set/f.bin").string());
    folder.put("set/f.bin.part", "something else");
    fetch_file(file({server.address("f")}), folder.path());
    CHECK(read_all(folder / "set/f.bin") == kContent);
  }

  TEST_CASE("a server without ranges starts again") {
    const ScratchFolder folder;
    Server server([](const Request&) { return whole(kContent); });
    folder.put("set/f.bin.part", kContent.substr(0, 30));
    fetch_file(file({server.address("f")}), folder.path());
    CHECK(read_all(folder / "set/f.bin") == kContent);
  }

  TEST_CASE("addresses are tried in turn") {
    const ScratchFolder folder;
    Server server([](const Request& request) {
      if (request.path == "gone") return reply("404 Not Found", "", 0, "");
      if (request.path == "wrong") return whole(std::string(kContent.size(), 'x'));
      if (request.path == "moved") return reply("302 Found", "Location: /good\r\n", 0, "");
      return whole(kContent);
    });
    fetch_file(file({server.address("gone"), server.address("wrong"), server.address("moved")}),
               folder.path());
    CHECK(read_all(folder / "set/f.bin") == kContent);
    CHECK(server.requests().back().path == "good");
  }

  TEST_CASE("faults name each address and leave nothing behind the name") {
    const ScratchFolder folder;
    Server server([](const Request& request) {
      if (request.path == "gone") return reply("404 Not Found", "", 0, "");
      if (request.path == "long") return whole(kContent + "!");
      return whole(std::string(kContent.size() - 1, 'x'));
    });
    const std::string target = (folder / "set/f.bin").string();
    CHECK_THROWS_WITH_AS(fetch_file(file({server.address("gone")}), folder.path()),
                         (target + ": could not be fetched\n  " + server.address("gone") +
                          ": The requested URL returned error: 404")
                             .c_str(),
                         IoError);
    CHECK_THROWS_WITH_AS(
        fetch_file(file({server.address("long"), server.address("short")}), folder.path()),
        (target + ": could not be fetched\n  " + server.address("long") +
         ": has more than the expected 43 bytes\n  " + server.address("short") +
         ": has 42 bytes, expected 43")
            .c_str(),
        DataError);
    CHECK_FALSE(std::filesystem::exists(target));
  }

  TEST_CASE("redirections without end and to other protocols are refused") {
    const ScratchFolder folder;
    Server server([](const Request& request) {
      const std::string to = request.path == "file" ? "file:///etc/passwd" : "/loop";
      return reply("302 Found", "Location: " + to + "\r\n", 0, "");
    });
    CHECK_THROWS_AS(fetch_file(file({server.address("loop")}), folder.path()), IoError);
    CHECK(server.requests().size() == 6);
    CHECK_THROWS_AS(fetch_file(file({server.address("file")}), folder.path()), IoError);
    CHECK_THROWS_AS(fetch_file(file({"ftp://127.0.0.1/f"}), folder.path()), IoError);
  }

  TEST_CASE("a file on this machine is an address, too") {
    const ScratchFolder folder;
    const std::string path = folder.put("there", kContent);
    fetch_file(file({"file://" + path}), folder.path());
    CHECK(read_all(folder / "set/f.bin") == kContent);
  }

  TEST_CASE("names that leave the folder and files without an address are refused") {
    const ScratchFolder folder;
    RemoteFile climbing = file({"http://127.0.0.1/"});
    climbing.name = "../f";
    CHECK_THROWS_WITH_AS(fetch_file(climbing, folder.path()),
                         "a data set's file must lie below its folder, got \"../f\"", ConfigError);
    CHECK_THROWS_WITH_AS(fetch_file(file({}), folder.path()),
                         "set/f.bin: no address is known for this file; put it there by hand",
                         DataError);
  }
}
