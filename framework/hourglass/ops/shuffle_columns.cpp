#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/shuffle_columns.hpp>

#include <numeric>
#include <utility>

namespace hourglass {

namespace {

/// `back`: whether elements return to where they were taken from.
class ShuffleKernel final : public Kernel {
 public:
  ShuffleKernel(std::string stream, bool back, const Shape& shape)
      : stream_(std::move(stream)), back_(back), batch_(shape[0]), columns_(shape[1]) {}
  std::string implementation() const override { return "shuffle"; }
  std::size_t scratch_bytes() const override {
    return static_cast<std::size_t>(batch_ * columns_) * sizeof(std::uint32_t);
  }
  void bind(const Binding& binding) override {
    x_ = binding.input(0);
    y_ = binding.output(0);
    orders_ = reinterpret_cast<std::uint32_t*>(binding.scratch);
    state_ = binding.run;
  }
  void run() override {
    parallel_for(columns_, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t column = begin; column < end; ++column) shuffle(column);
    });
  }

 private:
  /// Which of the stream's sequences a column's order is made with.
  std::uint64_t sequence(std::int64_t column) const {
    std::uint64_t count = static_cast<std::uint64_t>(state_->step);
    if (!state_->training) {
      const std::uint64_t first = state_->samples.empty() ? 0 : state_->samples[0];
      count = std::uint64_t{state_->split} << 32 | first;
    }
    constexpr std::uint64_t kEvaluation = std::uint64_t{1} << 63;
    const std::uint64_t number =
        count * static_cast<std::uint64_t>(columns_) + static_cast<std::uint64_t>(column);
    return state_->training ? number : number | kEvaluation;
  }

  void shuffle(std::int64_t column) const {
    std::uint32_t* order = orders_ + column * batch_;
    std::iota(order, order + batch_, 0u);
    RandomStream random(state_->seed, stream_, sequence(column));
    for (std::int64_t i = batch_ - 1; i > 0; --i) {
      std::swap(order[i], order[random.below(static_cast<std::uint32_t>(i + 1))]);
    }
    for (std::int64_t row = 0; row < batch_; ++row) {
      const std::int64_t from = back_ ? row : order[row], to = back_ ? order[row] : row;
      y_[to * columns_ + column] = x_[from * columns_ + column];
    }
  }

  std::string stream_;
  bool back_;
  std::int64_t batch_;
  std::int64_t columns_;
  const float* x_ = nullptr;
  float* y_ = nullptr;
  std::uint32_t* orders_ = nullptr;
  const RunState* state_ = nullptr;
};

class Shuffle final : public Operation {
 public:
  Shuffle(std::string stream, bool back) : stream_(std::move(stream)), back_(back) {}
  std::string name() const override { return back_ ? "unshuffle_columns" : "shuffle_columns"; }
  std::string attributes() const override { return stream_; }
  std::vector<Value> backward(const Backward& node) const override {
    const Value dy = node.gradients[0];
    return {dy.graph().add(std::make_shared<Shuffle>(stream_, !back_), {dy}, dy.shape())};
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    return std::make_unique<ShuffleKernel>(stream_, back_, lowering.output_shape(0));
  }

 private:
  std::string stream_;
  bool back_;
};

}  // namespace

Value shuffle_columns(Value x, std::string stream) {
  if (x.shape().rank() != 2) {
    throw ShapeError(text("[shuffle_columns] needs a matrix, got ", x.shape().to_text()));
  }
  return x.graph().add(std::make_shared<Shuffle>(std::move(stream), false), {x}, x.shape());
}

}  // namespace hourglass
