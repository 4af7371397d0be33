#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/data/source.hpp>

#include <cstdint>
#include <memory>
#include <string_view>

namespace hourglass {

/// How values in [0, 1] become 0 or 1:
///  - None: they stay as they are.
///  - Threshold: 1 where they are at least 0.5.
///  - Fixed: each is the probability of a 1, drawn once.
///  - Dynamic: likewise, but training draws afresh in each of its steps; other splits are as Fixed.
///    R. Salakhutdinov, I. Murray, "On the quantitative analysis of deep belief networks", 2008.
/// What is drawn is counted: it depends on the seed, the split in the files, the sample's place
/// there and the feature. These are not the files of H. Larochelle's binarised MNIST.
enum class Binarise { None, Threshold, Fixed, Dynamic };

/// "none", "threshold", "fixed", "dynamic".
HOURGLASS_API std::string_view name_of(Binarise binarise);
/// Throws ConfigError, listing the names, for another one.
HOURGLASS_API Binarise binarise_named(std::string_view name);

/// The samples of `source`, whose values lie in [0, 1], as 0 and 1; the source itself for None.
/// `split` is the one in the files that they come from.
HOURGLASS_API std::shared_ptr<Source> binarised(std::shared_ptr<Source> source, Binarise binarise,
                                                std::uint64_t seed, std::string_view split);

}  // namespace hourglass
