#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/ops/selection.hpp>
#include <hourglass/ops/sparse_kernels.hpp>
#include <hourglass/ops/topk.hpp>

#include <algorithm>
#include <limits>

namespace hourglass {

namespace {

/// The largest key that at least k of `keys` reach; there are at least k, and all are `low` or
/// more.
std::int32_t kth_largest(const SparseKernels& vector, const std::int32_t* keys, std::int64_t count,
                         std::int64_t k, std::int64_t low) {
  std::int64_t high = *std::max_element(keys, keys + count);
  while (low < high) {
    const std::int64_t middle = low + (high - low + 1) / 2;
    if (vector.count(keys, count, static_cast<std::int32_t>(middle)) >= k) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return static_cast<std::int32_t>(low);
}

/// A row at a time: the k-th largest of the maxima of small groups is a lower bound that few
/// elements reach, and the row's own k-th largest is among these.
class TopKKernel final : public Kernel {
 public:
  TopKKernel(std::int64_t batch, std::int64_t columns, std::int64_t k)
      : batch_(batch),
        columns_(columns),
        k_(k),
        depth_(std::clamp<std::int64_t>(columns / (8 * k), 1, 64)),
        threads_(thread_count()) {}
  std::string implementation() const override { return "topk"; }
  std::size_t scratch_bytes() const override { return 2 * threads_ * columns_ * sizeof(Key); }
  void bind(const Binding& binding) override {
    x_ = binding.input(0);
    values_ = binding.output(0);
    indices_ = binding.output(1);
    offsets_ = binding.output(2);
    scratch_ = reinterpret_cast<Key*>(binding.scratch);
  }
  void run() override {
    for (std::int64_t row = 0; row <= batch_; ++row) offsets_[row] = static_cast<float>(row * k_);
    const std::int64_t grain = std::max<std::int64_t>(8192 / columns_, 1);
    parallel_for(batch_, grain, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) select(row);
    });
  }

 private:
  using Key = std::int32_t;

  void select(std::int64_t row) const {
    const SparseKernels& vector = sparse_kernels();
    const float* x = x_ + row * columns_;
    Key* const keys = scratch_ + thread_index() * 2 * columns_;
    Key* const places = keys + columns_;
    constexpr std::int64_t kLowest = std::numeric_limits<Key>::min();
    std::int64_t bound = kLowest;
    const std::int64_t groups = vector.maxima(x, columns_, depth_, keys);
    if (groups >= k_) bound = kth_largest(vector, keys, groups, k_, bound);
    const std::int64_t found = vector.collect(x, columns_, static_cast<Key>(bound), keys, places);
    const Key least = kth_largest(vector, keys, found, k_, bound);
    // Of the elements that equal the least one, only as many as are left over.
    std::int64_t equal = k_;
    for (std::int64_t i = 0; i < found; ++i) equal -= keys[i] > least;
    std::int64_t pair = row * k_;
    for (std::int64_t i = 0; i < found; ++i) {
      if (keys[i] < least || (keys[i] == least && equal-- <= 0)) continue;
      values_[pair] = x[places[i]];
      indices_[pair++] = static_cast<float>(places[i]);
    }
  }

  std::int64_t batch_, columns_, k_, depth_;
  std::size_t threads_;
  const float* x_ = nullptr;
  float *values_ = nullptr, *indices_ = nullptr, *offsets_ = nullptr;
  Key* scratch_ = nullptr;
};

class TopK final : public Selection {
 public:
  explicit TopK(std::int64_t k) : k_(k) {}
  std::string name() const override { return "topk"; }
  std::string attributes() const override { return text("k=", k_); }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    const Shape& shape = lowering.input_shape(0);
    return std::make_unique<TopKKernel>(shape[0], shape[1], k_);
  }

 private:
  std::int64_t k_;
};

}  // namespace

void check_selection(const char* name, Value x, std::int64_t k) {
  const Shape& shape = x.shape();
  if (shape.rank() != 2) {
    throw ShapeError(text("[", name, "] x must be [batch, n], got ", shape.to_text()));
  }
  if (k < 1 || k > shape[1]) {
    throw ShapeError(text("[", name, "] k must be between 1 and the ", shape[1],
                          " elements of a row of x ", shape.to_text(), ", got ", k));
  }
  constexpr std::int64_t kMost = std::int64_t{1} << 24;  // f32 counts so far without a gap
  if (shape[1] > kMost || shape[0] > kMost / k) {
    throw ShapeError(text("[", name, "] rows of x and k * batch must be at most ", kMost,
                          ": got x ", shape.to_text(), " and k ", k));
  }
}

SparseValue topk(Value x, std::int64_t k) {
  check_selection("topk", x, k);
  const std::int64_t batch = x.shape()[0];
  const Shape pairs{batch, k};
  const Shape shapes[]{pairs, pairs, {batch + 1}};
  const auto outputs = x.graph().add(std::make_shared<TopK>(k), std::span(&x, 1), shapes);
  return {outputs[0], outputs[1], outputs[2], x.shape()[1]};
}

}  // namespace hourglass
