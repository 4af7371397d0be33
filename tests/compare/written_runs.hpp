#pragma once

#include <hourglass/core/text.hpp>

#include <support/scratch_folder.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace hourglass::test {

/// What the files of a run say that nobody has trained.
struct WrittenRun {
  std::string variant = "vanilla";
  std::int64_t seed = 1;
  std::string status = "completed";
  std::string message = {};
  std::vector<std::pair<std::string, std::string>> metrics = {{"test/loss", "1.0"}};
  std::string settings = "dataset:\n  name: glyphs\nmodel:\n  latent: 4\n";  ///< of experiment.yaml
  std::string resources = "seconds: 2.5\nparameters: 100\n";
};

inline std::string result_text(const WrittenRun& run) {
  std::string out =
      text("name: a\nvariant: ", run.variant, "\nseed: ", run.seed, "\nstatus: ", run.status, "\n");
  if (!run.message.empty()) out += "message: \"" + run.message + "\"\n";
  out += run.resources + "metrics:\n";
  for (const auto& [name, value] : run.metrics) out += "  " + name + ": " + value + "\n";
  return out + "protocol:\n  test/reconstruction/psnr: \"dB; mean over images\"\n";
}

inline void put_run(const ScratchFolder& folder, const std::string& name, const WrittenRun& run) {
  folder.put(name + "/experiment.yaml",
             text("name: ", name.substr(name.rfind('/') + 1), "\nseed: ", run.seed, "\n",
                  run.settings, "variant: ", run.variant, "\n"));
  folder.put(name + "/result.yaml", result_text(run));
}

/// One run for each value, with seeds from 1.
inline void put_runs(const ScratchFolder& folder, const std::string& variant,
                     const std::string& metric, const std::vector<double>& values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    put_run(folder, text(variant, "-", i + 1),
            {.variant = variant,
             .seed = static_cast<std::int64_t>(i + 1),
             .metrics = {{metric, text(values[i])}}});
  }
}

}  // namespace hourglass::test
