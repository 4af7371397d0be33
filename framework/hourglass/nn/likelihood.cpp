#include <hourglass/nn/likelihood.hpp>
#include <hourglass/ops/affine.hpp>
#include <hourglass/ops/arithmetic.hpp>
#include <hourglass/ops/binary_cross_entropy.hpp>
#include <hourglass/ops/categorical_cross_entropy.hpp>
#include <hourglass/ops/exp.hpp>
#include <hourglass/ops/log.hpp>
#include <hourglass/ops/mean.hpp>
#include <hourglass/ops/reshape.hpp>
#include <hourglass/ops/sigmoid.hpp>
#include <hourglass/ops/softmax.hpp>
#include <hourglass/ops/squared_error.hpp>
#include <hourglass/ops/stop_gradient.hpp>
#include <hourglass/ops/sum.hpp>

#include <cmath>
#include <numbers>

namespace hourglass {

namespace {

constexpr float kLeastVariance = 1e-6f;
constexpr float kLatest = 0.01f;  // of the latest batch in the running average

}  // namespace

void AutoLikelihood::describe(Schema<AutoLikelihood>&) {}
void BernoulliLikelihood::describe(Schema<BernoulliLikelihood>&) {}
void CategoricalLikelihood::describe(Schema<CategoricalLikelihood>&) {}

void GaussianLikelihood::describe(Schema<GaussianLikelihood>& schema) {
  schema.add("variance", &GaussianLikelihood::variance,
             "of the noise; fixed: value; learned: a parameter; optimal: the batch's mean squared "
             "error",
             Names<Variance>{{"fixed", Variance::Fixed},
                             {"learned", Variance::Learned},
                             {"optimal", Variance::Optimal}});
  schema.shorthand("variance");
  schema.add("value", &GaussianLikelihood::value, "the fixed variance", greater_than(0));
}

std::string Likelihood::fault(const LikelihoodOptions& options, const ValueRange& range) {
  const std::string values = text("the data lie in [", range.least, ", ", range.greatest, "]");
  if (std::holds_alternative<BernoulliLikelihood>(options) && !range.within(0, 1)) {
    return text("cannot be bernoulli: ", values,
                ", it needs [0, 1]; set dataset.scaling to unit or minmax, or use gaussian");
  }
  if (std::holds_alternative<CategoricalLikelihood>(options) && !range.sums_to_one) {
    return "cannot be categorical: it is for one-hot data and histograms, whose features sum to 1, "
           "and these data are not such; use bernoulli or gaussian";
  }
  return "";
}

Likelihood::Likelihood(const LikelihoodOptions& options, const ValueRange& range,
                       Parameters& parameters, bool training)
    : options_(options), parameters_(parameters), training_(training) {
  if (std::holds_alternative<AutoLikelihood>(options)) {
    if (range.within(0, 1)) {
      options_ = BernoulliLikelihood{};
    } else {
      options_ = GaussianLikelihood{};
    }
  }
  proper_ = range.binary || !std::holds_alternative<BernoulliLikelihood>(options_);
}

std::string Likelihood::name() const {
  return std::visit([](const auto& kind) -> std::string { return kind.kName; }, options_);
}

Value Likelihood::mean(Value y) const {
  if (std::holds_alternative<BernoulliLikelihood>(options_)) return sigmoid(y);
  if (std::holds_alternative<CategoricalLikelihood>(options_)) {
    return reshape(softmax(flatten(y)), y.shape());
  }
  return y;
}

Value Likelihood::negative_log(Value y, Value x) const {
  y = flatten(y);
  x = flatten(x);
  if (std::holds_alternative<BernoulliLikelihood>(options_)) {
    return sum(binary_cross_entropy(y, x), {1});
  }
  if (std::holds_alternative<CategoricalLikelihood>(options_)) {
    return categorical_cross_entropy(y, x);
  }
  return gaussian(std::get<GaussianLikelihood>(options_), y, x);
}

Value Likelihood::gaussian(const GaussianLikelihood& options, Value y, Value x) const {
  const auto features = static_cast<float>(y.shape()[1]);
  const auto log_two_pi = static_cast<float>(std::log(2 * std::numbers::pi));
  const Value error = sum(squared_error(y, x), {1});
  if (options.variance == GaussianLikelihood::Variance::Fixed) {
    const auto variance = static_cast<float>(options.value);
    return affine(error, 0.5f / variance, 0.5f * features * (log_two_pi + std::log(variance)));
  }
  Value variance;
  if (options.variance == GaussianLikelihood::Variance::Learned) {
    variance = exp(parameters_.filled("likelihood.log_variance", {}, 0.0f)) + kLeastVariance;
  } else {
    const Value average = parameters_.state("likelihood.variance", {}, 1.0f);
    if (training_) {
      // At its optimum the loss does not change with the variance, so no gradient goes that way.
      const Value latest = stop_gradient(hourglass::mean(error) / features);
      variance = maximum(latest, parameters_.graph().filled({}, kLeastVariance));
      parameters_.move("likelihood.variance", (1 - kLatest) * average + kLatest * variance, error);
    } else {
      variance = average;
    }
  }
  return 0.5f * (error / variance + features * (log(variance) + log_two_pi));
}

}  // namespace hourglass
