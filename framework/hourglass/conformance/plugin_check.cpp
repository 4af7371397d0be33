#include <hourglass/conformance/checks.hpp>
#include <hourglass/conformance/plugin_check.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/forked.hpp>
#include <hourglass/storage/temporary_folder.hpp>

#include <chrono>
#include <optional>
#include <utility>

namespace hourglass {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kCheckLimit(300);

// A finding as text, on its way from the process that made it: its status is the first byte.
std::string packed(const Finding& finding) {
  return static_cast<char>('0' + static_cast<int>(finding.status)) + finding.text;
}

Finding unpacked(const std::string& message) {
  return {static_cast<CheckStatus>(message[0] - '0'), message.substr(1)};
}

// Faults of the experiment that come with what the caller sets are not the plugin's. One that
// cannot even be loaded is left to the checks.
void refuse_faulty_overrides(const TrialRequest& request, const std::atomic<bool>& stop) {
  if (request.overrides.empty()) return;
  const ForkedEnding ending =
      call_forked([&] { return Trial(request).faults_of_overrides(); }, kCheckLimit, &stop);
  if (ending.returned && !ending.message.empty()) throw ConfigError(ending.message);
}

// Nothing where it was stopped.
std::optional<PluginCheckResult> make_check(const Check& check, const TrialRequest& request,
                                            const std::atomic<bool>& stop) {
  PluginCheckResult result{check.name, check.meaning};
  const Clock::time_point start = Clock::now();
  const ForkedEnding ending =
      call_forked([&] { return packed(check.run(request)); }, kCheckLimit, &stop);
  if (ending.stopped) return std::nullopt;
  result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  if (ending.returned) {
    Finding finding = unpacked(ending.message);
    result.status = finding.status;
    result.text = std::move(finding.text);
  } else {
    result.status = CheckStatus::Failed;
    result.text = ending.threw ? ending.message : "it " + way_of_ending(ending, kCheckLimit);
  }
  if (result.text.find(request.folder.string()) != std::string::npos) {
    result.text += text("\n", request.folder.string(),
                        " was the check's and is gone; hourglass run keeps such files");
  }
  return result;
}

}  // namespace

PluginCheckObserver::~PluginCheckObserver() = default;

std::vector<PluginCheckResult> check_plugin(const PluginCheckRequest& request,
                                            PluginCheckObserver& observer,
                                            const std::atomic<bool>& stop) {
  std::error_code error;
  if (!fs::is_regular_file(request.file, error)) {
    throw DataError(
        text(request.file.string(), fs::exists(request.file, error)
                                        ? ": is no file; name the plugin's .so"
                                        : ": there is no such file; name the plugin's .so"));
  }
  const TemporaryFolder folder("plugin-check");
  const TrialRequest trial{fs::absolute(request.file), request.data_root, request.overrides,
                           folder.path()};
  refuse_faulty_overrides(trial, stop);
  std::vector<PluginCheckResult> results;
  bool can_be_made = true;
  for (const Check& check : conformance_checks()) {
    observer.begins(check.name);
    auto result = can_be_made ? make_check(check, trial, stop)
                              : PluginCheckResult{check.name, check.meaning, CheckStatus::Skipped,
                                                  "there is nothing to try it with", 0};
    if (!result) break;
    results.push_back(std::move(*result));
    if (check.needed && results.back().status != CheckStatus::Passed) can_be_made = false;
    observer.made(results.back());
  }
  return results;
}

}  // namespace hourglass
