#include <hourglass/onednn/bridge.hpp>

#include <omp.h>

namespace hourglass::onednn::bridge {

const dnnl::engine& engine() {
  static const dnnl::engine cpu(dnnl::engine::kind::cpu, 0);
  return cpu;
}

const dnnl::stream& stream() {
  static const dnnl::stream in_order(engine());
  return in_order;
}

OneThread::OneThread() : before_(omp_get_max_threads()) { omp_set_num_threads(1); }
OneThread::~OneThread() { omp_set_num_threads(before_); }

dnnl::primitive_attr attributes(OptionalPostOp activation) {
  // A fresh object each time: copies share one handle, so post-ops would leak into the backward.
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attributes.set_fpmath_mode(dnnl::fpmath_mode::strict);
#if DNNL_VERSION_MAJOR > 3 || (DNNL_VERSION_MAJOR == 3 && DNNL_VERSION_MINOR >= 4)
  attributes.set_deterministic(true);
#endif
  if (activation) {
    using dnnl::algorithm;
    algorithm kind = algorithm::eltwise_relu;
    if (activation->kind == PostOp::Kind::Elu) kind = algorithm::eltwise_elu;
    if (activation->kind == PostOp::Kind::Sigmoid) kind = algorithm::eltwise_logistic;
    if (activation->kind == PostOp::Kind::Tanh) kind = algorithm::eltwise_tanh;
    dnnl::post_ops operations;
#if DNNL_VERSION_MAJOR >= 3
    operations.append_eltwise(kind, activation->alpha, 0.0f);
#else
    operations.append_eltwise(1.0f, kind, activation->alpha, 0.0f);
#endif
    attributes.set_post_ops(operations);
  }
  return attributes;
}

std::vector<dnnl::memory::dim> dims(const dnnl::memory::desc& desc) {
#if DNNL_VERSION_MAJOR >= 3
  return desc.get_dims();
#else
  return desc.dims();
#endif
}

std::vector<dnnl::memory::dim> padded_dims(const dnnl::memory::desc& desc) {
#if DNNL_VERSION_MAJOR >= 3
  return desc.get_padded_dims();
#else
  return {desc.data.padded_dims, desc.data.padded_dims + desc.data.ndims};
#endif
}

std::vector<dnnl::memory::dim> strides(const dnnl::memory::desc& desc) {
#if DNNL_VERSION_MAJOR >= 3
  return desc.get_strides();
#else
  const auto& blocking = desc.data.format_desc.blocking;
  return {blocking.strides, blocking.strides + desc.data.ndims};
#endif
}

std::vector<std::pair<dnnl::memory::dim, int>> inner_blocks(const dnnl::memory::desc& desc) {
  std::vector<std::pair<dnnl::memory::dim, int>> blocks;
#if DNNL_VERSION_MAJOR >= 3
  const auto sizes = desc.get_inner_blks();
  const auto axes = desc.get_inner_idxs();
  for (int i = 0; i < desc.get_inner_nblks(); ++i) blocks.emplace_back(sizes[i], axes[i]);
#else
  const auto& blocking = desc.data.format_desc.blocking;
  for (int i = 0; i < blocking.inner_nblks; ++i) {
    blocks.emplace_back(blocking.inner_blks[i], blocking.inner_idxs[i]);
  }
#endif
  return blocks;
}

bool is_any(const dnnl::memory::desc& desc) {
#if DNNL_VERSION_MAJOR >= 3
  return desc.get_format_kind() == dnnl::memory::format_kind::any;
#else
  return desc.data.format_kind == dnnl_format_kind_any;
#endif
}

std::int64_t channel_block() { return instruction_set().starts_with("avx512") ? 16 : 8; }

int argument_index(Argument argument) {
  switch (argument) {
    case Argument::Source: return DNNL_ARG_SRC;
    case Argument::SecondSource: return DNNL_ARG_SRC_1;
    case Argument::Weights: return DNNL_ARG_WEIGHTS;
    case Argument::Bias: return DNNL_ARG_BIAS;
    case Argument::Mean: return DNNL_ARG_MEAN;
    case Argument::Variance: return DNNL_ARG_VARIANCE;
    case Argument::Scale: return DNNL_ARG_SCALE;
    case Argument::Shift: return DNNL_ARG_SHIFT;
    case Argument::Destination: return DNNL_ARG_DST;
    case Argument::Workspace: return DNNL_ARG_WORKSPACE;
    case Argument::SourceGradient: return DNNL_ARG_DIFF_SRC;
    case Argument::WeightsGradient: return DNNL_ARG_DIFF_WEIGHTS;
    case Argument::BiasGradient: return DNNL_ARG_DIFF_BIAS;
    case Argument::ScaleGradient: return DNNL_ARG_DIFF_SCALE;
    case Argument::ShiftGradient: return DNNL_ARG_DIFF_SHIFT;
    case Argument::DestinationGradient: return DNNL_ARG_DIFF_DST;
  }
  return 0;
}

}  // namespace hourglass::onednn::bridge
