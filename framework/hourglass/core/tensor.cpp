#include <hourglass/core/error.hpp>
#include <hourglass/core/tensor.hpp>

#include <sys/mman.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>

namespace hourglass {

namespace {

constexpr std::size_t kMostBytes = std::numeric_limits<std::ptrdiff_t>::max();
bool is_large(std::size_t bytes) { return bytes >= 2 * kHugePage; }

std::size_t alignment_of(std::size_t bytes) { return is_large(bytes) ? kHugePage : 64; }

std::size_t checked_bytes(const Shape& shape, DType dtype) {
  const auto size = static_cast<std::size_t>(shape.size());
  if (size > kMostBytes / size_of(dtype)) {
    throw ShapeError(text("a tensor of shape ", shape.to_text(), " and type ", name_of(dtype),
                          " is larger than memory can be"));
  }
  return size * size_of(dtype);
}

}  // namespace

std::size_t allocated_bytes(std::size_t bytes) {
  const std::size_t alignment = alignment_of(bytes);
  return std::max<std::size_t>((bytes + alignment - 1) / alignment, 1) * alignment;
}

std::shared_ptr<std::byte> allocate_aligned(std::size_t bytes) {
  void* memory = nullptr;
  if (bytes <= kMostBytes - kHugePage) {
    memory = std::aligned_alloc(alignment_of(bytes), allocated_bytes(bytes));
    if (is_large(bytes) && memory != nullptr) {
      madvise(memory, allocated_bytes(bytes), MADV_HUGEPAGE);
    }
  }
  if (memory == nullptr) throw IoError(text("out of memory: could not allocate ", bytes, " bytes"));
  return {static_cast<std::byte*>(memory), [](std::byte* pointer) { std::free(pointer); }};
}

Tensor::Tensor(Shape shape, DType dtype)
    : Tensor(shape, dtype, allocate_aligned(checked_bytes(shape, dtype))) {
  std::memset(data_.get(), 0, bytes());
}

Tensor::Tensor(Shape shape, DType dtype, std::shared_ptr<std::byte> owner)
    : shape_(shape), dtype_(dtype), data_(std::move(owner)) {}

Tensor Tensor::clone() const {
  Tensor copy(shape_, dtype_, allocate_aligned(bytes()));
  if (bytes() > 0) std::memcpy(copy.raw(), raw(), bytes());
  return copy;
}

Tensor Tensor::reshaped(Shape shape) const {
  if (shape.size() != size()) {
    throw ShapeError(text("[reshape] ", shape_.to_text(), " has ", size(), " elements, ",
                          shape.to_text(), " has ", shape.size()));
  }
  return Tensor(shape, dtype_, data_);
}

Tensor Tensor::to_f32() const {
  Tensor result(shape_);
  visit(dtype_, [&](auto zero) {
    using T = decltype(zero);
    std::ranges::transform(values<T>(), result.floats().begin(),
                           [](T value) { return static_cast<float>(value); });
  });
  return result;
}

Tensor turned_round(const Tensor& tensor) {
  if (tensor.shape().rank() != 2) {
    throw ShapeError(text("only [m, n] can be turned round, got ", tensor.shape().to_text()));
  }
  const std::int64_t rows = tensor.shape()[0], columns = tensor.shape()[1];
  Tensor result({columns, rows});
  const float* from = tensor.floats().data();
  float* to = result.floats().data();
  constexpr std::int64_t kBlock = 16;  // on both sides in the cache
  for (std::int64_t first = 0; first < columns; first += kBlock) {
    const std::int64_t last = std::min(first + kBlock, columns);
    for (std::int64_t i = 0; i < rows; ++i) {
      for (std::int64_t k = first; k < last; ++k) to[k * rows + i] = from[i * columns + k];
    }
  }
  return result;
}

}  // namespace hourglass
