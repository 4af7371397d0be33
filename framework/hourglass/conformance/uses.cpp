#include <hourglass/conformance/checks.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/plugin/metric.hpp>

#include <algorithm>
#include <cmath>
#include <functional>

namespace hourglass {

namespace {

constexpr std::int64_t kSome = 5;

/// What commands and measures ask of a trained model. What is wrong is thrown, and collected.
class Uses {
 public:
  explicit Uses(TrialTraining& training)
      : model_(training.model()), evaluation_{training.model(), training.data()} {}

  std::string faults() {
    attempt("encode and decode", [&] { decode(); });
    if (!model_.traits().prior.empty()) attempt("draw codes from the prior", [&] { draw(); });
    if (model_.traits().has_elbo) attempt("elbo", [&] { elbo(); });
    if (model_.traits().has_log_weight) attempt("log_weight", [&] { log_weights(); });
    for (const MetricType* type : model_.setup().options.metrics) {
      attempt(text("measure ", type->name()), [&] { measure(*type); });
    }
    return faults_;
  }

 private:
  void attempt(const std::string& what, const std::function<void()>& use) {
    try {
      use();
    } catch (const std::exception& error) {
      faults_ += text(what, ": ", error.what(), "\n");
    }
  }

  static void expect_finite(const char* what, std::span<const float> values) {
    if (std::ranges::all_of(values, [](float each) { return std::isfinite(each); })) return;
    throw Error(text(what, " are not finite"));
  }

  std::uint32_t split() const { return split_number(evaluation_.split()); }

  /// Codes of samples, and what the decoder makes of them by themselves.
  void decode() {
    std::vector<std::int64_t> extents{kSome};
    for (const std::int64_t extent : model_.code_shape()) extents.push_back(extent);
    Tensor codes{Shape(extents)};
    std::int64_t filled = 0;
    model_.encode(evaluation_.source(), split(),
                  [&](std::span<const std::uint32_t> indices, const float*, const float* code) {
                    const std::int64_t size = model_.code_shape().size();
                    const std::int64_t count =
                        std::min(std::ssize(indices) * size, codes.size() - filled);
                    std::copy_n(code, count, codes.floats().data() + filled);
                    filled += count;
                  });
    expect_finite("codes", codes.floats());
    if (!model_.decoder_reads_labels()) {
      const Tensor decoded = model_.decode(codes);
      expect_finite("decoded codes", decoded.floats());
    }
  }

  void draw() {
    if (model_.decoder_reads_labels()) {
      const Tensor codes = model_.draw_codes(kSome);
      expect_finite("codes", codes.floats());
      return;
    }
    const Model::Generated generated = model_.generate(kSome);
    expect_finite("codes", generated.codes.floats());
    expect_finite("samples", generated.samples.floats());
  }

  void elbo() {
    model_.elbo(evaluation_.source(), split(),
                [](std::span<const std::uint32_t> indices, const float* error, const float* kl) {
                  expect_finite("negative log-likelihoods", {error, indices.size()});
                  expect_finite("KL terms", {kl, indices.size()});
                });
  }

  void log_weights() {
    model_.log_weights(evaluation_.source(), split(), 2,
                       [](std::span<const std::uint32_t>, std::span<const float> weights) {
                         expect_finite("importance weights", weights);
                       });
  }

  void measure(const MetricType& type) {
    config::Problems problems;
    const config::Node options = type.resolve(config::Node::map(), "", problems);
    if (!problems.empty()) return;  // it has to be told something
    const auto metric = type.make(options);
    if (!metric->fault(model_, evaluation_.data).empty()) return;  // not for these data
    metric->compile(model_, evaluation_.data);
    Measures measures;
    metric->measure(evaluation_, measures);
    metric->figures(evaluation_);
    for (const auto& [name, value] : measures.numbers()) {
      if (!name.starts_with(evaluation_.split() + "/")) {
        throw Error(text("its number \"", name,
                         "\" does not begin with the split; name it by "
                         "evaluation.named"));
      }
    }
  }

  Model& model_;
  Evaluation evaluation_;
  std::string faults_;
};

}  // namespace

Finding check_uses(const TrialRequest& request) {
  const Trial trial(request);
  TrialTraining training(trial, "uses");
  training.train_to(1);
  const std::string faults = Uses(training).faults();
  return faults.empty() ? passed() : failed(faults);
}

}  // namespace hourglass
