#include <hourglass/core/error.hpp>
#include <hourglass/storage/temporary_folder.hpp>

#include <doctest/doctest.h>
#include <support/scratch_folder.hpp>

#include <cstdlib>
#include <fstream>
#include <optional>

using namespace hourglass;

TEST_SUITE("storage/temporary_folder") {
  TEST_CASE("a temporary folder is there, is no other's, and goes with all that is in it") {
    std::optional<TemporaryFolder> one("test"), other("test");
    const std::filesystem::path path = one->path();
    CHECK(std::filesystem::is_directory(path));
    CHECK(path.filename().string().starts_with("hourglass-test-"));
    CHECK(path != other->path());
    std::ofstream(path / "file") << "content";
    one.reset();
    CHECK_FALSE(std::filesystem::exists(path));
    CHECK(std::filesystem::exists(other->path()));
  }

  TEST_CASE("a temporary folder that cannot be made is an error of the system") {
    const ScratchFolder scratch;
    const char* before = std::getenv("TMPDIR");
    const std::string kept = before != nullptr ? before : "";
    setenv("TMPDIR", (scratch / "missing").c_str(), 1);
    CHECK_THROWS_AS(TemporaryFolder("test"), IoError);
    before != nullptr ? setenv("TMPDIR", kept.c_str(), 1) : unsetenv("TMPDIR");
  }
}
