#pragma once

#include <hourglass/plugin/note.hpp>
#include <hourglass/plugin/variant_type.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace hourglass {

/// Throws PluginError, naming `file`, unless `build_id` is this build's.
void check_build_id(const std::string& file, const std::string& build_id);

/// Loads the plugin as load_plugin does, in a process of its own that ends at once: code of a
/// library runs when it is opened, and may crash, hang or exit. Throws PluginError as load_plugin
/// does, and when that happens.
void probe_plugin(const std::filesystem::path& path, const std::string& file,
                  const PluginNote& note);

/// Opens the library at `path`, compares its descriptor with the note that was read from it, and
/// registers its variant. Messages call the library `file`. It stays open for the life of the
/// process, also when it is refused: code of it may have run.
/// Throws PluginError when the library cannot be opened, has no entry point or no descriptor, was
/// built for another API or by another build, says otherwise than its note, or fails to register.
std::unique_ptr<VariantType> load_plugin(const std::filesystem::path& path, const std::string& file,
                                         const PluginNote& note);

}  // namespace hourglass
