#pragma once

#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/data/scaling.hpp>
#include <hourglass/graph/value.hpp>
#include <hourglass/nn/parameters.hpp>

#include <string>
#include <variant>

namespace hourglass {

/// `likelihood: auto`: bernoulli where the training data lie in [0, 1], else gaussian.
struct HOURGLASS_API AutoLikelihood {
  static constexpr const char* kName = "auto";
  static void describe(Schema<AutoLikelihood>& schema);
};

/// `likelihood: bernoulli`: each feature is 1 with probability sigmoid(y). Of values between 0 and
/// 1 it is the cross-entropy, and no likelihood.
struct HOURGLASS_API BernoulliLikelihood {
  static constexpr const char* kName = "bernoulli";
  static void describe(Schema<BernoulliLikelihood>& schema);
};

/// `likelihood: {gaussian: learned}`: each feature is y and normal noise, whose variance all
/// features share:
///  - fixed: `value`;
///  - learned: 1e-6 + exp(s), where s is the parameter `likelihood.log_variance`, 0 at first;
///  - optimal: the batch's mean squared error, which is the best there can be for it, at least
///  1e-6;
///    outside training its running average (1 % of the latest batch), the state
///    `likelihood.variance`.  O. Rybkin, K. Daniilidis, S. Levine, "Simple and effective VAE
///    training with calibrated decoders", 2021.
struct HOURGLASS_API GaussianLikelihood {
  static constexpr const char* kName = "gaussian";
  enum class Variance { Fixed, Learned, Optimal };
  Variance variance = Variance::Fixed;
  double value = 1;
  static void describe(Schema<GaussianLikelihood>& schema);
};

/// `likelihood: categorical`: the features are the classes of one choice, with probabilities
/// softmax(y).
struct HOURGLASS_API CategoricalLikelihood {
  static constexpr const char* kName = "categorical";
  static void describe(Schema<CategoricalLikelihood>& schema);
};

using LikelihoodOptions =
    std::variant<AutoLikelihood, BernoulliLikelihood, GaussianLikelihood, CategoricalLikelihood>;

/// The distribution p(x | y) of samples about what a decoder gives, y, in a model's graph.
///
///     Value logits = model.decoder(z);
///     model.reconstruction(model.likelihood().mean(logits));
///     Value loss = model.likelihood().negative_log(logits, target);
class HOURGLASS_API Likelihood {
 public:
  /// What is wrong with these options for data of this kind; empty where nothing is.
  static std::string fault(const LikelihoodOptions& options, const ValueRange& range);

  /// `options` must be without fault. `training`: whether states move.
  Likelihood(const LikelihoodOptions& options, const ValueRange& range, Parameters& parameters,
             bool training);

  /// "bernoulli", "gaussian" or "categorical".
  std::string name() const;
  /// Whether it is a likelihood of these data: Bernoulli is none of values between 0 and 1.
  bool is_proper() const { return proper_; }
  /// The expectation of each feature.  y: [batch, d1, ...].  Returns the shape of y.
  Value mean(Value y) const;
  /// -log p(x | y) in nats, complete, summed over features.  y, x: [batch, d1, ...].
  /// Returns [batch].
  Value negative_log(Value y, Value x) const;

 private:
  Value gaussian(const GaussianLikelihood& options, Value y, Value x) const;

  LikelihoodOptions options_;
  Parameters& parameters_;
  bool training_;
  bool proper_;
};

}  // namespace hourglass
