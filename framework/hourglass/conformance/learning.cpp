#include <hourglass/conformance/checks.hpp>
#include <hourglass/plugin/metric.hpp>
#include <hourglass/statistics/centre.hpp>

#include <algorithm>

namespace hourglass {

namespace {

constexpr int kMostEpochs = 30;

/// The mean over a source's samples of the sum of (x - y)^2 over features.
double error_of_reconstructions(Model& model, const Source& source) {
  double sum = 0;
  const std::int64_t features = source.sample_shape().size();
  model.reconstruct(source, split_number("test"),
                    [&](std::span<const std::uint32_t> indices, const float* x, const float* y) {
                      for (std::int64_t i = 0; i < std::ssize(indices) * features; ++i) {
                        sum += (double{x[i]} - y[i]) * (double{x[i]} - y[i]);
                      }
                    });
  return sum / static_cast<double>(source.size());
}

/// The same of one sample for all.
double error_of_constant(const Tensor& constant, const Source& source) {
  const auto features = static_cast<std::size_t>(source.sample_shape().size());
  std::vector<float> sample(features);
  double sum = 0;
  for (std::uint32_t i = 0; i < source.size(); ++i) {
    source.read({&i, 1}, sample.data());
    for (std::size_t k = 0; k < features; ++k) {
      const double error = double{sample[k]} - constant.floats()[k];
      sum += error * error;
    }
  }
  return sum / static_cast<double>(source.size());
}

/// More samples, and the layer that one would begin with, where the variant and the user have said
/// nothing of layers: smooth and narrow ones serve to compare gradients, and learn slowly.
std::vector<std::string> wider(const Trial& trial) {
  std::vector<std::string> more = {"dataset.limit=1500"};
  const bool told = std::ranges::any_of(trial.request().overrides, [](const std::string& each) {
    return each.starts_with("model.encoder") || each.starts_with("model=");
  });
  if (trial.variant().architecture().empty() && !told) {
    more.push_back("model.encoder=[{dense: 64, activation: relu}]");
  }
  return more;
}

}  // namespace

Finding check_it_learns(const TrialRequest& request) {
  const Trial trial(request);
  TrialTraining training(trial, "learning", wider(trial));
  const Source& test = *training.data().find(evaluated_split(training.data()));
  const double constant = error_of_constant(mean_sample(training.data().train()), test);
  double error = 0;
  for (int epoch = 1; epoch <= kMostEpochs; ++epoch) {
    training.train_to(epoch);
    error = error_of_reconstructions(training.model(), test);
    if (error < constant) {
      return passed(text("after ", training.state().step, " steps"));
    }
  }
  return failed(text("after ", training.state().step, " steps the squared error of a sample is ",
                     static_cast<float>(error), ", that of the mean sample ",
                     static_cast<float>(constant),
                     "; check the sign and the target of the losses, and that the reconstruction "
                     "is in the model's scale"));
}

}  // namespace hourglass
