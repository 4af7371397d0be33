#pragma once

#include <hourglass/config/codec.hpp>
#include <hourglass/core/api.hpp>

#include <cstdint>
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

}  // namespace hourglass
