#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/dtype.hpp>
#include <hourglass/core/shape.hpp>

#include <cassert>
#include <cstddef>
#include <memory>
#include <span>

namespace hourglass {

/// A plain row-major array in memory, 64-byte aligned. Copies share the elements, as with
/// std::shared_ptr; `clone` does not.
class HOURGLASS_API Tensor {
 public:
  Tensor() = default;
  /// Elements start as zero. Throws ShapeError for more bytes than an address counts, IoError for
  /// more than there are.
  explicit Tensor(Shape shape, DType dtype = DType::F32);
  /// A tensor over memory that somebody else owns (a mapped file), kept alive by `owner`.
  Tensor(Shape shape, DType dtype, std::shared_ptr<std::byte> owner);

  const Shape& shape() const { return shape_; }
  DType dtype() const { return dtype_; }
  std::int64_t size() const { return shape_.size(); }
  std::size_t bytes() const { return static_cast<std::size_t>(size()) * size_of(dtype_); }
  bool empty() const { return data_ == nullptr; }

  std::byte* raw() { return data_.get(); }
  const std::byte* raw() const { return data_.get(); }
  template <class T>
  std::span<T> values() {
    assert(dtype_of<T>() == dtype_);
    return {reinterpret_cast<T*>(raw()), static_cast<std::size_t>(size())};
  }
  template <class T>
  std::span<const T> values() const {
    assert(dtype_of<T>() == dtype_);
    return {reinterpret_cast<const T*>(raw()), static_cast<std::size_t>(size())};
  }
  std::span<float> floats() { return values<float>(); }
  std::span<const float> floats() const { return values<float>(); }

  Tensor clone() const;
  /// The same elements under another shape. Throws ShapeError when the sizes differ.
  Tensor reshaped(Shape shape) const;
  /// The same elements as f32.
  Tensor to_f32() const;

 private:
  Shape shape_{0};
  DType dtype_ = DType::F32;
  std::shared_ptr<std::byte> data_;
};

/// The elements of an f32 array [m, n] as [n, m]. Throws ShapeError for another rank.
HOURGLASS_API Tensor turned_round(const Tensor& tensor);

/// Memory aligned for vector instructions and freed with its last owner; not cleared.
/// Throws IoError when there is none to be had.
HOURGLASS_API std::shared_ptr<std::byte> allocate_aligned(std::size_t bytes);

/// Blocks of at least two of these stand on huge pages: a step walks through all of them, and would
/// miss the processor's table of ordinary pages time and again.
inline constexpr std::size_t kHugePage = std::size_t{2} << 20;

/// What `allocate_aligned` takes for so many bytes: large blocks are whole huge pages.
HOURGLASS_API std::size_t allocated_bytes(std::size_t bytes);

}  // namespace hourglass
