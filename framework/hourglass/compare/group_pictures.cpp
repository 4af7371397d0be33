#include <hourglass/compare/group_pictures.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/storage/png.hpp>

#include <algorithm>
#include <optional>
#include <span>

namespace hourglass::compare {

namespace {

constexpr std::uint64_t kLargestPicture = std::uint64_t{2} << 20;
constexpr std::string_view kEnd{"\0\0\0\0IEND\xae\x42\x60\x82", 12};

/// The bytes of a file that begins and ends as a PNG does.
std::optional<std::string> read_picture(const std::filesystem::path& path) {
  try {
    std::string bytes = read_text_file(path, kLargestPicture);
    png::decode_header(std::as_bytes(std::span(bytes)), path.string());
    if (!bytes.ends_with(kEnd)) return std::nullopt;
    return bytes;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

}  // namespace

std::string base64(std::string_view bytes) {
  static constexpr char kDigits[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t word = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      word = word << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    }
    for (std::size_t k = 0; k < 4; ++k) {
      out += k <= count ? kDigits[word >> (18 - 6 * k) & 63] : '=';
    }
  }
  return out;
}

std::vector<std::vector<GroupPicture>> group_pictures(const Comparison& comparison,
                                                      std::size_t most_groups) {
  std::vector<std::vector<GroupPicture>> all(std::min(most_groups, comparison.groups.size()));
  for (std::size_t i = 0; i < all.size(); ++i) {
    const RunGroup& group = comparison.groups[i].group;
    if (group.counted.empty()) continue;
    const Run& run = comparison.runs[group.counted.front()];
    for (const char* name : {"reconstructions", "samples"}) {
      const auto bytes = read_picture(run.path / "figures" / (std::string(name) + ".png"));
      if (!bytes) continue;
      all[i].push_back({.name = name,
                        .folder = run.result.folder,
                        .uri = "data:image/png;base64," + base64(*bytes)});
    }
  }
  return all;
}

}  // namespace hourglass::compare
