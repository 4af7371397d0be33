#pragma once

#include <hourglass/experiment/run.hpp>

#include <string>
#include <utility>
#include <vector>

namespace hourglass {

/// What result.yaml says.
struct RunRecord {
  std::string name;
  std::string variant;
  std::int64_t seed = 0;
  std::string status;   // completed, interrupted, diverged, failed
  std::string message;  // why it is not completed; left out when empty
  std::int64_t epochs = 0;
  std::int64_t steps = 0;
  std::int64_t parameters = 0;
  std::int64_t code_size = 0;
  double compression_ratio = 0;
  NamedNumbers metrics;
  std::vector<std::pair<std::string, std::string>> protocol;
};

/// Writes result.yaml; seconds and speed are the sums of timing.csv.
void write_record(const RunFolder& folder, const RunRecord& record);

/// Writes environment.yaml: versions, processor, threads, the code that runs, and the time.
void write_environment(const RunFolder& folder, Model& model);

/// "completed", ...; empty when the folder has no result.
std::string recorded_status(const RunFolder& folder);

}  // namespace hourglass
