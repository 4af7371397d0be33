#pragma once

#include <hourglass/conformance/plugin_check.hpp>
#include <hourglass/conformance/trial.hpp>

#include <span>
#include <string>

namespace hourglass {

/// What a check has found.
struct Finding {
  CheckStatus status = CheckStatus::Passed;
  /// What is wrong and what to do, or why it was not looked at; a remark on what passed, or
  /// nothing.
  std::string text = {};
};
inline Finding passed(std::string remark = "") { return {CheckStatus::Passed, remark}; }
inline Finding failed(std::string fault) { return {CheckStatus::Failed, fault}; }
inline Finding skipped(std::string reason) { return {CheckStatus::Skipped, reason}; }

/// One thing that must hold of a plugin. Each is called in a process of its own that has no team of
/// threads yet, so `run` may start one, or fork before it does.
struct Check {
  const char* name;
  const char* meaning;  // what holds where it passes
  Finding (*run)(const TrialRequest& request);
  /// Whether there is nothing to make the later ones with where it fails.
  bool needed = false;
};

/// All of them, in the order in which they are made.
std::span<const Check> conformance_checks();

Finding check_loading(const TrialRequest& request);
Finding check_it_can_be_tried(const TrialRequest& request);
Finding check_options_are_complete(const TrialRequest& request);
Finding check_gradients_agree(const TrialRequest& request);
Finding check_parameters_move(const TrialRequest& request);
Finding check_it_learns(const TrialRequest& request);
Finding check_uses(const TrialRequest& request);
Finding check_batches_can_be_split(const TrialRequest& request);
Finding check_it_is_repeatable(const TrialRequest& request);
Finding check_it_resumes(const TrialRequest& request);
Finding check_random_options(const TrialRequest& request);
Finding check_options_at_their_ends(const TrialRequest& request);
Finding check_bad_input(const TrialRequest& request);
Finding check_threads(const TrialRequest& request);
Finding check_leaks(const TrialRequest& request);

}  // namespace hourglass
