#include <cli/shipped_experiments.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/experiment/surroundings.hpp>

namespace hourglass::cli {

namespace fs = std::filesystem;

std::optional<fs::path> shipped_experiment(const fs::path& name) {
  std::error_code error;
  for (const fs::path& datasets : descriptor_folders()) {
    fs::path file = datasets.parent_path() / "experiments" / name;
    if (fs::is_regular_file(file, error)) return file;
  }
  return std::nullopt;
}

void expect_experiment(const std::string& file) {
  std::error_code error;
  if (fs::exists(file, error)) return;
  // As the documents name them, from the source tree.
  const fs::path name = fs::path(file).lexically_normal().lexically_relative("experiments");
  const bool is_below = !name.empty() && *name.begin() != "..";
  const auto shipped = shipped_experiment(is_below ? name : fs::path(file).filename());
  throw DataError(text(file, ": there is no such file",
                       shipped ? text("; the one that comes with Hourglass is ", shipped->string())
                               : std::string()));
}

}  // namespace hourglass::cli
