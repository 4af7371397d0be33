#include <hourglass/onednn/batch_normalization.hpp>
#include <hourglass/onednn/bridge.hpp>

namespace hourglass::onednn {

namespace {

using dnnl::batch_normalization_backward;
using dnnl::batch_normalization_forward;
using dnnl::memory;
using Arguments = std::vector<std::pair<Argument, memory::desc>>;

/// The same memory as images [batch, channels, height, width]: oneDNN 2.6 has fast code for these
/// alone. A matrix is images of one place with the channels last.
memory::desc images(const Layout& layout) {
  const Shape& shape = layout.shape();
  if (shape.rank() == 2) {
    return {{shape[0], shape[1], 1, 1}, memory::data_type::f32, memory::format_tag::nhwc};
  }
  return shape.rank() == 3 ? bridge::desc(layout).reshape({shape[0], shape[1], shape[2], 1})
                           : bridge::desc(layout);
}

dnnl::normalization_flags flags_of(const BatchNormalization& options, bool given) {
  using Flags = dnnl::normalization_flags;
  Flags flags = given ? Flags::use_global_stats : Flags::none;
  if (options.affine) flags = flags | Flags::use_scale | Flags::use_shift;
  if (options.relu) flags = flags | Flags::fuse_norm_relu;
  return flags;
}

batch_normalization_forward::primitive_desc forward_descriptor(const memory::desc& source,
                                                               const BatchNormalization& options,
                                                               bool given) {
  const auto kind = given ? dnnl::prop_kind::forward_inference : dnnl::prop_kind::forward_training;
  const auto attributes = bridge::attributes();
#if DNNL_VERSION_MAJOR >= 3
  return {bridge::engine(),         kind,      source, source, options.epsilon,
          flags_of(options, given), attributes};
#else
  return {
      batch_normalization_forward::desc(kind, source, options.epsilon, flags_of(options, given)),
      attributes, bridge::engine()};
#endif
}

/// A number for each channel.
memory::desc of_channels(const Layout& source) {
  return {{source.shape()[1]}, memory::data_type::f32, memory::format_tag::a};
}

Primitive forward(const Layout& source, const BatchNormalization& options, bool given) {
  return bridge::guarded("batch normalisation", {source}, [&] {
    const auto descriptor = forward_descriptor(images(source), options, given);
    const memory::desc channels = of_channels(source);
    Arguments arguments{{Argument::Source, descriptor.src_desc()},
                        {Argument::Destination, descriptor.dst_desc()},
                        {Argument::Mean, channels},
                        {Argument::Variance, channels}};
    if (options.affine) {
      arguments.emplace_back(Argument::Scale, channels);
      arguments.emplace_back(Argument::Shift, channels);
    }
    if (options.relu && !given) {
      arguments.emplace_back(Argument::Workspace, descriptor.workspace_desc());
    }
    return bridge::finish<batch_normalization_forward>(descriptor, arguments);
  });
}

bool has_fast_code(const Layout& layout, const BatchNormalization& options) {
  return !is_reference(forward_descriptor(images(layout), options, false).impl_info_str());
}

}  // namespace

Layout batch_normalization_layout(const Layout& layout, const BatchNormalization& options) {
  const Shape& shape = layout.shape();
  const Layout plain = Layout::plain(shape);
  if (shape.rank() == 2) return plain;
  const std::int64_t block = bridge::channel_block(), channels = shape[1];
  Layout chosen = channels < block ? plain : Layout::blocked(shape);
  if (!layout.is_any() && !layout.is_plain()) {
    const memory::desc& desc = bridge::desc(layout);
    const auto blocks = bridge::inner_blocks(desc);
    const bool in_blocks = blocks.size() == 1 && blocks[0].second == 1 &&
                           (blocks[0].first == block || blocks[0].first == 8);
    const bool channels_last = blocks.empty() && bridge::strides(desc)[1] == 1;
    if (in_blocks || (channels_last && channels % block == 0)) chosen = layout;
  }
  // Without AVX2, oneDNN has fast code for some sizes in blocks alone.
  return chosen.is_plain() || has_fast_code(chosen, options) ? chosen : plain;
}

Primitive batch_normalization_training(const Layout& source, const BatchNormalization& options) {
  return forward(source, options, false);
}

Primitive batch_normalization_inference(const Layout& source, const BatchNormalization& options) {
  return forward(source, options, true);
}

Primitive batch_normalization_backward(const Layout& source, const BatchNormalization& options) {
  return bridge::guarded("batch normalisation backward", {source}, [&] {
    const memory::desc data = images(source);
    const auto forward = forward_descriptor(data, options, false);
    const auto kind = options.affine ? dnnl::prop_kind::backward : dnnl::prop_kind::backward_data;
    const auto flags = flags_of(options, false);
    const auto attributes = bridge::attributes();
#if DNNL_VERSION_MAJOR >= 3
    const dnnl::batch_normalization_backward::primitive_desc descriptor(
        bridge::engine(), kind, data, data, data, options.epsilon, flags, forward, attributes);
#else
    const dnnl::batch_normalization_backward::primitive_desc descriptor(
        dnnl::batch_normalization_backward::desc(kind, data, data, options.epsilon, flags),
        attributes, bridge::engine(), forward);
#endif
    const memory::desc channels = of_channels(source);
    Arguments arguments{{Argument::Source, data},
                        {Argument::Mean, channels},
                        {Argument::Variance, channels},
                        {Argument::DestinationGradient, descriptor.diff_dst_desc()},
                        {Argument::SourceGradient, descriptor.diff_src_desc()}};
    if (options.affine) {
      arguments.emplace_back(Argument::Scale, channels);
      // No gradient depends on the shift, but 2.6 does not run without it.
      if (!bridge::kVersion3) arguments.emplace_back(Argument::Shift, channels);
      arguments.emplace_back(Argument::ScaleGradient, channels);
      arguments.emplace_back(Argument::ShiftGradient, channels);
    }
    if (options.relu) arguments.emplace_back(Argument::Workspace, descriptor.workspace_desc());
    return bridge::finish<dnnl::batch_normalization_backward>(descriptor, arguments);
  });
}

}  // namespace hourglass::onednn
