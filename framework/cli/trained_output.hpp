#pragma once

#include <cli/arguments.hpp>
#include <cli/environment.hpp>
#include <hourglass/experiment/trained.hpp>

#include <cstdint>
#include <functional>
#include <string>

namespace hourglass::cli {

/// Writes what a trained model makes of an input to a file; see write_codes.
using Writing = std::function<std::int64_t(
    Trained& trained, const std::string& input, const std::filesystem::path& output,
    const Surroundings& surroundings, std::vector<std::string>& notes)>;

/// What an earlier call wrote may be written again; nothing else is overwritten. Throws UsageError
/// when `output` is there and is something else, or the file `input` itself.
void check_output(const std::string& output, const std::string& input);

/// Who made the pictures that commands write.
inline constexpr const char* kPictureMaker = "hourglass generate";

/// Runs `encode`, `reconstruct` or `score`: opens the run, writes, and says how many samples it
/// were, and what `more` adds once all is written.
int write_trained(const Arguments& arguments, const std::string& command, const Writing& writing,
                  const std::function<std::string()>& more = {});

/// The options of all, and what their words mean.
std::vector<Option> trained_options();
std::string trained_details();

}  // namespace hourglass::cli
