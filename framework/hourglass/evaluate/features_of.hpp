#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/core/tensor.hpp>
#include <hourglass/data/source.hpp>
#include <hourglass/plugin/model.hpp>

#include <cstdint>
#include <vector>

// What classifiers and clusterings read of the samples of a source, a row for each.
namespace hourglass {

struct Pca;

/// The codes of all samples of a source, as `encode` gives them: [samples, code size]. `split` is
/// whose random numbers they have.
HOURGLASS_API Tensor codes_of(Model& model, const Source& source, std::uint32_t split);

/// The samples themselves: [samples, features].
HOURGLASS_API Tensor samples_of(const Source& source);

/// Principal components of samples [samples, features]: [samples, components].
HOURGLASS_API Tensor components_of(const Pca& pca, const Tensor& samples);

/// The classes of all samples of a source that has them.
HOURGLASS_API std::vector<std::int32_t> classes_of(const Source& source);

}  // namespace hourglass
