#pragma once

#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/core/schedule.hpp>

#include <variant>

namespace hourglass {

/// What all optimisers have. Penalties are added to the loss and act on weights, not on biases.
struct HOURGLASS_API OptimizerCommon {
  Schedule learning_rate = 1e-3;
  double l1 = 0;  // times the sum of |w|
  double l2 = 0;  // times half the sum of w^2
};

/// Gradient descent:  v <- momentum v + g,  w <- w - rate v  (Nesterov: w - rate (g + momentum v)).
/// I. Sutskever et al., 2013.
struct HOURGLASS_API SgdOptions : OptimizerCommon {
  static constexpr const char* kName = "sgd";
  SgdOptions() : OptimizerCommon{.learning_rate = 1e-2} {}
  double momentum = 0;
  bool nesterov = false;
  static void describe(Schema<SgdOptions>& schema);
};

/// Steps divided by the root of a running mean of g^2.  T. Tieleman, G. Hinton, 2012.
struct HOURGLASS_API RmsPropOptions : OptimizerCommon {
  static constexpr const char* kName = "rmsprop";
  double decay = 0.99;
  double momentum = 0;
  double epsilon = 1e-8;
  static void describe(Schema<RmsPropOptions>& schema);
};

/// D. P. Kingma, J. Ba, "Adam", 2015.
struct HOURGLASS_API AdamOptions : OptimizerCommon {
  static constexpr const char* kName = "adam";
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  static void describe(Schema<AdamOptions>& schema);
};

/// Adam, with weights that decay by rate * weight_decay apart from the gradient.
/// I. Loshchilov, F. Hutter, 2019.
struct HOURGLASS_API AdamWOptions : OptimizerCommon {
  static constexpr const char* kName = "adamw";
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double weight_decay = 1e-2;
  static void describe(Schema<AdamWOptions>& schema);
};

/// `adam`, or `adam: {learning_rate: 1.0e-3}`; for the schema of whatever trains.
using OptimizerOptions = std::variant<AdamOptions, AdamWOptions, RmsPropOptions, SgdOptions>;

/// Each element of the gradient is kept within [-limit, limit].
struct HOURGLASS_API ClipByValue {
  static constexpr const char* kName = "value";
  double limit = 1;
  static void describe(Schema<ClipByValue>& schema);
};

/// All gradients are scaled by one factor where their joint norm would exceed `limit`.
struct HOURGLASS_API ClipByNorm {
  static constexpr const char* kName = "norm";
  double limit = 1;
  static void describe(Schema<ClipByNorm>& schema);
};

/// `{norm: 1.0}` or `{value: 0.5}`.
using ClipOptions = std::variant<ClipByNorm, ClipByValue>;

}  // namespace hourglass
