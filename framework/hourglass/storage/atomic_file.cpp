#include <hourglass/core/error.hpp>
#include <hourglass/storage/atomic_file.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>
#include <vector>

namespace hourglass {
namespace {

namespace fs = std::filesystem;

std::string reason() { return std::strerror(errno); }

[[noreturn]] void fail(const fs::path& path, std::string_view action) {
  throw IoError(text(path.string(), ": cannot ", action, ": ", reason()));
}

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags)
      : value_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int get() const { return value_; }
  bool is_open() const { return value_ >= 0; }
  // Network file systems report a failed write only here.
  bool close() { return ::close(std::exchange(value_, -1)) == 0; }

 private:
  int value_;
};

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

void flush(const fs::path& path, const fs::path& named) {
  Descriptor file(path, O_RDONLY);
  if (!file.is_open() || ::fsync(file.get()) != 0) fail(named, "flush to disk");
}

void write_all(int file, std::span<const std::byte> content, const fs::path& named) {
  while (!content.empty()) {
    const ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail(named, "write");
    content = content.subspan(static_cast<std::size_t>(written));
  }
}

Descriptor open_for_reading(const fs::path& path) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0) {
    throw DataError(text(path.string(), ": cannot read: ", reason()));
  }
  // Opening a pipe would wait for a writer that may never come.
  if (!S_ISREG(status.st_mode)) throw DataError(text(path.string(), ": is not a regular file"));
  return Descriptor(path, O_RDONLY);
}

std::size_t read_some(int file, std::span<char> buffer, const fs::path& named) {
  while (true) {
    const ssize_t count = ::read(file, buffer.data(), buffer.size());
    if (count >= 0) return static_cast<std::size_t>(count);
    if (errno != EINTR) throw DataError(text(named.string(), ": cannot read: ", reason()));
  }
}

bool is_temporary(const std::string& name) {
  constexpr std::string_view kEnding = ".tmp";
  if (!name.starts_with('.') || !name.ends_with(kEnding)) return false;
  const std::string stem = name.substr(0, name.size() - kEnding.size());
  const std::size_t dot = stem.rfind('.');
  return dot != 0 && dot + 1 < stem.size() &&
         std::all_of(stem.begin() + static_cast<std::ptrdiff_t>(dot) + 1, stem.end(),
                     [](unsigned char c) { return std::isdigit(c) != 0; });
}

}  // namespace

AtomicFile::AtomicFile(fs::path target) : target_(std::move(target)) {
  if (!target_.has_filename()) {
    throw IoError(text(target_.string(), ": cannot write: the path names no file"));
  }
  std::error_code error;
  const fs::file_status there = fs::status(target_, error);
  if (fs::exists(there) && !fs::is_regular_file(there)) {
    throw IoError(text(target_.string(), ": cannot write: it is there and is no regular file"));
  }
  temporary_ = folder_of(target_) / text(".", target_.filename().string(), ".", ::getpid(), ".tmp");
}

AtomicFile::~AtomicFile() {
  if (!committed_) ::unlink(temporary_.c_str());
}

void AtomicFile::commit() {
  flush(temporary_, target_);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(target_, "replace");
  committed_ = true;
  flush(folder_of(target_), target_);
}

void write_file_atomically(const fs::path& path, std::span<const std::byte> content) {
  AtomicFile file(path);
  Descriptor out(file.temporary(), O_WRONLY | O_CREAT | O_TRUNC);
  if (!out.is_open()) fail(path, "write");
  write_all(out.get(), content, path);
  if (!out.close()) fail(path, "write");
  file.commit();
}

void write_file_atomically(const fs::path& path, std::string_view content) {
  write_file_atomically(path, std::as_bytes(std::span(content)));
}

void copy_file_atomically(const fs::path& from, const fs::path& to) {
  Descriptor in = open_for_reading(from);
  if (!in.is_open()) throw DataError(text(from.string(), ": cannot read: ", reason()));
  AtomicFile file(to);
  Descriptor out(file.temporary(), O_WRONLY | O_CREAT | O_TRUNC);
  if (!out.is_open()) fail(to, "write");
  std::vector<char> buffer(std::size_t{1} << 18);
  while (const std::size_t count = read_some(in.get(), buffer, from)) {
    write_all(out.get(), std::as_bytes(std::span(buffer).first(count)), to);
  }
  if (!out.close()) fail(to, "write");
  file.commit();
}

void remove_temporaries(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> found;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    if (entry->is_regular_file(error) && is_temporary(entry->path().filename().string())) {
      found.push_back(entry->path());
    }
  }
  for (const fs::path& path : found) fs::remove(path, error);
}

std::string read_text_file(const fs::path& path, std::uint64_t max_bytes) {
  Descriptor file = open_for_reading(path);
  if (!file.is_open()) throw DataError(text(path.string(), ": cannot read: ", reason()));
  std::string content;
  std::vector<char> buffer(std::size_t{1} << 16);
  while (const std::size_t count = read_some(file.get(), buffer, path)) {
    if (content.size() + count > max_bytes) {
      throw DataError(
          text(path.string(), ": is too large: at most ", max_bytes, " bytes are read"));
    }
    content.append(buffer.data(), count);
  }
  return content;
}

}  // namespace hourglass
