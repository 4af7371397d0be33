#include <hourglass/onednn/bridge.hpp>
#include <hourglass/onednn/pooling.hpp>

namespace hourglass::onednn {

namespace {

using dnnl::memory;

dnnl::algorithm algorithm_of(Pool pool) {
  return pool == Pool::Maximum ? dnnl::algorithm::pooling_max
                               : dnnl::algorithm::pooling_avg_include_padding;
}

dnnl::pooling_forward::primitive_desc forward_descriptor(Pool pool, const Layout& source,
                                                         const Layout& destination,
                                                         const Window& window, bool workspace) {
  const auto kind =
      workspace ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
  const auto attributes = bridge::attributes();
#if DNNL_VERSION_MAJOR >= 3
  const memory::dims gaps(window.kernel.size(), 0);
  return {bridge::engine(),
          kind,
          algorithm_of(pool),
          bridge::desc(source),
          bridge::desc(destination),
          window.stride,
          window.kernel,
          gaps,
          window.before,
          window.after,
          attributes};
#else
  return {dnnl::pooling_forward::desc(kind, algorithm_of(pool), bridge::desc(source),
                                      bridge::desc(destination), window.stride, window.kernel,
                                      window.before, window.after),
          attributes, bridge::engine()};
#endif
}

}  // namespace

Primitive pooling_forward(Pool pool, const Layout& source, const Shape& destination,
                          const Window& window, bool workspace) {
  const Layout result = source.like(destination);
  return bridge::guarded("pooling", {source, result}, [&] {
    const auto descriptor = forward_descriptor(pool, source, result, window, workspace);
    std::vector<std::pair<Argument, memory::desc>> arguments{
        {Argument::Source, descriptor.src_desc()}, {Argument::Destination, descriptor.dst_desc()}};
    if (workspace) arguments.emplace_back(Argument::Workspace, descriptor.workspace_desc());
    return bridge::finish<dnnl::pooling_forward>(descriptor, arguments);
  });
}

Primitive pooling_backward(Pool pool, const Layout& source, const Shape& destination,
                           const Window& window) {
  const Layout result = source.like(destination);
  return bridge::guarded("pooling backward", {source, result}, [&] {
    const bool workspace = pool == Pool::Maximum;
    // Where there is no workspace, oneDNN asks for the hint of a training all the same.
    const auto forward = forward_descriptor(pool, source, result, window, true);
    const auto attributes = bridge::attributes();
#if DNNL_VERSION_MAJOR >= 3
    const memory::dims gaps(window.kernel.size(), 0);
    const dnnl::pooling_backward::primitive_desc descriptor(
        bridge::engine(), algorithm_of(pool), bridge::desc(source), bridge::desc(result),
        window.stride, window.kernel, gaps, window.before, window.after, forward, attributes);
#else
    const dnnl::pooling_backward::primitive_desc descriptor(
        dnnl::pooling_backward::desc(algorithm_of(pool), bridge::desc(source),
                                     bridge::desc(result), window.stride, window.kernel,
                                     window.before, window.after),
        attributes, bridge::engine(), forward);
#endif
    std::vector<std::pair<Argument, memory::desc>> arguments{
        {Argument::DestinationGradient, descriptor.diff_dst_desc()},
        {Argument::SourceGradient, descriptor.diff_src_desc()}};
    if (workspace) arguments.emplace_back(Argument::Workspace, descriptor.workspace_desc());
    return bridge::finish<dnnl::pooling_backward>(descriptor, arguments);
  });
}

}  // namespace hourglass::onednn
