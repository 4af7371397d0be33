#include <hourglass/onednn/bridge.hpp>

#include <algorithm>
#include <functional>
#include <numeric>

namespace hourglass::onednn {

namespace {

using dnnl::memory;

/// oneDNN has no tensors without axes: a scalar is a vector of one element there.
memory::dims dims_of(const Shape& shape) {
  if (shape.rank() == 0) return {1};
  return {shape.begin(), shape.end()};
}

memory::dims row_major_strides(const memory::dims& dims) {
  memory::dims strides(dims.size(), 1);
  for (std::size_t i = dims.size() - 1; i-- > 0;) {
    strides[i] = strides[i + 1] * std::max<memory::dim>(dims[i + 1], 1);
  }
  return strides;
}

Shape shape_of(const memory::desc& desc) {
  const auto dims = bridge::dims(desc);
  return Shape(std::span<const std::int64_t>(dims.data(), dims.size()));
}

}  // namespace

Layout::Layout(const LayoutDescriptor& descriptor)
    : shape_(shape_of(descriptor.value)),
      descriptor_(std::make_shared<const LayoutDescriptor>(descriptor)) {}

Layout Layout::plain(const Shape& shape) {
  const auto dims = dims_of(shape);
  Layout layout(
      LayoutDescriptor{memory::desc(dims, memory::data_type::f32, row_major_strides(dims))});
  layout.shape_ = shape;
  return layout;
}

Layout Layout::transposed(const Shape& shape) {
  auto dims = dims_of(shape);
  const std::size_t last = dims.size() - 1;
  std::swap(dims[last], dims[last - 1]);
  auto strides = row_major_strides(dims);
  std::swap(dims[last], dims[last - 1]);
  std::swap(strides[last], strides[last - 1]);
  return Layout(LayoutDescriptor{memory::desc(dims, memory::data_type::f32, strides)});
}

Layout Layout::strided(const Shape& shape, std::span<const std::int64_t> strides) {
  return Layout(LayoutDescriptor{memory::desc(dims_of(shape), memory::data_type::f32,
                                              memory::dims(strides.begin(), strides.end()))});
}

Layout Layout::image(const Shape& shape) {
  const std::int64_t channels = shape[1];
  if (channels <= 3) return plain(shape);
  return channels % bridge::channel_block() == 0 ? blocked(shape) : any(shape);
}

Layout Layout::blocked(const Shape& shape) {
  using Tag = memory::format_tag;
  const bool wide = bridge::channel_block() == 16, flat = shape.rank() == 3;
  const Tag tag = flat ? (wide ? Tag::nCw16c : Tag::nCw8c) : (wide ? Tag::nChw16c : Tag::nChw8c);
  return Layout(LayoutDescriptor{memory::desc(dims_of(shape), memory::data_type::f32, tag)});
}

Layout Layout::any(const Shape& shape) {
  Layout layout(LayoutDescriptor{
      memory::desc(dims_of(shape), memory::data_type::f32, memory::format_tag::any)});
  layout.shape_ = shape;
  return layout;
}

bool Layout::is_any() const { return bridge::is_any(descriptor_->value); }

bool Layout::is_plain() const {
  const auto& desc = descriptor_->value;
  if (is_any() || !bridge::inner_blocks(desc).empty()) return false;
  const auto dims = bridge::dims(desc);
  const auto strides = bridge::strides(desc);
  const auto expected = row_major_strides(dims);
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] != 1 && strides[i] != expected[i]) return false;
  }
  return bridge::padded_dims(desc) == dims;
}

bool Layout::is_padded() const {
  return bridge::padded_dims(descriptor_->value) != bridge::dims(descriptor_->value);
}

std::size_t Layout::bytes() const { return descriptor_->value.get_size(); }

std::vector<MemoryAxis> Layout::memory_axes() const {
  const auto& desc = descriptor_->value;
  const auto blocks = bridge::inner_blocks(desc);
  const auto padded = bridge::padded_dims(desc);
  const auto strides = bridge::strides(desc);
  std::vector<MemoryAxis> axes;
  std::vector<std::int64_t> block(padded.size(), 1);  // by logical axis: elements in all its blocks
  std::int64_t stride = 1;
  for (auto each = blocks.rbegin(); each != blocks.rend(); ++each) {
    const auto& [extent, axis] = *each;
    axes.push_back({axis, extent, block[axis], stride});
    block[axis] *= extent;
    stride *= extent;
  }
  std::ranges::reverse(axes);
  std::vector<MemoryAxis> outer;
  for (int axis = 0; axis < static_cast<int>(padded.size()); ++axis) {
    outer.push_back({axis, padded[axis] / block[axis], block[axis], strides[axis]});
  }
  std::ranges::stable_sort(outer, std::greater(), &MemoryAxis::stride);
  outer.insert(outer.end(), axes.begin(), axes.end());
  return outer;
}

Layout Layout::like(const Shape& shape) const {
  if (is_any() || is_plain()) return plain(shape);
  if (shape == shape_) return *this;
  const auto& desc = descriptor_->value;
  using Tag = memory::format_tag;
  for (const Tag tag : {Tag::nCw16c, Tag::nCw8c, Tag::nChw16c, Tag::nChw8c}) {
    if (shape_.rank() != (tag == Tag::nCw16c || tag == Tag::nCw8c ? 3 : 4)) continue;
    if (memory::desc(dims_of(shape_), memory::data_type::f32, tag) != desc) continue;
    return Layout(LayoutDescriptor{memory::desc(dims_of(shape), memory::data_type::f32, tag)});
  }
  if (!bridge::inner_blocks(desc).empty()) return plain(shape);
  std::vector<std::int64_t> strides(shape.rank());
  std::int64_t stride = 1;
  const auto axes = memory_axes();
  for (auto each = axes.rbegin(); each != axes.rend(); ++each) {
    strides[each->axis] = stride;
    stride *= std::max<std::int64_t>(shape[each->axis], 1);
  }
  return strided(shape, strides);
}

std::string Layout::to_text() const {
  if (is_any()) return "any";
  if (is_plain()) return "plain";
  const auto blocks = bridge::inner_blocks(descriptor_->value);
  const auto strides = bridge::strides(descriptor_->value);
  std::vector<int> order(strides.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, [&](int a, int b) { return strides[a] > strides[b]; });
  std::string out = blocks.empty() ? "permuted " : "blocked ";
  for (int axis : order) out += static_cast<char>('a' + axis);
  for (const auto& [size, axis] : blocks) out += text(size, static_cast<char>('a' + axis));
  return out;
}

bool operator==(const Layout& a, const Layout& b) {
  if (!a || !b) return !a && !b;
  return a.descriptor_->value == b.descriptor_->value ||
         (a.shape_ == b.shape_ && a.is_plain() && b.is_plain());
}

}  // namespace hourglass::onednn
