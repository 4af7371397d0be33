#include <cli/commands.hpp>
#include <cli/progress.hpp>
#include <cli/terminal.hpp>
#include <hourglass/config/nearest.hpp>
#include <hourglass/core/text.hpp>
#include <hourglass/data/descriptor.hpp>
#include <hourglass/experiment/surroundings.hpp>

#include <unistd.h>
#include <algorithm>

namespace hourglass::cli {

namespace {

namespace fs = std::filesystem;

bool is_present(const DescribedFile& file, const Descriptor& data, const fs::path& root) {
  std::error_code error;
  const fs::path path = data.folder_in(root) / file.name;
  if (file.bytes == 0) return fs::exists(path, error);  // of any size, or a folder
  const auto bytes = fs::file_size(path, error);
  return !error && bytes == static_cast<std::uintmax_t>(file.bytes);
}

/// Sizes only: sums would take as long as reading everything.
std::string presence(const Descriptor& data, const fs::path& root) {
  const std::vector<DescribedFile> files = data.all_files();
  if (files.empty()) return "built in";
  const auto there = std::count_if(files.begin(), files.end(), [&](const DescribedFile& file) {
    return is_present(file, data, root);
  });
  if (there == 0) return "-";
  return there == static_cast<std::ptrdiff_t>(files.size())
             ? "here"
             : text(there, " of ", files.size(), " files");
}

int list(const fs::path& root) {
  const auto folders = data_places(root).descriptors;
  std::vector<std::vector<std::string>> rows = {{"name", "present", "what it is"}};
  for (const std::string& name : descriptor_names(folders)) {
    try {
      const Descriptor data = find_descriptor(name, folders);
      rows.push_back({name, presence(data, root), data.title});
    } catch (const Error& error) {  // one bad descriptor must not hide the others
      print_message(error.what());
    }
  }
  const auto width = static_cast<std::size_t>(terminal_width(STDOUT_FILENO));
  print(table(rows, {32, 14, 0}, width));
  print(text("\nData are looked for in ", root.string(), "\n"));
  return 0;
}

std::string line(const std::string& label, const std::string& value) {
  if (value.empty()) return "";
  const auto width = static_cast<std::size_t>(std::max(terminal_width(STDOUT_FILENO), 40));
  std::string out;
  for (const std::string& part : wrapped(value, width - 12)) {
    const std::string shown = out.empty() ? label : "";
    out += shown + std::string(12 - shown.size(), ' ') + part + "\n";
  }
  return out;
}

std::string shape_text(const Descriptor& data) {
  std::string out;
  for (const std::int64_t extent : data.shape) out += (out.empty() ? "" : " x ") + text(extent);
  return out;
}

int show(const std::string& name, const fs::path& root) {
  const Descriptor data = find_descriptor(name, data_places(root).descriptors);
  print(text(data.name, ": ", data.title, "\n\n"));
  print(line("format", std::string(name_of(data.format))));
  print(line("shape", shape_text(data)));
  print(line("scaling", std::string(name_of(data.scaling))));
  print(line("label", data.table.label));
  print(line("time", data.table.time));
  print(line("classes", config::joined(data.class_names)));
  print(line("licence", data.licence));
  print(line("citation", data.citation));
  for (const DescribedFile& file : data.all_files()) {
    print("\n" + line("file", (data.folder_in(root) / file.name).string()));
    const std::string size =
        file.bytes == 0 ? "" : byte_text(static_cast<std::uint64_t>(file.bytes)) + ", ";
    print(line("", text(size, is_present(file, data, root) ? "here" : "not here")));
    print(line("sha256", file.sha256));
    for (const std::string& address : file.addresses) print(line("from", address));
    if (file.addresses.empty()) print(line("from", "no address: put the file there by hand"));
  }
  return 0;
}

int fetch(const std::string& name, const fs::path& root) {
  const Descriptor data = find_descriptor(name, data_places(root).descriptors);
  FetchDisplay display;
  for (const DescribedFile& file : data.all_files()) {
    const FetchOutcome outcome =
        fetch_file(file.remote(), data.folder_in(root),
                   [&](const std::string& part, std::uint64_t done, std::uint64_t bytes) {
                     display.show(part, done, bytes);
                   });
    display.finish(file.name, outcome == FetchOutcome::Kept ? "here already, and right"
                                                            : "fetched, and right");
  }
  print(data.all_files().empty()
            ? text(data.name, " is built in: there is nothing to fetch\n")
            : text(data.name, " is ready in ", data.folder_in(root).string(), "\n"));
  return 0;
}

int run_datasets(const Arguments& arguments) {
  const fs::path root = data_root(arguments.data_root);
  const auto& words = arguments.words;
  if (words.empty()) return list(root);
  if (words[0] == "fetch") {
    if (words.size() == 1) throw UsageError("hourglass datasets fetch: wants a data set's NAME");
    return fetch(words[1], root);
  }
  if (words.size() > 1) {
    throw UsageError(text("hourglass datasets: unexpected \"", words[1],
                          "\"; to fetch: hourglass datasets fetch ", shell_word(words[0]),
                          same_places(arguments)));
  }
  return show(words[0], root);
}

}  // namespace

Command datasets_command() {
  return {.name = "datasets",
          .words = "[NAME | fetch NAME]",
          .summary = "list the data sets that are known by name, show one, or fetch it",
          .details =
              "Fetching goes on where it was interrupted, and checks every file's SHA-256. "
              "Descriptors of\nyour own, NAME.yaml, lie in the folder of the data.",
          .least_words = 0,
          .most_words = 2,
          .options = {data_root_option()},
          .run = run_datasets};
}

}  // namespace hourglass::cli
