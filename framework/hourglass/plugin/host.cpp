#include <hourglass/config/emit.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/plugin/host.hpp>
#include <hourglass/plugin/loader.hpp>

#include <dlfcn.h>
#include <algorithm>
#include <cstdlib>
#include <system_error>
#include <utility>

namespace hourglass {

namespace fs = std::filesystem;

namespace {

// The folder of the shared library that this function is part of.
fs::path library_folder() {
  Dl_info info{};
  std::error_code error;
  if (dladdr(reinterpret_cast<void*>(&library_folder), &info) == 0) return {};
  return fs::canonical(info.dli_fname, error).parent_path();
}

std::vector<fs::path> split_folders(std::string_view list) {
  std::vector<fs::path> folders;
  while (!list.empty()) {
    const std::size_t colon = std::min(list.find(':'), list.size());
    if (colon > 0) folders.emplace_back(list.substr(0, colon));
    list.remove_prefix(std::min(colon + 1, list.size()));
  }
  return folders;
}

PluginNote read_checked_note(const fs::path& path) {
  PluginNote note = read_plugin_note(path);
  check_build_id(path.native(), note.build_id);
  return note;
}

bool same_file(const fs::path& a, const fs::path& b) {
  std::error_code error;
  return fs::equivalent(a, b, error);
}

}  // namespace

std::vector<fs::path> plugin_folders() {
  std::vector<fs::path> folders;
  const fs::path library = library_folder();
  for (const char* name : {"hourglass/plugins", "plugins"}) {
    std::error_code error;
    if (library.empty() || !fs::is_directory(library / name, error)) continue;
    folders.push_back(library / name);
    break;
  }
  if (const char* list = std::getenv("HOURGLASS_PLUGIN_PATH")) {
    for (fs::path& folder : split_folders(list)) folders.push_back(std::move(folder));
  }
  return folders;
}

PluginHost::PluginHost(const std::vector<fs::path>& files, const std::vector<fs::path>& folders) {
  for (const fs::path& file : files) add(file, read_checked_note(file));
  const std::vector<std::string> named = names();
  for (const fs::path& folder : folders) add_folder(folder);
  std::sort(plugins_.begin(), plugins_.end(),
            [](const PluginFile& a, const PluginFile& b) { return a.note.name < b.note.name; });
  for (const std::string& name : named) variant(name);
}

PluginHost::~PluginHost() = default;

std::vector<std::string> PluginHost::names() const {
  std::vector<std::string> names;
  for (const PluginFile& plugin : plugins_) names.push_back(plugin.note.name);
  return names;
}

void PluginHost::add_folder(const fs::path& folder) {
  std::error_code error;
  fs::directory_iterator entries(folder, error);
  if (error) {
    refusals_.push_back(
        {folder, "", text(folder.native(), ": cannot be searched for plugins: ", error.message())});
    return;
  }
  std::vector<fs::path> files;
  for (; entries != fs::directory_iterator(); entries.increment(error)) {
    if (entries->path().extension() == ".so") files.push_back(entries->path());
  }
  std::sort(files.begin(), files.end());  // the system lists files in no order
  for (const fs::path& file : files) add_found(file);
}

void PluginHost::add_found(const fs::path& path) {
  std::string name = path.stem().native();
  try {
    PluginNote note = read_plugin_note(path);
    name = note.name;
    check_build_id(path.native(), note.build_id);
    add(path, std::move(note));
  } catch (const Error& error) {
    refusals_.push_back({path, name, error.what()});
  }
}

void PluginHost::add(const fs::path& path, PluginNote note) {
  for (const PluginFile& other : plugins_) {
    if (other.note.name != note.name) continue;
    if (!same_file(other.path, path)) {
      refusals_.push_back(
          {path, note.name,
           text(path.native(), ": variant \"", note.name, "\" is already provided by ",
                other.path.native(), "; remove one of the two files, or rename its variant"),
           true});
    }
    return;
  }
  plugins_.push_back({path, std::move(note)});
}

const VariantType& PluginHost::variant(std::string_view name) {
  const auto loaded = loaded_.find(name);
  if (loaded != loaded_.end()) return *loaded->second;
  check_unique(name);
  for (const PluginFile& plugin : plugins_) {
    if (plugin.note.name != name) continue;
    // Without a slash, the system would search its own folders for the file.
    const fs::path path = fs::absolute(plugin.path);
    probe_plugin(path, plugin.path.native(), plugin.note);
    auto type = load_plugin(path, plugin.path.native(), plugin.note);
    return *loaded_.emplace(plugin.note.name, std::move(type)).first->second;
  }
  refuse_unknown(name);
}

void PluginHost::check_unique(std::string_view name) const {
  for (const PluginRefusal& refusal : refusals_) {
    if (refusal.duplicate && refusal.name == name) throw PluginError(refusal.message);
  }
}

void PluginHost::refuse_unknown(std::string_view name) const {
  for (const PluginRefusal& refusal : refusals_) {
    if (!name.empty() && refusal.name == name) throw PluginError(refusal.message);
  }
  throw ConfigError(unknown_variant(name, names()));
}

std::string unknown_variant(std::string_view name, std::span<const std::string> known) {
  const std::string unknown = text("unknown variant ", config::shown(name));
  if (known.empty()) {
    return unknown +
           ": no plugins were found; name their folder in HOURGLASS_PLUGIN_PATH, or a file with "
           "--plugin";
  }
  std::string message = unknown + config::suggestion(name, known);
  if (config::nearest(name, known).empty()) {
    message += "; one of your own is named by --plugin, or its folder by HOURGLASS_PLUGIN_PATH";
  }
  return message;
}

}  // namespace hourglass
