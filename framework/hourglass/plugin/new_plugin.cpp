#include <hourglass/config/nearest.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/plugin/descriptor.hpp>
#include <hourglass/plugin/host.hpp>
#include <hourglass/plugin/new_plugin.hpp>
#include <hourglass/plugin/plugin_template_files.hpp>
#include <hourglass/storage/atomic_file.hpp>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <utility>

namespace hourglass {

namespace fs = std::filesystem;

namespace {

/// "my-own_2" as a class: "MyOwn2Variant", which no name of Hourglass's hides or is hidden by.
std::string class_name(const std::string& name) {
  std::string out;
  bool begins = true;
  for (const char c : name) {
    const bool letter = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (letter) out += begins ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
    begins = !letter;
  }
  return out + "Variant";
}

std::string filled_in(std::string_view form,
                      const std::vector<std::pair<std::string, std::string>>& words) {
  std::string out(form);
  for (const auto& [mark, word] : words) {
    for (std::size_t at = 0; (at = out.find(mark, at)) != out.npos; at += word.size()) {
      out.replace(at, mark.size(), word);
    }
  }
  return out;
}

std::string_view source_of_template(const std::string& from) {
  for (const auto& [name, source] : kPluginSources) {
    if (name == from) return source;
  }
  throw ConfigError(text("no new variant can be begun from ", config::shown(from),
                         config::suggestion(from, plugin_templates())));
}

}  // namespace

std::vector<std::string> plugin_templates() {
  std::vector<std::string> names;
  for (const auto& [name, source] : kPluginSources) names.emplace_back(name);
  return names;
}

std::vector<fs::path> write_new_plugin(const std::string& name, const std::string& from) {
  if (!is_plugin_name(name)) {
    throw ConfigError(text("a plugin cannot be named ", config::shown(name),
                           ": a name has lower-case letters, digits, \"_\" and \"-\", begins with "
                           "a letter, and is at most 63 long"));
  }
  const std::string_view source = source_of_template(from);
  const fs::path folder = name;
  std::error_code error;
  if (fs::exists(folder, error)) {
    throw ConfigError(text(name,
                           ": is there already; choose another name, or another folder to be "
                           "in"));
  }
  const std::vector<std::pair<std::string, std::string>> words = {
      {"@NAME@", name}, {"@CLASS@", class_name(name)}, {"@BESIDE@", from}};
  const std::pair<std::string, std::string_view> files[] = {{name + ".cpp", source},
                                                            {"CMakeLists.txt", kPluginBuildFile},
                                                            {"README.md", kPluginReadme},
                                                            {name + ".yaml", kPluginExperiment},
                                                            {name + "-compare.yaml", kPluginSweep}};
  if (!fs::create_directory(folder, error)) {
    throw IoError(text(name, ": the folder cannot be made: ", error.message()));
  }
  std::vector<fs::path> written;
  try {
    for (const auto& [file, form] : files) {
      written.push_back(folder / file);
      write_file_atomically(written.back(), filled_in(form, words));
    }
  } catch (...) {
    fs::remove_all(folder, error);  // the next try is not to find something there
    throw;
  }
  return written;
}

fs::path package_folder() {
  std::error_code error;
  for (fs::path up : plugin_folders()) {
    // lib/plugins below the build tree; lib/[architecture/]hourglass/plugins where installed.
    for (int levels = 0; levels < 3 && up.has_relative_path(); ++levels) {
      up = up.parent_path();
      for (const fs::path& folder : {up, up / "cmake" / "hourglass"}) {
        if (fs::is_regular_file(folder / "hourglassConfig.cmake", error)) return folder;
      }
    }
  }
  return {};
}

bool is_package_found_unasked(const fs::path& folder) {
  const std::string path = folder.native();
  return path.starts_with("/usr/lib") || path.starts_with("/usr/local/lib");
}

}  // namespace hourglass
