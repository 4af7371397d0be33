#include <hourglass/config/emit.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/plugin/architecture.hpp>

#include <algorithm>

namespace hourglass {

bool config::Codec<DecoderOptions>::read(const Node& node, const std::string& path,
                                         Problems& problems, DecoderOptions& value) {
  if (node.is_scalar() && node.text() == "mirror") {
    value.layers.reset();
    return true;
  }
  if (!node.is_list()) {
    const std::vector<std::string> valid = {"mirror"};
    const std::string meant = nearest(node.text(), valid);
    return wrong(node, path, problems, "mirror, or a list of layers",
                 meant.empty() ? std::string() : text("; did you mean \"", meant, "\"?"));
  }
  std::vector<LayerOptions> layers;
  if (!Codec<std::vector<LayerOptions>>::read(node, path, problems, layers)) return false;
  value.layers = std::move(layers);
  return true;
}

config::Node config::Codec<DecoderOptions>::write(const DecoderOptions& value) {
  if (!value.layers) return Node::string("mirror");
  return Codec<std::vector<LayerOptions>>::write(*value.layers);
}

void ArchitectureOptions::describe(Schema<ArchitectureOptions>& schema) {
  schema.add("encoder", &ArchitectureOptions::encoder, "the layers before the code");
  schema.add("decoder", &ArchitectureOptions::decoder,
             "the layers between the code and the output, which has the data's shape");
  schema.add("initializer", &ArchitectureOptions::initializer, "how weights start",
             initializer_names());
  schema.add("likelihood", &ArchitectureOptions::likelihood,
             "what samples are distributed like, for variants that model it; auto: bernoulli where "
             "the data lie in [0, 1], else gaussian of variance 1");
}

namespace {

/// Those entries of a map whose keys are in `keys`.
config::Node entries_of(const config::Node& map, const std::vector<std::string>& keys) {
  config::Node chosen = config::Node::map(map.place());
  for (const auto& entry : map.entries()) {
    if (std::ranges::find(keys, entry.key) != keys.end()) {
      chosen.set(entry.key, entry.value, entry.place);
    }
  }
  return chosen;
}

/// What a variant says of the layers where the experiment says nothing.
config::Node standard_of(const VariantType& type) {
  return config::parse_text(type.architecture(), text("the defaults of ", type.name()));
}

ArchitectureOptions standard_architecture(const VariantType& type,
                                          const Schema<ArchitectureOptions>& schema) {
  ArchitectureOptions options;
  try {
    const config::Node standard = standard_of(type);
    config::Problems problems;
    if (!standard.is_null()) schema.read(standard, "model", problems, options);
    problems.throw_if_any();
  } catch (const ConfigError& error) {
    throw PluginError(
        text("variant \"", type.name(), "\" has layers that cannot be read: ", error.what()));
  }
  return options;
}

}  // namespace

void check_architecture(const config::Node& model, config::Problems& problems) {
  if (!model.is_map() && !model.is_null()) {
    config::wrong(model, "model", problems, "a map of options");
    return;
  }
  const auto schema = schema_of<ArchitectureOptions>();
  schema.read(entries_of(model, schema.names()), problems, "model");
}

ModelOptions read_model_options(const VariantType& type, const config::Node& model,
                                config::Problems& problems) {
  static const Schema<ArchitectureOptions> kSchema = schema_of<ArchitectureOptions>();
  const std::vector<std::string> own = type.keys();
  std::vector<std::string> shared;
  for (const std::string& name : kSchema.names()) {
    if (std::ranges::find(own, name) == own.end()) shared.push_back(name);
  }
  ModelOptions result;
  result.architecture = standard_architecture(type, kSchema);
  const bool good = kSchema.read(entries_of(model, shared), "model", problems, result.architecture);
  result.variant = type.read(model, shared, problems);
  result.metrics = type.metrics();
  if (result.variant == nullptr || !good) {
    result.variant.reset();
    return result;
  }
  result.resolved = result.variant->resolved();
  const config::Node layers = kSchema.write(result.architecture);
  for (const auto& entry : layers.entries()) {
    if (std::ranges::find(shared, entry.key) != shared.end()) {
      result.resolved.set(entry.key, entry.value);
    }
  }
  return result;
}

std::vector<OptionRow> document_model(const VariantType& type) {
  std::vector<OptionRow> rows = type.document();
  const std::vector<std::string> own = type.keys();
  const config::Node standard = standard_of(type);
  for (OptionRow& row : schema_of<ArchitectureOptions>().document()) {
    const std::string key = row.name.substr(0, row.name.find('.'));
    const config::Node* other = standard.find(row.name);
    if (other != nullptr) row.standard = config::emit_in_line(*other);
    if (std::ranges::find(own, key) == own.end()) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace hourglass
