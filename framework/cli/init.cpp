#include <cli/commands.hpp>
#include <cli/draft.hpp>
#include <cli/environment.hpp>
#include <cli/terminal.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/plugin/architecture.hpp>
#include <hourglass/storage/atomic_file.hpp>

namespace hourglass::cli {

namespace {

namespace fs = std::filesystem;

/// Throws UsageError for arrays that do not go with the data.
DataSet load(const DraftRequest& request, const DataPlaces& places) {
  DataOptions options;
  options.read.array = request.array;
  options.read.labels_array = request.labels_array;
  try {
    return load_data_set(request.dataset, options, places);
  } catch (const OptionError& error) {
    if (error.option() == "array") throw UsageError("--array " + error.reason());
    if (error.option() == "labels_array") throw UsageError("--labels-array " + error.reason());
    throw;
  }
}

int run_init(const Arguments& arguments) {
  const fs::path output = arguments.output;
  std::error_code error;
  if (fs::exists(output, error)) {
    throw ConfigError(text(output.string(), ": is there already; choose another --output"));
  }
  Environment environment(arguments);
  const DraftRequest request{.dataset = arguments.words[0],
                             .array = arguments.array,
                             .labels_array = arguments.labels_array,
                             .variant = arguments.variant.empty() ? "vanilla" : arguments.variant,
                             .plugins = same_plugins(arguments)};
  const auto options = document_model(environment.plugins().variant(request.variant));
  const DataSet data = load(request, environment.places());
  for (const std::string& note : data.notes) print_message(note);
  for (const std::string& warning : data.warnings) print_message("warning: " + warning);

  const std::string draft = draft_experiment(data, request, options);
  config::Problems problems;
  resolve_experiment(config::parse_text(draft, "the new file", problems),
                     environment.surroundings().vocabulary(), problems);
  problems.throw_if_any();  // a variant may want options that nobody but its user can choose
  if (output.empty()) {
    print(draft);
  } else {
    write_file_atomically(output, draft);
    print_message(text(output.string(), ": written; to train: hourglass run ",
                       shell_word(output.string()), same_places(arguments)));
  }
  return 0;
}

}  // namespace

Command init_command() {
  return {.name = "init",
          .words = "DATA",
          .summary = "write an experiment file that fits a data set and runs as it is",
          .details =
              "DATA is a data set's name, or a file of samples. The file goes to standard "
              "output, or\nwhere --output says.",
          .least_words = 1,
          .most_words = 1,
          .options = {{"variant", "NAME", "the kind of autoencoder; default: vanilla",
                       &Arguments::variant},
                      {"array", "NAME", "the array of an NPZ or HDF5 file that holds the samples",
                       &Arguments::array},
                      {"labels-array", "NAME", "the array that holds the labels",
                       &Arguments::labels_array},
                      {"output", "FILE", "the file to write", &Arguments::output},
                      data_root_option(),
                      plugin_option()},
          .run = run_init};
}

}  // namespace hourglass::cli
