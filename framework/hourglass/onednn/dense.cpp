#include <hourglass/onednn/bridge.hpp>
#include <hourglass/onednn/dense.hpp>

namespace hourglass::onednn {

namespace {

using dnnl::inner_product_backward_data;
using dnnl::inner_product_backward_weights;
using dnnl::inner_product_forward;
using dnnl::memory;

inner_product_forward::primitive_desc forward_descriptor(const memory::desc& source,
                                                         const memory::desc& weights, bool bias,
                                                         OptionalPostOp activation) {
  const auto source_dims = bridge::dims(source);
  const memory::dim out = bridge::dims(weights)[0];
  const memory::desc destination({source_dims[0], out}, memory::data_type::f32,
                                 memory::format_tag::ab);
  const memory::desc bias_desc =
      bias ? memory::desc({out}, memory::data_type::f32, memory::format_tag::a) : memory::desc();
  const auto attributes = bridge::attributes(activation);
  constexpr auto kKind = dnnl::prop_kind::forward_training;
#if DNNL_VERSION_MAJOR >= 3
  return {bridge::engine(), kKind, source, weights, bias_desc, destination, attributes};
#else
  return {bias ? inner_product_forward::desc(kKind, source, weights, bias_desc, destination)
               : inner_product_forward::desc(kKind, source, weights, destination),
          attributes, bridge::engine()};
#endif
}

memory::desc any_like(const memory::desc& desc) {
  return {bridge::dims(desc), memory::data_type::f32, memory::format_tag::any};
}

/// The weight as the product of the backward pass can take it. Where oneDNN 2's blocked code splits
/// the sum over many outputs among threads, and there is no more than a block of inputs, it reads
/// through a null pointer (2.6.3: from 272 outputs on, by the width of the blocks); on plain
/// memory another implementation runs.
Layout safe_backward_weights(const Layout& weights) {
#if DNNL_VERSION_MAJOR < 3
  constexpr std::int64_t kBlock = 16, kSplit = 256;
  if (weights.shape()[1] <= kBlock && weights.shape()[0] > kSplit) {
    return Layout::plain(weights.shape());
  }
#endif
  return weights;
}

}  // namespace

Primitive dense_forward(const Layout& source, const Layout& weights, bool bias,
                        OptionalPostOp activation) {
  return bridge::guarded("dense", {source, weights}, [&] {
    const auto descriptor =
        forward_descriptor(bridge::desc(source), bridge::desc(weights), bias, activation);
    if (!bias) {
      return bridge::finish<inner_product_forward>(
          descriptor, {{Argument::Source, descriptor.src_desc()},
                       {Argument::Weights, descriptor.weights_desc()},
                       {Argument::Destination, descriptor.dst_desc()}});
    }
    return bridge::finish<inner_product_forward>(descriptor,
                                                 {{Argument::Source, descriptor.src_desc()},
                                                  {Argument::Weights, descriptor.weights_desc()},
                                                  {Argument::Bias, descriptor.bias_desc()},
                                                  {Argument::Destination, descriptor.dst_desc()}});
  });
}

Primitive dense_backward_data(const Layout& destination_gradient, const Layout& asked) {
  const Layout weights = safe_backward_weights(asked);
  return bridge::guarded("dense backward data", {destination_gradient, weights}, [&] {
    const memory::dim batch = destination_gradient.shape()[0];
    const memory::dim in = weights.shape()[1];
    const memory::desc source({batch, in}, memory::data_type::f32, memory::format_tag::ab);
    const auto& weights_desc = bridge::desc(weights);
    const auto& gradient = bridge::desc(destination_gradient);
    const auto hint = forward_descriptor(source, weights_desc, false, std::nullopt);
    const auto attributes = bridge::attributes();
#if DNNL_VERSION_MAJOR >= 3
    const inner_product_backward_data::primitive_desc descriptor(
        bridge::engine(), source, weights_desc, gradient, hint, attributes);
#else
    const inner_product_backward_data::primitive_desc descriptor(
        inner_product_backward_data::desc(source, weights_desc, gradient), attributes,
        bridge::engine(), hint);
#endif
    return bridge::finish<inner_product_backward_data>(
        descriptor, {{Argument::DestinationGradient, descriptor.diff_dst_desc()},
                     {Argument::Weights, descriptor.weights_desc()},
                     {Argument::SourceGradient, descriptor.diff_src_desc()}});
  });
}

Primitive dense_backward_weights(const Layout& source, const Layout& weights_gradient, bool bias,
                                 const Layout& destination_gradient) {
  return bridge::guarded(
      "dense backward weights", {source, weights_gradient, destination_gradient}, [&] {
        const auto& source_desc = bridge::desc(source);
        const auto& weights_desc = bridge::desc(weights_gradient);
        const auto& gradient = bridge::desc(destination_gradient);
        const memory::dim out = weights_gradient.shape()[0];
        const memory::desc bias_desc =
            bias ? memory::desc({out}, memory::data_type::f32, memory::format_tag::a)
                 : memory::desc();
        const auto hint = forward_descriptor(source_desc, any_like(weights_desc), bias, {});
        const auto attributes = bridge::attributes();
#if DNNL_VERSION_MAJOR >= 3
        const inner_product_backward_weights::primitive_desc descriptor(
            bridge::engine(), source_desc, weights_desc, bias_desc, gradient, hint, attributes);
#else
        const inner_product_backward_weights::primitive_desc descriptor(
            bias ? inner_product_backward_weights::desc(source_desc, weights_desc, bias_desc,
                                                        gradient)
                 : inner_product_backward_weights::desc(source_desc, weights_desc, gradient),
            attributes, bridge::engine(), hint);
#endif
        if (!bias) {
          return bridge::finish<inner_product_backward_weights>(
              descriptor, {{Argument::Source, descriptor.src_desc()},
                           {Argument::DestinationGradient, descriptor.diff_dst_desc()},
                           {Argument::WeightsGradient, descriptor.diff_weights_desc()}});
        }
        return bridge::finish<inner_product_backward_weights>(
            descriptor, {{Argument::Source, descriptor.src_desc()},
                         {Argument::DestinationGradient, descriptor.diff_dst_desc()},
                         {Argument::WeightsGradient, descriptor.diff_weights_desc()},
                         {Argument::BiasGradient, descriptor.diff_bias_desc()}});
      });
}

}  // namespace hourglass::onednn
