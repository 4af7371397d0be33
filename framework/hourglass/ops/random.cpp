#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/graph/sweep_kernels.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/compare.hpp>
#include <hourglass/ops/random.hpp>

#include <algorithm>
#include <array>

namespace hourglass {

namespace {

enum class Distribution { Uniform, Normal };

// The last word of the counter tells training from evaluation, where it also holds the draw.
constexpr std::uint32_t kTraining = 0x80000000u;
constexpr std::int64_t kBlock = 4;  // numbers that one counter gives

class RandomKernel final : public Kernel {
 public:
  RandomKernel(Distribution distribution, std::string stream, bool each_draw, const Shape& shape)
      : distribution_(distribution),
        stream_(std::move(stream)),
        each_draw_(each_draw),
        size_(shape.size()) {
    rows_ = shape.rank() == 0 ? 1 : shape[0];
  }
  std::string implementation() const override { return "philox"; }
  void bind(const Binding& binding) override {
    y_ = binding.output(0);
    state_ = binding.run;
  }
  void run() override {
    if (size_ == 0) return;
    key_ = stream_key(state_->seed, stream_);
    state_->training ? run_training() : run_evaluation();
  }

 private:
  using Counter = std::array<std::uint32_t, 3>;

  /// Numbers first .. last - 1 of one counter's sequence, where `first` begins a block.
  void draw(float* y, std::int64_t first, std::int64_t last, const Counter& counter) const {
    const VectorKernels& vector = vector_kernels();
    const auto make = distribution_ == Distribution::Normal ? vector.normal : vector.uniform;
    const std::int64_t whole = (last - first) / kBlock, rest = (last - first) % kBlock;
    const auto block = static_cast<std::uint32_t>(first / kBlock);
    make(y, block, whole, counter.data(), key_.data());
    if (rest == 0) return;
    float tail[kBlock];
    make(tail, block + static_cast<std::uint32_t>(whole), 1, counter.data(), key_.data());
    std::copy_n(tail, rest, y + whole * kBlock);
  }

  void run_training() const {
    const auto step = static_cast<std::uint64_t>(state_->step);
    const Counter counter{static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(step >> 32),
                          kTraining};
    const std::int64_t blocks = (size_ + kBlock - 1) / kBlock;
    parallel_for(blocks, 512, [&](std::int64_t begin, std::int64_t end) {
      const std::int64_t first = begin * kBlock;
      draw(y_ + first, first, std::min(end * kBlock, size_), counter);
    });
  }

  void run_evaluation() const {
    const std::int64_t length = size_ / rows_;
    const auto& samples = state_->samples;
    // Where there are several rows a sample, each is a draw of its own.
    const std::int64_t draws =
        std::max<std::int64_t>(rows_ / std::max<std::int64_t>(std::ssize(samples), 1), 1);
    parallel_for(
        rows_, std::max<std::int64_t>(2048 / length, 1), [&](std::int64_t begin, std::int64_t end) {
          for (std::int64_t row = begin; row < end; ++row) {
            const std::int64_t place = samples.empty() ? row : row / draws;
            const std::uint32_t sample =
                place < std::ssize(samples) ? samples[place] : static_cast<std::uint32_t>(row);
            std::uint32_t number = 0;
            if (each_draw_) number = state_->draw;
            if (each_draw_ && !samples.empty()) number += static_cast<std::uint32_t>(row % draws);
            draw(y_ + row * length, 0, length, {sample, state_->split, number & ~kTraining});
          }
        });
  }

  Distribution distribution_;
  std::string stream_;
  bool each_draw_;
  std::int64_t size_;
  std::int64_t rows_;
  PhiloxKey key_{};
  const RunState* state_ = nullptr;
  float* y_ = nullptr;
};

class Random final : public Operation {
 public:
  Random(Distribution distribution, std::string stream, bool each_draw = true)
      : distribution_(distribution), stream_(std::move(stream)), each_draw_(each_draw) {}
  std::string name() const override {
    return distribution_ == Distribution::Normal ? "random_normal" : "random_uniform";
  }
  std::string attributes() const override {
    return each_draw_ ? stream_ : stream_ + ", once a sample";
  }
  std::vector<Value> backward(const Backward&) const override { return {}; }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    return std::make_unique<RandomKernel>(distribution_, stream_, each_draw_,
                                          lowering.output_shape(0));
  }

 private:
  Distribution distribution_;
  std::string stream_;
  bool each_draw_;  // whether each draw of a sample has numbers of its own
};

}  // namespace

Value random_normal(Graph& graph, const Shape& shape, std::string stream) {
  return graph.add(std::make_shared<Random>(Distribution::Normal, std::move(stream)), {}, shape);
}

Value random_uniform(Graph& graph, const Shape& shape, std::string stream, float low, float high) {
  if (!(low < high)) {
    throw ShapeError(text("[random_uniform] low must be below high, got ", low, " and ", high));
  }
  const Value unit =
      graph.add(std::make_shared<Random>(Distribution::Uniform, std::move(stream)), {}, shape);
  return affine(unit, high - low, low);
}

Value random_uniform_per_sample(Graph& graph, const Shape& shape, std::string stream) {
  return graph.add(std::make_shared<Random>(Distribution::Uniform, std::move(stream), false), {},
                   shape);
}

Value random_bernoulli(Graph& graph, const Shape& shape, std::string stream, float probability) {
  if (!(probability >= 0 && probability <= 1)) {
    throw ShapeError(
        text("[random_bernoulli] the probability must be in [0, 1], got ", probability));
  }
  return greater(graph.filled(shape, probability), random_uniform(graph, shape, std::move(stream)));
}

}  // namespace hourglass
