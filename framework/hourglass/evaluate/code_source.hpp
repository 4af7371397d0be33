#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/plugin/model.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass {

/// Where codes come from that no sample was encoded to:
///  - Prior: what the variant pulls its codes towards.
///  - Gaussian: a normal distribution with the mean and full covariance of training codes.
///  - Mixture: a mixture of such, fitted to training codes; see fit_gaussian_mixture.
///  - Box: each dimension uniform between its least and greatest value among training codes.
enum class CodeSource { Prior, Gaussian, Mixture, Box };

/// "prior", "gaussian", "mixture", "box".
HOURGLASS_API std::string_view name_of(CodeSource source);
HOURGLASS_API const std::vector<std::string>& code_source_names();
/// Throws ConfigError, with the nearest, for another name.
HOURGLASS_API CodeSource code_source_named(std::string_view name);

/// Whether there is a prior to draw from; where there is none, Gaussian is the next best.
HOURGLASS_API CodeSource default_code_source(Model& model);

struct CodeSourceOptions {
  CodeSource source = CodeSource::Prior;
  std::int64_t components = 10;  ///< of Mixture
  std::uint64_t seed = 1;        ///< of all but Prior, whose draws go by the model's seed
};

/// The numbers that a code may have to be drawn from a source: beyond, a fit would take minutes.
HOURGLASS_API std::int64_t longest_code(CodeSource source);

/// Codes drawn, none of them decoded.
struct DrawnCodes {
  Tensor codes;            ///< [count, code shape]
  std::string drawn_from;  ///< completes "drawn from": "a standard normal distribution"
};

/// Draws `count` codes. `training_codes` [n, code size] are what Gaussian, Mixture and Box are
/// fitted to; Prior does not look at them. Equal calls give equal bytes, and code i is the same
/// whatever `count`. Throws ConfigError where the model has no prior and where codes are too long
/// for a full covariance (longest_code); DataError where there are no codes, or some are not finite
/// or of another size than the model's.
HOURGLASS_API DrawnCodes draw_codes(Model& model, const CodeSourceOptions& options,
                                    const Tensor& training_codes, std::int64_t count);

/// Codes drawn, and what the decoder makes of them.
struct DrawnSamples {
  Tensor codes;            ///< [count, code shape]
  Tensor samples;          ///< [count, sample shape], in the model's scale
  std::string drawn_from;  ///< completes "drawn from": "a standard normal distribution"
};

/// Draws `count` codes, as draw_codes does, and decodes them. Sample i is the same whatever
/// `count`. Throws ConfigError also where the decoder reads labels too.
HOURGLASS_API DrawnSamples draw_samples(Model& model, const CodeSourceOptions& options,
                                        const Tensor& training_codes, std::int64_t count);

}  // namespace hourglass
