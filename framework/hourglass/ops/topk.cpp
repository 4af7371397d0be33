#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/ops/selection.hpp>
#include <hourglass/ops/sparse_kernels.hpp>
#include <hourglass/ops/topk.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

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

using Key = std::int32_t;

/// Which of the operation's inputs is what; 0: there is none.
struct TopKInputs {
  int columns = 0;
  int count = 0;
  bool positive = false;
};

/// The k largest of one row: the k-th largest of the maxima of small groups is a lower bound that
/// few elements reach, and the row's own k-th largest is among these.
struct RowSelection {
  std::int64_t k;
  Key lowest = std::numeric_limits<Key>::min();  // no lower key is taken

  /// Calls `take(place)` for each, in order. `scratch` has room for 2 n keys.
  template <class Take>
  void select(const float* x, std::int64_t n, Key* scratch, Take&& take) const {
    const SparseKernels& vector = sparse_kernels();
    Key* const keys = scratch;
    Key* const places = keys + n;
    const std::int64_t depth = std::clamp<std::int64_t>(n / (8 * k), 1, 64);
    std::int64_t bound = lowest;
    const std::int64_t groups = vector.maxima(x, n, depth, keys);
    if (vector.count(keys, groups, lowest) >= k) {
      bound = kth_largest(vector, keys, groups, k, bound);
    }
    const std::int64_t found = vector.collect(x, n, static_cast<Key>(bound), keys, places);
    const Key least = found > k ? kth_largest(vector, keys, found, k, bound) : lowest;
    // Of the elements that equal the least one, only as many as are left over.
    std::int64_t equal = k;
    for (std::int64_t i = 0; i < found; ++i) equal -= keys[i] > least;
    for (std::int64_t i = 0; i < found; ++i) {
      if (keys[i] < least || (keys[i] == least && equal-- <= 0)) continue;
      take(places[i]);
    }
  }
};

class TopKKernel final : public Kernel {
 public:
  TopKKernel(std::int64_t batch, std::int64_t columns, std::int64_t k)
      : batch_(batch), columns_(columns), k_(k), threads_(thread_count()) {}
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
      for (std::int64_t row = begin; row < end; ++row) {
        const float* x = x_ + row * columns_;
        std::int64_t pair = row * k_;
        RowSelection{k_}.select(x, columns_, scratch_ + thread_index() * 2 * columns_,
                                [&](Key place) {
                                  values_[pair] = x[place];
                                  indices_[pair++] = static_cast<float>(place);
                                });
      }
    });
  }

 private:
  std::int64_t batch_, columns_, k_;
  std::size_t threads_;
  const float* x_ = nullptr;
  float *values_ = nullptr, *indices_ = nullptr, *offsets_ = nullptr;
  Key* scratch_ = nullptr;
};

/// Rows choose into their own k places, which then close up.
class ChoiceKernel final : public Kernel {
 public:
  ChoiceKernel(std::int64_t batch, std::int64_t columns, std::int64_t k, const TopKInputs& inputs)
      : batch_(batch), columns_(columns), k_(k), inputs_(inputs), threads_(thread_count()) {}
  std::string implementation() const override { return "topk"; }
  std::size_t scratch_bytes() const override {
    return (batch_ + columns_ + threads_ * 3 * columns_) * sizeof(Key);
  }
  void bind(const Binding& binding) override {
    x_ = binding.input(0);
    allowed_ = inputs_.columns > 0 ? binding.input(inputs_.columns) : nullptr;
    count_ = inputs_.count > 0 ? binding.input(inputs_.count) : nullptr;
    values_ = binding.output(0);
    indices_ = binding.output(1);
    offsets_ = binding.output(2);
    chosen_ = reinterpret_cast<Key*>(binding.scratch);
    places_ = chosen_ + batch_;
    scratch_ = places_ + columns_;
  }
  void run() override {
    find_columns();
    const std::int64_t k =
        std::min(count_ == nullptr ? k_ : whole(*count_), std::max<std::int64_t>(allowed(), 1));
    const RowSelection selection{k, inputs_.positive ? 1 : std::numeric_limits<Key>::min()};
    const std::int64_t grain = std::max<std::int64_t>(8192 / (allowed() + 1), 1);
    parallel_for(batch_, grain, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) choose(row, selection);
    });
    close_up();
  }

 private:
  std::int64_t whole(float count) const {
    return count >= 1
               ? static_cast<std::int64_t>(std::lround(std::min(count, static_cast<float>(k_))))
               : 1;
  }
  std::int64_t allowed() const { return allowed_ == nullptr ? columns_ : found_; }

  void find_columns() {
    found_ = 0;
    if (allowed_ == nullptr) return;
    for (std::int64_t i = 0; i < columns_; ++i) {
      if (allowed_[i] > 0) places_[found_++] = static_cast<Key>(i);
    }
  }

  void choose(std::int64_t row, const RowSelection& selection) {
    if (allowed() == 0) {
      chosen_[row] = 0;
      return;
    }
    const float* x = x_ + row * columns_;
    Key* const scratch = scratch_ + thread_index() * 3 * columns_;
    const float* from = x;
    if (allowed_ != nullptr) {
      float* const few = reinterpret_cast<float*>(scratch + 2 * columns_);
      for (std::int64_t i = 0; i < found_; ++i) few[i] = x[places_[i]];
      from = few;
    }
    std::int64_t pair = row * k_;
    selection.select(from, allowed(), scratch, [&](Key place) {
      values_[pair] = from[place];
      indices_[pair++] = static_cast<float>(allowed_ == nullptr ? place : places_[place]);
    });
    chosen_[row] = static_cast<Key>(pair - row * k_);
  }

  void close_up() {
    std::int64_t used = 0;
    for (std::int64_t row = 0; row < batch_; ++row) {
      offsets_[row] = static_cast<float>(used);
      if (used != row * k_) {
        std::copy_n(values_ + row * k_, chosen_[row], values_ + used);
        std::copy_n(indices_ + row * k_, chosen_[row], indices_ + used);
      }
      used += chosen_[row];
    }
    offsets_[batch_] = static_cast<float>(used);
    std::fill(values_ + used, values_ + batch_ * k_, 0.0f);
    std::fill(indices_ + used, indices_ + batch_ * k_, 0.0f);
  }

  std::int64_t batch_, columns_, k_;
  TopKInputs inputs_;
  std::size_t threads_;
  const float *x_ = nullptr, *allowed_ = nullptr, *count_ = nullptr;
  float *values_ = nullptr, *indices_ = nullptr, *offsets_ = nullptr;
  Key* chosen_ = nullptr;  // [batch]: how many pairs
  Key* places_ = nullptr;  // [columns]: those that may be chosen
  Key* scratch_ = nullptr;
  std::int64_t found_ = 0;
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

class TopKOfChoice final : public Selection {
 public:
  TopKOfChoice(std::int64_t k, const TopKInputs& inputs) : k_(k), inputs_(inputs) {}
  std::string name() const override { return "topk"; }
  std::string attributes() const override {
    return text("k=", k_, inputs_.columns > 0 ? " of some columns" : "",
                inputs_.count > 0 ? " at most" : "", inputs_.positive ? " positive" : "");
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    const Shape& shape = lowering.input_shape(0);
    return std::make_unique<ChoiceKernel>(shape[0], shape[1], k_, inputs_);
  }

 private:
  std::int64_t k_;
  TopKInputs inputs_;
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

SparseValue topk(Value x, std::int64_t k, const Choice& choice) {
  check_selection("topk", x, k);
  std::vector<Value> inputs{x};
  TopKInputs places;
  places.positive = choice.positive;
  const auto expect = [&](const char* what, Value given, const Shape& shape) {
    if (given.shape() != shape) {
      throw ShapeError(text("[topk] ", what, " must be ", shape.to_text(), " for x ",
                            x.shape().to_text(), ", got ", given.shape().to_text()));
    }
    inputs.push_back(given);
    return static_cast<int>(inputs.size()) - 1;
  };
  if (choice.columns) places.columns = expect("columns", choice.columns, {x.shape()[1]});
  if (choice.count) places.count = expect("count", choice.count, {});
  const std::int64_t batch = x.shape()[0];
  const Shape pairs{batch * k};
  const Shape shapes[]{pairs, pairs, {batch + 1}};
  const auto outputs = x.graph().add(std::make_shared<TopKOfChoice>(k, places), inputs, shapes);
  return {outputs[0], outputs[1], outputs[2], x.shape()[1]};
}

}  // namespace hourglass
