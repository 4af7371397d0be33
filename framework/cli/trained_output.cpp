#include <cli/terminal.hpp>
#include <cli/trained_output.hpp>
#include <hourglass/core/text.hpp>

namespace hourglass::cli {

int write_trained(const Arguments& arguments, const std::string& command, Writing writing) {
  if (arguments.output.empty()) {
    throw UsageError(
        text("hourglass ", command, ": --output FILE.h5 is missing: the file to write"));
  }
  Environment environment(arguments);
  Prepared trained = open_trained(arguments.words[0], environment.surroundings());
  std::vector<std::string> notes;
  const std::int64_t count =
      writing(trained, arguments.words[1], arguments.output, environment.surroundings(), notes);
  for (const std::string& note : notes) print_message(note);
  print(text(arguments.output, ": ", grouped(count), " samples\n"));
  return 0;
}

std::vector<Option> trained_options() {
  return {{"output", "FILE.h5", "the file to write", &Arguments::output},
          threads_option(),
          data_root_option(),
          plugin_option()};
}

}  // namespace hourglass::cli
