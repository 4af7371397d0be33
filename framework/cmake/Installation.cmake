# What is installed: the command, the library with the headers that plugins are compiled with, and the
# CMake package `hourglass`, which makes plugins outside this tree as they are made inside. (Plugins,
# descriptors and experiments are installed where they are listed.)
include(CMakePackageConfigHelpers)

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/hourglass)
install(TARGETS hourglass hourglass_cli EXPORT hourglass
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(EXPORT hourglass NAMESPACE hourglass:: FILE hourglassTargets.cmake DESTINATION ${package})

# Which headers these are is asked when they are installed: what they include may have changed since
# the build was configured.
install(CODE "
  include(\"${PROJECT_SOURCE_DIR}/framework/cmake/PublicHeaders.cmake\")
  hourglass_public_headers(headers \"${PROJECT_SOURCE_DIR}/framework\")
  foreach(header IN LISTS headers)
    cmake_path(GET header PARENT_PATH folder)
    file(INSTALL \"${PROJECT_SOURCE_DIR}/framework/\${header}\"
         DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_INCLUDEDIR}/\${folder}\")
  endforeach()")
install(FILES ${PROJECT_BINARY_DIR}/generated/hourglass/plugin/build_stamp.hpp
        DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/hourglass/plugin)

# The build tree is a package too, for plugins that are tried before anything is installed.
export(EXPORT hourglass NAMESPACE hourglass:: FILE ${PROJECT_BINARY_DIR}/hourglassTargets.cmake)
configure_file(${CMAKE_CURRENT_LIST_DIR}/HourglassPlugin.cmake ${PROJECT_BINARY_DIR} COPYONLY)
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/hourglassConfig.cmake.in
  ${PROJECT_BINARY_DIR}/hourglassConfig.cmake INSTALL_DESTINATION ${package})
# Plugins hold for the version that they were built with, and for no other.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/hourglassConfigVersion.cmake
  COMPATIBILITY ExactVersion)
install(FILES ${PROJECT_BINARY_DIR}/hourglassConfig.cmake
              ${PROJECT_BINARY_DIR}/hourglassConfigVersion.cmake
              ${CMAKE_CURRENT_LIST_DIR}/HourglassPlugin.cmake
        DESTINATION ${package})
