#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/sqrt.hpp>
#include <hourglass/ops/square.hpp>
#include <hourglass/optim/rule.hpp>

namespace hourglass {

void write_rule(UpdateWriter& writer, const RmsPropOptions& options, Variable& parameter,
                Value gradient) {
  Graph& graph = writer.graph();
  const auto decay = static_cast<float>(options.decay);
  Variable& moment = writer.moment(parameter, "square");
  const Value mean_square = decay * graph.variable(moment) + (1 - decay) * square(gradient);
  writer.assign(moment, mean_square);
  Value direction = gradient / (sqrt(mean_square) + static_cast<float>(options.epsilon));
  if (options.momentum > 0) {
    Variable& momentum = writer.moment(parameter, "momentum");
    direction = static_cast<float>(options.momentum) * graph.variable(momentum) + direction;
    writer.assign(momentum, direction);
  }
  writer.assign(parameter, graph.variable(parameter) - direction * writer.rate("rate"));
}

}  // namespace hourglass
