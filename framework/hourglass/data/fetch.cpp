#include <hourglass/core/error.hpp>
#include <hourglass/data/fetch.hpp>
#include <hourglass/storage/sha256.hpp>

#include <curl/curl.h>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <exception>
#include <fstream>
#include <memory>
#include <vector>

namespace hourglass {
namespace {

namespace fs = std::filesystem;

constexpr int kAttempts = 4;  // at one address, as long as each brings something

struct FreeCurl {
  void operator()(CURL* curl) const { curl_easy_cleanup(curl); }
};

/// The open `.part` file, locked against a second fetch of the same.
class PartFile {
 public:
  explicit PartFile(fs::path path) : path_(std::move(path)) {
    descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (descriptor_ < 0) fail();
    if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
      close(descriptor_);
      throw IoError(text(path_.string(), ": another fetch is writing this file; wait for its end"));
    }
    lseek(descriptor_, 0, SEEK_END);
  }
  ~PartFile() { close(descriptor_); }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  std::uint64_t size() const {
    struct stat status {};
    if (fstat(descriptor_, &status) != 0) fail();
    return static_cast<std::uint64_t>(status.st_size);
  }
  void append(const char* data, std::size_t size) {
    while (size > 0) {
      const ssize_t written = write(descriptor_, data, size);
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) fail();
      data += written;
      size -= static_cast<std::size_t>(written);
    }
  }
  void clear() {
    if (ftruncate(descriptor_, 0) != 0) fail();
    lseek(descriptor_, 0, SEEK_SET);
  }
  /// Leaves nothing where nothing came; what did come is kept for the next fetch.
  void leave() {
    if (size() == 0) unlink(path_.c_str());
  }
  void finish(const fs::path& name) {
    if (fsync(descriptor_) != 0 || std::rename(path_.c_str(), name.c_str()) != 0) fail();
  }
  const fs::path& path() const { return path_; }

 private:
  [[noreturn]] void fail() const {
    throw IoError(text(path_.string(), ": ", std::strerror(errno)));
  }
  fs::path path_;
  int descriptor_ = -1;
};

struct Transfer {
  const RemoteFile& file;
  PartFile& part;
  const FetchProgress& progress;
  std::uint64_t done = 0;
  bool too_long = false;
  std::exception_ptr failure;
};

// Called from C: nothing may be thrown through it. Taking fewer bytes than offered ends the
// transfer.
std::size_t receive(char* data, std::size_t one, std::size_t size, void* user) {
  auto& transfer = *static_cast<Transfer*>(user);
  try {
    transfer.done += one * size;
    if (transfer.done > transfer.file.bytes) {
      transfer.too_long = true;
      return 0;
    }
    transfer.part.append(data, one * size);
    if (transfer.progress)
      transfer.progress(transfer.file.name, transfer.done, transfer.file.bytes);
    return one * size;
  } catch (...) {
    transfer.failure = std::current_exception();
    return 0;
  }
}

void set_options(CURL* curl, const std::string& address, Transfer& transfer, char* message) {
  curl_easy_setopt(curl, CURLOPT_URL, address.c_str());
#if LIBCURL_VERSION_NUM >= 0x075500
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https,file");
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
#else
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS | CURLPROTO_FILE);
  curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
  curl_easy_setopt(curl, CURLOPT_MAXREDIRS, 5L);
  curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, 20L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, 30L);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "hourglass");
  curl_easy_setopt(curl, CURLOPT_RESUME_FROM_LARGE, static_cast<curl_off_t>(transfer.done));
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, &receive);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &transfer);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, message);
}

/// What one transfer came to; empty when it ran to its end.
std::string run_transfer(const std::string& address, Transfer& transfer) {
  const std::unique_ptr<CURL, FreeCurl> curl(curl_easy_init());
  if (!curl) throw IoError("libcurl cannot start");
  std::array<char, CURL_ERROR_SIZE> message{};
  set_options(curl.get(), address, transfer, message.data());
  const CURLcode code = curl_easy_perform(curl.get());
  if (transfer.failure) std::rethrow_exception(transfer.failure);
  if (transfer.too_long) return {};  // found by its length afterwards
  if (code == CURLE_OK) return {};
  // A server that cannot go on from the middle, or whose file is shorter: from the beginning.
  if (transfer.done > 0 && (code == CURLE_RANGE_ERROR || code == CURLE_BAD_DOWNLOAD_RESUME ||
                            code == CURLE_HTTP_RETURNED_ERROR)) {
    transfer.part.clear();
  }
  return message[0] != '\0' ? message.data() : curl_easy_strerror(code);
}

/// What is wrong with a whole file; empty when nothing is.
std::string fault_of(const fs::path& path, const RemoteFile& file) {
  std::error_code error;
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) return error.message();
  if (size != file.bytes) return text("has ", size, " bytes, expected ", file.bytes);
  if (file.sha256.empty()) return {};
  const std::string sum = sha256_of(path);
  if (sum != file.sha256) return text("has SHA-256 ", sum, ", expected ", file.sha256);
  return {};
}

struct Result {
  std::string fault;  // empty: the file is whole and right
  bool wrong_bytes = false;
};

Result fetch_from(const std::string& address, const RemoteFile& file, PartFile& part,
                  const FetchProgress& progress) {
  std::string fault;
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    if (part.size() > file.bytes) part.clear();
    const bool resumed = part.size() > 0;
    Transfer transfer{file, part, progress, part.size(), false, nullptr};
    const std::uint64_t before = transfer.done;
    if (before < file.bytes || file.bytes == 0) fault = run_transfer(address, transfer);
    if (fault.empty() || part.size() == file.bytes) {
      std::string wrong = transfer.too_long
                              ? text("has more than the expected ", file.bytes, " bytes")
                              : fault_of(part.path(), file);
      if (wrong.empty()) return {};
      part.clear();
      // The first bytes may be of an older fetch from elsewhere: they get a second chance.
      if (!resumed) return {std::move(wrong), true};
      fault = std::move(wrong);
    } else if (part.size() <= before && !resumed) {
      return {std::move(fault), false};
    }
  }
  return {std::move(fault), false};
}

void check(const RemoteFile& file) {
  const fs::path name(file.name);
  bool climbs = name.empty() || name.is_absolute();
  for (const fs::path& part : name) climbs = climbs || part == "..";
  if (climbs) {
    throw ConfigError(text("a data set's file must lie below its folder, got \"", file.name, "\""));
  }
  if (file.addresses.empty()) {
    throw DataError(text(file.name, ": no address is known for this file; put it there by hand"));
  }
}

}  // namespace

FetchOutcome fetch_file(const RemoteFile& file, const fs::path& folder,
                        const FetchProgress& progress) {
  const fs::path target = folder / file.name;
  std::error_code error;
  if (fs::is_regular_file(target, error) && fault_of(target, file).empty()) {
    return FetchOutcome::Kept;
  }
  check(file);
  fs::create_directories(target.parent_path(), error);
  if (error) throw IoError(text(target.parent_path().string(), ": ", error.message()));

  fs::path part_path = target;
  part_path += ".part";
  PartFile part(part_path);
  std::string faults;
  bool wrong_bytes = true;
  for (const std::string& address : file.addresses) {
    const Result result = fetch_from(address, file, part, progress);
    if (result.fault.empty()) {
      part.finish(target);
      return FetchOutcome::Fetched;
    }
    faults += text("\n  ", address, ": ", result.fault);
    wrong_bytes = wrong_bytes && result.wrong_bytes;
  }
  part.leave();
  const std::string message = text(target.string(), ": could not be fetched", faults);
  if (wrong_bytes) throw DataError(message);
  throw IoError(message);
}

}  // namespace hourglass
