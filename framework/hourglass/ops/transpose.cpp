#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/reshape.hpp>
#include <hourglass/ops/transpose.hpp>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

namespace hourglass {

namespace {

struct Axis {
  std::int64_t extent, from, to;  // strides in x and in the result
};

/// Copies in square blocks, so that of the two sides, one of which jumps, both stay in the cache.
class TransposeKernel final : public Kernel {
 public:
  TransposeKernel(const Shape& shape, const std::vector<int>& axes) {
    std::vector<std::int64_t> strides(shape.rank(), 1);
    for (int axis = shape.rank() - 1; axis-- > 0;) {
      strides[axis] = strides[axis + 1] * shape[axis + 1];
    }
    std::int64_t to = 1;
    for (int i = shape.rank(); i-- > 0;) {
      outer_.push_back({shape[axes[i]], strides[axes[i]], to});
      to *= shape[axes[i]];
    }
    // The result's last axis, then the axis along which x stands without gaps, if it is another.
    column_ = outer_.front();
    outer_.erase(outer_.begin());
    const auto close = std::ranges::min_element(outer_, {}, &Axis::from);
    if (close != outer_.end() && close->from < column_.from) {
      row_ = *close;
      outer_.erase(close);
    }
    blocks_ = (row_.extent + kBlock - 1) / kBlock;
    for (const Axis& axis : outer_) blocks_ *= axis.extent;
  }

  std::string implementation() const override { return "transpose"; }
  void bind(const Binding& binding) override {
    x_ = binding.input(0);
    y_ = binding.output(0);
  }
  void run() override {
    const std::int64_t cost = std::max<std::int64_t>(kBlock * column_.extent, 1);
    parallel_for(blocks_, std::max<std::int64_t>(16384 / cost, 1),
                 [&](std::int64_t begin, std::int64_t end) {
                   for (std::int64_t block = begin; block < end; ++block) copy(block);
                 });
  }

 private:
  static constexpr std::int64_t kBlock = 16;

  void copy(std::int64_t block) const {
    const std::int64_t blocks = (row_.extent + kBlock - 1) / kBlock;
    const std::int64_t first = block % blocks * kBlock;
    const std::int64_t last = std::min(first + kBlock, row_.extent);
    const float* x = x_;
    float* y = y_;
    std::int64_t rest = block / blocks;
    for (const Axis& axis : outer_) {
      x += rest % axis.extent * axis.from;
      y += rest % axis.extent * axis.to;
      rest /= axis.extent;
    }
    for (std::int64_t column = 0; column < column_.extent; column += kBlock) {
      const std::int64_t end = std::min(column + kBlock, column_.extent);
      for (std::int64_t row = first; row < last; ++row) {
        const float* from = x + row * row_.from;
        float* to = y + row * row_.to;
        for (std::int64_t k = column; k < end; ++k) to[k] = from[k * column_.from];
      }
    }
  }

  std::vector<Axis> outer_;
  Axis row_{1, 0, 0};
  Axis column_{1, 0, 0};
  std::int64_t blocks_ = 0;
  const float* x_ = nullptr;
  float* y_ = nullptr;
};

class Transpose final : public Operation {
 public:
  explicit Transpose(std::vector<int> axes) : axes_(std::move(axes)) {}
  std::string name() const override { return "transpose"; }
  std::string attributes() const override {
    std::string out = "axes";
    for (int axis : axes_) out += text(" ", axis);
    return out;
  }
  std::vector<Value> backward(const Backward& node) const override {
    std::vector<int> back(axes_.size());
    for (std::size_t i = 0; i < axes_.size(); ++i) back[axes_[i]] = static_cast<int>(i);
    return {transpose(node.gradients[0], back)};
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    return std::make_unique<TransposeKernel>(lowering.input_shape(0), axes_);
  }

 private:
  std::vector<int> axes_;
};

/// Whether the axes that have more than one element stay in order.
bool keeps_order(const Shape& shape, const std::vector<int>& axes) {
  std::vector<int> long_axes;
  std::ranges::copy_if(axes, std::back_inserter(long_axes), [&](int a) { return shape[a] != 1; });
  return std::ranges::is_sorted(long_axes);
}

}  // namespace

Value transpose(Value x, std::span<const int> axes) {
  const Shape& shape = x.shape();
  const auto fail = [&] {
    std::string list;
    for (int axis : axes) list += text(list.empty() ? "" : ", ", axis);
    throw ShapeError(text("[transpose] axes must name every axis of ", shape.to_text(),
                          " once: got [", list, "]"));
  };
  if (std::ssize(axes) != shape.rank()) fail();
  std::vector<int> order;
  std::vector<std::int64_t> extents;
  for (int axis : axes) {
    if (axis < -shape.rank() || axis >= shape.rank()) fail();
    order.push_back(shape.axis(axis, "transpose"));
    if (std::ranges::count(order, order.back()) > 1) fail();
    extents.push_back(shape[order.back()]);
  }
  const Shape result{std::span<const std::int64_t>(extents)};
  if (keeps_order(shape, order)) return reshape(x, result);
  if (const auto number = x.graph().number_of(x)) return x.graph().filled(result, *number);
  return x.graph().add(std::make_shared<Transpose>(std::move(order)), {x}, result);
}

Value transpose(Value x, std::initializer_list<int> axes) {
  return transpose(x, std::span<const int>(axes.begin(), axes.size()));
}

Value swap_axes(Value x, int a, int b) {
  std::vector<int> order(x.shape().rank());
  std::iota(order.begin(), order.end(), 0);
  const int first = x.shape().axis(a, "swap_axes"), second = x.shape().axis(b, "swap_axes");
  std::swap(order[first], order[second]);
  return transpose(x, order);
}

}  // namespace hourglass
