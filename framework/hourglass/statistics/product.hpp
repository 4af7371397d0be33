#pragma once

#include <hourglass/onednn/matmul.hpp>

#include <cstdint>
#include <memory>

namespace hourglass {

/// A matrix as a product takes it: `rows` by `columns`, stored row by row or, when `transposed`,
/// column by column.
struct Factor {
  std::int64_t rows = 0;
  std::int64_t columns = 0;
  bool transposed = false;
};

/// c = a b for one pair of shapes, as often as wanted. All f32; c is stored row by row.
class Product {
 public:
  Product(const Factor& a, const Factor& b);
  void operator()(const float* a, const float* b, float* c);

 private:
  onednn::Primitive matmul_;
  std::shared_ptr<std::byte> scratch_;
};

/// c = a b computed by the calling thread alone, so that each thread of a team may have one of its
/// own within a parallel region. What comes depends on the shapes and on no number of threads.
class LoneProduct {
 public:
  LoneProduct(const Factor& a, const Factor& b);
  /// False is a failure of oneDNN: nothing may throw within a parallel region.
  bool operator()(const float* a, const float* b, float* c) noexcept;

 private:
  onednn::Primitive matmul_;
  std::shared_ptr<std::byte> scratch_;
};

}  // namespace hourglass
