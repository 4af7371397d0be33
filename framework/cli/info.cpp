#include <cli/commands.hpp>
#include <cli/info_file.hpp>
#include <cli/run_summary.hpp>
#include <cli/sweep_summary.hpp>
#include <cli/terminal.hpp>

#include <filesystem>

namespace hourglass::cli {

namespace {

int run_info(const Arguments& arguments) {
  const std::filesystem::path path = arguments.words[0];
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    print(file_tree(path));
  } else {
    print(is_sweep_folder(path) ? sweep_summary(path) : run_summary(path));
  }
  return 0;
}

}  // namespace

Command info_command() {
  return {.name = "info",
          .words = "FILE.h5|RUN|SWEEP",
          .summary = "show what is in an HDF5 file, or how a run or a sweep is doing",
          .details = "",
          .least_words = 1,
          .most_words = 1,
          .options = {},
          .run = run_info};
}

}  // namespace hourglass::cli
