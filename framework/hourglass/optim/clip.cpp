#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/clip.hpp>
#include <hourglass/ops/sqrt.hpp>
#include <hourglass/ops/square.hpp>
#include <hourglass/ops/sum.hpp>
#include <hourglass/optim/rule.hpp>

namespace hourglass {

namespace {

std::vector<Value> by_value(std::vector<Value> gradients, float limit) {
  for (Value& gradient : gradients) gradient = clip(gradient, -limit, limit);
  return gradients;
}

/// All gradients times min(1, limit / norm), with the norm of all of them together.
std::vector<Value> by_norm(std::vector<Value> gradients, float limit) {
  if (gradients.empty()) return gradients;
  Graph& graph = gradients[0].graph();
  Value total;
  for (const Value& gradient : gradients) {
    const Value part = sum(square(gradient));
    total = total ? total + part : part;
  }
  // The largest of the norm and the limit: no division by zero, and 1 where nothing is to be done.
  const Value bound = maximum(sqrt(total), graph.filled({}, limit));
  const Value factor = limit / bound;
  for (Value& gradient : gradients) gradient = gradient * factor;
  return gradients;
}

}  // namespace

std::vector<Value> clipped(std::vector<Value> gradients, const ClipOptions& clip) {
  if (const auto* norm = std::get_if<ClipByNorm>(&clip)) {
    return by_norm(std::move(gradients), static_cast<float>(norm->limit));
  }
  return by_value(std::move(gradients), static_cast<float>(std::get<ClipByValue>(clip).limit));
}

}  // namespace hourglass
