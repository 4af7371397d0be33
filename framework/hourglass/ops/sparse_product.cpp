#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/graph/streamed.hpp>
#include <hourglass/ops/reshape.hpp>
#include <hourglass/ops/sparse_kernels.hpp>
#include <hourglass/ops/sparse_product.hpp>

#include <algorithm>
#include <array>

namespace hourglass {

namespace {

// The three products of a sparse matrix. Each one's gradients are the other two.
Value products_at(Value a, Value b, const SparseValue& pattern);

std::int64_t whole(float number) { return static_cast<std::int64_t>(number); }

/// Rows of a matrix with a weight each, collected for the vector code a few at a time.
template <class Flush>
class RowList {
 public:
  explicit RowList(Flush flush) : flush_(std::move(flush)) {}
  void add(const float* row, float weight) {
    rows_[count_] = row;
    weights_[count_] = weight;
    if (++count_ == kMost) finish();
  }
  void finish() {
    if (count_ > 0) flush_(rows_.data(), weights_.data(), count_);
    count_ = 0;
  }

 private:
  static constexpr std::int64_t kMost = 64;
  Flush flush_;
  std::int64_t count_ = 0;
  std::array<const float*, kMost> rows_;
  std::array<float, kMost> weights_;
};

/// Rows of a batch with enough work in them to be worth a thread.
std::int64_t grain_of(std::int64_t batch, std::int64_t capacity, std::int64_t width) {
  return std::max<std::int64_t>(16384 * batch / std::max<std::int64_t>(capacity * width, 1), 1);
}

/// y[i] = the sum of values[e] w[indices[e]] over the pairs of row i.
class ProductKernel final : public Kernel {
 public:
  ProductKernel(std::int64_t batch, std::int64_t capacity, std::int64_t width)
      : batch_(batch), width_(width), grain_(grain_of(batch, capacity, width)) {}
  std::string implementation() const override { return "sparse:rows"; }
  void bind(const Binding& binding) override {
    values_ = binding.input(0);
    indices_ = binding.input(1);
    offsets_ = binding.input(2);
    w_ = binding.input(3);
    y_ = binding.output(0);
  }
  void run() override {
    const SparseKernels& vector = sparse_kernels();
    parallel_for(batch_, grain_, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        float* y = y_ + row * width_;
        std::fill_n(y, width_, 0.0f);
        RowList list([&](const float* const* rows, const float* weights, std::int64_t count) {
          vector.add_rows(y, width_, rows, weights, count);
        });
        const std::int64_t last = whole(offsets_[row + 1]);
        for (std::int64_t pair = whole(offsets_[row]); pair < last; ++pair) {
          list.add(w_ + whole(indices_[pair]) * width_, values_[pair]);
        }
        list.finish();
      }
    });
  }

 private:
  std::int64_t batch_, width_, grain_;
  const float *values_ = nullptr, *indices_ = nullptr, *offsets_ = nullptr, *w_ = nullptr;
  float* y_ = nullptr;
};

/// values[e] = a[i] . b[indices[e]], and zero for pairs that are not used.
class ProductsAtKernel final : public Kernel {
 public:
  ProductsAtKernel(std::int64_t batch, std::int64_t capacity, std::int64_t width)
      : batch_(batch),
        capacity_(capacity),
        width_(width),
        grain_(grain_of(batch, capacity, width)) {}
  std::string implementation() const override { return "sparse:products"; }
  void bind(const Binding& binding) override {
    a_ = binding.input(0);
    b_ = binding.input(1);
    indices_ = binding.input(2);
    offsets_ = binding.input(3);
    values_ = binding.output(0);
  }
  void run() override {
    const SparseKernels& vector = sparse_kernels();
    parallel_for(batch_, grain_, [&](std::int64_t begin, std::int64_t end) {
      float* result = values_ + whole(offsets_[begin]);
      for (std::int64_t row = begin; row < end; ++row) {
        RowList list([&](const float* const* rows, const float*, std::int64_t count) {
          vector.dot_rows(a_ + row * width_, width_, rows, result, count);
          result += count;
        });
        const std::int64_t last = whole(offsets_[row + 1]);
        for (std::int64_t pair = whole(offsets_[row]); pair < last; ++pair) {
          list.add(b_ + whole(indices_[pair]) * width_, 0);
        }
        list.finish();
      }
    });
    std::fill(values_ + whole(offsets_[batch_]), values_ + capacity_, 0.0f);
  }

 private:
  std::int64_t batch_, capacity_, width_, grain_;
  const float *a_ = nullptr, *b_ = nullptr, *indices_ = nullptr, *offsets_ = nullptr;
  float* values_ = nullptr;
};

/// The pairs by column, in the order of rows: a counting sort. Column j has the pairs
/// pairs[starts[j]] .. pairs[starts[j + 1] - 1], which stand in the rows rows[...].
class ColumnListsKernel final : public Kernel {
 public:
  ColumnListsKernel(std::int64_t batch, std::int64_t capacity, std::int64_t columns)
      : batch_(batch), capacity_(capacity), columns_(columns) {}
  std::string implementation() const override { return "counting sort"; }
  std::size_t scratch_bytes() const override { return (columns_ + 1) * sizeof(std::int32_t); }
  void bind(const Binding& binding) override {
    indices_ = binding.input(0);
    offsets_ = binding.input(1);
    starts_ = binding.output(0);
    pairs_ = binding.output(1);
    rows_ = binding.output(2);
    next_ = reinterpret_cast<std::int32_t*>(binding.scratch);
  }
  void run() override {
    const std::int64_t used = whole(offsets_[batch_]);
    std::fill_n(next_, columns_ + 1, 0);
    for (std::int64_t pair = 0; pair < used; ++pair) ++next_[whole(indices_[pair]) + 1];
    for (std::int64_t column = 0; column < columns_; ++column) next_[column + 1] += next_[column];
    std::copy_n(next_, columns_ + 1, starts_);
    std::int64_t pair = 0;
    for (std::int64_t row = 0; row < batch_; ++row) {
      for (const std::int64_t last = whole(offsets_[row + 1]); pair < last; ++pair) {
        const std::int32_t place = next_[whole(indices_[pair])]++;
        pairs_[place] = static_cast<float>(pair);
        rows_[place] = static_cast<float>(row);
      }
    }
    std::fill(pairs_ + used, pairs_ + capacity_, 0.0f);
    std::fill(rows_ + used, rows_ + capacity_, 0.0f);
  }

 private:
  std::int64_t batch_, capacity_, columns_;
  const float *indices_ = nullptr, *offsets_ = nullptr;
  float *starts_ = nullptr, *pairs_ = nullptr, *rows_ = nullptr;
  std::int32_t* next_ = nullptr;
};

/// Rows of S^T x.
class TransposedSource final : public TileSource {
 public:
  explicit TransposedSource(std::int64_t width) : width_(width) {}
  void bind(std::span<std::byte* const> inputs) override {
    const auto at = [&](int i) { return reinterpret_cast<const float*>(inputs[i]); };
    values_ = at(0);
    starts_ = at(3);
    pairs_ = at(4);
    rows_ = at(5);
    x_ = at(6);
  }
  void fill(float* tile, std::int64_t first, std::int64_t count) const override {
    const SparseKernels& vector = sparse_kernels();
    std::fill_n(tile, count, 0.0f);
    for (std::int64_t column = first / width_, from = first % width_; count > 0; ++column) {
      const std::int64_t n = std::min(width_ - from, count);
      RowList list([&](const float* const* rows, const float* weights, std::int64_t terms) {
        vector.add_rows(tile, n, rows, weights, terms);
      });
      const std::int64_t last = whole(starts_[column + 1]);
      for (std::int64_t place = whole(starts_[column]); place < last; ++place) {
        list.add(x_ + whole(rows_[place]) * width_ + from, values_[whole(pairs_[place])]);
      }
      list.finish();
      tile += n;
      count -= n;
      from = 0;
    }
  }

 private:
  std::int64_t width_;
  const float *values_ = nullptr, *starts_ = nullptr, *pairs_ = nullptr, *rows_ = nullptr,
              *x_ = nullptr;
};

/// values, indices, offsets, w -> [batch, m].
class SparseProduct final : public Operation {
 public:
  std::string name() const override { return "sparse_product"; }
  std::vector<Value> backward(const Backward& node) const override {
    const Value dy = node.gradients[0], weight = node.inputs[3];
    const SparseValue sparse{node.inputs[0], node.inputs[1], node.inputs[2], weight.shape()[0]};
    std::vector<Value> result(4);
    if (node.needed[0]) result[0] = products_at(dy, weight, sparse);
    if (node.needed[3]) result[3] = sparse_transposed_product(sparse, dy);
    return result;
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    return std::make_unique<ProductKernel>(
        lowering.output_shape(0)[0], lowering.input_shape(0).size(), lowering.output_shape(0)[1]);
  }
};

/// a, b, indices, offsets -> values.
class ProductsAt final : public Operation {
 public:
  std::string name() const override { return "products_at_pairs"; }
  std::vector<Value> backward(const Backward& node) const override {
    const Value a = node.inputs[0], b = node.inputs[1];
    const SparseValue sparse{node.gradients[0], node.inputs[2], node.inputs[3], b.shape()[0]};
    std::vector<Value> result(4);
    if (node.needed[0]) result[0] = sparse_product(sparse, b);
    if (node.needed[1]) result[1] = sparse_transposed_product(sparse, a);
    return result;
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    return std::make_unique<ProductsAtKernel>(
        lowering.input_shape(0)[0], lowering.output_shape(0).size(), lowering.input_shape(0)[1]);
  }
};

/// indices, offsets -> starts [n + 1], pairs and rows [capacity].
class ColumnLists final : public Operation {
 public:
  std::string name() const override { return "column_lists"; }
  std::vector<Value> backward(const Backward& node) const override {
    return std::vector<Value>(node.inputs.size());
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    return std::make_unique<ColumnListsKernel>(lowering.input_shape(1)[0] - 1,
                                               lowering.input_shape(0).size(),
                                               lowering.output_shape(0)[0] - 1);
  }
};

/// values, indices, offsets, starts, pairs, rows, x -> [n, m].
class SparseTransposedProduct final : public Streamed {
 public:
  explicit SparseTransposedProduct(std::int64_t width) : width_(width) {}
  std::string name() const override { return "sparse_transposed_product"; }
  std::vector<Value> backward(const Backward& node) const override {
    const Value dy = node.gradients[0], x = node.inputs[6];
    const SparseValue sparse{node.inputs[0], node.inputs[1], node.inputs[2], dy.shape()[0]};
    std::vector<Value> result(7);
    if (node.needed[0]) result[0] = products_at(x, dy, sparse);
    if (node.needed[6]) result[6] = sparse_product(sparse, dy);
    return result;
  }
  std::unique_ptr<TileSource> source() const override {
    return std::make_unique<TransposedSource>(width_);
  }

 private:
  std::int64_t width_;
};

Value products_at(Value a, Value b, const SparseValue& pattern) {
  return a.graph().add(std::make_shared<ProductsAt>(), {a, b, pattern.indices, pattern.offsets},
                       pattern.indices.shape());
}

/// The lists of a pattern, sorted once for all gradients that need them.
std::vector<Value> column_lists(const SparseValue& pattern) {
  Graph& graph = pattern.indices.graph();
  for (const GraphNode& node : graph.nodes()) {
    if (dynamic_cast<const ColumnLists*>(node.operation.get()) == nullptr ||
        node.inputs[0] != pattern.indices.id() || node.inputs[1] != pattern.offsets.id() ||
        graph.shape(node.outputs[0])[0] != pattern.columns + 1) {
      continue;
    }
    return {graph.value(node.outputs[0]), graph.value(node.outputs[1]),
            graph.value(node.outputs[2])};
  }
  const std::array inputs{pattern.indices, pattern.offsets};
  const std::array<Shape, 3> shapes{Shape{pattern.columns + 1}, Shape{pattern.capacity()},
                                    Shape{pattern.capacity()}};
  return graph.add(std::make_shared<ColumnLists>(), inputs, shapes);
}

}  // namespace

Value sparse_product(const SparseValue& sparse, Value weight) {
  if (weight.shape().rank() != 2 || weight.shape()[0] != sparse.columns) {
    throw ShapeError(text("[sparse_product] the weight must be [", sparse.columns,
                          ", m], a row for each column of the sparse value: got ",
                          weight.shape().to_text()));
  }
  return weight.graph().add(std::make_shared<SparseProduct>(),
                            {sparse.values, sparse.indices, sparse.offsets, weight},
                            {sparse.batch(), weight.shape()[1]});
}

Value sparse_transposed_product(const SparseValue& sparse, Value x) {
  if (x.shape().rank() != 2 || x.shape()[0] != sparse.batch()) {
    throw ShapeError(text("[sparse_transposed_product] x must be [", sparse.batch(),
                          ", m], a row for each row of the sparse value: got ",
                          x.shape().to_text()));
  }
  std::vector<Value> inputs{sparse.values, sparse.indices, sparse.offsets};
  for (const Value& list : column_lists(sparse)) inputs.push_back(list);
  inputs.push_back(x);
  const std::int64_t width = x.shape()[1];
  return x.graph().add(std::make_shared<SparseTransposedProduct>(width), inputs,
                       {sparse.columns, width});
}

Value sparse_column_sums(const SparseValue& sparse) {
  const Value ones = sparse.values.graph().filled({sparse.batch(), 1}, 1.0f);
  return reshape(sparse_transposed_product(sparse, ones), {sparse.columns});
}

}  // namespace hourglass
