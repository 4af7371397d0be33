# `cpack` in the build folder makes hourglass_<version>_<architecture>.deb: what `cmake --install` installs,
# below /usr. It depends on the font of figures and on the libraries that its files are linked to, of the
# versions that they need: dpkg-shlibdeps finds them, so the packages dpkg-dev and file must be there.
# Plugins are built with the compiler of the same distribution.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME hourglass)
set(CPACK_PACKAGE_CONTACT "The Hourglass authors")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGE_DESCRIPTION
"Trains autoencoder variants, each a plugin in a shared library, from YAML experiment
files, compares them in sweeps, and keeps checkpoints and latent codes in HDF5.
Holds the headers and the CMake package that new variants are built with.")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION science)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS fonts-dejavu-core)
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "g++, cmake, ninja-build | make")
# The library lies below /usr/lib and is the program's own; plugins are linked to it.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${CMAKE_LIBRARY_OUTPUT_DIRECTORY})
include(CPack)
