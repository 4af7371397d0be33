#pragma once

#include <hourglass/config/parse.hpp>
#include <hourglass/experiment/surroundings.hpp>
#include <hourglass/sweep/plan.hpp>
#include <hourglass/sweep/sweep_file.hpp>

#include <support/models.hpp>
#include <support/scratch_folder.hpp>

#include <string>

/// Sweep files for tests, with the variants and data sets of the build tree.
namespace hourglass::test {

inline Vocabulary sweep_vocabulary() {
  const Surroundings surroundings{plugins(), data_places("nowhere")};
  return surroundings.vocabulary();
}

/// A base that every variant understands.
inline constexpr const char* kSweepBase =
    "base:\n"
    "  dataset: {name: glyphs, limit: 300}\n"
    "  variant: vanilla\n"
    "  model: {latent: 4, encoder: [{dense: 16}]}\n"
    "  train: {epochs: 2, batch: 50}\n";

inline SweepFile sweep_of(const ScratchFolder& folder, const std::string& rest,
                          config::Problems& problems) {
  return read_sweep(folder.put("many.yaml", kSweepBase + rest), problems);
}

inline Plan plan_of(const std::string& rest, const KnownIds& known = {}) {
  const ScratchFolder folder;
  config::Problems problems;
  SweepFile file = sweep_of(folder, rest, problems);
  problems.throw_if_any();
  static const Vocabulary words = sweep_vocabulary();
  Plan plan(std::move(file), words, problems);
  problems.throw_if_any();
  plan.know(known);
  return plan;
}

/// The faults of a file, each from its line on.
inline std::string faults_of_sweep(const std::string& rest) {
  const ScratchFolder folder;
  config::Problems problems;
  SweepFile file = sweep_of(folder, rest, problems);
  static const Vocabulary words = sweep_vocabulary();
  if (problems.empty()) Plan(std::move(file), words, problems);
  std::string faults = problems.to_text();
  const std::string path = (folder / "many.yaml").string() + ":";
  for (std::size_t at = faults.find(path); at != faults.npos; at = faults.find(path)) {
    faults.erase(at, path.size());
  }
  return faults;
}

}  // namespace hourglass::test
