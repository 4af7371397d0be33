#include <cli/arguments.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/core/text.hpp>

#include <algorithm>
#include <boost/program_options.hpp>
#include <sstream>

namespace hourglass::cli {

namespace po = boost::program_options;

namespace {

constexpr int kMostThreads = 1024;

/// Every command has these.
std::vector<Option> with_common(std::vector<Option> options) {
  options.push_back({"help", "", "show this help", &Arguments::help});
  return options;
}

po::value_semantic* semantic(const Option& option, Arguments& arguments) {
  return std::visit(
      [&](auto member) -> po::value_semantic* {
        auto& target = arguments.*member;
        using T = std::remove_reference_t<decltype(target)>;
        if constexpr (std::is_same_v<T, bool>) {
          return po::bool_switch(&target);
        } else {
          return po::value<T>(&target)->value_name(option.value);
        }
      },
      option.target);
}

po::options_description describe(const Command& command, Arguments& arguments, int width) {
  po::options_description description("Options", width, width / 2);
  for (const Option& option : with_common(command.options)) {
    const std::string name = option.name == "help" ? "help,h" : option.name;
    description.add_options()(name.c_str(), semantic(option, arguments), option.meaning.c_str());
  }
  return description;
}

[[noreturn]] void refuse(const Command& command, const std::string& what) {
  throw UsageError(
      text("hourglass ", command.name, ": ", what, "\nsee: hourglass ", command.name, " --help"));
}

[[noreturn]] void refuse_unknown(const Command& command, const std::string& token) {
  std::vector<std::string> valid;
  for (const Option& option : with_common(command.options)) valid.push_back("--" + option.name);
  const std::string name = token.substr(0, token.find('='));
  refuse(command, text("unknown option \"", name, "\"", config::suggestion(name, valid)));
}

void check_words(const Command& command, const Arguments& arguments) {
  const std::size_t count = arguments.words.size();
  if (count < command.least_words) {
    refuse(command, text("wants ", command.words, ", got ",
                         count == 0 ? "nothing" : text("only \"", arguments.words.back(), "\"")));
  }
  if (count > command.most_words) {
    refuse(command, text("unexpected \"", arguments.words[command.most_words], "\"",
                         command.words.empty() ? "" : text("; it wants ", command.words)));
  }
}

}  // namespace

Option set_option() {
  return {"set", "KEY=VALUE", "set a value of the file, such as train.epochs=5; may be repeated",
          &Arguments::set};
}
Option threads_option() {
  return {"threads", "N", "threads that compute; default: one per processor", &Arguments::threads};
}
Option data_root_option() {
  return {"data-root", "DIR", "where data sets lie; default: $HOURGLASS_DATA, or datasets/cache",
          &Arguments::data_root};
}
Option plugin_option() {
  return {"plugin", "FILE", "a plugin beside those that are found; may be repeated",
          &Arguments::plugins};
}

std::string same_plugins(const Arguments& arguments) {
  std::string out;
  for (const std::string& plugin : arguments.plugins) out += " --plugin " + shell_word(plugin);
  return out;
}

std::string same_places(const Arguments& arguments) {
  const std::string& root = arguments.data_root;
  return (root.empty() ? "" : " --data-root " + shell_word(root)) + same_plugins(arguments);
}

std::size_t command_position(std::span<const Command> commands,
                             std::span<const std::string> tokens) {
  const auto takes_value = [&](const std::string& token) {
    for (const Command& command : commands) {
      for (const Option& option : command.options) {
        if (token == "--" + option.name) return !option.value.empty();
      }
    }
    return false;
  };
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (!tokens[i].starts_with("-")) return i;
    if (takes_value(tokens[i])) ++i;
  }
  return tokens.size();
}

Arguments parse(const Command& command, std::span<const std::string> tokens) {
  Arguments arguments;
  const po::options_description description = describe(command, arguments, 100);
  try {
    po::command_line_parser parser(std::vector<std::string>(tokens.begin(), tokens.end()));
    parser.options(description).allow_unregistered();
    parser.style(po::command_line_style::default_style & ~po::command_line_style::allow_guessing);
    const po::parsed_options parsed = parser.run();
    po::parsed_options known(&description);
    for (const po::option& option : parsed.options) {
      if (option.unregistered) refuse_unknown(command, option.original_tokens.front());
      if (option.string_key.empty()) {
        arguments.words.insert(arguments.words.end(), option.value.begin(), option.value.end());
      } else {
        known.options.push_back(option);
      }
    }
    po::variables_map values;
    po::store(known, values);
    po::notify(values);
    const bool threads_told = values.count("threads") > 0;
    if (threads_told && (arguments.threads < 1 || arguments.threads > kMostThreads)) {
      refuse(command,
             text("--threads must be in [1, ", kMostThreads, "], got ", arguments.threads));
    }
  } catch (const po::error& error) {
    refuse(command, error.what());
  }
  if (!arguments.help) check_words(command, arguments);
  return arguments;
}

std::string help_text(const Command& command, int width) {
  std::ostringstream out;
  out << "usage: hourglass " << command.name << (command.words.empty() ? "" : " ") << command.words
      << " [options]\n\n"
      << command.summary << "\n";
  if (!command.details.empty()) out << "\n" << command.details << "\n";
  Arguments unused;
  out << "\n" << describe(command, unused, width);
  return out.str();
}

}  // namespace hourglass::cli
