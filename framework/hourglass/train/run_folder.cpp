#include <hourglass/core/error.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/storage/csv.hpp>
#include <hourglass/train/run_folder.hpp>

#include <algorithm>
#include <charconv>
#include <vector>

namespace hourglass {

namespace fs = std::filesystem;

RunFolder::RunFolder(fs::path path) : path_(std::move(path)) {
  std::error_code error;
  for (const fs::path& folder : {path_, checkpoints(), figures()}) {
    fs::create_directories(folder, error);
    if (error) {
      throw IoError(text(folder.string(), ": cannot make the folder: ", error.message()));
    }
  }
  lock_.emplace(path_);
  // Not below these: the folder may, by a slip, be one that has other runs in it.
  for (const fs::path& folder : {path_, checkpoints(), figures()}) remove_temporaries(folder);
}

fs::path RunFolder::epoch(std::int64_t epoch) const {
  const std::string number = std::to_string(epoch);
  const std::string zeros(number.size() < 4 ? 4 - number.size() : 0, '0');
  return checkpoints() / text("epoch-", zeros, number, ".h5");
}

std::vector<std::pair<std::int64_t, fs::path>> RunFolder::kept() const {
  std::vector<std::pair<std::int64_t, fs::path>> kept;
  for (const auto& entry : fs::directory_iterator(checkpoints())) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with("epoch-") || !name.ends_with(".h5")) continue;
    std::int64_t number = 0;
    const char* end = name.data() + name.size() - 3;
    if (std::from_chars(name.data() + 6, end, number).ptr != end) continue;
    kept.emplace_back(number, entry.path());
  }
  std::ranges::sort(kept, std::ranges::greater());
  return kept;
}

void RunFolder::prune(std::int64_t epoch, int keep) const {
  int left = keep;
  for (const auto& [number, file] : kept()) {
    if (number <= epoch && left-- > 0) continue;
    fs::remove(file);
  }
}

void append_metrics(const RunFolder& folder, std::int64_t epoch, std::int64_t step,
                    const NamedNumbers& numbers) {
  std::vector<std::string> header{"epoch", "step"}, row{text(epoch), text(step)};
  for (const auto& [name, value] : numbers) {
    header.push_back(csv::field(name));
    row.push_back(csv::field(value));
  }
  const bool fresh = !fs::exists(folder.metrics());
  csv::append(folder.metrics(), fresh ? csv::row(header) + csv::row(row) : csv::row(row));
}

void append_timing(const RunFolder& folder, std::int64_t epoch, double seconds,
                   double samples_per_second) {
  const std::vector<std::string> header{"epoch", "seconds", "samples_per_second"};
  const std::vector<std::string> row{text(epoch), csv::field(seconds),
                                     csv::field(samples_per_second)};
  const bool fresh = !fs::exists(folder.timing());
  csv::append(folder.timing(), fresh ? csv::row(header) + csv::row(row) : csv::row(row));
}

void cut_to(const RunFolder& folder, std::int64_t epoch) {
  csv::cut(folder.metrics(), "epoch", static_cast<double>(epoch));
  csv::cut(folder.timing(), "epoch", static_cast<double>(epoch));
}

}  // namespace hourglass
