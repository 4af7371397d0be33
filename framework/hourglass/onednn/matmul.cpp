#include <hourglass/onednn/bridge.hpp>
#include <hourglass/onednn/matmul.hpp>

namespace hourglass::onednn {

Primitive matmul(const Layout& a, const Layout& b) {
  return bridge::guarded("matmul", {a, b}, [&] {
    const int rank = a.shape().rank();
    const Shape shape = a.shape().with(rank - 1, b.shape()[rank - 1]);
    const dnnl::memory::desc destination = bridge::desc(Layout::plain(shape));
    const auto attributes = bridge::attributes();
#if DNNL_VERSION_MAJOR >= 3
    const dnnl::matmul::primitive_desc descriptor(bridge::engine(), bridge::desc(a),
                                                  bridge::desc(b), destination, attributes);
#else
    const dnnl::matmul::primitive_desc descriptor(
        dnnl::matmul::desc(bridge::desc(a), bridge::desc(b), destination), attributes,
        bridge::engine());
#endif
    return bridge::finish<dnnl::matmul>(descriptor,
                                        {{Argument::Source, descriptor.src_desc()},
                                         {Argument::Weights, descriptor.weights_desc()},
                                         {Argument::Destination, descriptor.dst_desc()}});
  });
}

}  // namespace hourglass::onednn
