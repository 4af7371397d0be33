#include <cli/commands.hpp>
#include <cli/terminal.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/plugin/host.hpp>
#include <hourglass/plugin/new_plugin.hpp>

namespace hourglass::cli {

namespace {

/// How CMake is told where this program's package is; nothing where it finds it by itself.
std::string package_hint() {
  const std::filesystem::path package = package_folder();
  if (package.empty() || is_package_found_unasked(package)) return "";
  return text(" -Dhourglass_DIR=", shell_word(package.string()));
}

int run_new_plugin(const Arguments& arguments) {
  const std::string& name = arguments.words[0];
  const PluginHost host;
  for (const PluginFile& plugin : host.plugins()) {
    if (plugin.note.name != name) continue;
    throw ConfigError(text("there is a variant named \"", name, "\" already, in ",
                           plugin.path.string(), "; choose another name"));
  }
  const std::string from = arguments.from.empty() ? plugin_templates().front() : arguments.from;
  for (const auto& file : write_new_plugin(name, from)) print(file.string() + "\n");
  print(text("\nto build and test it:\n  cmake -S ", name, " -B ", name, "/build", package_hint(),
             "\n  cmake --build ", name, "/build\n  ctest --test-dir ", name,
             "/build\nto train it:\n  hourglass run ", name, "/", name, ".yaml --plugin ", name,
             "/build/lib/plugins/", name, ".so\n"));
  return 0;
}

}  // namespace

Command new_plugin_command() {
  return {.name = "new-plugin",
          .words = "NAME [--from VARIANT]",
          .summary = "begin a new variant: a folder that builds as it is",
          .details =
              "Writes NAME/ with the source of a small variant, a CMakeLists.txt, a README.md, an\n"
              "experiment on embedded data, and a sweep that compares it.",
          .least_words = 1,
          .most_words = 1,
          .options = {{"from", "VARIANT",
                       "what it begins as: " + config::joined(plugin_templates()) +
                           "; default: " + plugin_templates().front(),
                       &Arguments::from}},
          .run = run_new_plugin};
}

}  // namespace hourglass::cli
