#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/graph/sweep_kernels.hpp>
#include <hourglass/onednn/matmul.hpp>
#include <hourglass/ops/dense_shares.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>
#include <vector>

namespace hourglass {

namespace {

using onednn::Argument;
using onednn::Layout;
using onednn::Primitive;

constexpr std::size_t kLine = 64;  // bytes; the scratch of two threads shares none

struct Range {
  std::int64_t begin, end;
  std::int64_t size() const { return end - begin; }
};

std::size_t whole_lines(std::size_t bytes) { return (bytes + kLine - 1) / kLine * kLine; }

/// [rows, columns] as a part of a row-major matrix of `stride` columns.
Layout part_of(std::int64_t rows, std::int64_t columns, std::int64_t stride) {
  const std::int64_t strides[] = {stride, 1};
  return Layout::strided({rows, columns}, strides);
}

/// The same, seen transposed: [columns, rows].
Layout transposed_part_of(std::int64_t rows, std::int64_t columns, std::int64_t stride) {
  const std::int64_t strides[] = {1, stride};
  return Layout::strided({columns, rows}, strides);
}

/// One product a thread, all at once.
class SharedProduct : public Kernel {
 public:
  std::size_t scratch_bytes() const override { return bytes_; }
  std::string implementation() const override {
    return "shared:" + products_.front().primitive.implementation();
  }

 protected:
  struct Product {
    Primitive primitive;
    Range range;              // of what is shared out
    std::size_t scratch = 0;  // where the primitive's begins
    std::size_t result = 0;   // where its result begins, if that is in the scratch
  };

  /// Adds the product of the next thread, with `result` bytes of scratch for what it computes.
  void add(Primitive primitive, Range range, std::size_t result = 0) {
    Product product{std::move(primitive), range, bytes_, 0};
    bytes_ += whole_lines(product.primitive.scratch_bytes());
    product.result = bytes_;
    bytes_ += whole_lines(result);
    products_.push_back(std::move(product));
  }

  /// Runs every product on a thread of its own, and `after(product)` behind it.
  template <class After>
  void run_all(After&& after) {
    parallel_for(std::ssize(products_), 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        if (!products_[i].primitive.try_execute()) failed_ = true;
        after(products_[i]);
      }
    });
    if (failed_) throw Error("oneDNN failed to run a part of a dense layer");
  }

  std::vector<Product> products_;
  std::size_t bytes_ = 0;

 private:
  std::atomic<bool> failed_ = false;
};

/// `count` shared out among the threads, as parallel_for does.
std::vector<Range> shares(std::int64_t count) {
  const std::int64_t threads = thread_count();
  std::vector<Range> result;
  for (std::int64_t i = 0; i < threads; ++i) {
    result.push_back({count * i / threads, count * (i + 1) / threads});
  }
  return result;
}

/// Whether each thread reads the whole weight for samples of its own, rather than all samples for
/// rows of its own, of which `crossing` numbers a sample come from or go to other threads. A number
/// of the weight that was read elsewhere counts for three: its line has to be taken back to be
/// updated, and stays in two caches until then.
bool by_samples(const DenseSizes& sizes, std::int64_t crossing) {
  return 3 * sizes.out * sizes.in < sizes.batch * crossing && sizes.batch >= 16 * thread_count();
}

}  // namespace

bool shared_forward_by_samples(const DenseSizes& sizes) {
  return by_samples(sizes, sizes.in + sizes.out);
}
bool shared_backward_data_by_samples(const DenseSizes& sizes) {
  return by_samples(sizes, sizes.in);
}

namespace {

class Forward final : public SharedProduct {
 public:
  Forward(const DenseSizes& sizes, bool bias, onednn::OptionalPostOp activation)
      : sizes_(sizes), by_samples_(shared_forward_by_samples(sizes)) {
    const auto& [batch, in, out] = sizes;
    for (const Range& range : shares(by_samples_ ? batch : out)) {
      const std::int64_t rows = by_samples_ ? range.size() : batch;
      const std::int64_t columns = by_samples_ ? out : range.size();
      add(onednn::matmul_alone(Layout::plain({rows, in}), Layout::transposed({in, columns}),
                               Layout::plain({rows, columns}), bias, activation),
          range, by_samples_ ? 0 : rows * columns * sizeof(float));
    }
  }
  void bind(const Binding& binding) override {
    scratch_ = binding.scratch;
    y_ = binding.output(0);
    for (Product& each : products_) {
      const std::int64_t samples = by_samples_ ? each.range.begin : 0;
      const std::int64_t rows = by_samples_ ? 0 : each.range.begin;
      each.primitive.bind(Argument::Source,
                          binding.inputs[0] + samples * sizes_.in * sizeof(float));
      each.primitive.bind(Argument::Weights, binding.inputs[1] + rows * sizes_.in * sizeof(float));
      if (binding.inputs.size() > 2) {
        each.primitive.bind(Argument::Bias, binding.inputs[2] + rows * sizeof(float));
      }
      each.primitive.bind(Argument::Destination,
                          by_samples_ ? binding.outputs[0] + samples * sizes_.out * sizeof(float)
                                      : binding.scratch + each.result);
      each.primitive.bind_scratch(binding.scratch + each.scratch);
    }
  }
  void run() override {
    run_all([this](const Product& product) {
      if (by_samples_) return;
      const auto* from = reinterpret_cast<const float*>(scratch_ + product.result);
      const std::int64_t width = product.range.size();
      for (std::int64_t i = 0; i < sizes_.batch; ++i) {
        std::memcpy(y_ + i * sizes_.out + product.range.begin, from + i * width,
                    width * sizeof(float));
      }
    });
  }

 private:
  DenseSizes sizes_;
  bool by_samples_;
  std::byte* scratch_ = nullptr;
  float* y_ = nullptr;
};

class BackwardData final : public SharedProduct {
 public:
  explicit BackwardData(const DenseSizes& sizes)
      : sizes_(sizes), by_samples_(shared_backward_data_by_samples(sizes)) {
    const auto& [batch, in, out] = sizes;
    for (const Range& range : shares(by_samples_ ? batch : out)) {
      if (by_samples_) {
        add(onednn::matmul_alone(Layout::plain({range.size(), out}), Layout::plain({out, in}),
                                 Layout::plain({range.size(), in})),
            range);
      } else {
        add(onednn::matmul_alone(part_of(batch, range.size(), out),
                                 Layout::plain({range.size(), in}), Layout::plain({batch, in})),
            range, products_.empty() ? 0 : batch * in * sizeof(float));
      }
    }
  }
  void bind(const Binding& binding) override {
    dx_ = binding.output(0);
    scratch_ = binding.scratch;
    for (Product& each : products_) {
      const std::int64_t begin = each.range.begin * sizeof(float);
      each.primitive.bind(Argument::Source,
                          binding.inputs[0] + begin * (by_samples_ ? sizes_.out : 1));
      each.primitive.bind(Argument::Weights,
                          binding.inputs[1] + (by_samples_ ? 0 : begin * sizes_.in));
      std::byte* result = binding.outputs[0];
      if (by_samples_) {
        result += begin * sizes_.in;
      } else if (&each != &products_.front()) {
        result = binding.scratch + each.result;
      }
      each.primitive.bind(Argument::Destination, result);
      each.primitive.bind_scratch(binding.scratch + each.scratch);
    }
  }
  void run() override {
    run_all([](const Product&) {});
    if (by_samples_) return;
    const auto accumulate = vector_kernels().accumulate;
    if (sizes_.in / thread_count() < kLongRow) {
      parallel_for(sizes_.batch * sizes_.in, 4096, [&](std::int64_t begin, std::int64_t end) {
        for (std::size_t i = 1; i < products_.size(); ++i) {
          accumulate(dx_ + begin, part(i) + begin, end - begin);
        }
      });
      return;
    }
    // By columns, as the sweep that comes next.
    parallel_for(sizes_.in, kLongRow, [&](std::int64_t begin, std::int64_t end) {
      for (std::size_t i = 1; i < products_.size(); ++i) {
        for (std::int64_t at = begin; at < sizes_.batch * sizes_.in; at += sizes_.in) {
          accumulate(dx_ + at, part(i) + at, end - begin);
        }
      }
    });
  }

 private:
  static constexpr std::int64_t kLongRow = 256;  // columns of a thread
  const float* part(std::size_t i) const {
    return reinterpret_cast<const float*>(scratch_ + products_[i].result);
  }

  DenseSizes sizes_;
  bool by_samples_;
  float* dx_ = nullptr;
  std::byte* scratch_ = nullptr;
};

class BackwardWeights final : public SharedProduct {
 public:
  BackwardWeights(const DenseSizes& sizes, bool bias) : sizes_(sizes), bias_(bias) {
    const auto& [batch, in, out] = sizes;
    for (const Range& range : shares(out)) {
      add(onednn::matmul_alone(transposed_part_of(batch, range.size(), out),
                               Layout::plain({batch, in}), Layout::plain({range.size(), in})),
          range);
    }
  }
  void bind(const Binding& binding) override {
    dy_ = binding.input(1);
    db_ = bias_ ? binding.output(1) : nullptr;
    for (Product& each : products_) {
      const std::int64_t begin = each.range.begin * sizeof(float);
      each.primitive.bind(Argument::Source, binding.inputs[1] + begin);
      each.primitive.bind(Argument::Weights, binding.inputs[0]);
      each.primitive.bind(Argument::Destination, binding.outputs[0] + begin * sizes_.in);
      each.primitive.bind_scratch(binding.scratch + each.scratch);
    }
  }
  void run() override {
    const auto accumulate = vector_kernels().accumulate;
    run_all([&](const Product& product) {
      if (!bias_) return;
      float* sums = db_ + product.range.begin;
      const std::int64_t width = product.range.size();
      std::fill_n(sums, width, 0.0f);
      for (std::int64_t i = 0; i < sizes_.batch; ++i) {
        accumulate(sums, dy_ + i * sizes_.out + product.range.begin, width);
      }
    });
  }

 private:
  DenseSizes sizes_;
  bool bias_;
  const float* dy_ = nullptr;
  float* db_ = nullptr;
};

}  // namespace

bool dense_is_shared(std::int64_t out, std::int64_t in) {
  // Narrower products leave vector units idle.
  constexpr std::int64_t kLeastRows = 32, kLeastColumns = 16;
  const std::int64_t threads = thread_count();
  return threads > 1 && out / threads >= kLeastRows && in >= kLeastColumns;
}

std::unique_ptr<Kernel> shared_dense_forward(const DenseSizes& sizes, bool bias,
                                             onednn::OptionalPostOp activation) {
  return std::make_unique<Forward>(sizes, bias, activation);
}
std::unique_ptr<Kernel> shared_dense_backward_data(const DenseSizes& sizes) {
  return std::make_unique<BackwardData>(sizes);
}
std::unique_ptr<Kernel> shared_dense_backward_weights(const DenseSizes& sizes, bool bias) {
  return std::make_unique<BackwardWeights>(sizes, bias);
}

}  // namespace hourglass
