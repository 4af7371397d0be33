#include <cli/commands.hpp>
#include <cli/info_file.hpp>
#include <cli/run_summary.hpp>
#include <cli/terminal.hpp>

#include <filesystem>

namespace hourglass::cli {

namespace {

int run_info(const Arguments& arguments) {
  const std::filesystem::path path = arguments.words[0];
  std::error_code error;
  print(std::filesystem::is_directory(path, error) ? run_summary(path) : file_tree(path));
  return 0;
}

}  // namespace

Command info_command() {
  return {.name = "info",
          .words = "FILE.h5|RUN",
          .summary = "show what is in an HDF5 file, or how a run is doing",
          .details = "",
          .least_words = 1,
          .most_words = 1,
          .options = {},
          .run = run_info};
}

}  // namespace hourglass::cli
