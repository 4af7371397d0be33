# hourglass_plugin_templates(<header> <folder>)
#
# Writes <header>: what `hourglass new-plugin` begins a variant from, as texts. They are the files of
# <folder>; the header is written anew where they have changed.
function(hourglass_plugin_templates header folder)
  function(read_template variable file)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/${file})
    file(READ ${folder}/${file} content)
    set(${variable} "R\"template(${content})template\"" PARENT_SCOPE)
  endfunction()
  set(sources "")
  foreach(name vanilla vae adversarial)
    read_template(source ${name}.cpp.in)
    string(APPEND sources "    {\"${name}\", ${source}},\n")
  endforeach()
  read_template(build CMakeLists.txt.in)
  read_template(readme README.md.in)
  read_template(experiment experiment.yaml.in)
  read_template(sweep sweep.yaml.in)
  file(CONFIGURE OUTPUT ${header} CONTENT [[
#pragma once

#include <string_view>

namespace hourglass {

struct PluginSource {
  std::string_view name;
  std::string_view source;
};
inline constexpr PluginSource kPluginSources[] = {
${sources}};
inline constexpr std::string_view kPluginBuildFile = ${build};
inline constexpr std::string_view kPluginReadme = ${readme};
inline constexpr std::string_view kPluginExperiment = ${experiment};
inline constexpr std::string_view kPluginSweep = ${sweep};

}  // namespace hourglass
]])
endfunction()
