#include <hourglass/core/error.hpp>
#include <hourglass/graph/autodiff.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/graph/primitive_kernel.hpp>
#include <hourglass/onednn/dense.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/broadcast.hpp>
#include <hourglass/ops/dense.hpp>
#include <hourglass/ops/dense_shares.hpp>
#include <hourglass/ops/packed_product.hpp>
#include <hourglass/ops/sparse_product.hpp>

namespace hourglass {

namespace {

using onednn::Argument;
using onednn::Layout;

// The three products of a dense layer. Each one's gradients are the other two.
Value backward_data(Value gradient, Value weight);
std::vector<Value> backward_weights(Value x, Value gradient, bool bias);

/// The layout of a weight for a primitive: the one at home, or free for oneDNN to choose; tried
/// again as plain where the one at home would run reference code.
template <class Create>
onednn::Primitive with_weights(const Layout& home, Create&& create) {
  onednn::Primitive primitive = create(home);
  if (home.is_any() || !onednn::is_reference(primitive.implementation())) return primitive;
  return create(Layout::plain(home.shape()));
}

/// The sizes of a product whose weight is shared out among the threads; nothing for another one.
std::optional<DenseSizes> shared_sizes(const Shape& samples, const Shape& weight) {
  const DenseSizes sizes{.batch = samples[0], .in = weight[1], .out = weight[0]};
  if (sizes.batch == 0 || !dense_is_shared(sizes.out, sizes.in)) return std::nullopt;
  return sizes;
}

/// The same of a product that reads the weight. Sharing is for weights that training moves, which
/// are plain ever after; one that only serves is faster in oneDNN's blocks, where it has any, and
/// where there are too few samples to pack a weight for.
std::optional<DenseSizes> shared_sizes(const Lowering& lowering) {
  constexpr std::int64_t kManySamples = 32;
  const Layout weight = lowering.input_layout(1);
  const bool is_free = lowering.is_updated(1) ||
                       (packed_product_serves() && lowering.input_shape(0)[0] >= kManySamples);
  if (weight.is_any() ? !is_free : !weight.is_plain()) return std::nullopt;
  return shared_sizes(lowering.input_shape(0), lowering.input_shape(1));
}

/// What a gradient is the sum of, if it is the sum of sparse values; else nothing.
std::vector<SparseValue> sparse_terms(Value gradient) {
  std::vector<SparseValue> terms;
  for (const Value& part : accumulated(gradient)) {
    const auto sparse = sparse_form(part);
    if (!sparse) return {};
    terms.push_back(*sparse);
  }
  return terms;
}

void add_to(Value& sum, Value part) { sum = sum ? accumulate(sum, part) : part; }

class Dense final : public Operation {
 public:
  explicit Dense(onednn::OptionalPostOp activation = std::nullopt) : activation_(activation) {}
  std::string name() const override { return "dense"; }
  std::string attributes() const override {
    return activation_ ? onednn::name(activation_->kind) : "";
  }
  std::shared_ptr<const Operation> with_post_op(const onednn::PostOp& activation) const override {
    if (activation_) return nullptr;
    return std::make_shared<Dense>(activation);
  }
  std::vector<Value> backward(const Backward& node) const override {
    const Value dy = node.gradients[0];
    const bool bias = node.inputs.size() == 3;
    std::vector<Value> result(node.inputs.size());
    if (const auto terms = sparse_terms(dy); !terms.empty()) {
      for (const SparseValue& term : terms) {
        if (node.needed[0]) add_to(result[0], sparse_product(term, node.inputs[1]));
        if (node.needed[1]) add_to(result[1], sparse_transposed_product(term, node.inputs[0]));
        if (bias && node.needed[2]) add_to(result[2], sparse_column_sums(term));
      }
      return result;
    }
    if (node.needed[0]) result[0] = backward_data(dy, node.inputs[1]);
    if (node.needed[1] || (bias && node.needed[2])) {
      const auto gradients = backward_weights(node.inputs[0], dy, bias);
      for (std::size_t i = 0; i < gradients.size(); ++i) result[i + 1] = gradients[i];
    }
    return result;
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    const bool bias = lowering.inputs() == 3;
    if (const auto sizes = shared_sizes(lowering)) {
      lowering.want(1, Layout::plain(lowering.input_shape(1)));
      if (!shared_forward_by_samples(*sizes)) lowering.give_by_columns(0);
      return shared_dense_forward(*sizes, bias, activation_);
    }
    onednn::Primitive primitive = with_weights(lowering.input_layout(1), [&](const Layout& weight) {
      return onednn::dense_forward(Layout::plain(lowering.input_shape(0)), weight, bias,
                                   activation_);
    });
    lowering.want(1, primitive.layout(Argument::Weights));
    std::vector<Argument> inputs{Argument::Source, Argument::Weights};
    if (bias) inputs.push_back(Argument::Bias);
    return std::make_unique<PrimitiveKernel>(std::move(primitive), std::move(inputs),
                                             std::vector{Argument::Destination});
  }

 private:
  onednn::OptionalPostOp activation_;
};

/// gradient: [batch, out], weight: [out, in] -> [batch, in].
class DenseBackwardData final : public Operation {
 public:
  std::string name() const override { return "dense_backward_data"; }
  std::vector<Value> backward(const Backward& node) const override {
    const Value d = node.gradients[0];
    std::vector<Value> result(2);
    if (node.needed[0]) result[0] = dense(d, node.inputs[1]);
    if (node.needed[1]) result[1] = backward_weights(d, node.inputs[0], false)[0];
    return result;
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    if (const auto sizes = shared_sizes(lowering)) {
      lowering.want(1, Layout::plain(lowering.input_shape(1)));
      if (!shared_backward_data_by_samples(*sizes)) lowering.give_by_columns(0);
      return shared_dense_backward_data(*sizes);
    }
    onednn::Primitive primitive = with_weights(lowering.input_layout(1), [&](const Layout& weight) {
      return onednn::dense_backward_data(Layout::plain(lowering.input_shape(0)), weight);
    });
    lowering.want(1, primitive.layout(Argument::Weights));
    return std::make_unique<PrimitiveKernel>(
        std::move(primitive), std::vector{Argument::DestinationGradient, Argument::Weights},
        std::vector{Argument::SourceGradient});
  }
};

/// x: [batch, in], gradient: [batch, out] -> [out, in], and [out] if there is a bias.
class DenseBackwardWeights final : public Operation {
 public:
  std::string name() const override { return "dense_backward_weights"; }
  std::vector<Value> backward(const Backward& node) const override {
    const Value x = node.inputs[0], dy = node.inputs[1];
    std::vector<Value> result(2);
    if (const Value d = node.gradients[0]) {
      if (node.needed[0]) add_to(result[0], backward_data(dy, d));
      if (node.needed[1]) add_to(result[1], dense(x, d));
    }
    if (node.gradients.size() > 1 && node.gradients[1] && node.needed[1]) {
      add_to(result[1], broadcast_to(node.gradients[1], dy.shape()));
    }
    return result;
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    const bool bias = lowering.outputs() == 2;
    Layout layout = lowering.preferred_output(0);
    const auto sizes = shared_sizes(lowering.input_shape(0), lowering.output_shape(0));
    if (sizes && (!layout || layout.is_plain())) {
      return shared_dense_backward_weights(*sizes, bias);
    }
    if (!layout) layout = Layout::any(lowering.output_shape(0));
    onednn::Primitive primitive = with_weights(layout, [&](const Layout& weight) {
      return onednn::dense_backward_weights(Layout::plain(lowering.input_shape(0)), weight, bias,
                                            Layout::plain(lowering.input_shape(1)));
    });
    lowering.give(0, primitive.layout(Argument::WeightsGradient));
    std::vector<Argument> outputs{Argument::WeightsGradient};
    if (bias) outputs.push_back(Argument::BiasGradient);
    return std::make_unique<PrimitiveKernel>(
        std::move(primitive), std::vector{Argument::Source, Argument::DestinationGradient},
        std::move(outputs));
  }
};

Value backward_data(Value gradient, Value weight) {
  return gradient.graph().add(std::make_shared<DenseBackwardData>(), {gradient, weight},
                              {gradient.shape()[0], weight.shape()[1]});
}

std::vector<Value> backward_weights(Value x, Value gradient, bool bias) {
  std::vector<Shape> shapes{{gradient.shape()[1], x.shape()[1]}};
  if (bias) shapes.push_back({gradient.shape()[1]});
  const std::vector<Value> inputs{x, gradient};
  return x.graph().add(std::make_shared<DenseBackwardWeights>(), inputs, shapes);
}

}  // namespace

Value dense(Value x, Value weight, Value bias) {
  if (x.shape().rank() != 2 || weight.shape().rank() != 2 || x.shape()[1] != weight.shape()[1]) {
    throw ShapeError(text("[dense] x must be [batch, in] and weight [out, in]: got x ",
                          x.shape().to_text(), " and weight ", weight.shape().to_text()));
  }
  const std::int64_t out = weight.shape()[0];
  const Shape shape{x.shape()[0], out};
  if (!bias) return x.graph().add(std::make_shared<Dense>(), {x, weight}, shape);
  if (bias.shape() != Shape{out}) {
    throw ShapeError(text("[dense] bias must be ", Shape{out}.to_text(), " for weight ",
                          weight.shape().to_text(), ", got ", bias.shape().to_text()));
  }
  return x.graph().add(std::make_shared<Dense>(), {x, weight, bias}, shape);
}

Value dense_transposed(Value x, Value weight, Value bias) {
  if (x.shape().rank() != 2 || weight.shape().rank() != 2 || x.shape()[1] != weight.shape()[0]) {
    throw ShapeError(text("[dense_transposed] x must be [batch, out] and weight [out, in]: got x ",
                          x.shape().to_text(), " and weight ", weight.shape().to_text()));
  }
  const auto sparse = sparse_form(x);
  const Value y = sparse ? sparse_product(*sparse, weight) : backward_data(x, weight);
  if (!bias) return y;
  if (bias.shape() != Shape{weight.shape()[1]}) {
    throw ShapeError(text("[dense_transposed] bias must be ", Shape{weight.shape()[1]}.to_text(),
                          " for weight ", weight.shape().to_text(), ", got ",
                          bias.shape().to_text()));
  }
  return add(y, bias);
}

}  // namespace hourglass
