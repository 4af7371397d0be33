#pragma once

#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/graph/value.hpp>

namespace hourglass {

/// The activations that a layer can have, with the parameters that are usual for them: a slope of
/// 0.01 for leaky_relu, alpha of 1 for elu.
enum class Activation { None, Relu, LeakyRelu, Elu, Sigmoid, Tanh, Softplus, Gelu, Swish };

/// The activation of x, element by element; x itself for `None`.
HOURGLASS_API Value activate(Value x, Activation activation);

/// How experiment files call them: none, relu, leaky_relu, elu, sigmoid, tanh, softplus, gelu,
/// swish.
HOURGLASS_API Names<Activation> activation_names();

}  // namespace hourglass
