#pragma once

#include <hourglass/plugin/build_id.hpp>
#include <hourglass/plugin/descriptor.hpp>
#include <hourglass/plugin/registry.hpp>

#include <memory>

/// Writes a plugin's ELF note. Part of HOURGLASS_PLUGIN.
#define HOURGLASS_PLUGIN_NOTE(api_version, build_id, name, version, description)           \
  namespace {                                                                              \
  [[gnu::section(".note.hourglass"), gnu::used,                                            \
    gnu::aligned(4)]] constexpr ::hourglass::PluginNoteRecord hourglass_plugin_note =      \
      ::hourglass::detail::note_record(api_version, build_id, name, version, description); \
  }

/// Defines the one function that a plugin exports. `register_with` is called with a Registry&.
/// Part of HOURGLASS_PLUGIN.
#define HOURGLASS_PLUGIN_ENTRY(api_version, build_id, name, version, description, register_with) \
  extern "C" HOURGLASS_API const ::hourglass::PluginDescriptor* hourglass_plugin() {             \
    static constexpr ::hourglass::PluginDescriptor descriptor{                                   \
        api_version, build_id, name, version, description, register_with};                       \
    return &descriptor;                                                                          \
  }

/// Makes a shared library a plugin that offers the variant `Class` under `name`. It stands once in
/// a plugin, outside all namespaces. `name` is what experiment files say (lower-case letters,
/// digits, "_" and "-"), `version` the variant's own, `description` one line for lists.
///
///     class Vae final : public Variant {
///      public:
///       struct Options { int latent = 20; };
///       static void describe(Schema<Options>& schema);
///       void build(ModelBuilder& model, const Options& options);
///     };
///     HOURGLASS_PLUGIN("vae", "1.0.0", Vae, "Variational autoencoder")
#define HOURGLASS_PLUGIN(name, version, Class, description)                                    \
  static_assert(::hourglass::is_plugin_name(name),                                             \
                "a plugin's name has lower-case letters, digits, \"_\" and \"-\"");            \
  HOURGLASS_PLUGIN_NOTE(::hourglass::kPluginApiVersion, HOURGLASS_BUILD_ID, name, version,     \
                        description)                                                           \
  HOURGLASS_PLUGIN_ENTRY(::hourglass::kPluginApiVersion, HOURGLASS_BUILD_ID, name, version,    \
                         description, [](::hourglass::Registry& registry) {                    \
                           registry.add(::std::make_unique<::hourglass::VariantTypeOf<Class>>( \
                               name, version, description));                                   \
                         })
