#include <hourglass/onednn/bridge.hpp>
#include <hourglass/onednn/softmax.hpp>

namespace hourglass::onednn {

Primitive softmax(const Layout& source, int axis, bool logarithm) {
  return bridge::guarded("softmax", {source}, [&] {
    const auto algorithm =
        logarithm ? dnnl::algorithm::softmax_log : dnnl::algorithm::softmax_accurate;
    const auto& desc = bridge::desc(source);
    constexpr auto kKind = dnnl::prop_kind::forward_inference;
#if DNNL_VERSION_MAJOR >= 3
    const dnnl::softmax_forward::primitive_desc descriptor(bridge::engine(), kKind, algorithm, desc,
                                                           desc, axis, bridge::attributes());
    using Kind = dnnl::softmax_forward;
#else
    const dnnl::softmax_v2_forward::primitive_desc descriptor(
        dnnl::softmax_v2_forward::desc(kKind, algorithm, desc, desc, axis), bridge::attributes(),
        bridge::engine());
    using Kind = dnnl::softmax_v2_forward;
#endif
    return bridge::finish<Kind>(descriptor, {{Argument::Source, descriptor.src_desc()},
                                             {Argument::Destination, descriptor.dst_desc()}});
  });
}

}  // namespace hourglass::onednn
