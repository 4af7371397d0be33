#include <cli/commands.hpp>
#include <cli/comparison_table.hpp>
#include <cli/terminal.hpp>
#include <hourglass/compare/comparison.hpp>
#include <hourglass/compare/csv_format.hpp>
#include <hourglass/compare/html_format.hpp>
#include <hourglass/compare/json_format.hpp>
#include <hourglass/compare/markdown_format.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/storage/atomic_file.hpp>

#include <unistd.h>
#include <algorithm>
#include <array>
#include <filesystem>

namespace hourglass::cli {

namespace {

constexpr std::size_t kFileWidth = 100;
constexpr std::size_t kNoLimit = static_cast<std::size_t>(-1);

/// A way to write a comparison; `width` is for those that are read on a terminal.
struct Format {
  std::string name;
  std::vector<std::string> endings;  // of files that are written so
  std::string (*write)(const compare::Comparison& comparison, std::size_t width);
};

const std::vector<Format>& formats() {
  using compare::Comparison;
  static const std::vector<Format> kFormats = {
      {"table", {".txt"}, comparison_table},
      {"csv", {".csv"}, [](const Comparison& all, std::size_t) { return compare::to_csv(all); }},
      {"json", {".json"}, [](const Comparison& all, std::size_t) { return compare::to_json(all); }},
      {"markdown",
       {".md", ".markdown"},
       [](const Comparison& all, std::size_t) { return compare::to_markdown(all); }},
      {"html",
       {".html", ".htm"},
       [](const Comparison& all, std::size_t) { return compare::to_html(all); }},
  };
  return kFormats;
}

/// The format that was named, or that the output's ending tells; else the table.
const Format& choose_format(const Arguments& arguments) {
  std::vector<std::string> names;
  const std::string ending = std::filesystem::path(arguments.output).extension().string();
  const Format* by_ending = &formats().front();
  for (const Format& format : formats()) {
    if (format.name == arguments.format) return format;
    if (std::ranges::find(format.endings, ending) != format.endings.end()) by_ending = &format;
    names.push_back(format.name);
  }
  if (arguments.format.empty()) return *by_ending;
  throw UsageError(text("hourglass compare: there is no format \"", harmless(arguments.format),
                        "\"; formats: ", config::joined(names), "\nsee: hourglass compare --help"));
}

int run_compare(const Arguments& arguments) {
  const Format& format = choose_format(arguments);
  const compare::Comparison comparison = compare::compare_runs(
      {.words = arguments.words, .metrics = arguments.metrics, .pareto = arguments.pareto});
  if (arguments.output.empty()) {
    print(format.write(comparison, static_cast<std::size_t>(terminal_width(STDOUT_FILENO))));
  } else {
    write_file_atomically(arguments.output, format.write(comparison, kFileWidth));
  }
  return 0;
}

}  // namespace

Command compare_command() {
  return {
      .name = "compare",
      .words = "DIR...",
      .summary = "compare runs and sweeps: means and intervals over seeds, and what they show",
      .details =
          "DIR is a run's folder, a sweep's, a folder that has such folders in it, or a pattern\n"
          "for these, in quotes. Runs that differ in nothing but their seed are one group. Runs\n"
          "that are damaged, unfinished or diverged are listed, and do not count.",
      .least_words = 1,
      .most_words = kNoLimit,
      .options = {{"format", "FORMAT", "table (default), csv, json, markdown or html",
                   &Arguments::format},
                  {"metric", "NAME",
                   "a metric to show, or the end of its name (ssim); the first one sorts; may be "
                   "repeated; csv, json and html have all",
                   &Arguments::metrics},
                  {"pareto", "A,B", "show the groups that no other beats in both metrics",
                   &Arguments::pareto},
                  {"output", "FILE",
                   "write to a file; its ending tells the format (.csv, .json, .md, .html) where "
                   "--format does not",
                   &Arguments::output}},
      .run = run_compare};
}

}  // namespace hourglass::cli
