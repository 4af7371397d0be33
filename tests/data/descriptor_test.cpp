#include "files.hpp"

#include <hourglass/core/error.hpp>
#include <hourglass/data/descriptor.hpp>

#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

using namespace hourglass;
using namespace hourglass::testing;

TEST_SUITE("data/descriptor") {
  TEST_CASE("a descriptor tells files, shape and how to read them") {
    const ScratchFolder folder;
    folder.put(
        "d.yaml",
        "name: d\ntitle: a test\nformat: npz\nfolder: shared\nshape: [2, 3]\n"
        "scaling: symmetric\narray: X\nlicence: MIT\nfiles:\n"
        "  train:\n    samples:\n      name: a.npz\n      addresses: [http://example.org/a]\n"
        "      sha256: " +
            std::string(64, 'a') + "\n      bytes: 12\n");
    const std::filesystem::path folders[] = {(folder / "none").string(), folder.path()};
    CHECK(descriptor_names(folders) == std::vector<std::string>{"d"});
    const Descriptor descriptor = find_descriptor("d", folders);
    CHECK(descriptor.format == Descriptor::Format::Npz);
    CHECK(descriptor.scaling == Scaling::Symmetric);
    CHECK(descriptor.shape == std::vector<std::int64_t>{2, 3});
    CHECK(descriptor.folder_in("/data") == "/data/shared");
    const auto files = descriptor.all_files();
    REQUIRE(files.size() == 1);
    CHECK(files[0].remote().bytes == 12);
    CHECK(files[0].remote().addresses[0] == "http://example.org/a");
  }

  TEST_CASE("faults of a descriptor are named with their places") {
    const ScratchFolder folder;
    const std::string path =
        folder.put("d.yaml",
                   "name: e\ntitle: a test\nformt: idx\nfiles:\n  train:\n    samples:\n"
                   "      name: ../a\n      sha256: 12\n      bytes: 1\n");
    try {
      read_descriptor(path);
      FAIL("accepted");
    } catch (const ConfigError& error) {
      const std::string message = error.what();
      CAPTURE(message);
      CHECK(message.find(path + ":3:1: unknown key \"formt\"") == 0);
      CHECK(message.find("d.yaml:7:13: files.train.samples.name must be a path below") !=
            message.npos);
      CHECK(message.find("d.yaml:8:15: files.train.samples.sha256 must be 64 hexadecimal") !=
            message.npos);
    }
    CHECK_THROWS_AS(read_descriptor(folder.put("f.yaml", "name: f\ntitle: t\nformat: idx\n")),
                    ConfigError);
    CHECK_THROWS_AS(read_descriptor(folder.put("g.yaml", "name: h\ntitle: t\nformat: glyphs\n")),
                    ConfigError);
  }

  TEST_CASE("data are looked for where the user says, then the environment, then here") {
    const char* before = std::getenv("HOURGLASS_DATA");
    const std::string kept = before == nullptr ? "" : before;
    ::setenv("HOURGLASS_DATA", "/somewhere", 1);
    CHECK(data_root("told") == "told");
    CHECK(data_root() == "/somewhere");
    ::unsetenv("HOURGLASS_DATA");
    CHECK(data_root() == "datasets/cache");
    if (before != nullptr) ::setenv("HOURGLASS_DATA", kept.c_str(), 1);
  }

  TEST_CASE("the descriptors that come with Hourglass are all right") {
    const std::filesystem::path folders[] = {HOURGLASS_TEST_DATASETS};
    const auto names = descriptor_names(folders);
    CHECK(names.size() >= 20);
    for (const std::string& name : names) {
      CAPTURE(name);
      const Descriptor descriptor = find_descriptor(name, folders);
      CHECK_FALSE(descriptor.licence.empty());
      for (const DescribedFile& file : descriptor.all_files()) CHECK(file.bytes > 0);
    }
  }
}
