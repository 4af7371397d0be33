#include <support/scratch_folder.hpp>

#include <doctest/doctest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <hourglass/core/error.hpp>
#include <hourglass/storage/atomic_file.hpp>

using namespace hourglass;

TEST_SUITE("storage/atomic_file") {
  TEST_CASE("a written file has its content and leaves nothing beside it") {
    const ScratchFolder folder;
    write_file_atomically(folder / "a.txt", "one\n");
    write_file_atomically(folder / "a.txt", "two\n");
    CHECK(read_text_file(folder / "a.txt") == "two\n");
    CHECK(folder.count() == 1);
  }

  TEST_CASE("without commit the target stays as it was and the temporary goes") {
    const ScratchFolder folder;
    const auto target = folder.put("a.txt", "old");
    {
      AtomicFile file(target);
      CHECK(file.temporary().filename().string() == text(".a.txt.", ::getpid(), ".tmp"));
      std::ofstream(file.temporary()) << "new";
      CHECK(folder.count() == 2);
    }
    CHECK(read_text_file(target) == "old");
    CHECK(folder.count() == 1);
  }

  TEST_CASE("a folder that is missing is named with the system's reason") {
    const ScratchFolder folder;
    const auto path = folder / "none/a.txt";
    CHECK_THROWS_WITH_AS(write_file_atomically(path, "x"),
                         text(path.string(), ": cannot write: No such file or directory").c_str(),
                         IoError);
    CHECK_THROWS_WITH_AS(read_text_file(path),
                         text(path.string(), ": cannot read: No such file or directory").c_str(),
                         DataError);
  }

  TEST_CASE("a folder in the target's place is refused and nothing is left behind") {
    const ScratchFolder folder;
    std::filesystem::create_directory(folder / "a");
    CHECK_THROWS_AS(write_file_atomically(folder / "a", "x"), IoError);
    CHECK(folder.count() == 1);
    CHECK_THROWS_AS(write_file_atomically(folder / "a/", "x"), IoError);
  }

  TEST_CASE("a copy equals its source, also beyond one buffer") {
    const ScratchFolder folder;
    const std::string content(600'000, 'x');
    const auto from = folder.put("a", content);
    copy_file_atomically(from, folder / "b");
    CHECK(read_text_file(folder / "b") == content);
    CHECK_THROWS_AS(copy_file_atomically(folder / "none", folder / "c"), DataError);
    CHECK(folder.count() == 2);
  }

  TEST_CASE("only what a killed process left behind in the folder itself is removed") {
    const ScratchFolder folder;
    std::filesystem::create_directory(folder / "figures");
    for (const char* name : {".a.csv.12.tmp", "figures/.b.png.7.tmp", ".hidden", "a.12.tmp",
                             ".12.tmp", ".a.x.tmp", ".a..tmp"}) {
      folder.put(name, "");
    }
    remove_temporaries(folder.path());
    CHECK_FALSE(std::filesystem::exists(folder / ".a.csv.12.tmp"));
    CHECK(std::filesystem::exists(folder / "figures/.b.png.7.tmp"));
    CHECK(folder.count() == 6);
    remove_temporaries(folder / "none");
  }

  TEST_CASE("a device, a pipe or a folder is not replaced by a file") {
    const ScratchFolder folder;
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    std::filesystem::create_directory(folder / "inner");
    for (const char* name : {"pipe", "inner"}) {
      const auto there = std::filesystem::status(folder / name).type();
      CHECK_THROWS_WITH_AS(
          write_file_atomically(folder / name, "text"),
          text((folder / name).string(), ": cannot write: it is there and is no regular file")
              .c_str(),
          IoError);
      CHECK(std::filesystem::status(folder / name).type() == there);
    }
  }

  TEST_CASE("what is too large or no file is not read") {
    const ScratchFolder folder;
    const auto path = folder.put("a", "12345");
    CHECK(read_text_file(path, 5) == "12345");
    CHECK_THROWS_WITH_AS(read_text_file(path, 4),
                         text(path.string(), ": is too large: at most 4 bytes are read").c_str(),
                         DataError);
    CHECK_THROWS_WITH_AS(read_text_file(folder.path()),
                         text(folder.path().string(), ": is not a regular file").c_str(),
                         DataError);
    REQUIRE(::mkfifo((folder / "pipe").c_str(), 0600) == 0);
    CHECK_THROWS_AS(read_text_file(folder / "pipe"), DataError);
  }
}
