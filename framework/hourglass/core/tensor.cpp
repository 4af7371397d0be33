#include <hourglass/core/error.hpp>
#include <hourglass/core/tensor.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace hourglass {

std::shared_ptr<std::byte> allocate_aligned(std::size_t bytes) {
  constexpr std::size_t kAlignment = 64;
  const std::size_t rounded = std::max<std::size_t>((bytes + kAlignment - 1) / kAlignment, 1);
  auto* memory = static_cast<std::byte*>(std::aligned_alloc(kAlignment, rounded * kAlignment));
  if (memory == nullptr) throw IoError(text("out of memory: could not allocate ", bytes, " bytes"));
  return {memory, [](std::byte* pointer) { std::free(pointer); }};
}

Tensor::Tensor(Shape shape, DType dtype)
    : Tensor(shape, dtype, allocate_aligned(shape.size() * size_of(dtype))) {
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

}  // namespace hourglass
