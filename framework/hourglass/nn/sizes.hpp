#pragma once

#include <hourglass/config/codec.hpp>
#include <hourglass/core/api.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hourglass {

/// A number for each spatial axis, or one for all: `2`, or `[2, 1]`.
struct Sizes {
  std::vector<std::int64_t> numbers;
  friend bool operator==(const Sizes&, const Sizes&) = default;
};

template <>
struct HOURGLASS_API config::Codec<Sizes> {
  static std::string type() { return "integer, or list with one for each axis"; }
  static bool read(const Node& node, const std::string& path, Problems& problems, Sizes& value);
  static Node write(const Sizes& value);
};

/// Of a window: numbers, or `global`, as large as what it lies over.
struct WindowSize {
  std::optional<Sizes> numbers = Sizes{{2}};  // none: global
  friend bool operator==(const WindowSize&, const WindowSize&) = default;
};

template <>
struct HOURGLASS_API config::Codec<WindowSize> {
  static std::string type() { return Codec<Sizes>::type() + ", or global"; }
  static bool read(const Node& node, const std::string& path, Problems& problems,
                   WindowSize& value);
  static Node write(const WindowSize& value);
};

}  // namespace hourglass
