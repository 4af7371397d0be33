#include <hourglass/compare/clean_text.hpp>
#include <hourglass/config/parse.hpp>

namespace hourglass::compare {

namespace {

std::string valid_utf8(std::string_view text) {
  std::string out(text);
  std::size_t begin = 0, fault = 0;
  while (!config::is_utf8(std::string_view(out).substr(begin), &fault)) {
    out[begin + fault] = '?';
    begin += fault + 1;
  }
  return out;
}

}  // namespace

std::string clean_text(std::string_view text, std::size_t longest) {
  const bool cut = text.size() > longest;
  if (cut) {
    std::size_t end = longest;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    text = text.substr(0, end);
  }
  const std::string valid = valid_utf8(text);
  std::string out;
  for (std::size_t i = 0; i < valid.size(); ++i) {
    const auto byte = static_cast<unsigned char>(valid[i]);
    const bool c1 = byte == 0xC2 && static_cast<unsigned char>(valid[i + 1]) < 0xA0;
    i += c1;
    out += byte < 0x20 || byte == 0x7F || c1 ? '?' : valid[i];
  }
  return cut ? out + "..." : out;
}

}  // namespace hourglass::compare
