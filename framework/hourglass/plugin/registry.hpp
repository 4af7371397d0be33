#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/plugin/variant_type.hpp>

#include <memory>
#include <string>

namespace hourglass {

/// What one plugin hands over while the program registers it. HOURGLASS_PLUGIN fills it in.
class HOURGLASS_API Registry {
 public:
  /// `plugin` is the name that the plugin's note gives.
  explicit Registry(std::string plugin);
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  /// Takes the variant. Throws PluginError when it bears another name than its plugin, or when
  /// there is one already.
  void add(std::unique_ptr<VariantType> variant);

  /// The variant, or null if none was added; the registry is empty afterwards.
  std::unique_ptr<VariantType> take_variant();

 private:
  std::string plugin_;
  std::unique_ptr<VariantType> variant_;
};

}  // namespace hourglass
