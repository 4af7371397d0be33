#include <hourglass/onednn/bridge.hpp>
#include <hourglass/onednn/convolution.hpp>

#include <algorithm>
#include <string_view>

namespace hourglass::onednn {

namespace {

using dnnl::convolution_backward_data;
using dnnl::convolution_backward_weights;
using dnnl::convolution_forward;
using dnnl::memory;

constexpr auto kAlgorithm = dnnl::algorithm::convolution_direct;

bool is_above_one(std::int64_t stride) { return stride > 1; }

/// Whether an implementation is written for kernels of one element.
bool is_of_one_element(std::string_view implementation) {
  return implementation.find("1x1") != implementation.npos;
}

/// oneDNN counts what is left out between neighbours.
memory::dims gaps(const Walk& walk) {
  memory::dims result;
  for (const std::int64_t each : walk.dilation) result.push_back(each - 1);
  return result;
}

memory::desc bias_desc(const memory::desc& destination) {
  return {{bridge::dims(destination)[1]}, memory::data_type::f32, memory::format_tag::a};
}

convolution_forward::primitive_desc forward_descriptor(const memory::desc& source,
                                                       const memory::desc& weights,
                                                       const memory::desc& destination,
                                                       const Walk& walk, bool bias,
                                                       OptionalPostOp activation) {
  const auto attributes = bridge::attributes(activation);
  const memory::desc bias_of = bias ? bias_desc(destination) : memory::desc();
  constexpr auto kKind = dnnl::prop_kind::forward_training;
#if DNNL_VERSION_MAJOR >= 3
  return {bridge::engine(), kKind,       kAlgorithm, source,      weights,    bias_of,
          destination,      walk.stride, gaps(walk), walk.before, walk.after, attributes};
#else
  return {bias ? convolution_forward::desc(kKind, kAlgorithm, source, weights, bias_of, destination,
                                           walk.stride, gaps(walk), walk.before, walk.after)
               : convolution_forward::desc(kKind, kAlgorithm, source, weights, destination,
                                           walk.stride, gaps(walk), walk.before, walk.after),
          attributes, bridge::engine()};
#endif
}

memory::desc any_like(const Layout& layout) { return bridge::desc(Layout::any(layout.shape())); }

/// What the backward primitives ask for: a forward of the same sizes.
convolution_forward::primitive_desc hint(const Layout& source, const Layout& weights,
                                         const Layout& destination, const Walk& walk) {
  return forward_descriptor(any_like(source), any_like(weights), any_like(destination), walk, false,
                            {});
}

}  // namespace

Primitive convolution_forward(const Layout& source, const Layout& weights,
                              const Layout& destination, const Walk& walk, bool bias,
                              OptionalPostOp activation) {
  return bridge::guarded("convolution", {source, weights, destination}, [&] {
    const auto descriptor = forward_descriptor(bridge::desc(source), bridge::desc(weights),
                                               bridge::desc(destination), walk, bias, activation);
    std::vector<std::pair<Argument, memory::desc>> arguments{
        {Argument::Source, descriptor.src_desc()},
        {Argument::Weights, descriptor.weights_desc()},
        {Argument::Destination, descriptor.dst_desc()}};
    if (bias) arguments.emplace_back(Argument::Bias, descriptor.bias_desc());
    return bridge::finish<dnnl::convolution_forward>(descriptor, arguments);
  });
}

Primitive convolution_backward_data(const Layout& source_gradient, const Layout& weights,
                                    const Layout& destination_gradient, const Walk& walk) {
  return bridge::guarded(
      "convolution backward data", {source_gradient, weights, destination_gradient}, [&] {
        const auto forward = hint(source_gradient, weights, destination_gradient, walk);
        const auto attributes = bridge::attributes();
#if DNNL_VERSION_MAJOR >= 3
        const convolution_backward_data::primitive_desc descriptor(
            bridge::engine(), kAlgorithm, bridge::desc(source_gradient), bridge::desc(weights),
            bridge::desc(destination_gradient), walk.stride, gaps(walk), walk.before, walk.after,
            forward, attributes);
#else
        const convolution_backward_data::primitive_desc descriptor(
            convolution_backward_data::desc(kAlgorithm, bridge::desc(source_gradient),
                                            bridge::desc(weights),
                                            bridge::desc(destination_gradient), walk.stride,
                                            gaps(walk), walk.before, walk.after),
            attributes, bridge::engine(), forward);
#endif
        return bridge::finish<dnnl::convolution_backward_data>(
            descriptor, {{Argument::DestinationGradient, descriptor.diff_dst_desc()},
                         {Argument::Weights, descriptor.weights_desc()},
                         {Argument::SourceGradient, descriptor.diff_src_desc()}});
      });
}

Primitive convolution_backward_weights(const Layout& source, const Layout& weights_gradient,
                                       const Layout& destination_gradient, const Walk& walk,
                                       bool bias) {
  return bridge::guarded(
      "convolution backward weights", {source, weights_gradient, destination_gradient}, [&] {
        const auto forward = hint(source, weights_gradient, destination_gradient, walk);
        const auto attributes = bridge::attributes();
        const auto& gradient = bridge::desc(destination_gradient);
        const memory::desc bias_of = bias ? bias_desc(gradient) : memory::desc();
#if DNNL_VERSION_MAJOR >= 3
        convolution_backward_weights::primitive_desc descriptor(
            bridge::engine(), kAlgorithm, bridge::desc(source), bridge::desc(weights_gradient),
            bias_of, gradient, walk.stride, gaps(walk), walk.before, walk.after, forward,
            attributes);
#else
        const auto description =
            bias ? convolution_backward_weights::desc(
                       kAlgorithm, bridge::desc(source), bridge::desc(weights_gradient), bias_of,
                       gradient, walk.stride, gaps(walk), walk.before, walk.after)
                 : convolution_backward_weights::desc(
                       kAlgorithm, bridge::desc(source), bridge::desc(weights_gradient), gradient,
                       walk.stride, gaps(walk), walk.before, walk.after);
        convolution_backward_weights::primitive_desc descriptor(description, attributes,
                                                                bridge::engine(), forward);
#endif
        if (source.is_plain() && std::ranges::any_of(walk.stride, is_above_one)) {
          // Code that oneDNN 3 prefers here puts images with channels last, for its kernels of one
          // element that write behind their memory (uxlfoundation/oneDNN#6035).
          while (is_of_one_element(descriptor.impl_info_str()) && descriptor.next_impl()) continue;
        }
        std::vector<std::pair<Argument, memory::desc>> arguments{
            {Argument::Source, descriptor.src_desc()},
            {Argument::DestinationGradient, descriptor.diff_dst_desc()},
            {Argument::WeightsGradient, descriptor.diff_weights_desc()}};
        if (bias) arguments.emplace_back(Argument::BiasGradient, descriptor.diff_bias_desc());
        return bridge::finish<dnnl::convolution_backward_weights>(descriptor, arguments);
      });
}

}  // namespace hourglass::onednn
