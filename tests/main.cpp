#define DOCTEST_CONFIG_IMPLEMENT
#include <hourglass/core/parallel.hpp>

#include <doctest/doctest.h>

int main(int argc, char** argv) {
  hourglass::start_threads();
  doctest::Context context(argc, argv);
  return context.run();
}
