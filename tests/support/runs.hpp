#pragma once

#include <hourglass/config/parse.hpp>
#include <hourglass/experiment/run.hpp>
#include <hourglass/experiment/trained.hpp>

#include <support/training.hpp>

#include <functional>
#include <regex>
#include <string>
#include <vector>

/// Whole runs of small experiments on a file of numbers, in this process.
namespace hourglass::test {

/// Stops a run when a note begins with `at`, if that is not empty.
class RunWatcher final : public RunObserver {
 public:
  RunWatcher(std::atomic<bool>& stop, std::string at) : stop_(stop), at_(std::move(at)) {}
  void progress(const TrainProgress&) override {
    if (at_ == "batch") stop_ = true;
  }
  void epoch_done(const TrainProgress&, const NamedNumbers&) override {}
  void note(const std::string& line) override {
    notes.push_back(line);
    if (!at_.empty() && line.starts_with(at_)) stop_ = true;
  }
  void warning(const std::string& line) override { notes.push_back("warning: " + line); }

  std::vector<std::string> notes;

 private:
  std::atomic<bool>& stop_;
  std::string at_;
};

/// A folder with data, an experiment and its runs.
struct Bench {
  Bench() {
    const Tensor samples = uniform({60, 5}, 1);
    const auto values = samples.floats();
    scratch.put("data.npy", testing::npy("<f4", "(60, 5)",
                                         testing::raw<float>({values.begin(), values.end()})));
    write("");
  }

  /// The experiment, with further lines.
  void write(const std::string& more) {
    scratch.put("small.yaml",
                "name: small\nseed: 3\ndataset: {name: " + (scratch / "data.npy").string() +
                    ", validation: 0.2}\n"
                    "variant: vanilla\n"
                    "model: {latent: 2, encoder: [{dense: 4, activation: relu}]}\n" +
                    more);
  }

  /// `stop_at`: the beginning of a note at which the run is interrupted; "batch" for every batch.
  RunOutcome run(const std::string& output, bool resume = false,
                 const std::vector<std::string>& overrides = {}, const std::string& stop_at = "") {
    std::atomic<bool> stop{false};
    RunWatcher observer(stop, stop_at);
    RunRequest request{.experiment = scratch / "small.yaml",
                       .overrides = {"train.epochs=3", "train.batch=10"},
                       .output = scratch / output,
                       .resume = resume};
    request.overrides.insert(request.overrides.end(), overrides.begin(), overrides.end());
    const Surroundings surroundings{plugins(), {}};
    struct Keep {
      Bench& bench;
      RunWatcher& observer;
      ~Keep() { bench.notes = observer.notes; }
    } keep{*this, observer};
    return run_experiment(request, surroundings, observer, stop);
  }

  std::filesystem::path at(const std::string& path) const { return scratch / path; }
  std::string content(const std::string& path) const { return testing::read_all(scratch / path); }
  /// A key of result.yaml.
  std::string result(const std::string& run, const std::string& key) const {
    const config::Node root = config::parse_file(scratch / (run + "/result.yaml"));
    const config::Node* value = root.find(key);
    return value == nullptr ? "" : value->text();
  }

  ScratchFolder scratch;
  std::vector<std::string> notes;
};

/// A run's files as they must be however it was interrupted: without times and memory.
inline std::map<std::string, std::string> lasting(const std::filesystem::path& run) {
  auto files = contents_of(run);
  static const std::regex kTimes("(seconds|samples_per_second|peak_memory_mib): .*\n");
  const auto result = files.find("result.yaml");
  if (result != files.end()) result->second = std::regex_replace(result->second, kTimes, "");
  return files;
}

}  // namespace hourglass::test
