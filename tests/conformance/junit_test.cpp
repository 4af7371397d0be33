#include <hourglass/conformance/plugin_check.hpp>

#include <doctest/doctest.h>

using namespace hourglass;

TEST_SUITE("conformance/junit") {
  TEST_CASE("a report has a test case a check, and text that XML can hold") {
    const std::vector<PluginCheckResult> results = {
        {"loading", "it loads", CheckStatus::Passed, "a remark", 0.25},
        {"gradients", "they agree", CheckStatus::Failed, "a < b & \"c\"\nsecond\x01line \xff", 1.5},
        {"leaks", "none", CheckStatus::Skipped, "not here", 0}};
    CHECK(junit_report("some/folder/mine.so", results) ==
          "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
          "<testsuites>\n"
          "  <testsuite name=\"mine.so\" tests=\"3\" failures=\"1\" errors=\"0\" skipped=\"1\" "
          "time=\"1.750\">\n"
          "    <testcase classname=\"mine.so\" name=\"loading\" time=\"0.250\"/>\n"
          "    <testcase classname=\"mine.so\" name=\"gradients\" time=\"1.500\">\n"
          "      <failure message=\"a &lt; b &amp; &quot;c&quot;\">"
          "a &lt; b &amp; &quot;c&quot;\nsecond?line ?\n</failure>\n"
          "    </testcase>\n"
          "    <testcase classname=\"mine.so\" name=\"leaks\" time=\"0.000\">\n"
          "      <skipped message=\"not here\">not here\n</skipped>\n"
          "    </testcase>\n"
          "  </testsuite>\n"
          "</testsuites>\n");
  }
}
