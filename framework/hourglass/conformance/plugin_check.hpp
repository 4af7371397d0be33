#pragma once

#include <hourglass/core/api.hpp>

#include <atomic>
#include <filesystem>
#include <string>
#include <vector>

namespace hourglass {

/// What `hourglass plugin-check` was asked.
struct PluginCheckRequest {
  std::filesystem::path file;
  std::filesystem::path data_root;
  /// Of the experiment that the variant is tried in: "model.latent=4".
  std::vector<std::string> overrides;
};

/// How a check ended.
enum class CheckStatus { Passed, Failed, Skipped };

/// One check of a plugin, made.
struct PluginCheckResult {
  std::string name;
  std::string meaning;  ///< what holds where it passes
  CheckStatus status = CheckStatus::Passed;
  std::string text = {};  ///< what is wrong, why it was skipped, or a remark; lines
  double seconds = 0;
};

/// Whoever watches the checks of a plugin.
class HOURGLASS_API PluginCheckObserver {
 public:
  virtual ~PluginCheckObserver();
  virtual void begins(const std::string& name) = 0;
  virtual void made(const PluginCheckResult& result) = 0;
};

/// Makes every check of conformance_checks in a process of its own, for at most five minutes, so
/// that a plugin that crashes, hangs or exits fails one check and no more. Where the plugin cannot
/// be loaded, the others are skipped; once `stop` is set, what was made is all. To be called where
/// no team of more than one thread has run yet in this process. Throws DataError when there is no
/// such file, ConfigError when the overrides are faulty, IoError when a process or a folder for
/// trainings cannot be made.
HOURGLASS_API std::vector<PluginCheckResult> check_plugin(const PluginCheckRequest& request,
                                                          PluginCheckObserver& observer,
                                                          const std::atomic<bool>& stop);

/// The results as JUnit's XML, which continuous integration reads: a test suite with a test case a
/// check.
HOURGLASS_API std::string junit_report(const std::filesystem::path& file,
                                       const std::vector<PluginCheckResult>& results);

}  // namespace hourglass
