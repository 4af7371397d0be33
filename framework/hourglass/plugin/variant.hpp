#pragma once

#include <hourglass/core/api.hpp>

namespace hourglass {

/// Base of what a variant's author writes. A variant has options that describe themselves, and one
/// function that writes its model into a graph:
///
///     class Vanilla final : public Variant {
///      public:
///       struct Options { int latent = 32; };
///       static void describe(Schema<Options>& schema);
///       void build(ModelBuilder& model, const Options& options);
///     };
///     HOURGLASS_PLUGIN("vanilla", "1.0.0", Vanilla, "Autoencoder")
///
/// One whose layers should not be none where the experiment gives none says so as a user would:
///
///     static constexpr const char* kArchitecture = "encoder: [{conv: 16}, {maxpool: 2}]";
///
/// `build` must be a pure function of the options and of what the builder answers: it is called
/// once for every batch size and purpose.
class HOURGLASS_API Variant {
 public:
  virtual ~Variant();
};

}  // namespace hourglass
