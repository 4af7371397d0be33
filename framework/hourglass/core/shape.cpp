#include <hourglass/core/error.hpp>
#include <hourglass/core/shape.hpp>

#include <algorithm>

namespace hourglass {

Shape::Shape(std::initializer_list<std::int64_t> extents)
    : Shape(std::span<const std::int64_t>(extents.begin(), extents.size())) {}

Shape::Shape(std::span<const std::int64_t> extents) {
  if (extents.size() > kMaxRank) {
    throw ShapeError(text("a tensor has at most ", kMaxRank, " axes, got ", extents.size()));
  }
  for (std::int64_t extent : extents) {
    if (extent < 0) throw ShapeError(text("an extent must be at least 0, got ", extent));
    extents_[rank_++] = extent;
  }
}

std::int64_t Shape::size() const {
  if (std::find(begin(), end(), 0) != end()) return 0;
  std::int64_t product = 1;
  for (std::int64_t extent : *this) {
    if (__builtin_mul_overflow(product, extent, &product)) {
      throw ShapeError(
          text("a tensor of shape ", to_text(), " has more elements than can be counted"));
    }
  }
  return product;
}

int Shape::axis(int axis, const char* operation) const {
  if (axis < -rank_ || axis >= rank_) {
    throw ShapeError(
        text("[", operation, "] axis ", axis, " is outside a tensor of shape ", to_text()));
  }
  return axis < 0 ? axis + rank_ : axis;
}

Shape Shape::with(int axis, std::int64_t extent) const {
  Shape result = *this;
  result.extents_[axis] = extent;
  return result;
}

Shape Shape::without(int axis) const {
  Shape result = *this;
  std::copy(result.extents_.begin() + axis + 1, result.extents_.begin() + rank_,
            result.extents_.begin() + axis);
  result.extents_[--result.rank_] = 0;
  return result;
}

Shape Shape::prepended(std::int64_t extent) const {
  Shape result{extent};
  for (const std::int64_t each : *this) result = result.appended(each);
  return result;
}

Shape Shape::appended(std::int64_t extent) const {
  if (rank_ == kMaxRank) throw ShapeError(text("a tensor has at most ", kMaxRank, " axes"));
  Shape result = *this;
  result.extents_[result.rank_++] = extent;
  return result;
}

std::string Shape::to_text() const {
  std::string out = "[";
  for (int i = 0; i < rank_; ++i) out += text(i == 0 ? "" : ", ", extents_[i]);
  return out + "]";
}

bool operator==(const Shape& a, const Shape& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

Shape broadcast(const Shape& a, const Shape& b, const char* operation) {
  Shape result = a.rank() >= b.rank() ? a : b;
  for (int i = 1; i <= result.rank(); ++i) {
    const std::int64_t from_a = i <= a.rank() ? a[a.rank() - i] : 1;
    const std::int64_t from_b = i <= b.rank() ? b[b.rank() - i] : 1;
    if (from_a != from_b && from_a != 1 && from_b != 1) {
      throw ShapeError(text("[", operation, "] shapes do not broadcast: got a ", a.to_text(),
                            " and b ", b.to_text()));
    }
    result = result.with(result.rank() - i, from_a == 1 ? from_b : from_a);
  }
  return result;
}

}  // namespace hourglass
