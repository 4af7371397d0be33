#include <hourglass/core/tensor.hpp>
#include <hourglass/onednn/bridge.hpp>
#include <hourglass/onednn/reorder.hpp>

#include <algorithm>

namespace hourglass::onednn {

Primitive reorder(const Layout& from, const Layout& to) {
  return bridge::guarded("reorder", {from, to}, [&] {
    const dnnl::reorder::primitive_desc descriptor(bridge::engine(), bridge::desc(from),
                                                   bridge::engine(), bridge::desc(to),
                                                   bridge::attributes());
    return bridge::finish<dnnl::reorder>(descriptor, {{Argument::Source, bridge::desc(from)},
                                                      {Argument::Destination, bridge::desc(to)}});
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
