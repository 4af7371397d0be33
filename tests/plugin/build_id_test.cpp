#include <hourglass/plugin/build_id.hpp>

#include <doctest/doctest.h>
#include <support/child_process.hpp>
#include <support/places.hpp>
#include <support/scratch_folder.hpp>

#include <data/files.hpp>

#include <string>

namespace {

/// The build's own stamping, in a tree of headers that a test has made.
class HeaderTree {
 public:
  void put(const std::string& header, const std::string& content) {
    const std::string path = "a tree/hourglass/" + header;
    std::filesystem::create_directories((scratch_ / path).parent_path());
    scratch_.put(path, content);
  }
  std::string stamp() {
    const std::filesystem::path at = scratch_.path();
    const Finished made =
        ChildProcess(
            {HOURGLASS_CMAKE, "-DROOT=" + (at / "a tree").string(), "-DVERSION=1.2.3",
             "-DSTAMP=" + (at / "stamp.hpp").string(), "-DDEPFILE=" + (at / "stamp.d").string(),
             "-DTARGET=stamp", "-P", HOURGLASS_SOURCE "/framework/cmake/StampHeaders.cmake"},
            at)
            .wait();
    CHECK(made.code == 0);
    CHECK(made.err == "");
    return hourglass::testing::read_all(at / "stamp.hpp");
  }
  std::string prerequisites() const { return hourglass::testing::read_all(scratch_ / "stamp.d"); }

 private:
  ScratchFolder scratch_;
};

}  // namespace

TEST_SUITE("plugin/build_id") {
  TEST_CASE("it names version, headers, compiler, language and library") {
    const std::string id = HOURGLASS_BUILD_ID;
    CAPTURE(id);
    CHECK(id.starts_with(HOURGLASS_STAMP_VERSION ", headers " HOURGLASS_STAMP_HEADERS ", "));
    CHECK(std::string(HOURGLASS_STAMP_HEADERS).size() == 16);
    CHECK(id.find(", c++ 20") != std::string::npos);
    CHECK(id.size() < 192);
#if defined(__SANITIZE_ADDRESS__)
    CHECK(id.ends_with(", address sanitizer"));
#else
    CHECK(id.find("sanitizer") == std::string::npos);
#endif
  }

  TEST_CASE("every header that a plugin is compiled with is part of it, and no other") {
    HeaderTree tree;
    tree.put("plugin.hpp", "#include <hourglass/graph/value.hpp>\n#include <vector>\n");
    tree.put("graph/value.hpp",
             "#  include \"hourglass/onednn/layout.hpp\"  // by value\n"
             "#include <hourglass/plugin.hpp>\n#include <hourglass/plugin/generated.hpp>\n");
    tree.put("onednn/layout.hpp", "struct Layout { int rank; };\n");
    tree.put("train/trainer.hpp", "class Trainer;\n");
    const std::string first = tree.stamp();
    CHECK(first.find("#define HOURGLASS_STAMP_VERSION \"1.2.3\"\n") != first.npos);
    tree.put("train/trainer.hpp", "class Trainer { int epoch; };\n");
    CHECK(tree.stamp() == first);
    tree.put("onednn/layout.hpp", "struct Layout { int rank; int blocks; };\n");
    const std::string second = tree.stamp();
    CHECK(second != first);
    // The build asks again when one of them has changed.
    CHECK(tree.prerequisites().find("a\\ tree/hourglass/onednn/layout.hpp") != first.npos);
    CHECK(tree.prerequisites().find("trainer.hpp") == first.npos);
    tree.put("graph/value.hpp", "#include <hourglass/train/trainer.hpp>\n");
    const std::string third = tree.stamp();
    CHECK(third != second);
    tree.put("train/trainer.hpp", "class Trainer;\n");
    CHECK(tree.stamp() != third);
  }

  TEST_CASE("it is the same in every file that says it") {
    CHECK(std::string(HOURGLASS_BUILD_ID) == HOURGLASS_BUILD_ID);
  }
}
