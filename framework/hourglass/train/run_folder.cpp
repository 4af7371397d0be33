#include <hourglass/core/error.hpp>
#include <hourglass/storage/atomic_file.hpp>
#include <hourglass/storage/csv.hpp>
#include <hourglass/train/run_folder.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
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
  lock_ = ::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock_ < 0) {
    throw IoError(text(path_.string(), ": cannot open the folder: ", std::strerror(errno)));
  }
  if (::flock(lock_, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock_);
    throw ConfigError(text(path_.string(),
                           ": another process is running in this folder; wait for it, or choose "
                           "another one with --output"));
  }
  // Not below these: the folder may, by a slip, be one that has other runs in it.
  for (const fs::path& folder : {path_, checkpoints(), figures()}) remove_temporaries(folder);
}

RunFolder::~RunFolder() { ::close(lock_); }

bool is_in_use(const fs::path& folder) {
  const int file = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0) return false;
  const bool free = ::flock(file, LOCK_SH | LOCK_NB) == 0;
  ::close(file);
  return !free;
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
