#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/core/room.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/axis_map.hpp>
#include <hourglass/ops/resample.hpp>
#include <hourglass/ops/spatial.hpp>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

namespace hourglass {

namespace {

using onednn::Layout;
using onednn::MemoryAxis;

/// Memory of a layout in which the spatial axes stand whole and next to each other, as
/// [outer, height, width, inner]; one spatial axis is the width.
struct SpatialView {
  std::int64_t outer = 1, inner = 1;
};

std::optional<SpatialView> spatial_view(const Layout& layout) {
  const std::vector<MemoryAxis> axes = layout.memory_axes();
  const int last = layout.shape().rank() - 1;
  const auto first = std::ranges::find(axes, 2, &MemoryAxis::axis);
  SpatialView view;
  for (auto each = axes.begin(); each != first; ++each) view.outer *= each->extent;
  auto each = first;
  for (int axis = 2; axis <= last; ++axis, ++each) {
    if (each == axes.end() || each->axis != axis || each->step != 1) return std::nullopt;
  }
  for (; each != axes.end(); ++each) {
    if (each->axis >= 2) return std::nullopt;
    view.inner *= each->extent;
  }
  return view;
}

class ResampleKernel final : public Kernel {
 public:
  ResampleKernel(const SpatialView& view, AxisMap rows, AxisMap columns)
      : view_(view), rows_(std::move(rows)), columns_(std::move(columns)) {}
  std::size_t scratch_bytes() const override { return thread_count() * row_bytes(); }
  std::string implementation() const override { return "resample"; }
  void bind(const Binding& binding) override {
    x_ = binding.input(0);
    y_ = binding.output(0);
    scratch_ = binding.scratch;
  }
  void run() override {
    const auto code = resample_kernels().run;
    parallel_for(view_.outer, 1, [&](std::int64_t begin, std::int64_t end) {
      auto* row = reinterpret_cast<float*>(scratch_ + thread_index() * row_bytes());
      code({&rows_, &columns_, view_.inner}, x_, y_, row, begin, end);
    });
  }

 private:
  std::size_t row_bytes() const {
    constexpr std::size_t kLine = 64;  // no two threads write to one
    return (columns_.inputs * view_.inner * sizeof(float) + kLine - 1) / kLine * kLine;
  }

  SpatialView view_;
  AxisMap rows_, columns_;
  const float* x_ = nullptr;
  float* y_ = nullptr;
  std::byte* scratch_ = nullptr;
};

class Resample final : public Operation {
 public:
  Resample(std::string name, AxisMap rows, AxisMap columns)
      : name_(std::move(name)), rows_(std::move(rows)), columns_(std::move(columns)) {}
  std::string name() const override { return name_; }
  std::vector<Value> backward(const Backward& node) const override {
    const Value dy = node.gradients[0];
    const auto back = std::make_shared<Resample>(text(name_, "_backward"), rows_.transposed(),
                                                 columns_.transposed());
    return {dy.graph().add(back, {dy}, node.inputs[0].shape())};
  }
  std::unique_ptr<Kernel> lower(Lowering& lowering) const override {
    Layout layout = image_layout(lowering, 0);
    std::optional<SpatialView> view = spatial_view(layout);
    // Where there is no name for the layout of the result, both are plain.
    if (!view || layout.like(lowering.output_shape(0)).is_plain()) {
      layout = Layout::plain(lowering.input_shape(0));
      view = spatial_view(layout);
    }
    lowering.want(0, layout);
    lowering.give(0, layout.like(lowering.output_shape(0)));
    return std::make_unique<ResampleKernel>(*view, rows_, columns_);
  }

 private:
  std::string name_;
  AxisMap rows_, columns_;
};

/// Refuses an output that no memory holds, before maps are made for it.
void expect_room(const SpatialChecker& check, const Shape& x,
                 const std::vector<std::int64_t>& sizes) {
  constexpr std::int64_t kMostOfAxis = 1 << 29;  // maps count in 32 bits, with two terms an element
  Shape shape{x[0], x[1]};
  for (const std::int64_t each : sizes) shape = shape.appended(each);
  const std::string lack = lack_of_room(shape);
  if (!lack.empty()) check.fail(text("the output ", shape.to_text(), " ", lack));
  if (std::ranges::any_of(sizes, [](std::int64_t each) { return each > kMostOfAxis; })) {
    check.fail(text("the output ", shape.to_text(), " has an axis of more than ", kMostOfAxis));
  }
}

/// A map for each spatial axis of x.
Value resampled(const char* name, Value x, std::vector<AxisMap> maps) {
  Shape shape{x.shape()[0], x.shape()[1]};
  for (const AxisMap& each : maps) shape = shape.appended(each.outputs());
  if (maps.size() == 1) maps.insert(maps.begin(), AxisMap::identity(1));
  return x.graph().add(std::make_shared<Resample>(name, std::move(maps[0]), std::move(maps[1])),
                       {x}, shape);
}

/// x with its ends moved outwards, or inwards where the direction is -1.
Value moved_ends(const char* name, Value x, const std::vector<std::int64_t>& before,
                 const std::vector<std::int64_t>& after, int direction) {
  const SpatialChecker check(name, x.shape());
  const auto front = check.spread(before, "before", 0), behind = check.spread(after, "after", 0);
  std::vector<std::int64_t> sizes;
  for (int axis = 0; axis < check.axes(); ++axis) {
    sizes.push_back(x.shape()[axis + 2] + direction * (front[axis] + behind[axis]));
    if (sizes.back() < 1) {
      check.fail(text("nothing is left between ", spread_text(front), " before and ",
                      spread_text(behind), " behind"));
    }
  }
  expect_room(check, x.shape(), sizes);
  std::vector<AxisMap> maps;
  for (int axis = 0; axis < check.axes(); ++axis) {
    maps.push_back(AxisMap::shifted(x.shape()[axis + 2], direction * front[axis], sizes[axis]));
  }
  return resampled(name, x, std::move(maps));
}

}  // namespace

Value upsample(Value x, const std::vector<std::int64_t>& factor, Interpolation kind) {
  const SpatialChecker check("upsample", x.shape());
  std::vector<std::int64_t> sizes = check.spread(factor, "factor", 1);
  for (int axis = 0; axis < check.axes(); ++axis) {
    if (__builtin_mul_overflow(sizes[axis], x.shape()[axis + 2], &sizes[axis])) {
      check.fail(text("factor ", spread_text(factor), " makes more elements than can be counted"));
    }
  }
  expect_room(check, x.shape(), sizes);
  return resize(x, sizes, kind);
}

Value resize(Value x, const std::vector<std::int64_t>& sizes, Interpolation kind) {
  const SpatialChecker check("resize", x.shape());
  const auto outputs = check.spread(sizes, "sizes", 1);
  expect_room(check, x.shape(), outputs);
  std::vector<AxisMap> maps;
  for (int axis = 0; axis < check.axes(); ++axis) {
    const std::int64_t size = x.shape()[axis + 2];
    maps.push_back(kind == Interpolation::Nearest ? AxisMap::nearest(size, outputs[axis])
                                                  : AxisMap::bilinear(size, outputs[axis]));
  }
  return resampled("resize", x, std::move(maps));
}

Value pad(Value x, const std::vector<std::int64_t>& before,
          const std::vector<std::int64_t>& after) {
  return moved_ends("pad", x, before, after, 1);
}

Value crop(Value x, const std::vector<std::int64_t>& before,
           const std::vector<std::int64_t>& after) {
  return moved_ends("crop", x, before, after, -1);
}

}  // namespace hourglass
