#include <hourglass/config/optimizer_options.hpp>

namespace hourglass {

namespace {

template <class Options>
void describe_common(Schema<Options>& schema) {
  schema.add("learning_rate", &Options::learning_rate, "size of a step", at_least(0));
  schema.add("l1", &Options::l1, "weight of the sum of |w|, added to the loss", at_least(0));
  schema.add("l2", &Options::l2, "weight of half the sum of w^2, added to the loss", at_least(0));
}

template <class Options>
void describe_adam(Schema<Options>& schema) {
  describe_common(schema);
  schema.add("beta1", &Options::beta1, "decay of the running mean of the gradient", at_least(0),
             less_than(1));
  schema.add("beta2", &Options::beta2, "decay of the running mean of its square", at_least(0),
             less_than(1));
  schema.add("epsilon", &Options::epsilon, "added to the root that divides", greater_than(0));
}

}  // namespace

void SgdOptions::describe(Schema<SgdOptions>& schema) {
  describe_common(schema);
  schema.add("momentum", &SgdOptions::momentum, "part of the last step that is kept", at_least(0),
             less_than(1));
  schema.add("nesterov", &SgdOptions::nesterov, "whether the gradient is that ahead of the step");
  schema.check([](const SgdOptions& options) {
    return options.nesterov && options.momentum == 0 ? "needs momentum > 0 for nesterov" : "";
  });
}

void RmsPropOptions::describe(Schema<RmsPropOptions>& schema) {
  describe_common(schema);
  schema.add("decay", &RmsPropOptions::decay, "decay of the running mean of the squared gradient",
             at_least(0), less_than(1));
  schema.add("momentum", &RmsPropOptions::momentum, "part of the last step that is kept",
             at_least(0), less_than(1));
  schema.add("epsilon", &RmsPropOptions::epsilon, "added to the root that divides",
             greater_than(0));
}

void AdamOptions::describe(Schema<AdamOptions>& schema) { describe_adam(schema); }

void AdamWOptions::describe(Schema<AdamWOptions>& schema) {
  describe_adam(schema);
  schema.add("weight_decay", &AdamWOptions::weight_decay,
             "part of a weight that a step of size 1 takes away", at_least(0));
}

void ClipByValue::describe(Schema<ClipByValue>& schema) {
  schema.add("limit", &ClipByValue::limit, "greatest |g| of an element", greater_than(0));
  schema.shorthand("limit");
}

void ClipByNorm::describe(Schema<ClipByNorm>& schema) {
  schema.add("limit", &ClipByNorm::limit, "greatest norm of all gradients together",
             greater_than(0));
  schema.shorthand("limit");
}

}  // namespace hourglass
