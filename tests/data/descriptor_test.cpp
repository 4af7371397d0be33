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
    CHECK(descriptor.format == DataFormat::Npz);
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

  TEST_CASE("an option of another format than the descriptor's is told at its place") {
    const ScratchFolder folder;
    const auto faults = [&](const std::string& lines) {
      const std::string path =
          folder.put("d.yaml", "name: d\ntitle: t\n" + lines +
                                   "files: {train: {samples: {name: a, bytes: 1, sha256: " +
                                   std::string(64, 'a') + "}}}\n");
      try {
        read_descriptor(path);
      } catch (const ConfigError& error) {
        std::string message = error.what();
        for (std::size_t at = 0; (at = message.find(path + ":")) != message.npos;) {
          message.erase(at, path.size() + 1);
        }
        return message;
      }
      return std::string("none");
    };
    CHECK(faults("format: npy\ntable: {separator: \";\", header: true}\narray: X\n") ==
          "4:20: table.separator is an option of CSV tables; the data set's format is npy\n"
          "4:33: table.header is an option of CSV tables; the data set's format is npy\n"
          "5:8: array is an option of NPZ and HDF5 files; the data set's format is npy");
    CHECK(faults("format: csv\nlabels_array: y\n") ==
          "4:15: labels_array is an option of NPZ, HDF5 and CIFAR files; the data set's format is "
          "csv");
    // Without a format it is idx; of one that is not known there is nothing to say.
    CHECK(faults("array: X\n").ends_with("; the data set's format is idx"));
    CHECK(faults("format: npx\narray: X\n").find("array is") == std::string::npos);
    CHECK(faults("format: csv\ntable: {label: \"-1\", leave_out: [a]}\n") == "none");
    CHECK(faults("format: hdf5\narray: X\nlabels_array: y\ntable: {}\n") == "none");
    CHECK(faults("format: cifar\nlabels_array: coarse\n") == "none");
    CHECK(faults("format: hdf5\nfeature_names_array: var/index\n") == "none");
    CHECK(faults("format: npz\nfeature_names_array: genes\n") ==
          "4:22: feature_names_array is an option of HDF5 files; the data set's format is npz");
    CHECK(faults("format: images\nimages: {color: grey}\n") == "none");
    CHECK(faults("format: npy\nimages: {color: grey}\nfactor_names: [a]\n") ==
          "4:9: images is an option of pictures; the data set's format is npy\n"
          "5:15: factor_names is an option of NPZ and HDF5 files; the data set's format is npy");
    CHECK(faults("format: cifar\narray: X\nsprites: {count: 9}\n") ==
          "4:8: array is an option of NPZ and HDF5 files; the data set's format is cifar\n"
          "5:10: sprites is an option of data sets of sprites; the data set's format is cifar");
  }

  TEST_CASE("a sum and a size may be unknown, but what is fetched has a size") {
    const ScratchFolder folder;
    const auto fault = [&](const std::string& file) {
      folder.put("d.yaml",
                 "name: d\ntitle: t\nformat: npy\nfiles: {train: {samples: {" + file + "}}}\n");
      try {
        read_descriptor(folder / "d.yaml");
      } catch (const ConfigError& error) {
        return std::string(error.what());
      }
      return std::string();
    };
    CHECK(fault("name: a").empty());
    CHECK(fault("name: a, addresses: [http://example.org/a], bytes: 3").empty());
    CHECK(fault("name: a, addresses: [http://example.org/a]").find("needs bytes, to be fetched") !=
          std::string::npos);
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
      for (const DescribedFile& file : descriptor.all_files()) {
        CHECK((file.bytes > 0 || file.addresses.empty()));
        if (!file.addresses.empty()) CHECK_FALSE(file.sha256.empty());
      }
    }
  }
}
