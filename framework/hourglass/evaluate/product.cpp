#include <hourglass/core/tensor.hpp>
#include <hourglass/evaluate/product.hpp>

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

}  // namespace

Product::Product(const Factor& a, const Factor& b)
    : matmul_(onednn::matmul(layout_of(a), layout_of(b))),
      scratch_(allocate_aligned(matmul_.scratch_bytes())) {
  matmul_.bind_scratch(scratch_.get());
}

void Product::operator()(const float* a, const float* b, float* c) {
  matmul_.bind(onednn::Argument::Source, bytes_of(a));
  matmul_.bind(onednn::Argument::Weights, bytes_of(b));
  matmul_.bind(onednn::Argument::Destination, bytes_of(c));
  matmul_.execute();
}

}  // namespace hourglass
