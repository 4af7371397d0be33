#include <hourglass/compare/html_format.hpp>
#include <hourglass/compare/json_format.hpp>
#include <hourglass/compare/page_details.hpp>
#include <hourglass/compare/page_template.hpp>
#include <hourglass/core/error.hpp>

#include <cassert>

namespace hourglass::compare {

namespace {

/// JSON that no HTML parser leaves a script element for, whatever runs are called.
std::string without_tags(const std::string& json) {
  std::string out;
  out.reserve(json.size());
  for (const char c : json) {
    if (c == '<') {
      out += "\\u003c";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace

std::string to_html(const Comparison& comparison) {
  if (page_template().empty()) {
    throw ConfigError(
        "--format html: this build has no page; install npm (Debian: apt-get install npm), then "
        "configure and build again with a network, without -DHOURGLASS_PAGE=OFF");
  }
  return to_html(comparison, page_template());
}

std::string to_html(const Comparison& comparison, std::string_view page) {
  static constexpr std::string_view kComparison = "@COMPARISON@", kDetails = "@DETAILS@";
  const std::size_t first = page.find(kComparison);
  const std::size_t second = page.find(kDetails, first);
  assert(first != page.npos && second != page.npos);
  std::string out(page.substr(0, first));
  out += without_tags(to_json(comparison));
  out += page.substr(first + kComparison.size(), second - first - kComparison.size());
  out += without_tags(page_details(comparison));
  out += page.substr(second + kDetails.size());
  return out;
}

}  // namespace hourglass::compare
