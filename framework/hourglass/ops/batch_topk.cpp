#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/ops/batch_topk.hpp>
#include <hourglass/ops/selection.hpp>
#include <hourglass/ops/sparse_kernels.hpp>

#include <algorithm>
#include <bit>
#include <limits>

namespace hourglass {

namespace {

/// Finds the least key that is taken by counting keys into bins, ever finer ones: a few passes over
/// x, whatever is in it. What threads count apart are whole numbers, so that their number does not
/// matter.
class BatchTopKKernel final : public Kernel {
 public:
  BatchTopKKernel(std::int64_t batch, std::int64_t columns, std::int64_t k)
      : batch_(batch),
        columns_(columns),
        k_(k),
        depth_(std::clamp<std::int64_t>(columns / (8 * k), 1, 64)),
        stride_(columns / depth_ + 16 * depth_),
        threads_(thread_count()) {}
  std::string implementation() const override { return "batch_topk"; }
  std::size_t scratch_bytes() const override {
    return (batch_ * (stride_ + 2) + threads_ * (kBins + 2 * columns_)) * sizeof(Key);
  }
  void bind(const Binding& binding) override {
    x_ = binding.input(0);
    values_ = binding.output(0);
    indices_ = binding.output(1);
    offsets_ = binding.output(2);
    maxima_ = reinterpret_cast<Key*>(binding.scratch);
    above_ = maxima_ + batch_ * stride_;
    equal_ = above_ + batch_;
    bins_ = equal_ + batch_;
    found_ = bins_ + threads_ * kBins;
  }
  void run() override {
    const Key least = least_key();
    count_rows(least);
    share_out();
    fill(least);
  }

 private:
  using Key = std::int32_t;
  static constexpr int kBits = 12;
  static constexpr std::int64_t kBins = std::int64_t{1} << kBits;
  static constexpr Key kSmallestPositive = 1;

  template <class Body>
  void for_rows(const Body& body) const {
    const std::int64_t grain = std::max<std::int64_t>(16384 / columns_, 1);
    parallel_for(batch_, grain, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) body(row);
    });
  }
  const float* row_of(std::int64_t row) const { return x_ + row * columns_; }

  /// Counts what `count(row, bins)` finds in all rows, and sums it up in the first bins.
  template <class Count>
  void count_into_bins(const Count& count) {
    std::fill_n(bins_, threads_ * kBins, 0);
    for_rows([&](std::int64_t row) { count(row, bins_ + thread_index() * kBins); });
    for (std::int64_t thread = 1; thread < threads_; ++thread) {
      for (std::int64_t bin = 0; bin < kBins; ++bin) bins_[bin] += bins_[thread * kBins + bin];
    }
  }

  /// The least key among those taken: the (k batch)-th largest, or the smallest positive one.
  Key least_key() {
    const SparseKernels& vector = sparse_kernels();
    for_rows([&](std::int64_t row) {
      Key* const maxima = maxima_ + row * stride_;
      const std::int64_t groups = vector.maxima(row_of(row), columns_, depth_, maxima);
      std::fill(maxima + groups, maxima + stride_, std::numeric_limits<Key>::min());
    });
    const Key high = *std::max_element(maxima_, maxima_ + batch_ * stride_);
    if (high < kSmallestPositive) return kSmallestPositive;
    // First among the maxima, which are few: a lower bound that few elements reach.
    const Key bound = narrow(kSmallestPositive, high, [&](Key low, Key top, int shift) {
      count_into_bins([&](std::int64_t row, Key* bins) {
        const Key* maxima = maxima_ + row * stride_;
        for (std::int64_t i = 0; i < stride_; ++i) {
          if (maxima[i] >= low && maxima[i] <= top) ++bins[(maxima[i] - low) >> shift];
        }
      });
    });
    return narrow(bound, high, [&](Key low, Key top, int shift) {
      count_into_bins([&](std::int64_t row, Key* bins) {
        vector.histogram(row_of(row), columns_, low, top, shift, bins);
      });
    });
  }

  /// The largest key in [low, high] that at least k batch keys reach, or `low` if fewer do. No key
  /// is above `high`. `count` counts those in a range into bins 2^shift wide.
  template <class Count>
  Key narrow(std::int64_t low, std::int64_t high, const Count& count) {
    std::int64_t wanted = k_ * batch_;
    while (low < high) {
      const int width = static_cast<int>(std::bit_width(static_cast<std::uint64_t>(high - low)));
      const int shift = std::max(width - kBits, 0);
      count(static_cast<Key>(low), static_cast<Key>(high), shift);
      std::int64_t bin = (high - low) >> shift;
      for (; bin > 0 && bins_[bin] < wanted; --bin) wanted -= bins_[bin];
      low += bin << shift;
      high = std::min(high, low + (std::int64_t{1} << shift) - 1);
    }
    return static_cast<Key>(low);
  }

  void count_rows(Key least) {
    const SparseKernels& vector = sparse_kernels();
    for_rows([&](std::int64_t row) {
      const std::int64_t reached = vector.count_of(row_of(row), columns_, least);
      const std::int64_t above = least == std::numeric_limits<Key>::max()
                                     ? 0
                                     : vector.count_of(row_of(row), columns_, least + 1);
      above_[row] = static_cast<Key>(above);
      equal_[row] = static_cast<Key>(reached - above);
    });
  }

  /// Gives what room the larger elements leave to those that equal the least, row after row.
  void share_out() {
    std::int64_t room = k_ * batch_;
    for (std::int64_t row = 0; row < batch_; ++row) room -= above_[row];
    std::int64_t used = 0;
    for (std::int64_t row = 0; row < batch_; ++row) {
      offsets_[row] = static_cast<float>(used);
      equal_[row] = static_cast<Key>(std::min<std::int64_t>(equal_[row], room));
      room -= equal_[row];
      used += above_[row] + equal_[row];
    }
    offsets_[batch_] = static_cast<float>(used);
    std::fill(values_ + used, values_ + k_ * batch_, 0.0f);
    std::fill(indices_ + used, indices_ + k_ * batch_, 0.0f);
  }

  void fill(Key least) {
    const SparseKernels& vector = sparse_kernels();
    for_rows([&](std::int64_t row) {
      if (above_[row] + equal_[row] == 0) return;
      Key* const keys = found_ + thread_index() * 2 * columns_;
      Key* const places = keys + columns_;
      const std::int64_t found = vector.collect(row_of(row), columns_, least, keys, places);
      auto pair = static_cast<std::int64_t>(offsets_[row]);
      Key equal = equal_[row];
      for (std::int64_t i = 0; i < found; ++i) {
        if (keys[i] == least && equal-- <= 0) continue;
        values_[pair] = row_of(row)[places[i]];
        indices_[pair++] = static_cast<float>(places[i]);
      }
    });
  }

  std::int64_t batch_, columns_, k_, depth_, stride_, threads_;
  const float* x_ = nullptr;
  float *values_ = nullptr, *indices_ = nullptr, *offsets_ = nullptr;
  Key* maxima_ = nullptr;                    // [batch, stride]: of groups of each row
  Key *above_ = nullptr, *equal_ = nullptr;  // [batch]
  Key* bins_ = nullptr;                      // [threads, bins]
  Key* found_ = nullptr;                     // [threads, 2, columns]
};

class BatchTopK final : public Selection {
 public:
  explicit BatchTopK(std::int64_t k) : k_(k) {}
  std::string name() const override { return "batch_topk"; }
  std::string attributes() const override { return text("k=", k_); }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    const Shape& shape = lowering.input_shape(0);
    return std::make_unique<BatchTopKKernel>(shape[0], shape[1], k_);
  }

 private:
  std::int64_t k_;
};

}  // namespace

SparseValue batch_topk(Value x, std::int64_t k) {
  check_selection("batch_topk", x, k);
  const std::int64_t batch = x.shape()[0];
  const Shape pairs{batch * k};
  const Shape shapes[]{pairs, pairs, {batch + 1}};
  const auto outputs = x.graph().add(std::make_shared<BatchTopK>(k), std::span(&x, 1), shapes);
  return {outputs[0], outputs[1], outputs[2], x.shape()[1]};
}

}  // namespace hourglass
