#include <hourglass/core/error.hpp>
#include <hourglass/plugin/registry.hpp>

#include <utility>

namespace hourglass {

Registry::Registry(std::string plugin) : plugin_(std::move(plugin)) {}
Registry::~Registry() = default;

void Registry::add(std::unique_ptr<VariantType> variant) {
  if (variant == nullptr) throw PluginError("there is no variant to add");
  if (variant->name() != plugin_) {
    throw PluginError(
        text("plugin \"", plugin_, "\" added a variant named \"", variant->name(), "\""));
  }
  if (variant_ != nullptr) throw PluginError(text("variant \"", plugin_, "\" was added twice"));
  variant_ = std::move(variant);
}

std::unique_ptr<VariantType> Registry::take_variant() { return std::move(variant_); }

}  // namespace hourglass
