#pragma once

#include <hourglass/config/schema.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/nn/initializer.hpp>
#include <hourglass/nn/layer.hpp>
#include <hourglass/nn/likelihood.hpp>
#include <hourglass/plugin/variant_type.hpp>

#include <memory>
#include <optional>
#include <span>
#include <vector>

namespace hourglass {

/// `decoder: mirror`, or a list of layers.
struct HOURGLASS_API DecoderOptions {
  /// None: the encoder's layers in reverse.
  std::optional<std::vector<LayerOptions>> layers;
};

template <>
struct HOURGLASS_API config::Codec<DecoderOptions> {
  static std::string type() { return "mirror, or list of layers"; }
  static bool read(const Node& node, const std::string& path, Problems& problems,
                   DecoderOptions& value);
  static Node write(const DecoderOptions& value);
};

/// The keys of `model` that every variant has: the layers around its code, and what samples are
/// distributed like, which some variants ask for.
struct HOURGLASS_API ArchitectureOptions {
  std::vector<LayerOptions> encoder;
  DecoderOptions decoder;
  Initializer initializer = Initializer::XavierUniform;
  LikelihoodOptions likelihood;
  static void describe(Schema<ArchitectureOptions>& schema);
};

/// An experiment's `model` section, read: the layers, and the variant with its own options.
struct HOURGLASS_API ModelOptions {
  ArchitectureOptions architecture;
  std::shared_ptr<BoundVariant> variant;
  /// The measures that it brings with it.
  std::span<const MetricType* const> metrics = {};
  /// The whole section with every default filled in.
  config::Node resolved;
};

/// Reads a `model` section for a variant; faults go to `problems`, and then `variant` is null.
/// What the variant does not set keeps its own defaults (VariantType::architecture). Throws
/// PluginError for defaults that cannot be read.
HOURGLASS_API ModelOptions read_model_options(const VariantType& type, const config::Node& model,
                                              config::Problems& problems);

/// Checks the keys of a `model` section that every variant has: all that can be said of it where
/// the variant is not known.
HOURGLASS_API void check_architecture(const config::Node& model, config::Problems& problems);

/// A row for each option of `model`: the variant's own, then those that all variants have.
HOURGLASS_API std::vector<OptionRow> document_model(const VariantType& type);

}  // namespace hourglass
