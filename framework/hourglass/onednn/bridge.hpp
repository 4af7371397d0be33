#pragma once

// The one place that knows how oneDNN 2.x and 3.x differ. Internal to this room: the only header
// that includes dnnl.hpp.

#include <hourglass/core/error.hpp>
#include <hourglass/onednn/primitive.hpp>

#include <oneapi/dnnl/dnnl.hpp>

#include <functional>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace hourglass::onednn {

struct LayoutDescriptor {
  dnnl::memory::desc value;
};

/// Runs in a primitive's stead, on its first argument and its second, where oneDNN's code is wrong.
using Substitute = std::function<void(const float* from, float* to)>;

struct Primitive::State {
  dnnl::primitive primitive;
  std::string implementation;
  std::size_t scratch_bytes = 0;
  std::vector<std::pair<Argument, Layout>> layouts;
  std::vector<dnnl::memory> memories;  // as `layouts`, then the scratchpad
  std::vector<dnnl_exec_arg_t> arguments;
  Substitute substitute;
};

namespace bridge {

#if DNNL_VERSION_MAJOR >= 3
inline constexpr bool kVersion3 = true;
#else
inline constexpr bool kVersion3 = false;
#endif

/// The CPU engine: it has no state that a caller could see.
const dnnl::engine& engine();
const dnnl::stream& stream();

/// Attributes of every primitive: strict f32, scratch memory planned by us.
dnnl::primitive_attr attributes(OptionalPostOp activation = std::nullopt);

inline const dnnl::memory::desc& desc(const Layout& layout) { return layout.descriptor().value; }
inline Layout layout(const dnnl::memory::desc& desc) { return Layout(LayoutDescriptor{desc}); }

std::vector<dnnl::memory::dim> dims(const dnnl::memory::desc& desc);
std::vector<dnnl::memory::dim> padded_dims(const dnnl::memory::desc& desc);
std::vector<dnnl::memory::dim> strides(const dnnl::memory::desc& desc);
/// Inner blocks as (size, axis).
std::vector<std::pair<dnnl::memory::dim, int>> inner_blocks(const dnnl::memory::desc& desc);
bool is_any(const dnnl::memory::desc& desc);

/// Channels in a block of the images that oneDNN's code for this instruction set is written for.
std::int64_t channel_block();

int argument_index(Argument argument);
/// A memory object whose address comes later.
inline dnnl::memory unbound(const dnnl::memory::desc& desc) {
  return dnnl::memory(desc, engine(), nullptr);
}

/// Builds the primitive of a descriptor with the layouts of the arguments that it has.
template <class Kind, class PrimitiveDesc>
Primitive finish(const PrimitiveDesc& descriptor,
                 std::span<const std::pair<Argument, dnnl::memory::desc>> arguments,
                 Substitute substitute = {}) {
  auto state = std::make_unique<Primitive::State>();
  state->primitive = Kind(descriptor);
  state->implementation = substitute ? "own" : descriptor.impl_info_str();
  state->substitute = std::move(substitute);
  state->scratch_bytes = descriptor.scratchpad_desc().get_size();
  for (const auto& [argument, memory] : arguments) {
    state->layouts.emplace_back(argument, layout(memory));
    state->memories.push_back(unbound(memory));
    state->arguments.push_back({argument_index(argument), state->memories.back().get()});
  }
  state->memories.push_back(unbound(descriptor.scratchpad_desc()));
  state->arguments.push_back({DNNL_ARG_SCRATCHPAD, state->memories.back().get()});
  return Primitive(std::move(state));
}

template <class Kind, class PrimitiveDesc>
Primitive finish(const PrimitiveDesc& descriptor,
                 std::initializer_list<std::pair<Argument, dnnl::memory::desc>> arguments,
                 Substitute substitute = {}) {
  return finish<Kind>(descriptor, std::span(arguments.begin(), arguments.size()),
                      std::move(substitute));
}

/// While it lives, primitives are made for a single thread: oneDNN divides work at creation.
class OneThread {
 public:
  OneThread();
  ~OneThread();
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

/// Runs `create`, turning dnnl::error into Error with `what` and the layouts that were asked for.
template <class Create>
Primitive guarded(const char* what, std::initializer_list<Layout> layouts, Create&& create) {
  try {
    return create();
  } catch (const dnnl::error& error) {
    std::string shapes;
    for (const Layout& each : layouts) {
      shapes += text(shapes.empty() ? "" : ", ", each.shape().to_text(), " ", each.to_text());
    }
    throw Error(text("[", what, "] oneDNN ", version(), " has no primitive for ", shapes, ": ",
                     error.what()));
  }
}

}  // namespace bridge
}  // namespace hourglass::onednn
