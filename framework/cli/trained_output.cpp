#include <cli/terminal.hpp>
#include <cli/trained_output.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/storage/h5_file.hpp>
#include <hourglass/storage/png.hpp>

#include <filesystem>
#include <system_error>

namespace hourglass::cli {

void check_output(const std::string& output, const std::string& input) {
  std::error_code error;
  if (!std::filesystem::exists(output, error)) return;
  const auto refuse = [&](const char* why) {
    throw UsageError(text(output, ": ", why, "; choose another --output"));
  };
  if (std::filesystem::equivalent(output, input, error)) refuse("is the input");
  bool written_by_us = false;
  try {
    const hdf5::Reader file(output);
    written_by_us =
        file.is_dataset("codes") || file.is_dataset("reconstructions") || file.is_dataset("scores");
  } catch (const Error&) {
    written_by_us = png::is_made_by(output, kPictureMaker);
  }
  if (!written_by_us) refuse("is there already, and holds something else");
}

int write_trained(const Arguments& arguments, const std::string& command, const Writing& writing,
                  const std::function<std::string()>& more) {
  if (arguments.output.empty()) {
    throw UsageError(
        text("hourglass ", command, ": --output FILE.h5 is missing: the file to write"));
  }
  check_output(arguments.output, arguments.words[1]);
  Environment environment(arguments);
  Trained trained = open_trained(arguments.words[0], environment.surroundings());
  std::vector<std::string> notes = trained.notes;
  const std::int64_t count =
      writing(trained, arguments.words[1], arguments.output, environment.surroundings(), notes);
  for (const std::string& note : notes) print_message(note);
  print(
      text(arguments.output, ": ", counted(count, "sample"), more ? more() : std::string(), "\n"));
  return 0;
}

std::string trained_details() {
  return "The model is a run's folder or a checkpoint file; nothing else of its training is "
         "needed.\n"
         "INPUT is a file of samples like those of training, or a data set's name (its test "
         "split). Images may be of another size: a model of convolutions alone takes them as a\n"
         "whole, another one in overlapping tiles.";
}

std::vector<Option> trained_options() {
  return {{"output", "FILE.h5", "the file to write", &Arguments::output},
          threads_option(),
          data_root_option(),
          plugin_option()};
}

}  // namespace hourglass::cli
