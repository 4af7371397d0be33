#include <hourglass/core/error.hpp>
#include <hourglass/graph/elementwise.hpp>
#include <hourglass/graph/leaves.hpp>
#include <hourglass/graph/operation.hpp>

#include <algorithm>

namespace hourglass {

Kernel::~Kernel() = default;
Lowering::~Lowering() = default;
Operation::~Operation() = default;
Elementwise::~Elementwise() = default;
Reduction::~Reduction() = default;

std::vector<Value> Operation::backward(const Backward&) const {
  throw Error(text("[", name(), "] has no gradient"));
}

std::vector<Value> Operation::with_choice(std::span<const Value>, std::span<const Value>) const {
  throw Error(text("[", name(), "] chooses nothing"));
}

bool Elementwise::gives_zero(const std::vector<bool>& zero) const {
  return keeps_zero() && std::ranges::find(zero, false) == zero.end();
}

std::unique_ptr<Kernel> Elementwise::lower(Lowering&) const {
  return nullptr;  // the sweep that the fusion pass put it into is its kernel
}

void Assign::emit(SweepBuilder&, std::span<const int> inputs, std::span<int> outputs) const {
  outputs[0] = inputs[0];
}

}  // namespace hourglass
