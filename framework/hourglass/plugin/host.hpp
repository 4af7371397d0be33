#pragma once

#include <hourglass/core/api.hpp>
#include <hourglass/plugin/note.hpp>
#include <hourglass/plugin/variant_type.hpp>

#include <cstddef>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass {

/// The folders that hold plugins, in order of search: the one that belongs to this program
/// (`hourglass/plugins` beside the installed library, `plugins` beside it in a build tree), then
/// those of the environment variable HOURGLASS_PLUGIN_PATH, separated by colons.
HOURGLASS_API std::vector<std::filesystem::path> plugin_folders();

/// A plugin whose note is in order.
struct PluginFile {
  std::filesystem::path path;
  PluginNote note;
};

/// A file that was passed over, and why.
struct PluginRefusal {
  std::filesystem::path path;
  /// The variant that it would have provided: by its note or, without a readable one, by the
  /// file's name. Empty for a folder.
  std::string name;
  std::string message;
  /// Nothing is wrong with the file, but another one provides the same variant.
  bool duplicate = false;
};

/// Finds plugins and loads those that are asked for.
///
/// A folder of plugins must not be able to break a program that uses none of them, nor should
/// listing them run their code. So the host reads only the notes of what it finds, keeps a list
/// of what it refuses, and opens a library when its variant is wanted: first in a process of its
/// own, so that one that crashes, hangs or exits when it is opened is refused like any other. Files
/// that the user named are opened at once, and their faults are errors.
///
///     PluginHost host({"build/lib/plugins/mine.so"});
///     for (const PluginFile& plugin : host.plugins()) list(plugin.note.name);
///     const VariantType& vae = host.variant("vae");
///
/// One thread uses a host, outside parallel regions.
class HOURGLASS_API PluginHost {
 public:
  /// `files` are plugins that the user named (--plugin), `folders` are searched after them for
  /// files that end in ".so"; a folder that does not exist is listed among the refusals.
  /// Throws DataError when a file of `files` is missing, PluginError when one is refused.
  explicit PluginHost(const std::vector<std::filesystem::path>& files = {},
                      const std::vector<std::filesystem::path>& folders = plugin_folders());
  ~PluginHost();
  PluginHost(const PluginHost&) = delete;
  PluginHost& operator=(const PluginHost&) = delete;

  /// What is there, by name.
  const std::vector<PluginFile>& plugins() const { return plugins_; }
  std::vector<std::string> names() const;
  /// What was refused, in order of search. Of two files with one variant, the later is listed here
  /// and neither is used: asking for that variant is an error.
  const std::vector<PluginRefusal>& refusals() const { return refusals_; }

  /// The variant of this name, whose library is loaded on the first call and lives as long as
  /// the process; the reference is valid as long as the host.
  /// Throws ConfigError, with the nearest name, when no file provides it, and PluginError when
  /// two do, or when the only one that does was refused.
  const VariantType& variant(std::string_view name);

 private:
  void add_folder(const std::filesystem::path& folder);
  void add_found(const std::filesystem::path& path);
  void add(const std::filesystem::path& path, PluginNote note);
  void check_unique(std::string_view name) const;
  [[noreturn]] void refuse_unknown(std::string_view name) const;

  std::vector<PluginFile> plugins_;
  std::vector<PluginRefusal> refusals_;
  std::map<std::string, std::unique_ptr<VariantType>, std::less<>> loaded_;
};

/// What is said of a variant that is none of `known`: with the nearest of them, or else all, and
/// where plugins of one's own are looked for.
HOURGLASS_API std::string unknown_variant(std::string_view name,
                                          std::span<const std::string> known);

}  // namespace hourglass
