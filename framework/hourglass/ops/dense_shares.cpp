#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/graph/primitive_kernel.hpp>
#include <hourglass/graph/sweep_kernels.hpp>
#include <hourglass/onednn/matmul.hpp>
#include <hourglass/ops/dense_shares.hpp>
#include <hourglass/ops/packed_product.hpp>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>
#include <vector>

namespace hourglass {

namespace {

using onednn::Argument;
using onednn::Layout;

constexpr std::size_t kLine = 64;  // bytes; the scratch of two threads shares none

struct Range {
  std::int64_t begin, end;
  std::int64_t size() const { return end - begin; }
};

std::size_t whole_lines(std::size_t bytes) { return (bytes + kLine - 1) / kLine * kLine; }

/// A part of a row-major matrix, seen as it is or transposed; one of the steps is 1.
struct Part {
  std::int64_t rows, columns, row_step, column_step = 1;

  Layout layout() const {
    const std::int64_t steps[] = {row_step, column_step};
    return Layout::strided({rows, columns}, steps);
  }
  PackedProduct::Factor factor() const { return {nullptr, row_step, column_step}; }
};

bool uses_packed_product(std::int64_t rows) {
  return packed_product_serves() && rows >= PackedProduct::kTileRows;
}

/// c = activation(a b + bias) by one thread, with rows of c `c_step` apart. Inputs a, b and, where
/// there is one, the bias; output c. oneDNN's product takes only a c without gaps.
std::unique_ptr<Kernel> product_of(const Part& a, const Part& b, std::int64_t c_step,
                                   bool bias = false,
                                   onednn::OptionalPostOp activation = std::nullopt) {
  if (uses_packed_product(a.rows)) {
    return packed_product({.rows = a.rows,
                           .inner = a.columns,
                           .columns = b.columns,
                           .a = a.factor(),
                           .b = b.factor(),
                           .c_step = c_step},
                          activation);
  }
  std::vector<Argument> inputs{Argument::Source, Argument::Weights};
  if (bias) inputs.push_back(Argument::Bias);
  return std::make_unique<PrimitiveKernel>(
      onednn::matmul_alone(a.layout(), b.layout(), Layout::plain({a.rows, b.columns}), bias,
                           activation),
      std::move(inputs), std::vector{Argument::Destination});
}

/// One product a thread, all at once.
class SharedProduct : public Kernel {
 public:
  std::size_t scratch_bytes() const override { return bytes_; }
  std::string implementation() const override {
    return "shared:" + products_.front().kernel->implementation();
  }

 protected:
  struct Product {
    std::unique_ptr<Kernel> kernel;
    Range range;              // of what is shared out
    std::size_t scratch = 0;  // where the kernel's begins
    std::size_t result = 0;   // where its result begins, if that is in the scratch
  };

  /// Adds the product of the next thread, with `result` bytes of scratch for what it computes.
  void add(std::unique_ptr<Kernel> kernel, Range range, std::size_t result = 0) {
    Product product{std::move(kernel), range, bytes_, 0};
    bytes_ += whole_lines(product.kernel->scratch_bytes());
    product.result = bytes_;
    bytes_ += whole_lines(result);
    products_.push_back(std::move(product));
  }

  static void bind_product(const Product& product, const std::vector<std::byte*>& inputs,
                           const std::vector<std::byte*>& outputs, std::byte* scratch) {
    product.kernel->bind(
        {.inputs = inputs, .outputs = outputs, .scratch = scratch + product.scratch});
  }

  /// Runs every product on a thread of its own, and `after(product)` behind it.
  template <class After>
  void run_all(After&& after) {
    parallel_for(std::ssize(products_), 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        try {
          products_[i].kernel->run();
        } catch (...) {
          failed_ = true;  // nothing may leave a parallel region
        }
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
      : sizes_(sizes),
        by_samples_(shared_forward_by_samples(sizes)),
        in_place_(by_samples_ || uses_packed_product(sizes.batch)) {
    const auto& [batch, in, out] = sizes;
    for (const Range& range : shares(by_samples_ ? batch : out)) {
      const std::int64_t rows = by_samples_ ? range.size() : batch;
      const std::int64_t columns = by_samples_ ? out : range.size();
      add(product_of({rows, in, in}, {in, columns, 1, in}, out, bias, activation), range,
          in_place_ ? 0 : rows * columns * sizeof(float));
    }
  }
  void bind(const Binding& binding) override {
    scratch_ = binding.scratch;
    y_ = binding.output(0);
    for (const Product& each : products_) {
      const std::int64_t samples = by_samples_ ? each.range.begin : 0;
      const std::int64_t rows = by_samples_ ? 0 : each.range.begin;
      std::vector<std::byte*> inputs{binding.inputs[0] + samples * sizes_.in * sizeof(float),
                                     binding.inputs[1] + rows * sizes_.in * sizeof(float)};
      if (binding.inputs.size() > 2) inputs.push_back(binding.inputs[2] + rows * sizeof(float));
      std::byte* const y = in_place_
                               ? binding.outputs[0] + (samples * sizes_.out + rows) * sizeof(float)
                               : binding.scratch + each.result;
      bind_product(each, inputs, {y}, binding.scratch);
    }
  }
  void run() override {
    run_all([this](const Product& product) {
      if (in_place_) return;
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
  bool by_samples_, in_place_;
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
        add(product_of({range.size(), out, out}, {out, in, in}, in), range);
      } else {
        add(product_of({batch, range.size(), out}, {range.size(), in, in}, in), range,
            products_.empty() ? 0 : batch * in * sizeof(float));
      }
    }
  }
  void bind(const Binding& binding) override {
    dx_ = binding.output(0);
    scratch_ = binding.scratch;
    for (const Product& each : products_) {
      const std::int64_t begin = each.range.begin * sizeof(float);
      std::byte* result = binding.outputs[0];
      if (by_samples_) {
        result += begin * sizes_.in;
      } else if (&each != &products_.front()) {
        result = binding.scratch + each.result;
      }
      const std::vector<std::byte*> inputs{
          binding.inputs[0] + begin * (by_samples_ ? sizes_.out : 1),
          binding.inputs[1] + (by_samples_ ? 0 : begin * sizes_.in)};
      bind_product(each, inputs, {result}, binding.scratch);
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
      add(product_of({range.size(), batch, 1, out}, {batch, in, in}, in), range);
    }
  }
  void bind(const Binding& binding) override {
    // A packed product reads dy element by element anyway.
    const bool sums_too = bias_ && uses_packed_product(products_.front().range.size());
    dy_ = binding.input(1);
    db_ = bias_ && !sums_too ? binding.output(1) : nullptr;
    for (const Product& each : products_) {
      const std::int64_t begin = each.range.begin * sizeof(float);
      std::vector<std::byte*> outputs{binding.outputs[0] + begin * sizes_.in};
      if (sums_too) outputs.push_back(binding.outputs[1] + begin);
      bind_product(each, {binding.inputs[1] + begin, binding.inputs[0]}, outputs, binding.scratch);
    }
  }
  void run() override {
    const auto accumulate = vector_kernels().accumulate;
    run_all([&](const Product& product) {
      if (!db_) return;
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
  return (threads > 1 || packed_product_serves()) && out / threads >= kLeastRows &&
         in >= kLeastColumns;
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
