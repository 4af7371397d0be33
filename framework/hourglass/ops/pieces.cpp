#include <hourglass/core/parallel.hpp>
#include <hourglass/ops/pieces.hpp>

#include <algorithm>
#include <cstring>

namespace hourglass {

Pieces::Pieces(const Shape& shape, int axis) : extent(shape[axis]) {
  for (int i = 0; i < axis; ++i) count *= shape[i];
  for (int i = axis + 1; i < shape.rank(); ++i) unit *= shape[i];
}

PiecesKernel::PiecesKernel(std::string name, std::int64_t count, std::vector<Piece> pieces)
    : name_(std::move(name)), count_(count), pieces_(std::move(pieces)) {
  for (const Piece& piece : pieces_) run_length_ += piece.length;
  std::erase_if(pieces_, [](const Piece& piece) { return piece.length == 0; });
}

void PiecesKernel::bind(const Binding& binding) {
  inputs_.clear();
  for (std::size_t i = 0; i < binding.inputs.size(); ++i) {
    inputs_.push_back(binding.input(static_cast<int>(i)));
  }
  output_ = binding.output(0);
}

void PiecesKernel::run() {
  const std::int64_t grain =
      std::max<std::int64_t>(16384 / std::max<std::int64_t>(run_length_, 1), 1);
  parallel_for(count_, grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t run = begin; run < end; ++run) {
      for (const Piece& piece : pieces_) {
        float* to = output_ + run * piece.to_stride + piece.to;
        const std::size_t bytes = static_cast<std::size_t>(piece.length) * sizeof(float);
        if (piece.input < 0) {
          std::memset(to, 0, bytes);
        } else {
          std::memcpy(to, inputs_[piece.input] + run * piece.from_stride + piece.from, bytes);
        }
      }
    }
  });
}

}  // namespace hourglass
