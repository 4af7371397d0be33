#include <hourglass/config/emit.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/cpu.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/parallel.hpp>
#include <hourglass/experiment/record.hpp>
#include <hourglass/experiment/versions.hpp>
#include <hourglass/onednn/primitive.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/storage/csv.hpp>

#include <sys/resource.h>

#include <cmath>
#include <ctime>

namespace hourglass {

using config::Node;

namespace {

double peak_memory_mib() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::round(static_cast<double>(usage.ru_maxrss) / 1024.0 * 10) / 10;
}

double rounded(double value) { return std::round(value * 1000) / 1000; }

std::string now_in_utc() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char buffer[32];
  std::strftime(buffer, sizeof buffer, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return buffer;
}

}  // namespace

void write_record(const RunFolder& folder, const RunRecord& record) {
  double seconds = 0, samples = 0;
  std::error_code error;
  if (std::filesystem::exists(folder.timing(), error)) {
    const csv::Table timing = csv::read(folder.timing());
    const std::vector<double> each = timing.values("seconds");
    const std::vector<double> speed = timing.values("samples_per_second");
    for (std::size_t i = 0; i < each.size(); ++i) {
      seconds += each[i];
      samples += each[i] * speed[i];
    }
  }
  Node root = Node::map();
  root.set("name", Node::string(record.name));
  root.set("variant", Node::string(record.variant));
  root.set("seed", Node::integer(record.seed));
  root.set("status", Node::string(record.status));
  if (!record.message.empty()) root.set("message", Node::string(record.message));
  root.set("epochs", Node::integer(record.epochs));
  root.set("steps", Node::integer(record.steps));
  root.set("seconds", Node::number(rounded(seconds)));
  root.set("samples_per_second", Node::number(seconds > 0 ? std::round(samples / seconds) : 0.0));
  root.set("parameters", Node::integer(record.parameters));
  root.set("code_size", Node::integer(record.code_size));
  root.set("compression_ratio", Node::number(record.compression_ratio));
  root.set("peak_memory_mib", Node::number(peak_memory_mib()));
  Node metrics = Node::map();
  for (const auto& [name, value] : record.metrics) metrics.set(name, Node::number(value));
  root.set("metrics", std::move(metrics));
  Node protocol = Node::map();
  for (const auto& [name, value] : record.protocol) protocol.set(name, Node::string(value));
  root.set("protocol", std::move(protocol));
  write_file_atomically(folder.result(), config::emit(root));
}

void write_environment(const RunFolder& folder, const Model& model) {
  Node root = Node::map();
  root.set("hourglass", Node::string(program_version()));
  root.set("git_revision", Node::string(git_revision()));
  Node libraries = Node::map();
  for (const auto& [name, version] : library_versions()) libraries.set(name, Node::string(version));
  root.set("libraries", std::move(libraries));
  root.set("cpu", Node::string(cpu_name()));
  root.set("instruction_set", Node::string(std::string(name_of(isa()))));
  root.set("onednn_instruction_set", Node::string(onednn::instruction_set()));
  root.set("threads", Node::integer(thread_count()));
  Node names = Node::list();
  for (const std::string& each : model.implementations())
    names.items().push_back(Node::string(each));
  root.set("implementations", std::move(names));
  root.set("start", Node::string(now_in_utc()));
  write_file_atomically(folder.environment(), config::emit(root));
}

Node read_written_yaml(const std::filesystem::path& path) {
  try {
    return config::parse_file(path);
  } catch (const ConfigError& error) {
    throw DataError(error.what());
  }
}

NamedNumbers recorded_metrics(const Node& result) {
  NamedNumbers numbers;
  const Node* metrics = result.find("metrics");
  if (metrics == nullptr) return numbers;
  for (const Node::Entry& entry : metrics->entries()) {
    if (const auto value = entry.value.to_number()) numbers.emplace_back(entry.key, *value);
  }
  return numbers;
}

NamedNumbers last_metrics(const std::filesystem::path& metrics) {
  NamedNumbers numbers;
  std::error_code error;
  if (!std::filesystem::exists(metrics, error)) return numbers;
  const csv::Table table = csv::read(metrics);
  for (std::size_t i = 0; !table.rows.empty() && i < table.columns.size(); ++i) {
    const double value = table.rows.back()[i];
    if (!csv::is_absent(value)) numbers.emplace_back(table.columns[i], value);
  }
  return numbers;
}

}  // namespace hourglass
