#pragma once

#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/data/scaling.hpp>
#include <hourglass/graph/value.hpp>

#include <span>
#include <string>
#include <variant>

namespace hourglass {

// What is done to samples before a model sees them. Where the training data lie in [0, 1], or else
// in [-1, 1], so does what becomes of them.

/// `gaussian: 0.5`: normal noise of this standard deviation is added.
struct HOURGLASS_API GaussianCorruption {
  static constexpr const char* kName = "gaussian";
  double sigma = 0.5;
  static void describe(Schema<GaussianCorruption>& schema);
};

/// `speckle: 0.5`: each value is multiplied by 1 + sigma n, n standard normal.
struct HOURGLASS_API SpeckleCorruption {
  static constexpr const char* kName = "speckle";
  double sigma = 0.5;
  static void describe(Schema<SpeckleCorruption>& schema);
};

/// `salt_pepper: 0.2`: each value, with this probability, becomes the least or the greatest that
/// there is, either as likely as the other.
struct HOURGLASS_API SaltPepperCorruption {
  static constexpr const char* kName = "salt_pepper";
  double rate = 0.2;
  static void describe(Schema<SaltPepperCorruption>& schema);
};

/// `masking: 0.3`: each value, with this probability, becomes 0.  P. Vincent et al., "Extracting
/// and composing robust features with denoising autoencoders", 2008.
struct HOURGLASS_API MaskingCorruption {
  static constexpr const char* kName = "masking";
  double rate = 0.3;
  static void describe(Schema<MaskingCorruption>& schema);
};

/// `block: 10`, `block: {size: 6, count: 3}`: squares somewhere in an image become 0 in all
/// channels; each lies inside the image, and any place is as likely as another.
struct HOURGLASS_API BlockCorruption {
  static constexpr const char* kName = "block";
  int size = 8;
  int count = 1;
  static void describe(Schema<BlockCorruption>& schema);
};

/// One entry of `corruption`: `{gaussian: 0.5}`.
struct HOURGLASS_API CorruptionOptions {
  std::variant<GaussianCorruption, SpeckleCorruption, SaltPepperCorruption, MaskingCorruption,
               BlockCorruption>
      kind;
  static void describe(Schema<CorruptionOptions>& schema);
  /// "gaussian", and so on.
  std::string name() const;
};

struct Corrupted {
  Value samples;  // [batch, d1, ...]
  Value where;    // 1 where a value was corrupted, 0 where it was left, of the same shape
};

/// Why samples of this shape cannot be corrupted so; empty where they can.
HOURGLASS_API std::string fault_of(const CorruptionOptions& corruption, const Shape& sample);

/// Samples [batch, d1, ...] corrupted by one after another, with counted random numbers of the
/// streams `<stream>.<n>`: fresh ones in each step of training, and the same for a sample in each
/// evaluation. `range` is that of the training data.
HOURGLASS_API Corrupted corrupt(Value samples, std::span<const CorruptionOptions> corruptions,
                                const ValueRange& range, const std::string& stream);

}  // namespace hourglass
