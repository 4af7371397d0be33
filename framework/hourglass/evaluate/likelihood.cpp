#include <hourglass/core/parallel.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/evaluate/chosen_source.hpp>
#include <hourglass/evaluate/likelihood.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <span>
#include <vector>

namespace hourglass {
namespace {

// log sum exp of numbers that come one after another: none of them overflows, however large.
struct LogSumExp {
  double greatest = -std::numeric_limits<double>::infinity();
  double sum = 0;  // of exp(value - greatest)

  void add(std::span<const float> values) {
    const double before = greatest;
    for (const float value : values) greatest = std::max(greatest, static_cast<double>(value));
    if (greatest == -std::numeric_limits<double>::infinity()) return;
    if (before != greatest) sum *= std::exp(before - greatest);
    for (const float value : values) sum += std::exp(static_cast<double>(value) - greatest);
  }
  double value() const { return greatest + std::log(sum); }
};

struct Terms {
  double negative_log_likelihood = 0;
  double kl = 0;
  bool grey = false;  // a sample has a value other than 0 and 1
};

Terms mean_terms(Model& model, const Source& source, std::uint32_t split) {
  Terms terms;
  const auto features = static_cast<std::size_t>(source.sample_shape().size());
  std::vector<float> samples;
  model.elbo(source, split,
             [&](std::span<const std::uint32_t> indices, const float* negative_log_likelihood,
                 const float* kl) {
               for (std::size_t i = 0; i < indices.size(); ++i) {
                 terms.negative_log_likelihood += negative_log_likelihood[i];
                 terms.kl += kl[i];
               }
               if (terms.grey) return;
               samples.resize(indices.size() * features);
               source.read(indices, samples.data());
               terms.grey = std::ranges::any_of(samples, [](float x) { return x != 0 && x != 1; });
             });
  const auto count = static_cast<double>(source.size());
  terms.negative_log_likelihood /= count;
  terms.kl /= count;
  return terms;
}

double mean_importance_bound(Model& model, const Source& source, std::uint32_t split,
                             std::int64_t draws) {
  std::vector<LogSumExp> of_sample(static_cast<std::size_t>(source.size()));
  model.log_weights(
      source, split, draws,
      [&](std::span<const std::uint32_t> indices, std::span<const float> weights) {
        const std::size_t each = weights.size() / indices.size();
        parallel_for(std::ssize(indices), 4, [&](std::int64_t begin, std::int64_t end) {
          for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
            of_sample[indices[i]].add(weights.subspan(i * each, each));
          }
        });
      });
  double sum = 0;
  for (const LogSumExp& weights : of_sample) {
    sum += weights.value() - std::log(static_cast<double>(draws));
  }
  return sum / static_cast<double>(source.size());
}

}  // namespace

void LikelihoodMetric::Options::describe(Schema<Options>& schema) {
  schema.add("samples", &Options::samples,
             "draws of each sample's code for the importance-weighted bound; 0: none", at_least(0));
  schema.add("limit", &Options::limit,
             "only so many samples of the split, evenly spread; null: all", at_least(1));
}

std::int64_t LikelihoodMetric::measured(const Source& source) const {
  return std::min(options_.limit.value_or(source.size()), source.size());
}

std::string LikelihoodMetric::fault(Model& model, const DataSet&) const {
  if (!model.traits().has_elbo) {
    return "needs a variant with an evidence lower bound, such as vae; leave it out";
  }
  if (options_.samples > 0 && !model.traits().has_log_weight) {
    return text("needs a variant with importance weights for samples: ", options_.samples,
                "; leave samples out");
  }
  return "";
}

void LikelihoodMetric::compile(Model& model, const DataSet& data) const {
  const std::int64_t count = measured(*data.find(evaluated_split(data)));
  model.compile(Purpose::Elbo, count);
  if (options_.samples > 0) model.compile_log_weights(count, options_.samples);
}

void LikelihoodMetric::measure(const Evaluation& evaluation, Measures& measures) const {
  Model& model = evaluation.model;
  const Source& all = evaluation.source();
  const std::uint32_t split = split_number(evaluation.split());
  const ChosenSource part(all, spread(all.size(), measured(all)));
  const Source& source = part.size() == all.size() ? all : part;

  const Terms terms = mean_terms(model, source, split);
  const bool bernoulli = model.traits().likelihood == "bernoulli";
  const std::string caution =
      bernoulli && terms.grey && !model.traits().proper_likelihood
          ? "; not a likelihood: grey targets under a Bernoulli distribution"
          : "";
  const std::string samples =
      text("mean over ", source.size(), source.size() == 1 ? " sample" : " samples",
           &source == &part ? ", evenly spread over the split" : "");
  const auto report = [&](const char* quantity, double value, const std::string& how) {
    const std::string name = evaluation.named(text("likelihood/", quantity));
    measures.add(name, value);
    measures.explain(name, how);
  };
  const double negative_elbo = terms.negative_log_likelihood + terms.kl;
  report("negative_elbo", negative_elbo,
         text("nats per sample; ", samples,
              " of negative_log_likelihood + kl, one draw of the code each", caution));
  report(
      "kl", terms.kl,
      text("nats per sample; ", samples, " of KL(q(z | x) || p(z)), as the variant computes it"));
  report(
      "negative_log_likelihood", terms.negative_log_likelihood,
      text("nats per sample; ", samples, " of -log p(x | z), one draw of the code each", caution));
  report("bits_per_dimension",
         negative_elbo / (static_cast<double>(source.sample_shape().size()) * std::numbers::ln2),
         text("bits per feature, model's scale; negative_elbo / (features log 2)", caution));
  if (options_.samples == 0) return;
  report("negative_importance_bound",
         -mean_importance_bound(model, source, split, options_.samples),
         text("nats per sample; ", samples,
              " of -log(mean of exp(log w)), log w = log p(x, z) - log q(z | x), k = ",
              options_.samples, options_.samples == 1 ? " draw" : " draws", " of the code each",
              caution));
}

}  // namespace hourglass
