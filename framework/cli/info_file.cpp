#include <cli/info_file.hpp>
#include <cli/terminal.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/storage/h5_file.hpp>

#include <algorithm>
#include <vector>

namespace hourglass::cli {

namespace {

using hdf5::Entry;

constexpr std::size_t kWidestName = 48;

std::size_t depth_of(const std::string& path) {
  return path.empty() ? 0 : 1 + static_cast<std::size_t>(std::count(path.begin(), path.end(), '/'));
}

std::string name_of(const Entry& entry) {
  const std::string name = entry.path.substr(entry.path.rfind('/') + 1);
  return std::string(2 * depth_of(entry.path), ' ') + harmless(name) +
         (entry.kind == Entry::Kind::Group ? "/" : "");
}

/// Text of several lines, such as an experiment's, is shown by its first line.
std::string text_value(const std::string& value) {
  const std::size_t end = value.find('\n');
  std::string out = "\"" + harmless(value.substr(0, end), 72) + "\"";
  if (end == value.npos || end + 1 == value.size()) return out;
  const auto more =
      std::count(value.begin() + static_cast<std::ptrdiff_t>(end) + 1, value.end(), '\n') +
      (value.ends_with('\n') ? 0 : 1);
  return out + " and " + counted(more, "more line");
}

template <class T>
std::string list_value(const std::vector<T>& values) {
  constexpr std::size_t kMost = 8;
  std::string out = "[";
  for (std::size_t i = 0; i < std::min(values.size(), kMost); ++i) {
    out += (i > 0 ? ", " : "") + text(values[i]);
  }
  return out + (values.size() > kMost ? text(", ... ", values.size(), " in all]") : "]");
}

std::string value_text(const hdf5::Value& value) {
  return std::visit(
      [](const auto& held) -> std::string {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, std::string>) {
          return text_value(held);
        } else if constexpr (std::is_arithmetic_v<T>) {
          return text(held);
        } else {
          return list_value(held);
        }
      },
      value);
}

std::string facts_of(const Entry& entry) {
  if (entry.kind == Entry::Kind::Link) return "link to elsewhere, not followed";
  if (entry.kind == Entry::Kind::Group) return "";
  return text(harmless(entry.type), "  ", entry.shape.to_text(), "  ", byte_text(entry.bytes));
}

std::string attributes_of(const Entry& entry) {
  std::string out;
  for (const hdf5::AttributeEntry& attribute : entry.attributes) {
    out += text(std::string(2 * depth_of(entry.path) + 2, ' '), "@", harmless(attribute.name),
                " = ", value_text(attribute.value), "\n");
  }
  return out;
}

}  // namespace

std::string file_tree(const std::filesystem::path& path) {
  const std::vector<Entry> entries = hdf5::contents(path);
  std::error_code error;
  const auto bytes = std::filesystem::file_size(path, error);
  std::size_t widest = 0;
  for (const Entry& entry : entries) widest = std::max(widest, width_of(name_of(entry)));
  widest = std::min(widest, kWidestName);

  std::string out = text(path.string(), "  ", byte_text(error ? 0 : bytes), "\n");
  for (const Entry& entry : entries) {
    const std::string name = name_of(entry);
    const std::string facts = facts_of(entry);
    const std::size_t gap = widest - std::min(widest, width_of(name)) + 2;
    if (!entry.path.empty()) {
      out += name + (facts.empty() ? "" : std::string(gap, ' ') + facts) + "\n";
    }
    out += attributes_of(entry);
  }
  return out;
}

}  // namespace hourglass::cli
