#pragma once

#include <hourglass/core/api.hpp>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <ranges>
#include <span>
#include <string>

namespace hourglass {

/// The extent of a tensor along each of its axes, outermost first; no axes at all is a scalar.
/// Extents are at least 0, and there are at most `kMaxRank` of them.
class HOURGLASS_API Shape {
 public:
  static constexpr int kMaxRank = 8;

  Shape() = default;
  Shape(std::initializer_list<std::int64_t> extents);
  /// Throws ShapeError for more than `kMaxRank` extents or a negative one.
  explicit Shape(std::span<const std::int64_t> extents);

  int rank() const { return rank_; }
  std::int64_t operator[](int axis) const { return extents_[axis]; }
  const std::int64_t* begin() const { return extents_.data(); }
  const std::int64_t* end() const { return extents_.data() + rank_; }
  std::int64_t back() const { return extents_[rank_ - 1]; }

  /// The number of elements: the product of the extents, 1 for a scalar. Throws ShapeError where
  /// 64 bits do not hold it.
  std::int64_t size() const;
  /// Axis numbers count from the end when negative. Throws ShapeError, naming `operation`, when
  /// `axis` lies outside [-rank, rank).
  int axis(int axis, const char* operation) const;

  Shape with(int axis, std::int64_t extent) const;
  Shape without(int axis) const;
  Shape appended(std::int64_t extent) const;
  Shape prepended(std::int64_t extent) const;

  /// "[32, 784]"; "[]" for a scalar.
  std::string to_text() const;

  friend HOURGLASS_API bool operator==(const Shape& a, const Shape& b);

 private:
  std::array<std::int64_t, kMaxRank> extents_{};
  int rank_ = 0;
};

/// The shape of an elementwise result: axes are aligned at the end, and an extent of 1 stretches.
/// Throws ShapeError, naming `operation` and both shapes, where two extents differ and neither
/// is 1.
HOURGLASS_API Shape broadcast(const Shape& a, const Shape& b, const char* operation);

}  // namespace hourglass

/// As a range a shape has as many elements as axes, which is not its `size`.
template <>
inline constexpr bool std::ranges::disable_sized_range<hourglass::Shape> = true;
