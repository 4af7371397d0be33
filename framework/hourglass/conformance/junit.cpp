#include <hourglass/compare/clean_text.hpp>
#include <hourglass/conformance/plugin_check.hpp>
#include <hourglass/core/text.hpp>

#include <algorithm>
#include <cstdio>
#include <sstream>

namespace hourglass {

namespace {

/// One line of text within XML. What XML cannot hold becomes "?".
std::string escaped(std::string_view line) {
  std::string out;
  for (const char c : compare::clean_text(line, 2000)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

/// Every line, one after another.
std::string escaped_lines(const std::string& text) {
  std::string out;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) out += escaped(line) + "\n";
  return out;
}

std::string seconds_text(double seconds) {
  char number[32];
  std::snprintf(number, sizeof number, "%.3f", seconds);
  return number;
}

std::string test_case(const std::string& suite, const PluginCheckResult& result) {
  const std::string head =
      text("    <testcase classname=\"", suite, "\" name=\"", escaped(result.name), "\" time=\"",
           seconds_text(result.seconds), "\"");
  if (result.status == CheckStatus::Passed) return head + "/>\n";
  const char* outcome = result.status == CheckStatus::Failed ? "failure" : "skipped";
  const std::string first = result.text.substr(0, result.text.find('\n'));
  return text(head, ">\n      <", outcome, " message=\"", escaped(first), "\">",
              escaped_lines(result.text), "</", outcome, ">\n    </testcase>\n");
}

}  // namespace

std::string junit_report(const std::filesystem::path& file,
                         const std::vector<PluginCheckResult>& results) {
  const auto count = [&](CheckStatus status) {
    return std::ranges::count(results, status, &PluginCheckResult::status);
  };
  double seconds = 0;
  for (const PluginCheckResult& each : results) seconds += each.seconds;
  const std::string suite = escaped(file.filename().string());
  std::string out = text(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite "
      "name=\"",
      suite, "\" tests=\"", results.size(), "\" failures=\"", count(CheckStatus::Failed),
      "\" errors=\"0\" skipped=\"", count(CheckStatus::Skipped), "\" time=\"",
      seconds_text(seconds), "\">\n");
  for (const PluginCheckResult& each : results) out += test_case(suite, each);
  return out + "  </testsuite>\n</testsuites>\n";
}

}  // namespace hourglass
