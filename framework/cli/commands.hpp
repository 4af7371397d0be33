#pragma once

#include <cli/arguments.hpp>

/// Every subcommand, one function a file.
namespace hourglass::cli {

Command run_command();
Command sweep_command();
Command check_command();
Command init_command();
Command encode_command();
Command reconstruct_command();
Command generate_command();
Command score_command();
Command plugins_command();
Command new_plugin_command();
Command plugin_check_command();
Command datasets_command();
Command info_command();
Command compare_command();

}  // namespace hourglass::cli
