#include <cli/environment.hpp>

namespace hourglass::cli {

namespace {

std::vector<std::filesystem::path> paths_of(const std::vector<std::string>& names) {
  return {names.begin(), names.end()};
}

}  // namespace

Environment::Environment(const Arguments& arguments)
    : plugins_(paths_of(arguments.plugins)),
      surroundings_{plugins_, data_places(data_root(arguments.data_root))} {}

}  // namespace hourglass::cli
