#include <hourglass/nn/activation.hpp>
#include <hourglass/ops/elu.hpp>
#include <hourglass/ops/gelu.hpp>
#include <hourglass/ops/leaky_relu.hpp>
#include <hourglass/ops/relu.hpp>
#include <hourglass/ops/sigmoid.hpp>
#include <hourglass/ops/softplus.hpp>
#include <hourglass/ops/swish.hpp>
#include <hourglass/ops/tanh.hpp>

namespace hourglass {

Value activate(Value x, Activation activation) {
  switch (activation) {
    case Activation::None: return x;
    case Activation::Relu: return relu(x);
    case Activation::LeakyRelu: return leaky_relu(x);
    case Activation::Elu: return elu(x);
    case Activation::Sigmoid: return sigmoid(x);
    case Activation::Tanh: return tanh(x);
    case Activation::Softplus: return softplus(x);
    case Activation::Gelu: return gelu(x);
    case Activation::Swish: return swish(x);
  }
  return x;
}

Names<Activation> activation_names() {
  return {{"none", Activation::None},
          {"relu", Activation::Relu},
          {"leaky_relu", Activation::LeakyRelu},
          {"elu", Activation::Elu},
          {"sigmoid", Activation::Sigmoid},
          {"tanh", Activation::Tanh},
          {"softplus", Activation::Softplus},
          {"gelu", Activation::Gelu},
          {"swish", Activation::Swish}};
}

}  // namespace hourglass
