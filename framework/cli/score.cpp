#include <cli/commands.hpp>
#include <cli/trained_output.hpp>
#include <hourglass/core/text.hpp>

#include <optional>

namespace hourglass::cli {

namespace {

int run_score(const Arguments& arguments) {
  std::optional<double> threshold;
  Scored scored;
  const Writing writing = [&](Trained& trained, const std::string& input,
                              const std::filesystem::path& output, const Surroundings& surroundings,
                              std::vector<std::string>& notes) {
    threshold = anomaly_threshold(arguments.words[0]);
    scored =
        write_scores(trained, input, output, surroundings, notes, threshold, arguments.residuals);
    return scored.samples;
  };
  return write_trained(arguments, "score", writing, [&] {
    return threshold ? text(", ", scored.above, " above the run's threshold of ",
                            static_cast<float>(*threshold))
                     : std::string();
  });
}

}  // namespace

Command score_command() {
  std::vector<Option> options = trained_options();
  options.push_back({"residuals", "", "write x - reconstruction too", &Arguments::residuals});
  return {.name = "score",
          .words = "RUN|CHECKPOINT INPUT --output FILE.h5",
          .summary = "write how unlike the training's samples are, the more the higher",
          .details = trained_details() +
                     "\nThe output's dataset scores [samples] is in the input's order, higher "
                     "where a sample is more\nanomalous; its attribute score names it: "
                     "squared_error, summed over features in the model's\nscale, or negative_elbo "
                     "in nats, as the run's measure anomaly says or, without, the latter\nwhere "
                     "the variant has it. --residuals adds residuals [samples, features...].\n"
                     "Of a model of windows, INPUT is a series, and scores [steps] and residuals "
                     "[steps, columns]\nof its time steps are means over the windows that hold "
                     "each.",
          .least_words = 2,
          .most_words = 2,
          .options = std::move(options),
          .run = run_score};
}

}  // namespace hourglass::cli
