#include <cli/run_summary.hpp>
#include <cli/terminal.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/evaluate/code_size.hpp>
#include <hourglass/experiment/record.hpp>
#include <hourglass/train/run_folder.hpp>

#include <unistd.h>
#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>
#include <system_error>
#include <vector>

namespace hourglass::cli {

namespace {

namespace fs = std::filesystem;
using config::Node;

constexpr std::size_t kLabelWidth = 17;
constexpr std::size_t kLongestMessage = 4000;

std::string text_of(const Node& root, const std::string& key, std::size_t longest = 200) {
  const Node* node = root.find(key);
  return node == nullptr ? "" : harmless(node->text(), longest);
}

std::optional<double> number_of(const Node* node) {
  return node == nullptr ? std::nullopt : node->to_number();
}

std::optional<double> find_number(const NamedNumbers& numbers, std::string_view name) {
  for (const auto& [key, value] : numbers) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string labelled(const std::string& label, const std::string& value) {
  const std::size_t gap = kLabelWidth > label.size() ? kLabelWidth - label.size() : 1;
  return "  " + label + std::string(gap, ' ') + value + "\n";
}

/// Features of a sample, or nothing where the result does not tell.
std::optional<double> feature_count(const Node& result) {
  const auto code = number_of(result.find("code_size"));
  const auto ratio = number_of(result.find("compression_ratio"));
  if (!code || !ratio || *code * *ratio < 0.5) return std::nullopt;
  return std::round(*code * *ratio);
}

std::string losses(const NamedNumbers& metrics, std::optional<double> features) {
  std::string out;
  for (const std::string split : {"train", "validation", "test"}) {
    const auto loss = find_number(metrics, split + "/loss");
    if (!loss) continue;
    std::string line = short_number(*loss) + " per sample";
    if (features) line += text(", ", short_number(*loss / *features), " per feature");
    out += labelled(split + " loss", line);
  }
  return out;
}

/// What the same measures were taken of to compare with: the first part of their names, and a
/// heading. Principal components are as many as the code is wide.
std::vector<std::pair<std::string, std::string>> baselines(const std::string& code_size) {
  return {{"pca/", text("PCA", code_size.empty() ? "" : ", code of " + code_size)},
          {"raw/", "raw samples"},
          {"mixture/", "mixture of codes"},
          {"data/", "training data"}};
}

/// Measures, each beside the same ones of the baselines that were measured.
std::string measures(const NamedNumbers& metrics, const std::string& code_size) {
  auto columns = baselines(code_size);
  std::erase_if(columns, [&](const auto& column) {
    return std::ranges::none_of(
        metrics, [&](const auto& metric) { return metric.first.starts_with(column.first); });
  });
  std::vector<std::vector<std::string>> rows = {{"measure", "ours"}};
  for (const auto& [prefix, heading] : columns) rows[0].push_back(heading);
  for (const auto& [name, value] : metrics) {
    const bool of_baseline = std::ranges::any_of(
        columns, [&](const auto& column) { return name.starts_with(column.first); });
    if (of_baseline || std::count(name.begin(), name.end(), '/') < 2) continue;
    std::vector<std::string>& row = rows.emplace_back();
    row = {harmless(name), short_number(value)};
    for (const auto& [prefix, heading] : columns) {
      const auto baseline = find_number(metrics, prefix + name);
      row.push_back(baseline ? short_number(*baseline) : "");
    }
  }
  if (rows.size() == 1) return "";
  std::vector<std::size_t> limits = {60, 12};
  limits.resize(rows[0].size(), 24);
  std::string out;
  const std::string all = table(rows, limits, 98);
  for (std::size_t at = 0; at < all.size();) {
    const std::size_t end = all.find('\n', at) + 1;
    out += "  " + all.substr(at, end - at);
    at = end;
  }
  return "\n" + out;
}

std::string files_in(const fs::path& folder, const std::string& label) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename();
    if (!name.starts_with('.')) names.push_back(harmless(name));
  }
  if (names.empty()) return "";
  std::sort(names.begin(), names.end());
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  const auto lines = wrapped(list, 80);
  std::string out = labelled(label, folder.string());
  for (const std::string& line : lines) out += labelled("", line);
  return out;
}

/// Which weights were measured, where they are not the last.
std::string weights_measured(const Node& experiment, const Node& result) {
  const Node* protocol = result.find("protocol");
  const bool best = text_of(experiment, "evaluate_weights") == "best";
  const std::string said = protocol == nullptr ? "" : text_of(*protocol, "weights");
  return best && !said.empty() ? labelled("weights", said) : "";
}

std::string age_of(const fs::path& path) {
  std::error_code error;
  const auto written = fs::last_write_time(path, error);
  if (error) return "no epoch is finished";
  const auto age = std::chrono::duration<double>(fs::file_time_type::clock::now() - written);
  return text("the last epoch ended ", clock_text(std::max(age.count(), 0.0)), " ago");
}

std::string state(const fs::path& folder, const Node& result, const NamedNumbers& metrics) {
  std::string out = text_of(result, "status");
  if (out.empty()) {
    out = text(is_in_use(folder) ? "running; " : "stopped before its end, goes on with --resume; ",
               age_of(folder / "metrics.csv"));
  }
  const auto count = [&](const std::string& key, const std::string& column) {
    const auto value =
        result.is_null() ? find_number(metrics, column) : number_of(result.find(key));
    const bool good = value && std::abs(*value) < 1e15;
    return good ? counted(std::llround(*value), column) : std::string();
  };
  const std::string epochs = count("epochs", "epoch");
  const std::string steps = count("steps", "step");
  if (!epochs.empty()) out += "; " + epochs;
  if (!steps.empty()) out += ", " + steps;
  if (const auto seconds = number_of(result.find("seconds"))) {
    out += text(", ", short_number(*seconds), " s of training");
  }
  return out;
}

}  // namespace

std::string run_summary(const fs::path& folder) {
  std::error_code error;  // what cannot be looked at counts as missing
  if (!fs::exists(folder / "experiment.yaml", error)) {
    throw DataError(text(folder.string(), ": is no run: it has no experiment.yaml"));
  }
  const Node experiment = read_written_yaml(folder / "experiment.yaml");
  const bool finished = fs::exists(folder / "result.yaml", error);
  const Node result = finished ? read_written_yaml(folder / "result.yaml") : Node();
  const NamedNumbers metrics =
      finished ? recorded_metrics(result) : last_metrics(folder / "metrics.csv");
  const Node* dataset = experiment.find("dataset");

  std::string out = text(text_of(experiment, "name"), ": ", text_of(experiment, "variant"), " on ",
                         dataset != nullptr ? text_of(*dataset, "name") : "", ", seed ",
                         text_of(experiment, "seed"), "\n\n");
  out += labelled("status", state(folder, result, metrics));
  const std::string message = text_of(result, "message", kLongestMessage);  // advice is at its end
  if (!message.empty()) out += labelled("", message);
  const std::string code_size = text_of(result, "code_size");
  if (const auto size = number_of(result.find("code_size")); size && std::abs(*size) < 1e15) {
    const auto ratio = number_of(result.find("compression_ratio"));
    out += labelled("code", counted(std::llround(*size), "number") +
                                (ratio ? ", " + compression_text(*ratio) : std::string()));
  }
  out += weights_measured(experiment, result);
  out += losses(metrics, feature_count(result));
  out += measures(metrics, code_size);
  out += "\n" + labelled("folder", folder.string());
  out += files_in(folder / "figures", "pictures");
  out += files_in(folder / "checkpoints", "checkpoints");
  return out;
}

}  // namespace hourglass::cli
