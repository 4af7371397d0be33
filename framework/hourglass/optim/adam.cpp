#include <hourglass/ops/adam.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/optim/rule.hpp>

#include <cmath>

namespace hourglass {

namespace {

/// What Adam and AdamW share: the step from `start`, which is the old value, decayed or not.
template <class Options>
void write_adam(UpdateWriter& writer, const Options& options, Variable& parameter, Value start,
                Value gradient) {
  const double beta1 = options.beta1, beta2 = options.beta2;
  const Value rate = writer.rate("rate / (1 - beta1^t)", [beta1](std::int64_t step) {
    return 1 / (1 - std::pow(beta1, static_cast<double>(step) + 1));
  });
  const Value correction = writer.slot("1 / sqrt(1 - beta2^t)", [beta2](std::int64_t step) {
    return 1 / std::sqrt(1 - std::pow(beta2, static_cast<double>(step) + 1));
  });
  Graph& graph = writer.graph();
  Variable& m = writer.moment(parameter, "m");
  Variable& v = writer.moment(parameter, "v");
  const auto next = adam_step(
      start, gradient, graph.variable(m), graph.variable(v), rate, correction,
      {static_cast<float>(beta1), static_cast<float>(beta2), static_cast<float>(options.epsilon)});
  writer.assign(parameter, next[0]);
  writer.assign(m, next[1]);
  writer.assign(v, next[2]);
}

}  // namespace

void write_rule(UpdateWriter& writer, const AdamOptions& options, Variable& parameter,
                Value gradient) {
  write_adam(writer, options, parameter, writer.graph().variable(parameter), gradient);
}

void write_rule(UpdateWriter& writer, const AdamWOptions& options, Variable& parameter,
                Value gradient) {
  const Value old = writer.graph().variable(parameter);
  const float decay = static_cast<float>(options.weight_decay);
  const Value shrink = affine(writer.rate("rate"), -decay, 1.0f);
  write_adam(writer, options, parameter, old * shrink, gradient);
}

}  // namespace hourglass
