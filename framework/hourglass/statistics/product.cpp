#include <hourglass/core/tensor.hpp>
#include <hourglass/statistics/product.hpp>

namespace hourglass {
namespace {

onednn::Layout layout_of(const Factor& factor) {
  const Shape shape{factor.rows, factor.columns};
  return factor.transposed ? onednn::Layout::transposed(shape) : onednn::Layout::plain(shape);
}

// Primitives take memory that they only read as they take any other.
std::byte* bytes_of(const float* memory) {
  return reinterpret_cast<std::byte*>(const_cast<float*>(memory));
}

void bind(onednn::Primitive& matmul, const float* a, const float* b, float* c) {
  matmul.bind(onednn::Argument::Source, bytes_of(a));
  matmul.bind(onednn::Argument::Weights, bytes_of(b));
  matmul.bind(onednn::Argument::Destination, bytes_of(c));
}

}  // namespace

Product::Product(const Factor& a, const Factor& b)
    : matmul_(onednn::matmul(layout_of(a), layout_of(b))),
      scratch_(allocate_aligned(matmul_.scratch_bytes())) {
  matmul_.bind_scratch(scratch_.get());
}

void Product::operator()(const float* a, const float* b, float* c) {
  bind(matmul_, a, b, c);
  matmul_.execute();
}

LoneProduct::LoneProduct(const Factor& a, const Factor& b)
    : matmul_(onednn::matmul_alone(layout_of(a), layout_of(b),
                                   onednn::Layout::plain({a.rows, b.columns}))),
      scratch_(allocate_aligned(matmul_.scratch_bytes())) {
  matmul_.bind_scratch(scratch_.get());
}

bool LoneProduct::operator()(const float* a, const float* b, float* c) noexcept {
  bind(matmul_, a, b, c);
  return matmul_.try_execute();
}

}  // namespace hourglass
