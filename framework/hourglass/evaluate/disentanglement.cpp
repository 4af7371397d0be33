#include <hourglass/core/random.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/evaluate/chosen_source.hpp>
#include <hourglass/evaluate/code_gaps.hpp>
#include <hourglass/evaluate/dci.hpp>
#include <hourglass/evaluate/discrete_factors.hpp>
#include <hourglass/evaluate/disentanglement.hpp>
#include <hourglass/evaluate/factor_vae_score.hpp>
#include <hourglass/evaluate/linear_probe.hpp>

#include <algorithm>
#include <cstddef>
#include <utility>

namespace hourglass {
namespace {

constexpr std::int64_t kMostSamples = 50'000;
constexpr std::int64_t kMigSamples = 10'000;
constexpr std::int64_t kFitted = 10'000, kTried = 5'000;
// Beyond, fits would take minutes.
constexpr std::int64_t kLongestCode = 256;

std::int64_t samples_used(const Source& source) { return std::min(source.size(), kMostSamples); }

/// A random choice, in the order of the source: what is read in blocks is read once.
std::vector<std::uint32_t> chosen_samples(const Source& source, std::uint64_t seed) {
  std::vector<std::uint32_t> chosen =
      permutation(static_cast<std::uint32_t>(source.size()), seed, "disentanglement/samples", 0);
  chosen.resize(static_cast<std::size_t>(samples_used(source)));
  std::ranges::sort(chosen);
  return chosen;
}

Tensor rows_of(const Tensor& codes, std::span<const std::uint32_t> rows) {
  const std::int64_t width = codes.shape()[1];
  Tensor result(Shape{std::ssize(rows), width});
  float* out = result.floats().data();
  for (const std::uint32_t row : rows) {
    out = std::copy_n(codes.floats().data() + row * width, width, out);
  }
  return result;
}

std::string names_of(const std::vector<DiscreteFactor>& factors, bool binned) {
  std::string names;
  for (const DiscreteFactor& factor : factors) {
    if (binned && !factor.binned) continue;
    names += (names.empty() ? "" : ", ") + factor.name;
  }
  return names;
}

std::string about_factors(const std::vector<DiscreteFactor>& factors) {
  std::string sentence = text("factors ", names_of(factors, false));
  if (const std::string binned = names_of(factors, true); !binned.empty()) {
    sentence += text("; cut into ", kFactorBins, " bins of equal width, for more than ",
                     kMostFactorValues, " values: ", binned);
  }
  return sentence;
}

}  // namespace

std::string DisentanglementMetric::fault(Model& model, const DataSet& data) const {
  const std::string split = evaluated_split(data);
  const Labels& labels = data.find(split)->labels();
  const char* const remedy =
      "; measure data with more, such as sprites, glyphs or files whose labels are several numbers "
      "a sample, or leave it out";
  if (!labels.has_factors()) {
    return text("needs two factors that samples were made from, and the ", split, " split has none",
                remedy);
  }
  const std::vector<DiscreteFactor> factors = discrete_factors(labels);
  if (factors.size() < 2) {
    return text("needs two factors with two values at least, and in the ", split, " split ",
                factors.empty() ? "none has" : text("only ", factors.front().name, " has"), remedy);
  }
  if (const std::int64_t size = model.code_shape().size(); size > kLongestCode) {
    return text("measures codes of at most ", kLongestCode, " numbers, and these have ", size,
                "; make them shorter, or leave it out");
  }
  return "";
}

void DisentanglementMetric::compile(Model& model, const DataSet& data) const {
  model.compile(Purpose::Encode, samples_used(*data.find(evaluated_split(data))));
}

void DisentanglementMetric::measure(const Evaluation& evaluation, Measures& measures) const {
  const ChosenSource source(evaluation.source(),
                            chosen_samples(evaluation.source(), evaluation.seed));
  const auto order = permutation(static_cast<std::uint32_t>(source.size()), evaluation.seed,
                                 "disentanglement/order", 0);
  const std::vector<DiscreteFactor> factors = discrete_factors(source.labels().chosen(order));
  if (factors.size() < 2) return;
  const Tensor codes =
      rows_of(codes_of(evaluation.model, source, split_number(evaluation.split())), order);

  const std::int64_t samples = source.size(), binned = std::min(samples, kMigSamples);
  const std::int64_t fitted = std::min(kFitted, samples * 2 / 3);
  const std::int64_t tried = std::min(kTried, samples - fitted);
  const std::string parts = text("fitted to ", fitted, " samples, tried on ", tried, " others");
  const auto explain = [&](const std::string& quantity, const std::string& sentence) {
    measures.explain(evaluation.named("disentanglement" + quantity), sentence);
  };
  const auto add = [&](const std::string& quantity, double value, const std::string& sentence) {
    measures.add(evaluation.named("disentanglement/" + quantity), value);
    explain("/" + quantity, sentence);
  };

  explain("", text(about_factors(factors), "; codes of ", samples,
                   " samples of the split, chosen and ordered by the seed"));
  const FactorVaeOptions votes{.seed = evaluation.seed};
  if (const auto score = factor_vae_score(codes, factors, votes)) {
    add("factor_vae_score", score->accuracy,
        text("part of ", votes.evaluation_votes, " votes whose factor is that of most of ",
             votes.training_votes,
             " other votes for the same code (Kim & Mnih 2018); a vote is for the code of least "
             "variance among ",
             votes.group, " samples that share a factor's value, over its variance among ",
             std::min(votes.variance_samples, samples),
             " samples; codes with a variance below 0.05 have no vote"));
    add("active_codes", static_cast<double>(score->active_codes),
        text("how many of the ", codes.shape()[1], " codes have a variance of at least 0.05"));
  }
  add("mig", mutual_information_gap(codes, factors, binned),
      text("mutual information of a factor with the code that has most of it less that of the "
           "second, over the factor's entropy, mean over factors (Chen et al. 2018); ",
           binned, " samples, codes cut into ", kMigBins, " bins of equal width"));

  const Dci dci = measure_dci(codes, factors, fitted, tried);
  explain(
      "/dci",
      text("Eastwood & Williams 2018, each factor read off all codes, of mean 0 and variance 1, "
           "by multinomial logistic regression: mean cross-entropy + 0.001 sum |W|, biases "
           "free; orthant-wise L-BFGS to 1e-3 of the least subgradient at zero, or as far as it "
           "gets; ",
           parts, "; importance of a code for a factor: sum over classes of |W|"));
  add("dci_disentanglement", dci.disentanglement,
      "1 - entropy of a code's importance over factors, to the base of their number, mean over "
      "codes weighted by importance");
  add("dci_completeness", dci.completeness,
      "1 - entropy of a factor's importance over codes, to the base of their number, mean over "
      "factors weighted by importance");
  add("dci_informativeness", dci.informativeness,
      "part of samples whose class is found, mean over factors");
  add("dci_unfinished", dci.converged ? 0 : 1,
      "1 where a regression stopped before the subgradient that it goes to");
  add("sap", separated_attribute_predictability(codes, factors, fitted, tried),
      text("part of samples whose class the best code finds less that of the second, mean over "
           "factors (Kumar et al. 2018); each code alone, by linear support vector machines, one "
           "class against the rest, squared hinge, C = 0.01, balanced; ",
           parts));
}

}  // namespace hourglass
