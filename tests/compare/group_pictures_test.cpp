#include <hourglass/compare/group_pictures.hpp>
#include <hourglass/storage/png.hpp>

#include <doctest/doctest.h>
#include <compare/written_runs.hpp>

#include <string>

using namespace hourglass;
using namespace hourglass::compare;

namespace {

std::string picture_bytes() {
  const std::vector<std::byte> bytes = png::encode(Tensor({2, 3}, DType::U8));
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

TEST_SUITE("compare/group_pictures") {
  TEST_CASE("bytes are written in base64") {
    // RFC 4648, section 10.
    CHECK(base64("") == "");
    CHECK(base64("f") == "Zg==");
    CHECK(base64("fo") == "Zm8=");
    CHECK(base64("foo") == "Zm9v");
    CHECK(base64("foobar") == "Zm9vYmFy");
    CHECK(base64("\xff\xfe\xfd") == "//79");
  }

  TEST_CASE("pictures are those of the first run that counts, where they are whole") {
    ScratchFolder folder;
    const std::string whole = picture_bytes();
    test::put_run(folder, "a1", {.variant = "a", .seed = 1, .status = "failed"});
    test::put_run(folder, "a2", {.variant = "a", .seed = 2});
    test::put_run(folder, "b", {.variant = "b"});
    test::put_run(folder, "c", {.variant = "c"});
    folder.put("a1/figures/samples.png", whole);
    folder.put("a2/figures/reconstructions.png", whole);
    folder.put("a2/figures/samples.png", whole.substr(0, whole.size() - 3));
    folder.put("b/figures/reconstructions.png", "<svg onload='alert(1)'/>");
    folder.put("b/figures/samples.png", whole + std::string(3 << 20, 'x') + whole);
    const Comparison comparison = compare_runs({.words = {folder.path()}});
    const auto pictures = group_pictures(comparison);
    REQUIRE(pictures.size() == 3);
    REQUIRE(pictures[0].size() == 1);
    CHECK(pictures[0][0].name == "reconstructions");
    CHECK(pictures[0][0].folder == (folder / "a2").string());
    CHECK(pictures[0][0].uri == "data:image/png;base64," + base64(whole));
    CHECK(pictures[1].empty());
    CHECK(pictures[2].empty());
    CHECK(group_pictures(comparison, 1).size() == 1);
  }
}
