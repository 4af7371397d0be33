#include <hourglass/config/emit.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/plugin/variant_type.hpp>

#include <algorithm>

namespace hourglass {

namespace {

bool contains(std::span<const std::string> names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

BoundVariant::~BoundVariant() = default;

VariantType::VariantType(std::string_view name, std::string_view version,
                         std::string_view description)
    : name_(name), version_(version), description_(description) {}

VariantType::~VariantType() = default;

std::unique_ptr<BoundVariant> VariantType::read(const config::Node& model,
                                                std::span<const std::string> shared,
                                                config::Problems& problems) const {
  if (!model.is_map()) return bind(model, problems);
  const std::size_t faults = problems.size();
  const std::vector<std::string> declared = keys();
  config::Node own = config::Node::map(model.place());
  for (const config::Node::Entry& entry : model.entries()) {
    if (contains(declared, entry.key)) {
      own.set(entry.key, entry.value, entry.place);
    } else if (!contains(shared, entry.key)) {
      std::vector<std::string> valid = declared;
      valid.insert(valid.end(), shared.begin(), shared.end());
      problems.add(entry.place, text("unknown key ", config::shown(entry.key), " in model",
                                     config::suggestion(entry.key, valid)));
    }
  }
  std::unique_ptr<BoundVariant> bound = bind(own, problems);
  return problems.size() == faults ? std::move(bound) : nullptr;
}

}  // namespace hourglass
