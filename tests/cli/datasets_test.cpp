#include <doctest/doctest.h>
#include <data/files.hpp>
#include <support/program.hpp>
#include <support/scratch_folder.hpp>
#include <support/server.hpp>

using namespace hourglass;
using namespace hourglass::test;

namespace {

const std::string kContent = "the quick brown fox jumps over the lazy dog";
const std::string kSum = "05c6e08f1d9fdafa03147fcb8f82f124c76d2f70e3d989dc8aadb5e7d7450bec";

/// A data root whose only data set, `fox`, has one file at `address`, and fetches it.
struct Fox {
  explicit Fox(const std::string& address) {
    std::filesystem::create_directories(folder / "data/fox");
    folder.put("data/fox.yaml", "name: fox\ntitle: A fox\nformat: npy\nfiles:\n  train:\n" +
                                    ("    samples: {name: f.npy, sha256: " + kSum) +
                                    ", bytes: " + std::to_string(kContent.size()) +
                                    ", addresses: [\"" + address + "\"]}\n");
  }
  Finished fetch() const {
    return hourglass_command(folder.path(), {"datasets", "fetch", "fox", "--data-root", "data"},
                             {"no_proxy=*"});
  }
  bool has(const std::string& file) const {
    return std::filesystem::exists(folder / ("data/fox/" + file));
  }
  std::string content(const std::string& file) const {
    return testing::read_all(folder / ("data/fox/" + file));
  }

  ScratchFolder folder;
};

}  // namespace

TEST_SUITE("cli/datasets") {
  TEST_CASE("the list says what is present under the data root") {
    ScratchFolder folder;
    std::filesystem::create_directories(folder / "ecg5000");
    folder.put("ecg5000/ECG5000_TRAIN.txt", "");
    std::filesystem::resize_file(folder / "ecg5000/ECG5000_TRAIN.txt", 1'128'500);
    std::filesystem::create_directories(folder / "mnist");
    folder.put("mnist/t10k-labels-idx1-ubyte.gz", std::string(4542, 'x'));
    const Finished list =
        hourglass_command(folder.path(), {"datasets", "--data-root", folder.path().string()});
    CHECK(list.code == 0);
    CHECK(list.err.empty());
    const auto line = [&](const std::string& name) {
      const std::size_t at = list.out.find("\n" + name + " ") + 1;
      return list.out.substr(at, list.out.find('\n', at) - at);
    };
    CHECK(contains(line("ecg5000"), " here "));
    CHECK(contains(line("mnist"), " 1 of 4 files "));
    CHECK(contains(line("glyphs"), " built in "));
    CHECK(contains(line("fashion-mnist"), " - "));
    CHECK(contains(list.out, "Data are looked for in " + folder.path().string()));
    const Finished told = hourglass_command(folder.path(), {"datasets"},
                                            {"HOURGLASS_DATA=" + folder.path().string()});
    CHECK(told.out == list.out);
  }

  TEST_CASE("one data set is shown with all that is known of it") {
    const Finished mnist = hourglass_command({"datasets", "mnist"});
    CHECK(mnist.code == 0);
    CHECK(mnist.out.starts_with("mnist: Handwritten digits, 28 x 28 grey\n"));
    for (const char* part :
         {"28 x 28", "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
          "9.9 MB, not here", "https://", "LeCun", "train-images-idx3-ubyte.gz"}) {
      CHECK(contains(mnist.out, part));
    }
  }

  TEST_CASE("names that are wrong or missing are usage errors") {
    const Finished unknown = hourglass_command({"datasets", "minst"});
    CHECK(unknown.code == 2);
    CHECK(unknown.err == "unknown data set \"minst\"; did you mean \"mnist\"?\n");
    CHECK(hourglass_command({"datasets", "fetch", "minst"}).code == 2);
    CHECK(hourglass_command({"datasets", "fetch"}).code == 2);
    CHECK(contains(hourglass_command({"datasets", "mnist", "fetch"}).err,
                   "to fetch: hourglass datasets fetch mnist"));
  }

  TEST_CASE("what needs no fetching is not fetched") {
    const Finished glyphs = hourglass_command({"datasets", "fetch", "glyphs"});
    CHECK(glyphs.code == 0);
    CHECK(glyphs.out == "glyphs is built in: there is nothing to fetch\n");
  }

  TEST_CASE("a data set without an address says so") {
    ScratchFolder folder;
    const Finished fetch =
        hourglass_command(folder.path(), {"datasets", "fetch", "ecg5000", "--data-root", "data"});
    CHECK(fetch.code == 3);
    CHECK(contains(fetch.err, "ECG5000_TRAIN.txt"));
  }

  TEST_CASE("a described data set is fetched, verified, and kept the next time") {
    Server server([](const Request& request) { return ranged(kContent, request, 20); });
    const Fox fox(server.address("f.npy"));
    const Finished fetch = fox.fetch();
    CHECK(fetch.code == 0);
    CHECK(fetch.out == "fox is ready in data/fox\n");
    CHECK(contains(fetch.err, "f.npy: fetched, and right"));
    CHECK(fox.content("f.npy") == kContent);
    CHECK_FALSE(fox.has("f.npy.part"));
    const auto requests = server.requests();  // cut off twice, and gone on with
    REQUIRE(requests.size() == 3);
    CHECK(requests[1].from == 20);
    CHECK(requests[2].from == 40);
    const Finished again = fox.fetch();
    CHECK(again.code == 0);
    CHECK(contains(again.err, "f.npy: here already, and right"));
    CHECK(server.requests().size() == 3);
  }

  TEST_CASE("a fetch goes on from what an earlier one has left") {
    Server server([](const Request& request) { return ranged(kContent, request, 100); });
    const Fox fox(server.address("f.npy"));
    fox.folder.put("data/fox/f.npy.part", kContent.substr(0, 30));
    CHECK(fox.fetch().code == 0);
    CHECK(fox.content("f.npy") == kContent);
    REQUIRE(server.requests().size() == 1);
    CHECK(server.requests()[0].from == 30);
  }

  TEST_CASE("wrong bytes are told from a network that fails, and nothing empty is left") {
    SUBCASE("another sum") {
      Server server([](const Request&) { return whole(std::string(kContent.size(), 'x')); });
      const Fox fox(server.address("f.npy"));
      const Finished fetch = fox.fetch();
      CHECK(fetch.code == 3);
      CHECK(contains(fetch.err, "has SHA-256 "));
      CHECK(contains(fetch.err, "expected " + kSum));
      CHECK_FALSE(fox.has("f.npy"));
      CHECK_FALSE(fox.has("f.npy.part"));
    }
    SUBCASE("not found") {
      Server server([](const Request&) { return reply("404 Not Found", "", 0, ""); });
      const Fox fox(server.address("f.npy"));
      const Finished fetch = fox.fetch();
      CHECK(fetch.code == 1);
      CHECK(contains(fetch.err, server.address("f.npy") + ": "));
      CHECK(contains(fetch.err, "404"));
      CHECK_FALSE(fox.has("f.npy.part"));
    }
    SUBCASE("no such host") {
      const Fox fox("http://host.invalid/f.npy");
      const Finished fetch = fox.fetch();
      CHECK(fetch.code == 1);
      CHECK(contains(fetch.err, "http://host.invalid/f.npy: "));
      CHECK_FALSE(fox.has("f.npy.part"));
    }
    SUBCASE("cut off for good: what came stays for the next fetch") {
      Server server([](const Request& request) {
        return ranged(kContent, request, request.from == 0 ? 20 : 0);
      });
      const Fox fox(server.address("f.npy"));
      const Finished fetch = fox.fetch();
      CHECK(fetch.code == 1);
      CHECK_FALSE(fox.has("f.npy"));
      CHECK(fox.content("f.npy.part") == kContent.substr(0, 20));
    }
  }
}
