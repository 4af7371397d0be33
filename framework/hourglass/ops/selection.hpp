#pragma once

#include <hourglass/graph/graph.hpp>
#include <hourglass/ops/sparse.hpp>

namespace hourglass {

/// What `topk` and `batch_topk` share: x [batch, n] -> values, indices, offsets. The gradient goes
/// back to the elements that were chosen, and to no other input.
class Selection : public Operation {
 public:
  bool chooses() const final { return true; }
  std::vector<Value> with_choice(std::span<const Value> inputs,
                                 std::span<const Value> outputs) const final {
    const SparseValue chosen{outputs[0], outputs[1], outputs[2], inputs[0].shape()[1]};
    return {gather(inputs[0], chosen), outputs[1], outputs[2]};
  }
  std::vector<Value> backward(const Backward& node) const final {
    std::vector<Value> result(node.inputs.size());
    if (node.gradients[0]) {
      result[0] = to_dense(
          {node.gradients[0], node.outputs[1], node.outputs[2], node.inputs[0].shape()[1]});
    }
    return result;
  }
};

/// Throws ShapeError, naming the operation, unless x is [batch, n], 1 <= k <= n, and places can be
/// counted in f32.
void check_selection(const char* name, Value x, std::int64_t k);

}  // namespace hourglass
