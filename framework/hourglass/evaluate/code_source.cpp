#include <hourglass/config/nearest.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/random.hpp>
#include <hourglass/evaluate/code_source.hpp>
#include <hourglass/statistics/gaussian_mixture.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace hourglass {
namespace {

// Beyond, a fit would take minutes.
constexpr std::int64_t kLongestOfGaussian = 2048;
constexpr std::int64_t kLongestOfMixture = 256;

void check_codes(Model& model, const CodeSourceOptions& options, const Tensor& codes) {
  const std::int64_t size = model.code_shape().size();
  if (codes.empty() || codes.size() == 0) {
    throw DataError(text("[", name_of(options.source), "] there are no codes to fit it to"));
  }
  if (codes.shape().rank() != 2 || codes.shape()[1] != size || codes.dtype() != DType::F32) {
    throw DataError(text("[", name_of(options.source), "] codes must be f32 [samples, ", size,
                         "], as the model's are, got ", name_of(codes.dtype()), " ",
                         codes.shape().to_text()));
  }
  if (!std::ranges::all_of(codes.floats(), [](float value) { return std::isfinite(value); })) {
    throw DataError(text("[", name_of(options.source),
                         "] some of the codes that it is fitted to are not finite"));
  }
  if (size > longest_code(options.source)) {
    throw ConfigError(
        text("[", name_of(options.source), "] codes may have ", longest_code(options.source),
             " numbers for a full covariance, these have ", size, "; draw from box instead"));
  }
}

Tensor draw_from_box(const Tensor& codes, std::int64_t count, std::uint64_t seed) {
  const auto size = static_cast<std::size_t>(codes.shape()[1]);
  std::vector<float> least(codes.floats().begin(), codes.floats().begin() + codes.shape()[1]);
  std::vector<float> greatest = least;
  for (std::size_t i = 0; i < codes.floats().size(); ++i) {
    least[i % size] = std::min(least[i % size], codes.floats()[i]);
    greatest[i % size] = std::max(greatest[i % size], codes.floats()[i]);
  }
  Tensor drawn(Shape{count, codes.shape()[1]});
  for (std::int64_t i = 0; i < count; ++i) {
    RandomStream random(seed, "generate/box", static_cast<std::uint64_t>(i));
    for (std::size_t j = 0; j < size; ++j) {
      drawn.floats()[static_cast<std::size_t>(i) * size + j] =
          random.uniform(least[j], greatest[j]);
    }
  }
  return drawn;
}

DrawnCodes draw_fitted(const CodeSourceOptions& options, const Tensor& codes, std::int64_t count) {
  const std::string fitted = text(" fitted to ", codes.shape()[0], " codes");
  if (options.source == CodeSource::Box) {
    return {draw_from_box(codes, count, options.seed),
            text("a uniform distribution between the least and the greatest of ", codes.shape()[0],
                 " codes")};
  }
  const bool is_mixture = options.source == CodeSource::Mixture;
  const GaussianMixture mixture = fit_gaussian_mixture(
      codes, {.components = is_mixture ? options.components : 1, .seed = options.seed});
  return {mixture.draw(count, options.seed, is_mixture ? "generate/mixture" : "generate/gaussian"),
          is_mixture ? text("a mixture of ", mixture.components(), " normal distributions", fitted)
                     : text("a normal distribution", fitted)};
}

}  // namespace

std::string_view name_of(CodeSource source) {
  return code_source_names()[static_cast<std::size_t>(source)];
}

const std::vector<std::string>& code_source_names() {
  static const std::vector<std::string> kNames = {"prior", "gaussian", "mixture", "box"};
  return kNames;
}

CodeSource code_source_named(std::string_view name) {
  const auto& names = code_source_names();
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) {
    throw ConfigError(text("codes can be drawn from ", config::joined(names), ", not from \"", name,
                           "\"", config::suggestion(name, names)));
  }
  return static_cast<CodeSource>(found - names.begin());
}

CodeSource default_code_source(Model& model) {
  return model.traits().prior.empty() ? CodeSource::Gaussian : CodeSource::Prior;
}

std::int64_t longest_code(CodeSource source) {
  switch (source) {
    case CodeSource::Gaussian: return kLongestOfGaussian;
    case CodeSource::Mixture: return kLongestOfMixture;
    case CodeSource::Prior:
    case CodeSource::Box: break;
  }
  return std::numeric_limits<std::int64_t>::max();
}

DrawnCodes draw_codes(Model& model, const CodeSourceOptions& options, const Tensor& training_codes,
                      std::int64_t count) {
  if (options.source == CodeSource::Prior) {
    if (model.traits().prior.empty()) {
      throw ConfigError(
          "[prior] this variant has no prior to draw codes from; gaussian, mixture and "
          "box are fitted to codes");
    }
    return {model.draw_codes(count), model.traits().prior};
  }
  check_codes(model, options, training_codes);
  DrawnCodes drawn = draw_fitted(options, training_codes, count);
  drawn.codes = drawn.codes.reshaped(model.code_shape().prepended(count));
  return drawn;
}

DrawnSamples draw_samples(Model& model, const CodeSourceOptions& options,
                          const Tensor& training_codes, std::int64_t count) {
  if (model.decoder_reads_labels()) {
    throw ConfigError(text("[", name_of(options.source),
                           "] this variant decodes a code together with labels, so codes alone "
                           "give no samples"));
  }
  if (options.source == CodeSource::Prior && !model.traits().prior.empty()) {
    Model::Generated made = model.generate(count);
    return {std::move(made.codes), std::move(made.samples), model.traits().prior};
  }
  DrawnCodes drawn = draw_codes(model, options, training_codes, count);
  Tensor samples = model.decode(drawn.codes);
  return {std::move(drawn.codes), std::move(samples), std::move(drawn.drawn_from)};
}

}  // namespace hourglass
