#include <doctest/doctest.h>
#include <support/program.hpp>
#include <support/runs.hpp>
#include <support/scratch_folder.hpp>

#include <set>

namespace fs = std::filesystem;

TEST_SUITE("plugin/new_plugin") {
  TEST_CASE("a new plugin is a folder with everything under its name") {
    const ScratchFolder folder;
    const Finished made =
        hourglass_command(folder.path(), {"new-plugin", "my-own_2", "--from", "vae"});
    CAPTURE(made.err);
    REQUIRE(made.code == 0);
    std::set<std::string> files;
    for (const auto& entry : fs::directory_iterator(folder / "my-own_2")) {
      files.insert(entry.path().filename().string());
    }
    CHECK(files == std::set<std::string>{"CMakeLists.txt", "README.md", "my-own_2.cpp",
                                         "my-own_2.yaml", "my-own_2-compare.yaml"});
    const std::string source = testing::read_all(folder / "my-own_2/my-own_2.cpp");
    CHECK(contains(source, "class MyOwn2Variant final : public Variant"));
    CHECK(contains(source, "HOURGLASS_PLUGIN(\"my-own_2\", \"0.1.0\", MyOwn2Variant, "));
    for (const std::string& file : files) {
      CHECK_FALSE(contains(testing::read_all(folder / "my-own_2" / file), "@"));
    }
    CHECK(contains(made.out, "cmake -S my-own_2 -B my-own_2/build"));
    CHECK(contains(testing::read_all(folder / "my-own_2/my-own_2-compare.yaml"),
                   "grid: {variant: [\"my-own_2\", vae]}"));
  }

  TEST_CASE(
      "what cannot be a plugin's name, or is there already, is refused before anything is "
      "written") {
    const ScratchFolder folder;
    for (const char* name : {"Mine", "9lives", "a/b", "..", "", "mine!"}) {
      const Finished bad = hourglass_command(folder.path(), {"new-plugin", name});
      CAPTURE(name);
      CHECK(bad.code == 2);
      CHECK(contains(bad.err, "a name has lower-case letters, digits"));
    }
    CHECK(fs::is_empty(folder.path()));
    fs::create_directory(folder / "mine");
    const Finished there = hourglass_command(folder.path(), {"new-plugin", "mine"});
    CHECK(there.code == 2);
    CHECK(contains(there.err, "mine: is there already"));
    CHECK(fs::is_empty(folder / "mine"));
    const Finished known = hourglass_command(folder.path(), {"new-plugin", "vae"});
    CHECK(known.code == 2);
    CHECK(contains(known.err, "there is a variant named \"vae\" already"));
    const Finished unknown =
        hourglass_command(folder.path(), {"new-plugin", "other", "--from", "vanila"});
    CHECK(unknown.code == 2);
    CHECK(contains(unknown.err, "did you mean \"vanilla\"?"));
    CHECK_FALSE(fs::exists(folder / "other"));
  }
}
