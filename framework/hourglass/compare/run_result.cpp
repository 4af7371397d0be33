#include <hourglass/compare/clean_text.hpp>
#include <hourglass/compare/run_result.hpp>
#include <hourglass/compare/settings.hpp>
#include <hourglass/config/parse.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/train/run_folder.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <set>

namespace hourglass::compare {

namespace {

namespace fs = std::filesystem;
using config::Node;

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 20;
constexpr std::size_t kMostMetrics = 1000;
constexpr std::size_t kLongestMessage = 1000;
constexpr std::array<std::string_view, kStatusCount> kStatusNames = {
    "completed", "waiting", "running", "interrupted", "stopped", "diverged", "failed", "damaged"};
constexpr std::array<const char*, 8> kResources = {
    "parameters",      "seconds",   "samples_per_second",
    "peak_memory_mib", "code_size", "compression_ratio",
    "epochs",          "steps"};

/// The first line of what an error says, without the folder that is named beside it anyway.
std::string fault_text(const std::exception& error, const fs::path& folder) {
  std::string said = error.what();
  said = said.substr(0, said.find('\n'));
  const std::string prefix = folder.string() + "/";
  return clean_text(said.starts_with(prefix) ? said.substr(prefix.size()) : said);
}

std::string scalar_at(const Node& map, std::string_view key) {
  const Node* node = map.find(key);
  return node == nullptr ? std::string() : node->text();
}

std::optional<std::int64_t> whole_number(std::string_view text) {
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

const std::vector<Node::Entry>& entries_at(const Node& map, std::string_view key) {
  static const Node kNone;
  const Node* node = map.find(key);
  return node == nullptr ? kNone.entries() : node->entries();
}

/// A file that a run has written: a map.
Node read_map(const fs::path& path) {
  // One that is cut off, as by an unfinished copy, could still be YAML, with half a number.
  const std::string content = read_text_file(path, kMostBytes);
  Node map = config::parse_text(content, path.string());
  const std::string name = path.filename().string();
  if (!map.is_map()) throw DataError(name + " is not a map of keys");
  if (name == "result.yaml" && !content.ends_with('\n') && map.find("protocol") == nullptr) {
    throw DataError(name + " is cut off: its last line has no end");
  }
  return map;
}

void read_numbers(const Node& result, RunResult& run) {
  // Names that the file tells apart may be one when they are clean: then the first counts.
  std::set<std::string> seen(kResources.begin(), kResources.end());
  for (const Node::Entry& entry : entries_at(result, "metrics")) {
    const auto value = entry.value.to_number();
    if (!value || run.numbers.size() == kMostMetrics) continue;
    const auto [name, fresh] = seen.insert(clean_text(entry.key));
    if (fresh) run.numbers.emplace_back(*name, *value);
  }
  for (const char* name : kResources) {
    const Node* node = result.find(name);
    const auto value = node == nullptr ? std::nullopt : node->to_number();
    if (value) run.numbers.emplace_back(name, *value);
  }
  for (const Node::Entry& entry : entries_at(result, "protocol")) {
    if (run.protocol.size() == kMostMetrics) break;
    run.protocol.emplace_back(clean_text(entry.key), clean_text(entry.value.text()));
  }
}

/// Of a result.yaml that can be read.
void read_result(const Node& result, RunResult& run) {
  if (const std::string variant = scalar_at(result, "variant"); !variant.empty()) {
    run.variant = clean_text(variant);
  }
  if (const auto seed = whole_number(scalar_at(result, "seed"))) run.seed = seed;
  run.message = clean_text(scalar_at(result, "message"), kLongestMessage);
  read_numbers(result, run);
  const std::string status = scalar_at(result, "status");
  const auto known = status_of(status);
  if (!known) {
    throw DataError(status.empty() ? "result.yaml has no status"
                                   : text("result.yaml: status \"", clean_text(status, 40),
                                          "\" is none that a run has"));
  }
  run.status = *known;
  if (run.status == Status::Completed && entries_at(result, "metrics").empty()) {
    throw DataError("result.yaml has no metrics");
  }
}

}  // namespace

std::string_view name_of(Status status) { return kStatusNames[static_cast<std::size_t>(status)]; }

std::optional<Status> status_of(std::string_view name) {
  const auto found = std::ranges::find(kStatusNames, name);
  if (found == kStatusNames.end()) return std::nullopt;
  return static_cast<Status>(found - kStatusNames.begin());
}

std::vector<std::string> resource_names() { return {kResources.begin(), kResources.end()}; }

RunResult read_run(const fs::path& folder, bool with_settings,
                   std::span<const std::string> swept_keys) {
  RunResult run;
  run.folder = clean_text(folder.string());
  std::error_code no_result, no_experiment;
  const bool has_result = fs::exists(folder / "result.yaml", no_result);
  const bool has_experiment = fs::exists(folder / "experiment.yaml", no_experiment);
  try {
    if (no_result) throw DataError("result.yaml: cannot be read: " + no_result.message());
    if (no_experiment && (with_settings || !has_result)) {
      throw DataError("experiment.yaml: cannot be read: " + no_experiment.message());
    }
    if (!has_result && !has_experiment) {
      throw DataError("holds no run: neither result.yaml nor experiment.yaml");
    }
    if (has_experiment && (with_settings || !has_result)) {
      const Node experiment = read_map(folder / "experiment.yaml");
      run.settings = settings_of(experiment);
      run.settings_at_swept = settings_at(experiment, swept_keys);
      run.variant = clean_text(scalar_at(experiment, "variant"));
      run.seed = whole_number(scalar_at(experiment, "seed"));
    }
    if (has_result) {
      read_result(read_map(folder / "result.yaml"), run);
    } else {
      run.status = Status::Interrupted;
      run.message = "has no result yet";
    }
    const bool unfinished = run.status == Status::Interrupted || !has_result;
    if (unfinished && is_in_use(folder)) run.status = Status::Running;
  } catch (const std::exception& fault) {
    run.status = Status::Damaged;
    run.message = fault_text(fault, folder);
  }
  return run;
}

}  // namespace hourglass::compare
