#include <hourglass/onednn/bridge.hpp>
#include <hourglass/onednn/matmul.hpp>

namespace hourglass::onednn {

namespace {

/// oneDNN makes the code of its matrix products when the first of them runs. That belongs to making
/// a program, whose memory is counted, and not to its first step.
void make_product_code() {
  static const bool made = [] {
    constexpr int kSize = 64;  // smaller ones may take another way
    const std::vector<float> one(kSize * kSize);
    std::vector<float> result(kSize * kSize);
    return dnnl_sgemm('N', 'N', kSize, kSize, kSize, 1.0f, one.data(), kSize, one.data(), kSize,
                      0.0f, result.data(), kSize) == dnnl_success;
  }();
  static_cast<void>(made);
}

}  // namespace

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

Primitive matmul_alone(const Layout& a, const Layout& b, const Layout& c, bool bias,
                       OptionalPostOp activation) {
  return bridge::guarded("matmul", {a, b}, [&] {
    make_product_code();
    const bridge::OneThread alone;
    const dnnl::memory::desc bias_desc = bridge::desc(Layout::plain({1, b.shape()[1]}));
    const auto attributes = bridge::attributes(activation);
    const auto finish = [](const dnnl::matmul::primitive_desc& descriptor, bool biased) {
      std::vector<std::pair<Argument, dnnl::memory::desc>> arguments{
          {Argument::Source, descriptor.src_desc()},
          {Argument::Weights, descriptor.weights_desc()},
          {Argument::Destination, descriptor.dst_desc()}};
      if (biased) arguments.emplace_back(Argument::Bias, descriptor.bias_desc());
      return bridge::finish<dnnl::matmul>(descriptor, arguments);
    };
#if DNNL_VERSION_MAJOR >= 3
    return finish(
        bias ? dnnl::matmul::primitive_desc(bridge::engine(), bridge::desc(a), bridge::desc(b),
                                            bias_desc, bridge::desc(c), attributes)
             : dnnl::matmul::primitive_desc(bridge::engine(), bridge::desc(a), bridge::desc(b),
                                            bridge::desc(c), attributes),
        bias);
#else
    return finish({bias ? dnnl::matmul::desc(bridge::desc(a), bridge::desc(b), bias_desc,
                                             bridge::desc(c))
                        : dnnl::matmul::desc(bridge::desc(a), bridge::desc(b), bridge::desc(c)),
                   attributes, bridge::engine()},
                  bias);
#endif
  });
}

}  // namespace hourglass::onednn
