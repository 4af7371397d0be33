#include <cli/commands.hpp>
#include <cli/comparison_table.hpp>
#include <cli/terminal.hpp>
#include <hourglass/compare/comparison.hpp>
#include <hourglass/compare/csv_format.hpp>
#include <hourglass/compare/html_format.hpp>
#include <hourglass/compare/json_format.hpp>
#include <hourglass/compare/left_out.hpp>
#include <hourglass/compare/markdown_format.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/core/error.hpp>
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

[[noreturn]] void refuse_usage(const std::string& what) {
  throw UsageError(text("hourglass compare: ", what, "\nsee: hourglass compare --help"));
}

const Format& format_by_name(const std::string& name) {
  const auto found = std::ranges::find(formats(), name, &Format::name);
  if (found != formats().end()) return *found;
  std::vector<std::string> names;
  for (const Format& format : formats()) names.push_back(format.name);
  refuse_usage(
      text("there is no format \"", harmless(name), "\"; formats: ", config::joined(names)));
}

/// Of the table where a name has no ending.
const Format& format_by_ending(const std::string& output) {
  std::string ending = std::filesystem::path(output).extension().string();
  if (ending.empty()) return formats().front();
  std::ranges::transform(ending, ending.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  std::vector<std::string> endings;
  for (const Format& format : formats()) {
    if (std::ranges::find(format.endings, ending) != format.endings.end()) return format;
    endings.insert(endings.end(), format.endings.begin(), format.endings.end());
  }
  refuse_usage(text("no format has the ending of ", harmless(output),
                    "; name one with --format, or end in ", config::joined(endings)));
}

/// What --pareto was given, or nothing without it.
std::string pareto_of(const Arguments& arguments) {
  if (arguments.pareto.empty()) return "";
  if (arguments.pareto.size() > 1) refuse_usage("--pareto is given once");
  const std::string& names = arguments.pareto.front();
  const std::size_t comma = names.find(',');
  const bool two = comma != names.npos && comma > 0 && comma + 1 < names.size() &&
                   names.find(',', comma + 1) == names.npos;
  if (!two) {
    refuse_usage(
        text("--pareto wants two metrics with a comma between, such as psnr,parameters; got \"",
             harmless(names), "\""));
  }
  return names;
}

/// Before the work, since it may take a while.
void expect_folder_of(const std::string& output) {
  const std::filesystem::path folder = std::filesystem::path(output).parent_path();
  std::error_code error;
  if (folder.empty() || std::filesystem::exists(folder, error)) return;
  throw IoError(text(harmless(output), ": cannot write: there is no folder ",
                     harmless(folder.string()), "; make it first"));
}

int run_compare(const Arguments& arguments) {
  expect_folder_of(arguments.output);
  const Format& format = arguments.format.empty() ? format_by_ending(arguments.output)
                                                  : format_by_name(arguments.format);
  const compare::Comparison comparison = compare::compare_runs(
      {.words = arguments.words, .metrics = arguments.metrics, .pareto = pareto_of(arguments)});
  if (const std::string left_out = compare::left_out_text(comparison); !left_out.empty()) {
    print_message("warning: " + left_out);
  }
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
      .options =
          {{"format", "FORMAT", "table (default), csv, json, markdown or html", &Arguments::format},
           {"metric", "NAME",
            "a metric to show, or the end of its name (ssim); the first one sorts; may be "
            "repeated; csv, json and html have all",
            &Arguments::metrics},
           {"pareto", "A,B", "show the groups that no other beats in both metrics",
            &Arguments::pareto},
           {"output", "FILE",
            "write to a file; its ending tells the format (.txt, .csv, .json, .md, .html) where "
            "--format does not",
            &Arguments::output}},
      .run = run_compare};
}

}  // namespace hourglass::cli
