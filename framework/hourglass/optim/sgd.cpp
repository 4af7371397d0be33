#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/optim/rule.hpp>

namespace hourglass {

void write_rule(UpdateWriter& writer, const SgdOptions& options, Variable& parameter,
                Value gradient) {
  const Value old = writer.graph().variable(parameter);
  const Value rate = writer.rate("rate");
  if (options.momentum == 0) {
    writer.assign(parameter, old - gradient * rate);
    return;
  }
  const auto momentum = static_cast<float>(options.momentum);
  Variable& moment = writer.moment(parameter, "momentum");
  const Value velocity = momentum * writer.graph().variable(moment) + gradient;
  const Value direction = options.nesterov ? gradient + momentum * velocity : velocity;
  writer.assign(moment, velocity);
  writer.assign(parameter, old - direction * rate);
}

}  // namespace hourglass
