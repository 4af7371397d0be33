#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/sparse.hpp>

#include <algorithm>

namespace hourglass {

namespace {

/// [batch, n] with the values at their places: y[i, indices[e]] = values[e].
class ScatterKernel final : public Kernel {
 public:
  ScatterKernel(std::int64_t batch, std::int64_t columns) : batch_(batch), columns_(columns) {}
  std::string implementation() const override { return "scatter"; }
  void bind(const Binding& binding) override {
    values_ = binding.input(0);
    indices_ = binding.input(1);
    offsets_ = binding.input(2);
    y_ = binding.output(0);
  }
  void run() override {
    const std::int64_t grain = std::max<std::int64_t>(16384 / columns_, 1);
    parallel_for(batch_, grain, [&](std::int64_t begin, std::int64_t end) {
      std::fill_n(y_ + begin * columns_, (end - begin) * columns_, 0.0f);
      for (std::int64_t row = begin; row < end; ++row) {
        const auto last = static_cast<std::int64_t>(offsets_[row + 1]);
        for (auto pair = static_cast<std::int64_t>(offsets_[row]); pair < last; ++pair) {
          y_[row * columns_ + static_cast<std::int64_t>(indices_[pair])] = values_[pair];
        }
      }
    });
  }

 private:
  std::int64_t batch_, columns_;
  const float *values_ = nullptr, *indices_ = nullptr, *offsets_ = nullptr;
  float* y_ = nullptr;
};

/// values[e] = x[i, indices[e]], and zero for pairs that are not used.
class GatherKernel final : public Kernel {
 public:
  GatherKernel(std::int64_t batch, std::int64_t columns, std::int64_t capacity)
      : batch_(batch), columns_(columns), capacity_(capacity) {}
  std::string implementation() const override { return "gather"; }
  void bind(const Binding& binding) override {
    x_ = binding.input(0);
    indices_ = binding.input(1);
    offsets_ = binding.input(2);
    values_ = binding.output(0);
  }
  void run() override {
    std::int64_t pair = 0;
    for (std::int64_t row = 0; row < batch_; ++row) {
      for (const auto last = static_cast<std::int64_t>(offsets_[row + 1]); pair < last; ++pair) {
        values_[pair] = x_[row * columns_ + static_cast<std::int64_t>(indices_[pair])];
      }
    }
    std::fill(values_ + pair, values_ + capacity_, 0.0f);
  }

 private:
  std::int64_t batch_, columns_, capacity_;
  const float *x_ = nullptr, *indices_ = nullptr, *offsets_ = nullptr;
  float* values_ = nullptr;
};

/// values, indices, offsets -> [batch, n].
class Scatter final : public Operation {
 public:
  std::string name() const override { return "to_dense"; }
  std::vector<Value> backward(const Backward& node) const override {
    const SparseValue pattern{{}, node.inputs[1], node.inputs[2], node.outputs[0].shape()[1]};
    return {gather(node.gradients[0], pattern), {}, {}};
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    const Shape& shape = lowering.output_shape(0);
    return std::make_unique<ScatterKernel>(shape[0], shape[1]);
  }
};

/// x, indices, offsets -> values.
class Gather final : public Operation {
 public:
  std::string name() const override { return "gather"; }
  std::vector<Value> backward(const Backward& node) const override {
    return {
        to_dense({node.gradients[0], node.inputs[1], node.inputs[2], node.inputs[0].shape()[1]}),
        {},
        {}};
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    const Shape& shape = lowering.input_shape(0);
    return std::make_unique<GatherKernel>(shape[0], shape[1], lowering.output_shape(0).size());
  }
};

}  // namespace

std::int64_t SparseValue::batch() const { return offsets.shape()[0] - 1; }
std::int64_t SparseValue::capacity() const { return indices.shape().size(); }

Value to_dense(const SparseValue& sparse) {
  if (sparse.values.shape() != sparse.indices.shape()) {
    throw ShapeError(text("[to_dense] values and indices must have one shape: got values ",
                          sparse.values.shape().to_text(), " and indices ",
                          sparse.indices.shape().to_text()));
  }
  return sparse.values.graph().add(std::make_shared<Scatter>(),
                                   {sparse.values, sparse.indices, sparse.offsets},
                                   {sparse.batch(), sparse.columns});
}

std::optional<SparseValue> sparse_form(Value dense) {
  const GraphNode& node = dense.graph().node_of(dense.id());
  if (dynamic_cast<const Scatter*>(node.operation.get()) == nullptr) return std::nullopt;
  Graph& graph = dense.graph();
  return SparseValue{graph.value(node.inputs[0]), graph.value(node.inputs[1]),
                     graph.value(node.inputs[2]), dense.shape()[1]};
}

Value gather(Value x, const SparseValue& pattern) {
  const Shape expected{pattern.batch(), pattern.columns};
  if (x.shape() != expected) {
    throw ShapeError(text("[gather] the pattern is of a matrix ", expected.to_text(), ", x is ",
                          x.shape().to_text()));
  }
  return x.graph().add(std::make_shared<Gather>(), {x, pattern.indices, pattern.offsets},
                       pattern.indices.shape());
}

}  // namespace hourglass
