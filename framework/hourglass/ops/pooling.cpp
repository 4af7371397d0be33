#include <hourglass/core/error.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/graph/primitive_kernel.hpp>
#include <hourglass/onednn/pooling.hpp>
#include <hourglass/ops/pooling.hpp>
#include <hourglass/ops/reshape.hpp>
#include <hourglass/ops/spatial.hpp>

#include <utility>

namespace hourglass {

namespace {

using onednn::Argument;
using onednn::Layout;
using onednn::Pool;
using onednn::Window;

class Pooled : public Operation {
 public:
  Pooled(Pool pool, Window window) : pool_(pool), window_(std::move(window)) {}
  std::string attributes() const override {
    return text("kernel ", spread_text(window_.kernel), ", stride ", spread_text(window_.stride),
                ", padding ", spread_text(window_.before));
  }

 protected:
  const char* name_of_pool() const { return pool_ == Pool::Maximum ? "max_pool" : "average_pool"; }

  Pool pool_;
  Window window_;
};

/// y (its shape is the first output's) and dy -> dx. The maximum also takes the forward's
/// workspace.
class PoolBackward final : public Pooled {
 public:
  PoolBackward(Pool pool, Window window, const Shape& shape)
      : Pooled(pool, std::move(window)), shape_(shape) {}
  std::string name() const override { return text(name_of_pool(), "_backward"); }
  std::vector<Value> backward(const Backward& node) const override;
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    // The forward's output lies as its input: so does what is given here.
    const Layout source = image_layout(lowering, 0).like(shape_);
    onednn::Primitive primitive =
        onednn::pooling_backward(pool_, source, lowering.input_shape(0), window_);
    const int gradient = pool_ == Pool::Maximum ? 2 : 0;
    if (pool_ == Pool::Maximum) {
      lowering.want(0, image_layout(lowering, 0));
      lowering.want(1, primitive.layout(Argument::Workspace));
    }
    lowering.want(gradient, primitive.layout(Argument::DestinationGradient));
    lowering.give(0, primitive.layout(Argument::SourceGradient));
    std::vector<Argument> inputs{Argument::DestinationGradient};
    if (pool_ == Pool::Maximum) {
      inputs = {Argument::Destination, Argument::Workspace, Argument::DestinationGradient};
    }
    return std::make_unique<PrimitiveKernel>(std::move(primitive), std::move(inputs),
                                             std::vector{Argument::SourceGradient});
  }

 private:
  Shape shape_;
};

/// x -> y, and for the maximum where each was found, in a form of oneDNN's own.
class PoolForward final : public Pooled {
 public:
  using Pooled::Pooled;
  std::string name() const override { return name_of_pool(); }
  std::vector<Value> backward(const Backward& node) const override {
    const Value x = node.inputs[0], y = node.outputs[0], dy = node.gradients[0];
    const auto operation = std::make_shared<PoolBackward>(pool_, window_, x.shape());
    if (pool_ == Pool::Average) return {x.graph().add(operation, {dy}, x.shape())};
    return {x.graph().add(operation, {y, node.outputs[1], dy}, x.shape())};
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    const bool workspace = lowering.outputs() == 2 && lowering.is_read(1);
    onednn::Primitive primitive = onednn::pooling_forward(
        pool_, image_layout(lowering, 0), lowering.output_shape(0), window_, workspace);
    lowering.want(0, primitive.layout(Argument::Source));
    lowering.give(0, primitive.layout(Argument::Destination));
    std::vector<Argument> outputs{Argument::Destination};
    if (workspace) {
      lowering.give(1, primitive.layout(Argument::Workspace));
      outputs.push_back(Argument::Workspace);
    }
    return std::make_unique<PrimitiveKernel>(std::move(primitive), std::vector{Argument::Source},
                                             std::move(outputs));
  }
};

std::vector<Value> PoolBackward::backward(const Backward& node) const {
  if (pool_ == Pool::Maximum) return Operation::backward(node);
  const Value d = node.gradients[0];
  return {
      d.graph().add(std::make_shared<PoolForward>(pool_, window_), {d}, node.inputs[0].shape())};
}

/// The window that options mean, and the shape of what it gives.
std::pair<Window, Shape> checked(const char* name, Value x, const PoolOptions& options) {
  const SpatialChecker check(name, x.shape());
  Window window;
  window.kernel = check.spread(options.kernel, "kernel", 1);
  window.stride =
      options.stride.empty() ? window.kernel : check.spread(options.stride, "stride", 1);
  window.before = window.after = check.spread(options.padding, "padding", 0);
  Shape shape{x.shape()[0], x.shape()[1]};
  for (int axis = 0; axis < check.axes(); ++axis) {
    if (2 * window.before[axis] > window.kernel[axis]) {
      check.fail(text("padding must be at most half of the kernel: got padding ",
                      spread_text(window.before), ", kernel ", spread_text(window.kernel)));
    }
    const std::int64_t room = x.shape()[axis + 2] + 2 * window.before[axis] - window.kernel[axis];
    if (room < 0) {
      check.fail(
          text("the kernel ", spread_text(window.kernel), " reaches beyond the padded input"));
    }
    shape = shape.appended(room / window.stride[axis] + 1);
    // What the last place does not reach is not padded.
    window.after[axis] = (shape[axis + 2] - 1) * window.stride[axis] + window.kernel[axis] -
                         x.shape()[axis + 2] - window.before[axis];
  }
  return {window, shape};
}

}  // namespace

Value max_pool(Value x, const PoolOptions& options) {
  auto [window, shape] = checked("max_pool", x, options);
  const Shape shapes[] = {shape, shape};
  return x.graph().add(std::make_shared<PoolForward>(Pool::Maximum, std::move(window)),
                       std::span(&x, 1), shapes)[0];
}

Value average_pool(Value x, const PoolOptions& options) {
  auto [window, shape] = checked("average_pool", x, options);
  return x.graph().add(std::make_shared<PoolForward>(Pool::Average, std::move(window)), {x}, shape);
}

Value global_average_pool(Value x) {
  SpatialChecker("global_average_pool", x.shape());
  // One window over everything, so that images are read in whatever layout they have.
  const std::vector<std::int64_t> sizes(x.shape().begin() + 2, x.shape().end());
  return reshape(average_pool(x, {.kernel = sizes}), {x.shape()[0], x.shape()[1]});
}

}  // namespace hourglass
