#pragma once

#include <hourglass/core/shape.hpp>
#include <hourglass/graph/kernel.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace hourglass {

/// A shape as an axis cuts it: `count` runs of `extent` units of `unit` elements.
struct Pieces {
  std::int64_t count = 1, extent = 1, unit = 1;
  Pieces(const Shape& shape, int axis);
};

/// What one input adds to each run of the output: `length` elements. Input -1 is zeros.
struct Piece {
  int input = 0;
  std::int64_t length = 0;
  std::int64_t from = 0, from_stride = 0;  // first element in the input, elements from run to run
  std::int64_t to = 0, to_stride = 0;      // the same in the output
};

/// Copies pieces of its inputs to their places: what slices and concatenations come down to.
class PiecesKernel final : public Kernel {
 public:
  PiecesKernel(std::string name, std::int64_t count, std::vector<Piece> pieces);
  void bind(const Binding& binding) override;
  void run() override;
  std::string implementation() const override { return name_; }

 private:
  std::string name_;
  std::int64_t count_;
  std::int64_t run_length_ = 0;
  std::vector<Piece> pieces_;
  std::vector<const float*> inputs_;
  float* output_ = nullptr;
};

}  // namespace hourglass
