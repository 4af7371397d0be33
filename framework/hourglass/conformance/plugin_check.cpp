#include <hourglass/conformance/checks.hpp>
#include <hourglass/conformance/plugin_check.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/forked.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>

namespace hourglass {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;
using Status = PluginCheckResult::Status;

constexpr std::chrono::seconds kCheckLimit(300);

/// A folder that goes with the object.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (fs::temp_directory_path() / "hourglass-plugin-check-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) {
      throw IoError(text(name, ": cannot be made; $TMPDIR names another place"));
    }
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
};

// A finding, on its way from the process that made it.
constexpr char kMarks[] = {'p', 'f', 's'};

std::string packed(const Finding& finding) {
  return kMarks[static_cast<int>(finding.status)] + finding.text;
}

void unpack(const std::string& message, PluginCheckResult& result) {
  const auto mark = std::find(std::begin(kMarks), std::end(kMarks), message[0]);
  result.status = static_cast<Status>(mark - std::begin(kMarks));
  result.text = message.substr(1);
}

PluginCheckResult make_check(const Check& check, const TrialRequest& request) {
  PluginCheckResult result{check.name, check.meaning};
  const Clock::time_point start = Clock::now();
  const ForkedEnding ending = call_forked([&] { return packed(check.run(request)); }, kCheckLimit);
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (ending.returned) {
    unpack(ending.message, result);
    return result;
  }
  result.status = Status::Failed;
  result.text = ending.threw ? ending.message : "it " + way_of_ending(ending, kCheckLimit);
  return result;
}

}  // namespace

std::vector<PluginCheckResult> check_plugin(
    const PluginCheckRequest& request, const std::function<void(const PluginCheckResult&)>& made) {
  std::error_code error;
  if (!fs::is_regular_file(request.file, error)) {
    throw DataError(
        text(request.file.string(), fs::exists(request.file, error)
                                        ? ": is no file; name the plugin's .so"
                                        : ": there is no such file; name the plugin's .so"));
  }
  const TemporaryFolder folder;
  const TrialRequest trial{fs::absolute(request.file), request.data_root, request.overrides,
                           folder.path()};
  std::vector<PluginCheckResult> results;
  bool can_be_made = true;
  for (const Check& check : conformance_checks()) {
    results.push_back(can_be_made ? make_check(check, trial)
                                  : PluginCheckResult{check.name, check.meaning, Status::Skipped,
                                                      "there is nothing to try it with", 0});
    if (check.needed && results.back().status != Status::Passed) can_be_made = false;
    if (made) made(results.back());
  }
  return results;
}

}  // namespace hourglass
