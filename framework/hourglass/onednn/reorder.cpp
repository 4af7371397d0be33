#include <hourglass/core/parallel.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/onednn/bridge.hpp>
#include <hourglass/onednn/reorder.hpp>

#include <algorithm>

namespace hourglass::onednn {

namespace {

/// oneDNN 3.7.2 writes the zeros that fill up a block one after another, where they should stand
/// apart, and so over elements (`jit:uni`, for any instruction set, in most layouts of several
/// blocks or of larger ones than 16). Which of them are right is not relied upon; images in blocks
/// of 16 or fewer channels are, and 2.6 is right in all.
bool is_overwritten(const Layout& to) {
  if (!bridge::kVersion3 || !to.is_padded()) return false;
  const auto blocks = bridge::inner_blocks(bridge::desc(to));
  return blocks.size() > 1 || blocks.front().first > 16;
}

/// Takes every element to its place by itself.
class ElementwiseCopy {
 public:
  ElementwiseCopy(const Layout& from, const Layout& to) : size_(to.bytes() / sizeof(float)) {
    for (int axis = 0; axis < to.shape().rank(); ++axis) {
      axes_.push_back({places(from, axis), places(to, axis)});
    }
    // Innermost the axis along which memory is written in order.
    std::ranges::stable_partition(
        axes_, [](const Axis& axis) { return axis.to.size() < 2 || axis.to[1] - axis.to[0] != 1; });
  }

  void operator()(const float* from, float* to) const {
    std::fill_n(to, size_, 0.0f);
    const Axis& inner = axes_.back();
    std::int64_t rows = 1;
    for (std::size_t i = 0; i + 1 < axes_.size(); ++i) rows *= std::ssize(axes_[i].to);
    const std::int64_t grain = 1 + 4096 / std::ssize(inner.to);
    parallel_for(rows, grain, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        const auto [source, destination] = place_of(row);
        for (std::size_t i = 0; i < inner.to.size(); ++i) {
          to[destination + inner.to[i]] = from[source + inner.from[i]];
        }
      }
    });
  }

 private:
  struct Axis {
    std::vector<std::int64_t> from, to;
  };

  /// What each index of an axis adds to an element's place in memory.
  static std::vector<std::int64_t> places(const Layout& layout, int axis) {
    std::vector<std::int64_t> places(static_cast<std::size_t>(layout.shape()[axis]));
    for (const MemoryAxis& loop : layout.memory_axes()) {
      if (loop.axis != axis) continue;
      for (std::int64_t i = 0; i < std::ssize(places); ++i) {
        places[static_cast<std::size_t>(i)] += i / loop.step % loop.extent * loop.stride;
      }
    }
    return places;
  }

  std::pair<std::int64_t, std::int64_t> place_of(std::int64_t row) const {
    std::int64_t from = 0, to = 0;
    for (std::size_t i = axes_.size() - 1; i-- > 0;) {
      const std::int64_t extent = std::ssize(axes_[i].to);
      const auto at = static_cast<std::size_t>(row % extent);
      row /= extent;
      from += axes_[i].from[at];
      to += axes_[i].to[at];
    }
    return {from, to};
  }

  std::size_t size_;
  std::vector<Axis> axes_;
};

}  // namespace

Primitive reorder(const Layout& from, const Layout& to) {
  return bridge::guarded("reorder", {from, to}, [&] {
    const dnnl::reorder::primitive_desc descriptor(bridge::engine(), bridge::desc(from),
                                                   bridge::engine(), bridge::desc(to),
                                                   bridge::attributes());
    return bridge::finish<dnnl::reorder>(
        descriptor,
        {{Argument::Source, bridge::desc(from)}, {Argument::Destination, bridge::desc(to)}},
        is_overwritten(to) ? Substitute(ElementwiseCopy(from, to)) : Substitute());
  });
}

void reorder_now(const Layout& from, const std::byte* source, const Layout& to,
                 std::byte* destination) {
  if (from == to) {
    std::copy_n(source, from.bytes(), destination);
    return;
  }
  Primitive primitive = reorder(from, to);
  const auto scratch = allocate_aligned(primitive.scratch_bytes());
  primitive.bind(Argument::Source, const_cast<std::byte*>(source));
  primitive.bind(Argument::Destination, destination);
  primitive.bind_scratch(scratch.get());
  primitive.execute();
}

}  // namespace hourglass::onednn
