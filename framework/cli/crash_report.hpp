#pragma once

namespace hourglass::cli {

/// From here on a signal that tells of a crash is reported in a line before it ends the program.
void report_crashes();

}  // namespace hourglass::cli
