#pragma once

#include <hourglass/config/node.hpp>
#include <hourglass/core/api.hpp>
#include <hourglass/plugin/model.hpp>
#include <hourglass/train/run_folder.hpp>

#include <cstdint>
#include <filesystem>
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
void write_environment(const RunFolder& folder, const Model& model);

/// Reads a YAML file that a run has written, and nobody else: a fault in it is a DataError.
HOURGLASS_API config::Node read_written_yaml(const std::filesystem::path& path);

/// The numbers under `metrics` of a result.yaml.
HOURGLASS_API NamedNumbers recorded_metrics(const config::Node& result);

/// The last row of a metrics.csv, without empty cells; nothing where there is none.
HOURGLASS_API NamedNumbers last_metrics(const std::filesystem::path& metrics);

}  // namespace hourglass
