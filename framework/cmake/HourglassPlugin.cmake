# hourglass_add_plugin(<name> <source>... [OUTPUT_DIRECTORY <folder>])
#
# Builds the variant <name> as the shared library <folder>/<name>.so, where Hourglass can find it.
# <folder> is lib/plugins in the build tree unless given. The target, hourglass_plugin_<name>, is
# an ordinary one: what else the variant needs is linked to it with target_link_libraries.
function(hourglass_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "OUTPUT_DIRECTORY" "")
  if(NOT arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "hourglass_add_plugin(${name}): no source files were given")
  endif()
  if(NOT arg_OUTPUT_DIRECTORY)
    set(arg_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/lib/plugins)
  endif()

  set(target hourglass_plugin_${name})
  add_library(${target} MODULE ${arg_UNPARSED_ARGUMENTS})
  target_link_libraries(${target} PRIVATE hourglass::hourglass)
  if(NOT HOURGLASS_SANITIZE)  # what is missing is told by the linker, not when the plugin is loaded
    target_link_options(${target} PRIVATE LINKER:-z,defs)
  endif()
  if(TARGET hourglass_options)  # within Hourglass itself: its warnings and sanitizers
    target_link_libraries(${target} PRIVATE hourglass_options)
    target_precompile_headers(${target} REUSE_FROM hourglass_plugin_headers)
  endif()
  set_target_properties(${target} PROPERTIES
    PREFIX ""
    OUTPUT_NAME ${name}
    SUFFIX .so
    LIBRARY_OUTPUT_DIRECTORY ${arg_OUTPUT_DIRECTORY}
    CXX_STANDARD 20
    CXX_STANDARD_REQUIRED ON
    CXX_EXTENSIONS OFF
    CXX_VISIBILITY_PRESET hidden
    VISIBILITY_INLINES_HIDDEN ON)
endfunction()
