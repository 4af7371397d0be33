#pragma once

#include <hourglass/core/api.hpp>

#include <cstdint>
#include <filesystem>
#include <iosfwd>
#include <string>

namespace hourglass {

/// A plugin's identity as its file states it.
struct PluginNote {
  std::uint32_t api_version = 0;
  std::string build_id;
  std::string name;
  std::string version;
  std::string description;
};

/// Reads the note of the shared library in `file`, which messages call `name`. None of the
/// library's code runs and only its headers and notes are read, within fixed bounds whatever the
/// file claims.
/// Throws PluginError for anything but an undamaged x86-64 shared library with a note of this
/// build's kPluginApiVersion. The build id is not compared.
HOURGLASS_API PluginNote read_plugin_note(std::istream& file, const std::string& name);

/// The same for a path. Throws DataError when there is no such file, PluginError when it is no
/// regular file or cannot be read.
HOURGLASS_API PluginNote read_plugin_note(const std::filesystem::path& path);

}  // namespace hourglass
