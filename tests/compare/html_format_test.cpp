#include <hourglass/compare/html_format.hpp>
#include <hourglass/compare/page_template.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>

#include <doctest/doctest.h>
#include <compare/written_runs.hpp>

#include <string>

using namespace hourglass;
using namespace hourglass::compare;

TEST_SUITE("compare/html_format") {
  constexpr std::string_view kPage = "<a>@COMPARISON@</a><b>@DETAILS@</b>";

  TEST_CASE("a page holds the comparison and its details as JSON that no name can end") {
    ScratchFolder folder;
    test::put_run(folder, "a", {.variant = "\"</script><!--@DETAILS@\""});
    const std::string html = to_html(compare_runs({.words = {folder.path()}}), kPage);
    CHECK(html.starts_with("<a>{\"groups\": [\n"));
    CHECK(html.ends_with("}\n</b>"));
    const std::size_t middle = html.find("</a><b>");
    const std::string json = html.substr(3, middle - 3);
    const std::string details = html.substr(middle + 7, html.size() - middle - 11);
    CHECK(json.find('<') == json.npos);
    CHECK(details.find('<') == details.npos);
    const config::Node root = config::parse_text(json, "out.json");
    const config::Node& point = *root.find("groups")->items().at(0).find("point");
    CHECK(point.find("variant")->text() == "</script><!--@DETAILS@");
    const config::Node more = config::parse_text(details, "details.json");
    CHECK(more.find("chosen")->items().at(0).text() == "test/loss");
    CHECK(more.find("keys")->items().at(0).find("label")->text() == "variant");
  }

  TEST_CASE("the page is told who leads: the best mean of groups with two runs or more") {
    ScratchFolder folder;
    const auto put = [&](const std::string& name, const std::string& variant, std::int64_t seed,
                         const std::string& psnr) {
      test::put_run(folder, name,
                    {.variant = variant, .seed = seed, .metrics = {{"test/a/psnr", psnr}}});
    };
    put("a", "lucky", 1, "30");
    put("b1", "steady", 1, "20");
    put("b2", "steady", 2, "21");
    put("c1", "worse", 1, "10");
    put("c2", "worse", 2, "11");
    const std::string html = to_html(compare_runs({.words = {folder.path()}}), kPage);
    CHECK(html.find("\"leads\": {\"test/a/psnr\": 1}") != html.npos);
  }

  TEST_CASE(
      "a build's page has places for both and asks for nothing, or the build says it has none") {
    ScratchFolder folder;
    test::put_run(folder, "a", {});
    const Comparison comparison = compare_runs({.words = {folder.path()}});
    if (page_template().empty()) {
      CHECK_THROWS_WITH_AS(to_html(comparison),
                           "--format html: this build has no page; install npm (Debian: apt-get "
                           "install npm), then configure and build again with a network, without "
                           "-DHOURGLASS_PAGE=OFF",
                           ConfigError);
      return;
    }
    CHECK(page_template().find("@COMPARISON@") < page_template().find("@DETAILS@"));
    CHECK(page_template().size() < std::size_t{1} << 20);
    const std::string html = to_html(comparison);
    CHECK(html.starts_with("<!doctype html>"));
    CHECK(html.find("default-src 'none'; script-src 'sha256-") != html.npos);
    for (const char* outside : {"src=\"http", "href=\"http", "url(http", "@import", "@HASH@"}) {
      CAPTURE(outside);
      CHECK(html.find(outside) == html.npos);
    }
  }
}
