#pragma once

#include <hourglass/core/error.hpp>

#include <limits>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace hourglass::cli {

/// A command line that cannot be understood (exit code 2).
class UsageError : public ConfigError {
 public:
  using ConfigError::ConfigError;
};

/// Of an option that takes a number: none was given.
inline constexpr int kNoNumber = std::numeric_limits<int>::min();

/// What a command was given: its words, and every option that some command has.
struct Arguments {
  std::vector<std::string> words;
  bool help = false;
  std::vector<std::string> set;
  std::string output;
  bool resume = false;
  int threads = 0;  // as many as there are processors
  std::string data_root;
  std::vector<std::string> plugins;
  std::string variant;
  std::string array;
  std::string labels_array;
  bool quiet = false;
  int count = kNoNumber;
  int jobs = kNoNumber;
  std::string from;
  int components = 10;
  int seed = kNoNumber;
  bool residuals = false;
  std::string format;
  std::string junit;
  std::vector<std::string> metrics;
  std::vector<std::string> pareto;
};

/// An option of a command. The member that it fills says what it takes: nothing (bool), a number,
/// a text, or a text each time that it is given.
struct Option {
  using Target = std::variant<bool Arguments::*, int Arguments::*, std::string Arguments::*,
                              std::vector<std::string> Arguments::*>;
  std::string name;   // without dashes
  std::string value;  // what stands for its value in help; empty for a bool
  std::string meaning;
  Target target;
};

/// One subcommand. `run` returns the exit code, and throws what is wrong.
struct Command {
  std::string name;
  std::string words;    // as help shows them: "EXPERIMENT.yaml"
  std::string summary;  // one line
  std::string details;  // a paragraph of help; may be empty
  std::size_t least_words = 0;
  std::size_t most_words = 0;
  std::vector<Option> options;
  /// The team of threads that it needs; null: as --threads says.
  int (*team)(const Arguments& arguments) = nullptr;
  int (*run)(const Arguments& arguments) = nullptr;
};

// Options that several commands have.
Option set_option();
Option threads_option();
Option data_root_option();
Option plugin_option();

/// Of `arguments`, the options that say where plugins are, or plugins and data, as another command
/// is to be given them: " --data-root DIR", or nothing. For commands that messages suggest.
std::string same_plugins(const Arguments& arguments);
std::string same_places(const Arguments& arguments);

/// The index of the word in `tokens` that names the command, or `tokens.size()`. It is the first
/// that is neither an option nor an option's value: options may stand before it.
std::size_t command_position(std::span<const Command> commands,
                             std::span<const std::string> tokens);

/// Reads a command's tokens, its name left out. Throws UsageError for unknown options (with the
/// nearest), values that are missing or wrong, and, unless help is asked for, too few words or too
/// many.
Arguments parse(const Command& command, std::span<const std::string> tokens);

/// The help of one command, lines at most `width` wide.
std::string help_text(const Command& command, int width);

}  // namespace hourglass::cli
