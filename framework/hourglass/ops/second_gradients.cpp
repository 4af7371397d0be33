#include <hourglass/graph/autodiff.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/second_gradients.hpp>
#include <hourglass/ops/stop_gradient.hpp>
#include <hourglass/ops/sum.hpp>

namespace hourglass {

std::vector<Value> second_gradients(const std::function<Value(std::span<const Value>)>& function,
                                    std::span<const Value> inputs, Value dy,
                                    std::span<const Value> gradients) {
  // Cut off from the graph, so that dy is no function of the inputs here.
  std::vector<Value> targets;
  for (const Value& each : inputs) targets.push_back(stop_gradient(each));
  const Value direction = stop_gradient(dy);
  const std::vector<Value> first =
      hourglass::gradients(sum(function(targets) * direction), targets);
  Value total;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (!gradients[i]) continue;
    const Value term = sum(first[i] * gradients[i]);
    total = total ? total + term : term;
  }
  targets.push_back(direction);
  return hourglass::gradients(total, targets);
}

}  // namespace hourglass
