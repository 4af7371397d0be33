#include <hourglass/config/nearest.hpp>
#include <hourglass/config/optimizer_options.hpp>
#include <hourglass/conformance/checks.hpp>
#include <hourglass/core/error.hpp>
#include <hourglass/core/forked.hpp>
#include <hourglass/core/random.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <set>
#include <sstream>

namespace hourglass {

namespace {

constexpr int kRounds = 12;
constexpr std::chrono::seconds kTrainingLimit(30);

/// An option, and values that it might take, as YAML.
struct Candidates {
  std::string option;
  std::vector<std::string> values;
};

void add_number(std::vector<std::string>& values, double number, bool whole) {
  if (!whole) {
    values.push_back(text(number));
  } else if (number == std::floor(number)) {
    values.push_back(text(static_cast<std::int64_t>(number)));
  }
}

/// Values about the default of a number.
std::vector<std::string> numbers_near(const OptionRow& row, bool whole) {
  std::vector<std::string> values;
  char* end = nullptr;
  const double standard = std::strtod(row.standard.c_str(), &end);
  if (end == row.standard.c_str()) {
    for (const double each : {1.0, 2.0, 3.0}) add_number(values, each, whole);
    return values;
  }
  const double half = whole ? std::floor(standard / 2) : standard / 2;
  for (const double each : {half, standard + 1, 2 * standard}) add_number(values, each, whole);
  return values;
}

/// The ends of a number's range, and what comes next within it where they do not belong to it.
std::vector<std::string> numbers_at_ends(const OptionRow& row, bool whole) {
  std::vector<std::string> values;
  for (const double end : row.ends) {
    const double near = whole ? 1 : 1e-3 * std::max(std::abs(end), 1e-3);
    for (const double each : {end, end + near, end - near}) add_number(values, each, whole);
  }
  return values;
}

/// The variant's own options: not those of an optimiser that it lets the experiment choose.
std::vector<OptionRow> own_options(const VariantType& variant) {
  static const std::string kOptimizer = config::Codec<OptimizerOptions>::type();
  std::vector<OptionRow> own;
  std::string optimizer;  // whose options these are
  for (OptionRow& row : variant.document()) {
    if (!optimizer.empty() && row.name.starts_with(optimizer + ".")) continue;
    if (row.type == kOptimizer) optimizer = row.name;
    if (row.name.find(".N") == row.name.npos) own.push_back(std::move(row));  // of an empty list
  }
  return own;
}

std::vector<Candidates> candidates(const VariantType& variant, bool at_ends) {
  std::vector<Candidates> all;
  for (const OptionRow& row : own_options(variant)) {
    Candidates each{"model." + row.name, row.choices};
    if (row.type == "true or false") each.values = {"true", "false"};
    const bool whole = row.type == "whole number";
    if (whole || row.type.starts_with("number")) {
      each.values = at_ends ? numbers_at_ends(row, whole) : numbers_near(row, whole);
    }
    if (row.type == "number or schedule" && !at_ends) {
      const std::string from = row.standard.empty() ? "1" : row.standard;
      each.values.push_back(text("{linear: [", from, ", 1], epochs: 1}"));
    }
    if (!each.values.empty()) all.push_back(std::move(each));
  }
  return all;
}

/// Whether the schema takes them; what only the data or the variant refuse, it takes.
bool is_admitted(const Trial& trial, const std::vector<std::string>& overrides) {
  try {
    trial.experiment(overrides);
    return true;
  } catch (const ConfigError&) {
    return false;
  }
}

/// A short training. Returns "refused" or nothing; throws what goes wrong.
std::string train_with(const TrialRequest& request, const std::vector<std::string>& overrides) {
  const Trial trial(request);
  std::unique_ptr<TrialTraining> training;
  try {
    training = std::make_unique<TrialTraining>(trial, "options", overrides);
  } catch (const ConfigError&) {
    return "refused";
  }
  training->train_to(1);
  bool finite = true;
  training->model().reconstruct(
      training->data().train(), 0,
      [&](std::span<const std::uint32_t> indices, const float*, const float* y) {
        const std::int64_t size = training->data().sample_shape.size() * std::ssize(indices);
        finite = finite && std::all_of(y, y + size, [](float each) { return std::isfinite(each); });
      });
  if (!finite) throw Error("the reconstruction is not finite");
  return "";
}

/// Trainings with other options, each in a process of its own.
class OptionTrials {
 public:
  /// Tries the options as they are: with a last batch of one sample, or where that is refused, as
  /// by layers that normalise by the batch, of two, or as the user has it.
  explicit OptionTrials(const TrialRequest& request) : request_(request) {
    for (const std::vector<std::string>& samples :
         {std::vector<std::string>{"dataset.limit=33"}, {"dataset.limit=34"}, {}}) {
      samples_ = samples;
      if (is_trained({})) break;
    }
    tried_ = refused_ = 0;
  }

  void add(const std::vector<std::string>& overrides) {
    if (!seen_.insert(config::joined(overrides)).second) return;
    if (!faults_.empty() && faults_.size() > kMostText) return;
    if (Clock::now() - start_ > kBudget) {
      ++left_;
      return;
    }
    is_trained(overrides);
  }

  Finding finding() const {
    if (!faults_.empty()) {
      return failed(faults_ +
                    "narrow the range that the schema declares, or refuse what cannot be "
                    "with model.refuse(option, why)");
    }
    if (tried_ == 0) return skipped("no option has values to try");
    std::string remark = text(tried_ - refused_, " trained");
    if (refused_ > 0) remark += text(", ", refused_, " refused");
    if (left_ > 0) remark += text(", ", left_, " left out for want of time");
    return passed(remark);
  }

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr std::chrono::seconds kBudget{150};
  static constexpr std::size_t kMostText = 4000;

  bool is_trained(const std::vector<std::string>& options) {
    std::vector<std::string> overrides = samples_;
    overrides.insert(overrides.end(), options.begin(), options.end());
    ++tried_;
    const ForkedEnding ending =
        call_forked([&] { return train_with(request_, overrides); }, kTrainingLimit);
    if (ending.returned) {
      refused_ += ending.message.empty() ? 0 : 1;
      return ending.message.empty();
    }
    faults_ += text(
        options.empty() ? "with the options as they are" : "with " + config::joined(options), ": ",
        ending.threw ? ending.message : "it " + way_of_ending(ending, kTrainingLimit), "\n");
    return true;
  }

  const TrialRequest& request_;
  Clock::time_point start_ = Clock::now();
  std::vector<std::string> samples_;
  std::set<std::string> seen_;
  int tried_ = 0;
  int refused_ = 0;
  int left_ = 0;
  std::string faults_;
};

using Choices = std::vector<std::vector<std::string>>;

/// Of one to three options each.
Choices choices_at_random(const Trial& trial) {
  const std::vector<Candidates> all = candidates(trial.variant(), false);
  Choices chosen;
  RandomStream random(1, "options");
  for (int tries = 0; tries < 20 * kRounds && std::ssize(chosen) < kRounds && !all.empty();
       ++tries) {
    std::vector<std::string> overrides;
    std::set<std::string> set;
    for (std::uint32_t more = random.below(3) + 1; more > 0; --more) {
      const Candidates& each = all[random.below(static_cast<std::uint32_t>(all.size()))];
      if (!set.insert(each.option).second) continue;
      const auto count = static_cast<std::uint32_t>(each.values.size());
      overrides.push_back(each.option + "=" + each.values[random.below(count)]);
    }
    if (is_admitted(trial, overrides)) chosen.push_back(std::move(overrides));
  }
  return chosen;
}

Choices choices_at_ends(const Trial& trial) {
  Choices chosen;
  for (const Candidates& each : candidates(trial.variant(), true)) {
    for (const std::string& value : each.values) {
      std::vector<std::string> overrides = {each.option + "=" + value};
      if (is_admitted(trial, overrides)) chosen.push_back(std::move(overrides));
    }
  }
  return chosen;
}

/// Makes the choices in a process of their own: this one must not have started threads when it
/// forks those that train.
Choices in_process(const TrialRequest& request, Choices (*make)(const Trial& trial)) {
  const ForkedEnding ending = call_forked(
      [&] {
        std::string lines;
        for (const auto& overrides : make(Trial(request))) {
          for (const std::string& each : overrides) lines += each + "\n";
          lines += "\n";
        }
        return lines;
      },
      kTrainingLimit);
  if (!ending.returned) {
    throw Error(text("listing the options ", ending.threw ? "fails: " + ending.message
                                                          : way_of_ending(ending, kTrainingLimit)));
  }
  Choices choices;
  std::istringstream lines(ending.message);
  std::vector<std::string> overrides;
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) {
      overrides.push_back(line);
    } else {
      choices.push_back(std::move(overrides));
      overrides.clear();
    }
  }
  return choices;
}

Finding try_all(const TrialRequest& request, Choices (*make)(const Trial& trial)) {
  OptionTrials trials(request);
  for (const auto& each : in_process(request, make)) trials.add(each);
  return trials.finding();
}

}  // namespace

Finding check_random_options(const TrialRequest& request) {
  return try_all(request, choices_at_random);
}

Finding check_options_at_their_ends(const TrialRequest& request) {
  return try_all(request, choices_at_ends);
}

}  // namespace hourglass
