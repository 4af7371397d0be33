#pragma once

#include <support/child_process.hpp>
#include <support/places.hpp>

#include <initializer_list>
#include <string>
#include <vector>

/// Runs `hourglass` with these arguments in `folder`, and waits for its end.
inline Finished hourglass_command(const std::filesystem::path& folder,
                                  const std::vector<std::string>& arguments,
                                  const std::vector<std::string>& environment = {}) {
  std::vector<std::string> command = {HOURGLASS_PROGRAM};
  command.insert(command.end(), arguments.begin(), arguments.end());
  return ChildProcess(command, folder, environment).wait();
}
inline Finished hourglass_command(const std::vector<std::string>& arguments) {
  return hourglass_command(std::filesystem::temp_directory_path(), arguments);
}

/// An experiment that is trained in a moment.
inline constexpr const char* kSmallExperiment =
    "name: small\n"
    "dataset: {name: glyphs, limit: 500}\n"
    "variant: vanilla\n"
    "model:\n"
    "  encoder: [{dense: 32, activation: relu}]\n"
    "  latent: 4\n"
    "  loss: binary_cross_entropy\n"
    "train: {epochs: 2, batch: 50}\n";

/// Whether `part` stands somewhere in `text`.
inline bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}
