# Every library that Hourglass stands on, and why. Packages are named as Debian names them;
# bootstrap.sh reads the lines that begin with "# debian:"; what is there as a command, wherever it
# came from, needs no package where a line says so.
#
# debian: libdnnl-dev                     oneDNN: dense, matmul, convolution and the like
# debian: libyaml-cpp-dev                 experiment files and descriptors
# debian: libhdf5-dev                     checkpoints and latent codes
# debian: libboost-program-options-dev    the command line
# debian: libboost-dev                    Student's t, the normal distribution, Sobol's sequence
# debian: zlib1g-dev                      .gz and deflated .npz data
# debian: libpng-dev                      figures, and pictures as data
# debian: libjpeg-dev                     pictures as data
# debian: libfreetype-dev                 text in figures
# debian: fonts-dejavu-core               the font of that text
# debian: libcurl4-openssl-dev            fetching data sets
# debian: libssl-dev                      SHA-256 of what was fetched
# debian: libeigen3-dev                   eigenvectors for principal components
# debian: npm     or command npm          the page of `compare --format html`; without it, no page
# debian: doctest-dev                     the tests

find_package(OpenMP REQUIRED COMPONENTS CXX)  # the thread team that oneDNN uses too
find_package(Threads REQUIRED)
find_package(OneDNN REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(HDF5 REQUIRED COMPONENTS C)
find_package(Boost REQUIRED CONFIG COMPONENTS program_options)  # CMake's own module is going away
find_package(ZLIB REQUIRED)
find_package(PNG REQUIRED)
find_package(JPEG REQUIRED)
find_package(Freetype REQUIRED)
find_package(CURL REQUIRED)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)
find_package(Eigen3 REQUIRED NO_MODULE)
find_program(HOURGLASS_NPM npm DOC "Fetches the chart library of the page")
find_program(HOURGLASS_NODE NAMES node nodejs DOC "Bundles the page")

# yaml-cpp names its target with a namespace since 0.8.
if(NOT TARGET yaml-cpp::yaml-cpp)
  add_library(yaml-cpp::yaml-cpp ALIAS yaml-cpp)
endif()
