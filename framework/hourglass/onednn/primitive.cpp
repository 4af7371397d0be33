#include <hourglass/onednn/bridge.hpp>

#include <cassert>

namespace hourglass::onednn {

const char* name(PostOp::Kind kind) {
  switch (kind) {
    case PostOp::Kind::Relu: return "relu";
    case PostOp::Kind::Elu: return "elu";
    case PostOp::Kind::Sigmoid: return "sigmoid";
    case PostOp::Kind::Tanh: return "tanh";
  }
  return "";
}

Primitive::Primitive() = default;
Primitive::Primitive(std::unique_ptr<State> state) : state_(std::move(state)) {}
Primitive::Primitive(Primitive&&) noexcept = default;
Primitive& Primitive::operator=(Primitive&&) noexcept = default;
Primitive::~Primitive() = default;

const Layout& Primitive::layout(Argument argument) const {
  for (const auto& [each, layout] : state_->layouts) {
    if (each == argument) return layout;
  }
  assert(false && "the primitive has no such argument");
  return state_->layouts.front().second;
}

const std::string& Primitive::implementation() const { return state_->implementation; }
std::size_t Primitive::scratch_bytes() const { return state_->scratch_bytes; }

void Primitive::bind(Argument argument, std::byte* memory) {
  for (std::size_t i = 0; i < state_->layouts.size(); ++i) {
    if (state_->layouts[i].first == argument) state_->memories[i].set_data_handle(memory);
  }
}

void Primitive::bind_scratch(std::byte* memory) { state_->memories.back().set_data_handle(memory); }

bool Primitive::try_execute() noexcept {
  if (state_->substitute) {
    state_->substitute(static_cast<const float*>(state_->memories[0].get_data_handle()),
                       static_cast<float*>(state_->memories[1].get_data_handle()));
    return true;
  }
  return dnnl_primitive_execute(state_->primitive.get(), bridge::stream().get(),
                                static_cast<int>(state_->arguments.size()),
                                state_->arguments.data()) == dnnl_success;
}

void Primitive::execute() {
  if (!try_execute()) throw Error(text("oneDNN failed to run ", state_->implementation));
}

bool is_reference(const std::string& implementation) {
  return implementation.find("ref") != std::string::npos;
}

std::string version() {
  const dnnl_version_t* version = dnnl_version();
  return text(version->major, ".", version->minor, ".", version->patch);
}

std::string instruction_set() {
  switch (dnnl::get_effective_cpu_isa()) {
    case dnnl::cpu_isa::sse41: return "sse41";
    case dnnl::cpu_isa::avx: return "avx";
    case dnnl::cpu_isa::avx2: return "avx2";
    case dnnl::cpu_isa::avx2_vnni: return "avx2_vnni";
    case dnnl::cpu_isa::avx512_core: return "avx512_core";
    case dnnl::cpu_isa::avx512_core_vnni: return "avx512_core_vnni";
    case dnnl::cpu_isa::avx512_core_bf16: return "avx512_core_bf16";
    case dnnl::cpu_isa::avx512_core_amx: return "avx512_core_amx";
    default: return text("isa ", static_cast<unsigned>(dnnl::get_effective_cpu_isa()));
  }
}

}  // namespace hourglass::onednn
